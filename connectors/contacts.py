"""Phone numbers and e-mail addresses as people write them, read the same way for every platform.

Pure. Phones become E.164 (ITU-T) with Finland as the home region; addresses stay as given, trimmed, once they are
known to be addresses. The libraries decide; a pattern in front of each answers for the plain case, because a parse
costs tens of microseconds and a register has hundreds of thousands of cells. Tests prove the short way equal.
"""

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

from connectors.minimise import DROP_INVISIBLE

HOME_REGION = "FI"

DAMAGED = "damaged by a spreadsheet"
NOT_A_PHONE = "not a phone number"
PLACEHOLDER = "placeholder, not a phone number"
ZERO_RESTORED = "lost leading zero restored"
SEVERAL = "several phone numbers, the first one taken"
PLUS_RESTORED = "lost leading + restored"

_SEPARATORS = DROP_INVISIBLE | dict.fromkeys(
    map(ord, " \t\u00a0\u2007\u2009\u202f\u200e\u200f\u202a\u202c-\u2010\u2011\u2012\u2013")
)
# The mobile ranges of the numbering plan as phonenumbers knows them: 4[0-8] or 50, then four to eight digits.
_PLAIN_FINNISH = re.compile(r"(?:\+358|00358|0)((?:4[0-8]|50)[0-9]{4,8})")
_LABEL = re.compile(r"^(?:puh(?:elin)?|tel|gsm|matkapuh(?:elin)?)\s*[.:]*\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?E\+?[0-9]{1,3}", re.IGNORECASE)
_WHOLE_FLOAT = re.compile(r"([+]?[0-9]{5,15})[.,]0")
_SEVERAL = re.compile(r"[/;,\n]|\b(?:tai|ja|or)\b")
_LETTER = re.compile(r"[^\W\d_]")
_LOST_ZERO = re.compile(r"[1-9][0-9]+")

# Atoms of RFC 5321 without quotes or rarely used signs, labels without double hyphens (those may be IDNA).
_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,24}", re.ASCII
)
_NEVER_DELIVERED = (".arpa", ".invalid", ".local", ".localhost", ".onion")


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """What a phone cell says. `value` is E.164 or `None`; `reason` says why not, or how the value was repaired."""

    value: str | None
    reason: str | None = None


def to_e164(text: str) -> str | None:
    """E.164 of a phone as written, or `None` for what is no valid number. Placeholders of one digit are none."""
    plain = text.translate(_SEPARATORS)
    if match := _PLAIN_FINNISH.fullmatch(plain):
        return f"+358{match[1]}"
    # Words would be read as a vanity number's keypad letters, which nobody means in a customer register.
    if not plain or _LETTER.search(plain) or is_placeholder(plain):
        return None
    return _parsed(plain)


def _parsed(text: str) -> str | None:
    try:
        number = parse(text, HOME_REGION)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_valid_number(number) else None


def is_placeholder(text: str) -> bool:
    """Whether every digit of the text is the same one (`0000000`): typed to get past an obligatory field."""
    return len({char for char in text if char.isdigit()}) == 1


def read_phone(text: str) -> PhoneReading:
    """Read one phone cell, blank included (`value` and `reason` both `None`)."""
    plain = _LABEL.sub("", text.strip())
    if whole := _WHOLE_FLOAT.fullmatch(plain):
        plain = whole[1]
    if not plain.translate(_SEPARATORS):
        return PhoneReading(None)
    if _SCIENTIFIC.fullmatch(plain) or plain.startswith("#"):
        return PhoneReading(None, DAMAGED)
    if first := _first_of_several(plain):
        return PhoneReading(first, SEVERAL)
    if value := to_e164(plain):
        return PhoneReading(value, _repair(plain.translate(_SEPARATORS)))
    return PhoneReading(None, PLACEHOLDER if is_placeholder(plain) else NOT_A_PHONE)


def _first_of_several(text: str) -> str | None:
    """The first number of a cell that holds several. Joined they may make another valid number (`.../2`); only an
    area code before a slash (`09/123 4567`) belongs to what follows."""
    parts = [part for part in _SEVERAL.split(text) if any(char.isdigit() for char in part)]
    if len(parts) < 2 or sum(char.isdigit() for char in parts[0]) <= 4:
        return None
    return next((value for part in parts if (value := to_e164(part))), None)


def _repair(plain: str) -> str | None:
    """How a valid number that begins with neither `0` nor `+` must have lost its beginning (a numeric cell)."""
    if not _LOST_ZERO.fullmatch(plain):
        return None
    return PLUS_RESTORED if plain.startswith("358") else ZERO_RESTORED


def clean_email(text: str) -> str | None:
    """The address as given, trimmed, or `None` for what is no address. Nothing is looked up."""
    address = text.translate(DROP_INVISIBLE).strip()
    if not address:
        return None
    return address if _is_plain_email(address) or _is_email(address) else None


def _is_plain_email(address: str) -> bool:
    if not _PLAIN_EMAIL.fullmatch(address):
        return False
    domain = address.rpartition("@")[2]
    return (
        len(address) <= 254
        and all(len(label) <= 63 for label in domain.split("."))
        and not domain.lower().endswith(_NEVER_DELIVERED)
    )


def _is_email(address: str) -> bool:
    # test_environment lets `.test` pass, which no real person has and every sandbox uses (RFC 2606).
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
