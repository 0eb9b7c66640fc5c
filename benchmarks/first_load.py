"""Measures a first load, and a second run after a day on which 1 % changed.

Both are whole runs of the program as a person starts them, landed, reconciled and published. Every repetition begins
with a fresh sandbox and an empty database; the figures are medians.

    python -m benchmarks.first_load [--customers 160000] [--seed 1] [--share 0.01] [--repeat 1] [--postgres]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import sandbox
from benchmarks.measuring import Result, environment, machine, measure, middle, table

CUSTOMERS = 160_000
"""Makes some 100,000 users and 200,000 enrollments."""


def arguments() -> argparse.ArgumentParser:
    """Options that all harnesses share."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="people at the sandbox platforms")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
    parser.add_argument("--share", type=float, default=0.01, help="share of the rows that change before the second run")
    parser.add_argument("--repeat", type=int, default=1, help="repetitions, of which the median counts")
    return parser


def fetched(report: str) -> int:
    """Rows that a run read, all streams together, from what `sync --json` printed."""
    streams = [stream for source in json.loads(report)["sources"].values() for stream in source["streams"].values()]
    return sum(int(stream["fetched"]) for stream in streams)


def sync(program: str, run: str, configuration: Path) -> Result:
    """One run of the program."""
    start = "from sync.cli import main; main()"
    command = [sys.executable, "-c", start, "--config", str(configuration), "sync", "--json"]
    done = measure(command, configuration.parent, environment(PYTHONPATH=str(Path(__file__).parent.parent)))
    return Result(program, run, fetched(done.output), done.seconds, done.peak_mib)


def database(stack: ExitStack, postgres: bool) -> str:
    """URL of an empty database that lives as long as the stack."""
    if not postgres:
        return "sqlite:///rekisteri.db"
    from tests.postgres import running

    return stack.enter_context(stack.enter_context(running(careless=False)).database())


def repetition(options: argparse.Namespace) -> Iterator[Result]:
    """First load, a day, second run."""
    program = "rekisteri, PostgreSQL" if options.postgres else "rekisteri, SQLite"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        platform = stack.enter_context(sandbox.served(options.customers, options.seed))
        configuration = sandbox.configure(folder, platform, database(stack, options.postgres))
        yield sync(program, "first load", configuration)
        platform.change(options.share)
        yield sync(program, f"second run, {options.share:.0%} changed", configuration)


def main() -> None:
    """Measure and print a table."""
    parser = arguments()
    parser.add_argument("--postgres", action="store_true", help="into a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    results = [result for _ in range(options.repeat) for result in repetition(options)]
    print(f"{machine()}; median of {options.repeat}\n")
    print(table(middle(results)))


if __name__ == "__main__":
    main()
