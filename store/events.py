"""What platforms sent by themselves, from the moment it is on disk until it is processed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, and_, delete, func, or_, select, update

from store.among import among
from store.bulk import run_plain, upsert
from store.engine import adding
from store.tables import PlatformEvent, SourceRecord, table
from store.times import AT_THIS_MOMENT

WAITING, LANDED, UNCHANGED, STALE, KEPT, REFUSED, DROPPED, FAILED = (
    "waiting", "landed", "unchanged", "stale", "kept", "refused", "dropped", "failed",
)  # fmt: skip

_event = table(PlatformEvent)
_record = table(SourceRecord)
_ANY = "SELECT 1 FROM platform_event WHERE source = ? AND stream = ? LIMIT 1"  # asked of every page, so in plain SQL
_COLUMNS = ("source", "event_id", "topic", "stream", "external_id", "deleted", "created_at", "received_at", "fields")


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was kept (`store.tables.PlatformEvent`). `fields`: JSON, `None` where nothing of it is of use."""

    source: str
    event_id: str
    topic: str
    stream: str | None
    external_id: str | None
    deleted: bool
    created_at: datetime
    received_at: datetime
    fields: str | None
    tries: int = 0

    @property
    def told(self) -> "Told":
        """When it happened, as far as the platform's clock can be believed, and when it came."""
        return Told(believed(self.created_at, self.received_at), self.received_at)


class Told(NamedTuple):
    """When something happened at a platform, and when that came here. Of two the greater one is the newer: what
    happened in one moment falls to the order in which it came."""

    happened_at: datetime
    received_at: datetime


def believed(stated: datetime, received_at: datetime) -> datetime:
    """A time that a platform states. One that was still to come when it was received says no more than that it came."""
    return stated if stated <= received_at + AT_THIS_MOMENT else received_at


def keep(engine: Engine, event: Event) -> bool:
    """Put an event on disk; whether it is new. One that is of no use to the registry is done with at once."""
    row: dict[str, Any] = {name: getattr(event, name) for name in _COLUMNS}
    useful = event.stream is not None
    row |= {
        "state": WAITING if useful else KEPT,
        "tries": 0,
        "try_at": event.received_at,
        "processed_at": None if useful else event.received_at,
    }
    with adding(engine) as connection:
        statement = upsert(connection, _event).values(row).on_conflict_do_nothing()
        return connection.execute(statement.returning(_event.c.event_id)).first() is not None


def waiting(connection: Connection, now: datetime, limit: int) -> list[Event]:
    """Events that are due, in the order in which they happened, but those last of which the platform must be asked
    first (that a row is gone). One that was not tried yet is due, whatever the clock."""
    query = (
        select(*(_event.c[name] for name in _COLUMNS), _event.c.tries)
        .where(_event.c.state == WAITING, or_(_event.c.try_at <= now, _event.c.tries == 0))
        .order_by(_event.c.deleted, _event.c.created_at, _event.c.received_at, _event.c.event_id)
        .limit(limit)
    )
    return [Event(**row._mapping) for row in connection.execute(query).all()]


def settle(connection: Connection, event: Event, state: str, now: datetime, run_id: str) -> None:
    """The event is processed; what it held is let go, since it stands in the record now, or was of no use. Of one that
    was dropped, since its person was erased, not even the id of the row stays."""
    changes = {"state": state, "processed_at": now, "run_id": run_id, "fields": None}
    changes |= {"external_id": None} if state == DROPPED else {}
    connection.execute(update(_event).where(*_this(event)).values(changes))


def postpone(connection: Connection, event: Event, try_at: datetime | None, now: datetime) -> None:
    """It could not be processed: try again at `try_at`, or give it up (`None`)."""
    changes: dict[str, Any] = {"tries": event.tries + 1}
    changes |= {"try_at": try_at} if try_at else {"state": FAILED, "processed_at": now, "fields": None}
    connection.execute(update(_event).where(*_this(event)).values(changes))


def newest(connection: Connection, source: str, stream: str, external_id: str) -> Told | None:
    """The newest that was taken about a row."""
    query = (
        select(_event.c.created_at, _event.c.received_at)
        .where(_event.c.source == source, _event.c.stream == stream, _event.c.external_id == external_id)
        .where(_event.c.state.in_((LANDED, UNCHANGED)))
    )
    found = [Told(believed(*times), times[1]) for times in connection.execute(query).all()]
    return max(found, default=None)


def told_since(
    connection: Connection, source: str, stream: str, external_ids: Collection[str], since: datetime, now: datetime
) -> dict[str, datetime]:
    """Those of these rows about which an event that came since then was taken, and when the row changed of which the
    last one told, by the platform's clock: as stated with the row, else when the event happened.

    That is all that is asked of the platform's clock, which may be wrong. An event that says that it came after now
    came before our clock was set back.
    """
    if not run_plain(connection, _ANY, source, stream).scalar():
        return {}
    row = and_(*(_record.c[name] == _event.c[name] for name in ("source", "stream", "external_id")))
    query = (
        select(_event.c.external_id, _event.c.created_at, _event.c.state == LANDED, _record.c.source_updated_at)
        .outerjoin(_record, and_(row, _record.c.vanished_at.is_(None)))
        .where(_event.c.source == source, _event.c.stream == stream, _event.c.state.in_((LANDED, UNCHANGED)))
        .where(_event.c.received_at.between(since, now + AT_THIS_MOMENT))
        .where(among(connection, _event.c.external_id, external_ids))
        .order_by(_event.c.created_at, _event.c.received_at)
    )
    rows = connection.execute(query).all()
    return {id_: changed_at if landed and changed_at else created_at for id_, created_at, landed, changed_at in rows}


def spoken_of(
    connection: Connection, source: str, stream: str, external_ids: Collection[str], since: datetime, now: datetime
) -> set[str]:
    """Those of these rows of which an event that came since then says something that is not known to be old, whether it
    is taken already or still waits."""
    if not run_plain(connection, _ANY, source, stream).scalar():
        return set()
    query = (
        select(_event.c.external_id)
        .where(_event.c.source == source, _event.c.stream == stream, _event.c.state.not_in((STALE, KEPT)))
        .where(_event.c.received_at.between(since, now + AT_THIS_MOMENT))
        .where(among(connection, _event.c.external_id, external_ids))
    )
    return set(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class HeldRow:
    """What the store holds of a row that an event speaks of."""

    id: int
    payload: str
    notes: str | None
    owner_id: str | None
    source_updated_at: datetime | None
    retrieved_from: str
    retrieved_at: datetime
    vanished_at: datetime | None


def held(connection: Connection, source: str, stream: str, external_id: str) -> HeldRow | None:
    """The row as it is held, vanished or not."""
    query = select(*(_record.c[name] for name in HeldRow.__slots__)).where(
        _record.c.source == source, _record.c.stream == stream, _record.c.external_id == external_id
    )
    row = connection.execute(query).one_or_none()
    return HeldRow(*row) if row else None


def standing(connection: Connection) -> dict[str, dict[str, int]]:
    """How many events there are: source → state → number."""
    query = select(_event.c.source, _event.c.state, func.count()).group_by(_event.c.source, _event.c.state)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for source, state, number in connection.execute(query).all():
        found[source][state] = number
    return dict(found)


def waiting_since(connection: Connection) -> datetime | None:
    """When the oldest event that waits came."""
    query = select(func.min(_event.c.received_at)).where(_event.c.state == WAITING)
    found: datetime | None = connection.execute(query).scalar()
    return found


def forget(connection: Connection, before: datetime) -> int:
    """Let go of processed events that no repetition will name any more; how many."""
    done = (_event.c.state != WAITING, _event.c.received_at < before)
    return connection.execute(delete(_event).where(*done)).rowcount


def _this(event: Event) -> Sequence[Any]:
    return (_event.c.source == event.source, _event.c.event_id == event.event_id)
