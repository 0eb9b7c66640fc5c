"""Third parties who may get data, and what left for them (`store.tables.Recipient`, `store.tables.Disclosure`).

A disclosure hangs on the customer records of the people whom it concerned: a merge takes the union, a split gives each
its own. Rows are those of the tables, ordered by id.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from store.among import among, chunks
from store.tables import Disclosure, DisclosureRecord, Recipient, table

_recipient = table(Recipient)
_disclosure = table(Disclosure)
_on_record = table(DisclosureRecord)
_LEFT = _disclosure.c.failed_at.is_(None)


def recipients(connection: Connection, *, revoked: bool = False) -> list[Row[Any]]:
    """Recipients whose approval is in force; with `revoked` the others too."""
    query = select(_recipient).order_by(_recipient.c.id)
    if not revoked:
        query = query.where(_recipient.c.revoked_at.is_(None))
    return list(connection.execute(query).all())


def disclosures(connection: Connection) -> list[Row[Any]]:
    """Everything that left."""
    return list(connection.execute(select(_disclosure).where(_LEFT).order_by(_disclosure.c.id)).all())


def of_records(connection: Connection, record_ids: Collection[int]) -> list[Row[Any]]:
    """What left of the people with these customer records."""
    found: dict[int, Row[Any]] = {}
    for batch in chunks(record_ids):
        hung = select(_on_record.c.disclosure_id).where(among(connection, _on_record.c.record_id, batch))
        query = select(_disclosure).where(_disclosure.c.id.in_(hung), _LEFT)
        found.update((row.id, row) for row in connection.execute(query))
    return [found[id_] for id_ in sorted(found)]


def approve(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write an approval down; its id. Call everything that writes inside `store.engine.writing`."""
    return int(connection.execute(insert(_recipient).values(values).returning(_recipient.c.id)).scalar_one())


def revoke(connection: Connection, recipient_id: int, reason: str, actor: str, now: datetime) -> None:
    """End an approval."""
    values = {"revoked_at": now, "revoked_by": actor, "revoke_reason": reason}
    connection.execute(update(_recipient).where(_recipient.c.id == recipient_id).values(values))


def write(connection: Connection, values: Mapping[str, Any], record_ids: Collection[int]) -> int:
    """Write a disclosure down, on these customer records; its id."""
    id_ = int(connection.execute(insert(_disclosure).values(values).returning(_disclosure.c.id)).scalar_one())
    for batch in chunks(record_ids):
        connection.execute(insert(_on_record), [{"disclosure_id": id_, "record_id": record} for record in batch])
    return id_


def fail(connection: Connection, disclosure_id: int, now: datetime) -> None:
    """Say of a disclosure that its file never stood there, so that nothing left."""
    mine = _disclosure.c.id == disclosure_id
    connection.execute(update(_disclosure).where(mine).values(failed_at=now))
