"""Match keys."""

from typing import Any

import pytest

from sync.reconcile.keys import Key, customer_keys, feature_row, fold_email, name_key, owner_keys, sorted_name


def keys_of(payload: dict[str, Any], *, with_name: bool = False) -> tuple[Key, ...]:
    return customer_keys(payload, feature_row(payload), with_name=with_name)


@pytest.mark.parametrize(
    ("address", "folded"),
    [
        ("Maija.M+ale@GMail.com", "maijam@gmail.com"),
        ("maija.m@googlemail.com", "maijam@gmail.com"),
        ("Maija.M@Example.com", "maija.m@example.com"),
        (" maija@example.com ", "maija@example.com"),
        ("maija+sale@example.com", "maija@example.com"),
        ("maija+a+b@example.com", "maija@example.com"),
        ("+sale@example.com", "+sale@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("pa\u0308ivi@example.com", "p\u00e4ivi@example.com"),
        ("Maija@XN--MLLI-LOA.example", "maija@mälli.example"),
        ("maija@ma\u0308lli.example", "maija@mälli.example"),
        ("maija@xn--\u00e4.example", "maija@xn--\u00e4.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one_key(address: str, folded: str) -> None:
    assert fold_email(address) == folded


def test_mailboxes_that_differ_stay_different() -> None:
    addresses = ("maija@example.com", "maija@example.fi", "ma.ija@example.com", "maijam@gmail.com", "maija@gmail.com")
    assert len({fold_email(address) for address in addresses}) == len(addresses)


def test_a_customer_is_known_by_mailbox_and_phone() -> None:
    payload = {"email": "A+x@Example.com", "phone": "+358400000101", "first_name": "Maija", "city": "Helsinki"}
    assert keys_of(payload) == (("email", "a@example.com"), ("phone", "+358400000101"))
    assert keys_of({}, with_name=True) == ()


def test_a_customer_is_known_by_street_and_postal_code_and_by_a_whole_name() -> None:
    payload = {"first_name": "Maija", "last_name": "Äijälä", "street": "Esimerkkikatu 1 A", "postal_code": "00100"}
    assert keys_of(payload) == (("address", "esimerkkikatu 1 a 00100"), ("fullname", "aijala maija"))


def test_a_street_without_a_house_number_is_nobodys_address() -> None:
    assert feature_row({"street": "Esimerkkikatu", "postal_code": "00100"}).address == ""
    assert feature_row({"postal_code": "00100"}).address == ""


@pytest.mark.parametrize(
    ("payload", "whole"),
    [
        ({"first_name": "Maija", "last_name": "Testaaja"}, "maija testaaja"),
        ({"name": "Testaaja Maija"}, "maija testaaja"),
        ({"name": "Testaaja, Maija"}, "maija testaaja"),
        ({"first_name": "Anna-Liisa"}, ""),
        ({"last_name": "Testaaja-Äijälä"}, ""),
        ({"name": "Maija"}, ""),
    ],
)
def test_only_a_whole_name_is_one_to_be_found_by(payload: dict[str, str], whole: str) -> None:
    assert feature_row(payload).full_name == whole


def test_spellings_of_one_person_are_one_row_of_features() -> None:
    one = {"first_name": "Päivi", "last_name": "TESTAAJA", "email": "P.T+x@gmail.com", "street": "Esimerkkikatu 1"}
    other = {"first_name": "Paeivi", "last_name": "Testaaja", "email": "pt@googlemail.com", "street": "ESIMERKKIKATU 1"}
    assert feature_row(one) == feature_row(other)


def test_a_mailbox_in_which_something_was_masked_is_nobodys() -> None:
    assert keys_of({"email": "[masked]@example.com"}) == ()
    assert feature_row({"email": "[masked]@example.com"}).email is None
    assert owner_keys({"client_email": "[masked]@example.com"}) == ()


def test_a_name_in_which_something_was_masked_finds_no_owner() -> None:
    assert keys_of({"name": "Maija [masked]"}, with_name=True) == ()
    assert owner_keys({"client_name": "Maija [masked]"}) == ()


def test_a_name_is_a_key_for_bookings_only_where_they_may_need_it() -> None:
    payload = {"first_name": "Maija", "last_name": "Äijälä"}
    assert keys_of(payload, with_name=True) == (("fullname", "aijala maija"), ("name", "aijala maija"))
    assert keys_of(payload) == (("fullname", "aijala maija"),)


def test_a_booking_looks_by_phone_then_mailbox_then_name() -> None:
    booking = {"client_name": "Testaaja, Maija", "client_email": "A@Example.com", "client_phone": "+358400000101"}
    assert owner_keys(booking) == (
        ("owner:phone", "+358400000101"),
        ("owner:email", "a@example.com"),
        ("owner:name", "maija testaaja"),
    )
    assert owner_keys({"service": "Hieronta"}) == ()


def test_a_customer_is_no_owner_of_a_booking_by_its_own_contacts() -> None:
    assert owner_keys({"phone": "+358400000101", "email": "a@example.com", "name": "Maija"}) == ()


@pytest.mark.parametrize(
    "payload",
    [
        {"name": "Maija Testaaja"},
        {"name": "TESTAAJA, MAIJA"},
        {"first_name": "Maija", "last_name": "Testaaja"},
        {"name": "Testaaja Maija", "first_name": "X", "last_name": "Y"},
    ],
)
def test_the_order_of_a_full_name_does_not_matter(payload: dict[str, str]) -> None:
    assert name_key(payload) == sorted_name("Maija Testaaja")
