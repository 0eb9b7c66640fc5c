"""What platforms send by themselves: kept on disk at once, then landed and reconciled, beside any run.

1. In one transaction, each event in the order in which it happened: it is stale where newer data is held; else what it
   says of a row is put over what is held of it, and landed as a page of one row would be, but without a checkpoint,
   since it is no part of any read.
2. Customers that changed are reconciled and published in the same transaction.
3. The events are settled and let go of, and what they did is written down as a run.
4. When nothing else waits, the platform is asked about what says that a row is gone, and what it confirms is taken as
   above. Whatever comes while it takes its time goes before the rest.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from config.errors import ConfigError
from config.logging import describe, logger
from config.register import ProcessingRegister, load_register
from config.settings import Settings, Source
from connectors.errors import ConnectorError, RejectRow
from connectors.hooks import Receiver
from connectors.records import Kind
from store import events, runs
from store.engine import reading, writing
from store.erasing import going
from store.events import Event
from store.ids import new_id
from sync.event_landing import EventLanding, Taken, delivery_of, vanish
from sync.models import active
from sync.obeying import heeded
from sync.rebuild import is_due
from sync.recognising import Recognition
from sync.reconciling import Act, Tally, reconcile_records
from sync.report import OK
from sync.run import rules_of
from sync.sources import connect, receiver

AT_ONCE = 50
TRIES = 20
PATIENCE_S = 5.0
"""For so long a platform is asked about deletions before it is looked whether anything else has come."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

POSTPONED = "postponed"
PROCESSED = (
    events.LANDED, events.UNCHANGED, events.STALE, events.KEPT, events.REFUSED, events.DROPPED, POSTPONED,
    events.FAILED,
)  # fmt: skip
"""What may become of an event: a state in which it stays (`store.tables.PlatformEvent`), or another try later."""

Ready = tuple[Event, datetime | None]
"""An event to be taken, and when the platform was asked that confirmed it, where it says that a row is gone."""

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


def work_off(engine: Engine, settings: Settings, stop: threading.Event, *, patience_s: float = PATIENCE_S) -> Outcomes:
    """Process every event that is due. Raises `SQLAlchemyError`, `ConfigError`; what was not processed waits."""
    outcomes: Outcomes = Counter()
    recognise = Recognition(settings.privacy.key_file)
    with reading(engine) as connection:
        recognise.ready(connection)
    desk = _Desk(engine, settings, load_register(settings.processing.register_path), stop, recognise)
    while not stop.is_set():
        with reading(engine) as connection:
            due = events.waiting(connection, datetime.now(UTC), AT_ONCE)
        if not due:
            break
        told = [event for event in due if not event.deleted]
        outcomes += desk.process([(event, None) for event in told]) if told else desk.confirm(due, patience_s)
    return outcomes


@dataclass(slots=True)
class _Desk:
    """Processes events under the settings and the register as they are now."""

    engine: Engine
    settings: Settings
    register: ProcessingRegister
    stop: threading.Event
    recognise: Recognition

    def process(self, ready: Sequence[Ready]) -> Outcomes:
        """All of them in one transaction; where that fails, each in its own, so that one stops no other."""
        outcomes: Outcomes = Counter()
        try:
            outcomes += self._take(ready)
        except ConfigError:
            raise  # the key to the erased is not there: until it is, events wait
        except Exception as error:
            if isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError | DataError):
                raise  # the database's trouble, not this event's
            if len(ready) > 1:
                for one in ready:
                    outcomes += self.process([one])
                return outcomes
            event = ready[0][0]
            logger("sync").error("an event could not be processed", source=event.source, error=describe(error))
            self._postpone(event, outcomes)
        return outcomes

    def confirm(self, due: Sequence[Event], patience_s: float) -> Outcomes:
        """Ask about one after the other, at least one, until patience is at an end; take what was answered."""
        outcomes: Outcomes = Counter()
        ready: list[Ready] = []
        began = time.monotonic()
        for event in due:
            asked_at = datetime.now(UTC)
            gone = self._is_gone(event)
            if gone is None:
                self._postpone(event, outcomes)
            else:
                ready.append((event, asked_at if gone else None))
            if self.stop.is_set() or time.monotonic() - began >= patience_s:
                break
        return outcomes + self.process(ready)

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

    def _take(self, ready: Sequence[Ready]) -> Outcomes:
        outcomes: Outcomes = Counter()
        if not ready:
            return outcomes
        now = datetime.now(UTC)
        taken = Taken(new_id(now), now)
        with writing(self.engine) as connection:
            going.secure(connection)  # what it tells, perhaps of somebody who was erased, is not to stay in the file
            runs.note_event_run(connection, taken.run_id, now)
            for event, asked_at in sorted(ready, key=lambda one: one[0].told):
                state = self._one(connection, event, asked_at, taken)
                events.settle(connection, event, state, now, taken.run_id)
                outcomes[event.source, state] += 1
            if taken.people:
                taken.people.update(heeded(connection, self.settings))
                self._reconcile(connection, taken)
            _note(connection, taken)
        return outcomes

    def _reconcile(self, connection: Connection, taken: Taken) -> None:
        """Where the registry is published under other rules than ours, people wait for the run that rebuilds it."""
        rules = rules_of(self.settings, active(connection, self.settings))
        if not is_due(connection, rules):
            reconcile_records(connection, taken.people, rules, Act("sync", taken.now, taken.run_id), Tally())

    def _one(self, connection: Connection, event: Event, asked_at: datetime | None, taken: Taken) -> str:
        source = self._source(event.source)
        understood = receiver(source) if source else None
        if source is None or understood is None or event.stream is None:
            return events.KEPT
        if event.deleted:
            return vanish(connection, event, asked_at, taken) if asked_at else events.STALE
        landing = EventLanding(connection, event, source, understood.streams, self.register, taken, self.recognise)
        try:
            said = understood.observe(delivery_of(event))
        except RejectRow as error:
            return landing.quarantine(error)
        # People first, so that what they did finds them.
        ordered = sorted(said, key=lambda one: one.record.kind is not Kind.CUSTOMER)
        states = [(one, landing.observe(one)) for one in ordered]
        return next(state for one, state in states if one is said[0])

    def _source(self, name: str) -> Source | None:
        return next((source for source in self.settings.sources() if source.name == name), None)


def _note(connection: Connection, taken: Taken) -> None:
    for source in sorted({source for source, _ in taken.streams}):
        key = {"run_id": taken.run_id, "source": source}
        row = {"outcome": OK, "error": None, "requests": 0, "retries": 0, "waited_s": 0.0}
        streams = [
            key | {"stream": stream} | report.as_dict()
            for (mine, stream), report in taken.streams.items()
            if mine == source
        ]
        runs.note_source(connection, key | row, streams)
