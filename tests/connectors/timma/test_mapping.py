"""Wire rows to records."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sections import NO_SHOW_WORDS
from connectors.errors import RejectRow
from connectors.files.rows import NOTE_HINT, Mapped, Rules
from connectors.minimise import mask
from connectors.records import BookingState, SourceRecord
from connectors.timma.mapping import Names, NotABooking, keep, map_fields

CODE = "010190-123O"
"""The shape of an identity code; its check character occurs in none."""

CLIENT: dict[str, Any] = {
    "id": "0123456789abcdef01234567", "name": "Östen Äijälä", "phone": "+358400000001", "email": "osten@example.com",
    "info": "toivoo iltaa", "address": "Esimerkkikatu 1 A 2", "postalCode": "00100", "city": "Helsinki",
    "numberOfPastVisits": 7, "acceptEmailMarketing": True, "acceptSmsMarketing": False,
}  # fmt: skip
BOOKING: dict[str, Any] = {
    "id": "89abcdef0123456789abcdef", "clientId": "0123456789abcdef01234567", "userId": "a" * 24,
    "start": "2026-03-29T06:00:00.000Z", "end": "2026-03-29T07:00:00.000Z", "status": "reserved",
    "createdAt": "2026-03-01T10:00:00.000Z", "deletedOn": None, "cancellationReason": None,
    "reservation": {"serviceId": 2002, "serviceName": "Hieronta 60 min", "servicePrice": 6500, "bookingNote": ""},
    "revenues": [],
}  # fmt: skip


def mapped(stream: str, row: dict[str, Any], *, notes: bool = False, names: Names | None = None) -> Mapped:
    fields, _ = keep(stream, row, notes=notes)
    return map_fields(stream, fields, Rules(notes, NO_SHOW_WORDS), names)


def client(**other: Any) -> SourceRecord:
    return mapped("clients", CLIENT | other).record


def booking(**other: Any) -> SourceRecord:
    return mapped("bookings", BOOKING | other).record


def payload(record: SourceRecord) -> dict[str, Any]:
    return record.payload.model_dump(exclude_none=True)


def test_a_client() -> None:
    record = client()
    assert payload(record) == {
        "name": "Östen Äijälä", "first_name": "Östen", "last_name": "Äijälä", "name_guessed": True,
        "email": "osten@example.com", "phone": "+358400000001", "street": "Esimerkkikatu 1 A 2", "postal_code": "00100",
        "city": "Helsinki", "email_marketing": True, "sms_marketing": False, "past_visits": 7,
    }  # fmt: skip
    assert (record.external_id, record.deleted, record.notes) == ("0123456789abcdef01234567", False, None)


def test_a_booking() -> None:
    record = booking(revenues=[{"sum": 6000}, {"sum": 500}])
    assert payload(record) == {
        "starts_at": datetime(2026, 3, 29, 6, tzinfo=UTC), "ends_at": datetime(2026, 3, 29, 7, tzinfo=UTC),
        "service": "Hieronta 60 min", "service_id": "2002", "employee_id": "a" * 24, "price_cents": 6500,
        "paid_cents": 6500, "state": BookingState.BOOKED, "created_at": datetime(2026, 3, 1, 10, tzinfo=UTC),
    }  # fmt: skip
    assert record.owner_id == CLIENT["id"]


def test_a_removed_client_is_marked_and_dated() -> None:
    record = client(deletedOn="2026-03-29T07:30:00.000Z")
    assert record.deleted
    assert record.updated_at == datetime(2026, 3, 29, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("nothing", [None, False, "", " ", 0])
def test_what_says_no_day_removes_nothing(nothing: Any) -> None:
    removed = mapped("clients", CLIENT | {"deletedOn": nothing})
    assert (removed.record.deleted, removed.odd) == (False, ())
    cancelled = mapped("bookings", BOOKING | {"deletedOn": nothing})
    assert (payload(cancelled.record)["state"], cancelled.odd) == (BookingState.BOOKED, ())


@pytest.mark.parametrize("told", [True, "2026-03-29T07:30:00.000Z", "eilen"])
def test_what_says_anything_removes(told: Any) -> None:
    assert client(deletedOn=told).deleted


def test_a_client_without_an_answer_on_marketing_has_none() -> None:
    assert (
        not {"email_marketing", "sms_marketing"}
        & payload(client(acceptEmailMarketing=None, acceptSmsMarketing=None)).keys()
    )
    assert "email_marketing" not in payload(client(acceptEmailMarketing="maybe"))


def test_a_deleted_booking_is_cancelled_unless_nobody_came() -> None:
    cancelled = booking(deletedOn="2026-03-29T07:30:00.000Z", cancellationReason="Sairastui")
    assert payload(cancelled)["state"] is BookingState.CANCELLED
    assert payload(cancelled)["cancelled_at"] == datetime(2026, 3, 29, 7, 30, tzinfo=UTC)
    assert not cancelled.deleted
    missed = booking(deletedOn="2026-03-29T07:30:00.000Z", cancellationReason="Asiakas ei ilmestynyt paikalle")
    assert payload(missed)["state"] is BookingState.NO_SHOW


def test_an_unknown_status_is_kept() -> None:
    assert (
        payload(booking(status="waitlist")).items() >= {"state": BookingState.UNKNOWN, "state_raw": "waitlist"}.items()
    )


@pytest.mark.parametrize(
    "other", [{"status": "notForSale"}, {"reservation": None}, {"reservation": {"servicePrice": 1}}]
)
def test_a_block_of_the_calendar_is_no_booking(other: dict[str, Any]) -> None:
    with pytest.raises(NotABooking):
        booking(**other)


def test_names_come_from_their_own_lists_where_a_row_has_ids_alone() -> None:
    names = Names({"a" * 24: "Testi Hieroja"}, {"2002": "Hieronta 60 min"})
    row = BOOKING | {"reservation": {"serviceId": 2002}}
    found = payload(mapped("bookings", row, names=names).record)
    assert (found["employee"], found["service"]) == ("Testi Hieroja", "Hieronta 60 min")
    named = payload(mapped("bookings", BOOKING | {"userName": "Toinen"}, names=names).record)
    assert named["employee"] == "Toinen"


def test_contacts_of_a_bookings_form_are_read() -> None:
    row = BOOKING | {"clientId": None, "form": {"clientName": "Maija T", "clientPhone": "040 000 0001"}}
    record = mapped("bookings", row).record
    assert record.owner_id is None
    assert payload(record).items() >= {"client_name": "Maija T", "client_phone": "+358400000001"}.items()


@pytest.mark.parametrize("price", ["65,00", 65.5, True, [6500]])
def test_money_that_is_no_whole_hundredths_is_refused_not_rounded(price: Any) -> None:
    found = mapped("bookings", BOOKING | {"reservation": {"serviceId": 1, "servicePrice": price}})
    assert "price_cents" not in payload(found.record)
    if not isinstance(price, list):
        assert found.odd == (("servicePrice", "not an amount in hundredths"),)


def test_a_sum_with_an_unreadable_part_is_unknown() -> None:
    found = mapped("bookings", BOOKING | {"revenues": [{"sum": 100}, {"sum": "x"}]})
    assert "paid_cents" not in payload(found.record)
    assert found.odd == (("revenues", "not an amount in hundredths"),)


def test_identity_codes_are_gone_and_counted() -> None:
    row = CLIENT | {"socialSecurityNumber": CODE, "info": f"selkä {CODE}", "name": f"Maija {CODE}"}
    fields, masked = keep("clients", row, notes=True)
    assert masked == 3
    assert CODE not in str(fields)
    assert map_fields("clients", fields, Rules(notes=True)).record.notes == "selkä [masked]"


def test_an_identity_code_in_a_form_is_gone_and_counted() -> None:
    fields, masked = keep("bookings", BOOKING | {"form": {"socialSecurityNumber": CODE}}, notes=True)
    assert masked == 1
    assert CODE not in str(fields)


def test_a_phone_of_a_codes_shape_stays_a_phone() -> None:
    assert payload(client(phone="040123-4567"))["phone"] == "+358401234567"


def test_notes_are_not_even_kept_for_quarantine_unless_switched_on() -> None:
    row = BOOKING | {"clientMessage": "viesti", "reservation": {"serviceId": 1, "bookingNote": "ei ilmaantunut"}}
    assert not {"bookingNote", "clientMessage"} & keep("bookings", row, notes=False)[0].keys()
    assert "info" not in keep("clients", CLIENT, notes=False)[0]
    found = mapped("bookings", row, notes=True)
    assert found.record.notes == "ei ilmaantunut\nviesti"
    assert found.odd == (("bookingNote", NOTE_HINT),)
    assert payload(found.record)["state"] is BookingState.BOOKED


def test_only_named_fields_are_looked_at() -> None:
    fields, _ = keep("clients", CLIENT | {"marketplacePermission": True, "birthday": "1990-01-01"}, notes=True)
    assert fields.keys() == CLIENT.keys()


@pytest.mark.parametrize("wrong", [None, "", CODE])
def test_a_row_without_a_usable_id_is_rejected(wrong: str | None) -> None:
    with pytest.raises(RejectRow, match="no id"):
        client(id=wrong)


def test_a_number_may_be_an_id() -> None:
    assert client(id=17).external_id == "17"


words = st.sampled_from(["", "x", CODE, "2026-03-29T06:00:00.000Z"])
keys = st.sampled_from(["sum", "serviceId", "hetu"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from([("clients", CLIENT), ("bookings", BOOKING)]), st.data())
@settings(max_examples=300, deadline=None)
def test_no_row_makes_the_mapping_stumble_or_leak(which: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    stream, plain = which
    row = {name: data.draw(anything) if data.draw(st.booleans()) else value for name, value in plain.items()}
    fields, _ = keep(stream, row, notes=True)
    try:
        record = map_fields(stream, fields, Rules(True, NO_SHOW_WORDS)).record
    except (RejectRow, NotABooking):
        return
    assert mask(record.model_dump_json())[1] == 0
