"""Match keys: what two records of one person may share, folded so that spellings of one contact are one key.

E-mail: case folded, a plus tag dropped, dots of a Gmail user dropped (Google treats them as one mailbox); one in which
something was masked is no key, for what was masked may be anybody's. Phone: E.164.
A name is a key only within a source, to find the owner of a booking that names nobody else; it never joins people.
"""

from collections.abc import Mapping
from typing import Any

from connectors.minimise import MASK
from sync.reconcile.names import fold, whole_name

Key = tuple[str, str]

EMAIL = "email"
PHONE = "phone"
NAME = "name"
OWNER = "owner:"  # prefix of the keys by which a booking looks for its owner

_DOTLESS = {"gmail.com", "googlemail.com"}


def fold_email(address: str) -> str:
    """One mailbox, one text: `Maija.M+ale@GMail.com` → `maijam@gmail.com`."""
    local, _, domain = address.strip().casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def customer_keys(payload: Mapping[str, Any], *, with_name: bool) -> tuple[Key, ...]:
    """Keys of a customer payload. `with_name`: the source has bookings that may name their customer by name alone."""
    keys = []
    if (email := payload.get("email")) and MASK not in email:
        keys.append((EMAIL, fold_email(email)))
    if phone := payload.get("phone"):
        keys.append((PHONE, phone))
    if with_name and (name := name_key(payload)):
        keys.append((NAME, name))
    return tuple(keys)


def owner_keys(payload: Mapping[str, Any]) -> tuple[Key, ...]:
    """Keys by which a booking that names no customer id looks for its owner, strongest first."""
    keys = []
    if phone := payload.get("client_phone"):
        keys.append((OWNER + PHONE, phone))
    if (email := payload.get("client_email")) and MASK not in email:
        keys.append((OWNER + EMAIL, fold_email(email)))
    if name := payload.get("client_name"):
        keys.append((OWNER + NAME, sorted_name(name)))
    return tuple(keys)


def name_key(payload: Mapping[str, Any]) -> str:
    """The folded whole name, its words in alphabetical order, so that the order in which they stand does not matter."""
    return sorted_name(whole_name(payload) or "")


def sorted_name(name: str) -> str:
    """`Testaaja, Maija` and `Maija Testaaja` are one text."""
    return " ".join(sorted(fold(name).split()))
