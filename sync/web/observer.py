"""The last look at the registry's health, kept fresh by a thread, so that no answer waits for a database.

An answer asks for a fresh look and waits for it, but only for the blink of an eye: while a run keeps the interpreter
and the database busy, a look of a second ago is as good, and a database that hangs must not hang the answer.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigError
from config.logging import describe, logger
from store.faults import database_fault
from store.health import facts
from store.locks import is_held
from store.watching import Watching
from store.writes import Refusal, writes_of
from sync.health import Check, of_database, of_process, of_registry
from sync.web.host import Host

LOOK_EVERY_S = 1.0
BLINK_S = 0.02
_PEEK_S = 0.002


@dataclass(frozen=True, slots=True)
class Look:
    """What a look saw: the registry's checks, when by the clock and by the monotonic one, and how long it took."""

    checks: Sequence[Check] = ()
    at: datetime | None = None
    seen: float = 0.0
    took_s: float = 0.0


class Observer:
    """Looks at the registry for as long as it runs."""

    def __init__(self, host: Host, patience_s: float) -> None:
        self._host, self._patience_s = host, patience_s
        self._watching = Watching(host.engine)
        self._look = Look(seen=time.monotonic())
        self._looking_since: float | None = None
        self._wanted, self._stop, self._first = threading.Event(), threading.Event(), threading.Event()
        self._trouble: str | None = None
        self._refused: Refusal | None = None
        self._thread = threading.Thread(target=self._watch, name="observer", daemon=True)

    def start(self) -> None:
        """Begin looking; comes back with the first look, if the database gives one soon."""
        self._wanted.set()
        self._thread.start()
        self._first.wait(self._patience_s / 2)

    def stop(self) -> None:
        """Look no more, and let go of the connection. A look that hangs is cut."""
        self._stop.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(LOOK_EVERY_S)
            if self._thread.is_alive():
                self._watching.cut()
                self._thread.join(LOOK_EVERY_S)
        self._watching.close()

    async def freshen(self) -> None:
        """Ask for a look, and wait for it, if looks take less than a blink just now."""
        asked = time.monotonic()
        since = self._looking_since
        if since is not None and asked - since > self._patience_s:
            self._watching.cut()
        self._wanted.set()
        if self._look.took_s > BLINK_S:
            return
        while self._look.seen < asked and time.monotonic() - asked < BLINK_S:
            await asyncio.sleep(_PEEK_S)

    def checks(self) -> list[Check]:
        """All checks as last seen."""
        look = self._look
        silent = time.monotonic() - look.seen
        patience_s = self._patience_s if look.at else 0.0
        refusal = self._refusal
        said = refusal.said if refusal else None
        return [of_database(silent, patience_s, said), of_process(self._host.parts), *look.checks]

    @property
    def looked_at(self) -> datetime:
        """When the last look was."""
        return self._look.at or datetime.now(UTC)

    @property
    def answers(self) -> bool:
        """Whether the database answers."""
        look = self._look
        return look.at is not None and time.monotonic() - look.seen <= self._patience_s

    @property
    def takes(self) -> bool:
        """Whether the database answers, and takes what is written, as far as is known."""
        return self.answers and self._refusal is None

    @property
    def _refusal(self) -> Refusal | None:
        return writes_of(self._host.engine).refusal

    def _watch(self) -> None:
        while not self._stop.is_set():
            self._wanted.wait(LOOK_EVERY_S)
            self._wanted.clear()
            self._tell_refusal()
            self._looking_since = seen = time.monotonic()
            try:
                settings, now = self._host.settings, datetime.now(UTC)
                with self._watching.look() as connection:
                    found = facts(connection)
                running = bool(self._host.running) or (found.pending and is_held(self._host.engine, "run"))
                checks = of_registry(found, settings, now, running=running)
                self._look = Look(checks, now, seen, time.monotonic() - seen)
            except SQLAlchemyError as error:
                self._tell(database_fault(error))
            except ConfigError as error:
                self._tell(str(error))
            except Exception as error:
                self._tell(describe(error))
            else:
                self._tell(None)
                self._first.set()
                continue
            finally:
                self._looking_since = None
            self._stop.wait(LOOK_EVERY_S / 2)

    def _tell(self, trouble: str | None) -> None:
        """One line when the database is lost, and one when it is back."""
        if trouble and not self._trouble and not self._stop.is_set():
            logger("sync").error("the database does not answer", error=trouble)
        elif self._trouble and not trouble:
            logger("sync").info("the database answers again")
        self._trouble = trouble

    def _tell_refusal(self) -> None:
        """One line when the database takes nothing any more, and one when it does again."""
        before, self._refused = self._refused, self._refusal
        if self._refused and not before:
            logger("sync").error("nothing can be written to the database", error=self._refused.said)
        elif before and not self._refused:
            logger("sync").info("the database is written again", refused_s=round(before.lasts_s))
