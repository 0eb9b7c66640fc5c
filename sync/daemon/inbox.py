"""The thread that works off what platforms send by themselves, as soon as it is on disk."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigError
from config.logging import describe, logger
from config.settings import Settings
from store import events
from store.engine import writing
from store.faults import database_fault
from store.trial import try_writing
from store.writes import writes_of
from sync.events import work_off
from sync.web.host import Totals

LOOK_EVERY_S = 5.0
_KEPT = timedelta(days=60)
"""How long a processed event is known, so that a repetition is seen; platforms repeat for hours, not for months."""
_TIDY_EVERY_S = 6 * 3600.0


class Inbox:
    """Started once, woken whenever a delivery is on disk; looks by itself too, for those that wait for another try."""

    def __init__(self, engine: Engine, settings: Callable[[], Settings], totals: Totals) -> None:
        self._engine, self._settings, self._totals = engine, settings, totals
        self._woken, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        self._told: str | None = None
        self._tidied_at: float | None = None

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; what waits since before is worked off at once."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Something is on disk."""
        self._woken.set()

    def stop(self, within_s: float) -> None:
        """Finish the events in hand; the others wait on disk."""
        self._stop.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._woken.wait(LOOK_EVERY_S)
            self._woken.clear()
            try:
                self._look()
            except SQLAlchemyError as error:
                self._tell(f"the database did not take it: {database_fault(error)}")
            except ConfigError as error:
                self._tell(str(error))
            except Exception as error:
                self._tell(describe(error))
            else:
                self._tell(None)
            self._try_writing()

    def _look(self) -> None:
        for (source, outcome), number in work_off(self._engine, self._settings(), self._stop).items():
            self._totals.add_event(source, outcome, number)
        now = time.monotonic()
        if self._tidied_at is None or now - self._tidied_at > _TIDY_EVERY_S:
            self._tidied_at = now
            with writing(self._engine) as connection:
                events.forget(connection, datetime.now(UTC) - _KEPT)

    def _try_writing(self) -> None:
        """Once a write was refused, find out when writes are taken again: perhaps none is due for long."""
        if writes_of(self._engine).refusal is not None and not self._stop.is_set():
            with suppress(SQLAlchemyError):  # remembered there too
                try_writing(self._engine)

    def _tell(self, trouble: str | None) -> None:
        """One line when deliveries begin to wait, and one when they do not any more."""
        if trouble and not self._told:
            logger("sync").error("deliveries wait on disk", error=trouble)
        elif self._told and not trouble:
            logger("sync").info("deliveries are worked off again")
        self._told = trouble
