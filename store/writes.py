"""Whether the database takes what is written, remembered from a write that it refused until a trial is taken.

A full disk or a server turned read-only answers every question as ever, so a look at the database does not tell. Nor
does any small write: on a full disk there is room for it where something else was before (`store.trial`).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from store.faults import database_fault, refuses


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the database complains of, in words of `store.faults`, and since when by the monotonic clock."""

    said: str
    since: float

    @property
    def lasts_s(self) -> float:
        """For how many seconds nothing has been taken."""
        return time.monotonic() - self.since


class Writes:
    """Writes by an engine, of whatever thread."""

    def __init__(self) -> None:
        self._refusal: Refusal | None = None

    @property
    def refusal(self) -> Refusal | None:
        """The last one; `None` where there was none since something was taken."""
        return self._refusal

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Remember it where the database refuses a write. What is wrong with a row or a statement is no refusal."""
        try:
            yield
        except SQLAlchemyError as error:
            if refuses(error):
                before = self._refusal
                self._refusal = Refusal(database_fault(error), before.since if before else time.monotonic())
            raise

    def taken(self) -> None:
        """Something was taken that needs room."""
        self._refusal = None


_guard = threading.Lock()
_writes: WeakKeyDictionary[Engine, Writes] = WeakKeyDictionary()


def writes_of(engine: Engine) -> Writes:
    """What is known of an engine's writes."""
    with _guard:
        return _writes.setdefault(engine, Writes())
