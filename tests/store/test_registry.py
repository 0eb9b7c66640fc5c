"""Reading the master registry in batches, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from store import registry
from store.engine import reading
from store.registry import BATCH, View
from tests.sync.engine import START, Registry


@pytest.fixture
def held(database_url: str) -> Iterator[Registry]:
    """A registry without anybody."""
    registry = Registry.open(database_url)
    yield registry
    registry.engine.dispose()


VIEW = View(START + timedelta(days=365))


def names(found: list[registry.Customer]) -> list[str]:
    return [customer["first_name"] for customer in found]


def test_every_customer_is_read_once_whatever_the_batches(held: Registry) -> None:
    held.land("salon", {str(n): {"first_name": f"Testi{n}"} for n in range(BATCH + 3)})
    held.reconcile()
    with reading(held.engine) as connection:
        found = list(registry.every(connection, VIEW))
        part = list(registry.every(connection, VIEW, BATCH + 1))
        assert registry.count(connection) == BATCH + 3
    assert len({customer["id"] for customer in found}) == BATCH + 3
    assert [customer["id"] for customer in found] == sorted(customer["id"] for customer in found)
    assert part == found[: BATCH + 1]


def test_nobody_is_read_from_an_empty_registry(held: Registry) -> None:
    with reading(held.engine) as connection:
        assert list(registry.every(connection, VIEW)) == registry.customers(connection, ["x"], VIEW) == []


def test_chosen_customers_come_in_the_order_that_was_asked_for(held: Registry) -> None:
    held.land("salon", {name: {"first_name": name} for name in ("A", "B", "C")})
    held.reconcile()
    ids = [held.customer_of(f"salon:{name}") for name in "CAC"]
    with reading(held.engine) as connection:
        assert names(registry.customers(connection, [*ids, "nobody"], VIEW)) == ["C", "A"]


def test_a_listing_is_one_view_whatever_is_written_meanwhile(held: Registry) -> None:
    held.land("salon", {"1": {"first_name": "Ennen"}})
    held.reconcile()
    with reading(held.engine) as connection:
        assert registry.count(connection) == 1
        held.land("salon", {"1": {"first_name": "Jälkeen"}, "2": {"first_name": "Toinen"}})
        held.reconcile()
        assert names(list(registry.every(connection, VIEW))) == ["Ennen"]
    with reading(held.engine) as connection:
        assert names(list(registry.every(connection, VIEW))) == ["Jälkeen", "Toinen"]


def test_records_that_vanished_are_not_shown_and_nobody_without_records_is_listed(held: Registry) -> None:
    held.land("salon", {"1": {"first_name": "Maija", "phone": "+358400000101"}, "2": {"first_name": "Yksin"}})
    held.land("school", {"1": {"first_name": "Maija", "phone": "+358400000101"}})
    held.reconcile()
    held.vanish("school", "1")
    held.vanish("salon", "2")
    held.reconcile()
    with reading(held.engine) as connection:
        (maija,) = registry.every(connection, VIEW)
    assert [record["source"] for record in maija["records"]] == ["salon"]


def test_a_booked_appointment_is_past_once_its_start_is(held: Registry) -> None:
    held.land("salon", {"1": {"first_name": "Maija"}})
    held.book("salon", {"b": {"starts_at": START, "state": "booked"}}, owner_id="1")
    held.reconcile()
    states = []
    with reading(held.engine) as connection:
        for now in (START, START + timedelta(seconds=1)):
            (customer,) = registry.every(connection, View(now))
            states += [booking["state"] for booking in customer["bookings"]]
    assert states == ["booked", "past_unconfirmed"]


def test_what_is_read_twice_is_the_same(held: Registry) -> None:
    held.land("salon", {"1": {"first_name": "Maija", "email": "a@example.com"}})
    held.land("school", {"9": {"first_name": "Maija", "email": "a@example.com"}})
    held.book("salon", {n: {"starts_at": datetime(2026, 5, 1, tzinfo=UTC)} for n in "cab"}, owner_id="1")
    held.reconcile()
    with reading(held.engine) as connection:
        (first,), (again,) = registry.every(connection, VIEW), registry.every(connection, VIEW)
    assert first == again
    assert [booking["external_id"] for booking in first["bookings"]] == ["a", "b", "c"]
