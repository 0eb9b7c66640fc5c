"""Rows as Thinkific sends them, recorded samples and their known traps, as records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.records import Course, Customer, Enrollment, FieldDefinition, Kind, Order, Product, SourceRecord
from tests.connectors.thinkific.samples import customer, enrollment, mapped, order, sample


def test_the_official_user() -> None:
    record, doubts = mapped("users", sample("users"))

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
    record, doubts = mapped("enrollments", sample("enrollment"))

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
    course, _ = mapped("courses", sample("course"))
    product, _ = mapped("products", sample("product"))
    definition, _ = mapped(
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
    record, doubts = mapped("orders", sample("order"))

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
    payload, _ = customer(first_name=None, last_name="", full_name=" ")

    assert (payload.name, payload.first_name, payload.last_name) == (None, None, None)


def test_a_full_name_alone_is_never_cut() -> None:
    payload, _ = customer(first_name=None, last_name=None, full_name="Maija Anneli Meikäläinen")

    assert payload.name == "Maija Anneli Meikäläinen"
    assert (payload.first_name, payload.last_name, payload.name_guessed) == (None, None, None)


def test_a_missing_full_name_is_joined() -> None:
    payload, _ = customer(first_name="Maija ", last_name="Meikäläinen", full_name=None)

    assert payload.name == "Maija Meikäläinen"


def test_an_enrollments_joined_name_is_not_kept() -> None:
    payload, _ = enrollment(user_name="Maija Meikäläinen")

    assert "Maija" not in payload.model_dump_json()


def test_free_text_and_affiliate_data_are_dropped() -> None:
    row = {**sample("users"), "bio": "sekret-1", "headline": "sekret-2", "company": "sekret-3", "affiliate_code": "s"}
    record, _ = mapped("users", row)

    assert "sekret" not in record.payload.model_dump_json()
    assert record.notes is None


def test_free_text_travels_as_notes_where_it_is_switched_on() -> None:
    record, _ = mapped("users", {**sample("users"), "bio": "polvi", "headline": None}, notes=True)

    assert record.notes == "polvi"
    assert "polvi" not in record.payload.model_dump_json()


def test_what_is_no_address_is_no_email_and_in_doubt() -> None:
    payload, doubts = customer(email="[TEST] nobody")

    assert payload.email is None
    assert doubts == ["email"]
    assert customer(email=" Bob+kurssi@example.com ")[0].email == "Bob+kurssi@example.com"


@pytest.mark.parametrize(
    ("sent", "progress"),
    [("0.0", 0), ("0.5", 0.5), (0.75, 0.75), ("24.0", 0.24), (50, 0.5), (1, 1), ("1.0", 1), (140, 1), (-1, 0),
     ("0,5", 0.5), ("50 %", 0.5), (None, None), ("", None)],
)  # fmt: skip
def test_progress_is_a_share_whatever_its_unit(sent: object, progress: float | None) -> None:
    payload, doubts = enrollment(percentage_completed=sent)

    assert payload.progress == progress
    assert doubts == []


@pytest.mark.parametrize("sent", ["half", "nan", "inf", True, [], {}])
def test_progress_that_cannot_be_read_is_in_doubt(sent: object) -> None:
    payload, doubts = enrollment(percentage_completed=sent)

    assert payload.progress is None
    assert doubts == ["percentage_completed"]


def test_all_times_of_an_enrollment_may_be_null() -> None:
    names = ("started_at", "activated_at", "completed_at", "expiry_date", "created_at", "updated_at")
    payload, doubts = enrollment(**dict.fromkeys(names))

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
    payload, doubts = enrollment(updated_at=sent)

    assert payload.updated_at == read
    assert payload.updated_at is not None
    assert payload.updated_at.tzinfo is UTC
    assert doubts == []


@pytest.mark.parametrize("sent", ["yesterday", 1785947700000, "0001-01-01T00:00:00+14:00", True])
def test_a_time_that_cannot_be_read_is_in_doubt(sent: object) -> None:
    payload, doubts = enrollment(updated_at=sent)

    assert payload.updated_at is None
    assert doubts == ["updated_at"]


def test_an_orders_created_at_may_be_spelled_with_a_space() -> None:
    row = sample("order")
    row["created at"] = row.pop("created_at")
    record, _ = mapped("orders", row)

    assert isinstance(record.payload, Order)
    assert record.payload.created_at == datetime(2018, 1, 26, 22, 23, 18, 400000, UTC)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_orders_product_may_stand_in_its_items_alone(empty: object) -> None:
    payload, _ = order(product_id=empty, product_name=empty, items=[{"product_id": 9, "product_name": "Kurssi"}])

    assert (payload.product_id, payload.product) == ("9", "Kurssi")


@pytest.mark.parametrize("items", [None, [], {}, [None], "x"])
def test_an_order_without_items_is_no_crash(items: object) -> None:
    payload, _ = order(product_id=None, product_name=None, items=items)

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
    payload, doubts = order(**amounts)

    assert payload.amount_cents == expected
    assert doubts == []


def test_an_order_outlives_its_user() -> None:
    record, doubts = mapped(
        "orders", {**sample("order"), "user_id": None, "user_email": None, "user_name": "(deleted) (deleted)"}
    )

    assert record.owner_id is None
    assert "deleted" not in record.payload.model_dump_json()
    assert doubts == []


def test_a_status_is_lower_case() -> None:
    assert order(status="Complete")[0].status == "complete"


def test_a_products_primary_price_goes_before_its_deprecated_one() -> None:
    prices = [
        {"is_primary": False, "price": "5.0", "currency": "usd"},
        {"is_primary": True, "price": "49.9", "currency": "eur"},
    ]
    record, _ = mapped("products", {**sample("product"), "product_prices": prices})

    assert isinstance(record.payload, Product)
    assert (record.payload.price_cents, record.payload.currency) == (4990, "EUR")


def test_a_bundle_is_no_course() -> None:
    record, _ = mapped("products", {**sample("product"), "productable_type": "Bundle"})

    assert isinstance(record.payload, Product)
    assert (record.payload.kind, record.payload.course_id) == ("bundle", None)
