"""Bookings, whose they are, and the no-shows that are counted from them."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from store.engine import reading
from store.tables import SourceRecord, table
from tests.sync.engine import Registry

PHONE = "+358400000101"
MISSED = {"state": "no_show", "client_phone": PHONE, "client_name": "Maija Testaaja"}
MAIJA = {"first_name": "Maija", "last_name": "Testaaja", "phone": PHONE}
ONNI = {"first_name": "Onni", "last_name": "Testaaja", "phone": PHONE}


def no_shows(registry: Registry, *records: str) -> list[int]:
    """No-shows of the customers of these records, once reconciled."""
    registry.reconcile()
    found: list[list[tuple[Any, str]]] = [registry.golden(record, "no_show_count") for record in records]
    grown = registry.snapshot()
    registry.rebuild()
    assert registry.snapshot() == grown, "a rebuild counts the same"
    return [values[0][0] if values else 0 for values in found]


def owner_of(registry: Registry, booking: str) -> str | None:
    """External id of the customer record that a booking belongs to."""
    record, owner = table(SourceRecord), table(SourceRecord).alias()
    query = select(owner.c.external_id).join(record, record.c.owner_record_id == owner.c.id)
    with reading(registry.engine) as connection:
        found: str | None = connection.execute(query.where(record.c.external_id == booking)).scalar()
        return found


def test_a_booking_that_moves_to_another_customer_takes_its_no_show_along(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA, "2": ONNI})
    registry.book("salon", {"b": {"state": "no_show"}, "c": {"state": "no_show"}}, owner_id="1")
    assert no_shows(registry, "salon:1", "salon:2") == [2, 0]
    registry.book("salon", {"b": {"state": "no_show"}}, owner_id="2")
    assert no_shows(registry, "salon:1", "salon:2") == [1, 1]
    registry.book("salon", {"b": {"state": "no_show"}}, owner_id="not here yet")
    assert no_shows(registry, "salon:1", "salon:2") == [1, 0]


def test_a_booking_that_changes_its_state_is_counted_again(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA})
    registry.book("salon", {"b": {"state": "booked"}}, owner_id="1")
    assert no_shows(registry, "salon:1") == [0]
    registry.book("salon", {"b": {"state": "no_show"}}, owner_id="1")
    assert no_shows(registry, "salon:1") == [1]
    registry.vanish("salon", "b")
    assert no_shows(registry, "salon:1") == [0]


def test_a_booking_whose_name_was_a_code_belongs_to_nobody(registry: Registry) -> None:
    registry.land("salon", {"1": {"name": "010190-123A", "phone": PHONE}})
    registry.book(
        "salon", {"b": {"client_name": "020280-123B"}, "c": {"client_name": "020280-123B", "client_phone": PHONE}}
    )
    assert (owner_of(registry, "b"), owner_of(registry, "c")) == (None, "1"), "the phone still tells"


@pytest.mark.parametrize("customer_first", [True, False])
def test_a_booking_finds_its_customer_whichever_comes_first(registry: Registry, customer_first: bool) -> None:
    if customer_first:
        registry.land("salon", {"1": MAIJA, "2": ONNI})
    registry.book("salon", {"b": MISSED})
    registry.reconcile()
    registry.land("salon", {"1": MAIJA, "2": ONNI})
    assert owner_of(registry, "b") == "1"
    assert no_shows(registry, "salon:1", "salon:2") == [1, 0]


def test_a_booking_finds_nobody_of_another_source(registry: Registry) -> None:
    registry.land("school", {"1": MAIJA})
    registry.book("salon", {"b": MISSED})
    assert owner_of(registry, "b") is None


def test_a_booking_stays_with_its_customer_when_the_phone_moves_on(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA})
    registry.book("salon", {"b": MISSED})
    registry.land("salon", {"1": {**MAIJA, "phone": "+358400000109"}, "2": MAIJA})
    registry.book("salon", {"b": {**MISSED, "starts_at": datetime.fromisoformat("2026-05-01T09:00Z")}})
    assert owner_of(registry, "b") == "1"


def test_a_former_phone_still_finds_the_bookings_of_its_time(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA})
    registry.land("salon", {"1": {**MAIJA, "phone": "+358400000109"}})
    registry.book("salon", {"b": MISSED})
    assert owner_of(registry, "b") == "1"


def test_a_booking_that_two_might_have_made_is_nobodys_until_one_is_clear(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA, "2": MAIJA})
    registry.book("salon", {"b": MISSED})
    assert owner_of(registry, "b") is None
    registry.land("salon", {"2": {**MAIJA, "first_name": "Kerttu"}})
    assert owner_of(registry, "b") == "1"
    assert no_shows(registry, "salon:1", "salon:2") == [1, 0]


@pytest.mark.parametrize("by_sweep", [True, False])
def test_when_its_customer_is_gone_a_booking_found_by_contact_looks_again(registry: Registry, by_sweep: bool) -> None:
    registry.land("salon", {"1": MAIJA})
    registry.book("salon", {"b": MISSED})
    registry.land("salon", {"2": MAIJA})
    assert owner_of(registry, "b") == "1"
    if by_sweep:
        registry.vanish("salon", "1")
    else:
        registry.land("salon", {"1": MAIJA}, deleted=["1"])
    assert owner_of(registry, "b") == "2"
    assert no_shows(registry, "salon:2") == [1]


def test_when_nobody_else_fits_it_waits_and_comes_back_with_its_customer(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA})
    registry.book("salon", {"b": MISSED})
    registry.vanish("salon", "1")
    assert owner_of(registry, "b") is None
    registry.land("salon", {"1": MAIJA})
    assert owner_of(registry, "b") == "1"
    assert no_shows(registry, "salon:1") == [1]


def test_what_names_its_customer_stays_with_a_customer_that_vanished(registry: Registry) -> None:
    registry.land("salon", {"1": MAIJA, "2": MAIJA})
    registry.book("salon", {"b": MISSED}, owner_id="1")
    registry.vanish("salon", "1")
    assert owner_of(registry, "b") == "1"
    assert no_shows(registry, "salon:2") == [0]
