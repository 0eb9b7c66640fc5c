"""What becomes of cases, contacts and requests when the records go on which they hang: contacts go, a case or a request
stays as one of nobody.

Call everything inside `store.engine.writing`, before the records go.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select, update

from store.among import among
from store.decisions import records_of
from store.erasing.scope import WRITTEN
from store.erasing.texts import ERASED, Told
from store.erasing.whose import Whose
from store.hanging import whose
from store.tables import CaseFile, ContactEvent, RightsRequest, table

_case = table(CaseFile)
_contact = table(ContactEvent)
_request = table(RightsRequest)


def of_person(connection: Connection, found: Whose) -> list[Row[Any]]:
    """The cases that hang on these records, by id."""
    return _of_person(connection, _case, found)


def leave(connection: Connection, found: Whose, told: Told, holding: Collection[int]) -> Counter[str]:
    """Take cases, contacts and requests off the person; the number of rows of the first two, by table.

    1. Of somebody who stays with other records, all of it passes to the first of these.
    2. Contacts that do not are deleted, and cases become nobody's. What was written in them goes, but in those that are
       `holding` only the person's name, contacts and ids, for what the claim is about is needed.
    3. Requests keep the own id of the record on which they were opened, which leads to nobody then.
    """
    if not found.whole:
        _pass_on(connection, found)
    for row in found.people:
        nobodys = {"anchor_record_id": None, "customer_id": row.birth_id}
        connection.execute(update(_request).where(_request.c.anchor_record_id == row.id).values(nobodys))
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
    mine = among(connection, of.c.record_id, found.person_ids)
    return list(connection.execute(select(of).where(mine).order_by(of.c.id)).all())


def _pass_on(connection: Connection, found: Whose) -> None:
    for record, customer in whose(connection, found.person_ids).items():
        staying = next((one for one in records_of(connection, customer) if one not in found.ids), None)
        for column in (_case.c.record_id, _contact.c.record_id, _request.c.anchor_record_id) if staying else ():
            passed = {column.name: staying, "customer_id": customer}
            connection.execute(update(column.table).where(column == record).values(passed))
