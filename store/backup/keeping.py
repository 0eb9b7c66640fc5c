"""The sidecar and the registry, told of each other (`store.backup.sidecar`)."""

from collections import defaultdict
from pathlib import Path

from sqlalchemy import Connection, func, select

from store import tombstones
from store.backup import declared, sidecar
from store.backup.declared import Digests
from store.backup.entries import Decided, Entry, Erased, Released, Tombstoned
from store.tables import Declaration, ReentryDecision, Tombstone, TombstoneKey, table

_tombstone = table(Tombstone)
_key = table(TombstoneKey)
_decision = table(ReentryDecision)
_declaration = table(Declaration)


def entries_of(connection: Connection, digests: Digests) -> list[Entry]:
    """All that the registry knows of erasures, and of what people forbade, as the sidecar has it."""
    return [*erasures_of(connection), *declared.entries(connection, digests)]


def erasures_of(connection: Connection) -> list[Entry]:
    """All that it knows of erasures."""
    stones = tombstones.every(connection)
    if not stones:
        return []
    keys: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for id_, kind, digest in connection.execute(select(_key).order_by(_key.c.kind, _key.c.digest)).all():
        keys[id_].append((kind, digest))
    found: list[Entry] = []
    for stone in stones:
        which = Tombstoned(stone.id, stone.effective_at)
        found.append(Erased(which, stone.basis, tuple(keys[stone.id]), stone.request_id, stone.review_on))
        if stone.released_at:
            found.append(Released(which, stone.released_at))
    of = {stone.id: Tombstoned(stone.id, stone.effective_at) for stone in stones}
    decided = select(*(_decision.c[name] for name in ("tombstone_id", "digest", "verdict", "decided_at")))
    rows = connection.execute(decided.order_by(_decision.c.id)).all()
    return found + [Decided(of[id_], *said) for id_, *said in rows]


def standing(connection: Connection) -> str:
    """What changes whenever the registry learns of an erasure, a release, a decision or a declaration."""
    counts = (
        func.max(_tombstone.c.id),
        func.count(_tombstone.c.released_at),
        select(func.max(_decision.c.id)).scalar_subquery(),
        select(func.max(_declaration.c.id)).scalar_subquery(),
    )
    return " ".join(str(value or 0) for value in connection.execute(select(*counts)).one())


def catch_up(connection: Connection, path: Path, key: bytes, digests: Digests) -> int:
    """Add to the sidecar what the registry knows and it does not, and begin one where there is none; how many lines.

    Call it after an erasure, a release, a decision or a declaration has been committed: what a crash leaves out, the
    next call brings. Raises `SidecarError`.
    """
    sidecar.start(path, key)
    known = {_same(entry) for entry in sidecar.read(path, key)}
    missing = [entry for entry in entries_of(connection, digests) if _same(entry) not in known]
    if missing:
        sidecar.append(path, key, missing)
    return len(missing)


def _same(entry: Entry) -> object:
    """By what an entry is known again. A tombstone may get further keys; what it had, was told. A declaration may hang
    on fewer records than it did."""
    match entry:
        case Erased():
            return (entry.which, entry.keys)
        case Decided():
            return entry
        case _:
            return (type(entry), entry.which)
