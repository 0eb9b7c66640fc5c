"""What a segment's rule may ask about customers, read for all of them at once and nothing more than the rule names.

Call `read` inside `store.engine.reading`. Asked for segments alone; a test holds that.

- Bookings are counted that are not cancelled, coming ones too, and whether somebody came or not.
- What vanished at its platform is left out, as everywhere.
- The day of an enrollment is that on which it was made, else activated or begun; a customer is one since the earliest
  day that a source states.

Rows are grouped by the record that they belong to and brought to its customer here: to join them first takes the
database three times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import JSON, ColumnElement, Connection, Select, cast, func, or_, select

from config.place import HELSINKI
from store.activities import catalogue
from store.among import among
from store.tables import GoldenValue, Link, SourceRecord, table

_record = table(SourceRecord)
_link = table(Link)
_golden = table(GoldenValue)

_CANCELLED = "cancelled"


class _Summed(NamedTuple):
    """A field that is one value of all rows of a kind: their number, or the earliest or latest of the first of some
    members of the payload that a row has."""

    kind: str
    how: Callable[..., Any]
    members: tuple[str, ...] = ()


_SUMMED: Mapping[str, _Summed] = {
    "bookings": _Summed("booking", sum),
    "enrollments": _Summed("enrollment", sum),
    "orders": _Summed("order", sum),
    "first_booking": _Summed("booking", min, ("starts_at",)),
    "last_booking": _Summed("booking", max, ("starts_at",)),
    "last_enrollment": _Summed("enrollment", max, ("created_at", "activated_at", "started_at")),
    "customer_since": _Summed("customer", min, ("created_at",)),
}
_NAMES = {
    "service": ("booking", "service", None),
    "course": ("enrollment", "course", "course_id"),
    "product": ("order", "product", "product_id"),
}
"""Field → kind of record, member with the name, member with the number under which a catalogue has the name."""

Fold = Callable[[str], str]
Found = dict[str, dict[str, Any]]


def read(
    connection: Connection, fields: Collection[str], fold: Fold, customers: Collection[str] | None = None
) -> Found:
    """Field → customer → what is known: a count, a day in Finland, or names as `fold` has them; of all customers or of
    these. Who is missing has none. Raises `KeyError` for a field that nobody may ask about."""
    reader = _Reader(connection, fold, customers)
    summed = [name for name in fields if name in _SUMMED]
    found: Found = {}
    for kind in sorted({_SUMMED[name].kind for name in summed}):
        found |= reader.summed(kind, [name for name in summed if _SUMMED[name].kind == kind])
    for name in fields:
        if name == "brand":
            found[name] = reader.brands()
        elif name not in found:
            found[name] = reader.names(name)
    return found


class _Reader:
    """Reads about all customers or some. `_owners`: record → customer."""

    def __init__(self, connection: Connection, fold: Fold, customers: Collection[str] | None) -> None:
        self._connection, self._fold, self._customers = connection, fold, customers
        query = select(_link.c.record_id, _link.c.customer_id)
        if customers is not None:
            query = query.where(among(connection, _link.c.customer_id, customers))
        self._owners = {record: customer for record, customer in connection.execute(query).all()}  # noqa: C416 - no pairs

    def summed(self, kind: str, fields: Sequence[str]) -> Found:
        """Fields of one kind of record, by one query."""
        query = self._query(kind, [self._column(name) for name in fields]).group_by(_owner(kind))
        gathered: Found = {name: {} for name in fields}
        for record, *values in self._connection.execute(query):
            customer = self._owners.get(record)
            for name, value in zip(fields, values, strict=True):
                if customer is not None and value is not None:
                    known = gathered[name]
                    known[customer] = _SUMMED[name].how((known[customer], value)) if customer in known else value
        for name in fields:
            if _SUMMED[name].members:
                gathered[name] = {customer: _day(text) for customer, text in gathered[name].items()}
        return gathered

    def _column(self, name: str) -> ColumnElement[Any]:
        members = [self._member(member) for member in _SUMMED[name].members]
        if not members:
            return func.count()
        moment = members[0] if len(members) == 1 else func.coalesce(*members)
        return func.min(moment) if _SUMMED[name].how is min else func.max(moment)

    def names(self, field: str) -> dict[str, set[str]]:
        """Names of what customers booked, studied or bought."""
        kind, named, numbered = _NAMES[field]
        members = [self._member(member) for member in (named, numbered) if member]
        known = catalogue(self._connection, field) if numbered else {}
        found: dict[str, set[str]] = defaultdict(set)
        spelt: dict[str, str] = {}
        for record, source, name, *number in self._connection.execute(self._query(kind, [_record.c.source, *members])):
            said = name or (known.get((source, number[0])) if number else None)
            if said and record in self._owners:
                if said not in spelt:
                    spelt[said] = self._fold(said)
                found[self._owners[record]].add(spelt[said])
        return found

    def brands(self) -> dict[str, set[str]]:
        """Brands of which somebody is a customer."""
        query = select(_golden.c.customer_id, _golden.c.value).where(_golden.c.field == "brands")
        if self._customers is not None:
            query = query.where(among(self._connection, _golden.c.customer_id, self._customers))
        found: dict[str, set[str]] = defaultdict(set)
        for customer, text in self._connection.execute(query):
            found[customer].add(self._fold(from_json(text)))
        return found

    def _query(self, kind: str, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        query: Select[Any] = select(_owner(kind), *columns)
        query = query.where(_record.c.kind == kind, _record.c.vanished_at.is_(None))
        if kind == "booking":
            query = query.where(or_(_record.c.state.is_(None), _record.c.state != _CANCELLED))
        if self._customers is not None:
            query = query.where(among(self._connection, _owner(kind), list(self._owners)))
        return query

    def _member(self, name: str) -> ColumnElement[str]:
        """A member of the payload as text; times there are UTC, so that their order is that of their texts."""
        if self._connection.dialect.name == "postgresql":
            found: ColumnElement[str] = cast(_record.c.payload, JSON)[name].as_string()
            return found
        return func.json_extract(_record.c.payload, f"$.{name}")


def _owner(kind: str) -> ColumnElement[Any]:
    return _record.c.id if kind == "customer" else _record.c.owner_record_id


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(HELSINKI).date()
