"""One event's rows on their way into the store: stale, refused, or landed over what is held. Inside its transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic_core import from_json
from sqlalchemy import Connection

from config.register import ProcessingRegister
from config.sections import ACTIVITIES
from config.settings import Source
from connectors.errors import RejectRow
from connectors.hooks import Delivery, Observation
from connectors.records import Kind, SourceRecord
from store import absence, events, runs
from store.batch import Batch, Landed, Recognise, RejectedRow, Row
from store.events import Event, HeldRow
from store.landing import land
from sync.attach import find_owners
from sync.observing import RETRIEVED, is_known_since, is_stale, merged
from sync.origins import origin_id
from sync.prepare import to_row
from sync.report import StreamReport

ACTOR = "rekisteri (event)"
"""Who lands these rows, for the audit chain."""


@dataclass(slots=True)
class Taken:
    """What one transaction did: the numbers of its streams, and whom to reconcile."""

    run_id: str
    now: datetime
    streams: dict[tuple[str, str], StreamReport] = field(default_factory=lambda: defaultdict(StreamReport))
    people: set[int] = field(default_factory=set)

    def count(self, source: str, stream: str, landed: Landed) -> None:
        """Add to the numbers of a stream."""
        report = self.streams[source, stream]
        report.fetched += landed.new + landed.changed + landed.unchanged + landed.quarantined
        for name in ("new", "changed", "unchanged", "quarantined", "vanished", "erased"):
            setattr(report, name, getattr(report, name) + getattr(landed, name))


@dataclass(frozen=True, slots=True)
class EventLanding:
    """One event's rows on their way into the store."""

    connection: Connection
    event: Event
    source: Source
    kinds: Mapping[str, Kind]
    register: ProcessingRegister
    taken: Taken
    recognise: Recognise | None = None

    def observe(self, said: Observation) -> str:
        """Land what was said of one row; what became of it."""
        event, stream, external_id = self.event, said.stream, said.record.external_id
        held = events.held(self.connection, event.source, stream, external_id)
        if held is not None and said.only_new:
            return events.UNCHANGED
        if self._is_stale(stream, external_id, said.record, held):
            return events.STALE
        row, masked = to_row(merged(said, held), names_help=False)
        landed = land(self.connection, self._batch(stream, said.record.kind, rows=[row]), self.recognise)
        self.taken.count(event.source, stream, landed)
        self.taken.streams[event.source, stream].masked += masked
        if said.record.kind is Kind.CUSTOMER:
            self.taken.people |= {*landed.new_ids, *landed.changed_ids}
        return _became(landed)

    def quarantine(self, error: RejectRow) -> str:
        """Keep what could not be mapped for a later mapping, unless newer data is held."""
        event, stream = self.event, str(self.event.stream)
        if event.external_id is not None:
            held = events.held(self.connection, event.source, stream, event.external_id)
            if self._is_stale(stream, event.external_id, None, held):
                return events.STALE
        key = event.external_id or f"event {event.event_id}"
        rejected = RejectedRow(key, event.fields or "{}", error.reason, error.column)
        landed = land(self.connection, self._batch(stream, self.kinds[stream], rejected=[rejected]), self.recognise)
        self.taken.count(event.source, stream, landed)
        return _became(landed)

    def _is_stale(self, stream: str, external_id: str, said: SourceRecord | None, held: HeldRow | None) -> bool:
        taken = events.newest(self.connection, self.event.source, stream, external_id)
        swept = runs.sweep_began(self.connection, self.event.source, stream)
        return is_stale(self.event, said, held, taken, swept)

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
            now=min(self.event.received_at, now),
            origin_id=origin_id(self.connection, self.register, self.source, activity, kind.value, now, ACTOR),
            retrieved_from=f"{RETRIEVED}{self.event.topic}",
            rows=rows,
            rejected=rejected,
            owner_stream=next((name for name, kind in self.kinds.items() if kind is Kind.CUSTOMER), None),
            checkpoint=False,
        )


def _became(landed: Landed) -> str:
    if landed.erased:
        return events.DROPPED
    if landed.quarantined:
        return events.REFUSED
    return events.LANDED if landed.new or landed.changed else events.UNCHANGED


def delivery_of(event: Event) -> Delivery:
    """The event as its receiver understands it."""
    return Delivery(
        event_id=event.event_id,
        topic=event.topic,
        created_at=event.created_at,
        stream=event.stream,
        external_id=event.external_id,
        fields=from_json(event.fields or "{}"),
    )


def vanish(connection: Connection, event: Event, asked_at: datetime, taken: Taken) -> str:
    """Take a row out of the live view, or out of quarantine, that the platform had no longer when it was asked."""
    stream, external_id = str(event.stream), str(event.external_id)
    held = events.held(connection, event.source, stream, external_id)
    if held and is_known_since(held, events.newest(connection, event.source, stream, external_id), asked_at):
        return events.STALE
    runs.lift(connection, event.source, stream, [external_id])
    if held is None or held.vanished_at is not None:
        return events.UNCHANGED
    orphans = absence.vanish(connection, [held.id], asked_at)
    find_owners(connection, event.source, orphans)
    taken.count(event.source, stream, Landed(changed=1, vanished=1))
    taken.people.add(held.id)
    return events.LANDED
