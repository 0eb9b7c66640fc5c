"""Whose something is that hangs on a customer record, also once the record has left the registry.

A live record belongs to the customer of its link, so that a merge takes the union and a split gives each its own. One
that vanished has no link; it follows the ids of customers: whoever bears the successor of the record's own.
"""

from collections.abc import Collection

from sqlalchemy import Connection, select

from store.among import among, chunks
from store.decisions import customer_named, records_of
from store.erasing.kin import led_to
from store.tables import Link, SourceRecord, table

_record = table(SourceRecord)
_link = table(Link)


def records_ever(connection: Connection, customer_id: str) -> list[int]:
    """The live records of a customer, and those without a link whose own ids lead to it; in their order."""
    names = led_to(connection, [customer_id])
    query = select(_record.c.id).outerjoin(_link, _link.c.record_id == _record.c.id)
    left = query.where(among(connection, _record.c.birth_id, names), _link.c.record_id.is_(None))
    return sorted({*records_of(connection, customer_id), *connection.execute(left).scalars()})


def customers_of(connection: Connection, record_ids: Collection[int]) -> dict[int, str]:
    """Of each of these customer records the customer to whom it belongs or leads, where there is one."""
    query = select(_record.c.id, _record.c.birth_id, _link.c.customer_id)
    query = query.outerjoin(_link, _link.c.record_id == _record.c.id)
    found: dict[int, str] = {}
    for batch in chunks(record_ids):
        for id_, birth, customer in connection.execute(query.where(among(connection, _record.c.id, batch))).all():
            whose = customer or (customer_named(connection, birth) if birth else None)
            if whose is not None:
                found[id_] = whose
    return found
