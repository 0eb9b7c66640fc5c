"""What becomes of cases and contacts when the records go on which they hang. A contact goes with its record
(`store.erasing.going`), a case stays as a case of nobody.

Call everything inside `store.engine.writing`, before the records go.
"""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import Connection, update

from store import cases
from store.among import among
from store.decisions import records_of
from store.erasing.scope import WRITTEN
from store.erasing.texts import ERASED, Told
from store.erasing.whose import Whose
from store.hanging import customers_of
from store.tables import CaseFile, ContactEvent, table

_case = table(CaseFile)
_PASSED_ON = (_case, table(ContactEvent))


def leave(connection: Connection, found: Whose, told: Told, holding: Collection[int]) -> Counter[str]:
    """Take cases off the person; the number of rows, by table.

    1. Of somebody who stays with other records, cases and contacts pass to the first of these.
    2. The others are nobody's. What was written in them goes, but in those that are `holding` only the person's name,
       contacts and ids, for what the claim is about is needed.
    """
    if not found.whole:
        _pass_on(connection, found)
    changed: Counter[str] = Counter()
    for row in cases.of_records(connection, found.person_ids):
        written = {name: text for name in WRITTEN[CaseFile] if (text := getattr(row, name))}
        left = {name: told.without(text) if row.id in holding else ERASED for name, text in written.items()}
        cases.change(connection, row.id, left | {"record_id": None})
        changed[CaseFile.__tablename__] += 1
    return changed


def empty(connection: Connection, case_ids: Collection[int]) -> None:
    """Take out what was written in cases that are nobody's any more."""
    for name in WRITTEN[CaseFile]:
        written = (among(connection, _case.c.id, case_ids), _case.c.record_id.is_(None), _case.c[name].is_not(None))
        connection.execute(update(_case).where(*written).values({name: ERASED}))


def _pass_on(connection: Connection, found: Whose) -> None:
    for record, customer in customers_of(connection, found.person_ids).items():
        staying = [other for other in records_of(connection, customer) if other not in found.ids]
        for of in _PASSED_ON if staying else ():
            connection.execute(update(of).where(of.c.record_id == record).values(record_id=staying[0]))
