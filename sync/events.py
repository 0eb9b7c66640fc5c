"""What platforms send by themselves: kept on disk at once, then landed and reconciled, beside any run.

1. What says that a row is gone is asked of the platform first.
2. In one transaction, each event in the order in which it happened: it is stale where newer data is held; else what it
   says of a row is put over what is held of it, and landed as a page of one row would be, but without a checkpoint,
   since it is no part of any read.
3. Customers that changed are reconciled and published in the same transaction.
4. The events are settled and let go of, and what they did is written down as a run.
"""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic_core import from_json
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from config.logging import describe, logger
from config.register import ProcessingRegister, load_register
from config.sections import ACTIVITIES
from config.settings import Settings, Source
from connectors.errors import ConnectorError, RejectRow
from connectors.hooks import Delivery, Observation, Receiver
from connectors.records import Kind, SourceRecord
from store import absence, events, runs
from store.batch import Batch, Landed, RejectedRow, Row
from store.engine import reading, writing
from store.events import Event, HeldRow
from store.ids import new_id
from store.landing import land
from sync.attach import find_owners
from sync.models import active
from sync.observing import RETRIEVED, is_stale, merged
from sync.origins import origin_id
from sync.prepare import to_row
from sync.rebuild import is_due
from sync.reconciling import Act, Tally, reconcile_records
from sync.report import OK, StreamReport
from sync.run import rules_of
from sync.sources import connect, receiver

AT_ONCE = 50
TRIES = 20
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

POSTPONED = "postponed"
PROCESSED = (
    events.LANDED, events.UNCHANGED, events.STALE, events.KEPT, events.REFUSED, POSTPONED, events.FAILED,
)  # fmt: skip
"""What may become of an event: a state in which it stays (`store.tables.PlatformEvent`), or another try later."""

Outcomes = Counter[tuple[str, str]]
"""How many events: by source and what became of them."""


def accept(engine: Engine, source: str, receiver: Receiver, body: bytes) -> str:
    """Put a genuine delivery on disk: `taken`, or `seen` where it was there. Raises `NotAnEventError`."""
    delivery = receiver.read(body)
    event = Event(
        source=source,
        event_id=delivery.event_id,
        topic=delivery.topic,
        stream=delivery.stream,
        external_id=delivery.external_id,
        deleted=delivery.deleted,
        created_at=delivery.created_at,
        received_at=datetime.now(UTC),
        fields=json.dumps(dict(delivery.fields), ensure_ascii=False) if delivery.fields else None,
    )
    return "taken" if events.keep(engine, event) else "seen"


def work_off(engine: Engine, settings: Settings, stop: threading.Event) -> Outcomes:
    """Process every event that is due. Raises `SQLAlchemyError`, `ConfigError`; what was not processed waits."""
    outcomes: Outcomes = Counter()
    desk = _Desk(engine, settings, load_register(settings.processing.register_path), stop)
    while not stop.is_set():
        with reading(engine) as connection:
            due = events.waiting(connection, datetime.now(UTC), AT_ONCE)
        if not due:
            break
        outcomes += desk.process(due)
    return outcomes


@dataclass(slots=True)
class _Taken:
    """What one transaction did: the numbers of its streams, and whom to reconcile."""

    run_id: str
    now: datetime
    streams: dict[tuple[str, str], StreamReport] = field(default_factory=lambda: defaultdict(StreamReport))
    people: set[int] = field(default_factory=set)

    def count(self, source: str, stream: str, landed: Landed) -> None:
        """Add to the numbers of a stream."""
        report = self.streams[source, stream]
        report.fetched += landed.new + landed.changed + landed.unchanged + landed.quarantined
        for name in ("new", "changed", "unchanged", "quarantined", "vanished"):
            setattr(report, name, getattr(report, name) + getattr(landed, name))


@dataclass(slots=True)
class _Desk:
    """Processes events under the settings and the register as they are now."""

    engine: Engine
    settings: Settings
    register: ProcessingRegister
    stop: threading.Event

    def process(self, due: Sequence[Event]) -> Outcomes:
        """All of them in one transaction; where that fails, each in its own, so that one stops no other."""
        outcomes: Outcomes = Counter()
        ready = []
        for event in due:
            gone = self._is_gone(event) if event.deleted else True
            if gone is None:
                self._postpone(event, outcomes)
            else:
                ready.append((event, gone))
        try:
            outcomes += self._take(ready)
        except Exception as error:
            if isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError | DataError):
                raise  # the database's trouble, not this event's
            if len(ready) > 1:
                for event, _ in ready:
                    outcomes += self.process([event])
                return outcomes
            event = ready[0][0]
            logger("sync").error("an event could not be processed", source=event.source, error=describe(error))
            self._postpone(event, outcomes)
        return outcomes

    def _is_gone(self, event: Event) -> bool | None:
        """Whether the platform says so too; `None` where it does not answer."""
        source = self._source(event.source)
        if source is None or event.stream is None or event.external_id is None:
            return False
        try:
            connector = connect(source, self.stop)
            try:
                return connector.confirm_gone(event.stream, event.external_id)
            finally:
                connector.close(frozenset())
        except ConnectorError as error:
            logger("sync").info("the platform does not say whether a row is gone", source=source.name, error=str(error))
        except Exception as error:  # of one event; the others must not wait for it
            logger("sync").error("could not ask whether a row is gone", source=source.name, error=describe(error))
        return None

    def _postpone(self, event: Event, outcomes: Outcomes) -> None:
        now = datetime.now(UTC)
        last = event.tries + 1 >= TRIES
        pause = min(_FIRST_PAUSE * 2 ** min(event.tries, 10), _LONGEST_PAUSE)
        with writing(self.engine) as connection:
            events.postpone(connection, event, None if last else now + pause, now)
        outcomes[event.source, events.FAILED if last else POSTPONED] += 1

    def _take(self, ready: Sequence[tuple[Event, bool]]) -> Outcomes:
        outcomes: Outcomes = Counter()
        if not ready:
            return outcomes
        now = datetime.now(UTC)
        taken = _Taken(new_id(now), now)
        with writing(self.engine) as connection:
            runs.note_event_run(connection, taken.run_id, now)
            for event, gone in ready:
                state = self._one(connection, event, gone, taken)
                events.settle(connection, event, state, now, taken.run_id)
                outcomes[event.source, state] += 1
            if taken.people:
                self._reconcile(connection, taken)
            _note(connection, taken)
        return outcomes

    def _reconcile(self, connection: Connection, taken: _Taken) -> None:
        """Where the registry is published under other rules than ours, people wait for the run that rebuilds it."""
        rules = rules_of(self.settings, active(connection, self.settings))
        if not is_due(connection, rules):
            reconcile_records(connection, taken.people, rules, Act("sync", taken.now, taken.run_id), Tally())

    def _one(self, connection: Connection, event: Event, gone: bool, taken: _Taken) -> str:
        source = self._source(event.source)
        understood = receiver(source) if source else None
        if source is None or understood is None or event.stream is None:
            return events.KEPT
        if event.deleted:
            return _vanish(connection, event, taken) if gone else events.STALE
        landing = _Landing(connection, event, source, understood.streams, self.register, taken)
        try:
            said = understood.observe(_delivery(event))
        except RejectRow as error:
            return landing.quarantine(error)
        # People first, so that what they did finds them.
        ordered = sorted(said, key=lambda one: one.record.kind is not Kind.CUSTOMER)
        states = [(one, landing.observe(one)) for one in ordered]
        return next(state for one, state in states if one is said[0])

    def _source(self, name: str) -> Source | None:
        return next((source for source in self.settings.sources() if source.name == name), None)


@dataclass(frozen=True, slots=True)
class _Landing:
    """One event's rows on their way into the store."""

    connection: Connection
    event: Event
    source: Source
    kinds: Mapping[str, Kind]
    register: ProcessingRegister
    taken: _Taken

    def observe(self, said: Observation) -> str:
        """Land what was said of one row; what became of it."""
        event, stream, external_id = self.event, said.stream, said.record.external_id
        held = events.held(self.connection, event.source, stream, external_id)
        if held is not None and said.only_new:
            return events.UNCHANGED
        if self._is_stale(stream, external_id, said.record, held):
            return events.STALE
        row, masked = to_row(merged(said, held), names_help=False)
        landed = land(self.connection, self._batch(stream, said.record.kind, rows=[row]))
        self.taken.count(event.source, stream, landed)
        self.taken.streams[event.source, stream].masked += masked
        if said.record.kind is Kind.CUSTOMER:
            self.taken.people |= {*landed.new_ids, *landed.changed_ids}
        return events.LANDED if landed.new or landed.changed else events.UNCHANGED

    def quarantine(self, error: RejectRow) -> str:
        """Keep what could not be mapped for a later mapping, unless newer data is held."""
        event, stream = self.event, str(self.event.stream)
        if event.external_id is not None:
            held = events.held(self.connection, event.source, stream, event.external_id)
            if self._is_stale(stream, event.external_id, None, held):
                return events.STALE
        key = event.external_id or f"event {event.event_id}"
        rejected = RejectedRow(key, event.fields or "{}", error.reason, error.column)
        landed = land(self.connection, self._batch(stream, self.kinds[stream], rejected=[rejected]))
        self.taken.count(event.source, stream, landed)
        return events.REFUSED

    def _is_stale(self, stream: str, external_id: str, said: SourceRecord | None, held: HeldRow | None) -> bool:
        newest = events.latest(self.connection, self.event.source, stream, [external_id]).get(external_id)
        swept = runs.sweep_began(self.connection, self.event.source, stream)
        return is_stale(self.event, said, held, newest, swept)

    def _batch(
        self, stream: str, kind: Kind, *, rows: Sequence[Row] = (), rejected: Sequence[RejectedRow] = ()
    ) -> Batch:
        now = self.taken.now
        activity = ACTIVITIES[self.source.platform]
        return Batch(
            source=self.source.name,
            stream=stream,
            kind=kind.value,
            run_id=self.taken.run_id,
            now=now,
            origin_id=origin_id(self.connection, self.register, self.source, activity, kind.value, now),
            retrieved_from=f"{RETRIEVED}{self.event.topic}",
            rows=rows,
            rejected=rejected,
            owner_stream=next((name for name, kind in self.kinds.items() if kind is Kind.CUSTOMER), None),
            checkpoint=False,
        )


def _delivery(event: Event) -> Delivery:
    return Delivery(
        event_id=event.event_id,
        topic=event.topic,
        created_at=event.created_at,
        stream=event.stream,
        external_id=event.external_id,
        fields=from_json(event.fields or "{}"),
    )


def _vanish(connection: Connection, event: Event, taken: _Taken) -> str:
    """Take a row out of the live view, or out of quarantine, that the platform says it has no longer."""
    stream, external_id = str(event.stream), str(event.external_id)
    runs.lift(connection, event.source, stream, [external_id])
    held = events.held(connection, event.source, stream, external_id)
    if held is None or held.vanished_at is not None:
        return events.UNCHANGED
    orphans = absence.vanish(connection, [held.id], taken.now)
    find_owners(connection, event.source, orphans)
    taken.count(event.source, stream, Landed(changed=1, vanished=1))
    taken.people.add(held.id)
    return events.LANDED


def _note(connection: Connection, taken: _Taken) -> None:
    for source in sorted({source for source, _ in taken.streams}):
        key = {"run_id": taken.run_id, "source": source}
        row = {"outcome": OK, "error": None, "requests": 0, "retries": 0, "waited_s": 0.0}
        streams = [
            key | {"stream": stream} | report.as_dict()
            for (mine, stream), report in taken.streams.items()
            if mine == source
        ]
        runs.note_source(connection, key | row, streams)
