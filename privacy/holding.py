"""What the law keeps after an erasure, and until when: a retention rule whose basis is a duty or a claim, or a claim
that is open still. Pure.

Such a basis begins with `law:` (GDPR Art. 17(3)(b)) or `claim:` (17(3)(e)). What is kept says what was sold or done,
for how much and when, and of nobody.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from config.place import HELSINKI

DUTIES = ("law:", "claim:")
CLAIMS, CASE = "claims", "case"
"""Category of what an open claim keeps, until it is closed, and the kind of the row that stands for the claim itself.
The members `cases` of their payloads name the claims."""
CATEGORIES: Mapping[str, str] = {"bookings": "booking", "enrollments": "enrollment", "orders": "order"}
"""Categories of retention whose rows can be held back → the kind of their rows."""

_KEPT: Mapping[str, tuple[str, ...]] = {
    "booking": ("starts_at", "service", "state", "price_cents", "paid_cents", "created_at"),
    "enrollment": ("course", "course_id", "started_at", "completed_at", "created_at"),
    "order": ("product", "product_id", "amount_cents", "currency", "status", "created_at"),
}
_BEGAN: Mapping[str, tuple[str, ...]] = {
    "booking": ("starts_at", "created_at"),
    "enrollment": ("created_at", "started_at"),
    "order": ("created_at",),
}
"""Members of a payload from which a period is counted, the first that is known."""
YEAR_END = "year_end"
_PERIOD = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


@dataclass(frozen=True, slots=True)
class Duty:
    """A retention rule in force that holds back: fields as in `store.tables.RetentionRule`."""

    category: str
    period: str | None
    trigger: str
    basis: str


@dataclass(frozen=True, slots=True)
class Activity:
    """A row that would go. `first_seen`: where it says nothing of its time."""

    kind: str
    source: str
    payload: Mapping[str, Any]
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A row as it is kept, until the day `until`, or without an end (`None`)."""

    category: str
    basis: str
    until: date | None
    kind: str
    source: str
    payload: Mapping[str, Any]


def held(activities: Iterable[Activity], duties: Iterable[Duty], today: date) -> Iterator[Held]:
    """What is kept of these: by each row's own duty, unless its time is over."""
    by_kind = {CATEGORIES[duty.category]: duty for duty in duties if duty.category in CATEGORIES}
    for one in activities:
        duty = by_kind.get(one.kind)
        if duty is None:
            continue
        until = ends(duty, _began(one))
        if until is None or until >= today:
            yield Held(duty.category, duty.basis, until, one.kind, one.source, _narrowed(one))


def held_by_claims(activities: Iterable[Activity], claims: Sequence[int], source: str) -> Iterator[Held]:
    """What these open claims keep: themselves, and all that the person did, narrowed. No day ends it: they are closed.
    `source`: of the claims."""
    basis = f"claim: case {', '.join(map(str, claims))}"
    for claim in claims:
        yield Held(CLAIMS, f"claim: case {claim}", None, CASE, source, {"cases": [claim]})
    for one in activities if claims else ():
        yield Held(CLAIMS, basis, None, one.kind, one.source, {"cases": list(claims), **_narrowed(one)})


def _narrowed(one: Activity) -> dict[str, Any]:
    return {name: one.payload[name] for name in _KEPT[one.kind] if one.payload.get(name) is not None}


def ends(duty: Duty, began: date) -> date | None:
    """The last day on which it is kept; `None` where the duty says no period."""
    if duty.period is None:
        return None
    match = _PERIOD.fullmatch(duty.period)
    if match is None:
        raise ValueError("no period of years, months and days")
    years, months, days = (int(number or 0) for number in match.groups())
    start = date(began.year, 12, 31) if duty.trigger == YEAR_END else began
    further, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years + further, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])) + timedelta(days=days)


def _began(one: Activity) -> date:
    stated = next((one.payload[name] for name in _BEGAN[one.kind] if one.payload.get(name)), None)
    moment = datetime.fromisoformat(stated) if stated else one.first_seen
    return moment.astimezone(HELSINKI).date()
