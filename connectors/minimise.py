"""Personal identity codes never get past this module (GDPR Art. 87, Data Protection Act 1050/2018 § 29).

Pure. A code is known by its shape alone (`ddmmyy`, century sign, three digits, check character; Digital and Population
Data Services Agency, signs of 2023 included): the check character is not verified, since a mistyped code still points
at a person. So a number that merely looks like one is masked too; that is the chosen side to err on.

People write it otherwise too: with blanks around the sign, without the sign, with a date as dates are written. What
has only such a shape may be an order number or a date and a time, so there the check character counts, unless it is a
letter that stands after a sign. Digits of other scripts, full-width ones say, are read as what they mean.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any
from unicodedata import normalize

MASK = "[masked]"
SHORTEST = len("010190123O")
"""Characters of the shortest text that may be a code."""

_DASHES = "\\-\u00ad\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
# In JSON text a letter before the code may belong to an escape (`\n`, `\u00e4`), and a dash may be one itself.
# The boundary is looked at after the first digit, so that the scan can jump from digit to digit. A word may be glued to
# it (`hetu010190-…`); one letter before makes it a number of something.
IDENTITY_CODE = re.compile(
    r"[0-3](?:(?<![^\W_][0-3])|(?<=\\[nrtbf][0-3])|(?<=[^\W\d_]{2}[0-3])|(?<=\\u[0-9a-f]{4}[0-3]))"
    r"(?:(?<=0)[1-9]|(?<=[12])[0-9]|(?<=3)[01])(?:0[1-9]|1[0-2])[0-9]{2}"
    rf"(?:[{_DASHES}+A-FU-Y]|\\u(?:00ad|201[0-5]|2043|2212|fe58|fe63|ff0d))"
    r"[0-9]{3}[0-9A-Z](?![^\W_])",
    re.IGNORECASE,
)

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
"""Zero-width characters and the soft hyphen, which hide a code from a pattern and from nobody's eye."""
DROP_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))

# Between any two characters of a code, as themselves or escaped in JSON text. The soft hyphen may be the sign as well,
# so that to drop it first would hide a code instead of baring it; the boundaries err on masking.
_HIDDEN = rf"(?:[{INVISIBLE}]|\\u(?:200[bcd]|2060|feff|00ad))"
_ANY_HIDDEN = re.compile(_HIDDEN, re.IGNORECASE)
# Boundaries and escapes as above.
_LOOSE_CODE = re.compile(
    r"(?P<date>[0-9](?=[0-9]{5}|[0-9]?[./])"
    r"(?:(?<![^\W_][0-9])|(?<=\\[nrtbf][0-9])|(?<=\\u[0-9a-f]{4}[0-9])|(?P<glued>(?<=[^\W\d_]{2}[0-9])))"
    r"(?:[0-9]{5}|[0-9]?[./]\s?[0-9]{1,2}[./]\s?(?:[0-9]{2}){1,2}))"
    rf"\s{{0,3}}(?P<sign>[{_DASHES}+A-FU-Y]|\\u(?:00ad|201[0-5]|2043|2212|fe58|fe63|ff0d))?\s{{0,3}}"
    r"(?P<number>[0-9]{3})(?P<check>[0-9A-Z])(?![^\W_])",
    re.IGNORECASE,
)
_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
"""Check characters by the remainder of date and number, divided by 31 (Government Decree 128/2010, § 2)."""
_CENTURIES = {"18": "+", "20": "ABCDEF"}
"""Signs by the century of the year; every other sign is of the 1900s."""
_FOREIGN = re.compile(
    r"[^\D0-9]|[\uff21-\uff3a\uff41-\uff5a]|\\\\|\\uff(?:[1245][0-9a-f]|3[0-9a])", re.IGNORECASE
)  # a backslash that is escaped in JSON too, so that it is told from one that begins an escape
# What most texts have none of, which is found out in no time.
_UNUSUAL = re.compile(r"[^\x00-\u00ac\u00ae-\u024f]|\\u")
_DIGITS = re.compile(r"[0-9]{3}")
_HIDDEN_CODE = re.compile(
    rf"(?<![^\W_])[0-3]{_HIDDEN}*[0-9]{_HIDDEN}*[01](?:{_HIDDEN}*[0-9]){{3}}{_HIDDEN}*"
    rf"(?:[{_DASHES}+A-FU-Y]|\\u(?:00ad|201[0-5]|2043|2212|fe58|fe63|ff0d))"
    rf"(?:{_HIDDEN}*[0-9]){{3}}{_HIDDEN}*[0-9A-Z](?![^\W_])",
    re.IGNORECASE,
)

_IDENTITY_KEYS = frozenset(
    {
        "socialsecuritynumber",
        "socialsecuritycode",
        "ssn",
        "henkilotunnus",
        "henkilötunnus",
        "henkilotunniste",
        "henkilötunniste",
        "hetu",
        "sotu",
        "sotutunnus",
        "sosiaaliturvatunnus",
        "personalidentitycode",
        "personalidentitynumber",
        "personalidnumber",
        "personalidcode",
        "nationalid",
        "personnummer",
        "personbeteckning",
    }
)


def mask(text: str) -> tuple[str, int]:
    """The text with every identity code replaced by `[masked]`, and how many there were. Safe on JSON text.

    Invisible characters, which may hide a code, are dropped on the way.
    """
    if len(text) < SHORTEST:
        return text, 0
    hidden = 0
    if not (text.isascii() and "\\" not in text) and _UNUSUAL.search(text):
        if _ANY_HIDDEN.search(text):
            text, hidden = _HIDDEN_CODE.subn(MASK, text)
            text = text.translate(DROP_INVISIBLE)
        plain, found = _masked(_FOREIGN.sub(_plain, text))
        return (plain, hidden + found) if found else (text, hidden)
    text, found = _masked(text)
    return text, hidden + found


def _masked(text: str) -> tuple[str, int]:
    if not (_DIGITS.search(text) and _LOOSE_CODE.search(text)):  # it knows the strict shape too
        return text, 0
    text, found = IDENTITY_CODE.subn(MASK, text)
    codes = [match.span() for match in _LOOSE_CODE.finditer(text) if _is_code(match)]
    for begin, end in reversed(codes):
        text = f"{text[:begin]}{MASK}{text[end:]}"
    return text, found + len(codes)


def _plain(foreign: re.Match[str]) -> str:
    """A digit or letter of another script, or its escape, as that of ASCII; another sign as it is."""
    text = foreign[0]
    plain = normalize("NFKC", chr(int(text[2:], 16)) if len(text) > 2 else text)
    digit = str(int(plain)) if plain.isdecimal() else plain
    return digit if digit.isascii() and digit.isalnum() else text


def _is_code(match: re.Match[str]) -> bool:
    """1. What is glued to a word has a sign. 2. The date has a day and a month, and a year of four digits fits the
    sign. 3. A letter after a sign is a check character, mistyped or not. 4. Else it is one where it is right; and
    without a sign, a letter: digits alone are a phone or a number of something."""
    said, sign, check = match["date"], match["sign"], match["check"].upper()
    if match["glued"] is not None and not sign:
        return False
    day, month, year = (said[:2], said[2:4], said[4:]) if said.isdecimal() else re.split(r"[./]\s?", said)
    if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
        return False
    if len(year) == 4 and sign and not _fits(sign.upper(), year[:2]):
        return False
    if check.isalpha() and sign:
        return True
    digits = f"{int(day):02}{int(month):02}{year[-2:]}{match['number']}"
    return (check.isalpha() or bool(sign)) and check == _CHECKS[int(digits) % len(_CHECKS)]


def _fits(sign: str, century: str) -> bool:
    others = "".join(_CENTURIES.values())
    return sign in _CENTURIES.get(century, "") or (century == "19" and sign not in others)


def is_identity_key(name: str) -> bool:
    """Whether a heading or a wire name announces identity codes (`Henkilötunnus`, `Hetu`, `socialSecurityNumber`)."""
    return "".join(char for char in name.casefold() if char.isalnum()) in _IDENTITY_KEYS


def mask_fields(fields: Mapping[str, Any], keep: Collection[str] = ()) -> tuple[dict[str, Any], int]:
    """A deep copy without keys for identity codes and with the codes in all texts masked, and how many that were.

    `keep`: keys whose own text is left alone, for phone columns, where `040123-4567` is a phone and no code.
    A dropped key counts as one if it held anything.
    """
    kept: dict[str, Any] = {}
    count = 0
    for key, value in fields.items():
        if is_identity_key(key):
            count += value not in (None, "")
        elif key in keep and isinstance(value, str):
            kept[key] = value
        else:
            kept[key], found = _mask_value(value, keep)
            count += found
    return kept, count


def _mask_value(value: Any, keep: Collection[str]) -> tuple[Any, int]:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return mask_fields(value, keep)
    if isinstance(value, list | tuple):
        pairs = [_mask_value(item, keep) for item in value]
        return [item for item, _ in pairs], sum(found for _, found in pairs)
    return value, 0
