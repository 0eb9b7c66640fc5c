"""Times as the surface shows them, and what is still now."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

AT_THIS_MOMENT = timedelta(minutes=1)
"""A time of ours that is later than now by more than this was written before the clock was set back."""


@lru_cache(maxsize=4096)
def stamp(moment: datetime | None) -> str | None:
    """A time as the surface shows it: UTC with milliseconds and `Z`.

    Remembered, since the thousands of rows of a page share their times.
    """
    return None if moment is None else _shown(moment)


def restamp(text: str | None) -> str | None:
    """A time of a payload (ISO 8601 with a zone) in the form of `stamp`."""
    return None if text is None else _shown(datetime.fromisoformat(text))


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
