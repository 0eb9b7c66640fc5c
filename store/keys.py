"""Match keys of records: those that count now, and former ones, which stay (`store.tables.MatchKey`)."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, update

from store.among import among
from store.batch import Key
from store.bulk import upsert
from store.tables import MatchKey, table

_key = table(MatchKey)


def write_keys(connection: Connection, keys: Iterable[tuple[int, Iterable[Key]]]) -> None:
    """Make these, given by record id, present keys of their records, whether they are new or were former ones."""
    values = [
        {"kind": kind, "value": value, "record_id": record, "current": True}
        for record, found in keys
        for kind, value in dict.fromkeys(found)
    ]
    if values:
        statement = upsert(connection, _key)
        statement = statement.on_conflict_do_update(
            index_elements=["kind", "value", "record_id"], set_={"current": True}
        )
        connection.execute(statement, values)


def retire_keys(connection: Connection, record_ids: Collection[int]) -> None:
    """Make all keys of these records former ones."""
    connection.execute(update(_key).where(among(connection, _key.c.record_id, record_ids)).values(current=False))
