"""Times as the surface shows them."""

from datetime import UTC, datetime
from functools import lru_cache


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
