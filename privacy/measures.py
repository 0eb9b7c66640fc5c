"""Measures of protection (GDPR Art. 32), which the record of processing names.

Call what changes something inside `store.engine.writing`. Raises `NotPossibleError` with the way out, `ConfigError` for
what is not as it must be.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from config.errors import ConfigError
from config.keys import meant
from config.place import written
from privacy.errors import NotPossibleError
from privacy.naming import numbered
from privacy.requests import By
from privacy.terms import ORGANISATIONAL_MEASURES, TECHNICAL_MEASURES
from store import upkeep

KINDS = {"technical": TECHNICAL_MEASURES, "organisational": ORGANISATIONAL_MEASURES}
"""Kind of a measure → its terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """A measure as it is written down; fields as in `store.tables.Measure`."""

    name: str
    kind: str
    term: str
    since: date
    review_on: date | None = None
    note: str | None = None


def add(connection: Connection, protection: Protection, by: By) -> int:
    """Write a measure of protection down; its number."""
    if protection.term not in (terms := KINDS[protection.kind]):
        raise ConfigError(f"is no term for this; {meant(protection.term, terms)}", "--term")
    return upkeep.add_measure(connection, asdict(protection) | {"recorded_at": by.now, "recorded_by": by.actor})


def end(connection: Connection, number: int, on: date) -> None:
    """Note until when a measure was in force."""
    if on < _measure(connection, number).since:
        raise ConfigError("is before it began", "--on")
    upkeep.end_measure(connection, number, on)


def review(connection: Connection, number: int, again: date) -> None:
    """Note when somebody has to look at a measure again."""
    upkeep.review_measure(connection, _measure(connection, number).id, again)


def _measure(connection: Connection, number: int) -> Row[Any]:
    found = numbered(upkeep.measures(connection, ended=True), number, "measure")
    if found.until is not None:
        raise NotPossibleError(f"measure {number} ended on {written(found.until)}")
    return found
