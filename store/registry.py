"""Reading the master registry: customers as the surface shows them (docs/contract.md), in batches of constant memory.

Call everything here inside `store.engine.reading`: the batches of one listing are then one view of the registry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, func, select

from store.activities import Activities, read_activities
from store.among import chunks
from store.declarations import reserved
from store.origins import LISTED, TRANSFER
from store.tables import GoldenValue, Link, MasterCustomer, Origin, SourceRecord, table
from store.times import stamp

BATCH = 500

_customer = table(MasterCustomer)
_link = table(Link)
_record = table(SourceRecord)
_origin = table(Origin)
_golden = table(GoldenValue)

_ORIGIN = (
    "controller", "processor", "processor_id", "role_stated", "role_assessed", *LISTED, "collected_from", "brand",
)  # fmt: skip

Customer = dict[str, Any]
"""One master customer: exactly the object of docs/contract.md."""


@dataclass(frozen=True, slots=True)
class View:
    """How customers are shown. `now` tells which booked appointments are past; `notes` adds the free texts."""

    now: datetime
    notes: bool = False


def count(connection: Connection) -> int:
    """How many master customers there are."""
    return int(connection.execute(select(func.count()).select_from(_customer)).scalar_one())


def every(connection: Connection, view: View, limit: int | None = None) -> Iterator[Customer]:
    """All customers, or the first `limit`, by id. Memory does not grow with their number."""
    reader = _Reader(connection, view)
    last, left = "", limit
    while left is None or left > 0:
        size = BATCH if left is None else min(BATCH, left)
        query = select(_customer).where(_customer.c.id > last).order_by(_customer.c.id).limit(size)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from reader.assemble(rows)
        last = rows[-1].id
        left = None if left is None else left - len(rows)


def customers(connection: Connection, ids: Iterable[str], view: View) -> list[Customer]:
    """The customers with these ids, in their order; ids that nobody bears are left out."""
    wanted = list(dict.fromkeys(ids))
    reader = _Reader(connection, view)
    found: dict[str, Customer] = {}
    for batch in chunks(wanted, BATCH):
        rows = connection.execute(select(_customer).where(_customer.c.id.in_(batch))).all()
        found.update({customer["id"]: customer for customer in reader.assemble(rows)})
    return [found[id_] for id_ in wanted if id_ in found]


class _Reader:
    """Assembles batches; what all of them share (origins) is read once."""

    def __init__(self, connection: Connection, view: View) -> None:
        self._connection, self._view = connection, view
        self._origins: dict[int, tuple[dict[str, Any], dict[str, Any], str]] = {}
        self._activities = Activities(connection, view.now, notes=view.notes)
        self._reserved = reserved(connection)

    def assemble(self, rows: Sequence[Row[Any]]) -> Iterator[Customer]:
        """Whole customers from rows of the customer table."""
        ids = [row.id for row in rows]
        records = self._records(ids)
        owners = {record.id: id_ for id_, group in records.items() for record in group}
        golden = self._golden(ids)
        activities = read_activities(self._activities, owners)
        for row in rows:
            fields = golden[row.id]
            yield {
                "id": row.id,
                **_values(fields),
                "objections": sorted(self._reserved.objections.get(row.id, ())),
                "restricted": row.id in self._reserved.restricted,
                "created_at": stamp(row.created_at),
                "updated_at": stamp(row.updated_at),
                "fields": {name: [_field(value) for value in values] for name, values in fields.items()},
                "records": [self._record(record) for record in records[row.id]],
                **activities[row.id],
            }

    def _records(self, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
        columns: tuple[Any, ...] = (
            _link.c.customer_id, _link.c.method, _link.c.score, _link.c.reasons, _link.c.decided_by, _link.c.decided_at,
            _record.c.id, _record.c.source, _record.c.stream, _record.c.external_id, _record.c.origin_id,
            _record.c.retrieved_from, _record.c.retrieved_at, _record.c.first_seen_at, _record.c.run_id,
            _record.c.payload_sha256, *((_record.c.notes,) if self._view.notes else ()),
        )  # fmt: skip
        query = (
            select(*columns)
            .join(_record, _record.c.id == _link.c.record_id)
            .where(_link.c.customer_id.in_(ids), _record.c.vanished_at.is_(None))
        )
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self._connection.execute(query).all():
            found[row.customer_id].append(row)
        for rows in found.values():
            rows.sort(key=lambda row: (row.source, row.stream, row.external_id))
        return found

    def _golden(self, ids: Sequence[str]) -> dict[str, dict[str, list[Row[Any]]]]:
        columns: tuple[Any, ...] = (
            _golden.c.customer_id, _golden.c.field, _golden.c.value, _golden.c.rule, _golden.c.observed_at,
            _record.c.source, _record.c.external_id,
        )  # fmt: skip
        query = (
            select(*columns)
            .join(_record, _record.c.id == _golden.c.record_id)
            .where(_golden.c.customer_id.in_(ids))
            .order_by(_golden.c.customer_id, _golden.c.field, _golden.c.ordinal)
        )
        found: dict[str, dict[str, list[Row[Any]]]] = defaultdict(dict)
        for row in self._connection.execute(query).all():
            found[row.customer_id].setdefault(row.field, []).append(row)
        return found

    def _record(self, row: Row[Any]) -> dict[str, Any]:
        origin, transfer, notice = self._origin(row.origin_id)
        record = {
            "source": row.source,
            "stream": row.stream,
            "external_id": row.external_id,
            **origin,
            "transfer": dict(transfer),
            "notice_version": notice,
            "retrieved_from": row.retrieved_from,
            "retrieved_at": stamp(row.retrieved_at),
            "first_seen_at": stamp(row.first_seen_at),
            "run_id": row.run_id,
            "payload_sha256": row.payload_sha256,
            "link": {
                "method": row.method,
                "score": row.score,
                "reasons": from_json(row.reasons),
                "decided_by": row.decided_by,
                "decided_at": stamp(row.decided_at),
            },
        }
        return record | {"notes": row.notes} if self._view.notes else record

    def _origin(self, origin_id: int) -> tuple[dict[str, Any], dict[str, Any], str]:
        if origin_id not in self._origins:
            row = self._connection.execute(select(_origin).where(_origin.c.id == origin_id)).one()._mapping
            origin = {name: from_json(row[name]) if name in LISTED else row[name] for name in _ORIGIN}
            self._origins[origin_id] = (origin, {name: row[name] for name in TRANSFER}, row["notice_version"])
        return self._origins[origin_id]


def _field(row: Row[Any]) -> dict[str, Any]:
    return {
        "value": from_json(row.value),
        "source": row.source,
        "external_id": row.external_id,
        "rule": row.rule,
        "observed_at": stamp(row.observed_at),
    }


def _values(fields: dict[str, list[Row[Any]]]) -> dict[str, Any]:
    """The golden values alone, in the order of the surface."""

    def one(name: str, otherwise: Any = None) -> Any:
        return from_json(fields[name][0].value) if name in fields else otherwise

    def several(name: str) -> list[Any]:
        return [from_json(row.value) for row in fields.get(name, ())]

    return {
        "name": one("name"),
        "first_name": one("first_name"),
        "last_name": one("last_name"),
        "emails": several("emails"),
        "phones": several("phones"),
        "address": one("address"),
        "marketing": {channel: one(f"marketing.{channel}", "unknown") for channel in ("email", "sms")},
        "no_show_count": one("no_show_count", 0),
        "regular_employee": one("regular_employee"),
        "discounts": several("discounts"),
        "brands": several("brands"),
    }
