"""For how long each category of data is kept, and what is over its time (GDPR Art. 5(1)(e)). Pure.

1. A category without a period is `undefined`, and nothing of it is ever over.
2. The period runs from the day of the rule's trigger, by Finland's calendar; with `year_end` from the last day of that
   day's year, as the Accounting Act (1336/1997, 2:10) counts.
3. It ends with the day of the same number, or with that month's last day; what is over is over from the next day on.
4. Whoever has an open request, a restriction or an open claim stays as they are, however old (`Holds`).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from config.errors import ConfigError
from config.keys import meant
from config.place import HELSINKI
from privacy import holding
from privacy.holding import DUTIES, YEAR_END, Duty

CREATED, LAST_ACTIVITY, CLOSED, VANISHED = "created", "last_activity", "closed", "vanished"
UNDEFINED = "undefined"
LONGEST_YEARS = 120

CUSTOMERS, NOTES, CONSENTS, REQUESTS, AUDIT = "customers", "notes", "consents", "requests", "audit"
CASES, CONTACTS, QUARANTINE, EVENTS, HELD = "cases", "contacts", "quarantine", "events", "held"
ACTIVITIES: Mapping[str, str] = {kind: category for category, kind in holding.CATEGORIES.items()}
"""Kind of an activity → its category."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of data that is kept for a time of its own. `what` goes when it is over; `triggers`: from when its time
    may be counted, the usual one first."""

    what: str
    where: str
    triggers: tuple[str, ...]


CATEGORIES: Mapping[str, Category] = {
    CUSTOMERS: Category("people of whom nothing is newer, with all that is theirs", "the registry",
                        (LAST_ACTIVITY, YEAR_END)),
    "bookings": Category("appointments, counted from their day", "the registry", (CREATED, YEAR_END)),
    "enrollments": Category("courses taken, counted from the enrollment", "the registry", (CREATED, YEAR_END)),
    "orders": Category("purchases", "the registry", (CREATED, YEAR_END)),
    NOTES: Category("free text, and not the row that bears it", "the registry", (CREATED, YEAR_END)),
    VANISHED: Category("rows that their platform no longer has", "the registry", (VANISHED, YEAR_END)),
    CONSENTS: Category("consents that were lifted, or granted and withdrawn since; never what is in force",
                       "declarations", (CLOSED, YEAR_END)),
    REQUESTS: Category("closed requests without a task that waits", "requests", (CLOSED, YEAR_END)),
    CASES: Category("closed feedback and claims", "cases", (CLOSED, YEAR_END)),
    CONTACTS: Category("messages, calls, letters and talks that were written down", "contacts", (CREATED, YEAR_END)),
    AUDIT: Category("who looked at whom", "the audit trail", (CREATED, YEAR_END)),
    QUARANTINE: Category("rows that could not be read; what a platform still sends comes again", "quarantine",
                         (CREATED, YEAR_END)),
    EVENTS: Category("what a platform sent by itself and is dealt with", "events", (CREATED, YEAR_END)),
}  # fmt: skip
"""All categories that a rule may be set for. Each trigger of a name of its own is the day of that name; `year_end` is
the end of the year in which the first of the category's triggers falls."""

TRIGGERS: Mapping[str, str] = {
    CREATED: "the day on which it took place or was made, else on which it came in",
    LAST_ACTIVITY: "the day of the last booking, enrollment, order, or change that a source states",
    CLOSED: "the day on which it was closed, lifted or withdrawn",
    VANISHED: "the day on which it was found gone",
    YEAR_END: "the end of that day's calendar year",
}

_SHORT = re.compile(r"(\d{1,5})\s*([ymd])", re.IGNORECASE)
_ISO = re.compile(r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})D)?", re.IGNORECASE)
_WORDS = (("Y", "year"), ("M", "month"), ("D", "day"))
_BEGAN: Mapping[str, tuple[str, ...]] = {
    "booking": ("starts_at", "created_at"),
    "enrollment": ("created_at", "started_at"),
    "order": ("created_at",),
}
_ACTED: Mapping[str, tuple[str, ...]] = {
    "booking": ("starts_at", "ends_at", "created_at", "cancelled_at"),
    "enrollment": ("created_at", "started_at", "activated_at", "completed_at", "updated_at"),
    "order": ("created_at",),
    "customer": ("created_at", "last_visit_on"),
}
"""Members of a payload that state when something happened."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule in force of a category; fields as in `store.tables.RetentionRule`."""

    category: str
    period: str | None
    trigger: str
    basis: str

    @property
    def duty(self) -> bool:
        """Whether it also holds rows back from an erasure."""
        return self.basis.casefold().startswith(DUTIES)


def category_of(name: str) -> Category:
    """Raises `ConfigError` for one that there is not."""
    if name not in CATEGORIES:
        raise ConfigError(f"there is no category {name}; {meant(name, CATEGORIES)}", "CATEGORY")
    return CATEGORIES[name]


def period_of(text: str) -> str | None:
    """`6y`, `24m`, `30d` or `P1Y6M` as an ISO 8601 duration; `None` for `undefined`. Raises `ConfigError`."""
    said = text.strip()
    if said.casefold() == UNDEFINED:
        return None
    if short := _SHORT.fullmatch(said):
        said = f"P{short[1]}{short[2]}"
    found = _ISO.fullmatch(said)
    if found is None:
        raise ConfigError(
            "is no period; write it as 6y, 24m, 30d or P1Y6M, or as undefined to take the rule away", "--after"
        )
    numbers = [int(number or 0) for number in found.groups()]
    if not any(numbers):
        raise ConfigError("is shorter than a day; give at least 1d", "--after")
    years, months, days = numbers
    if years * 366 + months * 30.5 + days > LONGEST_YEARS * 366:
        raise ConfigError(f"is longer than {LONGEST_YEARS} years; nothing is kept for so long", "--after")
    return "P" + "".join(f"{number}{unit}" for number, (unit, _) in zip(numbers, _WORDS, strict=True) if number)


def trigger_of(category: str, text: str | None) -> str:
    """From when the category's time is counted; its usual trigger where none is given. Raises `ConfigError`."""
    known = category_of(category).triggers
    if text is None:
        return known[0]
    if text not in known:
        raise ConfigError(f"{category} have no trigger {text}; known: {', '.join(known)}", "--from")
    return text


def in_words(period: str | None) -> str:
    """`P1Y6M` → `1 year 6 months`."""
    found = _ISO.fullmatch(period) if period else None
    if found is None:
        return UNDEFINED
    parts = zip(found.groups(), _WORDS, strict=True)
    return " ".join(f"{int(number)} {noun}{'' if int(number) == 1 else 's'}" for number, (_, noun) in parts if number)


def last_day(rule: Rule, began: date) -> date | None:
    """The last day on which something is kept that began then; `None` for ever."""
    try:
        return holding.ends(Duty(rule.category, rule.period, rule.trigger, rule.basis), began)
    except (ValueError, OverflowError):  # beyond the calendar's end: a source's far future
        return None


def is_over(rule: Rule | None, began: date, today: date) -> bool:
    """Whether the time of something is over that began then. Never without a period."""
    if rule is None or rule.period is None:
        return False
    last = last_day(rule, began)
    return last is not None and last < today


def horizon(rule: Rule, today: date) -> date:
    """What began on this day or later is not over by this rule, whatever the months' lengths."""
    found = _ISO.fullmatch(rule.period or "")
    years, months, days = (int(number or 0) for number in found.groups()) if found else (0, 0, 0)
    shortest = years * 365 + months * 28 + days
    return today - timedelta(days=min(shortest, (today - date.min).days))


def limit(rule: Rule | None, today: date) -> date | None:
    """The last day of which what began then is over by this rule; `None` where nothing is. Found by halving, since what
    began earlier is over earlier or on the same day."""
    if rule is None or rule.period is None:
        return None
    low, high = 0, horizon(rule, today).toordinal()
    while low < high:
        middle = (low + high + 1) // 2
        if is_over(rule, date.fromordinal(middle), today):
            low = middle
        else:
            high = middle - 1
    return date.fromordinal(low) if low else None


def day_of(moment: datetime) -> date:
    """The day of a moment by Finland's clocks."""
    return moment.astimezone(HELSINKI).date()


def began(kind: str, payload: Mapping[str, Any], otherwise: datetime) -> date:
    """The day from which an activity's time is counted; `otherwise`: where it states none."""
    stated = next((payload[name] for name in _BEGAN[kind] if payload.get(name)), None)
    return day_of(datetime.fromisoformat(stated) if stated else otherwise)


def acted(kind: str, payload: Mapping[str, Any], changed: datetime | None) -> date | None:
    """The last day on which something happened by what a row states; `changed`: when its source says that it was."""
    days = [_day(payload[name]) for name in _ACTED[kind] if payload.get(name)]
    return max([*days, *([day_of(changed)] if changed else [])], default=None)


def _day(text: str) -> date:
    return day_of(datetime.fromisoformat(text)) if "T" in text or " " in text else date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Item:
    """Something with a time: its id in its table, the customer whose it is or was (if any), and the day from which it
    is counted. `marks`: by what else it may be held back."""

    id: Any
    began: date
    person: str | None = None
    marks: frozenset[Any] = frozenset()


@dataclass(frozen=True, slots=True)
class Holds:
    """Who stays as they are, and why: customers, and whatever else marks a row as theirs."""

    people: Mapping[Any, str]
    marks: Mapping[Any, str]

    def why(self, item: Item) -> str | None:
        """Why this stays, if it does."""
        by = (item.person, *item.marks)
        return next((held[one] for held in (self.people, self.marks) for one in by if one in held), None)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is over of a category, the oldest first, and what of that is held back, with the reasons."""

    category: str
    over: tuple[Item, ...] = ()
    held: tuple[tuple[Item, str], ...] = ()

    @property
    def oldest(self) -> date | None:
        """The day from which the oldest is counted."""
        return self.over[0].began if self.over else None

    def only(self, ids: Collection[Any]) -> "Judged":
        """Of what is over the part with these ids."""
        return Judged(self.category, tuple(item for item in self.over if item.id in ids), self.held)


def judge(category: str, rule: Rule | None, items: Iterable[Item], holds: Holds, today: date) -> Judged:
    """What of these is over, and what of that is held back."""
    last = limit(rule, today)
    over, held = [], []
    for item in items if last is not None else ():
        if last is None or item.began > last:
            continue
        why = holds.why(item)
        if why is None:
            over.append(item)
        else:
            held.append((item, why))
    return Judged(category, tuple(sorted(over, key=lambda item: (item.began, str(item.id)))), tuple(held))
