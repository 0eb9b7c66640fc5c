"""Runs and where each stream stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from store.among import among
from store.bulk import upsert
from store.tables import (
    Counter,
    ImportedFile,
    Quarantine,
    Run,
    RunProblem,
    SourceRun,
    SourceState,
    StreamRun,
    StreamState,
    table,
)
from store.times import AT_THIS_MOMENT

_run = table(Run)
_source_run = table(SourceRun)
_stream_run = table(StreamRun)
_problem = table(RunProblem)
_stream = table(StreamState)
_source = table(SourceState)
_file = table(ImportedFile)
_quarantine = table(Quarantine)
_counter = table(Counter)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the reads of a stream stand."""

    cursor: str | None = None
    newest: datetime | None = None
    swept_at: datetime | None = None


class Retrieval(NamedTuple):
    """How rows came: what the origin of a record is told by."""

    origin_id: int
    retrieved_from: str
    retrieved_at: datetime
    run_id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A quarantined row, to be tried again, with its retrieval: from what, when, in which run, of which origin."""

    key: str
    fields: str
    retrieval: Retrieval


def begin(connection: Connection, run_id: str, now: datetime, *, full: bool, trigger: str = "command") -> None:
    """Write the run down. One that a crash left unfinished is closed as failed; only one run goes at a time."""
    unfinished = _run.c.outcome == "running"
    connection.execute(update(_run).where(unfinished).values(outcome="failed", finished_at=now))
    connection.execute(insert(_run).values(id=run_id, started_at=now, outcome="running", full=full, trigger=trigger))


def newest(connection: Connection) -> str | None:
    """Id of the newest run: ids sort in the order in which runs began, whatever the clock says."""
    found: str | None = connection.execute(select(func.max(_run.c.id))).scalar()
    return found


def spans(connection: Connection, run_ids: Collection[str]) -> dict[str, tuple[datetime, datetime | None]]:
    """When each of these runs began, and when it ended."""
    query = select(_run.c.id, _run.c.started_at, _run.c.finished_at).where(_run.c.id.in_(run_ids))
    return {row.id: (row.started_at, row.finished_at) for row in connection.execute(query)}


def note_event_run(connection: Connection, run_id: str, now: datetime) -> None:
    """Write down a run that took in what platforms sent by themselves; it is whole at once, beside any other run."""
    values = {"id": run_id, "started_at": now, "finished_at": now, "outcome": "ok", "full": False, "trigger": "event"}
    connection.execute(insert(_run).values(values))


def sweep_began(connection: Connection, source: str, stream: str) -> datetime | None:
    """When the last complete sweep of a stream began."""
    query = select(_stream.c.began_at).where(_stream.c.source == source, _stream.c.stream == stream)
    began: datetime | None = connection.execute(query).scalar()
    return began


def finish(connection: Connection, run_id: str, now: datetime, outcome: str, counts: str) -> None:
    """Close the run with its registry counts (JSON)."""
    changes = {"finished_at": now, "outcome": outcome, "registry_counts": counts}
    connection.execute(update(_run).where(_run.c.id == run_id).values(changes))


def note_source(connection: Connection, row: Mapping[str, Any], streams: Sequence[Mapping[str, Any]]) -> None:
    """Write down what one source did in a run (columns of `source_run` and `stream_run`)."""
    connection.execute(insert(_source_run).values(**row))
    if streams:
        connection.execute(insert(_stream_run), list(streams))


def note_problems(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what a person should look at (columns of `run_problem`)."""
    if rows:
        connection.execute(insert(_problem), list(rows))


def standing(connection: Connection, source: str, stream: str) -> Standing:
    """Where the reads of this stream stand."""
    query = select(_stream.c.cursor, _stream.c.newest, _stream.c.swept_at).where(
        _stream.c.source == source, _stream.c.stream == stream
    )
    row = connection.execute(query).one_or_none()
    return Standing(*row) if row else Standing()


def end_read(connection: Connection, source: str, stream: str, swept: tuple[datetime, datetime] | None = None) -> None:
    """The read of a stream reached its end; `swept`: when it began and ended, where it was a complete sweep."""
    began_at, swept_at = swept or (None, None)
    values = {"source": source, "stream": stream, "cursor": None, "began_at": began_at, "swept_at": swept_at}
    statement = upsert(connection, _stream).values(values)
    changes: dict[str, Any] = {"cursor": None}
    if swept is not None:
        changes |= {"began_at": began_at, "swept_at": swept_at}
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "stream"], set_=changes))


def ask_anew(connection: Connection) -> None:
    """Let the next read of each stream be one of the whole stream, as a first one is."""
    connection.execute(update(_stream).values(cursor=None, newest=None, swept_at=None))


def imported_files(connection: Connection, source: str, stream: str | None = None) -> frozenset[str]:
    """SHA-256s of the files of a source, or of one of its streams, that are in."""
    query = select(_file.c.sha256).where(_file.c.source == source)
    if stream is not None:
        query = query.where(_file.c.stream == stream)
    return frozenset(connection.execute(query).scalars())


def hold_source(connection: Connection, source: str, reason: str, now: datetime) -> None:
    """The source waits for a person; the first time counts."""
    statement = upsert(connection, _source).values(source=source, held_since=now, held_reason=reason)
    since = func.coalesce(_source.c.held_since, now)
    changes = {"held_since": since, "held_reason": reason}
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changes))


def release_source(connection: Connection, source: str, ok_at: datetime | None) -> None:
    """A call succeeded: the source is held no longer. `ok_at`: its whole run went well."""
    statement = upsert(connection, _source).values(source=source, last_ok_at=ok_at)
    changes: dict[str, Any] = {"held_since": None, "held_reason": None}
    if ok_at is not None:
        changes["last_ok_at"] = ok_at
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changes))


def quarantined(connection: Connection, source: str, stream: str) -> list[Waiting]:
    """The rows of a stream that wait in quarantine for another mapping, and not for a person's decision."""
    retrieval = (_quarantine.c[name] for name in Retrieval._fields)
    query = select(_quarantine.c.key, _quarantine.c.fields, *retrieval).where(
        _quarantine.c.source == source, _quarantine.c.stream == stream, _quarantine.c.tombstone_id.is_(None)
    )
    return [Waiting(key, fields, Retrieval(*how)) for key, fields, *how in connection.execute(query).all()]


def lift(connection: Connection, source: str, stream: str, keys: Collection[str]) -> None:
    """Take rows out of quarantine."""
    mine = (_quarantine.c.source == source, _quarantine.c.stream == stream)
    connection.execute(delete(_quarantine).where(*mine, among(connection, _quarantine.c.key, keys)))


def stamp(connection: Connection, name: str) -> str | None:
    """A named stamp of the registry, such as the rules under which it was published."""
    value: str | None = connection.execute(select(_counter.c.value).where(_counter.c.name == name)).scalar()
    return value


def set_stamp(connection: Connection, name: str, value: str) -> None:
    """Set a named stamp."""
    statement = upsert(connection, _counter).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def lift_unsent(
    connection: Connection, source: str, stream: str, run_id: str, began_at: datetime, now: datetime
) -> None:
    """After a complete sweep: what stands in quarantine and was not sent again is no row of the platform any more.

    That says nothing of what an event brought while the sweep, which began at `began_at`, went on
    (`store.absence.missing`)."""
    meanwhile = _quarantine.c.retrieved_at.between(began_at, now + AT_THIS_MOMENT)
    connection.execute(
        delete(_quarantine).where(
            _quarantine.c.source == source, _quarantine.c.stream == stream, _quarantine.c.run_id != run_id, ~meanwhile
        )
    )
