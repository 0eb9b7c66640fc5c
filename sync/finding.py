"""Finding customers by what somebody remembers of them: a name, an address, a number in any spelling, an id."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection

from connectors.contacts import to_e164
from store import decisions, finding
from sync.reconcile.keys import EMAIL, PHONE, fold_email
from sync.reconcile.names import fold

_NUMBER = re.compile(r"[+(]?[\d\s()\-./+]{3,}")


def find(connection: Connection, text: str) -> list[str]:
    """Ids of the customers that the text fits, sorted. Former names and contacts of live records are not searched.

    1. An id or a reference to a record.
    2. A whole e-mail address or phone number, as records are matched by.
    3. A part of one, or words each of which begins a word of a name.
    """
    text = text.strip()
    if not text:
        return []
    named = decisions.record_named(connection, text)
    if named is not None:
        return [named.customer_id]
    return _by_contact(connection, text) or _by_reading(connection, text)


def _by_contact(connection: Connection, text: str) -> list[str]:
    if "@" in text and not text.startswith("@"):
        return finding.holders(connection, EMAIL, fold_email(text))
    phone = to_e164(text)
    return finding.holders(connection, PHONE, phone) if phone else []


def _by_reading(connection: Connection, text: str) -> list[str]:
    """Look at every record: a hundred thousand take a second, and an index of parts of names would hold them twice."""
    digits = re.sub(r"\D", "", text) if _NUMBER.fullmatch(text) else ""
    digits = digits[1:] if digits.startswith("0") and len(digits) > 5 else digits  # 0 before a national number
    email = text.casefold() if "@" in text else ""
    words = fold(text).split()
    found = set()
    for customer, payload in finding.payloads(connection):
        fields = from_json(payload)
        if (
            (digits and digits in (fields.get("phone") or ""))
            or (email and email in (fields.get("email") or "").casefold())
            or (words and not digits and _named(fields, words))
        ):
            found.add(customer)
    return sorted(found)


def _named(fields: Mapping[str, Any], words: list[str]) -> bool:
    """Whether each word begins a word of the name; the order does not matter."""
    name = " ".join(filter(None, (fields.get("name"), fields.get("first_name"), fields.get("last_name"))))
    parts = fold(name).split()
    return all(any(part.startswith(word) for part in parts) for word in words)
