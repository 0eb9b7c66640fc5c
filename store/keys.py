"""By what records are found and compared (`store.tables.MatchKey`, `MatchFeature`): keys, those that count now and
former ones, which stay; and features of live records."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, update

from store.among import among
from store.batch import Matching
from store.bulk import insert_rows, upsert
from store.tables import MatchFeature, MatchKey, table

_key = table(MatchKey)
_feature = table(MatchFeature)
_KEY_COLUMNS = ("record_id", "kind", "value", "current")
_FEATURE_COLUMNS = ("record_id", "source", "name", "address", "email", "phone")


def add_matching(connection: Connection, source: str, found: Sequence[tuple[int, Matching]]) -> None:
    """Write what new records of a source are matched by."""
    keys = [(record, kind, value, True) for record, matching in found for kind, value in dict.fromkeys(matching.keys)]
    insert_rows(connection, _key, _KEY_COLUMNS, keys)
    insert_rows(connection, _feature, _FEATURE_COLUMNS, _features(source, found))


def _features(source: str, found: Sequence[tuple[int, Matching]]) -> list[tuple[int | str | None, ...]]:
    return [(record, source, *matching.features) for record, matching in found if matching.features]


def write_matching(connection: Connection, source: str, found: Sequence[tuple[int, Matching]]) -> None:
    """Make this what records of a source are matched by, whether a key is new or was a former one. Call `retire_keys`
    before."""
    values = [
        {"kind": kind, "value": value, "record_id": record, "current": True}
        for record, matching in found
        for kind, value in dict.fromkeys(matching.keys)
    ]
    insert_rows(connection, _feature, _FEATURE_COLUMNS, _features(source, found))
    if values:
        statement = upsert(connection, _key)
        statement = statement.on_conflict_do_update(
            index_elements=["kind", "value", "record_id"], set_={"current": True}
        )
        connection.execute(statement, values)


def retire_keys(connection: Connection, record_ids: Collection[int]) -> None:
    """Make all keys of these records former ones, and drop their features."""
    connection.execute(delete(_feature).where(among(connection, _feature.c.record_id, record_ids)))
    connection.execute(update(_key).where(among(connection, _key.c.record_id, record_ids)).values(current=False))
