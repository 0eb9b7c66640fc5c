"""Rows as Thinkific sends them, recorded samples and their known traps, as records."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectRow
from connectors.records import Course, Customer, Enrollment, FieldDefinition, Kind, Order, Product, SourceRecord
from connectors.thinkific.mapping import ALLOWED, Doubts, Mapper, OwnFields
from connectors.thinkific.values import UnreadableError, cents, cents_of_units, flag, identifier, moment, share, text

DATA = Path(__file__).parent / "data"
PHONE, ADDRESS, EMAIL, SMS = "11", "12", "13", "14"
NONE = OwnFields()
OWN = OwnFields(PHONE, ADDRESS, EMAIL, SMS)
NO_CODE = "311299-999Ö"
"""Shaped almost like an identity code, valid never."""
CODE_SHAPED = "310299-9990"
"""The shape of an identity code, on a day that does not exist."""


def _sample(name: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return row["items"][0] if "items" in row and "meta" in row else row


def _map(stream: str, row: Any, own: OwnFields = NONE, notes: bool = False) -> tuple[SourceRecord, list[str]]:
    """The record, and the columns in doubt."""
    doubts = Doubts()
    record = Mapper(own, notes=notes).map(stream, row, doubts)
    return record, [problem.column or "" for problem in doubts.problems(stream)]


def _field(definition: object, value: object, label: str = "Puhelin") -> dict[str, Any]:
    return {"id": 1, "value": value, "label": label, "custom_profile_field_definition_id": definition}


def _customer(own: OwnFields = OWN, **changes: Any) -> tuple[Customer, list[str]]:
    record, columns = _map("users", {**_sample("users"), "custom_profile_fields": [], **changes}, own)
    assert isinstance(record.payload, Customer)
    return record.payload, columns


def _enrollment(**changes: Any) -> tuple[Enrollment, list[str]]:
    record, columns = _map("enrollments", {**_sample("enrollment"), **changes})
    assert isinstance(record.payload, Enrollment)
    return record.payload, columns


def _order(**changes: Any) -> tuple[Order, list[str]]:
    record, columns = _map("orders", {**_sample("order"), **changes})
    assert isinstance(record.payload, Order)
    return record.payload, columns


def test_the_official_user() -> None:
    record, doubts = _map("users", _sample("users"))

    assert record == SourceRecord(
        external_id="4",
        kind=Kind.CUSTOMER,
        payload=Customer(
            name="Bob Smith",
            first_name="Bob",
            last_name="Smith",
            email="something@example.com",
            created_at=datetime(2015, 9, 10, 23, 39, 56, 189000, UTC),
        ),
    )
    assert doubts == []


def test_a_real_enrollment() -> None:
    record, doubts = _map("enrollments", _sample("enrollment"))

    assert record == SourceRecord(
        external_id="479110111",
        kind=Kind.ENROLLMENT,
        owner_id="193952525",
        updated_at=datetime(2024, 2, 22, 20, 32, 52, 730000, UTC),
        payload=Enrollment(
            course_id="1264768",
            course="Corporate Course",
            progress=0.0,
            completed=False,
            expired=False,
            free_trial=False,
            activated_at=datetime(2024, 2, 22, 20, 32, 52, 0, UTC),
            expires_at=datetime(2025, 1, 17, 20, 32, 52, 0, UTC),
            created_at=datetime(2024, 2, 22, 20, 32, 52, 726000, UTC),
            updated_at=datetime(2024, 2, 22, 20, 32, 52, 730000, UTC),
        ),
    )
    assert doubts == []


def test_a_real_course_a_real_product_and_a_definition() -> None:
    course, _ = _map("courses", _sample("course"))
    product, _ = _map("products", _sample("product"))
    definition, _ = _map(
        "custom_profile_field_definitions", {"id": 11.0, "label": "Puhelin", "field_type": "1", "required": False}
    )

    assert (course.external_id, course.payload) == ("1264768", Course(name="Corporate Course", product_id="1325780"))
    assert product.payload == Product(
        name="Corporate Course",
        kind="course",
        course_id="1264768",
        status="published",
        price_cents=100,
        created_at=datetime(2021, 3, 4, 21, 30, 50, 243000, UTC),
    )
    assert (definition.external_id, definition.payload) == (
        "11",
        FieldDefinition(label="Puhelin", field_type="1", required=False),
    )


def test_the_order_of_the_description() -> None:
    record, doubts = _map("orders", _sample("order"))

    assert (record.external_id, record.owner_id, record.updated_at) == ("1", "1", None)
    assert record.payload == Order(
        product_id="1",
        product="My Course",
        amount_cents=2000,
        subscription=False,
        status="complete",
        created_at=datetime(2018, 1, 26, 22, 23, 18, 400000, UTC),
    )
    assert doubts == []


def test_a_users_null_names_are_no_text() -> None:
    payload, _ = _customer(first_name=None, last_name="", full_name=" ")

    assert (payload.name, payload.first_name, payload.last_name) == (None, None, None)


def test_a_full_name_alone_is_never_cut() -> None:
    payload, _ = _customer(first_name=None, last_name=None, full_name="Maija Anneli Meikäläinen")

    assert payload.name == "Maija Anneli Meikäläinen"
    assert (payload.first_name, payload.last_name, payload.name_guessed) == (None, None, None)


def test_a_missing_full_name_is_joined() -> None:
    payload, _ = _customer(first_name="Maija ", last_name="Meikäläinen", full_name=None)

    assert payload.name == "Maija Meikäläinen"


def test_an_enrollments_joined_name_is_not_kept() -> None:
    payload, _ = _enrollment(user_name="Maija Meikäläinen")

    assert "Maija" not in payload.model_dump_json()


def test_free_text_and_affiliate_data_are_dropped() -> None:
    row = {**_sample("users"), "bio": "sekret-1", "headline": "sekret-2", "company": "sekret-3", "affiliate_code": "s"}
    record, _ = _map("users", row)

    assert "sekret" not in record.payload.model_dump_json()
    assert record.notes is None


def test_free_text_travels_as_notes_where_it_is_switched_on() -> None:
    record, _ = _map("users", {**_sample("users"), "bio": "polvi", "headline": None}, notes=True)

    assert record.notes == "polvi"
    assert "polvi" not in record.payload.model_dump_json()


def test_own_fields_are_read_by_definition_id_alone() -> None:
    payload, doubts = _customer(
        custom_profile_fields=[
            _field(99, "+358 40 000 0009", label="Puhelin"),
            _field(11, "040 000 0001", label="Lempiväri"),
            _field("12", "Esimerkkikatu 1 A 2, 00100 Helsinki"),
            _field(13.0, "Kyllä"),
            _field(14, "ei"),
        ]
    )

    assert payload.phone == "+358400000001"
    assert (payload.street, payload.postal_code, payload.city) == ("Esimerkkikatu 1 A 2", "00100", "Helsinki")
    assert (payload.email_marketing, payload.sms_marketing) == (True, False)
    assert doubts == []


def test_without_configured_fields_none_is_read() -> None:
    payload, _ = _customer(NONE, custom_profile_fields=[_field(11, "040 000 0001")])

    assert payload.phone is None


def test_the_first_filled_value_of_a_field_counts() -> None:
    payload, _ = _customer(custom_profile_fields=[_field(11, None), _field(11, ""), _field(11, "0400000001")])

    assert payload.phone == "+358400000001"


def test_one_field_may_stand_for_both_permissions() -> None:
    payload, _ = _customer(OwnFields(email_marketing="13", sms_marketing="13"), custom_profile_fields=[_field(13, "x")])

    assert (payload.email_marketing, payload.sms_marketing) == (True, True)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_permission_is_unknown_and_no_refusal(value: object) -> None:
    payload, doubts = _customer(custom_profile_fields=[_field(13, value)])

    assert payload.email_marketing is None
    assert doubts == []


def test_a_permission_in_other_words_is_unknown_and_in_doubt() -> None:
    payload, doubts = _customer(custom_profile_fields=[_field(13, "ehkä")])

    assert payload.email_marketing is None
    assert doubts == ["email_marketing"]


@pytest.mark.parametrize("value", ["not telling", "123", "0000000", 5.5])
def test_what_is_no_phone_is_a_problem_that_does_not_quote_it(value: object) -> None:
    doubts = Doubts()
    record = Mapper(OWN).map("users", {"id": 7, "custom_profile_fields": [_field(11, value)]}, doubts)

    (problem,) = doubts.problems("users")
    assert isinstance(record.payload, Customer)
    assert record.payload.phone is None
    assert (problem.column, "ids 7" in problem.reason) == ("phone", True)
    assert str(value) not in problem.reason


@pytest.mark.parametrize(
    ("written", "street", "postal_code", "city"),
    [
        ("Esimerkkikatu 1\n00100 Helsinki", "Esimerkkikatu 1", "00100", "Helsinki"),
        ("Esimerkkikatu 1 FI-33100  Tampere", "Esimerkkikatu 1", "33100", "Tampere"),
        ("Esimerkkikatu 1", "Esimerkkikatu 1", None, None),
        ("1 Example St, Springfield 12345", "1 Example St, Springfield 12345", None, None),
    ],
)
def test_an_address_is_split_only_where_it_is_written_the_finnish_way(
    written: str, street: str, postal_code: str | None, city: str | None
) -> None:
    payload, _ = _customer(custom_profile_fields=[_field(12, written)])

    assert (payload.street, payload.postal_code, payload.city) == (street, postal_code, city)


@pytest.mark.parametrize("fields", [None, {}, "x", [None, 3, "x", {}], [{"value": "0400000001"}]])
def test_own_fields_of_any_other_shape_are_no_crash(fields: object) -> None:
    payload, _ = _customer(custom_profile_fields=fields)

    assert payload.phone is None


def test_what_is_no_address_is_no_email_and_in_doubt() -> None:
    payload, doubts = _customer(email="[TEST] nobody")

    assert payload.email is None
    assert doubts == ["email"]
    assert _customer(email=" Bob+kurssi@example.com ")[0].email == "Bob+kurssi@example.com"


@pytest.mark.parametrize(
    ("sent", "progress"),
    [("0.0", 0), ("0.5", 0.5), (0.75, 0.75), ("24.0", 0.24), (50, 0.5), (1, 1), ("1.0", 1), (140, 1), (-1, 0),
     ("0,5", 0.5), ("50 %", 0.5), (None, None), ("", None)],
)  # fmt: skip
def test_progress_is_a_share_whatever_its_unit(sent: object, progress: float | None) -> None:
    payload, doubts = _enrollment(percentage_completed=sent)

    assert payload.progress == progress
    assert doubts == []


@pytest.mark.parametrize("sent", ["half", "nan", "inf", True, [], {}])
def test_progress_that_cannot_be_read_is_in_doubt(sent: object) -> None:
    payload, doubts = _enrollment(percentage_completed=sent)

    assert payload.progress is None
    assert doubts == ["percentage_completed"]


def test_all_times_of_an_enrollment_may_be_null() -> None:
    names = ("started_at", "activated_at", "completed_at", "expiry_date", "created_at", "updated_at")
    payload, doubts = _enrollment(**dict.fromkeys(names))

    assert payload.started_at is payload.expires_at is payload.updated_at is None
    assert doubts == []


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2019-08-07T14:10:06.320656581-04:00", datetime(2019, 8, 7, 18, 10, 6, 320656, UTC)),
        ("2020-02-27T21:32:33.62583953-05:00", datetime(2020, 2, 28, 2, 32, 33, 625839, UTC)),
        ("2024-02-22T20:32:52Z", datetime(2024, 2, 22, 20, 32, 52, 0, UTC)),
        ("2024-02-22T20:32:52", datetime(2024, 2, 22, 20, 32, 52, 0, UTC)),
        ("2025-12-31", datetime(2025, 12, 31, tzinfo=UTC)),
    ],
)
def test_times_become_utc(sent: str, read: datetime) -> None:
    payload, doubts = _enrollment(updated_at=sent)

    assert payload.updated_at == read
    assert payload.updated_at is not None
    assert payload.updated_at.tzinfo is UTC
    assert doubts == []


@pytest.mark.parametrize("sent", ["yesterday", 1785947700000, "0001-01-01T00:00:00+14:00", True])
def test_a_time_that_cannot_be_read_is_in_doubt(sent: object) -> None:
    payload, doubts = _enrollment(updated_at=sent)

    assert payload.updated_at is None
    assert doubts == ["updated_at"]


def test_an_orders_created_at_may_be_spelled_with_a_space() -> None:
    row = _sample("order")
    row["created at"] = row.pop("created_at")
    record, _ = _map("orders", row)

    assert isinstance(record.payload, Order)
    assert record.payload.created_at == datetime(2018, 1, 26, 22, 23, 18, 400000, UTC)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_orders_product_may_stand_in_its_items_alone(empty: object) -> None:
    payload, _ = _order(product_id=empty, product_name=empty, items=[{"product_id": 9, "product_name": "Kurssi"}])

    assert (payload.product_id, payload.product) == ("9", "Kurssi")


@pytest.mark.parametrize("items", [None, [], {}, [None], "x"])
def test_an_order_without_items_is_no_crash(items: object) -> None:
    payload, _ = _order(product_id=None, product_name=None, items=items)

    assert (payload.product_id, payload.product) == (None, None)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"amount_cents": "2000"}, 2000),
        ({"amount_cents": 2000.0}, 2000),
        ({"amount_cents": 0, "amount_dollars": "20.0"}, 0),
        ({"amount_cents": None, "amount_dollars": "20.0"}, 2000),
        ({"amount_cents": None, "amount_dollars": 10.995}, 1100),
        ({"amount_cents": None, "amount_dollars": "19,90"}, 1990),
        ({"amount_cents": None, "amount_dollars": None}, None),
    ],
)
def test_an_amount_is_cents_else_dollars(amounts: dict[str, Any], expected: int | None) -> None:
    payload, doubts = _order(**amounts)

    assert payload.amount_cents == expected
    assert doubts == []


def test_an_order_outlives_its_user() -> None:
    record, doubts = _map(
        "orders", {**_sample("order"), "user_id": None, "user_email": None, "user_name": "(deleted) (deleted)"}
    )

    assert record.owner_id is None
    assert "deleted" not in record.payload.model_dump_json()
    assert doubts == []


def test_a_status_is_lower_case() -> None:
    assert _order(status="Complete")[0].status == "complete"


def test_a_products_primary_price_goes_before_its_deprecated_one() -> None:
    prices = [
        {"is_primary": False, "price": "5.0", "currency": "usd"},
        {"is_primary": True, "price": "49.9", "currency": "eur"},
    ]
    record, _ = _map("products", {**_sample("product"), "product_prices": prices})

    assert isinstance(record.payload, Product)
    assert (record.payload.price_cents, record.payload.currency) == (4990, "EUR")


def test_a_bundle_is_no_course() -> None:
    record, _ = _map("products", {**_sample("product"), "productable_type": "Bundle"})

    assert isinstance(record.payload, Product)
    assert (record.payload.kind, record.payload.course_id) == ("bundle", None)


@pytest.mark.parametrize(("sent", "external_id"), [(7, "7"), (7.0, "7"), ("7", "7"), (" 7 ", "7"), ("7.0", "7")])
def test_one_id_in_any_dress_is_one_id(sent: object, external_id: str) -> None:
    record, _ = _map("enrollments", {**_sample("enrollment"), "id": sent, "user_id": sent})

    assert (record.external_id, record.owner_id) == (external_id, external_id)


@pytest.mark.parametrize("stream", ALLOWED)
@pytest.mark.parametrize("row", [None, 3, "x", [], {}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": []}])
def test_a_row_without_an_id_is_rejected(stream: str, row: Any) -> None:
    mapper = Mapper(OWN)
    with pytest.raises(RejectRow) as raised:
        mapper.map(stream, row, Doubts())

    rejected, _ = mapper.reject(stream, row, raised.value)
    assert rejected.external_id is None
    assert rejected.reason == raised.value.reason


def test_quarantine_keeps_allowed_fields_alone_and_masks_identity_codes() -> None:
    row = {
        "first_name": f"Maija {CODE_SHAPED}",
        "last_name": NO_CODE,
        "bio": "sekret",
        "avatar_url": "sekret",
        "hetu": CODE_SHAPED,
        "email": {"nested": "sekret"},
        "custom_profile_fields": [
            {**_field(11, "040123-4567"), "extra": "sekret"},
            _field(12, CODE_SHAPED),
            _field(99, "sekret"),
        ],
    }
    rejected, masked = Mapper(OWN).reject("users", row, RejectRow("the row has no id", "id"))

    assert rejected.fields == {
        "first_name": "Maija [masked]",
        "last_name": NO_CODE,
        "email": None,
        "custom_profile_fields": [
            {"value": "040123-4567", "custom_profile_field_definition_id": 11},
            {"value": "[masked]", "custom_profile_field_definition_id": 12},
        ],
    }
    assert (masked, rejected.column) == (2, "id")


def test_a_quarantined_row_maps_once_it_has_what_it_lacked() -> None:
    row = {"user_id": 5, "items": [{"product_id": 9, "product_name": "Kurssi", "x": 1}], "status": "Complete"}
    mapper = Mapper(OWN)
    rejected, _ = mapper.reject("orders", row, RejectRow("the row has no id", "id"))

    record = mapper.map("orders", {**rejected.fields, "id": 1}, Doubts())

    assert record == mapper.map("orders", {**row, "id": 1}, Doubts())


def test_many_doubts_of_one_kind_are_one_problem() -> None:
    mapper, doubts = Mapper(OWN), Doubts()
    for number in range(1, 9):
        mapper.map("enrollments", {"id": number, "updated_at": "soon"}, doubts)

    (problem,) = doubts.problems("enrollments")
    assert problem.reason == "enrollments: no time in 8 rows, ids 1, 2, 3, 4, 5, …"
    assert problem.column == "updated_at"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_no_json_at_all_makes_the_mapping_crash(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(sorted(ALLOWED)))
    row = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(ALLOWED[stream], JSON)))
    doubts, mapper = Doubts(), Mapper(OWN, notes=True)

    try:
        record = mapper.map(stream, row, doubts)
    except RejectRow as error:
        rejected, _ = mapper.reject(stream, row, error)
        assert set(rejected.fields) <= set(ALLOWED[stream])
    else:
        assert record.external_id
        assert len(doubts.problems(stream)) <= len(ALLOWED[stream]) + 4


@pytest.mark.parametrize("reader", [text, identifier, moment, share, flag, cents, cents_of_units])
@given(value=JSON)
def test_a_reader_reads_or_says_what_it_is_not_without_quoting(reader: Any, value: Any) -> None:
    try:
        reader(value)
    except UnreadableError as error:
        assert str(error) in {
            "no text", "no id", "no time", "no number", "neither yes nor no", "no amount",
        }  # fmt: skip


@pytest.mark.parametrize("word", ["kyllä", "KYLLÄ", "yes", "true", "1", "on", "x", 1, True, 1.0])
def test_a_yes_in_any_word(word: object) -> None:
    assert flag(word) is True


@pytest.mark.parametrize("word", ["ei", "Ei", "no", "false", "0", "off", 0, False])
def test_a_no_in_any_word(word: object) -> None:
    assert flag(word) is False
