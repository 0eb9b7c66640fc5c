"""The instance lock ends with its session: it is taken again, or whoever took it meanwhile goes on alone."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import OperationalError

from sync.daemon.guard import Guard
from tests.waiting import until

QUICK_S = 0.02
AWAY = OperationalError("", None, Exception("away"))


@dataclass
class Lock:
    """A lock whose session can end. `answers`: what each try to take it again gives; the last one for ever."""

    answers: list[bool | Exception]
    ours: bool = True
    tries: int = 0
    looks: int = 0
    lost: threading.Event = field(default_factory=threading.Event)

    def still(self) -> bool:
        self.looks += 1
        return self.ours

    def take(self) -> bool:
        self.tries += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.ours = answer
        return answer


@contextmanager
def guarded(lock: Lock) -> Iterator[Guard]:
    guard = Guard(lock, lock.lost.set, QUICK_S)
    guard.start()
    yield guard
    guard.stop()


def test_a_lock_that_stays_ours_is_only_looked_at() -> None:
    lock = Lock([False])
    with guarded(lock):
        until(lambda: lock.looks > 3)
    assert (lock.tries, lock.lost.is_set()) == (0, False)


def test_a_lost_lock_is_taken_again_as_soon_as_the_database_is_back() -> None:
    lock = Lock([AWAY, AWAY, True])
    with guarded(lock):
        lock.ours = False
        until(lambda: lock.ours)
        looks = lock.looks
        until(lambda: lock.looks > looks + 2)
    assert (lock.tries, lock.lost.is_set()) == (3, False)


def test_who_finds_somebody_else_in_its_place_ends() -> None:
    lock = Lock([AWAY, False])
    with guarded(lock):
        lock.ours = False
        assert lock.lost.wait(60)
        time.sleep(5 * QUICK_S)
    assert lock.tries == 2


def test_a_guard_that_never_began_can_be_stopped() -> None:
    Guard(Lock([False]), threading.Event().set).stop()
