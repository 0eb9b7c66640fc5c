"""Digests that name nobody without the key: HMAC-SHA-256 (RFC 2104), cut to 128 bits, over the kind and the value.

Values are folded as match keys are, so that spellings of one contact are one digest. Decides, does nothing.
"""

from hashlib import sha256

EMAIL, PHONE, RECORD = "email", "phone", "record"
EMAIL_OF, PHONE_OF = "email+first", "phone+first"

_BLOCK = 64  # bytes; of SHA-256
_HALF = 16  # bytes; RFC 2104, section 5: not less than half of the digest


class Pseudonyms:
    """The digests of one key. `fingerprint` tells whether it is the same key as another time."""

    __slots__ = ("_inner", "_outer", "fingerprint")

    def __init__(self, key: bytes) -> None:
        # What HMAC begins with is the same each time and hashed once (RFC 2104, section 4): a third of the time of
        # `hmac.digest`, which landing asks for several times a row.
        block = key.ljust(_BLOCK, b"\0")
        if len(block) > _BLOCK:
            raise ValueError("a key of more than 64 bytes")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))
        self.fingerprint = self._digest("key:fingerprint")

    def email(self, folded: str, /) -> str:
        """Of an e-mail address."""
        return self._digest(f"{EMAIL}:{folded}")

    def phone(self, e164: str, /) -> str:
        """Of a phone number."""
        return self._digest(f"{PHONE}:{e164}")

    def email_of(self, folded: str, first_name: str, /) -> str:
        """Of an e-mail address together with a folded first name, for a family may share it."""
        return self._digest(f"{EMAIL_OF}:{first_name} {folded}")

    def phone_of(self, e164: str, first_name: str, /) -> str:
        """Of a phone number together with a folded first name."""
        return self._digest(f"{PHONE_OF}:{first_name} {e164}")

    def record(self, source: str, stream: str, external_id: str) -> str:
        """Of a source's own id of a row."""
        return self._digest(f"{RECORD}:{source} {stream} {external_id}")

    def _digest(self, text: str) -> str:
        inner = self._inner.copy()
        inner.update(text.encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()[:_HALF].hex()
