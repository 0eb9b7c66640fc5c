"""The register of breaches of personal data (GDPR Art. 33(5)): what happened, what it led to, what was done, who knows.

Call what changes something inside `store.engine.writing`. Raises `NotPossibleError` with the way out. Who has to be
told, and by when, decides `privacy.breach_clock`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from config.errors import ConfigError
from config.keys import meant
from privacy.breach_clock import AUTHORITY, NO_RISK, Duty, is_late, open_duties
from privacy.errors import NotPossibleError
from privacy.requests import By
from store import upkeep

CATEGORIES = (
    "customers", "bookings", "enrollments", "orders", "notes", "consents", "requests", "audit", "credentials",
)  # fmt: skip
"""What data a breach may concern (Art. 33(3)(a)), in words that name nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a breach when it is found; fields as in `store.tables.Breach`."""

    nature: str
    categories: str
    risk: str
    discovered_at: datetime
    occurred_at: datetime | None = None
    people: int | None = None


def categories_of(text: str) -> str:
    """Categories of data, written with commas between them, each once. Raises `ConfigError`."""
    named = list(dict.fromkeys(name.strip().casefold() for name in text.split(",") if name.strip()))
    if not named:
        raise ConfigError(f"is empty; known: {', '.join(CATEGORIES)}", "--categories")
    for name in named:
        if name not in CATEGORIES:
            raise ConfigError(f"there is no category of that name; {meant(name, CATEGORIES)}", "--categories")
    return ", ".join(named)


def begin(connection: Connection, found: Found, by: By) -> Row[Any]:
    """Write a breach down. Raises `ConfigError` where it was discovered before it happened."""
    if found.occurred_at is not None and found.occurred_at > found.discovered_at:
        raise ConfigError("is later than --discovered; a breach is not known before it happens", "--occurred")
    values = asdict(found) | {"recorded_at": by.now, "recorded_by": by.actor}
    return there(connection, upkeep.add_breach(connection, values))


def there(connection: Connection, breach_id: int) -> Row[Any]:
    """The breach with this number."""
    found = upkeep.breach(connection, breach_id)
    if found is None:
        raise NotPossibleError(f"there is no breach {breach_id}; see `rekisteri breach list`")
    return found


def update(connection: Connection, breach_id: int, said: Mapping[str, str | int | None]) -> Row[Any]:
    """Take in what is known by now: `consequences`, `measures`, `people`, `risk`. What is `None` stays."""
    values = {name: value for name, value in said.items() if value is not None}
    _open(connection, breach_id)
    if not values:
        raise ConfigError("nothing was said; give --consequences, --measures, --people or --risk")
    upkeep.change_breach(connection, breach_id, values)
    return there(connection, breach_id)


def told(connection: Connection, breach_id: int, whom: str, at: datetime, reason: str | None) -> Row[Any]:
    """Note that the authority, or the people, were told. Late, the authority is told the `reason` too (Art. 33(1)).

    Raises `ConfigError` for a time before the discovery, and where the reason is missing or has no place.
    """
    breach = _open(connection, breach_id)
    column = f"{whom}_told_at"
    if getattr(breach, column) is not None:
        raise NotPossibleError(f"that the {whom} were told of breach {breach_id} is written down already")
    if at < breach.discovered_at:
        raise ConfigError("is before the breach was discovered", "--at")
    late = whom == AUTHORITY and is_late(breach.discovered_at, at)
    if late and reason is None:
        raise ConfigError(
            "is missing; more than 72 hours went by, and the authority is told why (Art. 33(1))", "--reason"
        )
    if reason is not None and not late:
        raise ConfigError("is for an authority that was told later than 72 hours; leave it out", "--reason")
    values = {column: at, **({"delay_reason": reason} if late else {})}
    upkeep.change_breach(connection, breach_id, values)
    return there(connection, breach_id)


def close(connection: Connection, breach_id: int, reason: str | None, by: By) -> Row[Any]:
    """Close a breach: everybody was told who must be, or there is a reason why not; and what it led to and what was
    done about it is written down (Art. 33(5))."""
    breach = _open(connection, breach_id)
    if reason is None:
        _refuse_if_owed(breach)
    missing = [name for name in ("consequences", "measures") if not getattr(breach, name)]
    if missing:
        options = " ".join(f"--{name} TEXT" for name in missing)
        raise NotPossibleError(
            f"breach {breach_id} stays open: its {' and '.join(missing)} are not written down yet (Art. 33(5)): "
            f"`rekisteri breach update {breach_id} {options}`"
        )
    values = {"closed_at": by.now, "closed_by": by.actor, "no_notice_reason": reason}
    upkeep.change_breach(connection, breach_id, values)
    return there(connection, breach_id)


def _refuse_if_owed(breach: Row[Any]) -> None:
    owed = open_duties(breach)
    if owed:
        whom = " and the ".join(duty.whom for duty in owed)
        raise NotPossibleError(
            f"breach {breach.id} stays open: the {whom} must be told (`rekisteri breach told`), or say why not with "
            "--no-notice-reason"
        )
    if breach.risk == NO_RISK and breach.authority_told_at is None:
        raise NotPossibleError(
            f"breach {breach.id} stays open: say with --no-notice-reason why it is no risk to anybody (Art. 33(1))"
        )


def duties(breach: Row[Any]) -> list[Duty]:
    """Who has still to be told of a breach; nobody once it is closed."""
    return [] if breach.closed_at else open_duties(breach)


def _open(connection: Connection, breach_id: int) -> Row[Any]:
    breach = there(connection, breach_id)
    if breach.closed_at is not None:
        raise NotPossibleError(f"breach {breach_id} is closed, and stays as it was written")
    return breach
