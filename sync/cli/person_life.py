"""What a customer booked, studied and bought, as parts of their card. Decides only what is told; nothing is read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sync.cli.card import Line, Part, worded
from sync.cli.showing import local
from sync.wording import quantity

Row = Mapping[str, Any]

_WAITING = ("booked", "pending_payment")


def life(customer: Row, now: datetime, most: int) -> Iterator[Part]:
    """Bookings, courses and orders, of each kind the latest `most`; a kind of which there is nothing is left out."""
    coming, past = _parted(customer["bookings"], now)
    counts = _counts(coming, past, customer["no_show_count"])
    if counts:
        yield Part(f"Bookings: {counts}", [*_bookings("next", coming[:most]), *_bookings("latest", past[:most])])
    if courses := _latest(customer["enrollments"], "updated_at"):
        yield Part(_title("Courses", courses, most), [_course(row) for row in courses[:most]])
    if orders := _latest(customer["orders"], "created_at"):
        yield Part(_title("Orders", orders, most), [_order(row) for row in orders[:most]])


def _title(word: str, rows: Sequence[Row], most: int) -> str:
    return f"{word}: {len(rows)}, the latest {most}" if len(rows) > most else word


def _latest(rows: Sequence[Row], by: str) -> list[Row]:
    return sorted(rows, key=lambda row: row[by] or "", reverse=True)


def _parted(bookings: Sequence[Row], now: datetime) -> tuple[list[Row], list[Row]]:
    """Those that are still to come, the next first, and all others, the latest first."""
    coming = [row for row in bookings if row["state"] in _WAITING and _ahead(row["starts_at"], now)]
    return coming, [row for row in reversed(bookings) if row not in coming]


def _ahead(starts_at: str | None, now: datetime) -> bool:
    return starts_at is None or datetime.fromisoformat(starts_at) >= now


def _counts(coming: Sequence[Row], past: Sequence[Row], no_shows: int) -> str:
    """`12 visits, 1 no-show, 2 coming`; no-shows as published, since a source may count some that it does not list."""
    states = Counter(row["state"] for row in past)
    told = [
        quantity(number, noun) for number, noun in ((states["completed"], "visit"), (no_shows, "no-show")) if number
    ]
    if coming:
        told.append(f"{len(coming)} coming")
    others = [state for state in sorted(states) if state not in ("completed", "no_show")]
    return ", ".join([*told, *(f"{states[state]} {worded(state)}" for state in others)])


def _bookings(when: str, rows: Sequence[Row]) -> Iterator[Line]:
    for place, row in enumerate(rows):
        yield (when if place == 0 else None, local(row["starts_at"]) or "no time", row["service"], row["employee"],
               worded(row["state"]))  # fmt: skip


def _course(row: Row) -> Line:
    progress = None if row["progress"] is None else f"{row['progress']:.0%}"
    stand = "completed" if row["completed"] else progress or "no progress known"
    return row["course"] or row["course_id"], stand, local(row["updated_at"])


def _order(row: Row) -> Line:
    amount = None if row["amount_cents"] is None else f"{row['amount_cents'] / 100:.2f}"
    return row["product"], amount, row["status"], local(row["created_at"])
