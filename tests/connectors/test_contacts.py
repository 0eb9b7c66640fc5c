"""Phones and e-mail addresses: the short ways give what the libraries give, and every damage has its reason."""

import random

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import contacts
from connectors.contacts import PhoneReading, clean_email, read_phone, to_e164


def by_library(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "FI")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written_numbers(count: int) -> list[str]:
    """Numbers round the plain pattern's edges: all prefixes, lengths from too short to too long, usual separators."""
    chance = random.Random(358)
    prefixes = ["0", "+358", "00358", "+358 ", "00358 ", "0"]
    texts = []
    for _ in range(count):
        head = (
            f"{chance.randint(10, 99)}"
            if chance.random() < 0.3
            else chance.choice(["40", "44", "45", "46", "48", "49", "50"])
        )
        rest = "".join(chance.choice("0123456789") for _ in range(chance.randint(3, 9)))
        cut = chance.randint(0, len(rest))
        texts.append(
            chance.choice(prefixes)
            + head
            + chance.choice(["", " ", "-"])
            + rest[:cut]
            + chance.choice(["", " ", "-"])
            + rest[cut:]
        )
    return texts


def test_the_short_way_for_finnish_numbers_gives_what_the_library_gives() -> None:
    texts = written_numbers(20_000)
    answers = [to_e164(text) for text in texts]
    short = [bool(contacts._PLAIN_FINNISH.fullmatch(text.replace(" ", "").replace("-", ""))) for text in texts]
    assert sum(short) > 8_000
    assert sum(not taken for taken in short) > 4_000
    assert answers == [by_library(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("040 000 0001", "+358400000001"),
        ("+358 40 000 0001", "+358400000001"),
        ("00358400000001", "+358400000001"),
        ("+358 (0)40 000 0001", "+358400000001"),
        ("(09) 123 4567", "+35891234567"),
        ("040123-4567", "+358401234567"),
        ("040\u00a0000\u202f0001", "+358400000001"),
        ("\u202a+358400000001\u202c", "+358400000001"),
        ("+46 70 123 45 67", "+46701234567"),
        ("12", None),
        ("", None),
        ("0000000000", None),
        ("111 111 111", None),
        ("0400000001 äiti", None),
        ("040-KAMPAAMO", None),
    ],
)
def test_a_phone_becomes_e164_or_nothing(text: str, value: str | None) -> None:
    assert to_e164(text) == value


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("", PhoneReading(None)),
        (" \u00a0 ", PhoneReading(None)),
        ("-", PhoneReading(None)),
        ("040 000 0001", PhoneReading("+358400000001")),
        ("puh. 040 000 0001", PhoneReading("+358400000001")),
        ("3,58401E+11", PhoneReading(None, contacts.DAMAGED)),
        ("3.58401e11", PhoneReading(None, contacts.DAMAGED)),
        ("########", PhoneReading(None, contacts.DAMAGED)),
        ("#ARVO!", PhoneReading(None, contacts.DAMAGED)),
        ("401234567", PhoneReading("+358401234567", contacts.ZERO_RESTORED)),
        ("401234567.0", PhoneReading("+358401234567", contacts.ZERO_RESTORED)),
        ("358401234567", PhoneReading("+358401234567", contacts.PLUS_RESTORED)),
        ("040 000 0001 / 040 000 0002", PhoneReading("+358400000001", contacts.SEVERAL)),
        ("0400000001, 0400000002", PhoneReading("+358400000001", contacts.SEVERAL)),
        ("0400000001 tai 0400000002", PhoneReading("+358400000001", contacts.SEVERAL)),
        ("040 000 0001/2", PhoneReading("+358400000001", contacts.SEVERAL)),
        ("09/123 4567", PhoneReading("+35891234567")),
        ("491", PhoneReading(None, contacts.NOT_A_PHONE)),
        ("ei ole", PhoneReading(None, contacts.NOT_A_PHONE)),
        ("000 000 0000", PhoneReading(None, contacts.PLACEHOLDER)),
        ("=cmd()", PhoneReading(None, contacts.NOT_A_PHONE)),
    ],
)
def test_a_phone_cell_is_read_or_refused_with_its_reason(text: str, reading: PhoneReading) -> None:
    assert read_phone(text) == reading


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_phone_reader_stumble(text: str) -> None:
    reading = read_phone(text)
    assert reading.value is None or by_library(reading.value) == reading.value


def accepted(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


local_parts = st.text(alphabet="abcXYZ019._+-", min_size=1, max_size=70)
labels = st.text(alphabet="abcXYZ09-", min_size=1, max_size=64)
domains = st.lists(labels, min_size=1, max_size=4).map(".".join) | st.sampled_from(
    ["example.com", "foo.test", "x.local", "a.invalid"]
)


@given(local_parts, domains)
@settings(max_examples=500, deadline=None)
def test_the_short_way_for_addresses_never_accepts_what_the_library_refuses(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert (clean_email(address) is not None) == accepted(address)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" Osten@Example.com ", "Osten@Example.com"),
        ("maija.testaaja+kurssi@sub.example.com", "maija.testaaja+kurssi@sub.example.com"),
        ("äijä@esimerkki.example", "äijä@esimerkki.example"),
        ("x@y@example.com", None),
        ("maija@example", None),
        ("maija@@example.com", None),
        ("maija at example.com", None),
        ("a..b@example.com", None),
        ("a@b.local", None),
        ("a@-b.com", None),
        ("", None),
        ("   ", None),
    ],
)
def test_an_address_stays_as_given_or_is_nothing(text: str, value: str | None) -> None:
    assert clean_email(text) == value


def test_an_address_longer_than_a_mail_server_takes_is_refused() -> None:
    assert clean_email("a@" + "b" * 64 + ".com") is None
    assert clean_email("a@" + ".".join(["b" * 60] * 5) + ".com") is None
