"""What is asked, what has ended and what left, as parts of a customer's card: open requests, the direct-marketing
register, disclosures."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sync.cli.card import Line, Part, day
from sync.cli.requested import standing

if TYPE_CHECKING:
    from sqlalchemy import Row

    from store.direct_marketing import Entry
    from store.requests import Request


def asked(requests: "Sequence[Request]", today: date) -> Iterator[Part]:
    """The open requests, what is due soonest first; loud where one is overdue."""
    waiting = sorted((one for one in requests if one.closed_at is None), key=lambda one: (one.due_on, one.id))
    if waiting:
        late = any(one.due_on < today for one in waiting)
        title = "! Open requests, OVERDUE" if late else "Open requests"
        yield Part(title, [_request(one, today) for one in waiting], loud=late)


def _request(one: "Request", today: date) -> Line:
    due = f"{'was' if one.due_on < today else 'is'} due {day(one.due_on)}"
    stands = standing({"outcome": one.outcome, "status": one.status})
    return f"request {one.id}", one.type, due, f"received {day(one.received_on)}, {stands}"


def registered(entries: "Sequence[Entry]") -> Iterator[Part]:
    """The end of the relationship, and whether the customer stands in the direct-marketing register."""
    if rows := [_entry(one) for one in entries if one.ended]:
        yield Part("Relationship ended", rows)


def _entry(one: "Entry") -> Line:
    ended = f"{day(one.relationship_ended_on)}, {one.brand or 'all brands'}"
    if one.left_at is None:
        return ended, f"in the direct-marketing register since {day(one.entered_at)}", one.reason
    return ended, f"left the direct-marketing register {day(one.left_at)}", one.left_reason


def disclosed(rows: "Sequence[Row[Any]]") -> Iterator[Part]:
    """What left for third parties."""
    if rows:
        told = [(day(row.at), row.recipient, row.purpose, ", ".join(json.loads(row.fields))) for row in rows]
        yield Part("Disclosed", told)
