"""Whose cases and contacts are, which hang on a customer record and name the customer of the time.

A live record belongs to the customer of its link, so that a merge takes the union and a split gives each its own. Where
the record has left the registry, they follow the id of the customer: whoever it leads to.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from store.among import among, chunks
from store.decisions import customer_named, records_of
from store.erasing.kin import led_to
from store.tables import Link, table

_link = table(Link)


def customers_of(connection: Connection, rows: Iterable[Row[Any]]) -> dict[int, str]:
    """Of each of these cases or contacts the customer whose it is now, by its id; those that are nobody's left out."""
    anchored = [row for row in rows if row.record_id is not None]
    linked = _customers(connection, {row.record_id for row in anchored})
    found: dict[int, str] = {}
    for row in anchored:
        customer = linked.get(row.record_id) or customer_named(connection, row.customer_id)
        if customer is not None:
            found[row.id] = customer
    return found


def of_customer(connection: Connection, of: Table, customer_id: str) -> list[Row[Any]]:
    """The cases or contacts (`of`: their table) of a customer, ordered by id."""
    query = select(of).order_by(of.c.id)
    mine = records_of(connection, customer_id)
    found = {row.id: row for row in connection.execute(query.where(among(connection, of.c.record_id, mine))).all()}
    named = query.where(among(connection, of.c.customer_id, led_to(connection, [customer_id])))
    for row in of_nobody_else(connection, connection.execute(named).all()):
        found[row.id] = row
    return [found[id_] for id_ in sorted(found)]


def of_nobody_else(connection: Connection, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Of these cases or contacts those whose record has left the registry, so that their customer's id counts."""
    anchored = [row for row in rows if row.record_id is not None]
    linked = _customers(connection, {row.record_id for row in anchored})
    return [row for row in anchored if row.record_id not in linked]


def _customers(connection: Connection, record_ids: Collection[int]) -> dict[int, str]:
    query = select(_link.c.record_id, _link.c.customer_id)
    found: dict[int, str] = {}
    for batch in chunks(record_ids):
        mine = connection.execute(query.where(among(connection, _link.c.record_id, batch))).all()
        found.update({record: customer for record, customer in mine})  # noqa: C416 - `dict` does not know these rows
    return found
