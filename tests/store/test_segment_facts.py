"""What rules ask about customers, read at once for all and for some, on both databases."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.base import Stream
from connectors.records import Booking, BookingState, Course, Customer, Enrollment, Kind, Order, Product, SourceRecord
from privacy.segment_rule import FIELDS, NAMES, folded
from store import segment_facts
from store.engine import reading
from tests.sync.engine import Registry

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
PHONE = "+358405550001"


def land(registry: Registry, source: str, kind: Kind, *records: dict[str, Any]) -> None:
    """Land rows of any kind."""
    rows = [SourceRecord(kind=kind, **record) for record in records]
    registry._land(source, Stream(name=f"{kind}s", kind=kind, activity="x"), rows)


def booked(
    id_: str, owner: str, at: datetime, state: BookingState = BookingState.COMPLETED, **rest: Any
) -> dict[str, Any]:
    return {"external_id": id_, "owner_id": owner, "payload": Booking(starts_at=at, state=state, **rest)}


@pytest.fixture
def people(registry: Registry) -> Registry:
    """Maija of both, who booked, studied and bought; Onni, who only missed; Aino, who did nothing."""
    since = datetime(2024, 5, 1, 8, tzinfo=UTC)
    maija = {"first_name": "Maija", "last_name": "Malli", "phone": PHONE}
    registry.land(
        "salon",
        {
            "maija": maija | {"created_at": since},
            "onni": {"first_name": "Onni", "last_name": "Malli", "phone": "+358405550002"},
            "aino": {"first_name": "Aino", "last_name": "Malli", "phone": "+358405550003"},
        },
    )
    registry.land("school", {"maija": maija | {"created_at": since.replace(year=2023)}})
    late = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)  # in Finland it is 2026 already
    land(
        registry, "salon", Kind.BOOKING,
        booked("1", "maija", late, service="Hieronta  60 MIN"),
        booked("2", "maija", MORNING.replace(hour=9, microsecond=500_000), BookingState.NO_SHOW, service="Jalkahoito"),
        booked("3", "maija", MORNING.replace(year=2027), BookingState.CANCELLED, service="Sauna"),
        booked("4", "maija", MORNING.replace(year=2028), service="Uinti") | {"deleted": True},
        booked("5", "onni", MORNING, BookingState.NO_SHOW),
    )  # fmt: skip
    land(registry, "school", Kind.COURSE, {"external_id": "501", "payload": Course(name="Hyvän unen kurssi")})
    land(registry, "school", Kind.PRODUCT, {"external_id": "9", "payload": Product(name="Kurssipaketti")})
    land(
        registry, "school", Kind.ENROLLMENT,
        {"external_id": "1", "owner_id": "maija", "payload": Enrollment(course_id="501", activated_at=MORNING)},
        {"external_id": "2", "owner_id": "maija", "payload": Enrollment(course="Niska kuntoon", updated_at=MORNING)},
    )  # fmt: skip
    order = {"external_id": "1", "owner_id": "maija", "payload": Order(product_id="9", created_at=MORNING)}
    land(registry, "school", Kind.ORDER, order)
    registry.reconcile()
    return registry


def read(registry: Registry, customers: set[str] | None = None) -> dict[str, dict[str, Any]]:
    with reading(registry.engine) as connection:
        return segment_facts.read(connection, FIELDS, folded, customers)


def test_what_was_booked_studied_and_bought_is_known_of_the_whole_person(people: Registry) -> None:
    found = read(people)
    maija, onni, aino = (people.customer_of(f"salon:{name}") for name in ("maija", "onni", "aino"))
    assert {field: known.get(maija) for field, known in found.items() if field not in NAMES} == {
        "bookings": 2, "enrollments": 2, "orders": 1,
        "first_booking": date(2026, 1, 1), "last_booking": date(2026, 3, 2), "last_enrollment": date(2026, 3, 2),
        "customer_since": date(2023, 5, 1),
    }  # fmt: skip
    assert {field: {name for name, having in found[field].items() if maija in having} for field in NAMES} == {
        "service": {"hieronta 60 min", "jalkahoito"}, "course": {"hyvän unen kurssi", "niska kuntoon"},
        "product": {"kurssipaketti"}, "brand": {"artsport"},
    }  # fmt: skip
    assert found["bookings"][onni] == 1, "who missed an appointment had one"
    assert not any(aino in known for known in found.values())
    assert {field for field in NAMES for having in found[field].values() if aino in having} == {"brand"}


def test_a_split_gives_each_their_own(people: Registry) -> None:
    people.split(people.customer_of("salon:maija"), "school:maija")
    found = read(people)
    salon, school = people.customer_of("salon:maija"), people.customer_of("school:maija")
    assert (found["bookings"].get(salon), found["bookings"].get(school)) == (2, None)
    assert (found["enrollments"].get(salon), found["enrollments"].get(school)) == (None, 2)
    assert found["customer_since"][salon] == date(2024, 5, 1)


def test_asked_about_some_it_says_the_same_of_them_and_nothing_of_others(people: Registry) -> None:
    everybody = read(people)
    for customer in people.customers():
        mine: dict[str, dict[str, Any]] = {}
        for field, known in everybody.items():
            if field in NAMES:
                mine[field] = {name: {customer} for name, having in known.items() if customer in having}
            else:
                mine[field] = {customer: known[customer]} if customer in known else {}
        assert read(people, {customer}) == mine
    assert not any(read(people, set()).values())


@pytest.mark.parametrize("field", ["no_show_count", "name", "emails", "employee", "notes"])
def test_nothing_else_can_be_asked(light_registry: Registry, field: str) -> None:
    with reading(light_registry.engine) as connection, pytest.raises(KeyError):
        segment_facts.read(connection, [field], folded)


def test_what_a_person_wrote_is_no_name(people: Registry) -> None:
    row = SourceRecord(external_id="7", kind=Kind.CUSTOMER, payload=Customer(first_name="Eeva"), notes="uni")
    people._land("salon", Stream(name="people", kind=Kind.CUSTOMER, activity="x"), [row])
    people.reconcile()
    assert not any("uni" in read(people)[field] for field in NAMES)
