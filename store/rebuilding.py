"""What a full rebuild reads and writes: all customer records in parts, their keys, the queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from store.among import chunks
from store.batch import Key
from store.keys import retire_keys, write_keys
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


def replace_keys(connection: Connection, keys: Mapping[int, Sequence[Key]]) -> None:
    """Make these the present keys of their records and queue the records. Former keys stay as former ones."""
    for batch in chunks(keys):
        retire_keys(connection, batch)
    write_keys(connection, keys.items())
    enqueue(connection, keys)
