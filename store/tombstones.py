"""What is left of people who were erased: digests by which their rows are known again (`store.tables.Tombstone`).

Looked up where a row of a platform is new, a page at a time: what that costs grows with what is new, not with how many
were erased.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, insert, select, text, update

from store import runs
from store.among import among, chunks
from store.bulk import rows_among, run_plain, upsert
from store.tables import ReentryDecision, Tombstone, TombstoneKey, table

_tombstone = table(Tombstone)
_key = table(TombstoneKey)
_decision = table(ReentryDecision)

ADMIT, REFUSE = "admit", "refuse"
RECORD, SHARED = "record", "shared"
_KEYS_STAMP = "tombstone_keys"

Key = tuple[str, str]
"""Kind and digest (`store.tables.TombstoneKey`)."""

# Asked of every page, so in plain SQL.
_STANDING = (
    "SELECT (SELECT max(id) FROM tombstone), EXISTS (SELECT 1 FROM reentry_decision),"
    f" (SELECT value FROM counter WHERE name = '{_KEYS_STAMP}')"
)
_KEYS = "SELECT digest FROM tombstone_key WHERE digest {among}"
_HITS = (
    "SELECT k.digest, k.kind, k.tombstone_id FROM tombstone_key k JOIN tombstone t ON t.id = k.tombstone_id"
    " WHERE t.released_at IS NULL AND k.digest {among}"
)
_COUNT_ON = "SELECT setval(pg_get_serial_sequence('tombstone', 'id'), (SELECT max(id) FROM tombstone))"
_WAITING = "SELECT key, tombstone_id FROM quarantine WHERE source = ? AND stream = ? AND key {among}"


@dataclass(frozen=True, slots=True)
class Stone:
    """A tombstone as it stands (`store.tables.Tombstone`)."""

    id: int
    basis: str
    effective_at: datetime
    request_id: int | None
    review_on: date | None
    hits: int
    last_hit_at: datetime | None
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None


class Hit(NamedTuple):
    """A tombstone in force, and since when its person is erased."""

    tombstone_id: int
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Hits:
    """By digest the tombstones in force of which it is a key; `shared`: those of which it is a contact that counts with
    a first name only."""

    keys: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    shared: Mapping[str, Sequence[Hit]] = field(default_factory=dict)


class Standing(NamedTuple):
    """Id of the newest tombstone, 0 where nobody was erased; whether a person ever decided about a row; and what is
    another text whenever a tombstone gets a key."""

    newest: int = 0
    decided: bool = False
    keys: str | None = None


class Decided(NamedTuple):
    """What a person decided about a row (`admit` or `refuse`), because of which tombstone it waited, and when."""

    verdict: str
    tombstone_id: int
    decided_at: datetime


_COLUMNS = tuple(_tombstone.c[name] for name in Stone.__slots__)


def there_are_any(connection: Connection) -> bool:
    """Whether anybody was ever erased."""
    return newest(connection) > 0


def any_among(connection: Connection, digests: Collection[str]) -> bool:
    """Whether any of these digests is a key, perhaps of a released tombstone."""
    return any(rows_among(connection, _KEYS, batch) for batch in chunks(digests))


def write(
    connection: Connection,
    basis: str,
    effective_at: datetime,
    keys: Iterable[Key],
    *,
    request_id: int | None = None,
    review_on: date | None = None,
    stone: int | None = None,
) -> int:
    """Write a tombstone; its id, which is `stone` where that is free. Call inside `store.engine.writing`, in the
    transaction that erases the person."""
    values: dict[str, Any] = {} if stone is None or get(connection, stone) else {"id": stone}
    values |= {
        "basis": basis,
        "effective_at": effective_at,
        "request_id": request_id,
        "review_on": review_on,
        "hits": 0,
    }
    id_ = int(connection.execute(insert(_tombstone).values(values).returning(_tombstone.c.id)).scalar_one())
    if id_ == stone and connection.dialect.name == "postgresql":
        connection.execute(text(_COUNT_ON))
    add_keys(connection, id_, keys)
    return id_


def add_keys(connection: Connection, tombstone_id: int, keys: Iterable[Key]) -> None:
    """Let a tombstone be known by these keys too, and whoever has read all of them know that they are more."""
    rows = [{"tombstone_id": tombstone_id, "kind": kind, "digest": digest} for kind, digest in sorted(set(keys))]
    if rows:
        connection.execute(upsert(connection, _key).on_conflict_do_nothing(), rows)
        # No number: one that is rolled back would be given a second time.
        runs.set_stamp(connection, _KEYS_STAMP, uuid4().hex)


def get(connection: Connection, tombstone_id: int) -> Stone | None:
    """One tombstone."""
    row = connection.execute(select(*_COLUMNS).where(_tombstone.c.id == tombstone_id)).one_or_none()
    return Stone(*row) if row else None


def every(connection: Connection) -> list[Stone]:
    """All of them, released ones too, in the order in which they were written."""
    return [Stone(*row) for row in connection.execute(select(*_COLUMNS).order_by(_tombstone.c.id)).all()]


def newest(connection: Connection) -> int:
    """Id of the newest; 0 where nobody was erased."""
    return standing(connection).newest


def standing(connection: Connection) -> Standing:
    """How things stand now."""
    id_, decided, keys = run_plain(connection, _STANDING).one()
    return Standing(id_ or 0, bool(decided), keys)


def hits(connection: Connection, digests: Collection[str]) -> Hits:
    """What these digests are in tombstones in force."""
    found = [row for batch in chunks(digests) for row in rows_among(connection, _HITS, batch)]
    if not found:
        return Hits()
    since = _effective(connection, {tombstone_id for _, _, tombstone_id in found})
    keys: dict[str, list[Hit]] = {}
    shared: dict[str, list[Hit]] = {}
    for digest, kind, tombstone_id in found:
        (shared if kind == SHARED else keys).setdefault(digest, []).append(Hit(tombstone_id, since[tombstone_id]))
    return Hits(keys, shared)


def _effective(connection: Connection, ids: Collection[int]) -> dict[int, datetime]:
    query = select(_tombstone.c.id, _tombstone.c.effective_at)
    return dict(
        tuple(row)
        for batch in chunks(ids)
        for row in connection.execute(query.where(among(connection, _tombstone.c.id, batch))).all()
    )


def struck(connection: Connection, counts: Mapping[int, int], now: datetime) -> None:
    """Count rows that were dropped because of these tombstones."""
    for tombstone_id, number in sorted(counts.items()):
        mine = _tombstone.c.id == tombstone_id
        changes = {"hits": _tombstone.c.hits + number, "last_hit_at": now}
        connection.execute(update(_tombstone).where(mine).values(changes))


def release(connection: Connection, tombstone_id: int, reason: str, actor: str, now: datetime) -> bool:
    """Let it stop nobody from now on; whether it did until now."""
    mine = (_tombstone.c.id == tombstone_id, _tombstone.c.released_at.is_(None))
    changes = {"released_at": now, "released_by": actor, "release_reason": reason}
    return connection.execute(update(_tombstone).where(*mine).values(changes)).rowcount > 0


def decide(
    connection: Connection, tombstone_id: int, digest: str, verdict: str, reason: str, actor: str, now: datetime
) -> int:
    """Write down what a person decided about a row; the decision's id. The last one about a row counts."""
    values = {
        "tombstone_id": tombstone_id,
        "digest": digest,
        "verdict": verdict,
        "reason": reason,
        "decided_at": now,
        "decided_by": actor,
    }
    return int(connection.execute(insert(_decision).values(values).returning(_decision.c.id)).scalar_one())


def decided(connection: Connection, digests: Collection[str]) -> dict[str, Decided]:
    """What was decided last about these rows, by digest."""
    columns = (_decision.c.digest, *(_decision.c[name] for name in Decided._fields))
    query = select(*columns).order_by(_decision.c.id)
    return {
        digest: Decided(*what)
        for batch in chunks(digests)
        for digest, *what in connection.execute(query.where(among(connection, _decision.c.digest, batch))).all()
    }


def waiting_among(connection: Connection, source: str, stream: str, ids: Collection[str]) -> dict[str, int]:
    """Those of these rows that wait because they may be an erased person's, and of which tombstone."""
    if not ids:
        return {}
    found = rows_among(connection, _WAITING, ids, source, stream)
    return {key: tombstone_id for key, tombstone_id in found if tombstone_id is not None}
