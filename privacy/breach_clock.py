"""Who must be told of a breach of personal data, and by when (GDPR Art. 33 and 34). Pure.

1. The authority, unless the breach is unlikely to result in a risk: within 72 hours after the controller became aware
   of it (Art. 33(1)). The hours are counted from the moment of discovery; Regulation (EEC, Euratom) 1182/71, Art. 3(1),
   would leave out the hour in which it fell, so whoever is in time here is in time on any reading.
2. The people, where the risk to them is likely to be high: without undue delay (Art. 34(1)), which is no number of
   hours, so this is open from the discovery on.

Whoever was told, is told; what was told late stays told late.
"""

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

NO_RISK, RISK, HIGH = "none", "risk", "high"
AUTHORITY, PEOPLE = "authority", "people"
WITHIN = timedelta(hours=72)


class Known(Protocol):
    """What of a breach the clock looks at; fields as in `store.tables.Breach`."""

    @property
    def risk(self) -> str: ...
    @property
    def discovered_at(self) -> datetime: ...
    @property
    def authority_told_at(self) -> datetime | None: ...
    @property
    def people_told_at(self) -> datetime | None: ...


class Duty(NamedTuple):
    """Somebody has still to be told. `due_at`: by when, `None` for at once."""

    whom: str
    due_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Whether a time that was set is over."""
        return self.due_at is not None and self.due_at < now


def open_duties(breach: Known) -> list[Duty]:
    """Who has still to be told, the authority first."""
    found = []
    if breach.risk != NO_RISK and breach.authority_told_at is None:
        found.append(Duty(AUTHORITY, due_at(breach.discovered_at)))
    if breach.risk == HIGH and breach.people_told_at is None:
        found.append(Duty(PEOPLE, None))
    return found


def due_at(discovered_at: datetime) -> datetime:
    """Until when the authority is told in time."""
    return discovered_at + WITHIN


def is_late(discovered_at: datetime, told_at: datetime) -> bool:
    """Whether the authority was told later than that; then it is told why, too (Art. 33(1))."""
    return told_at > due_at(discovered_at)
