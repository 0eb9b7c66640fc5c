"""Who and what is around a person: the other people to whom something leads, who looked, on which record was declared.

For `store.person`, so that an answer to one person can be kept free of others.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from store.among import among
from store.tables import (
    AuditEvent,
    AuditPayload,
    CustomerAlias,
    CustomerEvent,
    DecisionPair,
    Link,
    MasterCustomer,
    MatchKey,
    MatchPair,
    SourceRecord,
    table,
)

_record = table(SourceRecord)
_link = table(Link)
_key = table(MatchKey)
_pair = table(MatchPair)
_decided = table(DecisionPair)
_audit = table(AuditEvent)
_payload = table(AuditPayload)
_customer = table(MasterCustomer)
_alias = table(CustomerAlias)
_happened = table(CustomerEvent)

KINDS = ("email", "phone")
MOST = 500
"""Of other people that are looked at: a contact that more have is nobody's."""
_WHOLE = ("customers.export", "consent.export", "marketing.list", "segment.run")
"""Acts that go through the whole registry, and so through everybody in it."""

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A record on which something was declared. `customer_id`: whose it is, `None` where it has vanished."""

    customer_id: str | None
    payload: str


def anchors(connection: Connection, record_ids: Collection[int]) -> dict[int, Anchor]:
    """Records by id, live or not."""
    query = select(_record.c.id, _link.c.customer_id, _record.c.payload).outerjoin(
        _link, _link.c.record_id == _record.c.id
    )
    rows = connection.execute(query.where(among(connection, _record.c.id, record_ids))).all()
    return {id_: Anchor(customer, payload) for id_, customer, payload in rows}


def contacts(connection: Connection, record_ids: Collection[int]) -> frozenset[str]:
    """Every e-mail address and phone that these records have or had, folded as match keys are."""
    query = select(_key.c.value).where(_key.c.kind.in_(KINDS), among(connection, _key.c.record_id, record_ids))
    return frozenset(connection.execute(query).scalars())


def taken(connection: Connection, customer_id: str, values: Collection[str]) -> frozenset[str]:
    """Which of these contacts other people have."""
    query = (
        select(_key.c.value)
        .join(_link, _link.c.record_id == _key.c.record_id)
        .where(_key.c.kind.in_(KINDS), among(connection, _key.c.value, values), _link.c.customer_id != customer_id)
    )
    return frozenset(connection.execute(query).scalars())


def waiting(connection: Connection, record_ids: Collection[int]) -> int:
    """How many comparisons of these records with others wait for a person's decision."""
    mine = or_(among(connection, _pair.c.a_record_id, record_ids), among(connection, _pair.c.b_record_id, record_ids))
    query = select(func.count()).select_from(_pair).where(_pair.c.verdict == "review", mine)
    return int(connection.execute(query).scalar_one())


def others(
    connection: Connection, customer_id: str, record_ids: Collection[int], names: Collection[str], events: Rows
) -> list[str]:
    """Payloads of other people's live records: on a contact of these records, compared with them or decided about
    together with them, or once in one customer with them."""
    found = {record for pair in _pairs(connection, record_ids) for record in pair}
    theirs = _key.alias()
    shared = (
        select(theirs.c.record_id)
        .distinct()
        .join(_key, and_(_key.c.kind == theirs.c.kind, _key.c.value == theirs.c.value))
        .where(theirs.c.kind.in_(KINDS), among(connection, _key.c.record_id, record_ids))
    )
    found.update(connection.execute(shared.limit(MOST)).scalars())
    once = {name for event in events for name in (event.customer_id, event.other_id)} - set(names)
    query = (
        select(_record.c.payload)
        .join(_link, _link.c.record_id == _record.c.id)
        .where(
            _link.c.customer_id != customer_id,
            or_(among(connection, _record.c.id, found), among(connection, _link.c.customer_id, once)),
        )
    )
    return list(connection.execute(query.limit(MOST)).scalars())


def _pairs(connection: Connection, record_ids: Collection[int]) -> Iterator[tuple[int, int]]:
    for of in (_pair, _decided):
        mine = or_(among(connection, of.c.a_record_id, record_ids), among(connection, of.c.b_record_id, record_ids))
        rows = connection.execute(select(of.c.a_record_id, of.c.b_record_id).where(mine)).all()
        yield from ((a, b) for a, b in rows)


def look_ups(connection: Connection, names: Collection[str], since: datetime, events: Rows) -> Rows:
    """Audit events about the person, in order: under one of these ids, under another while their records stood there,
    or of the whole registry since the person is in it."""
    mine: list[ColumnElement[bool]] = [_payload.c.customer_id.in_(names)]
    for other, begun, ended in _elsewhere(names, since, events):
        mine.append(and_(_payload.c.customer_id == other, _audit.c.at >= begun, _audit.c.at <= ended))
    mine.append(and_(_payload.c.customer_id.is_(None), _audit.c.action.in_(_WHOLE), _audit.c.at >= since))
    query = select(_audit, _payload.c.customer_id, _payload.c.detail)
    query = query.join_from(_audit, _payload, _payload.c.event_id == _audit.c.id)
    return connection.execute(query.where(or_(*mine)).order_by(_audit.c.id)).all()


def looks_at(connection: Connection, customer_id: str) -> Rows:
    """As `look_ups`, of the customer who bears this id now; none where nobody does."""
    since = connection.execute(select(_customer.c.created_at).where(_customer.c.id == customer_id)).scalar()
    if since is None:
        return ()
    names = names_of(connection, customer_id)
    return look_ups(connection, names, since, history(connection, names))


def names_of(connection: Connection, customer_id: str) -> list[str]:
    """The customer's id and every retired id that leads to it."""
    found = [customer_id]
    for name in found:
        found += connection.execute(select(_alias.c.old_id).where(_alias.c.new_id == name)).scalars()
    return found


def history(connection: Connection, names: Collection[str]) -> Rows:
    """Merges and splits in which one of these ids took part, in order."""
    mine = or_(_happened.c.customer_id.in_(names), _happened.c.other_id.in_(names))
    return connection.execute(select(_happened).where(mine).order_by(_happened.c.id)).all()


def _elsewhere(names: Collection[str], since: datetime, events: Rows) -> Iterator[tuple[str, datetime, datetime]]:
    """Other ids under which the person stood before a split, from when and until when."""
    begun: dict[str, datetime] = {}
    for event in events:
        if event.event == "merged" and event.other_id in names:
            begun[event.customer_id] = event.at
        elif event.event == "split" and event.customer_id in names:
            yield event.other_id, begun.pop(event.other_id, since), event.at
