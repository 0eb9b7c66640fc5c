"""Digests that name nobody: HMAC-SHA-256 of kind and value, and nothing without the key."""

import hmac

import pytest

from privacy.pseudonym import Pseudonyms, short, shortened

KEY = bytes(range(32))
DIGESTS = Pseudonyms(KEY)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (DIGESTS.email("maija@example.com"), "email:maija@example.com"),
        (DIGESTS.phone("+358400000101"), "phone:+358400000101"),
        (DIGESTS.email_of("maija@example.com", "maija"), "email+first:maija maija@example.com"),
        (DIGESTS.phone_of("+358400000101", "maija"), "phone+first:maija +358400000101"),
        (DIGESTS.phone_of("+358400000101", ""), "phone+first: +358400000101"),
        (DIGESTS.record("timma", "clients", "7"), "record:timma clients 7"),
        (short(DIGESTS.records("timma", "clients"), "ä" * 200), f"record:timma clients {'ä' * 200}"),
    ],
)
def test_a_digest_is_half_of_hmac_sha_256(found: str, text: str) -> None:
    assert found == hmac.digest(KEY, text.encode(), "sha256").hex()[:32]


def test_another_key_makes_other_digests() -> None:
    other = Pseudonyms(b"x" * 32)
    assert other.email("maija@example.com") != DIGESTS.email("maija@example.com")
    assert other.fingerprint != DIGESTS.fingerprint == Pseudonyms(KEY).fingerprint


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        Pseudonyms(b"x" * 65)


def test_many_are_made_at_once_in_their_order() -> None:
    folded = ("maija@example.com", "pekka@example.com")
    whole = DIGESTS.emails(folded)
    assert whole == [hmac.digest(KEY, f"email:{one}".encode(), "sha256") for one in folded]
    assert shortened(whole) == [DIGESTS.email(one) for one in folded]
    assert DIGESTS.phones(()) == []
