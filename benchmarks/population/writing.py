"""How a card writes a name, an e-mail address or a postal address. Pure; every function takes the dice.

Rates are the constants below; the table in the docstring of the package tells them together.
"""

from random import Random
from typing import NamedTuple

from benchmarks.population.words import SHORT

FIRST_TYPO, LAST_TYPO = 0.013, 0.017
PET_NAME = 0.020
HALF, UNHYPHENATED = 0.25, 0.08
SECOND_GIVEN = 0.01
NO_MARKS, MOJIBAKE, QUESTION, DIGRAPH = 0.025, 0.008, 0.005, 0.003
CAPITALS, SMALL = 0.025, 0.010
SWAPPED = 0.010
NO_LAST = 0.005
PARTICLE_LOST, PARTICLE_CAPITAL = 0.20, 0.10
JOINED = {"salon": 0.08, "school": 0.01}
LAST_FIRST, LAST_COMMA = 0.28, 0.12
PLUS_TAG, DOTS, EMAIL_CAPITALS = 0.015, 0.03, 0.05
ADDRESS_OTHERWISE = 0.25

GMAIL = "gmail.com"
_LETTERS = "aeiounstklmrväöjhypd"
_MARKED = frozenset("äöåéÄÖÅÉüíáóÜÍÁÓ")
_PLAIN = str.maketrans("äöåéüíáóÄÖÅÉÜÍÁÓ", "aoaeuiaoAOAEUIAO")
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Å": "Aa"})
_QUESTIONS = str.maketrans(dict.fromkeys(_MARKED, "?"))
_TAGS = ("kurssit", "ajanvaraus", "salonki", "uutiset", "verkkokurssi")


class Written(NamedTuple):
    """A name as a card has it: parts, or one joined string and no parts."""

    first: str | None
    last: str | None
    joined: str | None


def plain(text: str) -> str:
    """Letters without their marks."""
    return text.translate(_PLAIN)


def typo(name: str, rng: Random) -> str:
    """The name with one slip: a letter left out, doubled, another one, one too many, or two swapped.

    The first letter stays. Names of fewer than three letters stay as they are.
    """
    if len(name) < 3:
        return name
    at = 1 + int(rng.random() * (len(name) - 1))
    kind, letter = rng.random(), _LETTERS[int(rng.random() * len(_LETTERS))]
    if kind < 0.25:
        return name[:at] + name[at + 1 :]
    if kind < 0.40:
        return name[:at] + name[at] + name[at:]
    if kind < 0.62:
        return name[:at] + letter + name[at + 1 :]
    if kind < 0.80 or at == len(name) - 1:
        return name[:at] + letter + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _first(name: str, second: str | None, rng: Random) -> str:
    """The first name as it is written this time."""
    draw = rng.random
    if "-" in name:
        number = draw()
        if number < HALF:
            halves = name.split("-")
            name = halves[0] if draw() < 0.85 else halves[-1]
        elif number < HALF + UNHYPHENATED:
            name = name.replace("-", " ")
    elif name in SHORT and draw() < PET_NAME:
        forms = SHORT[name]
        name = forms[int(draw() * len(forms))]
    if second and draw() < SECOND_GIVEN:
        name = f"{name} {second}"
    return typo(name, rng) if draw() < FIRST_TYPO else name


def _last(name: str, rng: Random) -> str:
    """The last name as it is written this time."""
    draw = rng.random
    if " " in name:
        number = draw()
        if number < PARTICLE_LOST:
            name = name.rpartition(" ")[2]
        elif number < PARTICLE_LOST + PARTICLE_CAPITAL:
            name = name[0].upper() + name[1:]
    return typo(name, rng) if draw() < LAST_TYPO else name


def _mangled(text: str, number: float) -> str:
    """What a program that cannot keep ä and ö makes of a text."""
    if number < NO_MARKS:
        return text.translate(_PLAIN)
    if number < NO_MARKS + MOJIBAKE:
        return text.encode("utf-8").decode("cp1252", errors="replace")
    if number < NO_MARKS + MOJIBAKE + QUESTION:
        return text.translate(_QUESTIONS)
    return text.translate(_DIGRAPHS)


def name(source: str, given: tuple[str, str | None], last: str, rng: Random) -> Written:
    """First (with a second given name) and last name as a card of this source writes them.

    1. Write each part: short form, half, typo, particle.
    2. Mangle marked letters and set capitals over both alike, as a program does.
    3. Swap the parts, leave the last one out, or join them.
    """
    draw = rng.random
    first, last = _first(*given, rng), _last(last, rng)
    number = draw()
    if number < NO_MARKS + MOJIBAKE + QUESTION + DIGRAPH and not _MARKED.isdisjoint(first + last):
        first, last = _mangled(first, number), _mangled(last, number)
    number = draw()
    if number < CAPITALS:
        first, last = first.upper(), last.upper()
    elif number < CAPITALS + SMALL:
        first, last = first.lower(), last.lower()
    if draw() < JOINED[source]:
        number = draw()
        if number < LAST_COMMA:
            return Written(None, None, f"{last}, {first}")
        return Written(None, None, f"{last} {first}" if number < LAST_COMMA + LAST_FIRST else f"{first} {last}")
    number = draw()
    if number < SWAPPED:
        return Written(last, first, None)
    return Written(first, None if number < SWAPPED + NO_LAST else last, None)


def same_mailbox(address: str, number: float, rng: Random) -> str:
    """Another writing of the address, as the number (0 to 1) says: plus tag, other dots (Gmail alone) or capitals."""
    local, _, domain = address.partition("@")
    if number < 0.4:
        return f"{local}+{_TAGS[int(rng.random() * len(_TAGS))]}@{domain}"
    if number < 0.75 and domain == GMAIL:
        at = 1 + int(rng.random() * (len(local) - 1))
        return f"{local.replace('.', '')}@{domain}" if "." in local else f"{local[:at]}.{local[at:]}@{domain}"
    return f"{local.title()}@{domain}" if number < 0.9 else address.upper()


def email(address: str, rng: Random) -> str:
    """The address as a card writes it."""
    number = rng.random()
    if number < PLUS_TAG:
        return same_mailbox(address, 0, rng)
    if number < PLUS_TAG + DOTS:
        return same_mailbox(address, 0.5, rng) if address.endswith(GMAIL) else address
    return same_mailbox(address, 0.8 + 0.2 * rng.random(), rng) if number > 1 - EMAIL_CAPITALS else address


def postal(address: tuple[str, str, str], rng: Random) -> str:
    """A postal address (street with number, flat or nothing, code and town) in one line, as a card writes it."""
    street, flat, town = address
    number = rng.random() / ADDRESS_OTHERWISE
    if number < 0.2 and flat:
        flat = ""
    elif number < 0.4:
        flat = flat.replace(" ", "")
    elif number < 0.5:
        street = street.replace("katu ", "k. ")
    elif number < 0.8:
        town = "" if number < 0.7 else town.upper()
    elif number < 1:
        street = typo(street.rpartition(" ")[0], rng) + " " + street.rpartition(" ")[2]
    line = f"{street} {flat}" if flat else street
    return f"{line}, {town}" if town else line
