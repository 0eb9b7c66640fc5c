"""What is seen of the daemon from outside: how long it takes to answer, and what it takes of the machine over time."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.daemon import Daemon

GROWTH = 0.10
"""By so much memory may have grown since the first minute."""
SLACK = {"threads": 2, "handles": 8}
"""So many more at rest are no leak: the pool of connections fills by chance, and each to SQLite is two handles."""
PATHS = ("/livez", "/readyz", "/health", "/metrics", "/")


class Sample(NamedTuple):
    """One look at a process. `at_s`: seconds since its start was watched. `rss_kib`: resident memory."""

    at_s: float
    rss_kib: int
    threads: int
    handles: int


def look(pid: int, at_s: float) -> Sample:
    """Read /proc. Raises `OSError` where the process has ended."""
    told = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines() if ":" in line
    )
    handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Sample(at_s, int(told["VmRSS"].split()[0]), int(told["Threads"]), handles)


@dataclass
class Answers:
    """Seconds and statuses of every answer by path; `none`: requests that nobody answered."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    none: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def ask(self, daemon: Daemon, path: str) -> None:
        """One request."""
        try:
            seconds, status, body = daemon.ask("GET", path)
        except OSError:
            self.none[path] += 1
            return
        self.seconds[path].append(seconds)
        self.statuses[path, status] += 1
        if status not in (200, 503) or b"Traceback" in body:
            self.wrong.append(f"{path} was answered with {status}")


class Level(NamedTuple):
    """One figure at the beginning and at the end, and whether it stayed."""

    name: str
    before: float
    after: float
    stays: bool


def window(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """The samples after warming up, and the last ones: a sixth of the time each. Warm is after a minute, or a third."""
    if not samples:
        return [], []
    end = samples[-1].at_s
    warm, part = min(60.0, end / 3), end / 6
    return (
        [sample for sample in samples if warm <= sample.at_s <= warm + part],
        [sample for sample in samples if sample.at_s >= end - part],
    )


def levels(samples: Sequence[Sample]) -> Iterator[Level]:
    """Memory by its median, threads and handles by what is left of them between two runs."""
    before, after = window(samples)
    if not before or not after:
        return
    held, holds = (median(sample.rss_kib for sample in part) / 1024 for part in (before, after))
    yield Level("memory, MiB", held, holds, holds <= held * (1 + GROWTH))
    for name in ("threads", "handles"):
        had, has = (min(getattr(sample, name) for sample in part) for part in (before, after))
        yield Level(f"{name} at rest", had, has, has <= had + SLACK[name])
