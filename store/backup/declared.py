"""What people forbade, as the sidecar has it (`store.backup.entries.Declared`), from the tables and back."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, or_, select

from store.backup.entries import Declared, Lifted, Saying
from store.declarations import CONSENT, LIFT, OBJECTION, RESTRICTION, Contact
from store.tables import Declaration, DeclarationContact, DeclarationRecord, SourceRecord, table

_declaration = table(Declaration)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)
_record = table(SourceRecord)

_TIGHTENS = or_(
    _declaration.c.kind.in_((OBJECTION, RESTRICTION)),
    (_declaration.c.kind == CONSENT) & _declaration.c.state.in_(("refused", "withdrawn")),
)
"""What a restore brings back by itself. A grant loosens, and a correction is a value: both are to be recorded again."""


class Digests(Protocol):
    """Makes the keyed digests (`privacy.pseudonym`)."""

    def record(self, source: str, stream: str, external_id: str) -> str:
        """Of a source's own id of a row."""
        ...

    def contact_of(self, contact: Contact) -> tuple[str, str]:
        """Kind and digest of a contact together with a first name."""
        ...


def entries(connection: Connection, digests: Digests) -> Iterator[Declared | Lifted]:
    """All of it, in the order in which it was recorded."""
    said = {row.id: row for row in connection.execute(select(_declaration).where(_TIGHTENS)).all()}
    records: dict[int, list[str]] = defaultdict(list)
    names = (_record.c.source, _record.c.stream, _record.c.external_id)
    hung = select(_on_record.c.declaration_id, *names).join(_record, _record.c.id == _on_record.c.record_id)
    for id_, *name in connection.execute(hung.where(_on_record.c.declaration_id.in_(_ids()))).all():
        records[id_].append(digests.record(*name))
    contacts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    on = select(_on_contact).where(_on_contact.c.declaration_id.in_(_ids()))
    for id_, *contact in connection.execute(on).all():
        contacts[id_].append(digests.contact_of((contact[0], contact[1], contact[2])))
    lifts = dict(_lifts(connection))
    for id_, row in sorted(said.items()):
        by_whom = (row.controller, row.grantee, row.notice_version)
        yield Declared(saying(row), *by_whom, tuple(sorted(records[id_])), tuple(sorted(contacts[id_])))
        if id_ in lifts:
            yield Lifted(saying(row), *lifts[id_])


def known(connection: Connection) -> dict[Saying, int]:
    """The declarations that stand in the tables, lifted ones too, by what they say; their ids."""
    rows = connection.execute(select(_declaration).where(_TIGHTENS).order_by(_declaration.c.id)).all()
    return {saying(row): row.id for row in rows}


def lifted(connection: Connection) -> set[int]:
    """Ids of those that were lifted."""
    return {id_ for id_, _ in _lifts(connection)}


def saying(row: Row[Any]) -> Saying:
    """By what a row of the table is known again."""
    return Saying(**{name: getattr(row, name) for name in Saying._fields})


def _ids() -> Select[tuple[int]]:
    return select(_declaration.c.id).where(_TIGHTENS)


def _lifts(connection: Connection) -> Iterator[tuple[int, tuple[datetime, datetime]]]:
    columns = (_declaration.c.lifts, _declaration.c.at, _declaration.c.recorded_at)
    rows = connection.execute(select(*columns).where(_declaration.c.kind == LIFT, _declaration.c.lifts.in_(_ids())))
    return ((id_, (at, recorded_at)) for id_, at, recorded_at in rows.all())
