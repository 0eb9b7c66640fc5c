"""Digests that name nobody without the key: HMAC-SHA-256 (RFC 2104), cut to 128 bits, over the kind and the value.

Values are folded as match keys are, so that spellings of one contact are one digest. Decides, does nothing.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256

EMAIL, PHONE, RECORD = "email", "phone", "record"
EMAIL_OF, PHONE_OF, SHARED = "email+first", "phone+first", "shared"
BEGINNING, LAST = "~", "|"
"""Before what stands with a contact in the place of a first name: a beginning of one, and a last name."""
_FEWEST = 3  # letters of a beginning that may be a short form

_BLOCK = 64  # bytes; of SHA-256
_HALF = 16  # bytes; RFC 2104, section 5: not less than half of the digest

Maker = Callable[[Iterable[str]], list[bytes]]
"""Makes the digests of many values of one kind, whole and in their order (`short` makes of one what is kept)."""


class Pseudonyms:
    """The digests of one key. `emails`, `phones`: make those of many folded addresses, of many numbers in E.164.
    `fingerprint` tells whether it is the same key as another time."""

    __slots__ = ("_email_of", "_key", "_phone_of", "_records", "emails", "fingerprint", "phones")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK:
            raise ValueError("a key of more than 64 bytes")
        self._key = key
        self._records: dict[str, Maker] = {}
        self.emails, self.phones = _maker(key, f"{EMAIL}:"), _maker(key, f"{PHONE}:")
        self._email_of, self._phone_of = _maker(key, f"{EMAIL_OF}:"), _maker(key, f"{PHONE_OF}:")
        self.fingerprint = short(_maker(key, "key:"), "fingerprint")

    def email(self, folded: str, /) -> str:
        """Of an e-mail address."""
        return short(self.emails, folded)

    def phone(self, e164: str, /) -> str:
        """Of a phone number."""
        return short(self.phones, e164)

    def email_of(self, folded: str, first_name: str, /) -> str:
        """Of an e-mail address together with a folded first name, for a family may share it."""
        return short(self._email_of, f"{first_name} {folded}")

    def phone_of(self, e164: str, first_name: str, /) -> str:
        """Of a phone number together with a folded first name."""
        return short(self._phone_of, f"{first_name} {e164}")

    def contact_of(self, contact: tuple[str, str, str], /) -> tuple[str, str]:
        """Kind and digest of a contact (`email` or `phone`, its value) together with a first name."""
        kind, value, first_name = contact
        if kind == EMAIL:
            return EMAIL_OF, self.email_of(value, first_name)
        return PHONE_OF, self.phone_of(value, first_name)

    def record(self, source: str, stream: str, external_id: str) -> str:
        """Of a source's own id of a row."""
        return short(self.records(source, stream), external_id)

    def records(self, source: str, stream: str) -> Maker:
        """What makes those of many rows of a stream; made once, for it takes as long as sixty digests."""
        beginning = f"{RECORD}:{source} {stream} "
        if (maker := self._records.get(beginning)) is None:
            maker = self._records[beginning] = _maker(self._key, beginning)
        return maker


def beginnings(first_name: str) -> list[str]:
    """The initial of a name, and what else it begins with that may be its short form (Maija of Maijastiina)."""
    return [first_name[:length] for length in (1, *range(_FEWEST, len(first_name))) if length < len(first_name)]


def short(maker: Maker, value: str) -> str:
    """The digest of one value as it is kept: its first half, in hexadecimal digits."""
    return maker((value,))[0][:_HALF].hex()


def shortened(digests: Iterable[bytes]) -> list[str]:
    """Whole digests as they are kept."""
    return [digest[:_HALF].hex() for digest in digests]


def _maker(key: bytes, beginning: str) -> Maker:
    """What makes the digests of texts that begin so. What HMAC begins with is the same each time and hashed once (RFC
    2104, section 4): that takes a fifth of the time of `hmac.digest`, which landing asks for several times a row."""
    block = key.ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in block) + beginning.encode()).copy
    outer = sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def digests(values: Iterable[str]) -> list[bytes]:
        found = []
        for value in values:
            within = inner()
            within.update(value.encode())
            around = outer()
            around.update(within.digest())
            found.append(around.digest())
        return found

    return digests
