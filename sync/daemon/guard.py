"""Watches that the instance lock stays ours: on PostgreSQL it ends with its session, as when the server is restarted.

While it is lost and free it is taken again. Somebody else who has taken it by then goes on, and this process ends.
"""

import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from config.logging import logger
from store.locks import Lock

LOOK_EVERY_S = 5.0


class Guard:
    """A thread that looks at the lock. `lost` is called once, where somebody else holds it now."""

    def __init__(self, lock: Lock, lost: Callable[[], None], look_every_s: float = LOOK_EVERY_S) -> None:
        self._lock, self._lost, self._look_every_s = lock, lost, look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it looks."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin looking."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; the lock may be let go of."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(1)

    def _watch(self) -> None:
        ours = True
        while not self._stop.wait(self._look_every_s if ours else self._look_every_s / 5):
            if ours and self._lock.still():
                continue
            if ours:
                logger("sync").warning("the instance lock is lost; taking it again")
                ours = False
            try:
                ours = self._lock.take()
            except SQLAlchemyError:
                continue  # the database is not there; so nobody can have it
            if not ours:
                logger("sync").error("another daemon has taken over; this one ends")
                self._lost()
                return
            logger("sync").info("the instance lock is ours again")
