"""What people declared about the use of their data, and whom it reaches (`store.tables.Declaration`).

A declaration reaches the records on which it hangs and, since a platform may bring a person anew under another id, each
live record that has one of its contacts and bears one of the first names that stood there; one that forbids, whoever
may bear it (`may_bear`). Who else is on the contact, a child on the mother's phone, it does not reach.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from pydantic_core import from_json
from sqlalchemy import Connection, Row, Select, and_, insert, select

from store.among import among, chunks
from store.bulk import upsert
from store.tables import (
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    GoldenValue,
    Link,
    MatchFeature,
    MatchKey,
    table,
)

_declaration = table(Declaration)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)
_link = table(Link)
_golden = table(GoldenValue)
_key = table(MatchKey)
_feature = table(MatchFeature)

CONSENT, OBJECTION, RESTRICTION, CORRECTION, LIFT = "consent", "objection", "restriction", "correction", "lift"
CONTACT_KINDS = ("email", "phone")
WITHDRAWN = "withdrawn"
NOES = ("refused", WITHDRAWN)
"""States of consent that forbid."""

Contact = tuple[str, str, str]
"""Kind and folded value of a match key, and a folded first name (empty where there is none)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A declaration to be written; fields as in `store.tables.Declaration`."""

    kind: str
    controller: str
    grantee: str
    notice_version: str
    at: datetime
    recorded_at: datetime
    recorded_by: str
    channel: str | None = None
    state: str | None = None
    scope: str | None = None
    field: str | None = None
    value: str | None = None
    brand: str | None = None
    method: str | None = None
    evidence: str | None = None
    reason: str | None = None
    request_id: int | None = None
    lifts: int | None = None

    @property
    def tightens(self) -> bool:
        """Whether it forbids something: an objection, a restriction, a refusal or a withdrawal of consent."""
        return self.kind in (OBJECTION, RESTRICTION) or (self.kind == CONSENT and self.state in NOES)


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration, the records on which it hangs, and the live records that it reaches (some of them perhaps by a
    contact). `lifted_at`: when it was lifted, `None` while it is in force."""

    id: int
    said: Said
    anchor: int
    records: frozenset[int]
    reached: frozenset[int]
    lifted_at: datetime | None = None

    def lift(self, *, at: datetime, recorded_at: datetime, recorded_by: str, reason: str | None) -> Said:
        """What lifts it, to be written on its records."""
        lift = replace(self.said, kind=LIFT, lifts=self.id, reason=reason)
        return replace(lift, at=at, recorded_at=recorded_at, recorded_by=recorded_by)


def first_names(line: str) -> tuple[str, ...]:
    """The first names in a feature's name line (`first names|last names`, or `=` and words without a sure seam, any of
    which may be one); one empty text where there is none."""
    words = line[1:] if line.startswith("=") else line.partition("|")[0]
    return tuple(dict.fromkeys(words.split())) or ("",)


def may_bear(first: str, line: str) -> bool:
    """Whether whoever has this name line may have this first name: as `first_names` has it, or no more than its
    initial, or one of the two is not known. What forbids reaches them all; whoever has another first name, it does not.
    """
    return any(
        one == first or not one or not first or (len(one) == 1 and first.startswith(one)) or first == one[:1]
        for one in (name.rstrip(".") for name in first_names(line))
    )


def contacts_of(connection: Connection, record_ids: Iterable[int]) -> set[Contact]:
    """The present contacts of live records, each with each first name of its record."""
    return {contact for _, contact in borne(connection, record_ids)}


def borne(connection: Connection, record_ids: Iterable[int]) -> list[tuple[int, Contact]]:
    """The same, each with its record."""
    query = (
        select(_feature.c.record_id, _key.c.kind, _key.c.value, _feature.c.name)
        .join(_key, _key.c.record_id == _feature.c.record_id)
        .where(_key.c.kind.in_(CONTACT_KINDS), _key.c.current)
    )
    return [
        (record, (kind, value, first))
        for batch in chunks(record_ids)
        for record, kind, value, line in connection.execute(
            query.where(among(connection, _feature.c.record_id, batch))
        ).all()
        for first in first_names(line)
    ]


def published_contacts(connection: Connection, customer_id: str) -> list[tuple[str, str]]:
    """The published contacts of a customer, corrected ones included: kind and value, as they are written."""
    names = {f"{kind}s": kind for kind in CONTACT_KINDS}
    query = select(_golden.c.field, _golden.c.value).where(_golden.c.customer_id == customer_id)
    rows = connection.execute(query.where(_golden.c.field.in_(names))).all()
    return [(names[field], from_json(value)) for field, value in rows]


def write(
    connection: Connection, said: Said, record_ids: Collection[int], contacts: Iterable[Contact], anchor: int
) -> int:
    """Write a declaration down, on these records and contacts; its id. Call inside `store.engine.writing`."""
    values = {**asdict(said), "anchor_record_id": anchor}
    id_ = int(connection.execute(insert(_declaration).values(values).returning(_declaration.c.id)).scalar_one())
    hang(connection, id_, record_ids, contacts)
    return id_


def hang(
    connection: Connection, declaration_id: int, record_ids: Iterable[int], contacts: Iterable[Contact] = ()
) -> None:
    """Let a declaration hang on these too."""
    rows = [{"declaration_id": declaration_id, "record_id": record} for record in sorted(set(record_ids))]
    hung = [
        {"declaration_id": declaration_id, "kind": kind, "value": value, "first_name": first}
        for kind, value, first in sorted(set(contacts))
    ]
    for of, values in ((_on_record, rows), (_on_contact, hung)):
        if values:
            connection.execute(upsert(connection, of).on_conflict_do_nothing(), values)


def get(connection: Connection, declaration_id: int) -> Declared | None:
    """One declaration."""
    return next(iter(_read(connection, [declaration_id])), None)


def all_of(connection: Connection, kind: str, *, in_force: bool = True) -> list[Declared]:
    """All declarations of a kind, in the order in which they were recorded."""
    query = select(_declaration.c.id).where(_declaration.c.kind == kind)
    return [
        one for one in _read(connection, connection.execute(query).scalars()) if not in_force or one.lifted_at is None
    ]


def reaching(connection: Connection, record_ids: Collection[int]) -> list[Declared]:
    """Every declaration that reaches one of these live records, lifted ones too, lifts themselves not."""
    if not record_ids or connection.execute(select(_declaration.c.id).limit(1)).first() is None:
        return []
    found: set[int] = set()
    for batch in chunks(record_ids):
        query = select(_on_record.c.declaration_id).where(among(connection, _on_record.c.record_id, batch))
        found.update(connection.execute(query).scalars())
    mine = {(kind, value) for _, (kind, value, _) in borne(connection, record_ids)}
    for values in chunks({value for _, value in mine}):
        hung = select(_on_contact).where(among(connection, _on_contact.c.value, values))
        found.update(row.declaration_id for row in connection.execute(hung).all() if (row.kind, row.value) in mine)
    wanted = set(record_ids)
    return [one for one in _read(connection, found) if not wanted.isdisjoint(one.records | one.reached)]


def entangled(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Live records whose published values may change with these: a correction that stands with one record may pass to
    another, when the first is gone or has another contact."""
    corrections = select(_declaration.c.id).where(_declaration.c.kind == CORRECTION)
    if connection.execute(corrections.limit(1)).first() is None:
        return set()
    found: set[int] = set()
    same = and_(_key.c.kind == _on_contact.c.kind, _key.c.value == _on_contact.c.value)
    for batch in chunks(record_ids):
        direct = select(_on_record.c.declaration_id).where(among(connection, _on_record.c.record_id, batch))
        by_contact = (
            select(_on_contact.c.declaration_id).join(_key, same).where(among(connection, _key.c.record_id, batch))
        )
        for query in (direct, by_contact):
            found.update(connection.execute(query.where(query.selected_columns[0].in_(corrections))).scalars())
    return {record for one in _read(connection, found) for record in one.reached}


def of_customer(connection: Connection, customer_id: str) -> list[Declared]:
    """Every declaration that reaches a customer, in the order in which they were recorded."""
    query = select(_link.c.record_id).where(_link.c.customer_id == customer_id)
    return reaching(connection, list(connection.execute(query).scalars()))


@dataclass(frozen=True, slots=True)
class Reserved:
    """Customers whose data may not be used for something: the scopes to which each objected, and whose use is
    restricted."""

    objections: Mapping[str, Collection[str]]
    restricted: Collection[str]


def reserved(connection: Connection) -> Reserved:
    """All objections and restrictions in force, by the customers that they reach."""
    objections: dict[str, set[str]] = defaultdict(set)
    found = all_of(connection, OBJECTION)
    reached = customers_reached(connection, found)
    for one in found:
        for customer in reached[one.id]:
            objections[customer].add(one.said.scope or "")
    restrictions = customers_reached(connection, all_of(connection, RESTRICTION))
    return Reserved(objections, {customer for customers in restrictions.values() for customer in customers})


def customers_reached(connection: Connection, found: Collection[Declared]) -> dict[int, set[str]]:
    """Of each of these declarations the ids of the customers that it reaches."""
    wanted = {record for one in found for record in one.reached}
    customers: dict[int, str] = {}
    for batch in chunks(wanted):
        query = select(_link.c.record_id, _link.c.customer_id)
        customers.update(dict(connection.execute(query.where(among(connection, _link.c.record_id, batch))).all()))
    return {one.id: {customers[record] for record in one.reached if record in customers} for one in found}


def _read(connection: Connection, ids: Iterable[int]) -> list[Declared]:
    rows: dict[int, Row[tuple[object, ...]]] = {}
    lifted: dict[int, datetime] = {}
    records: dict[int, set[int]] = defaultdict(set)
    for batch in chunks(ids):
        for row in connection.execute(_chosen(connection, batch)).all():
            rows[row.id] = row
        lifts = select(_declaration.c.lifts, _declaration.c.at).where(among(connection, _declaration.c.lifts, batch))
        lifted.update(dict(connection.execute(lifts).all()))
        hung = select(_on_record).where(among(connection, _on_record.c.declaration_id, batch))
        for id_, record in connection.execute(hung).all():
            records[id_].add(record)
    said = {id_: Said(**{name: getattr(row, name) for name in Said.__slots__}) for id_, row in rows.items()}
    reached = _reached(connection, records, {id_ for id_, one in said.items() if one.tightens})
    return [
        Declared(
            id_,
            said[id_],
            row.anchor_record_id,
            frozenset(records[id_]),
            frozenset(reached[id_]),
            lifted.get(id_),
        )
        for id_, row in sorted(rows.items())
    ]


def _chosen(connection: Connection, batch: Sequence[int]) -> Select[tuple[object, ...]]:
    return select(_declaration).where(among(connection, _declaration.c.id, batch), _declaration.c.kind != LIFT)


def _reached(connection: Connection, records: dict[int, set[int]], forbidding: Collection[int]) -> dict[int, set[int]]:
    """The live records that each declaration reaches."""
    reached: dict[int, set[int]] = defaultdict(set)
    for batch in chunks(records):
        direct = (  # a live record has features, be it linked already or not
            select(_on_record.c.declaration_id, _on_record.c.record_id)
            .join(_feature, _feature.c.record_id == _on_record.c.record_id)
            .where(among(connection, _on_record.c.declaration_id, batch))
        )
        for id_, record in connection.execute(direct).all():
            reached[id_].add(record)
        same = and_(_key.c.kind == _on_contact.c.kind, _key.c.value == _on_contact.c.value, _key.c.current)
        by_contact = (
            select(_on_contact.c.declaration_id, _on_contact.c.first_name, _feature.c.record_id, _feature.c.name)
            .join(_key, same)
            .join(_feature, _feature.c.record_id == _key.c.record_id)
            .where(among(connection, _on_contact.c.declaration_id, batch))
        )
        for id_, first, record, line in connection.execute(by_contact).all():
            if first in first_names(line) or (id_ in forbidding and may_bear(first, line)):
                reached[id_].add(record)
    return reached
