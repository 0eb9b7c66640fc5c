"""Where the business stands: times without a zone, schedules and what people read are in the time of its clocks."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")


def written(day: date) -> str:
    """A day as people in Finland read it, of a time the one that it fell on there: `24.11.2026`."""
    if isinstance(day, datetime):
        day = day.astimezone(HELSINKI)
    return f"{day.day}.{day.month}.{day.year}"
