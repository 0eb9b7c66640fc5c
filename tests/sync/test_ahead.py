"""One page ahead: the next is fetched while the last is written."""

import threading
from collections.abc import Iterator

import pytest

from sync.ahead import ahead


def alive(name: str) -> bool:
    return any(thread.name == name for thread in threading.enumerate())


def test_everything_comes_in_its_order() -> None:
    assert list(ahead(iter(range(50)), "t-all")) == list(range(50))
    assert list(ahead(iter(()), "t-none")) == []
    assert not alive("t-all")


def test_an_exception_comes_where_its_item_would_have_come() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("third")

    found = []
    with pytest.raises(KeyError, match="third"):
        for item in ahead(broken(), "t-broken"):
            found.append(item)
    assert found == [1, 2]
    assert not alive("t-broken")


class Counting:
    """Counts what was asked of it, and tells when it was asked for the n-th."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False
        self.changed = threading.Condition()

    def __iter__(self) -> Iterator[int]:
        try:
            while True:
                with self.changed:
                    self.asked += 1
                    self.changed.notify_all()
                yield self.asked
        finally:
            self.closed = True

    def was_asked(self, times: int, within: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.asked >= times, within)


def test_the_next_item_is_fetched_meanwhile_and_no_more_than_that() -> None:
    source = Counting()
    items = ahead(iter(source), "t-count")
    assert next(items) == 1
    assert source.was_asked(3, within=5), "one waits, one is in the hand of the thread"
    assert not source.was_asked(4, within=0.3)
    assert next(items) == 2
    assert source.was_asked(4, within=5)
    items.close()  # type: ignore[attr-defined]


def test_who_leaves_early_leaves_no_thread_behind() -> None:
    source = Counting()
    for item in ahead(iter(source), "t-left"):
        if item == 3:
            break
    assert not alive("t-left")
    assert source.asked <= 6


def test_nothing_is_fetched_before_the_first_is_wanted() -> None:
    source = Counting()
    items = ahead(iter(source), "t-lazy")
    assert not source.was_asked(1, within=0.05)
    assert next(items) == 1
    items.close()  # type: ignore[attr-defined]


def test_an_exception_of_who_takes_the_items_ends_the_thread_too() -> None:
    with pytest.raises(ZeroDivisionError):
        for item in ahead(iter(Counting()), "t-taker"):
            1 / (item - 1)
    assert not alive("t-taker")
