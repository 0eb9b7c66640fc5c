"""A made-up platform: a connector whose rows are a dictionary, and which can behave badly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

from connectors.base import Absence, Capabilities, Page, Position, Rejected, Stream, Traffic
from connectors.errors import RejectRow
from connectors.records import Customer, Kind, SourceRecord
from sync.pull import Orders, Pull
from sync.report import SourceReport
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Platform:
    """People by id; a name of `None` cannot be mapped. `reads`: what each read lists instead of all, once each.

    `total`: what it states instead of how many there are. `fails`: raised after so many pages (0: at the first).
    `gone`: ids that it says do not exist. `stop`: set after the first page.
    """

    people: dict[str, str | None]
    absence: Absence = Absence.DELETED
    reads: list[list[str]] = field(default_factory=list)
    total: int | None = None
    sweep: bool = True
    fails: tuple[int, Exception] | None = None
    gone: frozenset[str] | None = None
    stop: Event = field(default_factory=Event)
    stops: bool = False
    mapping: bool = False
    name: str = "salon"
    asked: list[str] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.capabilities = Capabilities(
            stable_ids=True, consents=False, bookings=False, changed_since=False, confirms_deletion=True
        )
        self.streams: Sequence[Stream] = (
            Stream(name="people", kind=Kind.CUSTOMER, absence=self.absence, activity="x"),
        )
        self.traffic = Traffic(requests=3, retries=1, waited_s=0.5)

    def check(self) -> str:
        """Well."""
        return "fine"

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """Pages of two."""
        self.positions.append(position)
        ids = self.reads.pop(0) if self.reads else list(self.people)
        total = len(self.people) if self.total is None else self.total
        for start in range(0, max(len(ids), 1), 2):
            if self.fails and self.fails[0] == start // 2:
                raise self.fails[1]
            yield self._page(ids[start : start + 2], total, cursor=f"after {start + 2}")
            if self.stops:
                self.stop.set()

    def _page(self, ids: Sequence[str], total: int, cursor: str) -> Page:
        good = [id_ for id_ in ids if self.people.get(id_, "Testi")]
        return Page(
            stream="people",
            retrieved_from="GET /people",
            records=tuple(self.map_row("people", {"id": id_, "name": self.people.get(id_, "Testi")}) for id_ in good),
            rejected=tuple(
                Rejected(external_id=id_, fields={"id": id_, "name": None}, reason="no name")
                for id_ in ids
                if id_ not in good
            ),
            sweep=self.sweep,
            total=total,
            cursor=cursor,
        )

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Names are needed, unless the mapping has learnt to do without (`mapping`)."""
        if not fields["name"] and not self.mapping:
            raise RejectRow("no name")
        payload = Customer(name=fields["name"] or "Nimetön")
        return SourceRecord(external_id=fields["id"], kind=Kind.CUSTOMER, payload=payload)

    def confirm_gone(self, stream: str, external_id: str) -> bool:
        """Whether it is among `gone`."""
        self.asked.append(external_id)
        return self.gone is None or external_id in self.gone

    def close(self, imported: frozenset[str]) -> None:
        """Nothing to do."""


def pull(registry: Registry, platform: Platform, *, accepted: bool = False, full: bool = False) -> SourceReport:
    """One run of one source."""
    orders = Orders("run", NOW, full, accepted, 0.2, platform.stop, lambda *_: None)
    return Pull(registry.engine, platform.name, platform, {Kind.CUSTOMER: registry.origin}, orders).run()
