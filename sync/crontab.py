"""When a source is read: crontab expressions in Finland's time, patience with a source that fails, lateness. No I/O.

A moment is an aware datetime in UTC. Arithmetic and comparisons within Europe/Helsinki would ignore that an hour of the
autumn comes twice and one of the spring never.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from cronsim import CronSim

from config.place import HELSINKI

LONGEST_PAUSE = timedelta(hours=6)
MOST_JITTER = timedelta(seconds=30)


def following(expression: str, moment: datetime) -> datetime:
    """The first moment after this one at which the expression is true, which settings promise that there is.

    A time that the spring leaves out is meant as the moment after the gap, one that comes twice in autumn as its first,
    as Debian's cron has it. Two times that so fall together are one.
    """
    times = CronSim(expression, moment.astimezone(HELSINKI))
    found = next(times).astimezone(UTC)
    while found <= moment:  # asked within the hour that comes twice, cronsim names its first pass
        found = next(times).astimezone(UTC)
    return found


def coming(expression: str, planned: datetime | None, now: datetime) -> datetime:
    """When a source is read next: when the daemon means to, which after failures is later than the schedule says; where
    none means to, or that time is past, when it is due."""
    return planned if planned is not None and planned > now else following(expression, now)


def latest(expression: str, moment: datetime) -> datetime:
    """The last moment up to this one at which the expression was true."""
    found = next(CronSim(expression, moment.astimezone(HELSINKI), reverse=True)).astimezone(UTC)
    # Stepping back leaves out the moment itself, and in autumn the first pass when it is asked in the second.
    while (later := following(expression, found)) <= moment:
        found = later
    return found


def _gaps(expression: str, now: datetime) -> tuple[timedelta, ...]:
    """The gap that lies around now, the one before and the one after."""
    last = latest(expression, now)
    before = latest(expression, last - timedelta(microseconds=1))
    coming = following(expression, now)
    return last - before, coming - last, following(expression, coming) - coming


def interval_of(expression: str, now: datetime) -> timedelta:
    """How far apart runs are at about this time: the longest of the gaps around now, so that a night or a weekend
    without runs makes nothing late."""
    return max(_gaps(expression, now))


def pause_after(failures: int, interval: timedelta) -> timedelta:
    """How long a source is left alone that has failed so often in a row: doubled each time, at most six hours, and
    never less than its interval."""
    factor = 1 << min(max(failures - 1, 0), 16)
    return max(interval, min(interval * factor, LONGEST_PAUSE))


def not_before(expression: str, began: datetime, failures: int) -> datetime | None:
    """From when on a source may run again whose last run began then; `None` where its schedule alone counts.

    The pause is counted from the time on the schedule, lest the length of the run cost a turn, and by the shortest gap
    around it, lest one failure on a Saturday cost the Monday. One failure, or rare runs, cost no turn at all.
    """
    gap = min(_gaps(expression, began))
    pause = pause_after(failures, gap)
    return latest(expression, began) + pause if failures and pause > gap else None


def is_late(last_ok_at: datetime | None, interval: timedelta, now: datetime) -> bool:
    """Whether the last good run is longer ago than runs are apart. It never was: late."""
    return last_ok_at is None or now - last_ok_at > interval


@dataclass(frozen=True, slots=True)
class Jitter:
    """A delay of one process, so that not all the world asks a platform at the full quarter of an hour.

    `share` is drawn once, 0 to 1. Sources on one expression get the same delay, and so run side by side. `since`: the
    time whose gaps bound it, the same for as long as the process lives.
    """

    share: float
    since: datetime

    def of(self, expression: str) -> timedelta:
        """The delay: up to half a minute, and up to a tenth of the interval."""
        return min(MOST_JITTER, min(_gaps(expression, self.since)) / 10) * self.share


class Crontab(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """What the scheduler asks for the next run: `jitter` is added to each time, `not_before` omits earlier ones."""

    def __init__(self, expression: str, jitter: timedelta = timedelta(0), not_before: datetime | None = None) -> None:
        self.expression, self.jitter, self.not_before = expression, jitter, not_before

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first run after the previous one, else after now. In UTC."""
        after = (previous_fire_time or now).astimezone(UTC) - self.jitter
        if self.not_before is not None:  # the very time counts
            after = max(after, self.not_before - timedelta(microseconds=1))
        return following(self.expression, after) + self.jitter

    def __str__(self) -> str:
        """The expression."""
        return self.expression
