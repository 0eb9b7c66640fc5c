"""What a full rebuild reads and writes: all customer records in parts, their keys, the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from store.batch import Matching
from store.keys import retire_keys, write_matching
from store.landing import enqueue
from store.tables import MatchKey, SourceRecord, table

_record = table(SourceRecord)
_key = table(MatchKey)


@dataclass(frozen=True, slots=True)
class StoredCustomer:
    """A live customer record with its payload as JSON."""

    id: int
    source: str
    payload: str


def customers_after(connection: Connection, after: int, limit: int) -> list[StoredCustomer]:
    """The next live customer records by id."""
    query = (
        select(_record.c.id, _record.c.source, _record.c.payload)
        .where(_record.c.id > after, _record.c.kind == "customer", _record.c.vanished_at.is_(None))
        .order_by(_record.c.id)
        .limit(limit)
    )
    return [StoredCustomer(*row) for row in connection.execute(query).all()]


def sources_with_names(connection: Connection) -> frozenset[str]:
    """Sources whose records carry name keys, because their bookings may name a customer by name alone."""
    query = (
        select(_record.c.source).distinct().join(_key, _key.c.record_id == _record.c.id).where(_key.c.kind == "name")
    )
    return frozenset(connection.execute(query).scalars().all())


def replace_matching(connection: Connection, found: Mapping[str, Sequence[tuple[int, Matching]]]) -> None:
    """Make this what records are matched by, by source, and queue them. Former keys stay as former ones."""
    for source, records in found.items():
        ids = [record for record, _ in records]
        retire_keys(connection, ids)
        write_matching(connection, source, records)
        enqueue(connection, ids)
