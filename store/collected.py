"""What the registry collects, told by whether anything of it is there and never by what it is: for the notice check."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, true

from store.batch import CUSTOMER
from store.origins import handler
from store.tables import Declaration, Origin, SourceRecord, table

_record = table(SourceRecord)
_origin = table(Origin)
_declaration = table(Declaration)

Place = tuple[str, Collection[str]]
"""A kind of record, and texts of which its payload holds one; without texts any record of the kind."""

_LIVE = _record.c.vanished_at.is_(None)


def is_empty(connection: Connection) -> bool:
    """Whether there is no live customer record at all."""
    return not connection.execute(select(exists().where(_LIVE, _record.c.kind == CUSTOMER))).scalar_one()


def feeding(connection: Connection) -> frozenset[str]:
    """The parties whose records are there, by their keys in the processing register; the controller's own as its."""
    there = select(_record.c.origin_id).where(_LIVE).distinct()
    rows = connection.execute(select(_origin.c.processor_id, _origin.c.controller_id).where(_origin.c.id.in_(there)))
    return frozenset(handler(processor, controller) for processor, controller in rows.all())


def holding(connection: Connection, wanted: Mapping[str, Collection[Place]]) -> frozenset[str]:
    """Of these names those of which a live record is there at one of their places. All records are gone through once:
    to ask for each name by itself would go through them once for each that nobody has."""
    places = {name: _at(connection, there) for name, there in wanted.items()}
    columns = [func.max(case((there, 1), else_=0)).label(name) for name, there in places.items()]
    row = connection.execute(select(*columns).where(_LIVE)).one()
    return frozenset(name for name, found in row._mapping.items() if found)


def _at(connection: Connection, places: Collection[Place]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(_record.c.kind == kind, or_(*(_position(connection, text) > 0 for text in texts)) if texts else true())
            for kind, texts in places
        )
    )


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
