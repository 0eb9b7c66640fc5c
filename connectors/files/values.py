"""Cells to values, as Finnish programs and spreadsheets write them. Pure.

Every reader takes a text that is not blank and returns a value or raises `Refused`, whose reason never quotes the
cell. Nothing is guessed: what can be read in two ways is refused.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from config.place import HELSINKI
from connectors.minimise import DROP_INVISIBLE

YES = frozenset({"kyllä", "kylla", "k", "x", "1", "true", "tosi", "yes", "sallittu", "annettu"})
NO = frozenset({"ei", "e", "0", "false", "epätosi", "epatosi", "no", "kielletty"})

GAP = "this time does not exist (clocks go forward)"
FOLD = "this time occurs twice (clocks go back); the earlier one was taken"

_SPACE = re.compile(r"[\s\u00a0\u202f\u2007\u2009]+")
_WEEKDAY = re.compile(r"^(?:ma|ti|ke|to|pe|la|su)\.?\s+", re.IGNORECASE)
_FINNISH_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2}(?!\d)", re.ASCII)
_SLASHES = re.compile(r"\d{1,4}/\d{1,2}/\d{2,4}", re.ASCII)
_CLOCK = re.compile(r"(?:klo\.?\s*)?(\d{1,2})[.:](\d{2})(?:[.:](\d{2})(?:[.,]\d+)?)?", re.IGNORECASE | re.ASCII)
_RANGE = re.compile(r"\s*[-–—]\s*")
_HOURS = re.compile(
    r"(?:(\d+(?:[.,]\d+)?)\s*(?:h|t|tuntia?|hours?)\.?)?\s*(?:(\d+)\s*(?:min(?:uuttia|utes)?|m)?\.?)?", re.I
)
_CLOCK_DURATION = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?", re.ASCII)
_MONEY_SIGNS = re.compile(r"€|\bEUR\b|%", re.IGNORECASE)
_COUNT_UNIT = re.compile(r"(?:kpl|krt|kertaa|x)\.?$", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+", re.ASCII)
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


class Refused(ValueError):
    """A cell that cannot be read as what its column holds."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of time in UTC. `flag` says what is odd about the local time that it was read from."""

    at: datetime
    flag: str | None = None


def tidy(text: str) -> str:
    """Trimmed, without invisible characters, with every run of spaces of any kind as one space."""
    if not text.isascii():
        text = text.translate(DROP_INVISIBLE)
    return " ".join(text.split())


def read_flag(text: str) -> bool:
    """Yes or no. Anything else is refused, so that it stays unknown: unknown is not consent."""
    word = tidy(text).casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Refused("neither yes nor no")


def read_day(text: str) -> date:
    """A date: `d.m.yyyy`, `yyyy-mm-dd`, or the date of a date-time."""
    day, _ = _split_day(tidy(text))
    return day


def read_moment(text: str) -> Moment:
    """A date-time, or a date alone as its midnight. Without an offset it is Finnish time."""
    plain = tidy(text)
    day, rest = _split_day(plain)
    if not rest:
        return in_helsinki(day, time())
    if "T" in plain or re.search(r"(?:Z|[+-]\d{2}:?\d{2})$", plain):
        return _iso_moment(plain)
    return in_helsinki(day, read_clock(rest))


def _iso_moment(text: str) -> Moment:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("not a date and time") from None
    if at.tzinfo is None:
        return in_helsinki(at.date(), at.time())
    return Moment(at.astimezone(UTC))


def has_day(text: str) -> bool:
    """Whether a text begins with a date, be it one that is refused, rather than with a clock time."""
    plain = _WEEKDAY.sub("", tidy(text))
    if _SHORT_YEAR.match(plain):  # `14.30.00` is one too
        return not _is_clocks(plain)
    return any(shape.match(plain) for shape in (_FINNISH_DAY, _ISO_DAY, _SLASHES))


def _is_clocks(text: str) -> bool:
    try:
        read_clocks(text)
    except Refused:
        return False
    return True


def _split_day(text: str) -> tuple[date, str]:
    plain = _WEEKDAY.sub("", text)
    if found := _FINNISH_DAY.match(plain):
        day, month, year = found.groups()
    elif found := _ISO_DAY.match(plain):
        year, month, day = found.groups()
    elif _SHORT_YEAR.match(plain):
        raise Refused("two-digit year")
    elif _SLASHES.match(plain):
        raise Refused("date with slashes: day and month cannot be told apart")
    else:
        raise Refused("not a date")
    rest = plain[found.end() :]
    if rest[:1].isdigit():
        raise Refused("not a date")
    return _date(int(year), int(month), int(day)), rest.lstrip(" T,")


def _date(year: int, month: int, day: int) -> date:
    if not 1900 <= year <= 2199:
        raise Refused("not a plausible year")
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused("no such day in the calendar") from None


def read_clock(text: str) -> time:
    """A clock time: `14.30`, `14:30`, `klo 14.30`, `14:30:00`."""
    found = _CLOCK.fullmatch(tidy(text))
    if not found:
        raise Refused("not a time")
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return time(hour, minute, second)
    except ValueError:
        raise Refused("no such time of day") from None


def read_clocks(text: str) -> tuple[time, time | None]:
    """A clock time or a span of two (`14.30–15.30`)."""
    parts = _RANGE.split(tidy(text), maxsplit=1)
    return read_clock(parts[0]), read_clock(parts[1]) if len(parts) == 2 else None


def in_helsinki(day: date, clock: time) -> Moment:
    """A Finnish local time as UTC, flagged where the clocks' change makes it doubtful."""
    local = datetime.combine(day, clock, HELSINKI)
    at = local.astimezone(UTC)
    if at.astimezone(HELSINKI).replace(tzinfo=None) != local.replace(tzinfo=None):
        return Moment(at, GAP)
    return Moment(at, FOLD if local.utcoffset() != local.replace(fold=1).utcoffset() else None)


def read_duration(text: str, unit: str = "min") -> timedelta:
    """How long: `60`, `60 min`, `1 h 30 min`, `1,5 h`, `1:30`, `1:30:00`. `unit` is that of a bare number."""
    plain = tidy(text)
    if found := _CLOCK_DURATION.fullmatch(plain):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if unit.startswith(("h", "t")) and re.fullmatch(r"\d+(?:[.,]\d+)?", plain):
        plain += " h"
    found = _HOURS.fullmatch(plain)
    if not found or not any(found.groups()):
        raise Refused("not a duration")
    whole = Decimal((found[1] or "0").replace(",", "."))
    return timedelta(seconds=int(whole * 3600)) + timedelta(minutes=int(found[2] or 0))


def read_number(text: str) -> Decimal:
    """A number with decimal comma or point. One separator before three digits (`1.234`) is ambiguous."""
    plain = _SPACE.sub("", _MONEY_SIGNS.sub("", text)).replace("\u2212", "-")
    if _AMBIGUOUS.fullmatch(plain):
        raise Refused("ambiguous: thousands or decimals")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", "")
    elif "," in plain and "." in plain:
        thousands = min(",.", key=plain.rfind)
        whole = plain[: max(plain.rfind(","), plain.rfind("."))]
        if not re.fullmatch(rf"-?\d{{1,3}}(?:\{thousands}\d{{3}})+", whole):
            raise Refused("not a number")
        plain = plain.replace(thousands, "").replace(",", ".")
    else:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise Refused("not a number")
    return Decimal(plain)


def read_cents(text: str) -> int:
    """An amount of euros in cents."""
    cents = read_number(text) * 100
    if cents != cents.to_integral_value():
        raise Refused("more than two decimals in an amount")
    if abs(cents) >= 10**12:
        raise Refused("not a plausible amount")
    return int(cents)


def read_count(text: str) -> int:
    """A count of things: a whole number, not negative."""
    number = read_number(_COUNT_UNIT.sub("", tidy(text)))
    if number < 0 or number != number.to_integral_value() or number >= 10**9:
        raise Refused("not a count")
    return int(number)


def read_discount(text: str, unit: str = "") -> str:
    """A discount as given; one that is a percentage is written `10 %`."""
    plain = tidy(text)
    if plain.endswith("%") or unit == "%":
        try:
            number = read_number(plain)
        except Refused:
            return plain
        return f"{number.normalize():f} %".replace(".", ",")
    return plain
