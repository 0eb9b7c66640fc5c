"""Single values of Thinkific's JSON. Pure.

The platform's own description types every id as a number, leaves out nulls, and says nothing of the strings that
arrive where it promises numbers; so each reader takes what was seen and raises `UnreadableError` for the rest. A
missing value, `null` or blank, is `None`. No message quotes a value.
"""

import math
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_YES = frozenset({"1", "1.0", "checked", "joo", "kyllä", "kylla", "k", "ja", "on", "t", "true", "x", "y", "yes"})
_NO = frozenset({"0", "0.0", "e", "ei", "en", "f", "false", "n", "nej", "no", "off", "unchecked"})
_CENTS_CEILING = 10**15
_ID_LENGTH = 100


class UnreadableError(ValueError):
    """A value of a form never seen. The text says what it is not."""


def text(value: Any) -> str | None:
    """A trimmed text."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    raise UnreadableError("no text")


def identifier(value: Any) -> str | None:
    """An id as text: `7`, `7.0`, `"7"` and `"7.0"` are one."""
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 10**_ID_LENGTH:
            raise UnreadableError("no id")
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        stripped = value.strip()
        whole = stripped.removesuffix(".0")
        stripped = whole if whole.isdecimal() else stripped
        if len(stripped) > _ID_LENGTH or not stripped.isprintable():
            raise UnreadableError("no id")
        return stripped or None
    if value is None:
        return None
    raise UnreadableError("no id")


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time as UTC. Nanoseconds are cut; a time without an offset is taken as UTC."""
    if value is None or value == "":
        return None
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is UTC:
            return parsed
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise UnreadableError("no time") from None


def share(value: Any) -> float | None:
    """Progress as 0.0 to 1.0. Both units are seen on the wire; above 1 it can only be percent."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnreadableError("no number")
    percent = isinstance(value, str) and value.rstrip().endswith("%")
    try:
        number = float(value.strip().rstrip("% ").replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        raise UnreadableError("no number") from None
    if not math.isfinite(number):
        raise UnreadableError("no number")
    return min(1.0, max(0.0, number / 100 if percent or number > 1 else number))


def flag(value: Any) -> bool | None:
    """A boolean, also as a word or a digit, in English and Finnish. Nothing said is `None`, never a no."""
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, int | float | str):
        raise UnreadableError("neither yes nor no")
    word = str(value).strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if not word:
        return None
    raise UnreadableError("neither yes nor no")


def cents(value: Any) -> int | None:
    """Whole cents, from a number of cents."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _CENTS_CEILING:
        return value
    return _scaled(value, 1)


def cents_of_units(value: Any) -> int | None:
    """Whole cents, from an amount in the currency's main unit (`"20.0"`, `10.99`)."""
    return _scaled(value, 100)


def _scaled(value: Any, factor: int) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnreadableError("no amount")
    try:
        amount = Decimal(str(value).strip().replace(",", ".")) * factor
        if not amount.is_finite() or abs(amount) >= _CENTS_CEILING:
            raise UnreadableError("no amount")
        return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation:
        raise UnreadableError("no amount") from None
