"""Cases that are not closed, and the latest contacts, as parts of a customer's card."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sync.cli.card import Part, day, worded

if TYPE_CHECKING:
    from sqlalchemy import Row

SHOWN_CONTACTS = 5


def waiting(cases: "Sequence[Row[Any]]") -> Iterator[Part]:
    """The cases that are not closed."""
    if rows := [
        (f"case {one.id}", one.type, f"{one.state}, holds back an erasure" if one.hold else one.state,
         f"received {day(one.received_on)}", one.subject)
        for one in cases if one.state != "closed"
    ]:  # fmt: skip
        yield Part("Open cases", rows)


def spoken(contacts: "Sequence[Row[Any]]") -> Iterator[Part]:
    """The latest contacts, the last first."""
    latest = sorted(contacts, key=lambda one: (one.at, one.id), reverse=True)
    if latest:
        more = f": {len(latest)}, the latest {SHOWN_CONTACTS}" if len(latest) > SHOWN_CONTACTS else ""
        shown = [
            (day(one.at), f"{worded(one.channel)} {one.direction}", one.summary) for one in latest[:SHOWN_CONTACTS]
        ]
        yield Part(f"Contacts{more}", shown)
