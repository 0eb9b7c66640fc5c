"""One watcher bounds every answer of a client, however many there are, and goes with the client."""

import threading
from collections.abc import Iterator

import pytest

from connectors.deadline import Deadline
from tests.waiting import until


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "deadline"]


@pytest.fixture
def deadline() -> Iterator[Deadline]:
    deadline = Deadline()
    yield deadline
    deadline.close()
    until(lambda: not watchers())


def test_one_thread_watches_over_all_answers(deadline: Deadline) -> None:
    for _ in range(50):
        with deadline.within(60):
            assert len(watchers()) == 1
    assert not deadline.missed


def test_an_answer_after_a_long_rest_is_bounded_too(deadline: Deadline) -> None:
    with deadline.within(0.01):
        until(lambda: deadline.missed)
    with deadline.within(60):
        assert not deadline.missed
    with deadline.within(0.01):
        until(lambda: deadline.missed)


def test_what_is_done_in_time_is_never_late(deadline: Deadline) -> None:
    for _ in range(20):
        with deadline.within(0.05):
            pass
    with deadline.within(60):
        assert not threading.Event().wait(0.2)
        assert not deadline.missed
