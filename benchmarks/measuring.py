"""Runs a command in a process of its own, and says how long it took and how much memory it ever held."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

# `ru_maxrss` counts KiB on Linux, bytes on macOS (getrusage(2) of either).
MAXRSS_PER_MIB = 1024 * 1024 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Measure:
    """One run of a command: wall seconds, peak resident memory in MiB, exit status, what it printed.

    The peak is never below that of the measuring process, which a child inherits at fork: so the harness stays small.
    """

    seconds: float
    peak_mib: float
    status: int
    output: str


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measure:
    """Run a command to its end. Its log goes to `stderr.txt` in the folder. Raises `RuntimeError` where it failed."""
    with (folder / "stderr.txt").open("w") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)  # waited for here, so Popen must not wait again
    process.stdout.close()
    if process.returncode:
        last = (folder / "stderr.txt").read_text()[-2000:]
        raise RuntimeError(f"{command[0]} ended with {process.returncode}\n{output[-2000:]}\n{last}")
    return Measure(seconds, usage.ru_maxrss / MAXRSS_PER_MIB, process.returncode, output)


def environment(**further: str) -> dict[str, str]:
    """The process environment without settings of ours and without proxies, which loopback must not pass."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("REKISTERI_") and not name.lower().endswith("_proxy")
    }
    return kept | further


@dataclass(frozen=True)
class Result:
    """One line of the tables."""

    program: str
    run: str
    rows: int
    seconds: float
    peak_mib: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def middle(results: Iterable[Result]) -> list[Result]:
    """The median of the repetitions of each program and run, figure by figure."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.program, result.run), []).append(result)

    def of(group: list[Result], figure: Callable[[Result], float]) -> float:
        return median(map(figure, group))

    return [
        Result(*name, int(of(group, lambda r: r.rows)), of(group, lambda r: r.seconds), of(group, lambda r: r.peak_mib))
        for name, group in groups.items()
    ]


def table(results: Iterable[Result]) -> str:
    """The results as a Markdown table."""
    head = "| program | run | rows | seconds | rows/s | peak MiB |\n| --- | --- | ---: | ---: | ---: | ---: |\n"
    return head + "".join(
        f"| {r.program} | {r.run} | {r.rows:,} | {r.seconds:.2f} | {r.rate:,.0f} | {r.peak_mib:.0f} |\n"
        for r in results
    )


def machine() -> str:
    """What the figures were measured on, in a line."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
