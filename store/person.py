"""Everything that is held of one person, as rows: what the answer to a request for access is made of (GDPR Art. 15).

Decides nothing, neither what is shown nor how. Call it inside `store.engine.reading`: all is then one view of the
registry.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, or_, select

from store import cases, declarations, disclosures, hanging, indirect, requests, surroundings
from store import contacts as contact_events
from store.activities import LISTS, Activities
from store.among import among
from store.declarations import Declared
from store.indirect import Told
from store.requests import Request, Task
from store.surroundings import Anchor
from store.tables import (
    CustomerAlias,
    CustomerEvent,
    DirectMarketingEntry,
    FlagObservation,
    GoldenValue,
    ImportedFile,
    Link,
    MasterCustomer,
    Origin,
    Quarantine,
    SourceRecord,
    table,
)

_customer = table(MasterCustomer)
_alias = table(CustomerAlias)
_link = table(Link)
_record = table(SourceRecord)
_origin = table(Origin)
_golden = table(GoldenValue)
_flag = table(FlagObservation)
_event = table(CustomerEvent)
_entry = table(DirectMarketingEntry)
_quarantine = table(Quarantine)
_file = table(ImportedFile)

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Activity:
    """A booking, an enrollment or an order: its row, its payload, and how the surface shows it (`store.activities`)."""

    row: Row[Any]
    payload: dict[str, Any]
    shown: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is held of a customer.

    `records`: live customer records with their links, by source, stream and external id; `activities`: theirs, those
    too that have vanished at the platform; `origins`: of both, by id. `golden`: published values with the record that
    each came from. `flags`: observations of the platforms' marketing flags, in order. `declared`: what reaches the
    customer, and `anchors`: of each declaration the record on which it was made. `events`: merges and splits.
    `look_ups`: audit events about the customer or the whole registry. `requests`: with their tasks; these, `entries`,
    `cases`, `contact_events` and `disclosures`, what left for third parties, on records too that left the registry.
    `informed`: of records whose data came from others what the person was told of it (Art. 14), by record id.
    `waiting`: comparisons that wait for a person.
    `contacts`: keys of the records, former ones too. `others`: payloads of the other people to whom something leads
    from here; `taken`: of the contacts that activities name those that other people have.
    """

    customer: Row[Any]
    records: Rows
    activities: Sequence[Activity]
    origins: dict[int, Row[Any]]
    golden: Rows
    flags: Rows
    declared: Sequence[Declared]
    anchors: dict[int, Anchor]
    events: Rows
    look_ups: Rows
    requests: Sequence[tuple[Request, Sequence[Task]]]
    entries: Rows
    cases: Rows
    contact_events: Rows
    disclosures: Rows
    informed: dict[int, Told]
    quarantine: Rows
    files: Rows
    waiting: int
    contacts: frozenset[str]
    others: Sequence[str]
    taken: frozenset[str]


def read_dossier(connection: Connection, customer_id: str, now: datetime) -> Dossier | None:
    """What is held of the customer with this id; `None` where nobody bears it. `now` tells which bookings are past."""
    customer = connection.execute(select(_customer).where(_customer.c.id == customer_id)).one_or_none()
    if customer is None:
        return None
    records = _records(connection, customer_id)
    mine = [row.id for row in records]
    ever = hanging.ever_of(connection, customer_id)
    activities = _activities(connection, mine, now)
    names = _names(connection, customer_id)
    events = connection.execute(
        select(_event).where(or_(_event.c.customer_id.in_(names), _event.c.other_id.in_(names))).order_by(_event.c.id)
    ).all()
    declared = declarations.of_customer(connection, customer_id)
    return Dossier(
        customer=customer,
        records=records,
        activities=activities,
        origins=_origins(connection, {row.origin_id for row in (*records, *(one.row for one in activities))}),
        golden=_values(connection, customer_id),
        flags=_of(connection, _flag, mine),
        declared=declared,
        anchors=surroundings.anchors(connection, {one.anchor for one in declared}),
        events=events,
        look_ups=surroundings.look_ups(connection, names, customer.created_at, events),
        requests=[(one, requests.tasks(connection, one.id)) for one in requests.of_customer(connection, customer_id)],
        entries=_of(connection, _entry, ever),
        cases=cases.of_customer(connection, customer_id),
        contact_events=contact_events.of_customer(connection, customer_id),
        disclosures=disclosures.of_records(connection, ever),
        informed=indirect.notices(connection, mine),
        quarantine=_quarantined(connection, [*records, *(one.row for one in activities)]),
        files=_files(connection, {row.source for row in records}),
        waiting=surroundings.waiting(connection, mine),
        contacts=surroundings.contacts(connection, mine),
        others=surroundings.others(connection, customer_id, mine, names, events),
        taken=surroundings.taken(connection, customer_id, _named(activities)),
    )


def _names(connection: Connection, customer_id: str) -> list[str]:
    """The customer's id and every retired id that leads to it."""
    found = [customer_id]
    for name in found:
        found += connection.execute(select(_alias.c.old_id).where(_alias.c.new_id == name)).scalars()
    return found


def _records(connection: Connection, customer_id: str) -> Rows:
    link = [_link.c[name] for name in ("method", "score", "reasons", "decided_by", "decided_at")]
    query = (
        select(_record, *link)
        .join(_link, _link.c.record_id == _record.c.id)
        .where(_link.c.customer_id == customer_id, _record.c.vanished_at.is_(None))
    )
    return connection.execute(query.order_by(_record.c.source, _record.c.stream, _record.c.external_id)).all()


def _activities(connection: Connection, record_ids: Collection[int], now: datetime) -> list[Activity]:
    shown = Activities(connection, now)
    query = select(_record).where(among(connection, _record.c.owner_record_id, record_ids), _record.c.kind.in_(LISTS))
    rows = connection.execute(query.order_by(_record.c.source, _record.c.kind, _record.c.external_id)).all()
    found = [Activity(row, from_json(row.payload), shown.shown(row)) for row in rows]
    return sorted(found, key=lambda one: one.shown.get("starts_at") or one.shown.get("created_at") or "")


def _origins(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    return {
        row.id: row for row in connection.execute(select(_origin).where(_origin.c.id.in_(ids)).order_by(_origin.c.id))
    }


def _values(connection: Connection, customer_id: str) -> Rows:
    columns: tuple[Any, ...] = (
        *(_golden.c[name] for name in ("field", "value", "rule", "observed_at", "record_id")),
        _record.c.source,
        _record.c.external_id,
    )
    query = select(*columns).join(_record, _record.c.id == _golden.c.record_id)
    query = query.where(_golden.c.customer_id == customer_id)
    return connection.execute(query.order_by(_golden.c.field, _golden.c.ordinal)).all()


def _of(connection: Connection, of: Any, record_ids: Collection[int]) -> Rows:
    """Rows of a table that hang on these records, in the order in which they were written."""
    columns: tuple[Any, ...] = (of, _record.c.source, _record.c.external_id)
    query = select(*columns).join(_record, _record.c.id == of.c.record_id)
    return connection.execute(query.where(among(connection, of.c.record_id, record_ids)).order_by(of.c.id)).all()


def _quarantined(connection: Connection, records: Rows) -> Rows:
    """Rows that could not be read since, where they bear the very id of one of these."""
    wanted = {(row.source, row.stream, row.external_id) for row in records}
    query = select(_quarantine).where(among(connection, _quarantine.c.key, [key for _, _, key in wanted]))
    rows = connection.execute(query.order_by(_quarantine.c.id)).all()
    return [row for row in rows if (row.source, row.stream, row.key) in wanted]


def _files(connection: Connection, sources: Collection[str]) -> Rows:
    return connection.execute(select(_file).where(_file.c.source.in_(sources)).order_by(_file.c.imported_at)).all()


def _named(activities: Iterable[Activity]) -> set[str]:
    """The contacts that activities name."""
    return {
        value.casefold()
        for one in activities
        for name in ("client_email", "client_phone")
        if (value := one.payload.get(name))
    }
