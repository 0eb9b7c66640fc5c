"""What a search for a customer looks through."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from store.tables import Link, MatchKey, SourceRecord, table

_record = table(SourceRecord)
_link = table(Link)
_key = table(MatchKey)


def holders(connection: Connection, kind: str, value: str) -> list[str]:
    """The customers with a record that has this contact now (`email` or `phone`, folded as match keys are)."""
    query = (
        select(_link.c.customer_id)
        .distinct()
        .join(_key, _key.c.record_id == _link.c.record_id)
        .where(_key.c.kind == kind, _key.c.value == value, _key.c.current.is_(True))
    )
    return sorted(connection.execute(query).scalars())


def payloads(connection: Connection) -> Iterator[tuple[str, str]]:
    """(customer id, payload as JSON) of every live customer record."""
    query = select(_link.c.customer_id, _record.c.payload).join(_record, _record.c.id == _link.c.record_id)
    for row in connection.execute(query.execution_options(yield_per=2000)):
        yield row[0], row[1]
