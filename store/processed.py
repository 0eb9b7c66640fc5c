"""What the tables tell of the processing itself, in numbers: what the record of processing is made of (GDPR Art. 30).

Decides nothing and reads nobody's data but counts. Call it inside `store.engine.reading`.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

from store import cases, disclosures, retention, segments, upkeep
from store.origins import handler
from store.retention import Ruling
from store.tables import (
    AuditEvent,
    AuditPayload,
    ContactEvent,
    Declaration,
    DirectMarketingEntry,
    GoldenValue,
    MasterCustomer,
    Origin,
    RightsRequest,
    SourceRecord,
    SourceState,
    Tombstone,
    table,
)

_record = table(SourceRecord)
_origin = table(Origin)
_golden = table(GoldenValue)
_declaration = table(Declaration)
_state = table(SourceState)
_audit = table(AuditEvent)
_payload = table(AuditPayload)

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Landed:
    """Live records of one kind from one source: how many, how many of them bear a free text, when they last came."""

    source: str
    activity: str
    party: str
    kind: str
    brand: str
    notice_version: str
    records: int
    notes: int
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class Processed:
    """What is processed now.

    `customers`: in the registry. `landed`: of each source and kind. `read_at`: when each source was last read without
    failing. `marketing`: (channel, state) → customers. `consents`: channel → consents declared. `lists`: channel →
    marketing lists made. `registered`: people in the direct-marketing register. `looks`: events of the audit trail;
    `users`: people who acted in it; `statistics`: how often some were made. The rest are counts or rows of their
    tables.
    """

    customers: int
    landed: Sequence[Landed]
    read_at: Mapping[str, datetime]
    marketing: Mapping[tuple[str, str], int]
    consents: Mapping[str, int]
    lists: Mapping[str, int]
    registered: int
    contacts: int
    requests: int
    open_requests: int
    tombstones: int
    looks: int
    users: int
    statistics: int
    cases: Rows
    segments: Rows
    recipients: Rows
    disclosures: Rows
    agreements: Rows
    measures: Rows
    retention: Mapping[str, Ruling]


def _users(connection: Connection) -> int:
    """Who acted, without the program itself, which acts by schedule and event as `rekisteri (…)`."""
    people = select(func.count(_audit.c.actor.distinct())).where(~_audit.c.actor.startswith("rekisteri"))
    return int(connection.execute(people).scalar_one())


def read_processed(connection: Connection) -> Processed:
    """All of it, as one view."""
    request = table(RightsRequest)
    entry = table(DirectMarketingEntry)
    return Processed(
        customers=_count(connection, table(MasterCustomer)),
        landed=_landed(connection),
        read_at=_read_at(connection),
        marketing=_marketing(connection),
        consents=_consents(connection),
        lists=_lists(connection),
        registered=_count(connection, entry, entry.c.left_at.is_(None)),
        contacts=_count(connection, table(ContactEvent)),
        requests=_count(connection, request),
        open_requests=_count(connection, request, request.c.closed_at.is_(None)),
        tombstones=_count(connection, table(Tombstone)),
        looks=_count(connection, _audit),
        users=_users(connection),
        statistics=_count(connection, _audit, _audit.c.action == "statistics.make"),
        cases=cases.cases(connection),
        segments=segments.segments(connection),
        recipients=disclosures.recipients(connection),
        disclosures=disclosures.disclosures(connection),
        agreements=upkeep.agreements(connection),
        measures=upkeep.measures(connection),
        retention=retention.rulings(connection),
    )


def _count(connection: Connection, of: Table, *where: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(of).where(*where)).scalar_one())


def _landed(connection: Connection) -> list[Landed]:
    """Origins of the same source and kind stand together: an edited register changes them, not what is processed."""
    counted = (
        select(
            _record.c.origin_id,
            func.count().label("records"),
            func.count(_record.c.notes).label("notes"),
            func.max(_record.c.retrieved_at).label("retrieved_at"),
        )
        .where(_record.c.vanished_at.is_(None))
        .group_by(_record.c.origin_id)
        .subquery()
    )
    names = ("source", "activity", "processor_id", "controller_id", "kind", "brand", "notice_version")
    query = select(*(_origin.c[name] for name in names), counted.c.records, counted.c.notes, counted.c.retrieved_at)
    found: dict[tuple[str, ...], Landed] = {}
    for row in connection.execute(query.join(counted, counted.c.origin_id == _origin.c.id).order_by(_origin.c.id)):
        key = (row.source, row.activity, handler(row.processor_id, row.controller_id), row.kind, row.brand)
        before = found.get(key)
        found[key] = Landed(
            *key,
            row.notice_version,
            row.records + (before.records if before else 0),
            row.notes + (before.notes if before else 0),
            max(row.retrieved_at, before.retrieved_at) if before else row.retrieved_at,
        )
    return list(found.values())


def _read_at(connection: Connection) -> dict[str, datetime]:
    query = select(_state.c.source, _state.c.last_ok_at).where(_state.c.last_ok_at.is_not(None))
    return {row.source: row.last_ok_at for row in connection.execute(query)}


def _marketing(connection: Connection) -> dict[tuple[str, str], int]:
    """The strictest state of each channel, over all brands."""
    fields = [f"marketing.{channel}" for channel in ("email", "sms")]
    query = select(_golden.c.field, _golden.c.value, func.count()).where(_golden.c.field.in_(fields))
    rows = connection.execute(query.group_by(_golden.c.field, _golden.c.value))
    return {(field.partition(".")[2], json.loads(value)): number for field, value, number in rows}


def _consents(connection: Connection) -> dict[str, int]:
    query = select(_declaration.c.channel, func.count().label("number")).where(_declaration.c.kind == "consent")
    return {row.channel: row.number for row in connection.execute(query.group_by(_declaration.c.channel))}


def _lists(connection: Connection) -> dict[str, int]:
    query = select(_payload.c.detail).join(_audit, _audit.c.id == _payload.c.event_id)
    details = connection.execute(query.where(_audit.c.action == "marketing.list")).scalars()
    return Counter(str(json.loads(detail).get("channel")) for detail in details)
