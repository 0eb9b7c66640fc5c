"""One page ahead: the next is fetched while the last is written."""

import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from sync.ahead import ahead
from tests.waiting import until


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


class Silent:
    """A platform that answers once and then no more, until it is let go."""

    def __init__(self) -> None:
        self.waiting, self.let_go = threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[int]:
        yield 1
        self.waiting.set()
        self.let_go.wait(30)
        yield 2


def test_asked_to_stop_it_waits_for_no_platform_that_is_silent() -> None:
    source, stop = Silent(), threading.Event()
    items = ahead(iter(source), "t-silent", stop.is_set)
    assert next(items) == 1
    assert source.waiting.wait(10)
    stop.set()
    begun = time.monotonic()
    assert list(items) == [], "it ends, as if nothing more came"
    assert time.monotonic() - begun < 5
    source.let_go.set()
    until(lambda: not alive("t-silent"))


def test_what_is_there_already_is_handed_over_though_it_is_to_stop() -> None:
    """The caller decides about the page in hand."""
    stop = threading.Event()
    source = Counting()
    items = ahead(iter(source), "t-ready", stop.is_set)
    assert next(items) == 1
    assert source.was_asked(3, within=5)
    stop.set()
    assert next(items) == 2
    items.close()  # type: ignore[attr-defined]
    until(lambda: not alive("t-ready"))


def test_an_exception_comes_also_when_it_is_to_stop() -> None:
    stop = threading.Event()
    stop.set()

    with pytest.raises(ValueError, match="x"):
        list(ahead((int(text) for text in "x1"), "t-both", stop.is_set))


def test_the_thread_knows_what_its_caller_knows() -> None:
    """A run's number is bound to the lines that its threads write."""
    known: ContextVar[str] = ContextVar("known", default="nothing")
    known.set("run 1")
    assert list(ahead((known.get() for _ in range(2)), "t-context")) == ["run 1"] * 2
