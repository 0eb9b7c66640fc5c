"""The history of contacts (R-15, R-51): what was written, said and sent, with cases, requests and consents in one line
of time over both brands.

A contact that took place is written down whatever the rules say; `not_allowed` tells where it should not have been.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row

from config.place import HELSINKI
from config.register import ProcessingRegister
from privacy.cases import customer_of, there
from privacy.errors import NotPossibleError
from privacy.gate import Reason
from privacy.requests import By
from privacy.uses import Mailbox, allowed, use_for
from store import cases, contacts, declarations, requests
from store.declarations import CONSENT, OBJECTION, RESTRICTION, Declared
from store.requests import Request

CHANNELS = ("email", "sms", "phone", "letter", "in_person")
IN, OUT = "in", "out"
PURPOSE = "customer_relationship"
"""What a contact is for where nobody says otherwise."""
_SENT = ("email", "sms")
"""Channels on which marketing needs consent beforehand (Act 917/2014, section 200)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact; fields as in `store.tables.ContactEvent`."""

    record_id: int
    customer_id: str
    channel: str
    direction: str
    at: datetime
    brand: str | None
    purpose: str
    summary: str
    case_id: int | None = None


def add(connection: Connection, contact: Contact, by: By) -> int:
    """Write a contact down; its id. Call inside `store.engine.writing`. Raises `NotPossibleError` where it is about a
    case of somebody else: whose summary it is would be shown to them."""
    if contact.case_id is not None:
        about = there(connection, contact.case_id)
        if about.record_id is not None and customer_of(connection, about) != contact.customer_id:
            raise NotPossibleError(
                f"case {contact.case_id} is another customer's; `rekisteri case show {contact.case_id}` says whose"
            )
    return contacts.add(connection, asdict(contact) | {"recorded_at": by.now, "recorded_by": by.actor})


def not_allowed(
    connection: Connection, register: ProcessingRegister, contact: Contact, mailbox: Mailbox
) -> Reason | None:
    """Why the gate would have stopped this; `None` where it would not, and of what came in."""
    if contact.direction != OUT:
        return None
    use = use_for(register, contact.purpose, brand=contact.brand)
    if use.is_direct_marketing and contact.channel in _SENT:
        use = use_for(register, contact.purpose, channel=contact.channel, brand=contact.brand)
    return allowed(connection, use, mailbox).dropped.get(contact.customer_id)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the history. `kind`: `contact`, `case`, `request`, `consent`, `objection` or `restriction`, `id` its
    number; `what` happened. `at`: a time, or a day where no more is known."""

    at: datetime | date
    kind: str
    id: int
    what: str
    channel: str | None = None
    brand: str | None = None
    text: str | None = None
    by: str | None = None
    direction: str | None = None
    purpose: str | None = None
    case_id: int | None = None

    @property
    def order(self) -> tuple[datetime, str, int]:
        """A day is its beginning in Finland."""
        moment = self.at if isinstance(self.at, datetime) else datetime.combine(self.at, time(), HELSINKI)
        return moment, self.kind, self.id


def timeline(connection: Connection, customer_id: str) -> list[Moment]:
    """All that went to and fro with a customer, in the order of time. Call inside `store.engine.reading`."""
    found = [
        *map(_contact, contacts.of_customer(connection, customer_id)),
        *(moment for row in cases.of_customer(connection, customer_id) for moment in _case(row)),
        *(moment for one in requests.of_customer(connection, customer_id) for moment in _request(one)),
        *_declared(declarations.of_customer(connection, customer_id)),
    ]
    return sorted(found, key=lambda moment: moment.order)


def _contact(row: Row[Any]) -> Moment:
    further = {"direction": row.direction, "purpose": row.purpose, "case_id": row.case_id}
    return Moment(row.at, "contact", row.id, "contact", row.channel, row.brand, row.summary, row.recorded_by, **further)


def _case(row: Row[Any]) -> Iterator[Moment]:
    came = (row.received_on, "came", row.subject, row.opened_by)
    rest = (
        (row.answered_at, "answered", row.answer, row.answered_by),
        (row.reopened_at, "reopened", row.reopen_reason, row.reopened_by),
        (row.closed_at, "closed", row.outcome, row.closed_by),
    )
    for at, what, text, by in (came, *rest):
        if at is not None:
            channel = row.channel if what == "came" else None
            yield Moment(at, "case", row.id, f"{row.type} {what}", channel, row.brand, text, by)


def _request(one: Request) -> Iterator[Moment]:
    yield Moment(one.received_on, "request", one.id, f"{one.type} asked for", one.channel, by=one.opened_by)
    if one.closed_at:
        what = f"{one.type} {one.outcome}"
        yield Moment(one.closed_at, "request", one.id, what, text=one.justification, by=one.closed_by)


def _declared(found: Iterable[Declared]) -> Iterator[Moment]:
    for one in found:
        said = one.said
        if said.kind not in (CONSENT, OBJECTION, RESTRICTION):
            continue
        what = said.state or said.scope or said.kind
        text = said.method if said.kind == CONSENT else said.reason
        yield Moment(said.at, said.kind, one.id, what, said.channel, said.brand, text, said.recorded_by)
        if one.lifted_at:
            yield Moment(one.lifted_at, said.kind, one.id, f"{what} lifted", said.channel, said.brand)
