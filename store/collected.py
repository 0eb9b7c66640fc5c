"""What the registry collects, told by whether anything of it is there and never by what it is: for the notice check."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from store.batch import CUSTOMER
from store.tables import Declaration, Origin, SourceRecord, table

_record = table(SourceRecord)
_origin = table(Origin)
_declaration = table(Declaration)

_LIVE = _record.c.vanished_at.is_(None)


def is_empty(connection: Connection) -> bool:
    """Whether there is no live customer record at all."""
    return not connection.execute(select(exists().where(_LIVE, _record.c.kind == CUSTOMER))).scalar_one()


def feeding(connection: Connection) -> frozenset[str]:
    """The parties whose records are there, by their keys in the processing register; the controller's own as its."""
    there = select(_record.c.origin_id).where(_LIVE).distinct()
    rows = connection.execute(select(_origin.c.processor_id, _origin.c.controller_id).where(_origin.c.id.in_(there)))
    return frozenset(controller if party == "none" else party for party, controller in rows.all())


def holds(connection: Connection, kind: str, texts: Collection[str] = ()) -> bool:
    """Whether a live record of this kind is there whose payload holds one of these texts, without texts any."""
    found = [_position(connection, text) > 0 for text in texts]
    condition = (or_(*found),) if found else ()
    there = exists().where(_LIVE, _record.c.kind == kind, *condition)
    return bool(connection.execute(select(there)).scalar_one())


def noted(connection: Connection) -> bool:
    """Whether a live record has free text."""
    return bool(connection.execute(select(exists().where(_LIVE, _record.c.notes.is_not(None)))).scalar_one())


def declared(connection: Connection, channel: str) -> bool:
    """Whether anybody's consent to marketing by this channel is written down."""
    return bool(connection.execute(select(exists().where(_declaration.c.channel == channel))).scalar_one())


def _position(connection: Connection, text: str) -> ColumnElement[int]:
    """Where a text begins in the payload, 0 where it is not there; without the cost of folding letters."""
    find = func.instr if connection.dialect.name == "sqlite" else func.strpos
    return find(_record.c.payload, text)
