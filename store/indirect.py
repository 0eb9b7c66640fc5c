"""People whose data did not come from them, and whether they were told (GDPR Art. 14).

What was told hangs on the record that brought the data, so a merge takes the union and a split gives each its own. Call
what reads inside `store.engine.reading`, what writes inside `store.engine.writing`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, select

from store.among import among
from store.tables import (
    ContactEvent,
    Disclosure,
    DisclosureRecord,
    IndirectNotice,
    Link,
    Origin,
    SourceRecord,
    table,
)

_notice = table(IndirectNotice)
_record = table(SourceRecord)
_origin = table(Origin)
_link = table(Link)
_contact = table(ContactEvent)
_disclosure = table(Disclosure)
_disclosed = table(DisclosureRecord)

THIRD_PARTY, UNKNOWN = "third_party", "unknown"
"""Where data were collected from, as an origin states it: from others, or nobody knows. Else it was the person, or the
staff who dealt with them."""


class Untold(NamedTuple):
    """How many people got in by third parties' records at one time (`since`) and were not told of it yet. `written_at`:
    of the first message to them since then, `disclosed_at`: of the first disclosure."""

    since: datetime
    written_at: datetime | None
    disclosed_at: datetime | None
    people: int


@dataclass(frozen=True, slots=True)
class Told:
    """What is written down about telling. `exemption`: a letter of Art. 14(5), then `method` says why."""

    on: date
    method: str
    exemption: str | None
    recorded_at: datetime
    recorded_by: str


def untold(connection: Connection) -> tuple[Untold, ...]:
    """People who were not told yet, counted. Quick: only sources that third parties feed are gone through."""
    from_others = connection.execute(
        select(_origin.c.id, _origin.c.source).where(_origin.c.collected_from == THIRD_PARTY)
    ).all()
    if not from_others:
        return ()
    each = (
        select(_link.c.customer_id, func.min(_record.c.first_seen_at).label("since"))
        .join(_record, _record.c.id == _link.c.record_id)
        .outerjoin(_notice, _notice.c.record_id == _record.c.id)
        .where(
            _record.c.source.in_({row.source for row in from_others}),
            _record.c.origin_id.in_([row.id for row in from_others]),
            _notice.c.id.is_(None),
        )
        .group_by(_link.c.customer_id)
        .subquery()
    )
    written, disclosed = _first_uses(each.c.customer_id, each.c.since)
    columns = (each.c.since, written.scalar_subquery().label("written"), disclosed.scalar_subquery().label("disclosed"))
    people = select(*columns).subquery()
    query: Select[Any] = select(*people.c, func.count()).group_by(*people.c)
    return tuple(Untold(*row) for row in connection.execute(query).all())


def records(connection: Connection, customer_id: str | None = None) -> Sequence[Row[Any]]:
    """Live customer records that came from third parties or from nobody knows whom, of everybody or of one customer:
    `id`, `customer_id`, `source`, `external_id`, `processor`, `collected_from`, `first_seen_at`, and when since then
    the customer was first written to or disclosed (`written_at`, `disclosed_at`)."""
    written, disclosed = _first_uses(_link.c.customer_id, _record.c.first_seen_at)
    query = (
        select(
            _record.c.id,
            _link.c.customer_id,
            _record.c.source,
            _record.c.external_id,
            _origin.c.processor,
            _origin.c.collected_from,
            _record.c.first_seen_at,
            written.scalar_subquery().label("written_at"),
            disclosed.scalar_subquery().label("disclosed_at"),
        )
        .join(_link, _link.c.record_id == _record.c.id)
        .join(_origin, _origin.c.id == _record.c.origin_id)
        .where(_origin.c.collected_from.in_((THIRD_PARTY, UNKNOWN)))
        .order_by(_record.c.id)
    )
    mine: Select[Any] = query if customer_id is None else query.where(_link.c.customer_id == customer_id)
    return connection.execute(mine).all()


def _first_uses(
    customer_id: ColumnElement[str], since: ColumnElement[datetime]
) -> tuple[Select[tuple[datetime]], Select[tuple[datetime]]]:
    """When somebody was first written to, and when first disclosed, since a time."""
    other, another = _link.alias(), _link.alias()
    mine = and_(other.c.customer_id == customer_id, _contact.c.direction == "out", _contact.c.at >= since)
    written = select(func.min(_contact.c.at)).join(other, other.c.record_id == _contact.c.record_id).where(mine)
    left = and_(_disclosure.c.at >= since, _disclosure.c.failed_at.is_(None))
    theirs = and_(another.c.customer_id == customer_id, left)
    disclosed = (
        select(func.min(_disclosure.c.at))
        .join(_disclosed, _disclosed.c.disclosure_id == _disclosure.c.id)
        .join(another, another.c.record_id == _disclosed.c.record_id)
        .where(theirs)
    )
    return written, disclosed


def notices(connection: Connection, record_ids: Collection[int] | None = None) -> dict[int, Told]:
    """What was last written down of each record, of all or of these."""
    query = select(_notice).order_by(_notice.c.id)
    if record_ids is not None:
        query = query.where(among(connection, _notice.c.record_id, record_ids))
    return {
        row.record_id: Told(row.told_on, row.method, row.exemption, row.recorded_at, row.recorded_by)
        for row in connection.execute(query)
    }


def write(connection: Connection, record_ids: Collection[int], told: Told) -> None:
    """Write down that the people of these records were told, or need not be."""
    values = {
        "told_on": told.on,
        "method": told.method,
        "exemption": told.exemption,
        "recorded_at": told.recorded_at,
        "recorded_by": told.recorded_by,
    }
    connection.execute(insert(_notice), [values | {"record_id": record} for record in record_ids])
