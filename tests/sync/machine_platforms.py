"""Two made-up platforms that are the truth: a school that sends events by itself, and a salon that only lists.

They stand in for the packages of the same name below `connectors/`, so that everything above the seam is the real
program. They can behave badly while they are read (`Trouble`).
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from connectors.base import Absence, Capabilities, Connector, Page, Position, Rejected, Stream, Traffic
from connectors.errors import RejectRow
from connectors.hooks import Delivery, NotAnEventError, Observation
from connectors.records import Booking, Customer, Enrollment, Kind, Payload, SourceRecord

PAGE = 2
PAYLOADS: Mapping[Kind, type[Payload]] = {
    Kind.CUSTOMER: Customer,
    Kind.BOOKING: Booking,
    Kind.ENROLLMENT: Enrollment,
}
TOPICS = {"people.changed": "people", "people.deleted": "people", "enrollments.changed": "enrollments"}
ASIDE = ("first_name", "last_name", "email")
SOON = 20.0


@dataclass(frozen=True)
class Fact:
    """A row as the platform has it. One with `bad` among its fields cannot be mapped."""

    fields: Mapping[str, Any]
    owner_id: str | None = None
    updated_at: datetime | None = None

    @property
    def bad(self) -> bool:
        """It cannot be mapped."""
        return "bad" in self.fields

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        changed = self.updated_at and self.updated_at.isoformat()
        return {"fields": dict(self.fields), "owner_id": self.owner_id, "updated_at": changed}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Fact":
        """The other way round."""
        changed = document["updated_at"]
        return cls(document["fields"], document["owner_id"], datetime.fromisoformat(changed) if changed else None)


@dataclass
class Trouble:
    """What goes wrong while one stream is read, once each. Pages are counted from 0.

    `fails`: raised instead of a page. `again`: a page that comes twice. `total`: added to what is stated.
    `meanwhile`: called with a page's number when that page is made up and not yet handed over. `confirming`: as
    `Made.confirming`, for the rows that the read did not list.
    """

    fails: tuple[int, Exception] | None = None
    again: int | None = None
    total: int = 0
    meanwhile: Callable[[int], None] = lambda _: None
    confirming: Callable[[], None] | None = None


@dataclass
class Made:
    """A platform. `rows`: stream → id → fact, in the order in which they are listed.

    `silent`: raised instead of an answer about a single row. `confirming`: called, once, when such an answer is made up
    and not yet given. `learnt`: what cannot be mapped now can. `left`: whoever reads is dead.
    """

    name: str
    streams: Sequence[Stream]
    bookings: bool = False
    clock: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    rows: dict[str, dict[str, Fact]] = field(default_factory=dict)
    trouble: dict[str, Trouble] = field(default_factory=dict)
    silent: Exception | None = None
    confirming: Callable[[], None] | None = None
    asked: list[str] = field(default_factory=list)
    learnt: bool = False
    landed: dict[str, int] = field(default_factory=dict)
    left: bool = False
    moved: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.rows = {stream.name: {} for stream in self.streams}

    def told(self, stream: str) -> None:
        """A page of a stream has landed."""
        with self.moved:
            self.landed[stream] = self.landed.get(stream, 0) + 1
            self.moved.notify_all()

    def leave(self) -> None:
        """Whoever reads has died."""
        with self.moved:
            self.left = True
            self.moved.notify_all()

    def kind(self, stream: str) -> Kind:
        """Of which kind the rows of a stream are."""
        return next(each.kind for each in self.streams if each.name == stream)

    def record(self, stream: str, id_: str, fact: Fact) -> SourceRecord:
        """A row as it is mapped. Raises `RejectRow`."""
        if fact.bad and not self.learnt:
            raise RejectRow("cannot be read", "bad")
        kind = self.kind(stream)
        fields = {name: value for name, value in fact.fields.items() if name != "bad"}
        return SourceRecord(
            external_id=id_,
            kind=kind,
            payload=PAYLOADS[kind](**fields),
            owner_id=fact.owner_id,
            updated_at=fact.updated_at,
        )

    def delivery(self, topic: str, id_: str, number: int) -> bytes:
        """What is sent about a row as it is now."""
        stream = TOPICS.get(topic)
        fact = self.rows[stream].get(id_) if stream else None
        body: dict[str, Any] = {"id": f"e{number}", "topic": topic, "at": self.clock.isoformat(), "row": id_}
        if fact is not None:
            body["fact"] = fact.document()
            owner = self.rows["people"].get(fact.owner_id or "")
            if owner is not None:
                body["person"] = {name: owner.fields.get(name) for name in ASIDE}
        return json.dumps(body).encode()


@dataclass
class MadeConnector:
    """Reads a platform: pages of two, in its own order, with a total; after a cursor, and then from the beginning."""

    platform: Made
    name: str = ""
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        self.name = self.platform.name
        self.streams = self.platform.streams
        self.capabilities = Capabilities(
            stable_ids=True,
            consents=True,
            bookings=self.platform.bookings,
            changed_since=False,
            confirms_deletion=True,
        )

    def check(self) -> str:
        """Well."""
        return "fine"

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """By offset, as platforms do: rows that come and go meanwhile shift the pages."""
        trouble = self.platform.trouble.pop(stream, Trouble())
        self.platform.landed[stream] = 0
        self.platform.confirming = trouble.confirming or self.platform.confirming
        start = 0 if position.full or position.cursor is None else int(position.cursor)
        handed = 0
        for number, offset in enumerate(self._offsets(stream, start)):
            if trouble.fails and trouble.fails[0] == number:
                raise trouble.fails[1]
            page = self._page(stream, offset, trouble.total, sweep=start == 0)
            self._wait_for(stream, handed)
            trouble.meanwhile(number)
            for _ in range(2 if trouble.again == number else 1):
                handed += 1
                yield page

    def _offsets(self, stream: str, start: int) -> Iterator[int]:
        offset = start
        while offset < len(self.platform.rows[stream]) or offset == 0:
            yield offset
            offset += PAGE
        yield from range(0, start, PAGE)

    def _wait_for(self, stream: str, handed: int) -> None:
        """Until what was handed over has landed: the story must go the same way each time it is told."""
        with self.platform.moved:
            done = self.platform.moved.wait_for(
                lambda: self.platform.landed[stream] >= handed or self.platform.left, SOON
            )
            assert done, "a page did not land in time"

    def _page(self, stream: str, offset: int, lie: int, *, sweep: bool) -> Page:
        rows = self.platform.rows[stream]
        ids = list(rows)[offset : offset + PAGE]
        good = [id_ for id_ in ids if not rows[id_].bad or self.platform.learnt]
        return Page(
            stream=stream,
            retrieved_from=f"GET /{stream}",
            records=tuple(self.platform.record(stream, id_, rows[id_]) for id_ in good),
            rejected=tuple(
                Rejected(external_id=id_, fields={"id": id_, **rows[id_].document()}, reason="cannot be read")
                for id_ in ids
                if id_ not in good
            ),
            sweep=sweep,
            total=len(rows) + lie,
            cursor=str(offset + PAGE),
        )

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Rows from pages and from events alike."""
        return self.platform.record(stream, fields["id"], Fact.of(fields))

    def confirm_gone(self, stream: str, external_id: str) -> bool:
        """Whether the row is not there."""
        self.platform.asked.append(external_id)
        if self.platform.silent:
            raise self.platform.silent
        gone = external_id not in self.platform.rows[stream]
        meanwhile, self.platform.confirming = self.platform.confirming, None
        if meanwhile:
            meanwhile()
        return gone

    def close(self, imported: frozenset[str]) -> None:
        """Nothing to do."""


@dataclass
class MadeReceiver:
    """Understands what `Made.delivery` makes."""

    platform: Made
    streams: Mapping[str, Kind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.streams = {stream.name: stream.kind for stream in self.platform.streams}

    def is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Always."""
        return True

    def read(self, body: bytes) -> Delivery:
        """The delivery. Raises `NotAnEventError`."""
        try:
            said = json.loads(body)
        except ValueError:
            raise NotAnEventError("no JSON") from None
        stream = TOPICS.get(said["topic"])
        fields = {"id": said["row"], **said["fact"]} if stream and "fact" in said else {}
        return Delivery(
            event_id=said["id"],
            topic=said["topic"],
            created_at=said["at"],
            stream=stream,
            external_id=said["row"] if stream else None,
            fields=fields | ({"person": said["person"]} if "person" in said else {}),
            deleted=said["topic"].endswith(".deleted"),
        )

    def observe(self, delivery: Delivery) -> Sequence[Observation]:
        """The row, and the person whom it names. An event about people says nothing of their phones."""
        if "explode" in delivery.fields.get("fields", {}):
            raise ZeroDivisionError("Maija Testaaja")
        stream = str(delivery.stream)
        record = self.platform.record(stream, str(delivery.external_id), Fact.of(delivery.fields))
        speaks = frozenset(type(record.payload).model_fields) - {"phone"}
        found = [Observation(stream=stream, record=record, speaks=speaks)]
        if "person" in delivery.fields and record.owner_id:
            person = self.platform.record("people", record.owner_id, Fact(delivery.fields["person"]))
            found.append(Observation(stream="people", record=person, speaks=frozenset(ASIDE), only_new=True))
        return found


def school() -> Made:
    """People with and without a time of change, and what they study. It sends events and confirms deletions."""
    return Made(
        "thinkific",
        (
            Stream(name="people", kind=Kind.CUSTOMER, absence=Absence.CONFIRMED, activity="online_courses"),
            Stream(name="enrollments", kind=Kind.ENROLLMENT, absence=Absence.CONFIRMED, activity="online_courses"),
        ),
    )


def salon() -> Made:
    """Clients and their bookings, which name their client by id, by phone or by name."""
    return Made(
        "timma",
        (
            Stream(name="clients", kind=Kind.CUSTOMER, absence=Absence.DELETED, activity="bookings"),
            Stream(name="bookings", kind=Kind.BOOKING, absence=Absence.DELETED, activity="bookings"),
        ),
        bookings=True,
    )


SETTINGS = """
[thinkific]
subdomain = "school"
api_key = "made-up"
consent_grantee = "controller"

[timma.api]
base_url = "https://salon.example.com"
token = "made-up"
"""


@contextmanager
def standing_in(*platforms: Made) -> Iterator[None]:
    """The platforms' packages are these, for as long as it lasts."""
    names = [f"connectors.{platform.name}" for platform in platforms]
    real = {name: sys.modules[name] for name in names if name in sys.modules}
    for name, platform in zip(names, platforms, strict=True):
        sys.modules[name] = _package(name, platform)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(real)


def _package(name: str, platform: Made) -> ModuleType:
    package: Any = ModuleType(name)

    def connect(source: Any, stop: threading.Event | None = None) -> Connector:
        return MadeConnector(platform)

    package.connect = connect
    if platform.name == "thinkific":
        package.receiver = lambda source: MadeReceiver(platform)
    made: ModuleType = package
    return made
