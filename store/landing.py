"""Landing: one page of one stream becomes rows, in one transaction with the stream's checkpoint.

The algorithm of `land`:

1. Of rows with one external id in a page the last stands; the earlier ones are counted.
2. Look up what is held of these ids, by hash. Rows of the page that are held as they came are counted.
3. What an event has told since the page was asked for stays untouched, unless the platform states that the row changed
   after that.
4. Of what is not held, drop or quarantine what is or may be an erased person's (`Recognise`).
5. Insert what is new, update what changed or came back, leave the rest untouched, but for the digest by
   which it is known.
6. Customers: bring their match keys and flag observations up to date and queue them for reconciling.
   Activities: find their owner by the id that the row names.
7. Quarantine what could not be mapped; lift the quarantine of what now could.
8. Write the stream's checkpoint and, with a file's last page, the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from store import events, outliving
from store.among import among
from store.batch import ACTIVITIES, CUSTOMER, Arrivals, Batch, Landed, Matching, Recognise, RejectedRow, Row, Stopped
from store.bulk import insert_rows, moment, moments, rows_among, upsert
from store.checkpoint import checkpoint, settle_quarantine
from store.ids import new_ids
from store.keys import add_matching, retire_keys, write_matching
from store.tables import (
    Counter,
    FlagObservation,
    ReconcileQueue,
    SourceRecord,
    table,
)

_record = table(SourceRecord)
_queue = table(ReconcileQueue)
_flag = table(FlagObservation)
_counter = table(Counter)

_COLUMNS = tuple(column.name for column in _record.columns)
_HELD = (
    "SELECT external_id, id, payload_sha256, vanished_at IS NOT NULL, row_digest FROM source_record"
    " WHERE source = ? AND stream = ? AND external_id {among}"
)
_OWNERS = "SELECT external_id, id FROM source_record WHERE source = ? AND stream = ? AND external_id {among}"
# In these very words, not as parameters: so stands the condition of the index that answers it.
_UNOWNED = text("kind IN ('booking', 'enrollment', 'order')")


@dataclass(slots=True)
class _Held:
    """What the store holds of an external id."""

    id: int
    sha256: str
    vanished: bool
    digest: str | None


def held_as_they_came(connection: Connection, source: str, stream: str, digests: Mapping[str, str]) -> set[str]:
    """Those ids of rows that are live and were landed with just this digest (`SourceRecord.row_digest`)."""
    found = rows_among(connection, _HELD, digests, source, stream)
    return {external_id for external_id, _, _, gone, digest in found if not gone and digest == digests[external_id]}


def land(connection: Connection, batch: Batch, recognise: Recognise | None = None) -> Landed:
    """Land one page (see the module's text). Call inside `store.engine.writing`. `None`: nobody is known again."""
    landed = Landed(quarantined=len(batch.rejected))
    rows = _last_of_each(batch.rows, landed)
    held = _held(connection, batch, rows)
    news = {id_: row for id_, row in rows.items() if _says_else(held.get(id_), row)}
    # Before what an event told is taken out: such a row is not held as it came.
    _note_digests(connection, [(held[id_], row) for id_, row in rows.items() if id_ not in news])
    for id_ in _overtaken(connection, batch, news):
        del news[id_]
    landed.unchanged += len(rows) - len(news) + len(batch.unchanged)
    arrivals = [row for id_, row in news.items() if id_ not in held]
    owners = _owners(connection, batch, arrivals)
    if recognise is not None and (arrivals or batch.rejected):
        strangers = _strangers(connection, batch)
        stopped = recognise(connection, batch, Arrivals(arrivals, strangers, owners))
        batch = _stop(batch, stopped, rows, news, landed)
        arrivals = [row for row in arrivals if row.external_id in news]
    _insert(connection, batch, arrivals, owners, landed)
    _update(connection, batch, [(held[id_], row) for id_, row in news.items() if id_ in held], landed)
    settle_quarantine(connection, batch, [*rows, *batch.unchanged])
    if batch.checkpoint:
        checkpoint(connection, batch)
    return landed


def _last_of_each(rows: Sequence[Row], landed: Landed) -> dict[str, Row]:
    last: dict[str, Row] = {}
    for row in rows:
        earlier = last.get(row.external_id)
        if earlier is not None:
            if earlier.sha256 == row.sha256:
                landed.unchanged += 1
            else:
                landed.changed += 1
        last[row.external_id] = row
    return last


def _held(connection: Connection, batch: Batch, rows: Mapping[str, Row]) -> dict[str, _Held]:
    if not rows:
        return {}
    found = rows_among(connection, _HELD, rows, batch.source, batch.stream)
    return {external_id: _Held(id_, sha, bool(gone), digest) for external_id, id_, sha, gone, digest in found}


def _note_digests(connection: Connection, unchanged: Iterable[tuple[_Held, Row]]) -> None:
    """Keep by what rows are known that came with another digest, or with none, and say the same."""
    told = [{"b_id": held.id, "digest": row.digest} for held, row in unchanged if held.digest != row.digest]
    if told:
        statement = update(_record).where(_record.c.id == bindparam("b_id"))
        connection.execute(statement.values(row_digest=bindparam("digest")), told)


def _strangers(connection: Connection, batch: Batch) -> list[RejectedRow]:
    """The rejected rows that are not held as they were when they could be mapped."""
    keys = [rejected.key for rejected in batch.rejected]
    found = rows_among(connection, _HELD, keys, batch.source, batch.stream) if keys else ()
    there = {external_id for external_id, *_ in found}
    return [rejected for rejected in batch.rejected if rejected.key not in there]


def _says_else(held: _Held | None, row: Row) -> bool:
    return held is None or held.sha256 != row.sha256 or held.vanished != row.deleted


def _overtaken(connection: Connection, batch: Batch, news: Mapping[str, Row]) -> set[str]:
    """Rows of which an event that came after the page was asked for knows better: it may be that they are gone."""
    if batch.asked_at is None or not news:
        return set()
    told = events.told_since(connection, batch.source, batch.stream, news, batch.known_at, batch.now)
    return {id_ for id_, changed_at in told.items() if not _is_later(news[id_], changed_at)}


def _is_later(row: Row, changed_at: datetime) -> bool:
    return row.updated_at is not None and row.updated_at > changed_at


def _stop(batch: Batch, stopped: Stopped, rows: dict[str, Row], news: dict[str, Row], landed: Landed) -> Batch:
    """Take out of `news` what is or may be an erased person's, and out of `rows` what stays in quarantine."""
    for id_ in stopped.dropped:
        del news[id_]
    for waits in stopped.waiting:
        del news[waits.key], rows[waits.key]
    if not stopped.rejected and not stopped.waiting:
        landed.erased = len(stopped.dropped)
        return batch
    rejected = [stopped.rejected.get(one.key, one) for one in batch.rejected]
    kept = [one for one in rejected if one is not None]
    landed.erased = len(stopped.dropped) + len(rejected) - len(kept)
    landed.quarantined = len(kept) + len(stopped.waiting)
    return replace(batch, rejected=[*kept, *stopped.waiting])


def _insert(
    connection: Connection, batch: Batch, rows: Sequence[Row], owners: Mapping[str, int], landed: Landed
) -> None:
    if not rows:
        return
    first = _take_ids(connection, len(rows))
    ids = range(first, first + len(rows))
    customers = batch.kind == CUSTOMER
    births: Sequence[str | None] = new_ids(batch.now, len(rows)) if customers else [None] * len(rows)
    stored = moments(connection)
    now, known = stored(batch.now), stored(batch.known_at)
    insert_rows(
        connection,
        _record,
        _COLUMNS,
        [
            (
                id_,
                birth_id,
                batch.source,
                batch.stream,
                batch.kind,
                row.external_id,
                row.payload,
                row.notes,
                row.sha256,
                row.state,
                row.owner_id,
                owners.get(row.owner_id) if row.owner_id else None,
                batch.origin_id,
                batch.retrieved_from,
                known,
                batch.run_id,
                now,
                stored(row.updated_at),
                known if row.deleted else None,
                row.digest,
            )
            for id_, birth_id, row in zip(ids, births, rows, strict=True)
        ],
    )
    # Most activities are found by nothing: to make and write that for each row costs more than to look.
    matching = [
        (id_, row.matched())
        for id_, row in zip(ids, rows, strict=True)
        if not row.deleted and row.matching is not Matching
    ]
    add_matching(connection, batch.source, matching)
    if customers:
        _observe(connection, batch, zip(ids, rows, strict=True), {})
        insert_rows(connection, _queue, ("record_id",), [(id_,) for id_ in ids])
        _adopt(connection, batch, {row.external_id: id_ for id_, row in zip(ids, rows, strict=True)})
    landed.new += len(rows)
    landed.new_ids.extend(ids)


def _columns(batch: Batch, row: Row, known_at: datetime) -> dict[str, Any]:
    """The columns that a later retrieval sets."""
    return {
        "payload": row.payload,
        "notes": row.notes,
        "payload_sha256": row.sha256,
        "state": row.state,
        "owner_id": row.owner_id,
        "origin_id": batch.origin_id,
        "retrieved_from": batch.retrieved_from,
        "retrieved_at": known_at,
        "run_id": batch.run_id,
        "source_updated_at": row.updated_at,
        "vanished_at": known_at if row.deleted else None,
        "row_digest": row.digest,
    }


def _update(connection: Connection, batch: Batch, altered: Sequence[tuple[_Held, Row]], landed: Landed) -> None:
    if not altered:
        return
    ids = [held.id for held, _ in altered]
    changes = [_columns(batch, row, batch.known_at) | {"b_id": held.id} for held, row in altered]
    columns: dict[str, Any] = {name: bindparam(name) for name in changes[0] if name != "b_id"}
    connection.execute(update(_record).where(_record.c.id == bindparam("b_id")).values(columns), changes)
    if batch.kind == CUSTOMER:
        enqueue(connection, outliving.before_change(connection, [held.id for held, row in altered if not row.deleted]))
        enqueue(connection, outliving.before_leaving(connection, [held.id for held, row in altered if row.deleted]))
    retire_keys(connection, ids)
    matching = [(held.id, row.matching()) for held, row in altered if not row.deleted]
    write_matching(connection, batch.source, matching)
    if batch.kind == CUSTOMER:
        _observe(connection, batch, ((held.id, row) for held, row in altered), _last_flags(connection, ids))
        enqueue(connection, ids)
        landed.orphans += forget_owners(connection, [held.id for held, row in altered if row.deleted])
    elif batch.kind in ACTIVITIES:
        _follow_owner_ids(connection, batch, altered)
    landed.changed += len(altered)
    landed.vanished += sum(row.deleted and not held.vanished for held, row in altered)
    landed.changed_ids.extend(ids)


def _take_ids(connection: Connection, count: int) -> int:
    """The first of `count` record ids that nobody else has or will have, whatever is deleted later."""
    mine = _counter.c.name == "next_record_id"
    current = connection.execute(select(_counter.c.value).where(mine)).scalar()
    first = int(current) if current else 1
    if current is None:
        connection.execute(insert(_counter).values(name="next_record_id", value=str(first + count)))
    else:
        connection.execute(update(_counter).where(mine).values(value=str(first + count)))
    return first


def _owners(connection: Connection, batch: Batch, rows: Iterable[Row]) -> dict[str, int]:
    wanted = {row.owner_id for row in rows if row.owner_id}
    if not wanted or not batch.owner_stream:
        return {}
    return dict(rows_among(connection, _OWNERS, wanted, batch.source, batch.owner_stream))


def _follow_owner_ids(connection: Connection, batch: Batch, altered: Sequence[tuple[_Held, Row]]) -> None:
    """An activity that names another owner now goes over to them; one that names nobody keeps the owner it has. Who
    had it before is queued too: no-shows are counted from bookings."""
    owners = _owners(connection, batch, (row for _, row in altered))
    moved = [{"b_id": held.id, "owner": owners.get(row.owner_id)} for held, row in altered if row.owner_id]
    if moved:
        mine = among(connection, _record.c.id, [row["b_id"] for row in moved])
        before = select(_record.c.id, _record.c.owner_record_id).where(mine, _record.c.owner_record_id.is_not(None))
        had = dict(connection.execute(before).all())
        enqueue(connection, {had[row["b_id"]] for row in moved if had.get(row["b_id"], row["owner"]) != row["owner"]})
        statement = update(_record).where(_record.c.id == bindparam("b_id"))
        connection.execute(statement.values(owner_record_id=bindparam("owner")), moved)


def _adopt(connection: Connection, batch: Batch, newcomers: Mapping[str, int]) -> None:
    """Give activities that came before their owner to the owner who has come now."""
    # Sources are told apart here: asked for a source too, SQLite goes through all of its rows.
    waiting = select(_record.c.id, _record.c.owner_id, _record.c.source).where(
        among(connection, _record.c.owner_id, newcomers), _record.c.owner_record_id.is_(None), _UNOWNED
    )
    found = [
        {"b_id": id_, "owner": newcomers[owner]}
        for id_, owner, source in connection.execute(waiting).all()
        if source == batch.source
    ]
    if found:
        statement = update(_record).where(_record.c.id == bindparam("b_id"))
        connection.execute(statement.values(owner_record_id=bindparam("owner")), found)


def enqueue(connection: Connection, record_ids: Iterable[int]) -> None:
    """Queue customer records for reconciling."""
    rows = [{"record_id": id_} for id_ in record_ids]
    if rows:
        connection.execute(upsert(connection, _queue).on_conflict_do_nothing(), rows)


def forget_owners(connection: Connection, record_ids: Sequence[int]) -> list[int]:
    """Let go of bookings that were found by contact when their owner is gone; answers their record ids."""
    if not record_ids:
        return []
    mine = (among(connection, _record.c.owner_record_id, record_ids), _record.c.owner_id.is_(None))
    ids = list(connection.execute(select(_record.c.id).where(*mine)).scalars().all())
    if ids:
        connection.execute(update(_record).where(*mine).values(owner_record_id=None))
    return ids


def _last_flags(connection: Connection, ids: Sequence[int]) -> dict[tuple[int, str], bool | None]:
    query = (
        select(_flag.c.record_id, _flag.c.channel, _flag.c.value)
        .where(among(connection, _flag.c.record_id, ids))
        .order_by(_flag.c.id)
    )
    return {(record, channel): value for record, channel, value in connection.execute(query).all()}


def _observe(
    connection: Connection,
    batch: Batch,
    rows: Iterable[tuple[int, Row]],
    last: Mapping[tuple[int, str], bool | None],
) -> None:
    """Write down each flag that differs from what was seen last; a flag never seen counts as saying nothing."""
    now = moment(connection, batch.now)
    seen = [
        (id_, channel, value, now, batch.run_id)
        for id_, row in rows
        for channel, value in row.flags.items()
        if value is not last.get((id_, channel))
    ]
    insert_rows(connection, _flag, ("record_id", "channel", "value", "observed_at", "run_id"), seen)
