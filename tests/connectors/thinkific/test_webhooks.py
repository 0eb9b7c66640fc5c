"""Who signed a delivery, what its envelope must be, and what of it is kept."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectRow
from connectors.hooks import NotAnEventError
from connectors.thinkific.webhooks import SIGNATURE, TOPICS
from tests.connectors.thinkific.deliveries import BODIES, body, envelope, read, receiver
from tests.connectors.thinkific.samples import ADDRESS, CODE_SHAPED, JSON, PHONE, own_field

BODY = b'{"id": "1"}'


def signed(key: str, content: bytes = BODY) -> str:
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def test_a_signature_is_known_in_its_documented_form() -> None:
    # A fixed value, made once with `openssl dgst -sha256 -hmac key-1`.
    known = "573c32b05f35b866cf4328871bde75ca7352e616bc1f1f29fa1d63d2aed974bc"
    assert receiver().is_genuine(BODY, {SIGNATURE: known})


@pytest.mark.parametrize("key", ["webhook-secret", "access-token", "api-key"])
def test_any_key_that_is_configured_may_have_signed(key: str) -> None:
    keys = ("webhook-secret", "access-token", "api-key")
    assert receiver(keys=keys).is_genuine(BODY, {SIGNATURE: signed(key)})


@pytest.mark.parametrize(
    "told",
    [
        signed("another key"), signed("key-1", BODY + b" "), signed("key-1").upper(), signed("key-1")[:-1],
        signed("key-1") + "0", "", "ä" * 64, "\ud800", "sha256=" + signed("key-1"),
    ],
    ids=["key", "body", "upper case", "short", "long", "empty", "not ascii", "surrogate", "prefix"],
)  # fmt: skip
def test_what_is_not_the_signature_of_this_body_is_not_genuine(told: str) -> None:
    assert not receiver().is_genuine(BODY, {SIGNATURE: told})


def test_no_header_or_no_key_is_not_genuine() -> None:
    assert not receiver().is_genuine(BODY, {"x-other": signed("key-1")})
    assert not receiver(keys=()).is_genuine(BODY, {SIGNATURE: signed("")})


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_of_use_names_its_row(topic: str) -> None:
    found = read(topic)

    assert (found.event_id, found.topic) == ("20261120123417020665195", topic)
    assert found.created_at == datetime(2026, 11, 20, 10, 17, 2, 924000, UTC)
    assert found.stream == TOPICS[topic]
    assert found.external_id in {"2001", "97472", "19796"}
    assert found.deleted == (topic == "user.deleted")
    assert bool(found.fields) == (topic != "user.deleted")


@pytest.mark.parametrize("topic", ["lesson.completed", "lead.created", "order_transaction.refunded"])
def test_of_any_other_topic_nothing_is_kept_but_that_it_came(topic: str) -> None:
    found = read(topic)

    assert (found.topic, found.stream, found.external_id, found.fields) == (topic, None, None, {})


def test_what_is_kept_is_allow_listed_and_survives_json() -> None:
    user, enrollment, order = (read(topic).fields for topic in ("user.signup", "enrollment.created", "order.created"))

    assert user == {
        name: BODIES["user.signin"][name] for name in ("id", "first_name", "last_name", "email", "created_at")
    }
    assert {name: enrollment[name] for name in ("user_id", "course_name", "is_free_trial", "completed", "expired")} == {
        "user_id": 2001, "course_name": "Hyvän unen kurssi", "is_free_trial": False, "completed": False,
        "expired": False,
    }  # fmt: skip
    person = {"id": 2001, "email": "matti.malli@example.com", "first_name": "Matti", "last_name": "Malli"}
    assert enrollment["user"] == order["user"] == person
    assert {"free_trial", "course"}.isdisjoint(enrollment)
    assert {"billing_name", "coupon", "order_number", "payment_type"}.isdisjoint(order)
    for fields in (user, enrollment, order):
        assert json.loads(json.dumps(fields, allow_nan=False)) == fields


def test_identity_codes_are_masked_but_a_phone_in_its_field_is_none() -> None:
    own = [own_field(int(PHONE), "040123-4567"), own_field(int(ADDRESS), CODE_SHAPED), own_field(99, "sekret")]

    user = read("user.signin", last_name=f"Malli {CODE_SHAPED}", hetu=CODE_SHAPED, custom_profile_fields=own)
    named = read("order.created", user={"id": 7, "first_name": CODE_SHAPED, "bio": "sekret"})

    assert user.fields["last_name"] == "Malli [masked]"
    assert [part["value"] for part in user.fields["custom_profile_fields"]] == ["040123-4567", "[masked]"]
    assert (user.masked, named.masked) == (2, 1)
    assert named.fields["user"] == {"id": 7, "first_name": "[masked]"}
    assert "sekret" not in f"{user.fields}{named.fields}"


def test_what_the_test_button_sends_brings_nobody_into_the_registry() -> None:
    person = {"email": "[TEST] john@example.com", "first_name": "[TEST] John", "id": 94, "last_name": "Doe"}

    about = read("enrollment.created", id=3, user=person, course={"id": 68, "name": "[TEST] lorem ipsum"})
    user = read("user.signup", id=94, email=" [TEST] john@example.com")

    for found in (about, user):
        assert (found.stream, found.external_id, found.fields) == (None, None, {})
        assert list(receiver().observe(found)) == []


@pytest.mark.parametrize("sent", ["x", 7, "7"])
def test_an_id_is_a_text(sent: object) -> None:
    assert receiver().read(body({**envelope("user.signin"), "id": sent})).event_id == str(sent)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("id", value) for value in (None, "", "  ", True, 7.0, [], "x" * 101, 10**101, "a\u0007b")),
        *(("resource", value) for value in (None, "", 7, "User", "user.x", "us er", "u" * 51, "käyttäjä")),
        *(("action", value) for value in (None, "", "signed-up", ["signin"])),
        *(("created_at", value) for value in (None, "", "soon", 7, {}, "0001-01-01T00:00:00+14:00")),
        *(("payload", value) for value in (None, [], "sekret", 7)),
    ],
)
def test_an_envelope_of_another_form_is_no_event_and_is_not_quoted(field: str, wrong: Any) -> None:
    value = {**envelope("user.signin"), field: wrong}
    for wrongly in (value, {name: part for name, part in value.items() if name != field}):
        with pytest.raises(NotAnEventError) as raised:
            receiver().read(body(wrongly))
        assert not any(word in str(raised.value) for word in ("sekret", "soon", "2001", "Matti"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 900 + b"]" * 900, b'{"a":' * 5000])
def test_what_is_no_object_is_no_event(content: bytes) -> None:
    with pytest.raises(NotAnEventError):
        receiver().read(content)


@pytest.mark.parametrize("depth", [150, 220, 400, 700, 950, 3000])
def test_a_body_that_is_nested_deeply_is_an_event_or_none(depth: int) -> None:
    deep = b"[" * depth + b'"\\u0000"' + b"]" * depth
    for name in (b'"user"', b'"items"', b'"email"'):
        survives(body(envelope("order.created")).replace(name, name + b": " + deep + b', "again"', 1))


def test_a_number_that_json_cannot_carry_on_is_dropped() -> None:
    content = body(envelope("order.created")).replace(b'"amount_cents": 5000', b'"amount_cents": 1e999')

    fields = receiver().read(content).fields

    assert fields["amount_cents"] is None
    assert json.dumps(fields, allow_nan=False)


def test_a_row_without_an_id_is_still_an_event_that_says_why_it_cannot_be_used() -> None:
    found = read("user.signin", ("id",))

    assert (found.stream, found.external_id) == ("users", None)
    with pytest.raises(RejectRow, match="no id"):
        receiver().observe(found)


def survives(content: bytes) -> None:
    """Anything is an event or none, and an event says something or is rejected."""
    made = receiver(notes=True)
    try:
        found = made.read(content)
    except NotAnEventError:
        return
    again = found.model_copy(update={"fields": json.loads(json.dumps(dict(found.fields), allow_nan=False))})
    assert again == found
    try:
        said = made.observe(again)
    except RejectRow:
        return
    assert all(one.speaks <= type(one.record.payload).model_fields.keys() for one in said)


@given(st.binary(max_size=200) | JSON.map(body))
def test_no_body_is_a_crash(content: bytes) -> None:
    survives(content)


@given(
    st.sampled_from([*TOPICS, "lesson.completed"]),
    st.dictionaries(
        st.sampled_from(sorted({name for payload in BODIES.values() for name in payload} | {"custom_profile_fields"})),
        JSON | st.sampled_from([1e308, -1, "", " ", "1.5", CODE_SHAPED, "9" * 200, [{"value": [1]}], {"id": {}}]),
        max_size=4,
    ),
    st.dictionaries(st.sampled_from(["id", "resource", "action", "created_at", "payload"]), JSON, max_size=1),
)
def test_no_payload_is_a_crash(topic: str, changes: dict[str, Any], around: dict[str, Any]) -> None:
    survives(body({**envelope(topic, **changes), **around}))
