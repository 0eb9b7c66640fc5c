"""Statistics of use: how much was booked, missed, studied and bought, never by whom.

A figure is shown only where at least five different people are behind it:

1. Of each group and each thing counted, the number and the different people are counted. What belongs to nobody who is
   known adds to the number and to no people.
2. A figure with fewer than five people behind it, however large, is hidden: `<5`. So is that of no-shows where fewer
   than five people came, for bookings less no-shows would tell of them. A group of which no figure can be shown is not
   even named, since its name might be a person's; how many such groups there are is said.
3. A total is the sum of the figures that are shown. So nothing that is printed depends on what is hidden: no
   subtraction within one table brings it back. Two tables over periods that overlap may be subtracted from each other;
   so give away one.
4. Whose data are restricted (GDPR Art. 18) is not counted.

Pure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from config.place import HELSINKI
from store.statistics import Happened

FEWEST = 5
"""People behind a figure that is shown."""
HIDDEN = f"<{FEWEST}"

BOOKINGS, NO_SHOWS, ENROLLMENTS, ORDERS, NEW_CUSTOMERS = (
    "bookings", "no_shows", "enrollments", "orders", "new_customers",
)  # fmt: skip
COUNTED = (BOOKINGS, NO_SHOWS, ENROLLMENTS, ORDERS, NEW_CUSTOMERS)
_KEPT = "kept"
"""Bookings that were no no-shows; never shown."""
_OF_KIND = {"enrollment": ENROLLMENTS, "order": ORDERS, "customer": NEW_CUSTOMERS}

GROUPINGS: Mapping[str, tuple[str, ...]] = {
    "all": COUNTED,
    "month": COUNTED,
    "brand": COUNTED,
    "channel": COUNTED,
    "service": (BOOKINGS, NO_SHOWS),
    "course": (ENROLLMENTS,),
}
"""By what figures may be grouped → what is counted then. A channel is the source: the booking platform, the school."""

NOT_STATED = "not stated"

Figure = int | str
"""A number, or `HIDDEN`."""


class Count(NamedTuple):
    """How often something happened, and to whom of those who are known."""

    number: int
    people: Collection[str]


Counts = Mapping[str, Mapping[str, Count]]
"""Group → what is counted → count; what did not happen is absent."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be given away. `groups`: those with a figure to show, in their order, each with all of `counted`.
    `totals`: sums of what is shown. `unnamed`: groups of which nothing is shown."""

    counted: tuple[str, ...]
    groups: Mapping[str, Mapping[str, Figure]]
    totals: Mapping[str, int]
    unnamed: int


def count(
    rows: Iterable[Happened],
    by: str,
    *,
    first: date | None = None,
    last: date | None = None,
    restricted: Collection[str] = (),
) -> Counts:
    """Count what happened from the day `first` to the day `last`, in Finland, by a key of `GROUPINGS`. What states no
    time is counted only where no day bounds it."""
    wanted = {*GROUPINGS[by], _KEPT}
    numbers: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.person in restricted or not _within(row, first, last):
            continue
        group = _group(row, by)
        for what in _counted(row):
            if what in wanted:
                numbers[group][what] += 1
                if row.person is not None:
                    people[group, what].add(row.person)
    return {
        group: {what: Count(number, people[group, what]) for what, number in counted.items()}
        for group, counted in numbers.items()
    }


def _counted(row: Happened) -> tuple[str, ...]:
    if row.state == "cancelled":
        return ()
    if row.kind == "booking":
        return BOOKINGS, NO_SHOWS if row.state == "no_show" else _KEPT
    return (_OF_KIND[row.kind],)


def _within(row: Happened, first: date | None, last: date | None) -> bool:
    if first is None and last is None:
        return True
    if row.at is None:
        return False
    day = row.at.astimezone(HELSINKI).date()
    return (first is None or first <= day) and (last is None or day <= last)


def _group(row: Happened, by: str) -> str:
    match by:
        case "month":
            return f"{row.at.astimezone(HELSINKI):%Y-%m}" if row.at else NOT_STATED
        case "brand":
            return row.brand
        case "channel":
            return row.source
        case "service":
            return row.service or NOT_STATED
        case "course":
            return row.course or NOT_STATED
        case _:
            return by


def show(counts: Counts, by: str) -> Shown:
    """What of these counts may be given away."""
    counted = GROUPINGS[by]
    figures = {group: {what: _figure(mine, what) for what in counted} for group, mine in sorted(counts.items())}
    groups = {group: mine for group, mine in figures.items() if by == "all" or _tells(mine)}
    if by == "all" and not groups:
        groups = {by: dict.fromkeys(counted, 0)}
    totals = {
        what: sum(figure for mine in groups.values() if isinstance(figure := mine[what], int)) for what in counted
    }
    return Shown(counted, groups, totals, len(figures.keys() - groups.keys()))


def _figure(mine: Mapping[str, Count], what: str) -> Figure:
    found = mine.get(what)
    if found is None:
        return 0
    few = len(found.people) < FEWEST or (what == NO_SHOWS and _KEPT in mine and len(mine[_KEPT].people) < FEWEST)
    return HIDDEN if few else found.number


def _tells(figures: Mapping[str, Figure]) -> bool:
    return any(isinstance(figure, int) and figure for figure in figures.values())
