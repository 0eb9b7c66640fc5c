"""Which page to ask for next. Decides only, does no I/O.

Thinkific pages by number from 1, `meta.pagination` names the next one, and the order of rows is not documented. So a
read that was cut goes on after its last landed page, then wraps round to the pages before it; and `next_page` is
believed, never the number of rows on a page, since the size of a page may be capped.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Position
from connectors.errors import RetryLater

PAGE_ROWS = 250
PAGE_CEILING = 100_000
SWEEP_EVERY = timedelta(days=7)
# Granularity and time zone of `updated_after` are not documented; rows are upserted, so overlap costs little.
OVERLAP = timedelta(hours=48)
# How much older than asked a row may be before the filter must have been ignored: a day's granularity, any time zone.
TOLERANCE = timedelta(hours=48)
_CLOCKS_DIFFER = timedelta(hours=1)
# A change before this is a platform's way to state none (0001-01-01, 1970-01-01).
_STATED_FROM = datetime(2000, 1, 1, tzinfo=UTC)
_SEPARATOR = "@"


@dataclass(frozen=True, slots=True)
class Meta:
    """`meta.pagination` of one answer."""

    current: int | None
    next: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page as the platform sent it. `rows` may hold anything."""

    rows: Sequence[Any]
    meta: Meta


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read: begin after page `after`; rows changed since `since`, or the whole stream where that is `None`."""

    after: int = 0
    since: datetime | None = None

    @property
    def sweep(self) -> bool:
        """Whether the read covers the whole stream."""
        return self.since is None

    def params(self, page: int) -> dict[str, str | int]:
        """The query of one page. Filters count in brackets only; without them they are ignored in silence."""
        query: dict[str, str | int] = {"page": page, "limit": PAGE_ROWS}
        if self.since is not None:
            query["query[updated_after]"] = _wire(self.since)
        return query

    def cursor(self, page: int) -> str:
        """The cursor after a page: its number, and the filter, since a page number means nothing under another one."""
        return str(page) if self.since is None else f"{page}{_SEPARATOR}{_wire(self.since)}"

    def is_outside(self, updated_at: datetime | None) -> bool:
        """Whether a row is so old that the filter cannot have been heeded."""
        if self.since is None or updated_at is None or updated_at < _STATED_FROM:
            return False
        return updated_at < self.since - TOLERANCE


def plan(position: Position, *, filtered: bool) -> Plan:
    """The read of a stream from its position; `filtered`: the stream knows `updated_after`.

    A cut read is finished under its own filter: what it landed moved `newest` on, past rows that it never reached. A
    full read begins at the beginning.
    """
    after, since = (0, None) if position.full else _parse(position.cursor)
    sweep_due = not filtered or is_sweep_due(position)
    if after and (since is None or not sweep_due):
        return Plan(after, since if filtered else None)
    known = None if sweep_due else _known_until(position)
    return Plan() if known is None else Plan(since=_whole_second(known - OVERLAP))


def is_sweep_due(position: Position) -> bool:
    """Whether changed rows alone will not do: asked for, never done, a week old (removals have no other sign)."""
    if position.full or position.swept_at is None:
        return True
    if position.newest is None or position.newest < _STATED_FROM:
        return True
    return position.now - position.swept_at >= SWEEP_EVERY


def _known_until(position: Position) -> datetime | None:
    """Until when every change is landed: the newest one seen. A row dated in the future would hide all later changes,
    so then it is the last complete sweep."""
    newest = position.newest
    return position.swept_at if newest is not None and newest > position.now + _CLOCKS_DIFFER else newest


def walk(after: int = 0) -> Generator[int, Meta, None]:
    """Yield page numbers to ask for; send the `Meta` of each answer. Raises `RetryLater` where it makes no sense."""
    yield from _run(after + 1, PAGE_CEILING)
    if after:
        yield from _run(1, after)


def _run(first: int, last: int) -> Generator[int, Meta, None]:
    page = first
    while page <= last:
        meta = yield page
        if meta.current is not None and meta.current != page:
            raise RetryLater(f"paging: asked for page {page}, got page {meta.current}")
        if meta.next is None:
            return
        if meta.next <= page:
            raise RetryLater(f"paging: page {page} names page {meta.next} as the next one")
        page = meta.next
    if last == PAGE_CEILING:
        raise RetryLater(f"paging: no end after page {PAGE_CEILING}")


def listing(value: Any) -> Listing:
    """Rows and meta of an answer. Raises `RetryLater` naming what is missing; a hole is never read as the end."""
    if not isinstance(value, Mapping):
        raise RetryLater("paging: the answer is no object")
    pagination = value.get("meta")
    pagination = pagination.get("pagination") if isinstance(pagination, Mapping) else None
    if not isinstance(pagination, Mapping) or "next_page" not in pagination:
        raise RetryLater("paging: the answer has no meta.pagination.next_page")
    rows = value.get("items")
    if not isinstance(rows, list):
        raise RetryLater("paging: the answer has no items")
    current, following, total = (_whole(pagination, key) for key in ("current_page", "next_page", "total_items"))
    meta = Meta(current, following or None, total)  # pages count from 1, so 0 names none
    if not rows and meta.next is not None:
        raise RetryLater("paging: a page without items names a next page")
    return Listing(rows, meta)


def past_the_end(page: int) -> Listing:
    """What a 404 for a later page means: the pages end before it."""
    return Listing((), Meta(page, None, None))


def _whole(pagination: Mapping[str, Any], key: str) -> int | None:
    """A whole number that may come as `2`, `2.0` or `"2"`; `false` is 0."""
    value = pagination.get(key)
    if value is None or value == "":
        return None
    try:
        number = int(float(value))
    except (TypeError, ValueError, OverflowError):
        raise RetryLater(f"paging: meta.pagination.{key} is no number") from None
    return number


def _parse(cursor: str | None) -> tuple[int, datetime | None]:
    """Page and filter of a cursor; one that cannot be read begins anew, which costs requests and loses nothing."""
    page, _, since = (cursor or "").partition(_SEPARATOR)
    try:
        filtered_from = datetime.fromisoformat(since).astimezone(UTC) if since else None
        if filtered_from is not None and filtered_from < _STATED_FROM:
            return 0, None
        return max(0, int(page)), filtered_from
    except (ValueError, OverflowError):
        return 0, None


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
