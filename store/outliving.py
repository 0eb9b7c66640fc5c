"""What people forbade outlives the record and the contact on which they said it.

A declaration that tightens (an objection, a restriction, a refusal or a withdrawal, in force) would be lost where the
record goes on which it hangs, or the contact by which it reaches one. So, before that happens:

1. Of the records that are to change or to go, those that a declaration reaches by a contact alone: it hangs on them.
2. The contacts that these records have now: it hangs on those too, and finds the person under another id.
3. Where they go: it hangs on the other records of the customer, with their contacts, since the customer stays who said
   it. Whom a person takes apart from the customer later, keeps it; they cannot know who of the two it was.

Call everything inside `store.engine.writing`. Each answers the records that are reached now and were not before: what
is published of their customers may not be true any more, so queue them.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from store import declarations
from store.among import among, chunks
from store.declarations import Declared
from store.tables import Link, table

_link = table(Link)


def before_change(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Call before these records get other contacts."""
    found = _forbidding(connection, record_ids)
    return {record for one in found for record in _hang(connection, one, one.reached.intersection(record_ids))}


def before_leaving(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Call before these records leave the live view, while their links and contacts stand."""
    found = _forbidding(connection, record_ids)
    if not found:
        return set()
    reached = {record for one in found for record in one.reached.intersection(record_ids)}
    owners = _owners(connection, _link.c.record_id, reached)
    staying: dict[str, set[int]] = {}
    for record, customer in _owners(connection, _link.c.customer_id, set(owners.values())).items():
        if record not in record_ids:
            staying.setdefault(customer, set()).add(record)
    touched: set[int] = set()
    for one in found:
        mine = one.reached.intersection(record_ids)
        others = {record for each in mine if each in owners for record in staying.get(owners[each], ())}
        touched |= _hang(connection, one, mine | others)
    return touched


def _forbidding(connection: Connection, record_ids: Collection[int]) -> list[Declared]:
    return [one for one in declarations.reaching(connection, record_ids) if one.lifted_at is None and one.said.tightens]


def _hang(connection: Connection, one: Declared, records: Iterable[int]) -> frozenset[int]:
    records = set(records)
    declarations.hang(connection, one.id, records, declarations.contacts_of(connection, records))
    hung = declarations.get(connection, one.id)
    return hung.reached - one.reached if hung else frozenset()


def _owners(connection: Connection, column: object, values: Collection[int] | Collection[str]) -> dict[int, str]:
    query = select(_link.c.record_id, _link.c.customer_id)
    return {
        record: customer
        for batch in chunks(values)
        for record, customer in connection.execute(query.where(among(connection, column, batch))).all()  # type: ignore[arg-type]
    }
