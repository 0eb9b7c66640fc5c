"""Words of the made-up people, and the ways in which one person is written differently in two places.

Pure but for reading `words.toml` of this package once.
"""

import tomllib
from importlib.resources import files
from itertools import chain, repeat
from random import Random
from typing import Any

_WORDS: dict[str, Any] = tomllib.loads((files("connectors.sandbox") / "words.toml").read_text(encoding="utf-8"))


def _weighted(table: dict[str, int]) -> tuple[str, ...]:
    """Each word as often as its weight, so that one draw is one indexing."""
    return tuple(chain.from_iterable(repeat(word, weight) for word, weight in table.items()))


FIRST: tuple[str, ...] = _weighted(_WORDS["first"])
LAST: tuple[str, ...] = _weighted(_WORDS["last"])
NICKNAMES: dict[str, str] = _WORDS["nicknames"]
STREETS: tuple[str, ...] = tuple(_WORDS["places"]["streets"])
TOWNS: tuple[tuple[str, str], ...] = tuple((town, prefix) for town, prefix in _WORDS["places"]["towns"])
COURSES: tuple[tuple[str, int], ...] = tuple((name, cents) for name, cents in _WORDS["catalogue"]["courses"])
SERVICES: tuple[tuple[str, int, int], ...] = tuple((n, m, c) for n, m, c in _WORDS["catalogue"]["services"])
EMPLOYEES: tuple[str, ...] = tuple(_WORDS["catalogue"]["employees"])
NOTES: tuple[str, ...] = tuple(_WORDS["catalogue"]["notes"])
DOMAINS = ("example.com", "example.org", "example.net")
"""Reserved by RFC 2606: no mail to them reaches anybody."""

_PREFIXES = ("40", "41", "44", "45", "46", "50")
_FOLD = str.maketrans("äöåéÄÖÅÉ", "aoaeAOAE")


def fold(text: str) -> str:
    """The text as a program without ä and ö would keep it."""
    return text.translate(_FOLD)


def phone_number(index: int) -> str:
    """The number of this index in the made-up block, E.164: unique, valid Finnish mobile as libphonenumber sees it.

    The block is +358 PP 00xxxxx over six mobile prefixes: 600,000 numbers of nine national digits, then ten digits.
    """
    return f"+358{_PREFIXES[index % 6]}00{index // 6:05d}"


def national(phone: str, style: int) -> str:
    """An E.164 Finnish number as a person would type it; `style` picks the way."""
    rest = phone[4:]
    net, own = rest[:2], rest[2:]
    ways = (phone, f"0{rest}", f"0{net} {own[:3]} {own[3:]}", f"+358 {net} {own}", f"0{net}-{own}")
    return ways[style % len(ways)]


def address_of(first: str, last: str, number: int) -> str:
    """An e-mail address for a person; the number keeps it unique."""
    local = fold(f"{first}.{last}").lower().replace(" ", "")
    return f"{local}{number}@{DOMAINS[number % 3]}"


def plus_tagged(email: str) -> str:
    """The same mailbox with a plus tag."""
    local, _, domain = email.partition("@")
    return f"{local}+kurssit@{domain}"


def dotted(email: str) -> str:
    """The same mailbox with another dot in its local part, as one large mail provider ignores them."""
    local, _, domain = email.partition("@")
    return f"{local[0]}.{local[1:]}@{domain}"


def typo(name: str, rng: Random) -> str:
    """The name with one slip of the finger: a letter left out, doubled, or two letters swapped; never the same name."""
    at = 1 + int(rng.random() * (len(name) - 2))
    kind = int(rng.random() * 3)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == 0 and swapped != name:
        return swapped
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    return name[:at] + name[at + 1 :]
