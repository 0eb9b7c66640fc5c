"""What a calendar slot is, and the state of a booking: the platform's own flags first. Pure, no clock.

`reserved` is booked here whatever the hour: that a booked time has passed moves with the clock and is told when read.
First match wins:

1. `dayStart`, `dayEnd`, `notForSale`, or neither service id nor name: no booking at all.
2. The cancellation reason is one of the no-show words: no-show. A note never makes one.
3. Deleted, or with any other reason: cancelled.
4. `payment` waits for payment, `sold` is completed, `reserved` is booked; another word is unknown and kept.
"""

from collections.abc import Mapping

from connectors.files.states import is_no_show
from connectors.records import BookingState

NO_BOOKING = frozenset({"dayStart", "dayEnd", "notForSale"})

_BY_STATUS: Mapping[str, BookingState] = {
    "payment": BookingState.PENDING_PAYMENT,
    "sold": BookingState.COMPLETED,
    "reserved": BookingState.BOOKED,
}


def is_booking(status: str | None, service_id: str | None, service: str | None) -> bool:
    """Whether a slot is an appointment of somebody."""
    return status not in NO_BOOKING and bool(service_id or service)


def state_of(status: str | None, reason: str | None, *, deleted: bool, no_show_words: tuple[str, ...]) -> BookingState:
    """The state of a slot that is a booking."""
    if is_no_show(reason, no_show_words):
        return BookingState.NO_SHOW
    if deleted or reason:
        return BookingState.CANCELLED
    return _BY_STATUS.get(status or "", BookingState.UNKNOWN)
