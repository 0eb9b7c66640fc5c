"""Digests that name nobody without the key: HMAC-SHA-256 (RFC 2104), cut to 128 bits, over the kind and the value.

Values are folded as match keys are, so that spellings of one contact are one digest. Decides, does nothing.
"""

from collections.abc import Callable
from hashlib import sha256

EMAIL, PHONE, RECORD = "email", "phone", "record"
EMAIL_OF, PHONE_OF, SHARED = "email+first", "phone+first", "shared"

_BLOCK = 64  # bytes; of SHA-256
_HALF = 32  # hexadecimal digits; RFC 2104, section 5: not less than half of the digest


class Pseudonyms:
    """The digests of one key. `email`, `phone`: make that of a folded address, of a number in E.164. `fingerprint`:
    tells whether it is the same key as another time."""

    __slots__ = ("_email_of", "_key", "_phone_of", "email", "fingerprint", "phone")

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK:
            raise ValueError("a key of more than 64 bytes")
        self._key = key
        self.email, self.phone = _maker(key, f"{EMAIL}:"), _maker(key, f"{PHONE}:")
        self._email_of, self._phone_of = _maker(key, f"{EMAIL_OF}:"), _maker(key, f"{PHONE_OF}:")
        self.fingerprint = _maker(key, "key:")("fingerprint")

    def email_of(self, folded: str, first_name: str, /) -> str:
        """Of an e-mail address together with a folded first name, for a family may share it."""
        return self._email_of(f"{first_name} {folded}")

    def phone_of(self, e164: str, first_name: str, /) -> str:
        """Of a phone number together with a folded first name."""
        return self._phone_of(f"{first_name} {e164}")

    def record(self, source: str, stream: str, external_id: str) -> str:
        """Of a source's own id of a row."""
        return self.records(source, stream)(external_id)

    def records(self, source: str, stream: str) -> Callable[[str], str]:
        """What makes those of many rows of a stream."""
        return _maker(self._key, f"{RECORD}:{source} {stream} ")


def _maker(key: bytes, beginning: str) -> Callable[[str], str]:
    """What makes the digests of texts that begin so. What HMAC begins with is the same each time and hashed once (RFC
    2104, section 4): that takes a third of the time of `hmac.digest`, which landing asks for several times a row."""
    block = key.ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in block) + beginning.encode()).copy
    outer = sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def digest(value: str) -> str:
        within = inner()
        within.update(value.encode())
        around = outer()
        around.update(within.digest())
        return around.hexdigest()[:_HALF]

    return digest
