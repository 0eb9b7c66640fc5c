"""What goes with a person, table by table, in an order in which no row is left that points to one that is gone.

Call everything inside `store.engine.writing`. `store.erasing.texts` does what is only told of a person.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, or_, select, update

from store.among import among, chunks
from store.declarations import CONSENT, CORRECTION, entangled
from store.erasing.kin import led_to
from store.erasing.whose import Whose
from store.landing import enqueue
from store.matching import block_keys
from store.tables import (
    CustomerAlias,
    CustomerEvent,
    Decision,
    DecisionPair,
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    DirectMarketingEntry,
    DisclosureRecord,
    FlagObservation,
    GoldenValue,
    IndirectNotice,
    Link,
    MasterCustomer,
    MatchFeature,
    MatchKey,
    MatchPair,
    Origin,
    ReconcileQueue,
    SourceRecord,
    table,
)

_MOST = {"fullname": 20}
_MOST_OF_A_CONTACT = 500
"""Records on one name or contact that are looked at again: where more are, it says nothing with one less either."""

_record = table(SourceRecord)
_key = table(MatchKey)
_feature = table(MatchFeature)
_link = table(Link)
_customer = table(MasterCustomer)
_golden = table(GoldenValue)
_pair = table(MatchPair)
_decision = table(Decision)
_decision_pair = table(DecisionPair)
_declaration = table(Declaration)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)
_alias = table(CustomerAlias)
_event = table(CustomerEvent)
_origin = table(Origin)
_HANGING = tuple(
    table(model)
    for model in (
        Link,
        MatchKey,
        MatchFeature,
        FlagObservation,
        ReconcileQueue,
        DirectMarketingEntry,
        DisclosureRecord,
        IndirectNotice,
    )
)
"""Tables whose rows hang on one record, by `record_id`."""


def secure(connection: Connection) -> None:
    """Have SQLite write zeros over what is deleted from now on by this connection (sqlite.org/pragma.html)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def neighbours(connection: Connection, found: Whose) -> set[int]:
    """Living customer records that stay and must be reconciled again, since something of theirs depends on what goes.
    Ask before it goes.

    1. The other records of a customer, whoever was compared with one of these or decided about together with it.
    2. Everybody on a contact, an address or a name of theirs: who else is on it counts.
    3. Whom a correction reaches that hangs on these; owners of activities that go.
    """
    mine = found.person_ids
    near = {row.owner_record_id for row in found.activities if row.owner_record_id}
    if mine:
        query = select(_link.c.record_id).where(among(connection, _link.c.customer_id, list(found.customers)))
        near.update(connection.execute(query).scalars())
        for of in (_pair, _decision_pair):
            near.update(record for pair in _pairs(connection, of, mine) for record in pair)
        near |= set(_in_blocks(connection, mine)) | entangled(connection, mine)
    return _living(connection, near - found.ids)


def handlers(connection: Connection, found: Whose) -> list[str]:
    """Names of the parties that handle these rows for the controller, sorted."""
    query = select(_origin.c.processor).distinct().where(_origin.c.processor_id != "none")
    mine = {row.origin_id for row in (*found.people, *found.activities)}
    return sorted(connection.execute(query.where(among(connection, _origin.c.id, mine))).scalars())


def _pairs(connection: Connection, of: Table, ids: Collection[int]) -> Iterable[tuple[int, int]]:
    query = select(of.c.a_record_id, of.c.b_record_id).where(_touching(connection, of, ids))
    return ((a, b) for a, b in connection.execute(query).all())


def _touching(connection: Connection, of: Table, ids: Collection[int]) -> Any:
    return or_(among(connection, of.c.a_record_id, ids), among(connection, of.c.b_record_id, ids))


def _in_blocks(connection: Connection, ids: Collection[int]) -> Iterable[int]:
    for kind, value in {key for _, key, _ in block_keys(connection, ids)}:
        there = select(_key.c.record_id).where(_key.c.kind == kind, _key.c.value == value, _key.c.current)
        most = _MOST.get(kind, _MOST_OF_A_CONTACT)
        members = connection.execute(there.limit(most + 1)).scalars().all()
        if len(members) <= most:
            yield from members


def _living(connection: Connection, ids: Collection[int]) -> set[int]:
    query = select(_feature.c.record_id).where(among(connection, _feature.c.record_id, ids))
    return set(connection.execute(query).scalars())


def remove(connection: Connection, found: Whose, queued: Iterable[int]) -> Counter[str]:
    """Delete what is theirs, and queue whoever is near; the number of rows, by table."""
    gone: Counter[str] = Counter()
    ids = sorted(found.ids)
    _end_customers(connection, found, gone)
    for of in (_pair, _decision_pair):
        _drop(connection, of, _touching(connection, of, ids), gone)
    _drop(connection, _decision, ~_decision.c.id.in_(select(_decision_pair.c.decision_id)), gone)
    _drop_declarations(connection, found, gone)
    for of in _HANGING:
        _drop(connection, of, among(connection, of.c.record_id, ids), gone)
    for rows in (found.activities, found.people):
        for batch in chunks(row.id for row in rows):
            _drop(connection, _record, among(connection, _record.c.id, batch), gone)
    enqueue(connection, sorted(queued))
    return gone


def _drop(connection: Connection, of: Table, which: Any, gone: Counter[str]) -> None:
    number = connection.execute(delete(of).where(which)).rowcount
    if number:
        gone[of.name] += number


def _end_customers(connection: Connection, found: Whose, gone: Counter[str]) -> None:
    """A customer without a record ends; what one that stays has is published anew."""
    ended = [id_ for id_, ends in found.customers.items() if ends]
    staying = [id_ for id_, ends in found.customers.items() if not ends]
    _drop(connection, _golden, among(connection, _golden.c.customer_id, ended), gone)
    theirs = among(connection, _golden.c.customer_id, staying)
    _drop(connection, _golden, and_(theirs, among(connection, _golden.c.record_id, sorted(found.ids))), gone)
    anew = among(connection, _customer.c.id, staying)
    connection.execute(update(_customer).where(anew).values(content_sha256=""))
    _drop(connection, _link, among(connection, _link.c.record_id, sorted(found.ids)), gone)
    _drop(connection, _customer, among(connection, _customer.c.id, ended), gone)
    if found.whole:
        names = names_of(connection, found)
        led = or_(among(connection, _alias.c.new_id, names), among(connection, _alias.c.old_id, names))
        told = or_(among(connection, _event.c.customer_id, names), among(connection, _event.c.other_id, names))
        _drop(connection, _alias, led, gone)
        _drop(connection, _event, told, gone)


def names_of(connection: Connection, found: Whose) -> list[str]:
    """Every id under which the person was a customer."""
    return led_to(connection, sorted({*found.customers, *(row.birth_id for row in found.people if row.birth_id)}))


def _drop_declarations(connection: Connection, found: Whose, gone: Counter[str]) -> None:
    """A declaration goes with the last record on which it hangs, and one that loosens or corrects with its anchor: it
    counts nowhere else. What else hangs on a record that stays, stays with it: it may have been said for both."""
    mine = found.person_ids
    hung = select(_on_record.c.declaration_id).where(among(connection, _on_record.c.record_id, mine))
    anchored = select(_declaration.c.id).where(among(connection, _declaration.c.anchor_record_id, mine))
    touched = {*connection.execute(hung).scalars(), *connection.execute(anchored).scalars()}
    _drop(connection, _on_record, among(connection, _on_record.c.record_id, mine), gone)
    staying = _rests(connection, touched)
    lifts = select(_declaration.c.id).where(among(connection, _declaration.c.lifts, touched - staying.keys()))
    going = touched - staying.keys() | set(connection.execute(lifts).scalars())
    for of in (_on_contact, _on_record):
        _drop(connection, of, among(connection, of.c.declaration_id, going), gone)
    _drop(connection, _declaration, among(connection, _declaration.c.id, going), gone)
    for id_, record in staying.items():
        off = and_(_declaration.c.id == id_, among(connection, _declaration.c.anchor_record_id, mine))
        connection.execute(update(_declaration).where(off).values(anchor_record_id=record))
    if found.whole:
        _drop_contacts(connection, found, gone)


def _rests(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Which of these declarations stay, each with the first record on which it still hangs."""
    rests: dict[int, list[int]] = {}
    left = select(_on_record).where(among(connection, _on_record.c.declaration_id, ids))
    for id_, record in connection.execute(left).all():
        rests.setdefault(id_, []).append(record)
    said = [_declaration.c[name] for name in ("id", "kind", "state", "anchor_record_id")]
    rows = connection.execute(select(*said).where(among(connection, _declaration.c.id, list(rests)))).all()
    return {
        id_: min(rests[id_])
        for id_, kind, state, anchor in rows
        if anchor in rests[id_] or not (kind == CORRECTION or (kind == CONSENT and state == "granted"))
    }


def _drop_contacts(connection: Connection, found: Whose, gone: Counter[str]) -> None:
    """Contacts under the person's first names, on whatever declaration, that nobody has who stays."""
    for kind, value in sorted(found.contacts - found.holders.keys()):
        same = and_(_on_contact.c.kind == kind, _on_contact.c.value == value)
        _drop(connection, _on_contact, same, gone)
    for (kind, value), others in sorted(found.holders.items()):
        same = and_(_on_contact.c.kind == kind, _on_contact.c.value == value)
        own = found.firsts - others
        _drop(connection, _on_contact, and_(same, _on_contact.c.first_name.in_(sorted(own))), gone)
