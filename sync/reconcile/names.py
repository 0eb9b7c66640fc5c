"""Names as they are compared: folded, and set against each other with a reason in words.

Only first names decide whether two records on one contact can be one person: families share phones and addresses, and
last names change. A comparison never says "same" for names that merely resemble each other.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d"})
_SEPARATORS = re.compile(r"[^\w]+|_")

# Short forms and the names they stand for, as used in Finland. One line, one group of names of one person.
_NICKNAME_GROUPS = """
maria maija maikki mari marja maaria mia
katariina kaisa kati katri kaija katja kata
johanna hanna janna jonna
elisabet elisabeth liisa elli lissu elisa betty
helena heli leena hellu lena
margareeta margareta marketta greta reeta marjatta
marjatta jatta marja
kristiina kristina tiina kirsti kirsi stiina kiti
emilia emma emmi milla mila
anna anni annukka anneli anu annika
susanna sanna sanni susa
aleksandra sandra sanja aleksi
pauliina paula pauli
eeva eva eevi eija
juhani juha jussi johannes juho janne jukka
mikael mika mikko miikka miika mikke
antti antero anders andreas anttoni
pekka pietari petri petteri peter
heikki henrik henrikki henri
matti matias mathias matthias
tapani teppo stefan
erkki eerik eerikki eero erik
kalle kaarle kaarlo karl carl calle
olavi olli olof ole
lauri lasse lars
tuomas tuomo tomi thomas tomas
aleksanteri aleksi alex alexander sanderi santeri
kristian risto krister kristo
markus markku marko
niilo nils niko nikolai
jaakko jaska jakob jaakob
jooseppi joose juuso josef
timo timoteus
vilhelm ville viljami william
yrjö yrjänä jyrki jori georg
"""


class FirstNames(StrEnum):
    """How two first names stand to each other."""

    SAME = "same"
    CLOSE = "close"
    DIFFERENT = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Name:
    """A folded name: tokens of the first and of the last name. Either may be empty."""

    first: tuple[str, ...]
    last: tuple[str, ...]


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case without diacritics, words separated by one space: `Äijälä-Östen` → `aijala osten`."""
    plain = text.casefold().translate(_LETTERS)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _SEPARATORS.sub(" ", plain).strip()


def whole_name(payload: Mapping[str, Any]) -> str | None:
    """The name of a customer as its source gives it, else first and last name with a space between."""
    parts = (payload.get("first_name"), payload.get("last_name"))
    return payload.get("name") or " ".join(part for part in parts if part) or None


def folded_name(name: str | None, first: str | None, last: str | None) -> Name:
    """The name of a payload. A joined string without parts counts as a last name only where nothing else is known."""
    if first or last:
        return Name(tuple(fold(first or "").split()), tuple(fold(last or "").split()))
    words = fold(name or "").split()
    return Name(tuple(words[:1]), tuple(words[1:]))


_GROUPS: dict[str, frozenset[int]] = {}
for _number, _line in enumerate(_NICKNAME_GROUPS.strip().splitlines()):
    for _word in fold(_line).split():
        _GROUPS[_word] = _GROUPS.get(_word, frozenset()) | {_number}


def compare_first_names(a: Name, b: Name) -> tuple[FirstNames, str]:
    """How the first names of two records stand, and why, in words.

    1. Missing on either side: nothing can be said.
    2. Equal once folded: same.
    3. First and last swapped, one half of a double name, a short form, an initial, one slip of the pen: close.
    4. Anything else: different.
    """
    if not a.first or not b.first:
        return FirstNames.MISSING, "a first name is missing"
    if a.first == b.first:
        return FirstNames.SAME, "first names agree"
    if a.last and b.last and a.first == b.last and a.last == b.first:
        return FirstNames.CLOSE, "first and last name are swapped"
    shared = set(a.first) & set(b.first)
    if shared and (len(a.first) > 1 or len(b.first) > 1):
        return FirstNames.CLOSE, "one uses a part of the other's first name"
    reason = _resemblance(" ".join(a.first), " ".join(b.first))
    return (FirstNames.CLOSE, reason) if reason else (FirstNames.DIFFERENT, "first names differ")


def _resemblance(a: str, b: str) -> str | None:
    if a.replace(" ", "") == b.replace(" ", ""):
        return "first names differ by a space or hyphen only"
    if _GROUPS.get(a, frozenset()) & _GROUPS.get(b, frozenset()):
        return "one first name is a short form of the other"
    short, long = sorted((a, b), key=len)
    if len(short) == 1 and long.startswith(short):
        return "one first name is an initial of the other"
    if len(short) >= 3 and long.startswith(short):
        return "one first name begins with the other"
    allowed = 1 if len(long) < 8 else 2
    if len(short) >= 3 and OSA.distance(a, b, score_cutoff=allowed) <= allowed:
        return "first names differ by a slip of the pen"
    return None
