"""Which part of a stream to ask for next, and whether there is more. Decides only, does no I/O.

Bookings are asked for by calendar month (UTC). The whole history is swept at first, on a full run and once a week;
between, from two months back to a year ahead: a booking is cancelled, paid or marked as not shown up around its day,
so older ones hardly ever change, and what does is found within the week. Fifteen months are fifteen requests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from connectors.base import Position

SWEEP_EVERY = timedelta(days=7)
MONTHS_BACK = 2
MONTHS_AHEAD = 12
# What the platform's clock and the granularity of its filter may be off by; rows are upserted, so overlap costs little.
OVERLAP = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Window:
    """One calendar month; `end` is the next month's start."""

    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """`2026-03`."""
        return f"{self.start:%Y-%m}"

    def params(self) -> dict[str, str]:
        """The query of the window."""
        return {"start": wire_time(self.start), "end": wire_time(self.end)}


@dataclass(frozen=True, slots=True)
class Step:
    """Where a read stands: a window (`None` for clients) and a page counted from 0."""

    window: Window | None
    page: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a read covers. `since`: only rows changed since then, where the platform can tell. `after`: the last landed
    step of a read that was cut, as (window's name, page)."""

    sweep: bool
    windows: tuple[Window | None, ...] = (None,)
    since: datetime | None = None
    after: tuple[str, int] | None = None

    def cursor(self, step: Step) -> str:
        """The cursor after a step; the kind of read is part of it, since a cut read is finished as what it was."""
        kind = "all" if self.sweep else f"since {wire_time(self.since)}" if self.since else "recent"
        return f"{kind}/{step.window.name if step.window else '-'}/{step.page}"


def wire_time(moment: datetime) -> str:
    """UTC ISO 8601 with milliseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def months(first: date, last: date) -> tuple[Window, ...]:
    """The calendar months from that of `first` to that of `last`."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in (*numbers, numbers.stop)]
    return tuple(Window(start, end) for start, end in pairwise(starts))


def is_sweep_due(position: Position) -> bool:
    """Whether a part will not do: asked for, never swept to the end, or a week ago."""
    return position.full or position.swept_at is None or position.now - position.swept_at >= SWEEP_EVERY


def plan_clients(position: Position, *, changed_since: bool) -> Plan:
    """All clients, or those changed since the last sweep where the platform knows such a filter."""
    kind, after = _cut(position)
    if kind.startswith("since ") and changed_since and not is_sweep_due(position):
        return Plan(sweep=False, since=datetime.fromisoformat(kind.removeprefix("since ")), after=after)
    if kind == "all" or is_sweep_due(position) or not changed_since or position.swept_at is None:
        return Plan(sweep=True, after=after if kind == "all" else None)
    return Plan(sweep=False, since=position.swept_at - OVERLAP)


def plan_bookings(position: Position, history_from: date) -> Plan:
    """The months to ask for."""
    kind, after = _cut(position)
    today = position.now.date()
    until = date(today.year + MONTHS_AHEAD // 12, today.month, 1)
    sweep = kind == "all" or is_sweep_due(position)
    first = min(history_from, today) if sweep else _months_before(today, MONTHS_BACK)
    windows = months(max(first, history_from) if not sweep else first, until)
    return Plan(sweep=sweep, windows=windows, after=after if kind == ("all" if sweep else "recent") else None)


def _months_before(day: date, count: int) -> date:
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _cut(position: Position) -> tuple[str, tuple[str, int] | None]:
    """What is left of a read that was cut; nothing where all is to be read, which begins at the beginning."""
    return _parse(None if position.full else position.cursor)


def _parse(cursor: str | None) -> tuple[str, tuple[str, int] | None]:
    """Kind of read and last landed step of a cursor; nothing of one that is not ours."""
    parts = (cursor or "").split("/")
    if len(parts) != 3 or not parts[2].isdigit():
        return "", None
    return parts[0], (parts[1], int(parts[2]))


def rounds(plan: Plan) -> Iterator[tuple[Window | None, int, int | None]]:
    """The windows in order, each with the page to begin with and the page before which to end (`None`: at its end).

    A cut read goes on behind its last landed page, then wraps round to what came before.
    """
    names = [window.name if window else "-" for window in plan.windows]
    if plan.after is None or plan.after[0] not in names:
        yield from ((window, 0, None) for window in plan.windows)
        return
    at, begin = names.index(plan.after[0]), plan.after[1] + 1
    yield plan.windows[at], begin, None
    yield from ((window, 0, None) for window in plan.windows[at + 1 :])
    yield from ((window, 0, None) for window in plan.windows[:at])
    yield plan.windows[at], 0, begin


@dataclass(slots=True)
class Paging:
    """Whether a list goes on. There is no total, it is not known whether pages count from 0 or 1, and a platform may
    give fewer rows a page than were asked for. So a list ends with an empty page, one that brings nothing new, or one
    shorter than the longest page that this endpoint gave before, since only a last page is shorter than others.

    `longest`: rows of that page, at most `limit`; 0 where none was seen, so that the first list asks once more.
    `fresh`: whether the last page brought anything new.
    """

    limit: int
    longest: int = 0
    seen: set[str] = field(default_factory=set)
    fresh: bool = False

    def goes_on(self, ids: Sequence[str]) -> bool:
        """Take a page's ids into account and say whether to ask for the next page."""
        different = set(ids)
        self.fresh = not different <= self.seen
        self.seen |= different
        # A row that stands twice on its page must not make every other page seem short.
        self.longest = max(self.longest, min(len(different), self.limit))
        return self.fresh and len(ids) >= self.longest
