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
from sqlalchemy import Connection, select

from config.place import HELSINKI
from store.activities import catalogue
from store.among import among
from store.bulk import rows_among, run_plain
from store.tables import Link, table

_link = table(Link)

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
    "service": ("booking", "service", "service_id"),
    "course": ("enrollment", "course", "course_id"),
    "product": ("order", "product", "product_id"),
}
"""Field → kind of record, member with the name, member with the number under which a catalogue may have the name."""

Fold = Callable[[str], str]
Found = dict[str, dict[str, Any]]


def read(
    connection: Connection, fields: Collection[str], fold: Fold, customers: Collection[str] | None = None
) -> Found:
    """Field → customer → what is known, a count or a day in Finland; of a name, field → name as `fold` has it →
    customers who have it. Of all customers or of these; who is missing has none. Raises `KeyError` for a field that
    nobody may ask about."""
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
    """Reads about all customers or some, in plain SQL, since the rows are many. `_owners`: record → customer."""

    def __init__(self, connection: Connection, fold: Fold, customers: Collection[str] | None) -> None:
        self._connection, self._fold, self._customers = connection, fold, customers
        query = select(_link.c.record_id, _link.c.customer_id)
        if customers is not None:
            query = query.where(among(connection, _link.c.customer_id, customers))
        self._owners = {record: customer for record, customer in connection.execute(query).all()}  # noqa: C416 - no pairs

    def summed(self, kind: str, fields: Sequence[str]) -> Found:
        """Fields of one kind of record, by one query."""
        rows = self._rows(kind, [self._column(name) for name in fields], grouped=True)
        found: Found = {}
        for place, name in enumerate(fields, 1):
            known: dict[str, Any] = {}
            for row in rows:
                customer, value = self._owners.get(row[0]), row[place]
                if customer is not None and value is not None:
                    known[customer] = _SUMMED[name].how((known[customer], value)) if customer in known else value
            days = bool(_SUMMED[name].members)
            found[name] = {customer: _day(text) for customer, text in known.items()} if days else known
        return found

    def _column(self, name: str) -> str:
        members = [self._member(member) for member in _SUMMED[name].members]
        if not members:
            return "count(*)"
        moment = members[0] if len(members) == 1 else f"coalesce({', '.join(members)})"
        return f"{_SUMMED[name].how.__name__}({moment})"

    def names(self, field: str) -> dict[str, set[str]]:
        """Names of what customers booked, studied or bought."""
        kind, named, numbered = _NAMES[field]
        known = catalogue(self._connection, field)
        found: dict[str, set[str]] = defaultdict(set)
        having: dict[str, set[str]] = {}
        for record, source, name, number in self._rows(kind, ["source", self._member(named), self._member(numbered)]):
            said = name or known.get((source, number))
            if said and (customer := self._owners.get(record)):
                if said not in having:
                    having[said] = found[self._fold(said)]
                having[said].add(customer)
        return dict(found)

    def brands(self) -> dict[str, set[str]]:
        """Brands of which somebody is a customer."""
        query = "SELECT customer_id, value FROM golden_value WHERE field = 'brands'"
        found: dict[str, set[str]] = defaultdict(set)
        having: dict[str, set[str]] = {}
        for customer, text in self._some(query, "customer_id", self._customers):
            if text not in having:
                having[text] = found[self._fold(from_json(text))]
            having[text].add(customer)
        return dict(found)

    def _rows(self, kind: str, columns: Sequence[str], *, grouped: bool = False) -> Sequence[Sequence[Any]]:
        owner = "id" if kind == "customer" else "owner_record_id"
        query = (
            f"SELECT {', '.join((owner, *columns))} FROM source_record WHERE kind = '{kind}' AND vanished_at IS NULL"
        )
        if kind == "booking":
            query += f" AND (state IS NULL OR state <> '{_CANCELLED}')"
        mine = None if self._customers is None else list(self._owners)
        return self._some(query, owner, mine, f" GROUP BY {owner}" if grouped else "")

    def _some(
        self, query: str, column: str, values: Collection[Any] | None, after: str = ""
    ) -> Sequence[Sequence[Any]]:
        if values is None:
            found: Sequence[Sequence[Any]] = run_plain(self._connection, query + after).all()
            return found
        return rows_among(self._connection, f"{query} AND {column} {{among}}{after}", values)

    def _member(self, name: str) -> str:
        """A member of the payload as text; times there are UTC, so that their order is that of their texts."""
        if self._connection.dialect.name == "postgresql":
            return f"(payload::json ->> '{name}')"
        return f"json_extract(payload, '$.{name}')"


def _day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(HELSINKI).date()
