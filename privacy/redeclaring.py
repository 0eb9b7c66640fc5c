"""What people forbade, in force again where a database does not know it: objections, refusals and withdrawals of
consent, restrictions, and that one of them was lifted. A backup is older than they are.

1. Of the sidecar's declarations those are looked at that the database does not have, or of which it lacks a record. One
   that it does not have and that was lifted forbids nothing: it may have gone by its age, and stays away.
2. Their records are found by the digest of the source's own id of each, their contacts by that of the contact with a
   first name, among the records that are here. Where a contact alone is found, it hangs on the records that bear it.
3. What stood on a record of somebody who was erased after that does not come back with it (`store.erasing.going`).
4. Where a record is not here yet, since the platform brought it after the backup, the declaration waits for it: it is
   looked for among whatever lands from then on, before that is published.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, select

from config.keyfile import key_of
from privacy.pseudonym import RECORD, Pseudonyms
from store import declarations, runs
from store.backup import declared, sidecar
from store.backup.entries import Declared, Entry, Erased, Lifted
from store.batch import CUSTOMER
from store.declarations import Contact, Said
from store.landing import enqueue
from store.tables import Counter, SourceRecord, table

AWAITED = "declarations_awaited"
"""The stamp that stands while a declaration waits for a record: the newest record that was looked at."""
WHO = "restore"

_record = table(SourceRecord)
_counter = table(Counter)


@dataclass(slots=True)
class Redeclared:
    """How many declarations are in force again or lifted again; how many wait for a record; and records that must be
    reconciled, since they are reached."""

    number: int = 0
    awaited: int = 0
    queued: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Missing:
    """A declaration of the sidecar, the digests of records that the database lacks of it, and its id where it is
    there."""

    entry: Declared
    records: frozenset[str]
    id: int | None


@dataclass(slots=True)
class _Here:
    """Records that are here by digest, contacts of records that are here by kind and digest, and who bears them."""

    records: dict[str, int]
    contacts: dict[tuple[str, str], Contact]
    bearers: dict[Contact, set[int]]


def missing(connection: Connection, entries: Iterable[Entry], pseudonyms: Pseudonyms) -> list[Missing]:
    """What of the sidecar's declarations the database lacks."""
    entries = list(entries)
    said = {entry.which: entry for entry in entries if isinstance(entry, Declared)}
    if not said:
        return []
    ids = declared.known(connection)
    over = {entry.which for entry in entries if isinstance(entry, Lifted)} - ids.keys()
    has = {one.which: set(one.records) for one in declared.entries(connection, pseudonyms) if isinstance(one, Declared)}
    erased = _erased(entries)
    found = []
    for which, entry in said.items():
        if which in over:
            continue
        left = {digest for digest in entry.records if not _went(erased.get(digest), which.recorded_at)}
        lacks = frozenset(left - has.get(which, set()))
        if lacks:
            found.append(Missing(entry, lacks, ids.get(which)))
    return found


def unlifted(connection: Connection, entries: Iterable[Entry]) -> list[tuple[int, Lifted]]:
    """Declarations that are in force here and were lifted, by their ids."""
    lifts = {entry.which: entry for entry in entries if isinstance(entry, Lifted)}
    if not lifts:
        return []
    ids, done = declared.known(connection), declared.lifted(connection)
    return [(ids[which], entry) for which, entry in lifts.items() if which in ids and ids[which] not in done]


def _erased(entries: Iterable[Entry]) -> dict[str, datetime]:
    """When the record of each digest went last."""
    last: dict[str, datetime] = {}
    for entry in entries:
        if isinstance(entry, Erased):
            at = entry.which.effective_at
            for kind, digest in entry.keys:
                if kind == RECORD:
                    last[digest] = max(at, last.get(digest, at))
    return last


def _went(erased_at: datetime | None, recorded_at: datetime) -> bool:
    return erased_at is not None and erased_at >= recorded_at


def redeclare(
    connection: Connection, entries: Sequence[Entry], pseudonyms: Pseudonyms, *, since: int = 0
) -> Redeclared:
    """Let it be in force again. `since`: records up to this id were looked at before. Call inside
    `store.engine.writing`, after `entries`' erasures were done again."""
    done = Redeclared()
    lacking = missing(connection, entries, pseudonyms)
    newest = connection.execute(select(func.max(_record.c.id))).scalar() or 0
    here = _here(connection, lacking, pseudonyms, since) if lacking and newest > since else _Here({}, {}, {})
    for one in lacking:
        done.number += _again(connection, one, here, done)
    for id_, entry in unlifted(connection, entries):
        _lift(connection, id_, entry, done)
    _await(connection, newest if done.awaited else None)
    enqueue(connection, sorted(done.queued))
    return done


def _here(connection: Connection, lacking: Sequence[Missing], pseudonyms: Pseudonyms, since: int) -> _Here:
    wanted = {digest for one in lacking for digest in one.records}
    query = select(*(_record.c[name] for name in ("id", "source", "stream", "external_id")))
    ids: list[int] = []
    records: dict[str, int] = {}
    for id_, *name in connection.execute(query.where(_record.c.kind == CUSTOMER, _record.c.id > since)).all():
        ids.append(id_)
        if (digest := pseudonyms.record(*name)) in wanted:
            records[digest] = id_
    sought = {contact for one in lacking for contact in one.entry.contacts}
    contacts: dict[tuple[str, str], Contact] = {}
    bearers: dict[Contact, set[int]] = defaultdict(set)
    for id_, contact in declarations.borne(connection, ids):
        if (digest_of := pseudonyms.contact_of(contact)) in sought:
            contacts[digest_of] = contact
            bearers[contact].add(id_)
    return _Here(records, contacts, bearers)


def _again(connection: Connection, one: Missing, here: _Here, done: Redeclared) -> bool:
    """Write it down, or let it hang on a further record; whether it is in force that was not."""
    records = {here.records[digest] for digest in one.records if digest in here.records}
    if len(records) < len(one.records):
        done.awaited += 1
    contacts = {here.contacts[digest] for digest in one.entry.contacts if digest in here.contacts}
    hung = records or {record for contact in contacts for record in here.bearers[contact]}
    if not hung:
        return False
    if one.id is None:
        id_ = declarations.write(connection, _said(one.entry), hung, contacts, min(hung))
    else:
        id_ = one.id
        declarations.hang(connection, id_, hung, contacts)
    _reached(connection, id_, done)
    return one.id is None


def _said(entry: Declared) -> Said:
    which = entry.which
    return Said(
        kind=which.kind,
        channel=which.channel,
        state=which.state,
        scope=which.scope,
        brand=which.brand,
        at=which.at,
        recorded_at=which.recorded_at,
        recorded_by=WHO,
        controller=entry.controller,
        grantee=entry.grantee,
        notice_version=entry.notice_version,
    )


def _lift(connection: Connection, id_: int, entry: Lifted, done: Redeclared) -> None:
    found = declarations.get(connection, id_)
    if found is None:
        return
    said = found.lift(at=entry.at, recorded_at=entry.recorded_at, recorded_by=WHO, reason=None)
    declarations.write(connection, said, found.records, (), found.anchor)
    _reached(connection, id_, done)
    done.number += 1


def _reached(connection: Connection, id_: int, done: Redeclared) -> None:
    found = declarations.get(connection, id_)
    if found is not None:
        done.queued |= found.reached


def _await(connection: Connection, newest: int | None) -> None:
    if newest is None:
        connection.execute(delete(_counter).where(_counter.c.name == AWAITED))
    else:
        runs.set_stamp(connection, AWAITED, str(newest))


def are_awaited(connection: Connection) -> bool:
    """Whether a declaration waits for a record, and one is here that was not looked at."""
    looked_at = runs.stamp(connection, AWAITED)
    return looked_at is not None and (connection.execute(select(func.max(_record.c.id))).scalar() or 0) > int(looked_at)


def redeclare_awaited(connection: Connection, key_file: Path) -> Redeclared:
    """Let be in force what waits for a record that is here now. Call inside `store.engine.writing`, before that is
    published. Raises `ConfigError`, `SidecarError`."""
    if not are_awaited(connection):
        return Redeclared()
    key = key_of(key_file)
    entries = sidecar.read(sidecar.beside(key_file), key)
    since = int(runs.stamp(connection, AWAITED) or 0)
    return redeclare(connection, entries, Pseudonyms(key), since=since)
