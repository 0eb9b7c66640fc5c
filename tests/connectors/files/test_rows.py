"""From fields to records."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import RejectRow
from connectors.files.columns import BOOKING, CUSTOMER
from connectors.files.names import Name, read_name
from connectors.files.rows import NOTE_HINT, Mapped, Rules, map_fields
from connectors.minimise import mask, mask_fields
from connectors.records import BookingState, Kind

CODE = "010190-123O"
"""The shape of an identity code; its check character occurs in none."""
PLAIN = Rules()


def customer(rules: Rules = PLAIN, /, **fields: str) -> Mapped:
    return map_fields(Kind.CUSTOMER, fields, rules)


def booking(rules: Rules = PLAIN, /, **fields: str) -> Mapped:
    return map_fields(Kind.BOOKING, fields, rules)


def payload(mapped: Mapped) -> dict[str, Any]:
    return mapped.record.payload.model_dump(exclude_none=True)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (("Testaaja, Maija", None, None), Name("Testaaja, Maija", "Maija", "Testaaja", True)),
        (("Maija Testaaja", None, None), Name("Maija Testaaja", "Maija", "Testaaja", True)),
        (("Maija von Testaaja", None, None), Name("Maija von Testaaja", "Maija", "von Testaaja", True)),
        (("Maija", None, None), Name("Maija", "Maija", None, True)),
        ((None, "Maija", "Testaaja"), Name("Maija Testaaja", "Maija", "Testaaja")),
        ((None, None, "Testaaja"), Name("Testaaja", None, "Testaaja")),
        (("Maikki", "Maija", "Testaaja"), Name("Maikki", "Maija", "Testaaja")),
        ((None, None, None), Name()),
    ],
)
def test_names(given: tuple[str | None, str | None, str | None], name: Name) -> None:
    assert read_name(*given) == name


def test_a_customer_with_everything() -> None:
    mapped = customer(
        source_id="17", full_name="Östen Äijälä", first_name="Östen", last_name="Äijälä", phone="040 000 0001",
        email=" Osten@Example.com ", street="Esimerkkikatu 1", postal_code="100", city="Helsinki",
        email_marketing="Kyllä", sms_marketing="Ei", past_visits="7", no_show_count="1",
        regular_employee="Testi Hieroja",
        discounts="10%; Kanta-asiakas", requires_prepayment="x", created_at="1.7.2025 14.30", last_visit_at="1.3.2026",
    )  # fmt: skip
    assert payload(mapped) == {
        "name": "Östen Äijälä", "first_name": "Östen", "last_name": "Äijälä", "email": "Osten@Example.com",
        "phone": "+358400000001", "street": "Esimerkkikatu 1", "postal_code": "00100", "city": "Helsinki",
        "email_marketing": True, "sms_marketing": False, "past_visits": 7, "no_show_count": 1,
        "regular_employee": "Testi Hieroja", "discounts": ("10 %", "Kanta-asiakas"), "requires_prepayment": True,
        "last_visit_on": datetime(2026, 3, 1).date(), "created_at": datetime(2025, 7, 1, 11, 30, tzinfo=UTC),
    }  # fmt: skip
    assert (mapped.record.external_id, mapped.odd, mapped.masked) == ("17", (), 0)


@pytest.mark.parametrize("blank", ["", "  ", "-", "\u00a0"])
def test_blank_is_unknown_not_no(blank: str) -> None:
    mapped = customer(full_name="Maija", email_marketing=blank, sms_marketing=blank, phone=blank)
    assert payload(mapped).keys() == {"name", "first_name", "name_guessed"}
    assert mapped.odd == ()


def test_a_refused_cell_is_empty_and_told_and_the_row_goes_on() -> None:
    mapped = customer(
        full_name="Maija", phone="3,58401E+11", email="ei ole", email_marketing="ehkä", past_visits="monta",
        last_visit_at="3/4/2026",
    )  # fmt: skip
    assert payload(mapped).keys() == {"name", "first_name", "name_guessed"}
    assert {field for field, _ in mapped.odd} == {"phone", "email", "email_marketing", "past_visits", "last_visit_at"}


def key(**fields: str) -> str:
    return customer(**fields).record.external_id


def test_a_key_is_found_where_there_is_no_id_and_shows_nobody() -> None:
    made = key(full_name="Maija Testaaja", phone="040 000 0001")
    assert made.startswith("k")
    assert len(made) == 25
    assert "400000001" not in made


def test_the_key_does_not_hang_on_how_the_phone_or_the_name_is_written() -> None:
    assert (
        key(full_name="Maija Testaaja", phone="040 000 0001")
        == key(full_name="Testaaja, MAIJA", phone="+358400000001")
        == key(first_name="Maija", last_name="Testaaja", phone="00358 40 000 0001", email="uusi@example.com")
    )
    assert key(full_name="Maija T", email="M@Example.com") == key(full_name="t, maija", email="m@example.com")
    assert key(full_name="Testaaja, Maija") == key(first_name="Maija", last_name="Testaaja")


def test_two_people_on_one_phone_or_address_are_two() -> None:
    assert key(full_name="Maija T", phone="0400000001") != key(full_name="Kalle T", phone="0400000001")
    assert key(full_name="Maija T", email="t@example.com") != key(full_name="Kalle T", email="t@example.com")
    assert key(full_name="Maija T", phone="0400000001") != key(full_name="Maija U", phone="0400000001")
    assert key(full_name="Maija T", email="t@example.com") != key(full_name="Maija U", email="t@example.com")


@pytest.mark.parametrize("name", ["source_id", "booking_id", "client_id"])
def test_an_id_too_long_for_an_index_sets_its_row_aside(name: str) -> None:
    read = customer if name == "source_id" else booking
    fields = {"full_name": "Maija T", "start": "1.7.2026 14.30", "service": "Hieronta"}
    assert read(**fields, **{name: "9" * 200}).record
    with pytest.raises(RejectRow, match="more than 200 characters"):
        read(**fields, **{name: "9" * 201})


@pytest.mark.parametrize("hidden", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"])
@pytest.mark.parametrize("sign", ["-", "\u00ad"])
def test_a_code_hidden_by_what_nobody_sees_is_masked_everywhere(hidden: str, sign: str) -> None:
    code = hidden.join(CODE.replace("-", sign))
    mapped = customer(Rules(notes=True), full_name="Maija T", source_id=code, street=f"Kuja {code}", notes=f"({code})")
    assert mapped.record.external_id == key(full_name="Maija T")
    assert payload(mapped)["street"] == "Kuja [masked]"
    assert (mapped.record.notes, mapped.masked) == ("([masked])", 3)
    assert mask_fields({"a": {"b": [f"x {code}"]}}) == ({"a": {"b": ["x [masked]"]}}, 1)
    assert mask(json.dumps(code)) == ('"[masked]"', 1)


def test_phone_comes_before_email_before_name() -> None:
    both = key(full_name="Maija T", phone="0400000001", email="t@example.com")
    assert both == key(full_name="Maija T", phone="0400000001")
    assert key(full_name="Maija T", email="t@example.com") != key(full_name="Maija T")


def test_a_placeholder_phone_makes_no_key() -> None:
    assert key(full_name="Maija T", phone="0000000000") == key(full_name="Maija T")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"city": "Oulu"},
        {"phone": "000"},
        {"source_id": CODE},
        {"source_id": "[masked]"},
        {"full_name": "-"},
        {"full_name": CODE},
    ],
)
def test_a_row_with_nothing_to_know_it_by_is_rejected(fields: dict[str, str]) -> None:
    with pytest.raises(RejectRow, match="neither id, phone, e-mail nor name"):
        customer(**fields)


def test_an_identity_code_is_never_an_id() -> None:
    mapped = customer(source_id=CODE, full_name="Maija Testaaja")
    assert mapped.record.external_id == key(full_name="Maija Testaaja")
    assert mapped.masked == 1
    assert "source_id" in {field for field, _ in mapped.odd}


def test_a_phone_of_a_codes_shape_is_a_phone_in_its_own_column_alone() -> None:
    mapped = customer(Rules(notes=True), full_name="Maija", phone="040123-4567", notes="040123-4567")
    assert payload(mapped)["phone"] == "+358401234567"
    assert (mapped.record.notes, mapped.masked) == ("[masked]", 1)


texts = st.sampled_from(
    ["", "x", CODE, f"Maija {CODE}", f"({CODE.lower()})", "0400000001", "1.1.2026", f"1.1.2026 {CODE}"]
)


@given(st.sampled_from([Kind.CUSTOMER, Kind.BOOKING]), st.data())
@settings(max_examples=200, deadline=None)
def test_no_identity_code_gets_into_a_record_by_any_column(kind: Kind, data: st.DataObject) -> None:
    table = CUSTOMER if kind is Kind.CUSTOMER else BOOKING
    fields = data.draw(st.fixed_dictionaries(dict.fromkeys(table, texts)))
    try:
        mapped = map_fields(kind, fields, Rules(notes=True))
    except RejectRow as error:
        assert mask(str(error))[1] == 0
        return
    assert mask(mapped.record.model_dump_json())[1] == 0
    assert all(mask(reason)[1] == 0 for _, reason in mapped.odd)


def test_notes_are_kept_only_where_they_are_switched_on() -> None:
    assert customer(full_name="Maija", notes="selkä").record.notes is None
    assert customer(Rules(notes=True), full_name="Maija", notes=f"selkä\n\n{CODE}").record.notes == "selkä\n\n[masked]"
    fields = {"booking_id": "b", "note": "aamu", "customer_message": "ilta"}
    assert booking(**fields).record.notes is None
    assert booking(Rules(notes=True), **fields).record.notes == "aamu\nilta"


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)"])
def test_formulas_are_text(cell: str) -> None:
    assert payload(customer(full_name=cell, source_id="1"))["name"] == cell


START = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
END = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "1.7.2026 14.30", "end": "1.7.2026 15.30"},
        {"start": "2026-07-01T11:30:00Z", "end": "2026-07-01T12:30:00Z"},
        {"date": "1.7.2026", "time": "14.30", "duration": "60"},
        {"date": "1.7.2026", "time": "klo 14.30", "duration": "1 h"},
        {"date": "1.7.2026", "time": "14.30–15.30"},
        {"date": "1.7.2026", "time": "14.30", "end": "15.30"},
        {"date": "1.7.2026", "start": "14.30", "end": "15.30"},
        {"date": "2026-07-01 00:00:00", "time": "14:30:00", "duration": "1:00:00"},
        {"date": "1.7.2026 14.30", "duration": "60 min"},
        {"time": "1.7.2026 14.30", "duration": "60"},
    ],
)
def test_every_way_to_write_when(fields: dict[str, str]) -> None:
    mapped = booking(booking_id="b", **fields)
    assert (payload(mapped).get("starts_at"), payload(mapped).get("ends_at")) == (START, END)
    assert mapped.odd == ()


def test_a_duration_in_hours_by_its_heading() -> None:
    mapped = booking(Rules(units={"duration": "h"}), booking_id="b", start="1.7.2026 14.30", duration="1")
    assert payload(mapped)["ends_at"] == END


def test_doubtful_times_are_told() -> None:
    gap = booking(booking_id="b", date="29.3.2026", time="3.30")
    assert [field for field, _ in gap.odd] == ["time"]
    assert "starts_at" in payload(gap)
    assert booking(booking_id="b", date="1.7.2026").odd == (("date", "no clock time"),)
    assert booking(booking_id="b", start="1.7.2026 15.30", end="1.7.2026 14.30").odd == (
        ("end", "ends before it starts"),
    )


@pytest.mark.parametrize("end", ["29.3.2026 4.30", "4.30", "29.3.2026 4.15"])
def test_an_hour_that_is_not_there_makes_no_booking_without_length(end: str) -> None:
    mapped = booking(booking_id="b", start="29.3.2026 3.30", end=end)
    assert "ends_at" not in payload(mapped)
    assert [field for field, _ in mapped.odd] == ["start", "end"]


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("1/2/2026 10:00", "date with slashes: day and month cannot be told apart"),
        ("31.2.2026 10:00", "no such day in the calendar"),
        ("1.1.26 10:00", "two-digit year"),
    ],
)
def test_a_start_with_a_refused_date_is_told_for_its_date(start: str, reason: str) -> None:
    for field in ("start", "end", "time"):
        assert booking(booking_id="b", **{field: start}).odd == ((field, reason),)


def test_a_start_that_is_a_clock_alone_is_told_where_there_is_no_date() -> None:
    assert booking(booking_id="b", start="14.30").odd == (("start", "not a date"),)


def test_a_clock_with_seconds_is_no_date() -> None:
    mapped = booking(booking_id="b", date="1.7.2026", start="14.30.00", end="15.30.00")
    assert (payload(mapped)["starts_at"], payload(mapped)["ends_at"], mapped.odd) == (START, END, ())


def test_a_booking_without_an_id_is_known_by_customer_start_and_service() -> None:
    def made(**other: str) -> str:
        fields = {"client_phone": "0400000001", "start": "1.7.2026 14.30", "service": "Hieronta"}
        return booking(**(fields | other)).record.external_id

    assert made() == made(client_phone="+358 40 000 0001", employee="Testi", state="Peruttu", price="65")
    assert len({made(), made(client_phone="0400000002"), made(start="2.7.2026 14.30"), made(service="Jalkahoito")}) == 4


@pytest.mark.parametrize("fields", [{"client_name": "Maija"}, {"start": "1.7.2026 14.30"}, {"state": "Varattu"}])
def test_a_booking_with_nothing_to_know_it_by_is_rejected(fields: dict[str, str]) -> None:
    with pytest.raises(RejectRow, match="no booking id"):
        booking(**fields)


def test_a_booking_names_its_owner_by_id_or_by_contact() -> None:
    assert booking(booking_id="b", client_id="17").record.owner_id == "17"
    found = booking(booking_id="b", client_name="Maija T", client_phone="0400000001", client_email="m@example.com")
    assert found.record.owner_id is None
    assert payload(found).items() >= {
        "client_name": "Maija T", "client_phone": "+358400000001", "client_email": "m@example.com",
    }.items()  # fmt: skip
    assert booking(booking_id="b", client_id=CODE).record.owner_id is None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": "Toteutunut"}, BookingState.COMPLETED),
        ({"state": "valmis"}, BookingState.COMPLETED),
        ({"state": "MAKSETTU"}, BookingState.COMPLETED),
        ({"state": "kaynyt"}, BookingState.COMPLETED),
        ({"state": "sold"}, BookingState.COMPLETED),
        ({"state": "Peruttu"}, BookingState.CANCELLED),
        ({"state": "peruutettu"}, BookingState.CANCELLED),
        ({"state": "Poistettu"}, BookingState.CANCELLED),
        ({"state": "Vahvistettu"}, BookingState.BOOKED),
        ({"state": "varattu"}, BookingState.BOOKED),
        ({"state": "Odottaa  maksua"}, BookingState.PENDING_PAYMENT),
        ({"state": "Ei saapunut"}, BookingState.NO_SHOW),
        ({"state": "no show"}, BookingState.NO_SHOW),
        ({"state": "Didn’t show up"}, BookingState.NO_SHOW),
        ({"state": "Peruttu", "cancel_reason": "Asiakas ei ilmestynyt paikalle"}, BookingState.NO_SHOW),
        ({"state": "Varattu", "cancelled_at": "1.7.2026 10.00"}, BookingState.CANCELLED),
        ({"state": "Varattu", "cancelled_at": "Kyllä"}, BookingState.CANCELLED),
        ({"state": "Varattu", "cancelled_at": "Ei"}, BookingState.BOOKED),
        ({"state": "Varattu", "cancel_reason": "sairas"}, BookingState.CANCELLED),
        ({"state": "Siirretty"}, BookingState.UNKNOWN),
        ({}, BookingState.UNKNOWN),
    ],
)
def test_states(fields: dict[str, str], state: BookingState) -> None:
    assert payload(booking(booking_id="b", **fields))["state"] is state


def test_an_unknown_word_of_state_is_kept() -> None:
    assert payload(booking(booking_id="b", state="Siirretty"))["state_raw"] == "Siirretty"
    assert "state_raw" not in payload(booking(booking_id="b", state="Varattu"))


def test_the_no_show_words_are_the_owners() -> None:
    mapped = booking(Rules(no_show_words=("Hukkatunti",)), booking_id="b", state="hukkatunti")
    assert payload(mapped)["state"] is BookingState.NO_SHOW
    other = booking(Rules(no_show_words=("Hukkatunti",)), booking_id="b", state="Ei saapunut")
    assert payload(other)["state"] is BookingState.UNKNOWN


def test_a_note_never_makes_a_no_show_but_is_told() -> None:
    mapped = booking(Rules(notes=True), booking_id="b", state="Varattu", note="ei ilmaantunut")
    assert payload(mapped)["state"] is BookingState.BOOKED
    assert mapped.odd == (("note", NOTE_HINT),)
    assert booking(booking_id="b", state="Varattu", note="ei ilmaantunut").odd == ()


def test_money_of_a_booking() -> None:
    mapped = booking(booking_id="b", price="65,50 €", paid="1.234")
    assert payload(mapped)["price_cents"] == 6550
    assert "paid_cents" not in payload(mapped)
    assert mapped.odd == (("paid", "ambiguous: thousands or decimals"),)
