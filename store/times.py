"""Times as the surface shows them."""

from datetime import UTC, datetime
from typing import overload


@overload
def stamp(moment: datetime) -> str: ...
@overload
def stamp(moment: None) -> None: ...
def stamp(moment: datetime | None) -> str | None:
    """A time as the surface shows it: UTC with milliseconds and `Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def restamp(text: str | None) -> str | None:
    """A time of a payload (ISO 8601 with a zone) in the form of `stamp`."""
    return stamp(datetime.fromisoformat(text)) if text else None
