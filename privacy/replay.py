"""Erasures that a database does not know, done again, and what people forbade: a backup is older than they are, and so
is a copy put back by other means.

1. Of the sidecar's entries those count whose tombstone the database does not have, by its id and its time.
2. Their rows are found by the digest of the source's own id of each. Contacts are not asked: an erasure names every
   row that went, and who has a contact of an erased person may be somebody else.
3. They are erased as they were (`privacy.erasure`), with what waits of them in quarantine and what a platform sent.
4. The tombstone stands as it was, with its id. What it says of contacts was judged by who else was there then, so that
   holds, and not what is found now.
5. What people decided since about tombstones and rows counts again, and what they declared (`privacy.redeclaring`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, select, update

from privacy.erasure import erase
from privacy.key import remember
from privacy.pseudonym import RECORD, Pseudonyms
from privacy.redeclaring import missing, redeclare, unlifted
from store import events, tombstones
from store.among import among, chunks
from store.backup.entries import Decided, Declared, Entry, Erased, Lifted, Released, Tombstoned
from store.backup.keeping import erasures_of
from store.tables import (
    PlatformEvent,
    Quarantine,
    RightsRequest,
    SourceRecord,
    Tombstone,
    TombstoneKey,
    table,
)

_record = table(SourceRecord)
_quarantine = table(Quarantine)
_event = table(PlatformEvent)
_key = table(TombstoneKey)
_request = table(RightsRequest)

_WHO, _WHY = "restore", "decided before the registry was restored"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was done again: erasures, how many rows went; how many declarations are in force again or lifted again, and
    how many wait for a record that is not here; and records that stay and must be reconciled again."""

    erasures: int
    rows: int
    queued: tuple[int, ...]
    declarations: int = 0
    awaited: int = 0


class _Found:
    """Rows of this database by the digest of their source's own id."""

    def __init__(self, connection: Connection, digests: Collection[str], pseudonyms: Pseudonyms) -> None:
        def hits(of: Table, id_: str, *wanted: str) -> Iterator[tuple[str, tuple[object, ...]]]:
            query = select(of.c.source, of.c.stream, of.c[id_], *(of.c[name] for name in wanted))
            with connection.execute(query.where(of.c[id_].is_not(None), of.c.stream.is_not(None))) as rows:
                for source, stream, external_id, *rest in rows:
                    digest = pseudonyms.record(source, stream, external_id)
                    if digest in digests:
                        yield digest, tuple(rest)

        self.records = _grouped(hits(_record, "external_id", "id"))
        self.waiting = _grouped(hits(_quarantine, "key", "id"))
        self.sent = _grouped(hits(_event, "external_id", "source", "event_id"))


def _grouped(found: Iterable[tuple[str, tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    groups = defaultdict(list)
    for digest, row in found:
        groups[digest].append(row)
    return groups


def unknown(connection: Connection, entries: Iterable[Entry]) -> list[Entry]:
    """Entries of the sidecar about erasures that this database knows nothing of."""
    known = {_same(entry) for entry in erasures_of(connection)}
    told = (entry for entry in entries if not isinstance(entry, Declared | Lifted))
    return [entry for entry in told if _same(entry) not in known]


def knows_all(connection: Connection, entries: Sequence[Entry], pseudonyms: Pseudonyms) -> bool:
    """Whether this database knows everything that the sidecar tells."""
    if unknown(connection, entries) or unlifted(connection, entries):
        return False
    return not missing(connection, entries, pseudonyms)


def _same(entry: Entry) -> object:
    return entry if isinstance(entry, Decided) else (type(entry), entry.which)


def replay(connection: Connection, entries: Sequence[Entry], pseudonyms: Pseudonyms) -> Replayed:
    """Do again what of this the database does not know. Call inside `store.engine.writing`, before anybody reads."""
    news = list(dict.fromkeys(unknown(connection, entries)))
    erased = [entry for entry in news if isinstance(entry, Erased)]
    digests = {digest for entry in erased for kind, digest in entry.keys if kind == RECORD}
    found = _Found(connection, digests, pseudonyms) if digests else None
    rows, queued = 0, set[int]()
    for one in erased:
        rows += _again(connection, one, found, pseudonyms, queued)
    stones = {Tombstoned(stone.id, stone.effective_at): stone.id for stone in tombstones.every(connection)}
    for entry in news:
        match entry:
            case Released() if entry.which in stones:
                tombstones.release(connection, stones[entry.which], _WHY, _WHO, entry.at)
            case Decided() if entry.which in stones:
                tombstones.decide(connection, stones[entry.which], entry.digest, entry.verdict, _WHY, _WHO, entry.at)
    if erased:
        remember(connection, pseudonyms)
    said = redeclare(connection, entries, pseudonyms)
    return Replayed(len(erased), rows, tuple(_there(connection, queued | said.queued)), said.number, said.awaited)


def _again(
    connection: Connection, entry: Erased, found: _Found | None, pseudonyms: Pseudonyms, queued: set[int]
) -> int:
    """Erase what is there of it, and let its tombstone stand; how many rows went. Who stays is added to `queued`."""
    mine = [digest for kind, digest in entry.keys if kind == RECORD]
    records = [id_ for digest in mine for (id_,) in (found.records.get(digest, ()) if found else ())]
    there = _there(connection, records)
    (wanted, since), rows = entry.which, 0
    if there:
        done = erase(connection, there, pseudonyms=pseudonyms, basis=entry.basis, now=since, stone=wanted)
        id_, rows = done.tombstone, sum(done.counts.values())
        queued.update(done.queued)
    else:
        id_ = tombstones.write(connection, entry.basis, since, (), stone=wanted)
    if found:
        rows += _forget(connection, mine, found)
    other = _key.c.tombstone_id == id_, _key.c.kind != RECORD
    connection.execute(delete(_key).where(*other))
    tombstones.add_keys(connection, id_, entry.keys)
    _stand(connection, id_, entry)
    return rows


def _there(connection: Connection, ids: Iterable[object]) -> list[int]:
    """Of these records the ones that no erasure before this one has taken."""
    query = select(_record.c.id)
    return [
        id_
        for batch in chunks(sorted(int(str(id_)) for id_ in ids))
        for id_ in connection.execute(query.where(among(connection, _record.c.id, batch))).scalars()
    ]


def _forget(connection: Connection, digests: Iterable[str], found: _Found) -> int:
    """Rows of theirs that have not landed: they go, and what a platform sent is emptied."""
    rows = 0
    for digest in digests:
        for (id_,) in found.waiting.get(digest, ()):
            rows += connection.execute(delete(_quarantine).where(_quarantine.c.id == id_)).rowcount
        for source, event_id in found.sent.get(digest, ()):
            this = (_event.c.source == source, _event.c.event_id == event_id)
            waits = connection.execute(select(_event.c.state).where(*this)).scalar() == events.WAITING
            emptied = {"external_id": None, "fields": None} | ({"state": events.STALE} if waits else {})
            rows += connection.execute(update(_event).where(*this).values(emptied)).rowcount
    return rows


def _stand(connection: Connection, id_: int, entry: Erased) -> None:
    """Let the tombstone have the request that it had, where that is there."""
    stone = table(Tombstone)
    query = select(_request.c.id).where(_request.c.id == entry.request_id, _request.c.type == "erasure")
    changes = {"request_id": connection.execute(query).scalar(), "review_on": entry.review_on}
    connection.execute(update(stone).where(stone.c.id == id_).values(changes))
