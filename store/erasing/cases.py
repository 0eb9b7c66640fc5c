"""What becomes of cases and contacts when the records go on which they hang: contacts go, a case stays as a case of
nobody.

Call everything inside `store.engine.writing`, before the records go.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select, update

from store.among import among
from store.decisions import records_of
from store.erasing.going import names_of
from store.erasing.scope import WRITTEN
from store.erasing.texts import ERASED, Told
from store.erasing.whose import Whose
from store.hanging import customers_of, of_nobody_else
from store.tables import CaseFile, ContactEvent, table

_case = table(CaseFile)
_contact = table(ContactEvent)


def of_person(connection: Connection, found: Whose) -> list[Row[Any]]:
    """The cases that hang on these records; where nothing of the person stays, all cases of theirs. By id."""
    return _of_person(connection, _case, found)


def leave(connection: Connection, found: Whose, told: Told, holding: Collection[int]) -> Counter[str]:
    """Take cases and contacts off the person; the number of rows, by table.

    1. Of somebody who stays with other records, cases and contacts pass to the first of these.
    2. Contacts that do not are deleted, and cases become nobody's. What was written in them goes, but in those that are
       `holding` only the person's name, contacts and ids, for what the claim is about is needed.
    """
    if not found.whole:
        for of in (_case, _contact):
            _pass_on(connection, of, found)
    changed: Counter[str] = Counter()
    for row in of_person(connection, found):
        written = {name: text for name in WRITTEN[CaseFile] if (text := getattr(row, name))}
        left = {name: told.without(text) if row.id in holding else ERASED for name, text in written.items()}
        off = left | {"record_id": None, "customer_id": None}
        connection.execute(update(_case).where(_case.c.id == row.id).values(off))
        changed[_case.name] += 1
    going = [row.id for row in _of_person(connection, _contact, found)]
    if going:
        connection.execute(delete(_contact).where(among(connection, _contact.c.id, going)))
        changed[_contact.name] += len(going)
    return changed


def empty(connection: Connection, case_ids: Collection[int]) -> None:
    """Take out what was written in cases that are nobody's any more."""
    for name in WRITTEN[CaseFile]:
        written = (among(connection, _case.c.id, case_ids), _case.c.record_id.is_(None), _case.c[name].is_not(None))
        connection.execute(update(_case).where(*written).values({name: ERASED}))


def _of_person(connection: Connection, of: Table, found: Whose) -> list[Row[Any]]:
    query = select(of)
    mine = connection.execute(query.where(among(connection, of.c.record_id, found.person_ids))).all()
    rows = {row.id: row for row in mine}
    if found.whole:
        named = query.where(among(connection, of.c.customer_id, names_of(connection, found)))
        rows |= {row.id: row for row in of_nobody_else(connection, connection.execute(named).all())}
    return [rows[id_] for id_ in sorted(rows)]


def _pass_on(connection: Connection, of: Table, found: Whose) -> None:
    rows = _of_person(connection, of, found)
    for id_, customer in customers_of(connection, rows).items():
        staying = [record for record in records_of(connection, customer) if record not in found.ids]
        if staying:
            passed = {"record_id": staying[0], "customer_id": customer}
            connection.execute(update(of).where(of.c.id == id_).values(passed))
