"""The last look at the registry's health, kept fresh by a thread, so that no answer waits for a database.

An answer asks for a fresh look and waits for it, but only for the blink of an eye: while a run keeps the interpreter
and the database busy, a look of a second ago is as good, and a database that hangs must not hang the answer.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigError
from config.logging import describe, logger
from store.engine import reading
from store.faults import database_fault
from store.health import facts
from sync.health import Check, of_database, of_process, of_registry
from sync.web.host import Host

LOOK_EVERY_S = 1.0
BLINK_S = 0.02
PATIENCE_S = 5.0
"""Seconds without an answer after which the database counts as silent."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look saw: the registry's checks, and when, by the clock and by the monotonic one."""

    checks: Sequence[Check] = ()
    at: datetime | None = None
    seen: float = 0.0


class Observer:
    """Looks at the registry for as long as it runs."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._look = Look(seen=time.monotonic())
        self._wanted, self._stop = threading.Event(), threading.Event()
        self._fresh = threading.Condition()
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._watch, name="observer", daemon=True)

    def start(self) -> None:
        """Begin looking; comes back with the first look, if the database gives one soon."""
        self._thread.start()
        self._wanted.set()
        with self._fresh:
            self._fresh.wait_for(lambda: self._look.at is not None, PATIENCE_S / 2)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._wanted.set()

    def checks(self) -> list[Check]:
        """All checks, as fresh as can be had in a blink."""
        asked = time.monotonic()
        self._wanted.set()
        with self._fresh:
            self._fresh.wait_for(lambda: self._look.seen >= asked, BLINK_S)
            look = self._look
        silent = time.monotonic() - look.seen
        return [of_database(silent, PATIENCE_S), of_process(self._host.parts), *look.checks]

    @property
    def looked_at(self) -> datetime:
        """When the last look was."""
        return self._look.at or datetime.now(UTC)

    @property
    def answers(self) -> bool:
        """Whether the database answers."""
        return time.monotonic() - self._look.seen <= PATIENCE_S and self._look.at is not None

    def _watch(self) -> None:
        while not self._stop.is_set():
            self._wanted.wait(LOOK_EVERY_S)
            self._wanted.clear()
            seen = time.monotonic()
            try:
                settings, now = self._host.settings, datetime.now(UTC)
                with reading(self._host.engine) as connection:
                    found = facts(connection)
                look = Look(of_registry(found, settings, now), now, seen)
            except SQLAlchemyError as error:
                self._tell(database_fault(error))
            except ConfigError as error:
                self._tell(str(error))
            except Exception as error:
                self._tell(describe(error))
            else:
                self._tell(None)
                with self._fresh:
                    self._look = look
                    self._fresh.notify_all()
                continue
            self._stop.wait(LOOK_EVERY_S / 2)

    def _tell(self, trouble: str | None) -> None:
        """One line when the database is lost, and one when it is back."""
        if trouble and not self._trouble:
            logger("sync").error("the database does not answer", error=trouble)
        elif self._trouble and not trouble:
            logger("sync").info("the database answers again")
        self._trouble = trouble
