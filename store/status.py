"""How the sources stand (last runs, quarantine, holds), and how large the registry is. Questions only."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from store.tables import (
    Link,
    MasterCustomer,
    MatchPair,
    Quarantine,
    ReconcileQueue,
    Run,
    RunProblem,
    SourceRun,
    SourceState,
    StreamRun,
    table,
)

_run = table(Run)
_source_run = table(SourceRun)
_stream_run = table(StreamRun)
_problem = table(RunProblem)
_state = table(SourceState)
_quarantine = table(Quarantine)
_link = table(Link)
_customer = table(MasterCustomer)
_pair = table(MatchPair)
_queue = table(ReconcileQueue)

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """How a source stands: since when and why it waits for a person, when its last run went well, how many have failed
    in a row and since when, and when it is meant to run next."""

    held_since: datetime | None = None
    held_reason: str | None = None
    last_ok_at: datetime | None = None
    failures: int = 0
    lost_since: datetime | None = None
    next_run_at: datetime | None = None


def last_run(connection: Connection) -> Shown | None:
    """The last run, whatever its sources were. What events brought is no run of a source."""
    query = select(_run).where(_run.c.trigger != "event").order_by(_run.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else dict(row._mapping)


def last_source_run(connection: Connection, source: str) -> Shown | None:
    """The last run of a source that came to its end, with its streams and problems."""
    query = (
        select(_run.c.started_at, _run.c.finished_at, _source_run)
        .join(_run, _run.c.id == _source_run.c.run_id)
        .where(_source_run.c.source == source, _run.c.trigger != "event")
        .order_by(_source_run.c.run_id.desc())  # ids sort by time, and have an index
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    run = dict(row._mapping)
    of_run = (_stream_run.c.run_id == run["run_id"], _stream_run.c.source == source)
    run["streams"] = [dict(row._mapping) for row in connection.execute(select(_stream_run).where(*of_run)).all()]
    mine = (_problem.c.run_id == run["run_id"], _problem.c.source == source)
    problems = select(_problem.c.file, _problem.c.row, _problem.c.column, _problem.c.reason).where(*mine)
    run["problems"] = [dict(row._mapping) for row in connection.execute(problems.order_by(_problem.c.id)).all()]
    return run


def held(connection: Connection, source: str) -> Held:
    """How a source stands."""
    query = select(*(_state.c[name] for name in Held.__slots__)).where(_state.c.source == source)
    row = connection.execute(query).one_or_none()
    return Held(*row) if row else Held()


def quarantined(connection: Connection) -> dict[str, dict[str, int]]:
    """Rows in quarantine: source → reason → how many."""
    query = select(_quarantine.c.source, _quarantine.c.reason, func.count()).group_by(
        _quarantine.c.source, _quarantine.c.reason
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for source, reason, number in connection.execute(query.order_by(_quarantine.c.source, _quarantine.c.reason)).all():
        found[source][reason] = number
    return dict(found)


@dataclass(frozen=True, slots=True)
class RegistrySize:
    """Live customer records that are linked, master customers, pairs that wait for a person, queued records."""

    records: int
    customers: int
    review: int
    pending: int


def registry_size(connection: Connection) -> RegistrySize:
    """How large the registry is, and what waits."""
    count = func.count()
    return RegistrySize(
        connection.execute(select(count).select_from(_link)).scalar_one(),
        connection.execute(select(count).select_from(_customer)).scalar_one(),
        connection.execute(select(count).select_from(_pair).where(_pair.c.verdict == "review")).scalar_one(),
        connection.execute(select(count).select_from(_queue)).scalar_one(),
    )
