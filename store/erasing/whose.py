"""Which rows are a person's: records that live, vanished ones that belong to them, and all that they did.

1. The customer records that were named.
2. Where the person is to go altogether, the vanished records too that no link holds any more: those whose customer id
   leads to theirs, those decided to be the same, and those with one of their contacts and one of their first names.
   None that was decided to be somebody else, nor by contact one whose contact and first name somebody has who stays.
3. Activities of these records, by the owner found or named; and those without an owner that name a contact or a whole
   name that nobody has who stays, or a shared contact and the first name.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, select, text

from store.among import among, chunks
from store.batch import ACTIVITIES, CUSTOMER
from store.decisions import customer_named
from store.declarations import CONTACT_KINDS, first_names
from store.erasing.traces import words_of
from store.matching import rulings
from store.owners import PREFIX
from store.tables import (
    CustomerAlias,
    DeclarationContact,
    DeclarationRecord,
    Link,
    MatchFeature,
    MatchKey,
    SourceRecord,
    table,
)

NAME_KINDS = ("name", "fullname")
_SAME, _DIFFERENT = "same", "different"

_record = table(SourceRecord)
_key = table(MatchKey)
_feature = table(MatchFeature)
_link = table(Link)
_alias = table(CustomerAlias)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)

_COLUMNS = tuple(
    _record.c[name]
    for name in (
        "id", "birth_id", "source", "stream", "kind", "external_id", "payload", "origin_id", "owner_record_id",
        "first_seen_at", "vanished_at",
    )
)  # fmt: skip
_UNOWNED = text("kind IN ('booking', 'enrollment', 'order')")  # in the words of the index that answers it

Contact = tuple[str, str]
"""Kind and folded value of a match key."""
Rows = list[Row[Any]]


@dataclass(frozen=True, slots=True)
class Whose:
    """What is a person's. `people`: customer records; `activities`: what they did. `whole`: nothing of the person
    stays. `customers`: whose links hold these records, each with whether it ends with them. `contacts`: those that the
    records have or had; `holders`: of these, the ones that living records have which stay, with their first names;
    `firsts`: first names, and `names` whole ones, folded as match keys are; `borne`: of those, the ones that living
    records bear which stay."""

    people: Rows
    activities: Rows
    whole: bool
    customers: Mapping[str, bool]
    contacts: frozenset[Contact]
    holders: Mapping[Contact, frozenset[str]]
    firsts: frozenset[str]
    names: frozenset[str]
    borne: frozenset[str]

    @property
    def ids(self) -> frozenset[int]:
        """Record ids of all of it."""
        return frozenset(row.id for row in (*self.people, *self.activities))

    @property
    def person_ids(self) -> list[int]:
        """Record ids of the customer records."""
        return [row.id for row in self.people]


def whose(connection: Connection, record_ids: Iterable[int]) -> Whose:
    """What goes with these records (see the module's text); activities among them go by themselves."""
    named = rows_of(connection, record_ids)
    people = {row.id: row for row in named if row.kind == CUSTOMER}
    customers = _customers(connection, people)
    whole = bool(people) and all(customers.values()) and (bool(customers) or not _has_kin(connection, people.values()))
    if whole and customers:
        _add_vanished(connection, people, customers)
    rows = list(people.values())
    contacts, names = contacts_of(connection, rows), _keys(connection, people, NAME_KINDS)
    holders = _holders(connection, contacts, people)
    borne = _held_by_others(connection, NAME_KINDS, {value for _, value in names}, people)
    found = Whose(
        rows,
        [],
        whole,
        customers,
        contacts,
        holders,
        frozenset(firsts_of(connection, rows)),
        frozenset(value for _, value in names),
        frozenset(value for _, value in borne),
    )
    found.activities.extend(_activities(connection, found, {row.id for row in named if row.kind in ACTIVITIES}))
    return found


def rows_of(connection: Connection, record_ids: Iterable[int]) -> Rows:
    """Source records by id, without their notes."""
    found: Rows = []
    for batch in chunks(sorted(set(record_ids))):
        found += connection.execute(select(*_COLUMNS).where(among(connection, _record.c.id, batch))).all()
    return found


def _customers(connection: Connection, people: Collection[int]) -> dict[str, bool]:
    mine = select(_link.c.customer_id).distinct().where(among(connection, _link.c.record_id, people))
    ids = list(connection.execute(mine).scalars())
    rows = connection.execute(select(_link.c.customer_id, _link.c.record_id).where(_link.c.customer_id.in_(ids))).all()
    staying = {customer for customer, record in rows if record not in people}
    return {id_: id_ not in staying for id_ in ids}


def _has_kin(connection: Connection, people: Collection[Row[Any]]) -> bool:
    """Whether vanished records belong to somebody who is here still: by their id, or by a contact and a first name."""
    if any(row.birth_id and customer_named(connection, row.birth_id) for row in people):
        return True
    firsts = firsts_of(connection, people)
    holders = _holders(connection, contacts_of(connection, people), {row.id for row in people})
    return any(not firsts.isdisjoint(others) for others in holders.values())


def contacts_of(connection: Connection, people: Collection[Row[Any]]) -> frozenset[Contact]:
    """Contacts that these records have or had, or that were declared to be theirs. A row that had vanished when it came
    has no keys."""
    ids = [row.id for row in people]
    found = _keys(connection, ids, CONTACT_KINDS)
    keyed = {record for record, _ in _keyed(connection, ids)}
    for row in people:
        if row.id not in keyed:
            payload = from_json(row.payload)
            found |= {(kind, payload[kind].casefold()) for kind in CONTACT_KINDS if payload.get(kind)}
    hung = (
        select(_on_contact.c.kind, _on_contact.c.value)
        .join(_on_record, _on_record.c.declaration_id == _on_contact.c.declaration_id)
        .where(among(connection, _on_record.c.record_id, ids))
    )
    firsts = firsts_of(connection, people)
    mine = hung.where(_on_contact.c.first_name.in_([*firsts, ""]))
    return frozenset(found | {(kind, value) for kind, value in connection.execute(mine).all()})


def _keys(connection: Connection, ids: Collection[int], kinds: Collection[str]) -> set[Contact]:
    return {key for _, key in _keyed(connection, ids) if key[0] in kinds}


def _keyed(connection: Connection, ids: Collection[int]) -> list[tuple[int, Contact]]:
    query = select(_key.c.record_id, _key.c.kind, _key.c.value).where(among(connection, _key.c.record_id, ids))
    return [(record, (kind, value)) for record, kind, value in connection.execute(query).all()]


def firsts_of(connection: Connection, people: Collection[Row[Any]]) -> set[str]:
    """First names, folded as they are compared; of a record that lives by its features, of a vanished one by its
    payload."""
    lines = _lines(connection, [row.id for row in people])
    found = {first for line in lines.values() for first in first_names(line)}
    found.update(*(_first_words(row.payload) for row in people if row.id not in lines))
    return found - {""}


def _lines(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    query = select(_feature.c.record_id, _feature.c.name).where(among(connection, _feature.c.record_id, ids))
    return dict(connection.execute(query).all())


def _first_words(payload: str) -> list[str]:
    said = from_json(payload)
    guessed = said.get("name_guessed") and said.get("name")
    return compared(said.get("name") if guessed or not said.get("first_name") else said["first_name"])


def compared(name: str | None) -> list[str]:
    """The words of a name as features have them: `ae` and `oe` as the `a` and `o` for which they may stand."""
    return [word.replace("ae", "a").replace("oe", "o") for word in words_of(name or "")]


def _add_vanished(connection: Connection, people: dict[int, Row[Any]], customers: Collection[str]) -> None:
    """Add vanished records of the person, until there are no more."""
    while True:
        found = {row.id: row for row in _vanished(connection, people, customers) if row.id not in people}
        if not found:
            return
        people.update(found)


def _vanished(connection: Connection, people: Mapping[int, Row[Any]], customers: Collection[str]) -> Iterator[Row[Any]]:
    same, different = _ruled(connection, people)
    led = set(_births(connection, led_to(connection, customers)))
    contacts = contacts_of(connection, people.values())
    by_contact = _gone_with(connection, contacts)
    firsts = firsts_of(connection, people.values())
    for row in rows_of(connection, (same | led | by_contact) - different):
        if row.kind != CUSTOMER or row.vanished_at is None:
            continue
        if row.id in same or row.id in led or _is_kin(connection, row, people, firsts):
            yield row


def _ruled(connection: Connection, people: Collection[int]) -> tuple[set[int], set[int]]:
    """Records that a person decided to be the same as one of these, and to be different."""
    found: dict[str, set[int]] = {_SAME: set(), _DIFFERENT: set()}
    for ruling in rulings(connection, people):
        for pair in ruling.pairs:
            if pair[0] in people or pair[1] in people:
                found[ruling.verdict].update(pair)
    return found[_SAME] - set(people), found[_DIFFERENT] - set(people)


def led_to(connection: Connection, names: Collection[str]) -> list[str]:
    """These customer ids and all that lead to them."""
    found = list(names)
    for name in found:
        found += connection.execute(select(_alias.c.old_id).where(_alias.c.new_id == name)).scalars()
    return found


def _births(connection: Connection, names: Collection[str]) -> Iterable[int]:
    return connection.execute(select(_record.c.id).where(among(connection, _record.c.birth_id, names))).scalars()


def _gone_with(connection: Connection, contacts: Collection[Contact]) -> set[int]:
    """Vanished customer records that had one of these contacts. Those without keys are looked through."""
    gone = (_record.c.vanished_at.is_not(None), _record.c.kind == CUSTOMER)
    found: set[int] = set()
    for kind in CONTACT_KINDS:
        values = [value for other, value in contacts if other == kind]
        query = select(_key.c.record_id).join(_record, _record.c.id == _key.c.record_id).where(*gone)
        query = query.where(_key.c.kind == kind, among(connection, _key.c.value, values))
        found.update(connection.execute(query).scalars())
    keyless = select(_record.c.id, _record.c.payload).where(*gone)
    keyless = keyless.where(~select(_key.c.record_id).where(_key.c.record_id == _record.c.id).exists())
    for id_, payload in connection.execute(keyless).all():
        said = from_json(payload)
        if any((kind, str(said.get(kind)).casefold()) in contacts for kind in CONTACT_KINDS):
            found.add(id_)
    return found


def _is_kin(connection: Connection, row: Row[Any], people: Mapping[int, Row[Any]], firsts: Collection[str]) -> bool:
    """Whether a vanished record is the person's by its first name, and nobody's who stays."""
    mine = firsts_of(connection, [row])
    if mine and mine.isdisjoint(firsts):
        return False
    holders = _holders(connection, contacts_of(connection, [row]), {*people, row.id})
    return not any(mine.intersection(others) or not mine for others in holders.values())


def _holders(
    connection: Connection, contacts: Collection[Contact], leaving: Collection[int]
) -> dict[Contact, frozenset[str]]:
    """Contacts that living records have which stay, with the first names of these."""
    found: dict[Contact, set[int]] = defaultdict(set)
    for contact, record in _live(connection, CONTACT_KINDS, contacts):
        if record not in leaving:
            found[contact].add(record)
    lines = _lines(connection, {record for records in found.values() for record in records})
    return {
        contact: frozenset(first for record in records for first in first_names(lines.get(record, "")))
        for contact, records in found.items()
    }


def _live(connection: Connection, kinds: Collection[str], keys: Collection[Contact]) -> Iterator[tuple[Contact, int]]:
    """Which living customer records have these keys."""
    for kind in kinds:
        values = [value for other, value in keys if other == kind]
        query = select(_key.c.value, _key.c.record_id).join(_feature, _feature.c.record_id == _key.c.record_id)
        query = query.where(_key.c.kind == kind, _key.c.current, among(connection, _key.c.value, values))
        yield from (((kind, value), record) for value, record in connection.execute(query).all())


def _held_by_others(
    connection: Connection, kinds: Collection[str], values: Collection[str], leaving: Collection[int]
) -> set[Contact]:
    keys = [(kind, value) for kind in kinds for value in values]
    return {key for key, record in _live(connection, kinds, keys) if record not in leaving}


def _activities(connection: Connection, found: Whose, alone: Collection[int]) -> Rows:
    ids = {*alone, *_owned(connection, found)}
    if found.whole:
        ids.update(_ownerless(connection, found))
    return rows_of(connection, ids)


def _owned(connection: Connection, found: Whose) -> Iterator[int]:
    mine = among(connection, _record.c.owner_record_id, found.person_ids)
    yield from connection.execute(select(_record.c.id).where(mine)).scalars()
    named = {(row.source, row.external_id) for row in found.people}
    waiting = select(_record.c.id, _record.c.source, _record.c.owner_id).where(
        among(connection, _record.c.owner_id, [id_ for _, id_ in named]), _record.c.owner_record_id.is_(None), _UNOWNED
    )
    yield from (id_ for id_, source, owner in connection.execute(waiting).all() if (source, owner) in named)


def _ownerless(connection: Connection, found: Whose) -> Iterator[int]:
    """Activities that look for their owner by what is the person's."""
    keys = {*found.contacts, *(("name", name) for name in found.names - found.borne)}
    for kind in (*CONTACT_KINDS, "name"):
        values = [value for other, value in keys if other == kind]
        query = select(_key.c.record_id, _key.c.value, _record.c.payload).join(
            _record, _record.c.id == _key.c.record_id
        )
        query = query.where(
            _key.c.kind == PREFIX + kind,
            among(connection, _key.c.value, values),
            _record.c.owner_record_id.is_(None),
        )
        for id_, value, payload in connection.execute(query).all():
            others = found.holders.get((kind, value))
            named = compared(from_json(payload).get("client_name"))
            if others is None or (not found.firsts.isdisjoint(named) and others.isdisjoint(named)):
                yield id_
