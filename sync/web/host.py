"""What the HTTP side asks of the process that it is a part of."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine

from config.settings import Settings
from sync.report import RunReport

BUCKETS_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""Upper bounds of the buckets of durations; a last one has no bound."""
BECAME = ("new", "changed", "unchanged", "vanished", "held", "quarantined", "skipped", "masked", "erased")
"""What may become of a row, as a stream's report counts it."""


@dataclass(slots=True)
class Durations:
    """How long runs took: how many by bucket, and the sum in seconds."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.buckets[bisect_left(BUCKETS_S, seconds)] += 1
        self.total_s += seconds


@dataclass(slots=True)
class Totals:
    """What this process has done since it began; every change under `lock`.

    `runs`: by (source, outcome). `rows`: by (source, stream, what became of them: `BECAME`). `requests`: by (source,
    class of status: `2xx` … `5xx`, `none` where no answer came). `retries`, `waited_s` (seconds) and `durations`: by
    source. `events`: deliveries by (source, what became of them).
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    waited_s: dict[str, float] = field(default_factory=dict)
    durations: dict[str, Durations] = field(default_factory=dict)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add_run(self, report: RunReport) -> None:
        """Take the numbers of a run that has ended."""
        took = (report.finished_at - report.started_at).total_seconds() if report.finished_at else 0.0
        with self.lock:
            for name, source in report.sources.items():
                self.runs[name, source.outcome] += 1
                self.retries[name] += source.retries
                self.waited_s[name] = self.waited_s.get(name, 0.0) + source.waited_s
                self.durations.setdefault(name, Durations()).add(max(0.0, took))
                for status, number in source.statuses.items():
                    self.requests[name, status] += number
                for stream, counts in source.streams.items():
                    for became in BECAME:
                        self.rows[name, stream, became] += getattr(counts, became)

    def add_event(self, source: str, outcome: str, number: int = 1) -> None:
        """Count deliveries."""
        with self.lock:
            self.events[source, outcome] += number


class Host(Protocol):
    """The daemon, as the HTTP side sees it. Every member may be asked from any thread and answers at once."""

    engine: Engine
    totals: Totals

    @property
    def settings(self) -> Settings:
        """The settings as last read."""
        ...

    @property
    def running(self) -> tuple[str, ...]:
        """Sources that are being pulled now."""
        ...

    @property
    def parts(self) -> Mapping[str, bool]:
        """Which parts of the process are alive: `scheduler`, `runner`, `inbox`."""
        ...

    def event_arrived(self) -> None:
        """A delivery is on disk."""
        ...
