"""Names as they are compared: folded, and set against each other level by level.

First names decide whether two records on one contact can be one person: families share phones and addresses, and last
names change. A level of "same" is never given to names that merely resemble each other.

A name that came as one joined string has no sure seam (`Testaaja Maija`). It is kept as its words, and cut only when it
is compared: where the other name says which word is the first name, by that, else where just one end is a given name
that people have, by that, else as "First Last".
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import OSA

from config.letters import SIGNS, without_accents
from connectors.minimise import MASK

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d"})
_SEPARATORS = re.compile(rf"[^\w{SIGNS}]+|_")
_LOST = re.compile(r"(?<=\w)[?\ufffd]|[?\ufffd](?=\w)")
_PARTICLES = frozenset({"von", "af", "de", "van", "der", "den", "di", "du", "la", "le", "zu"})

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


class First(IntEnum):
    """How two first names stand to each other. The numbers are those of the match model's weights."""

    MISSING = 0
    SAME = 1
    SWAPPED = 2
    HALF = 3
    SHORT = 4
    TYPO = 5
    PREFIX = 6
    INITIAL = 7
    NEAR = 8
    DIFFERENT = 9


class Last(IntEnum):
    """How two last names stand to each other."""

    MISSING = 0
    SAME = 1
    PART = 2
    TYPO = 3
    DIFFERENT = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A folded name: tokens of the first and of the last name, either may be empty. `joined`: a string without a sure
    seam, all of whose words stand in `first`."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    joined: bool = False

    @property
    def text(self) -> str:
        """The name in one line, from which `read_name` makes it again."""
        return f"={' '.join(self.first)}" if self.joined else f"{' '.join(self.first)}|{' '.join(self.last)}"

    @property
    def words(self) -> tuple[str, ...]:
        """All words, sorted."""
        return tuple(sorted(self.first + self.last))


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Lower case without diacritics, words separated by one space: `Äijälä-Östen` → `aijala osten`. For names, which
    come again and again; what does not is folded by `fold_once`."""
    return fold_once(text)


def fold_once(text: str) -> str:
    """As `fold`, without remembering it."""
    return _SEPARATORS.sub(" ", without_accents(text.casefold().translate(_LETTERS))).strip()


def tokens(text: str | None) -> tuple[str, ...]:
    """The words of a name as they are compared: mended where an encoding broke them (`Ã¤`), `?` for each lost letter,
    `ae` and `oe` as the `a` and `o` for which they stand where a keyboard lacks ä and ö."""
    return _tokens(text) if text else ()


@lru_cache(maxsize=16384)
def _tokens(text: str) -> tuple[str, ...]:
    text = text.replace(MASK, " ")
    if "Ã" in text or "Â" in text:
        with suppress(UnicodeError):
            text = text.encode("cp1252").decode("utf-8")
    text = _LOST.sub("qqq", text)
    return tuple(word.replace("ae", "a").replace("oe", "o").replace("qqq", "?") for word in fold(text).split())


def whole_name(payload: Mapping[str, Any]) -> str | None:
    """The name of a customer as its source gives it, else first and last name with a space between."""
    parts = (payload.get("first_name"), payload.get("last_name"))
    return payload.get("name") or " ".join(part for part in parts if part) or None


def name_of(payload: Mapping[str, Any]) -> Name:
    """The name of a customer's payload. Parts that were cut from a joined string by guess are not believed; the comma
    of `Last, First` is."""
    first, last, name = payload.get("first_name"), payload.get("last_name"), payload.get("name")
    if (first or last) and not (payload.get("name_guessed") and name):
        return Name(tokens(first), _without_particles(tokens(last)))
    return joined_name(name)


def joined_name(text: str | None) -> Name:
    """A name that came as one string."""
    one, comma, other = (text or "").partition(",")
    if comma and tokens(one) and tokens(other):
        return Name(tokens(other), _without_particles(tokens(one)))
    words = _without_particles(tokens(text))
    return Name(words, (), joined=len(words) > 1)


def read_name(text: str) -> Name:
    """The name of `Name.text`."""
    if text.startswith("="):
        words = tuple(text[1:].split())
        return Name(words, (), joined=len(words) > 1)
    first, _, last = text.partition("|")
    return Name(tuple(first.split()), tuple(last.split()))


def _without_particles(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _PARTICLES) or words


_GROUPS: dict[str, frozenset[int]] = {}
for _number, _line in enumerate(_NICKNAME_GROUPS.strip().splitlines()):
    for _word in tokens(_line):
        _GROUPS[_word] = _GROUPS.get(_word, frozenset()) | {_number}


def short_forms(first: str) -> frozenset[str]:
    """What somebody with this folded first name may be called too, and who is called so may be named."""
    mine = _GROUPS.get(first, frozenset())
    return frozenset(word for word, groups in _GROUPS.items() if groups & mine) - {first}


@cache
def given_names() -> frozenset[str]:
    """Folded given names that people in Finland have, to tell which end of a joined name is the first name."""
    listed = (files("sync.reconcile") / "given_names.txt").read_text(encoding="utf-8")
    return frozenset(listed.split()) | _GROUPS.keys()


def compare(a: Name, b: Name) -> tuple[First, Last]:
    """How two names stand. Symmetric.

    1. Both joined: the same words are the same name; else each is cut by itself.
    2. One joined: of its cuts the one that fits the other's first name best.
    3. Equal first names, or first and last swapped, else what `_first` says.
    """
    if a.joined and b.joined:
        if a.words == b.words:
            return First.SAME, Last.SAME
        return _compare(cut(a), cut(b))
    if a.joined or b.joined:
        joined, plain = (a, b) if a.joined else (b, a)
        if joined.words == plain.words:
            return First.SAME, Last.SAME if plain.last else Last.MISSING
        options = _cuts(joined)
        return min(((_first(x.first, plain.first), _last(x.last, plain.last)) for x in options), key=_RANK.__getitem__)
    return _compare(a, b)


@lru_cache(maxsize=16384)
def clash(a: str, b: str) -> bool:
    """Whether two names (`Name.text`) cannot be one person's: their first names clearly differ."""
    return a != b and compare(read_name(a), read_name(b))[0] is First.DIFFERENT


def cut(name: Name) -> Name:
    """A joined name cut by itself, as well as one can."""
    if not name.joined:
        return name
    words, given = name.first, given_names()
    if words[-1] in given and words[0] not in given:
        return Name(words[1:], words[:1])
    return Name(words[:-1], words[-1:])


def _cuts(name: Name) -> Iterator[Name]:
    for at in range(1, len(name.first)):
        yield Name(name.first[:at], name.first[at:])
        yield Name(name.first[at:], name.first[:at])


def _compare(a: Name, b: Name) -> tuple[First, Last]:
    first = _first(a.first, b.first)
    if first > First.HALF and a.last and b.last:
        crossed = _first(a.first, b.last), _first(a.last, b.first)
        if First.SAME in crossed and all(level in (First.SAME, First.HALF, First.TYPO) for level in crossed):
            return First.SWAPPED, Last.SAME
    return first, _last(a.last, b.last)


def _first(a: tuple[str, ...], b: tuple[str, ...]) -> First:
    """1. Missing on either side: nothing can be said. 2. Equal but for spaces, hyphens and lost letters: same.
    3. All words of one among the other's: half of a double name; some (Anna Maria, Anna Liisa): near. 4. A short form,
    an initial; a beginning or a slip of the pen, where one is a given name and the other none, else near (Anna,
    Anne). 5. Else different."""
    if not a or not b:
        return First.MISSING
    one, other = "".join(a), "".join(b)
    if _same_letters(one, other):
        return First.SAME
    if (len(a) > 1 or len(b) > 1) and any(_same_letters(x, y) for x in a for y in b):
        return First.HALF if _within(a, b) or _within(b, a) else First.NEAR
    return _resemblance(one, other)


def _within(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return all(any(_same_letters(x, y) for y in b) for x in a)


def _resemblance(a: str, b: str) -> First:
    if _GROUPS.get(a, frozenset()) & _GROUPS.get(b, frozenset()):
        return First.SHORT
    short, long = sorted((a, b), key=len)
    if len(short) == 1 and long.startswith(short):
        return First.INITIAL
    begins = len(short) >= 3 and long.startswith(short)
    if not begins and not _is_slip(short, long):
        return First.DIFFERENT
    # A slip makes of a name something that is none. Two names, or two of which nothing is known, may be two people's.
    if (short in given_names()) == (long in given_names()):
        return First.NEAR
    return First.PREFIX if begins else First.TYPO


def _last(a: tuple[str, ...], b: tuple[str, ...]) -> Last:
    if not a or not b:
        return Last.MISSING
    one, other = "".join(a), "".join(b)
    if _same_letters(one, other):
        return Last.SAME
    if (len(a) > 1 or len(b) > 1) and any(_same_letters(x, y) for x in a for y in b):
        return Last.PART
    short, long = sorted((one, other), key=len)
    return Last.TYPO if _is_slip(short, long) else Last.DIFFERENT


def _is_slip(short: str, long: str) -> bool:
    allowed = 1 if len(long) < 8 else 2
    return len(short) >= 3 and OSA.distance(short, long, score_cutoff=allowed) <= allowed


def _same_letters(a: str, b: str) -> bool:
    """Equal, where a lost letter may be any; but no more than half of the letters may be lost."""
    if a == b:
        return True
    if len(a) != len(b) or not 0 < max(a.count("?"), b.count("?")) * 2 <= len(a):
        return False
    return all(x == y or "?" in (x, y) for x, y in zip(a, b, strict=True))


_RANK = {
    (first, last): (first if first is not First.MISSING else First.DIFFERENT - 0.5, last or Last.DIFFERENT)
    for first in First
    for last in Last
}

FIRST_WORDS = {
    First.MISSING: "a first name is missing",
    First.SAME: "first names agree",
    First.SWAPPED: "first and last name are swapped",
    First.HALF: "one uses a part of the other's first name",
    First.SHORT: "one first name is a short form of the other",
    First.TYPO: "first names differ by a slip of the pen",
    First.NEAR: "first names are two that are much alike",
    First.PREFIX: "one first name begins with the other",
    First.INITIAL: "one first name is an initial of the other",
    First.DIFFERENT: "first names differ",
}
LAST_WORDS = {
    Last.SAME: "last names agree",
    Last.PART: "one uses a part of the other's last name",
    Last.TYPO: "last names differ by a slip of the pen",
    Last.DIFFERENT: "last names differ",
}
