"""The state table of a booking."""

import pytest

from config.sections import NO_SHOW_WORDS
from connectors.records import BookingState
from connectors.timma.states import is_booking, state_of


@pytest.mark.parametrize(
    ("status", "service_id", "service", "booking"),
    [
        ("dayStart", "1", "Hieronta", False),
        ("dayEnd", "1", "Hieronta", False),
        ("notForSale", "1", "Hieronta", False),
        ("reserved", None, None, False),
        ("sold", None, None, False),
        ("reserved", "1", None, True),
        ("reserved", None, "Hieronta", True),
        ("somethingNew", "1", None, True),
        (None, "1", None, True),
    ],
)
def test_what_is_a_booking(status: str | None, service_id: str | None, service: str | None, booking: bool) -> None:
    assert is_booking(status, service_id, service) is booking


@pytest.mark.parametrize(
    ("status", "reason", "deleted", "state"),
    [
        ("reserved", "Asiakas ei ilmestynyt paikalle", True, BookingState.NO_SHOW),
        ("sold", "Customer did not show up", False, BookingState.NO_SHOW),
        ("reserved", "DIDN'T SHOW UP", True, BookingState.NO_SHOW),
        ("sold", None, True, BookingState.CANCELLED),
        ("payment", "Asiakas perui", False, BookingState.CANCELLED),
        ("reserved", None, True, BookingState.CANCELLED),
        ("payment", None, False, BookingState.PENDING_PAYMENT),
        ("sold", None, False, BookingState.COMPLETED),
        ("reserved", None, False, BookingState.BOOKED),
        ("reserved", "", False, BookingState.BOOKED),
        ("somethingNew", None, False, BookingState.UNKNOWN),
        (None, None, False, BookingState.UNKNOWN),
    ],
)
def test_the_first_condition_that_holds_decides(
    status: str | None, reason: str | None, deleted: bool, state: BookingState
) -> None:
    assert state_of(status, reason, deleted=deleted, no_show_words=NO_SHOW_WORDS) is state
