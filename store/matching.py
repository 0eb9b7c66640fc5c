"""What reconciling reads: the queue, records with their keys and blocks, links, decisions. Questions only, no verdicts.

Every function takes any number of ids.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from store.among import among, chunks
from store.batch import Key
from store.bulk import rows_among
from store.tables import (
    Decision,
    DecisionPair,
    FlagObservation,
    Link,
    MatchKey,
    MatchPair,
    Origin,
    ReconcileQueue,
    SourceRecord,
    table,
)

_PORTION = 20_000
CONTACT_KINDS = ("email", "phone", "address")
BLOCK_KINDS = (*CONTACT_KINDS, "fullname")

_record = table(SourceRecord)
_origin = table(Origin)
_key = table(MatchKey)
_queue = table(ReconcileQueue)
_link = table(Link)
_pair = table(MatchPair)
_decision = table(Decision)
_decision_pair = table(DecisionPair)
_flag = table(FlagObservation)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A live customer record. `payload` is JSON text."""

    id: int
    birth_id: str
    source: str
    external_id: str
    payload: str
    retrieved_at: datetime
    first_seen_at: datetime
    source_updated_at: datetime | None
    brand: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it is held."""

    record_id: int
    customer_id: str
    method: str
    score: float
    reasons: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class PairRow:
    """A match pair as it is held, `a < b`."""

    a: int
    b: int
    verdict: str
    score: float
    reasons: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class RulingRow:
    """A decision in force with its pairs."""

    id: int
    verdict: str
    pairs: tuple[tuple[int, int], ...]


def queued(connection: Connection, limit: int) -> list[int]:
    """Record ids that wait for reconciling, smallest first."""
    query = select(_queue.c.record_id).order_by(_queue.c.record_id).limit(limit)
    return list(connection.execute(query).scalars().all())


def queued_among(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of these records that wait in the queue."""
    query = "SELECT record_id FROM reconcile_queue WHERE record_id {among}"
    return {record for batch in chunks(ids) for (record,) in rows_among(connection, query, batch)}


def live_people(connection: Connection, ids: Iterable[int]) -> dict[int, PersonRow]:
    """The live customer records among these, by id."""
    columns = (
        _record.c.id,
        _record.c.birth_id,
        _record.c.source,
        _record.c.external_id,
        _record.c.payload,
        _record.c.retrieved_at,
        _record.c.first_seen_at,
        _record.c.source_updated_at,
        _origin.c.brand,
    )
    found: dict[int, PersonRow] = {}
    for batch in chunks(ids):
        query = (
            select(*columns)
            .join(_origin, _origin.c.id == _record.c.origin_id)
            .where(
                among(connection, _record.c.id, batch), _record.c.vanished_at.is_(None), _record.c.kind == "customer"
            )
        )
        for row in connection.execute(query).all():
            found[row[0]] = PersonRow(*row)
    return found


def births(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The own id of each of these customer records, live or not."""
    found: dict[int, str] = {}
    for batch in chunks(ids):
        query = select(_record.c.id, _record.c.birth_id).where(among(connection, _record.c.id, batch))
        found.update({id_: birth for id_, birth in connection.execute(query).all()})  # noqa: C416 - no plain tuples
    return found


def links(connection: Connection, ids: Iterable[int]) -> dict[int, LinkRow]:
    """The links of these records."""
    found: dict[int, LinkRow] = {}
    for batch in chunks(ids):
        for row in connection.execute(select(_link).where(among(connection, _link.c.record_id, batch))).all():
            found[row.record_id] = LinkRow(*row)
    return found


FeatureRow = tuple[int, str, str | None, str | None, str | None, str]
"""Record id, name line, address, e-mail, phone, source (`store.tables.MatchFeature`)."""
_FEATURES = "SELECT record_id, name, address, email, phone, source FROM match_feature"


def features(connection: Connection, ids: Collection[int]) -> list[FeatureRow]:
    """What these records are compared by, those of them that live."""
    return [
        row for batch in chunks(ids) for row in rows_among(connection, f"{_FEATURES} WHERE record_id {{among}}", batch)
    ]


def every_feature(connection: Connection) -> Iterator[FeatureRow]:
    """What every live customer record is compared by, in order of record ids."""
    yield from _every(connection, f"{_FEATURES} ORDER BY record_id")


def every_link(connection: Connection) -> Iterator[tuple[int, str, str, float]]:
    """Every link in order of record ids: record id, customer id, method, score."""
    yield from _every(connection, "SELECT record_id, customer_id, method, score FROM link ORDER BY record_id")


def every_pair(connection: Connection) -> Iterator[tuple[int, int, str, float]]:
    """Every match pair in order: record ids, verdict, score."""
    query = "SELECT a_record_id, b_record_id, verdict, score FROM match_pair ORDER BY a_record_id, b_record_id"
    yield from _every(connection, query)


def every_birth(connection: Connection) -> Iterator[tuple[int, str]]:
    """Record id and birth id of every customer record, vanished ones too."""
    yield from _every(connection, "SELECT id, birth_id FROM source_record WHERE birth_id IS NOT NULL")


def every_ruling(connection: Connection) -> list[RulingRow]:
    """Every decision in force with its pairs."""
    return rulings(connection, connection.execute(select(_decision_pair.c.a_record_id).distinct()).scalars())


def _every(connection: Connection, query: str) -> Iterator[Any]:
    """Rows in portions, on SQLite as its driver gives them: a wrapped row costs as much as the reading of it."""
    result = connection.exec_driver_sql(query, execution_options={"stream_results": True})
    if connection.dialect.name == "postgresql":
        for rows in result.partitions(_PORTION):
            yield from rows
        return
    cursor: Any = result.cursor
    while rows := cursor.fetchmany(_PORTION):
        yield from rows
    result.close()


def linked_to(connection: Connection, customer_ids: Iterable[str]) -> set[int]:
    """Records that are linked to any of these customers."""
    found: set[int] = set()
    for batch in chunks(customer_ids):
        found.update(
            connection.execute(select(_link.c.record_id).where(among(connection, _link.c.customer_id, batch)))
            .scalars()
            .all()
        )
    return found


def block_keys(connection: Connection, ids: Iterable[int]) -> list[tuple[int, Key, bool]]:
    """Keys that these records have or had: (record, key, whether it is a present one of a live record)."""
    # Kinds are told apart here: asked for them too, SQLite goes through all keys of a kind.
    query = 'SELECT record_id, kind, value, "current" FROM match_key WHERE record_id {among}'
    return [
        (record, (kind, value), bool(current))
        for batch in chunks(ids)
        for record, kind, value, current in rows_among(connection, query, batch)
        if kind in BLOCK_KINDS
    ]


def _per_kind(keys: Iterable[Key]) -> Iterator[tuple[str, list[str]]]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in keys:
        by_kind[kind].append(value)
    for kind, values in by_kind.items():
        for batch in chunks(values):
            yield kind, batch


def block_sizes(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """How many live records have each of these keys; those that fewer than two have are left out."""
    query = (
        'SELECT value, count(*) FROM match_key WHERE "current" AND kind = ? AND value {among}'
        " GROUP BY value HAVING count(*) > 1"
    )
    return {
        (kind, value): count
        for kind, values in _per_kind(keys)
        for value, count in rows_among(connection, query, values, kind)
    }


def block_members(connection: Connection, keys: Iterable[Key]) -> dict[Key, list[int]]:
    """The live records that have each of these keys."""
    query = 'SELECT value, record_id FROM match_key WHERE "current" AND kind = ? AND value {among}'
    members: dict[Key, list[int]] = defaultdict(list)
    for kind, values in _per_kind(keys):
        for value, record in rows_among(connection, query, values, kind):
            members[kind, value].append(record)
    return members


def queued_in_blocks(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    """How many queued records have or had each of these contacts."""
    counts: dict[Key, int] = {}
    for kind, values in _per_kind(keys):
        query = (
            select(_key.c.value, func.count())
            .join(_queue, _queue.c.record_id == _key.c.record_id)
            .where(_key.c.kind == kind, among(connection, _key.c.value, values))
            .group_by(_key.c.value)
        )
        counts.update({(kind, value): count for value, count in connection.execute(query).all()})
    return counts


def rulings(connection: Connection, ids: Iterable[int]) -> list[RulingRow]:
    """The decisions in force that speak of any of these records, with all their pairs."""
    decision_ids: set[int] = set()
    for batch in chunks(ids):
        touching = or_(
            among(connection, _decision_pair.c.a_record_id, batch),
            among(connection, _decision_pair.c.b_record_id, batch),
        )
        query = select(_decision_pair.c.decision_id).distinct().where(touching)
        decision_ids.update(connection.execute(query).scalars().all())
    if not decision_ids:
        return []
    found: dict[int, tuple[str, list[tuple[int, int]]]] = {}
    for batch in chunks(decision_ids):
        query = (
            select(_decision.c.id, _decision.c.verdict, _decision_pair.c.a_record_id, _decision_pair.c.b_record_id)
            .join(_decision_pair, _decision_pair.c.decision_id == _decision.c.id)
            .where(among(connection, _decision.c.id, batch), _decision.c.undone_at.is_(None))
        )
        for id_, verdict, a, b in connection.execute(query).all():
            found.setdefault(id_, (verdict, []))[1].append((a, b))
    return [RulingRow(id_, verdict, tuple(pairs)) for id_, (verdict, pairs) in found.items()]


def match_pairs(connection: Connection, ids: Iterable[int]) -> dict[tuple[int, int], PairRow]:
    """The match pairs in which any of these records stands."""
    found: dict[tuple[int, int], PairRow] = {}
    for batch in chunks(ids):
        query = select(_pair).where(
            or_(among(connection, _pair.c.a_record_id, batch), among(connection, _pair.c.b_record_id, batch))
        )
        for row in connection.execute(query).all():
            found[row[0], row[1]] = PairRow(*row)
    return found


def flags_seen(connection: Connection, ids: Sequence[int]) -> dict[tuple[int, str], list[tuple[bool | None, datetime]]]:
    """All values of each record's marketing flags with their times, by channel, in the order in which they were
    seen."""
    seen: dict[tuple[int, str], list[tuple[bool | None, datetime]]] = defaultdict(list)
    for batch in chunks(ids):
        query = select(_flag.c.record_id, _flag.c.channel, _flag.c.value, _flag.c.observed_at)
        rows = connection.execute(query.where(among(connection, _flag.c.record_id, batch)).order_by(_flag.c.id))
        for record, channel, value, at in rows.all():
            seen[record, channel].append((value, at))
    return seen


def no_shows(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """No-shows counted from live bookings, for records that have any booking."""
    counts: dict[int, int] = {}
    missed: Any = func.count().filter(_record.c.state == "no_show")
    for batch in chunks(ids):
        query = (
            select(_record.c.owner_record_id, missed)
            .where(and_(among(connection, _record.c.owner_record_id, batch), _record.c.kind == "booking"))
            .where(_record.c.vanished_at.is_(None))
            .group_by(_record.c.owner_record_id)
        )
        counts.update(dict(connection.execute(query).all()))
    return counts
