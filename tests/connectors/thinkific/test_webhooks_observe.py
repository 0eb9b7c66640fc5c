"""What a delivery says of its row, and about what it is silent."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hooks import Observation
from connectors.records import Kind
from connectors.sandbox.people import Population
from connectors.sandbox.rows import Row, iso
from connectors.thinkific import sandbox as module
from connectors.thinkific.mapping import Doubts, Mapper, OwnFields
from connectors.thinkific.sandbox import ThinkificSandbox
from tests.connectors.thinkific.deliveries import observed, read, receiver, said
from tests.connectors.thinkific.samples import ADDRESS, EMAIL, PHONE, own_field

NAMES = {"name", "first_name", "last_name", "email"}


def test_a_user_is_spoken_of_but_for_profile_fields() -> None:
    (about,) = observed("user.signin")

    assert (about.stream, about.record.kind, about.record.external_id) == ("users", Kind.CUSTOMER, "2001")
    assert not about.only_new
    assert said(about) == {
        "name": "Matti Malli",
        "first_name": "Matti",
        "last_name": "Malli",
        "email": "matti.malli@example.com",
        "created_at": datetime(2026, 7, 23, 2, 42, 13, 43000, UTC),
    }


def test_filled_profile_fields_are_spoken_of_and_no_other() -> None:
    own = [
        own_field(int(PHONE), "040 1234567"),
        own_field(int(ADDRESS), "Mallikatu 1"),
        own_field(int(EMAIL), "Ei"),
        own_field(14, "  "),
    ]
    (about,) = observed("user.updated", custom_profile_fields=own)

    told = {name: value for name, value in said(about).items() if name not in NAMES | {"created_at"}}
    # A town that is not written any more is gone: an address is one thing.
    assert told == {
        "phone": "+358401234567", "street": "Mallikatu 1", "postal_code": None, "city": None, "email_marketing": False,
    }  # fmt: skip


@pytest.mark.parametrize("value", ["", "  ", None, "ehkä"])
def test_an_empty_or_unreadable_profile_field_takes_nothing_away(value: object) -> None:
    own = [own_field(int(PHONE), value), own_field(int(ADDRESS), value and ""), own_field(int(EMAIL), value)]

    (about,) = observed("user.updated", custom_profile_fields=own)

    assert about.speaks == NAMES | {"created_at"}


def test_what_does_not_stand_in_an_event_or_cannot_be_read_is_not_spoken_of() -> None:
    (short,) = observed("user.updated", ("last_name", "created_at"))
    (odd,) = observed("user.updated", email="[john@doe", first_name=7, created_at="soon")

    assert short.speaks == {"first_name", "email"}
    assert odd.speaks == {"last_name"}
    assert odd.record.payload.model_dump(exclude_none=True) == {"last_name": "Malli"}


def test_what_a_user_took_away_is_spoken_of() -> None:
    (about,) = observed("user.updated", last_name=None)

    assert said(about)["last_name"] is None
    assert said(about)["name"] == "Matti"


def test_a_deleted_user_has_nothing_said_of_them() -> None:
    assert list(receiver().observe(read("user.deleted"))) == []


def test_an_enrollment_is_spoken_of_and_its_user_besides() -> None:
    about, person = observed("enrollment.progress")

    assert (about.stream, about.record.external_id, about.record.owner_id) == ("enrollments", "97472", "2001")
    assert about.record.updated_at == datetime(2026, 11, 20, 10, 17, 1, 924000, UTC)
    told = {name: value for name, value in said(about).items() if name[-3:] != "_at"}
    assert told == {
        "course_id": "501", "course": "Hyvän unen kurssi", "progress": 0.25, "completed": False, "expired": False,
        "free_trial": False,
    }  # fmt: skip
    assert (person.stream, person.record.external_id, person.only_new) == ("users", "2001", True)
    assert person.speaks == NAMES


@pytest.mark.parametrize(
    ("topic", "completed_at", "completed"),
    [
        ("enrollment.progress", None, False),
        ("enrollment.progress", "2026-11-20T10:00:00.000Z", True),
        ("enrollment.completed", None, True),
        ("enrollment.completed", "2026-11-20T10:00:00.000Z", True),
    ],
)
def test_completed_is_what_was_completed_at_some_time(topic: str, completed_at: str | None, completed: bool) -> None:
    assert said(observed(topic, completed_at=completed_at)[0])["completed"] is completed


@pytest.mark.parametrize(
    ("ends", "expired"),
    [
        (None, False),
        ("2026-11-20T10:17:02.925Z", False),
        ("2026-11-20T10:17:02.924Z", False),
        ("2026-11-20T10:17:02.923Z", True),
        ("2026-11-20T12:17:02.925+02:00", False),
    ],
)
def test_expired_is_what_ended_before_the_event(ends: str | None, expired: bool) -> None:
    assert said(observed("enrollment.progress", expiry_date=ends)[0])["expired"] is expired


@pytest.mark.parametrize("told", [{}, {"completed_at": "soon", "expiry_date": "later"}])
def test_nothing_is_derived_from_what_is_not_said_or_cannot_be_read(told: dict[str, Any]) -> None:
    silent = () if told else ("completed_at", "expiry_date", "free_trial", "percentage_completed")
    about, _ = observed("enrollment.progress", silent, **told)

    assert {"completed", "expired", "completed_at", "expires_at"}.isdisjoint(about.speaks)
    assert ("progress" in about.speaks) == bool(told)


def test_an_order_is_spoken_of_with_its_status_in_lower_case() -> None:
    about, person = observed("order.created")

    assert (about.stream, about.record.external_id, about.record.owner_id) == ("orders", "19796", "2001")
    assert said(about) == {
        "product_id": "901", "product": "Hyvän unen kurssi", "amount_cents": 5000, "subscription": False,
        "status": "complete", "created_at": datetime(2026, 1, 26, 22, 23, 18, 400000, UTC),
    }  # fmt: skip
    assert person.only_new


def test_an_order_that_names_its_product_among_its_items_alone_names_it() -> None:
    about, _ = observed("order.created", product_id=None, product_name=None)
    bare, _ = observed("order.created", ("items",), product_id=None, product_name=None)

    assert (said(about)["product_id"], said(about)["product"]) == ("901", "Hyvän unen kurssi")
    assert {"product_id", "product"}.isdisjoint(bare.speaks)


@pytest.mark.parametrize(
    ("payment", "subscription"), [("one-time", False), ("free", False), ("subscription", True), ("payment-plan", None)]
)
def test_how_an_order_is_paid_says_whether_it_is_a_subscription(payment: str, subscription: bool | None) -> None:
    (about, _) = observed("order.created", payment_type=payment)

    assert said(about).get("subscription") is subscription


@pytest.mark.parametrize("user", [None, {}, [], {"email": "x@example.com"}, {"id": None}])
def test_without_a_user_only_the_row_is_spoken_of(user: object) -> None:
    (about,) = observed("order.created", user=user)

    assert about.record.owner_id is None


# An event and the list agree.

PEOPLE = Population(11, 150).change(2, share=0.1)
STREAMS = {"users": "user.signup", "enrollments": "enrollment.created", "orders": "order.created"}


@pytest.fixture(scope="module")
def sandbox() -> ThinkificSandbox:
    return module.build(PEOPLE)


def own_fields() -> OwnFields:
    fields = {name: str(id_) for name, id_ in module.settings("")["thinkific"]["fields"].items()}
    return OwnFields(**fields)


def pairs(sandbox: ThinkificSandbox, stream: str) -> Iterator[tuple[Any, Observation]]:
    """Each row of a stream as the list maps it, and as an event says it of nothing held."""
    mapper, made = Mapper(own_fields()), receiver(own_fields())
    rows = sandbox.streams()[stream]
    for row in rows:
        listed = mapper.map(stream, json.loads(rows.bytes_of(row)), Doubts())
        topic = _completed(stream, row) or STREAMS[stream]
        event = made.read(sandbox.envelope(topic, row.record.id, created_at=iso(PEOPLE.now)))
        yield listed, made.observe(event)[0]


def _completed(stream: str, row: Row[Any]) -> str | None:
    return "enrollment.completed" if stream == "enrollments" and row.record.completed_at else None


@pytest.mark.parametrize("stream", STREAMS)
def test_an_event_says_byte_for_byte_what_the_list_says(sandbox: ThinkificSandbox, stream: str) -> None:
    seen = list(pairs(sandbox, stream))

    assert len(seen) > 50
    for listed, event in seen:
        assert event.record.payload.model_dump_json(exclude_none=True) == listed.payload.model_dump_json(
            exclude_none=True
        )
        assert (event.record.external_id, event.record.owner_id, event.record.updated_at, event.record.kind) == (
            listed.external_id, listed.owner_id, listed.updated_at, listed.kind,
        )  # fmt: skip


def test_the_population_has_what_makes_the_comparison_hard(sandbox: ThinkificSandbox) -> None:
    payloads = [event.record.payload for _, event in pairs(sandbox, "enrollments")]
    users = [event.record.payload for _, event in pairs(sandbox, "users")]

    for field in ("expired", "completed", "free_trial"):
        assert {getattr(payload, field) for payload in payloads} == {True, False}
    assert {payload.email_marketing for payload in users} == {True, False, None}
    assert any(payload.postal_code for payload in users)
    assert any(row.record.user_id is None for row in sandbox.orders)
