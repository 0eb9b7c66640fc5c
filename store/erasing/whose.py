"""Which rows are a person's: records that live, others that belong to them, and all that they did.

1. The customer records that were named.
2. Where the person is to go altogether, the records too that no link holds, since they have vanished or wait to be
   reconciled: those whose customer id leads to theirs, those decided to be the same, and those with one of their
   contacts and one of their first names.
   None that was decided to be somebody else, nor by contact one whose contact and first name somebody has who stays.
3. Activities of these records, by the owner found or named; and those without an owner that name a contact or a whole
   name that nobody has who stays, or a shared contact and the first name.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic_core import from_json
from sqlalchemy import Connection, select, text

from store.among import among
from store.batch import ACTIVITIES, CUSTOMER
from store.declarations import CONTACT_KINDS
from store.erasing.kin import Rows, add_kin, has_kin, rows_of
from store.erasing.known import (
    NAME_KINDS,
    Contact,
    borne_by_others,
    compared,
    contacts_of,
    firsts_of,
    holders_of,
    keys_of,
)
from store.owners import PREFIX
from store.tables import Link, MatchKey, SourceRecord, table

_record = table(SourceRecord)
_key = table(MatchKey)
_link = table(Link)

_UNOWNED = text("kind IN ('booking', 'enrollment', 'order')")  # in the words of the index that answers it


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
    whole = bool(people) and all(customers.values()) and (bool(customers) or not has_kin(connection, people.values()))
    if whole and customers:
        add_kin(connection, people, customers)
    rows = list(people.values())
    contacts, names = contacts_of(connection, rows), keys_of(connection, people, NAME_KINDS)
    holders = holders_of(connection, contacts, people)
    borne = borne_by_others(connection, NAME_KINDS, {value for _, value in names}, people)
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


def _customers(connection: Connection, people: Collection[int]) -> dict[str, bool]:
    mine = select(_link.c.customer_id).distinct().where(among(connection, _link.c.record_id, people))
    ids = list(connection.execute(mine).scalars())
    rows = connection.execute(select(_link.c.customer_id, _link.c.record_id).where(_link.c.customer_id.in_(ids))).all()
    staying = {customer for customer, record in rows if record not in people}
    return {id_: id_ not in staying for id_ in ids}


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
