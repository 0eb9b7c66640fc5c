"""Match keys: what two records of one person may share, folded so that spellings of one contact are one key; and the
features by which records are compared.

E-mail: case folded, letters composed and a domain as it is read (IDNA), a plus tag dropped, dots of a Gmail user
dropped (Google treats them as one mailbox); one in which something was masked is no key, for what was masked may be
anybody's, nor is an office's (`info@…`). Phone: E.164. Address: street and postal code, folded. A whole name, its
words in alphabetical order, lets people be compared who share nothing else; within a source, a name finds the owner of
a booking that names nobody else.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from connectors.minimise import MASK
from sync.reconcile.names import Name, fold, fold_once, name_of, read_name, whole_name

Key = tuple[str, str]

EMAIL = "email"
PHONE = "phone"
ADDRESS = "address"
FULL_NAME = "fullname"
NAME = "name"
OWNER = "owner:"  # prefix of the keys by which a booking looks for its owner

_DOTLESS = {"gmail.com", "googlemail.com"}
# Addresses of an office, not of a person: everybody who works there may book with them.
_ROLES = frozenset({
    "info", "toimisto", "asiakaspalvelu", "asiakaspalaute", "myynti", "tilaukset", "laskutus", "laskut", "talous",
    "hallinto", "posti", "vastaanotto", "varaukset", "ajanvaraus", "hr", "rekry", "office", "contact", "sales",
    "support", "admin", "billing", "invoice", "reception", "booking", "bookings", "postmaster", "webmaster",
    "noreply", "no-reply",
})  # fmt: skip
_LONGEST = 200  # of a name that is a key: longer is no name, and PostgreSQL indexes no row of more than 2,700 bytes


def fold_email(address: str) -> str:
    """One mailbox, one text: `Maija.M+ale@GMail.com` → `maijam@gmail.com`, `a@xn--snt-qla.fi` → `a@sänt.fi`."""
    plain = address.strip().casefold()
    local, _, domain = (plain if plain.isascii() else normalize("NFC", plain)).rpartition("@")
    if "xn--" in domain:
        with suppress(UnicodeError):
            domain = normalize("NFC", domain.encode("ascii").decode("idna"))
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def mailbox(address: str | None) -> str | None:
    """The folded address where it may be a person's own."""
    if not address or MASK in address:
        return None
    folded = fold_email(address)
    return None if folded.partition("@")[0] in _ROLES else folded


@dataclass(frozen=True, slots=True)
class Features:
    """What a customer record is compared by. `name`: its folded name in one line (`names.Name.text`); `full_name`: the
    words of a whole name in alphabetical order, empty without one; the others are folded contacts or `None`."""

    name: str
    full_name: str
    address: str
    email: str | None
    phone: str | None


def feature_row(payload: Mapping[str, Any]) -> Features:
    """The features of a customer payload."""
    line = name_of(payload).text[:_LONGEST]
    return Features(
        line, full_name(read_name(line)), _address(payload), mailbox(payload.get("email")), payload.get("phone")
    )


def full_name(name: Name) -> str:
    """The words of a whole name in alphabetical order; empty where a part of it is missing, for a first name alone is
    everybody's."""
    words = name.words
    return " ".join(words)[:_LONGEST] if len(words) > 1 and (name.joined or (name.first and name.last)) else ""


def _address(payload: Mapping[str, Any]) -> str:
    """Street and postal code in one line; empty without a house number, for a whole street is nobody's."""
    street = fold_once(payload.get("street") or "")
    if not any(char.isdigit() for char in street):
        return ""
    return f"{street} {payload.get('postal_code') or ''}".strip()[:_LONGEST]


def customer_keys(payload: Mapping[str, Any], features: Features, *, with_name: bool) -> tuple[Key, ...]:
    """Keys of a customer payload and its features. `with_name`: the source has bookings that may name their customer by
    name alone."""
    held = ((EMAIL, features.email), (PHONE, features.phone), (ADDRESS, features.address))
    keys = [(kind, value) for kind, value in (*held, (FULL_NAME, features.full_name)) if value]
    if with_name and (name := name_key(payload)) and len(name) <= _LONGEST:
        keys.append((NAME, name))
    return tuple(keys)


def owner_keys(payload: Mapping[str, Any]) -> tuple[Key, ...]:
    """Keys by which a booking that names no customer id looks for its owner, strongest first."""
    keys = []
    if phone := payload.get("client_phone"):
        keys.append((OWNER + PHONE, phone))
    if email := mailbox(payload.get("client_email")):
        keys.append((OWNER + EMAIL, email))
    if (name := sorted_name(payload.get("client_name") or "")) and len(name) <= _LONGEST:
        keys.append((OWNER + NAME, name))
    return tuple(keys)


def name_key(payload: Mapping[str, Any]) -> str:
    """The folded whole name, its words in alphabetical order, so that the order in which they stand does not matter."""
    return sorted_name(whole_name(payload) or "")


def sorted_name(name: str) -> str:
    """`Testaaja, Maija` and `Maija Testaaja` are one text. A name in which something was masked is none, for what was
    masked may be anybody's."""
    return "" if MASK in name else " ".join(sorted(fold(name).split()))
