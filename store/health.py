"""What the health of the registry is judged by. Cheap at any size: nothing here counts a large table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, or_, select

from store import events, findings, upkeep
from store.indirect import Untold, untold
from store.status import Held
from store.tables import (
    BackupRun,
    MatchPair,
    PlatformEvent,
    Quarantine,
    ReconcileQueue,
    RightsRequest,
    Run,
    SourceRun,
    SourceState,
    StreamRun,
    StreamState,
    table,
)
from store.upkeep import OpenBreach

_state = table(SourceState)
_quarantine = table(Quarantine)
_pair = table(MatchPair)
_event = table(PlatformEvent)
_queue = table(ReconcileQueue)
_stream = table(StreamState)
_run = table(Run)
_source_run = table(SourceRun)
_stream_run = table(StreamRun)
_request = table(RightsRequest)
_backup = table(BackupRun)


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand: each source by name, rows in quarantine by source, pairs that wait for a person, how many
    deliveries wait and since when the oldest does, how many were given up, whether records that landed are not in the
    registry yet, when each open request of a person is due, of what moment the newest backup is, when agreements and
    measures of protection are to be looked at again, the open breaches, the people who were not told yet of data
    that came from others, and how many findings about the notice were open at the last look, if there was one."""

    sources: dict[str, Held]
    quarantine: dict[str, int]
    review: int
    waiting: int
    waiting_since: datetime | None
    given_up: int
    pending: bool = False
    due: tuple[date, ...] = ()
    backed_up_at: datetime | None = None
    reviews: Mapping[str, tuple[date | None, ...]] = field(default_factory=dict)
    breaches: tuple[OpenBreach, ...] = ()
    untold: tuple[Untold, ...] = ()
    findings: int | None = None

    def overdue(self, today: date) -> int:
        """How many open requests of people are past their due date."""
        return sum(day < today for day in self.due)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of a source: when, how it ended, and how many rows it found new or changed."""

    started_at: datetime
    finished_at: datetime | None
    outcome: str
    news: int


def facts(connection: Connection) -> Facts:
    """How things stand. Call inside `store.engine.reading`."""
    count = func.count()
    states = select(_state.c.source, *(_state.c[name] for name in Held.__slots__))
    rows = select(_quarantine.c.source, count).group_by(_quarantine.c.source)
    review = select(count).select_from(_pair).where(_pair.c.verdict == "review")
    waiting = select(count).select_from(_event).where(_event.c.state == events.WAITING)
    # Until the next complete sweep of its stream has brought what it told.
    swept = and_(_stream.c.source == _event.c.source, _stream.c.stream == _event.c.stream)
    given_up = (
        select(count)
        .select_from(_event.outerjoin(_stream, swept))
        .where(_event.c.state == events.FAILED)
        .where(or_(_stream.c.began_at.is_(None), _stream.c.began_at < _event.c.processed_at))
    )
    return Facts(
        {name: Held(*state) for name, *state in connection.execute(states).all()},
        dict(connection.execute(rows).all()),
        int(connection.execute(review).scalar_one()),
        int(connection.execute(waiting).scalar_one()),
        events.waiting_since(connection),
        int(connection.execute(given_up).scalar_one()),
        pending(connection),
        tuple(connection.execute(select(_request.c.due_on).where(_request.c.closed_at.is_(None))).scalars()),
        connection.execute(select(func.max(_backup.c.at))).scalar(),
        upkeep.reviews(connection),
        upkeep.open_breaches(connection),
        untold(connection),
        looked.open if (looked := findings.last_look(connection)) else None,
    )


def pending(connection: Connection) -> bool:
    """Whether records that landed are not in the registry yet."""
    return connection.execute(select(_queue.c.record_id).limit(1)).first() is not None


def past_runs(connection: Connection, source: str, number: int) -> list[PastRun]:
    """The last runs of a source, the oldest first; what events brought is none."""
    of_run = and_(_stream_run.c.run_id == _source_run.c.run_id, _stream_run.c.source == _source_run.c.source)
    # Summed for each of the few that are asked for: grouped, those of all years would be.
    news = select(func.coalesce(func.sum(_stream_run.c.new + _stream_run.c.changed), 0)).where(of_run)
    query = (
        select(_run.c.started_at, _run.c.finished_at, _source_run.c.outcome, news.scalar_subquery())
        .join(_run, _run.c.id == _source_run.c.run_id)
        .where(_source_run.c.source == source, _run.c.trigger != "event")
        .order_by(_source_run.c.run_id.desc())  # ids sort by time, and have an index
        .limit(number)
    )
    return [PastRun(*row) for row in reversed(connection.execute(query).all())]
