"""The site's own profile fields: phone, address and permissions, by definition id."""

import pytest

from connectors.records import Customer
from connectors.thinkific.mapping import Doubts, Mapper, OwnFields
from tests.connectors.thinkific.samples import NONE, OWN, customer, own_field


def test_own_fields_are_read_by_definition_id_alone() -> None:
    payload, doubts = customer(
        custom_profile_fields=[
            own_field(99, "+358 40 000 0009", label="Puhelin"),
            own_field(11, "040 000 0001", label="Lempiväri"),
            own_field("12", "Esimerkkikatu 1 A 2, 00100 Helsinki"),
            own_field(13.0, "Kyllä"),
            own_field(14, "ei"),
        ]
    )

    assert payload.phone == "+358400000001"
    assert (payload.street, payload.postal_code, payload.city) == ("Esimerkkikatu 1 A 2", "00100", "Helsinki")
    assert (payload.email_marketing, payload.sms_marketing) == (True, False)
    assert doubts == []


def test_without_configured_fields_none_is_read() -> None:
    payload, _ = customer(NONE, custom_profile_fields=[own_field(11, "040 000 0001")])

    assert payload.phone is None


def test_the_first_filled_value_of_a_field_counts() -> None:
    payload, _ = customer(custom_profile_fields=[own_field(11, None), own_field(11, ""), own_field(11, "0400000001")])

    assert payload.phone == "+358400000001"


def test_one_field_may_stand_for_both_permissions() -> None:
    payload, _ = customer(
        OwnFields(email_marketing="13", sms_marketing="13"), custom_profile_fields=[own_field(13, "x")]
    )

    assert (payload.email_marketing, payload.sms_marketing) == (True, True)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_permission_is_unknown_and_no_refusal(value: object) -> None:
    payload, doubts = customer(custom_profile_fields=[own_field(13, value)])

    assert payload.email_marketing is None
    assert doubts == []


def test_a_permission_in_other_words_is_unknown_and_in_doubt() -> None:
    payload, doubts = customer(custom_profile_fields=[own_field(13, "ehkä")])

    assert payload.email_marketing is None
    assert doubts == ["email_marketing"]


@pytest.mark.parametrize("value", ["not telling", "123", "0000000", 5.5])
def test_what_is_no_phone_is_a_problem_that_does_not_quote_it(value: object) -> None:
    doubts = Doubts()
    record = Mapper(OWN).map("users", {"id": 7, "custom_profile_fields": [own_field(11, value)]}, doubts)

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
    payload, _ = customer(custom_profile_fields=[own_field(12, written)])

    assert (payload.street, payload.postal_code, payload.city) == (street, postal_code, city)


@pytest.mark.parametrize("fields", [None, {}, "x", [None, 3, "x", {}], [{"value": "0400000001"}]])
def test_own_fields_of_any_other_shape_are_no_crash(fields: object) -> None:
    payload, _ = customer(custom_profile_fields=fields)

    assert payload.phone is None
