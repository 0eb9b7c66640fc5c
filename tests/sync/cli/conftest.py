"""A small registry with everything that the surface shows, and the command line run in this process."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import Result

from connectors.base import Stream
from connectors.records import Booking, BookingState, Course, Customer, Enrollment, Kind, Order, Product, SourceRecord
from store.engine import reading
from store.tables import AuditEvent, AuditPayload, table
from tests.command_line import rekisteri
from tests.sync.engine import Registry

NOW = datetime.now(UTC)


@dataclass
class Desk:
    """A folder with a configuration and a registry, and the command line on it."""

    folder: Path
    registry: Registry

    @classmethod
    def open(cls, folder: Path) -> "Desk":
        """A registry without anybody and without a source."""
        (folder / "rekisteri.toml").touch(0o600)
        return cls(folder, Registry.open(f"sqlite:///{folder / 'rekisteri.db'}"))

    def become(self, kept: "Desk") -> "Desk":
        """Take over all that a registry holds which nobody has open."""
        self.registry.engine.dispose()
        shutil.copy(kept.folder / "rekisteri.db", self.folder)
        self.registry.clock = kept.registry.clock
        return self

    def run(self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> Result:
        """`rekisteri --config … WORDS`."""
        return rekisteri(("--config", str(self.folder / "rekisteri.toml"), *words), stdin, env)

    def json(self, *words: str, stdin: bytes | None = None) -> Any:
        """The JSON document of a command that ended with 0."""
        done = self.run(*words, "--json", stdin=stdin)
        assert (done.exit_code, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def audit(self) -> list[tuple[str, str, str | None, dict[str, Any]]]:
        """(action, purpose, customer id, detail) of the audit trail."""
        event, payload = table(AuditEvent), table(AuditPayload)
        query = select(event, payload.c.customer_id, payload.c.detail)
        query = query.outerjoin_from(event, payload, payload.c.event_id == event.c.id).order_by(event.c.id)
        with reading(self.registry.engine) as connection:
            rows = connection.execute(query).all()
        return [(row.action, row.purpose, row.customer_id, json.loads(row.detail or "{}")) for row in rows]

    def land(self, source: str, stream: str, kind: Kind, records: Sequence[dict[str, Any]]) -> None:
        """Land records of any kind."""
        rows = [SourceRecord(kind=kind, **record) for record in records]
        self.registry._land(source, Stream(name=stream, kind=kind, activity="x"), rows)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A registry without anybody and without a source."""
    desk = Desk.open(tmp_path)
    yield desk
    desk.registry.engine.dispose()


@pytest.fixture
def people(desk: Desk, everybody: Desk) -> Desk:
    """Of the salon, of the school, of both, two namesakes, a mother and a child on one phone, a pair in doubt."""
    return desk.become(everybody)


@pytest.fixture(scope="session")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Those people, to take over: to land them for each test takes longer than most tests."""
    desk = Desk.open(tmp_path_factory.mktemp("everybody"))
    registry = desk.registry
    registry.land(
        "salon",
        {
            "both": {"name": "Maija Äijälä", "first_name": "Maija", "last_name": "Äijälä", "phone": "+358400000101",
                     "regular_employee": "Testi Hieroja", "discounts": ("10 %",), "no_show_count": 1},
            "salon": {"first_name": "Östen", "last_name": "Testaaja", "phone": "+358400000102"},
            "namesake": {"first_name": "Liisa", "last_name": "Korhonen", "email": "liisa.yksi@example.com"},
            "mother": {"first_name": "Aino", "last_name": "Perhe", "phone": "+358400000103"},
            "doubt": {"first_name": "Kaisa", "last_name": "Epävarma", "phone": "+358400000104"},
        },
    )  # fmt: skip
    registry.land(
        "school",
        {
            "both": {"first_name": "Maija", "last_name": "Äijälä", "email": "Maija.Aijala@example.com",
                     "phone": "+358400000101", "street": "Mallikatu 1", "postal_code": "00100", "city": "Helsinki"},
            "school": {"first_name": "Pekka", "last_name": "Kurssi", "email": "pekka@example.com"},
            "namesake": {"first_name": "Liisa", "last_name": "Korhonen", "email": "liisa.kaksi@example.com"},
            "child": {"first_name": "Veikko", "last_name": "Perhe", "phone": "+358400000103"},
            "doubt": {"first_name": "Kaisa-Liisa", "last_name": "Epävarma", "phone": "+358400000104"},
        },
    )  # fmt: skip
    _activities(desk)
    registry.reconcile()
    registry.engine.dispose()
    return desk


def _activities(desk: Desk) -> None:
    def booking(id_: str, starts: timedelta, state: BookingState) -> dict[str, Any]:
        payload = Booking(
            starts_at=NOW + starts, ends_at=NOW + starts, service="Hieronta", employee="Testi Hieroja", state=state
        )
        return {"external_id": id_, "owner_id": "both", "payload": payload, "notes": f"note of {id_}"}

    bookings = [
        booking("later", timedelta(days=2), BookingState.BOOKED),
        booking("past", timedelta(days=-2), BookingState.BOOKED),
        booking("gone", timedelta(days=-3), BookingState.COMPLETED) | {"deleted": True},
        booking("missed", timedelta(days=-9), BookingState.NO_SHOW),
    ]
    desk.land("salon", "bookings", Kind.BOOKING, bookings)
    desk.land("school", "courses", Kind.COURSE, [{"external_id": "501", "payload": Course(name="Hyvän unen kurssi")}])
    desk.land("school", "products", Kind.PRODUCT, [{"external_id": "9", "payload": Product(name="Kurssipaketti")}])
    enrollment = Enrollment(course_id="501", progress=0.25, completed=False, updated_at=NOW)
    studied = {"external_id": "479", "owner_id": "both", "payload": enrollment}
    desk.land("school", "enrollments", Kind.ENROLLMENT, [studied])
    order = Order(product_id="9", amount_cents=2000, status="complete", created_at=NOW)
    desk.land("school", "orders", Kind.ORDER, [{"external_id": "7001", "owner_id": "both", "payload": order}])
    desk.land(
        "salon",
        "people",
        Kind.CUSTOMER,
        [
            {
                "external_id": "salon",
                "payload": Customer(first_name="Östen", last_name="Testaaja", phone="+358400000102"),
                "notes": "note of a person",
            }
        ],
    )
