"""One customer on a screen: a card that begins with what must not be missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sync.cli.card import Line, Part, day, show, worded
from sync.cli.person_contacts import spoken, waiting
from sync.cli.person_life import life
from sync.cli.person_marketing import marketing, rests_on, warnings
from sync.cli.person_origins import origins, reference
from sync.cli.person_standing import asked, disclosed, registered
from sync.cli.showing import joined

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from store.declarations import Declared
    from store.direct_marketing import Entry
    from store.requests import Request

SHOWN_ACTIVITIES = 5

_VALUES = {
    "emails": "E-mail",
    "phones": "Phone",
    "address": "Address",
    "regular_employee": "Regular of",
    "discounts": "Discount",
}
_NAMES = ("name", "first_name", "last_name")
_RULES = {
    "only_value": "the only one",
    "all": None,
    "fuller_name": "the fuller one",
    "most_recent": "the most recent",
    "source_precedence": "the source that goes first",
    "external_id": "the lowest number",
}
_Customer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """A customer as exported, and what else is known of them. `notices`: party → address of its own privacy notice."""

    customer: _Customer
    now: datetime
    notices: Mapping[str, str] = member(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    declared: "Sequence[Declared]" = ()
    requests: "Sequence[Request]" = ()
    entries: "Sequence[Entry]" = ()
    disclosures: "Sequence[Row[Any]]" = ()
    cases: "Sequence[Row[Any]]" = ()
    contacts: "Sequence[Row[Any]]" = ()

    @property
    def today(self) -> date:
        """The day in Finland."""
        from config.place import HELSINKI

        return self.now.astimezone(HELSINKI).date()

    @property
    def corrections(self) -> "dict[str | None, Declared]":
        """By field the correction in force; of several the latest."""
        return {one.said.field: one for one in self.declared if one.said.kind == "correction" and not one.lifted_at}


def card_of(connection: "Connection", customer: _Customer, now: datetime, notices: Mapping[str, str]) -> Card:
    """The card of a customer. Call inside `store.engine.reading`."""
    from store import cases, contacts, declarations, direct_marketing, disclosures, requests
    from store.decisions import records_of
    from store.history import history

    id_ = customer["id"]
    return Card(
        customer,
        now,
        notices,
        history(connection, id_),
        declarations.of_customer(connection, id_),
        requests.of_customer(connection, id_),
        direct_marketing.of_customer(connection, id_),
        disclosures.of_records(connection, records_of(connection, id_)),
        cases.of_customer(connection, id_),
        contacts.of_customer(connection, id_),
    )


def show_person(card: Card, *, activities: int = SHOWN_ACTIVITIES) -> None:
    """The card; of bookings, courses and orders the latest `activities`. What is empty is left out."""
    show(_parts(card, activities))


def _parts(card: Card, activities: int) -> Iterator[Part]:
    yield _head(card)
    yield from warnings(card.declared)
    yield from asked(card.requests, card.today)
    yield from waiting(card.cases)
    yield Part("Values", [*_values(card)])
    yield marketing(card.customer, card.declared)
    yield from registered(card.entries)
    yield from disclosed(card.disclosures)
    yield from spoken(card.contacts)
    yield from life(card.customer, card.now, activities)
    yield from origins(card.customer, card.history, card.notices)


def _head(card: Card) -> Part:
    customer = card.customer
    since = f"in the registry since {day(datetime.fromisoformat(customer['created_at']))}"
    lines = [joined([*customer["brands"], since]), customer["id"]]
    for entry in customer["fields"].get("name", ()):
        correction = next((one for field, one in card.corrections.items() if field in _NAMES), None)
        lines.append(f"name {_due_to(card, entry, correction)}")
    return Part(customer["name"] or "no name", [(line,) for line in lines])


def _values(card: Card) -> Iterator[Line]:
    """Each value with the record that it came from; corrected ones with their correction, which is told once."""
    for field, label in _VALUES.items():
        correction = card.corrections.get(field)
        entries = card.customer["fields"].get(field, ())
        told = None
        for place, entry in enumerate(entries):
            due_to = _due_to(card, entry, correction)
            yield None if place else label, entry["value"], None if correction and told == due_to else due_to
            told = due_to
        if correction and not entries:
            yield label, "–", _corrected(correction)


def _due_to(card: Card, entry: Mapping[str, Any], correction: "Declared | None") -> str:
    if correction and entry["rule"] == "pinned":
        return _corrected(correction)
    sources = [record["source"] for record in card.customer["records"]]
    name = entry["source"] if sources.count(entry["source"]) == 1 else reference(entry)
    rule = _RULES.get(entry["rule"], worded(entry["rule"])) if len(sources) > 1 else None
    return f"from {name}, {rule}" if rule else f"from {name}"


def _corrected(correction: "Declared") -> str:
    told = (f"corrected {day(correction.said.at)}", rests_on(correction), correction.said.reason)
    return ", ".join(part for part in told if part)
