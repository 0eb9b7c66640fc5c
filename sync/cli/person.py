"""One customer on a screen: a card that begins with what must not be missed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sync.cli.card import Line, Part, day, show, worded
from sync.cli.person_life import life
from sync.cli.person_marketing import marketing, said_where, warnings
from sync.cli.person_origins import origins, reference
from sync.cli.person_standing import asked, registered
from sync.cli.showing import joined

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
    """A customer as exported, and what else is known of them."""

    customer: _Customer
    now: datetime
    history: Sequence[Mapping[str, Any]] = ()
    declared: "Sequence[Declared]" = ()
    requests: "Sequence[Request]" = ()
    entries: "Sequence[Entry]" = ()

    @property
    def today(self) -> date:
        """The day in Finland."""
        from config.place import HELSINKI

        return self.now.astimezone(HELSINKI).date()


def card_of(connection: "Connection", customer: _Customer, now: datetime) -> Card:
    """The card of a customer. Call inside `store.engine.reading`."""
    from store import declarations, direct_marketing, requests
    from store.history import history

    id_ = customer["id"]
    return Card(
        customer,
        now,
        history(connection, id_),
        declarations.of_customer(connection, id_),
        requests.of_customer(connection, id_),
        direct_marketing.of_customer(connection, id_),
    )


def show_person(card: Card, *, activities: int = SHOWN_ACTIVITIES) -> None:
    """The card; of bookings, courses and orders the latest `activities`. What is empty is left out."""
    show(_parts(card, activities))


def _parts(card: Card, activities: int) -> Iterator[Part]:
    yield _head(card.customer)
    yield from warnings(card.declared)
    yield from asked(card.requests, card.today)
    yield Part("Values", [*_values(card)])
    yield marketing(card.customer, card.declared)
    yield from registered(card.entries)
    yield from life(card.customer, card.now, activities)
    yield from origins(card.customer, card.history)


def _head(customer: _Customer) -> Part:
    since = f"customer since {day(datetime.fromisoformat(customer['created_at']))}"
    lines = [joined([*customer["brands"], since]), customer["id"]]
    for entry in customer["fields"].get("name", ()):
        lines.append(f"name from {_from(customer, entry, None)}")
    return Part(customer["name"] or "no name", [(line,) for line in lines])


def _values(card: Card) -> Iterator[Line]:
    """Each value with the record that it came from; a corrected one with its correction."""
    corrections = {
        one.said.field: one for one in card.declared if one.said.kind == "correction" and one.lifted_at is None
    }
    for field, label in _VALUES.items():
        correction = corrections.get(field)
        entries = card.customer["fields"].get(field, ())
        for place, entry in enumerate(entries):
            yield None if place else label, entry["value"], _from(card.customer, entry, correction)
        if correction and not entries:
            yield label, "–", _corrected(correction)


def _from(customer: _Customer, entry: Mapping[str, Any], correction: "Declared | None") -> str | None:
    if entry["rule"] == "pinned" and correction:
        return _corrected(correction)
    sources = [record["source"] for record in customer["records"]]
    name = entry["source"] if sources.count(entry["source"]) == 1 else reference(entry)
    rule = _RULES.get(entry["rule"], worded(entry["rule"]))
    return f"{name}, {rule}" if rule and len(sources) > 1 else name


def _corrected(correction: "Declared") -> str:
    told = ", ".join(part for part in (said_where(correction), correction.said.reason) if part)
    return f"corrected {day(correction.said.at)}" + (f": {told}" if told else "")
