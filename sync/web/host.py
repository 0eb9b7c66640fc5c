"""What the HTTP side asks of the process that it is a part of."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine

from config.settings import Settings
from sync.report import RunReport


@dataclass(slots=True)
class Totals:
    """What this process has done since it began; every change under `lock`.

    `runs`: by (source, outcome). `rows`: by (source, stream, what became of them: `new`, `changed`, …).
    `requests`: by (source, class of status: `2xx` … `5xx`, `none` where no answer came). `retries`, `waited_s`, `run_s`
    (seconds a source's last runs took, summed): by source. `events`: deliveries by (source, what became of them).
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    waited_s: dict[str, float] = field(default_factory=dict)
    run_s: dict[str, list[float]] = field(default_factory=dict)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add_run(self, report: RunReport) -> None:
        """Take the numbers of a run."""
        raise NotImplementedError

    def add_event(self, source: str, outcome: str) -> None:
        """Count a delivery."""
        with self.lock:
            self.events[source, outcome] += 1


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
