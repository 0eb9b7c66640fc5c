"""Bookings that name no customer id: which customer records of their own source have their contacts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from store.among import among, chunks
from store.batch import Key
from store.tables import MatchKey, SourceRecord, table

_record = table(SourceRecord)
_key = table(MatchKey)
PREFIX = "owner:"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A live customer record that has, or once had (`former`), the contact by which a booking looks for its owner."""

    kind: str
    record_id: int
    payload: str
    former: bool


@dataclass(frozen=True, slots=True)
class Seeker:
    """A booking without an owner. `payload` is its JSON."""

    record_id: int
    payload: str
    candidates: tuple[Candidate, ...]


def seekers(connection: Connection, source: str, record_ids: Iterable[int]) -> list[Seeker]:
    """The bookings among these records that name nobody by id and have no owner yet, with their candidates."""
    found: list[Seeker] = []
    for batch in chunks(record_ids):
        query = select(_record.c.id, _record.c.payload).where(
            among(connection, _record.c.id, batch), _record.c.owner_id.is_(None), _record.c.owner_record_id.is_(None)
        )
        payloads = dict(connection.execute(query).all())
        candidates = _candidates(connection, source, list(payloads))
        found.extend(Seeker(id_, payload, tuple(candidates[id_])) for id_, payload in payloads.items())
    return found


def _candidates(connection: Connection, source: str, booking_ids: Sequence[int]) -> dict[int, list[Candidate]]:
    found: dict[int, list[Candidate]] = defaultdict(list)
    if not booking_ids:
        return found
    wanted = select(_key.c.record_id, _key.c.kind, _key.c.value).where(
        among(connection, _key.c.record_id, booking_ids), _key.c.current.is_(True)
    )
    by_key: dict[Key, list[int]] = defaultdict(list)
    for booking, kind, value in connection.execute(wanted).all():
        by_key[kind.removeprefix(PREFIX), value].append(booking)
    for kind in {kind for kind, _ in by_key}:
        values = [value for other, value in by_key if other == kind]
        query = (
            select(_key.c.value, _key.c.record_id, _record.c.payload, _key.c.current)
            .join(_record, _record.c.id == _key.c.record_id)
            .where(_key.c.kind == kind, among(connection, _key.c.value, values))
            .where(_record.c.source == source, _record.c.vanished_at.is_(None), _record.c.kind == "customer")
            .order_by(_key.c.record_id)
        )
        for value, record, payload, current in connection.execute(query).all():
            for booking in by_key[kind, value]:
                found[booking].append(Candidate(kind, record, payload, not current))
    return found


def seeking(connection: Connection, source: str, record_ids: Iterable[int]) -> list[int]:
    """Bookings without an owner that look for a contact which any of these customer records has."""
    found: set[int] = set()
    for batch in chunks(record_ids):
        theirs = _key.alias()
        query = (
            select(_key.c.record_id)
            .distinct()
            .join(theirs, (_key.c.value == theirs.c.value) & (_key.c.kind == PREFIX + theirs.c.kind))
            .join(_record, _record.c.id == _key.c.record_id)
            .where(among(connection, theirs.c.record_id, batch))
            .where(_record.c.source == source, _record.c.owner_record_id.is_(None), _record.c.owner_id.is_(None))
        )
        found.update(connection.execute(query).scalars().all())
    return sorted(found)


def settle(connection: Connection, owners: Sequence[tuple[int, int]]) -> None:
    """Give bookings to their owners: (booking record id, customer record id)."""
    if owners:
        statement = update(_record).where(_record.c.id == bindparam("b_id"))
        connection.execute(
            statement.values(owner_record_id=bindparam("owner")),
            [{"b_id": booking, "owner": owner} for booking, owner in owners],
        )


def owners_of(connection: Connection, record_ids: Iterable[int]) -> list[int]:
    """The owners of these activities, where they have one."""
    found: set[int] = set()
    for batch in chunks(record_ids):
        query = (
            select(_record.c.owner_record_id)
            .distinct()
            .where(among(connection, _record.c.id, batch), _record.c.owner_record_id.is_not(None))
        )
        found.update(owner for owner in connection.execute(query).scalars().all() if owner is not None)
    return sorted(found)
