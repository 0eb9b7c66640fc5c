"""Personal identity codes never get past this module (GDPR Art. 87, Data Protection Act 1050/2018 § 29).

Pure. A code is known by its shape alone (`ddmmyy`, century sign, three digits, check character; Digital and Population
Data Services Agency, signs of 2023 included): the check character is not verified, since a mistyped code still points
at a person. So a number that merely looks like one is masked too; that is the chosen side to err on.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

MASK = "[masked]"
_SHORTEST = len("010190-123O")

_DASHES = "\\-\u00ad\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
# In JSON text a letter before the code may belong to an escape (`\n`, `\u00e4`), and a dash may be one itself.
# The boundary is looked at after the first digit, so that the scan can jump from digit to digit.
IDENTITY_CODE = re.compile(
    r"[0-3](?:(?<![^\W_][0-3])|(?<=\\[nrtbf][0-3])|(?<=\\u[0-9a-f]{4}[0-3]))"
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
    if len(text) < _SHORTEST:
        return text, 0
    hidden = 0
    if not (text.isascii() and "\\" not in text) and _ANY_HIDDEN.search(text):
        text, hidden = _HIDDEN_CODE.subn(MASK, text)
        text = text.translate(DROP_INVISIBLE)
    text, found = IDENTITY_CODE.subn(MASK, text)
    return text, hidden + found


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
