"""Records of a person that no link holds: vanished ones, and what has landed and waits to be reconciled."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, select

from store.among import among, chunks
from store.batch import CUSTOMER
from store.decisions import customer_named
from store.declarations import CONTACT_KINDS
from store.erasing.known import Contact, contacts_of, firsts_of, holders_of
from store.matching import rulings
from store.tables import CustomerAlias, Link, MatchKey, SourceRecord, table

_SAME, _DIFFERENT = "same", "different"

_record = table(SourceRecord)
_key = table(MatchKey)
_link = table(Link)
_alias = table(CustomerAlias)

_COLUMNS = tuple(
    _record.c[name]
    for name in (
        "id", "birth_id", "source", "stream", "kind", "external_id", "payload", "origin_id", "owner_record_id",
        "first_seen_at", "vanished_at",
    )
)  # fmt: skip
Rows = list[Row[Any]]
_Stated = tuple[int, frozenset[Contact]]
"""A customer record and the contacts that it states."""


def rows_of(connection: Connection, record_ids: Iterable[int]) -> Rows:
    """Source records by id, without their notes."""
    found: Rows = []
    for batch in chunks(sorted(set(record_ids))):
        found += connection.execute(select(*_COLUMNS).where(among(connection, _record.c.id, batch))).all()
    return found


def has_kin(connection: Connection, people: Collection[Row[Any]]) -> bool:
    """Whether vanished records belong to somebody who is here still: by their id, or by a contact and a first name of
    somebody who was not decided to be somebody else."""
    if any(row.birth_id and customer_named(connection, row.birth_id) for row in people):
        return True
    firsts = firsts_of(connection, people)
    ids = {row.id for row in people}
    _, different = _ruled(connection, ids)
    holders = holders_of(connection, contacts_of(connection, people), ids | different)
    return any(not firsts.isdisjoint(others) for others in holders.values())


def add_kin(connection: Connection, people: dict[int, Row[Any]], customers: Collection[str]) -> None:
    """Add records of the person that no link holds, until there are no more."""
    keyless = _vanished_without_keys(connection)
    while True:
        found = {row.id: row for row in _without_link(connection, people, customers, keyless) if row.id not in people}
        if not found:
            return
        people.update(found)


def _without_link(
    connection: Connection, people: Mapping[int, Row[Any]], customers: Collection[str], keyless: Sequence[_Stated]
) -> Iterator[Row[Any]]:
    same, different = _ruled(connection, people)
    led = set(_births(connection, led_to(connection, customers)))
    contacts = contacts_of(connection, people.values())
    by_contact = _unlinked_with(connection, contacts, keyless)
    firsts = firsts_of(connection, people.values())
    unlinked = _unlinked(connection, (same | led | by_contact) - different)
    leaving = unlinked | set(people)
    for row in rows_of(connection, unlinked):
        if row.kind == CUSTOMER and (
            row.id in same or row.id in led or _is_kin(connection, row, contacts, leaving, firsts)
        ):
            yield row


def _unlinked(connection: Connection, ids: Collection[int]) -> set[int]:
    query = select(_link.c.record_id).where(among(connection, _link.c.record_id, ids))
    return set(ids) - set(connection.execute(query).scalars())


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


def _vanished_without_keys(connection: Connection) -> list[_Stated]:
    """Customer records that had vanished when they came, with the contacts that they state."""
    query = select(_record.c.id, _record.c.payload).where(
        _record.c.vanished_at.is_not(None), _record.c.kind == CUSTOMER
    )
    query = query.where(~select(_key.c.record_id).where(_key.c.record_id == _record.c.id).exists())
    stated = ((id_, from_json(payload)) for id_, payload in connection.execute(query).all())
    return [(id_, frozenset((kind, str(said.get(kind)).casefold()) for kind in CONTACT_KINDS)) for id_, said in stated]


def _unlinked_with(connection: Connection, contacts: Collection[Contact], keyless: Iterable[_Stated]) -> set[int]:
    """Customer records without a link that have or had one of these contacts."""
    linked = select(_link.c.record_id).where(_link.c.record_id == _record.c.id).exists()
    found: set[int] = set()
    for kind in CONTACT_KINDS:
        values = [value for other, value in contacts if other == kind]
        query = select(_key.c.record_id).join(_record, _record.c.id == _key.c.record_id).where(~linked)
        query = query.where(_key.c.kind == kind, among(connection, _key.c.value, values))
        found.update(connection.execute(query).scalars())
    found.update(id_ for id_, stated in keyless if not stated.isdisjoint(contacts))
    return found


def _is_kin(
    connection: Connection,
    row: Row[Any],
    contacts: Collection[Contact],
    leaving: Collection[int],
    firsts: Collection[str],
) -> bool:
    """Whether such a record is the person's: by its first name, and by contacts that nobody of that name has who stays.
    Of one that vanished, which nobody who stays can lose, it is enough that a contact of the person's is such."""
    mine = firsts_of(connection, [row])
    if mine and mine.isdisjoint(firsts):
        return False
    stated = contacts_of(connection, [row])
    taken = {
        contact
        for contact, others in holders_of(connection, stated, leaving).items()
        if not mine or mine.intersection(others)
    }
    if row.vanished_at is None or not mine:
        return not taken
    return not taken.issuperset(stated.intersection(contacts))
