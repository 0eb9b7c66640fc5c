"""Days and times that a person types, by the clocks of Finland. Each error names the option."""

from datetime import UTC, date, datetime, time, timedelta

from config.errors import ConfigError
from config.place import HELSINKI

_FURTHEST = timedelta(days=366 * 100)


def today() -> date:
    """The day in Finland."""
    return datetime.now(HELSINKI).date()


def past_day(text: str, option: str) -> date:
    """A day that has begun. Raises `ConfigError`."""
    found = any_day(text, option)
    if found > today():
        raise ConfigError("is still to come; give a day that has begun", option)
    return found


def coming_day(text: str, option: str) -> date:
    """A day that is still to come. Raises `ConfigError`."""
    found = any_day(text, option)
    if found <= today():
        raise ConfigError("is over; give a day that is still to come", option)
    return found


def any_day(text: str, option: str) -> date:
    """A day within a hundred years from now. Raises `ConfigError`."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError("is no date; write it as 2026-11-24", option) from None
    return _near(found, option)


def past_moment(text: str, option: str, now: datetime) -> datetime:
    """A time that is over, in UTC, as `any_moment` reads it. Raises `ConfigError`."""
    found = any_moment(text, option)
    if found > now:
        raise ConfigError("is still to come; give a time that is over", option)
    return found


def latest_moment(text: str, option: str, now: datetime) -> datetime:
    """The same, but a date is its end, or now where that is earlier: the last time that may be meant."""
    found = past_moment(text, option, now)
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return found
    return min(datetime.combine(day + timedelta(days=1), time(), HELSINKI).astimezone(UTC) - timedelta(seconds=1), now)


def any_moment(text: str, option: str) -> datetime:
    """A time within a hundred years from now, in UTC: a date is its beginning, and what states no zone is of Finland's
    clocks. Raises `ConfigError`."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError("is no time; write it as 2026-11-24 or 2026-11-24T09:30", option) from None
    _near(found.date(), option)
    return (found if found.tzinfo else found.replace(tzinfo=HELSINKI)).astimezone(UTC)


def _near(day: date, option: str) -> date:
    if abs(day - today()) > _FURTHEST:
        raise ConfigError("is more than a hundred years away; write it as 2026-11-24", option)
    return day
