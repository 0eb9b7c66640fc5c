"""Rules of retention, what they may be asked about, what leaves a table by itself, and the proof of what went.

Whoever is erased goes by `privacy.erasure`; what is written here concerns rows that are nobody's record. Call what
writes inside `store.engine.writing`.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, or_, select, update

from store import events
from store.among import among, chunks
from store.batch import ACTIVITIES, CUSTOMER
from store.chain import EMPTIED
from store.declarations import CONSENT
from store.erasing.cases import empty
from store.tables import (
    AuditEvent,
    AuditPayload,
    CaseFile,
    ContactEvent,
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    HeldRecord,
    Link,
    PlatformEvent,
    Quarantine,
    RequestEvent,
    RequestTask,
    RetentionRule,
    RetentionRun,
    RightsRequest,
    SourceRecord,
    Tombstone,
    table,
)

_rule = table(RetentionRule)
_run = table(RetentionRun)
_record = table(SourceRecord)
_link = table(Link)
_declaration = table(Declaration)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)
_request = table(RightsRequest)
_step = table(RequestEvent)
_task = table(RequestTask)
_audit = table(AuditEvent)
_payload = table(AuditPayload)
_case = table(CaseFile)
_contact = table(ContactEvent)
_quarantine = table(Quarantine)
_event = table(PlatformEvent)
_held = table(HeldRecord)
_stone = table(Tombstone)


class Ruling(NamedTuple):
    """A rule as it was set; fields as in `store.tables.RetentionRule`."""

    category: str
    period: str | None
    trigger: str
    basis: str
    set_at: datetime
    set_by: str


class Proof(NamedTuple):
    """What went in one part of a run; fields as in `store.tables.RetentionRun`."""

    id: int
    at: datetime
    actor: str
    counts: dict[str, int]
    ids: dict[str, list[Any]]


_COLUMNS = tuple(_rule.c[name] for name in Ruling._fields)


def rulings(connection: Connection) -> dict[str, Ruling]:
    """The last rule of each category that ever had one."""
    last = select(func.max(_rule.c.id)).group_by(_rule.c.category)
    rows = connection.execute(select(*_COLUMNS).where(_rule.c.id.in_(last))).all()
    return {row.category: Ruling(*row) for row in rows}


def history(connection: Connection, category: str) -> list[Ruling]:
    """Every rule that a category had, in order."""
    query = select(*_COLUMNS).where(_rule.c.category == category).order_by(_rule.c.id)
    return [Ruling(*row) for row in connection.execute(query).all()]


def set_rule(connection: Connection, ruling: Ruling) -> None:
    """Let a rule hold from now on."""
    connection.execute(insert(_rule).values(ruling._asdict()))


def records(connection: Connection, ids: Collection[int] | None = None) -> Iterator[Row[Any]]:
    """Customer records and activities, vanished ones too, each with the `customer` who its owner is now; of `ids` and
    what these own, or all."""
    owner = func.coalesce(_record.c.owner_record_id, _record.c.id)
    columns = [
        _record.c[name]
        for name in (
            "id", "kind", "source", "stream", "external_id", "birth_id", "payload", "owner_record_id", "retrieved_at",
            "first_seen_at", "source_updated_at", "vanished_at",
        )
    ]  # fmt: skip
    further = [_record.c.notes.is_not(None).label("noted"), _link.c.customer_id.label("customer")]
    query: Select[Any] = (
        select(*columns, *further)
        .outerjoin_from(_record, _link, _link.c.record_id == owner)
        .where(_record.c.kind.in_((CUSTOMER, *ACTIVITIES)))
    )
    if ids is None:
        with connection.execute(query.execution_options(yield_per=5_000)) as rows:
            yield from rows
        return
    for batch in chunks(ids):
        mine = or_(among(connection, _record.c.id, batch), among(connection, _record.c.owner_record_id, batch))
        yield from connection.execute(query.where(mine)).all()


def present(connection: Connection, ids: Collection[int]) -> set[int]:
    """Which of these records are there still."""
    query = select(_record.c.id)
    return {
        id_
        for batch in chunks(ids)
        for id_ in connection.execute(query.where(among(connection, _record.c.id, batch))).scalars()
    }


def consents(connection: Connection) -> Sequence[Row[Any]]:
    """Every declared consent, with the time of its lift (`lifted_at`), in the order in which they were recorded."""
    lift = _declaration.alias()
    columns = [_declaration.c[name] for name in ("id", "channel", "brand", "state", "at")]
    query: Select[Any] = select(*columns, lift.c.at.label("lifted_at"))
    query = query.outerjoin_from(_declaration, lift, lift.c.lifts == _declaration.c.id)
    return connection.execute(query.where(_declaration.c.kind == CONSENT).order_by(_declaration.c.id)).all()


def hanging(connection: Connection, declarations: Collection[int]) -> dict[int, set[int]]:
    """Of each of these declarations the records on which it hangs."""
    found: dict[int, set[int]] = {}
    for batch in chunks(declarations):
        query = select(_on_record).where(among(connection, _on_record.c.declaration_id, batch))
        for id_, record in connection.execute(query).all():
            found.setdefault(id_, set()).add(record)
    return found


def customers_of(connection: Connection, records: Collection[int]) -> dict[int, str]:
    """The customers to whom these records belong, by record."""
    query = select(_link.c.record_id, _link.c.customer_id)
    found: dict[int, str] = {}
    for batch in chunks(records):
        mine = connection.execute(query.where(among(connection, _link.c.record_id, batch))).all()
        found.update({record: id_ for record, id_ in mine})  # noqa: C416 - `dict` does not know these rows
    return found


def closed_requests(connection: Connection) -> Sequence[Row[Any]]:
    """Closed requests of which nothing is left to be done elsewhere: id, `closed_at`, the customer's id and record."""
    waiting = select(_task.c.request_id).where(_task.c.done_at.is_(None))
    columns = [_request.c[name] for name in ("id", "closed_at", "customer_id", "anchor_record_id")]
    query = select(*columns).where(_request.c.closed_at.is_not(None), _request.c.id.not_in(waiting))
    return connection.execute(query.order_by(_request.c.id)).all()


def audited(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """Looks before a time that still say about whom: id, time, customer."""
    query: Select[Any] = select(_audit.c.id, _audit.c.at, _payload.c.customer_id)
    query = query.join_from(_audit, _payload, _payload.c.event_id == _audit.c.id)
    query = query.where(_audit.c.at < before, _audit.c.action != EMPTIED)
    return connection.execute(query.order_by(_audit.c.id)).all()


def quarantined(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """Rows in quarantine since before a time: id, time, source, stream and key."""
    columns = [_quarantine.c[name] for name in ("id", "first_seen_at", "source", "stream", "key")]
    return connection.execute(select(*columns).where(_quarantine.c.first_seen_at < before)).all()


def dealt_with(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """Events that came before a time and wait for nothing."""
    columns = [_event.c[name] for name in ("source", "event_id", "received_at", "stream", "external_id")]
    query = select(*columns).where(_event.c.received_at < before, _event.c.state != events.WAITING)
    return connection.execute(query).all()


def held_back(connection: Connection) -> Sequence[Row[Any]]:
    """Rows that a duty keeps of people who were erased."""
    columns = [_held.c[name] for name in ("id", "category", "hold_until", "kind", "payload", "held_at")]
    return connection.execute(select(*columns).order_by(_held.c.id)).all()


def drop_notes(connection: Connection, ids: Collection[int]) -> int:
    """Take the free text off records. Their hash stays, so that the same text is no change that a sweep would bring."""
    mine = (among(connection, _record.c.id, ids), _record.c.notes.is_not(None))
    return connection.execute(update(_record).where(*mine).values(notes=None)).rowcount


def drop_consents(connection: Connection, ids: Collection[int]) -> int:
    """Delete declarations with what lifts them."""
    lifts = select(_declaration.c.id).where(among(connection, _declaration.c.lifts, ids))
    going = [*connection.execute(lifts).scalars(), *ids]
    for of in (_on_contact, _on_record):
        _drop(connection, of, of.c.declaration_id, going)
    connection.execute(delete(_declaration).where(among(connection, _declaration.c.lifts, ids)))
    return _drop(connection, _declaration, _declaration.c.id, ids)


def drop_requests(connection: Connection, ids: Collection[int]) -> int:
    """Delete requests with their steps and tasks. What they brought about stands by itself."""
    for of in (_declaration, _stone):
        connection.execute(update(of).where(among(connection, of.c.request_id, ids)).values(request_id=None))
    for of in (_step, _task):
        _drop(connection, of, of.c.request_id, ids)
    return _drop(connection, _request, _request.c.id, ids)


def drop_cases(connection: Connection, ids: Collection[int]) -> int:
    """Delete cases. Contacts about them stay."""
    about = among(connection, _contact.c.case_id, ids)
    connection.execute(update(_contact).where(about).values(case_id=None))
    return _drop(connection, _case, _case.c.id, ids)


def drop_contacts(connection: Connection, ids: Collection[int]) -> int:
    """Delete contacts."""
    return _drop(connection, _contact, _contact.c.id, ids)


def drop_quarantined(connection: Connection, ids: Collection[int]) -> int:
    """Delete rows in quarantine."""
    return _drop(connection, _quarantine, _quarantine.c.id, ids)


def drop_held(connection: Connection, ids: Collection[int]) -> int:
    """Delete rows that a duty or a claim kept; with a claim's own row goes what was written in it."""
    query = select(_held.c.payload).where(among(connection, _held.c.id, ids), _held.c.kind == "case")
    claims = {id_ for text in connection.execute(query).scalars() for id_ in json.loads(text)["cases"]}
    empty(connection, claims)
    return _drop(connection, _held, _held.c.id, ids)


def drop_events(connection: Connection, ids: Collection[tuple[str, str]]) -> int:
    """Delete events, by source and the platform's own id."""
    gone = 0
    for source in sorted({source for source, _ in ids}):
        own = among(connection, _event.c.event_id, [event for of, event in ids if of == source])
        gone += connection.execute(
            delete(_event).where(_event.c.source == source, own, _event.c.state != events.WAITING)
        ).rowcount
    return gone


def _drop(connection: Connection, of: Table, column: Any, ids: Collection[int]) -> int:
    return connection.execute(delete(of).where(among(connection, column, list(ids)))).rowcount


def begin_proof(connection: Connection, at: datetime, actor: str) -> int:
    """A proof of which nothing is told yet; its id."""
    values = {"at": at, "actor": actor, "counts": "{}", "ids": "{}"}
    return int(connection.execute(insert(_run).values(values).returning(_run.c.id)).scalar_one())


def tell_proof(connection: Connection, id_: int, counts: Mapping[str, int], ids: Mapping[str, Sequence[Any]]) -> None:
    """Say what has gone so far."""
    values = {"counts": json.dumps(dict(counts)), "ids": json.dumps({name: list(found) for name, found in ids.items()})}
    connection.execute(update(_run).where(_run.c.id == id_).values(values))


def proofs(connection: Connection) -> list[Proof]:
    """Every proof, in the order in which they were written."""
    rows = connection.execute(select(_run).order_by(_run.c.id)).all()
    return [Proof(row.id, row.at, row.actor, json.loads(row.counts), json.loads(row.ids)) for row in rows]
