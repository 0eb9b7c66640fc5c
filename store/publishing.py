"""What reconciling writes: links, master customers, golden values, pairs, aliases and events. Only what differs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from store.among import among, chunks
from store.bulk import insert_rows, moments, upsert
from store.matching import LinkRow, PairRow
from store.tables import (
    CustomerAlias,
    CustomerEvent,
    GoldenValue,
    Link,
    MasterCustomer,
    MatchPair,
    ReconcileQueue,
    table,
)

_link = table(Link)
_customer = table(MasterCustomer)
_golden = table(GoldenValue)
_pair = table(MatchPair)
_alias = table(CustomerAlias)
_event = table(CustomerEvent)
_queue = table(ReconcileQueue)


GoldenRow = tuple[str, str, int, str, int, str, datetime]
"""Customer id, field, ordinal, value (JSON), record id, rule, observed at."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A master customer to be published."""

    id: str
    content_sha256: str
    created_at: datetime
    updated_at: datetime


def customers_held(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, datetime]]:
    """Content hash and creation time of the master customers among these ids."""
    held: dict[str, tuple[str, datetime]] = {}
    for batch in chunks(ids):
        query = select(_customer.c.id, _customer.c.content_sha256, _customer.c.created_at)
        for id_, sha, created in connection.execute(query.where(among(connection, _customer.c.id, batch))).all():
            held[id_] = (sha, created)
    return held


def write_customers(connection: Connection, rows: Sequence[CustomerRow], held: Collection[str]) -> None:
    """Insert master customers, or update those that are held."""
    stored = moments(connection)
    insert_rows(
        connection,
        _customer,
        ("id", "content_sha256", "created_at", "updated_at"),
        [
            (row.id, row.content_sha256, stored(row.created_at), stored(row.updated_at))
            for row in rows
            if row.id not in held
        ],
    )
    changed = [_aside(asdict(row), "id") for row in rows if row.id in held]
    if changed:
        names = ("content_sha256", "created_at", "updated_at")
        statement = update(_customer).where(_customer.c.id == bindparam("b_id"))
        connection.execute(statement.values({name: bindparam(name) for name in names}), changed)


def write_golden(connection: Connection, stale: Iterable[str], values: Sequence[GoldenRow]) -> None:
    """Replace the golden values of `stale` customers."""
    for batch in chunks(stale):
        connection.execute(delete(_golden).where(among(connection, _golden.c.customer_id, batch)))
    columns = ("customer_id", "field", "ordinal", "value", "record_id", "rule", "observed_at")
    stored = moments(connection)
    insert_rows(connection, _golden, columns, [(*row[:-1], stored(row[-1])) for row in values])


def write_links(connection: Connection, rows: Sequence[LinkRow], held: Collection[int]) -> None:
    """Insert links, or update those of records that have one."""
    stored = moments(connection)
    insert_rows(
        connection,
        _link,
        ("record_id", "customer_id", "method", "score", "reasons", "decided_by", "decided_at"),
        [
            (
                row.record_id,
                row.customer_id,
                row.method,
                row.score,
                row.reasons,
                row.decided_by,
                stored(row.decided_at),
            )
            for row in rows
            if row.record_id not in held
        ],
    )
    changed = [_aside(asdict(row), "record_id") for row in rows if row.record_id in held]
    if changed:
        names = ("customer_id", "method", "score", "reasons", "decided_by", "decided_at")
        statement = update(_link).where(_link.c.record_id == bindparam("b_record_id"))
        connection.execute(statement.values({name: bindparam(name) for name in names}), changed)


def _aside(values: dict[str, Any], key: str) -> dict[str, Any]:
    """The values with the key under a name of its own: an update may not use a column's name for its condition."""
    values[f"b_{key}"] = values.pop(key)
    return values


def drop_links(connection: Connection, record_ids: Iterable[int]) -> None:
    """Take records out of the registry's live view."""
    for batch in chunks(record_ids):
        connection.execute(delete(_link).where(among(connection, _link.c.record_id, batch)))


def drop_customers(connection: Connection, ids: Iterable[str]) -> None:
    """Remove master customers that no record is linked to any more."""
    for batch in chunks(ids):
        connection.execute(delete(_golden).where(among(connection, _golden.c.customer_id, batch)))
        connection.execute(delete(_customer).where(among(connection, _customer.c.id, batch)))


def write_aliases(connection: Connection, successors: Mapping[str, str], borne: Iterable[str]) -> None:
    """Let retired ids lead to their successors; an id that is borne (again) leads nowhere else."""
    for batch in chunks(borne):
        connection.execute(delete(_alias).where(among(connection, _alias.c.old_id, batch)))
    if successors:
        statement = upsert(connection, _alias)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["old_id"], set_={"new_id": statement.excluded.new_id}),
            [{"old_id": old, "new_id": new} for old, new in successors.items()],
        )


def write_events(connection: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Note merges and splits."""
    if events:
        connection.execute(insert(_event), list(events))


def replace_pairs(connection: Connection, record_ids: Sequence[int], rows: Sequence[PairRow]) -> None:
    """Replace all match pairs in which any of these records stands."""
    for batch in chunks(record_ids):
        connection.execute(
            delete(_pair).where(
                or_(among(connection, _pair.c.a_record_id, batch), among(connection, _pair.c.b_record_id, batch))
            )
        )
    if rows:
        connection.execute(
            insert(_pair),
            [
                {
                    "a_record_id": row.a,
                    "b_record_id": row.b,
                    "verdict": row.verdict,
                    "score": row.score,
                    "reasons": row.reasons,
                    "found_at": row.found_at,
                }
                for row in rows
            ],
        )


def dequeue(connection: Connection, record_ids: Iterable[int]) -> None:
    """Take records off the queue: they are reconciled."""
    for batch in chunks(record_ids):
        connection.execute(delete(_queue).where(among(connection, _queue.c.record_id, batch)))
