"""Rows that a platform no longer has. Judging belongs to the run; here are the questions and the deed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from store import outliving
from store.among import among, chunks
from store.keys import retire_keys
from store.landing import enqueue, forget_owners
from store.tables import SourceRecord, table
from store.times import AT_THIS_MOMENT

_record = table(SourceRecord)


def missing(
    connection: Connection, source: str, stream: str, seen: Collection[str], began_at: datetime, now: datetime
) -> tuple[int, list[tuple[int, str]]]:
    """Live rows of a stream, and those of them whose external id was not seen: (record id, external id).

    Not seen says nothing of a row that an event brought while the sweep, which began at `began_at`, went on. A row that
    says that it came after now came before the clock was set back.
    """
    meanwhile = _record.c.retrieved_at.between(began_at, now + AT_THIS_MOMENT)
    query = select(_record.c.id, _record.c.external_id, meanwhile).where(
        _record.c.source == source, _record.c.stream == stream, _record.c.vanished_at.is_(None)
    )
    live, absent = 0, []
    for id_, external_id, newer in connection.execute(query).all():
        live += 1
        if external_id not in seen and not newer:
            absent.append((id_, external_id))
    return live, absent


def vanish(connection: Connection, record_ids: Sequence[int], now: datetime) -> list[int]:
    """Take rows out of the live view. They stay in the store: a deletion at a platform is no erasure.

    Answers activities that had been found to belong to one of them by contact and belong to nobody now.
    """
    orphans: list[int] = []
    enqueue(connection, outliving.before_leaving(connection, record_ids))
    for batch in chunks(record_ids):
        mine = among(connection, _record.c.id, batch)
        connection.execute(update(_record).where(mine).values(vanished_at=now))
        retire_keys(connection, batch)
        people = connection.execute(select(_record.c.id).where(mine, _record.c.kind == "customer")).scalars().all()
        owners = (
            connection.execute(
                select(_record.c.owner_record_id)
                .distinct()
                .where(mine, _record.c.kind == "booking", _record.c.owner_record_id.is_not(None))
            )
            .scalars()
            .all()
        )
        enqueue(connection, [*people, *(owner for owner in owners if owner is not None)])
        orphans += forget_owners(connection, batch)
    return orphans
