"""Turns: threads of one process write in the order in which they came.

A database lets in whoever asks at the right moment, and a load that writes page after page asks all the time: what
arrives meanwhile could wait for minutes.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine


class Turns:
    """A queue for one engine. Whoever has waited for `patience_s` goes on regardless, and the database decides."""

    def __init__(self, patience_s: float = 60.0) -> None:
        self._patience_s = patience_s
        self._guard = threading.Lock()
        self._queue: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for all who came before."""
        mine = threading.Event()
        try:
            with self._guard:
                self._queue.append(mine)
                first = self._queue[0] is mine
            if not first:
                mine.wait(self._patience_s)
            yield
        finally:  # also of whoever is interrupted while they wait
            with self._guard:
                if mine in self._queue:
                    self._queue.remove(mine)
                if self._queue:
                    self._queue[0].set()


_guard = threading.Lock()
_turns: WeakKeyDictionary[Engine, Turns] = WeakKeyDictionary()


def turns_of(engine: Engine) -> Turns:
    """The queue of an engine."""
    with _guard:
        return _turns.setdefault(engine, Turns())
