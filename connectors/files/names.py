"""Names and the keys that stand in for missing ids. Pure."""

import hashlib
import re
from dataclasses import dataclass

from connectors.files.headings import folded
from connectors.minimise import MASK

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name. `guessed`: first and last were cut from one joined string, where the order is not said."""

    full: str | None = None
    first: str | None = None
    last: str | None = None
    guessed: bool | None = None


def read_name(full: str | None, first: str | None, last: str | None) -> Name:
    """The name as given; a joined one is cut: `Last, First` by comma, else the first word is first."""
    if first or last:
        joined = " ".join(part for part in (first, last) if part)
        return Name(full or joined, first, last)
    if not full:
        return Name()
    if "," in full:
        last, _, first = (part.strip() for part in full.partition(","))
    else:
        first, _, last = full.partition(" ")
    return Name(full, first or None, last.strip() or None, guessed=True)


def derived_key(*parts: str) -> str:
    """A stable id from what a row holds, as a digest: no personal value may show in an id."""
    return "k" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def person_key(phone: str | None, email: str | None, name: Name) -> str | None:
    """The id of a customer row without one: phone, else e-mail, else name; `None` where there is neither.

    The whole name is part of every key, its words in any order: two people on one phone are two records, be it for the
    first name (families) or for the surname. A changed surname therefore makes a second record, which reconciling
    joins by phone and first name.
    """
    # A mask is nobody's name: everybody with a code in the name's column would be one.
    parts = " ".join(filter(None, (name.first, name.last))).replace(MASK, "")
    whole = " ".join(sorted(_SIGNS.sub(" ", folded(parts)).split()))
    if phone:
        return derived_key("phone", phone, whole)
    if email:
        return derived_key("email", email.casefold(), whole)
    return derived_key("name", whole) if whole else None
