"""Match keys."""

import pytest

from sync.reconcile.keys import customer_keys, fold_email, name_key, owner_keys, sorted_name


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
    ],
)
def test_spellings_of_one_mailbox_are_one_key(address: str, folded: str) -> None:
    assert fold_email(address) == folded


def test_mailboxes_that_differ_stay_different() -> None:
    addresses = ("maija@example.com", "maija@example.fi", "ma.ija@example.com", "maijam@gmail.com", "maija@gmail.com")
    assert len({fold_email(address) for address in addresses}) == len(addresses)


def test_a_customer_is_known_by_mailbox_and_phone() -> None:
    payload = {"email": "A+x@Example.com", "phone": "+358400000101", "first_name": "Maija", "city": "Helsinki"}
    assert customer_keys(payload, with_name=False) == (("email", "a@example.com"), ("phone", "+358400000101"))
    assert customer_keys({}, with_name=True) == ()


def test_a_mailbox_in_which_something_was_masked_is_nobodys() -> None:
    assert customer_keys({"email": "[masked]@example.com"}, with_name=False) == ()
    assert owner_keys({"client_email": "[masked]@example.com"}) == ()


def test_a_name_is_a_key_only_where_bookings_may_need_it() -> None:
    payload = {"first_name": "Maija", "last_name": "Äijälä"}
    assert customer_keys(payload, with_name=True) == (("name", "aijala maija"),)
    assert customer_keys(payload, with_name=False) == ()


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
