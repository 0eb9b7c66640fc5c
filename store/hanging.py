"""Whose something is that hangs on a customer record: a case, a contact, a request, a disclosure.

A live record belongs to the customer of its link, so that a merge takes the union and a split gives each its own. One
that has left the registry belongs to whomever its own id leads to, for it left with them (`sync.moves.led`). The
customer's id of the time, which some tables name, says nothing: after a split somebody else may bear it.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select

from store.among import among, chunks
from store.decisions import records_of
from store.erasing.kin import led_to
from store.tables import CustomerAlias, Link, MasterCustomer, SourceRecord, table

_record = table(SourceRecord)
_link = table(Link)
_alias = table(CustomerAlias)
_customer = table(MasterCustomer)


def whose(connection: Connection, record_ids: Iterable[int]) -> dict[int, str]:
    """Of each of these customer records the customer whose it is; those that are nobody's are left out."""
    ids = set(record_ids)
    found = _among(connection, _link.c.record_id, _link.c.customer_id, ids)
    births = _among(connection, _record.c.id, _record.c.birth_id, ids - found.keys())
    following = successors(connection, set(births.values()))
    return found | {record: following[birth] for record, birth in births.items() if birth in following}


def successors(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Of each of these ids of customers the one to whom it leads, where there is one; all of them go on by a step at a
    time."""
    paths = {id_: [id_] for id_ in ids}
    found: dict[str, str] = {}
    while paths:
        ends = {path[-1] for path in paths.values()}
        borne = _among(connection, _customer.c.id, _customer.c.id, ends)
        step = _among(connection, _alias.c.old_id, _alias.c.new_id, ends - borne.keys())
        found |= {id_: path[-1] for id_, path in paths.items() if path[-1] in borne}
        paths = {
            id_: [*path, step[path[-1]]]
            for id_, path in paths.items()
            if path[-1] in step and step[path[-1]] not in path  # in a circle nobody is found
        }
    return found


def ever_of(connection: Connection, customer_id: str) -> list[int]:
    """The records of a customer: live ones, earliest first, then those that left the registry and lead to it."""
    return [*records_of(connection, customer_id), *_left(connection, customer_id)]


def left_with(connection: Connection, record_id: int) -> list[int]:
    """Of a record that has left the registry and is nobody's now, itself and what left as the same customer."""
    query = select(_record.c.birth_id).where(_record.c.id == record_id)
    path = [connection.execute(query).scalar_one()]
    for id_ in path:
        following = connection.execute(select(_alias.c.new_id).where(_alias.c.old_id == id_)).scalar()
        if following is not None and following not in path:
            path.append(following)
    return _left(connection, path[-1])


def customers_of(connection: Connection, rows: Iterable[Row[Any]]) -> dict[int, str]:
    """Of each of these cases or contacts the customer whose it is now, by its id; those that are nobody's left out."""
    anchored = {row.id: row.record_id for row in rows if row.record_id is not None}
    found = whose(connection, anchored.values())
    return {id_: found[record] for id_, record in anchored.items() if record in found}


def of_customer(connection: Connection, of: Table, customer_id: str) -> list[Row[Any]]:
    """The cases or contacts (`of`: their table) of a customer, ordered by id."""
    mine = among(connection, of.c.record_id, ever_of(connection, customer_id))
    return list(connection.execute(select(of).where(mine).order_by(of.c.id)).all())


def _left(connection: Connection, customer_id: str) -> list[int]:
    """Records without a link whose own id leads to this one."""
    linked = select(_link.c.record_id).where(_link.c.record_id == _record.c.id).exists()
    names = led_to(connection, [customer_id])
    query = select(_record.c.id).where(among(connection, _record.c.birth_id, names), ~linked)
    return list(connection.execute(query.order_by(_record.c.id)).scalars())


def _among(
    connection: Connection, key: ColumnElement[Any], value: ColumnElement[Any], keys: Collection[Any]
) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for batch in chunks(keys):
        rows = connection.execute(select(key, value).where(among(connection, key, batch))).all()
        found.update((first, second) for first, second in rows)
    return found
