"""Measures a backup and a restore of a whole registry, each as a person starts it, on one database and across.

The registry is loaded from the sandbox first. Then `rekisteri backup`, read back with the identity, and
`rekisteri restore` into each kind of database.

    python -m benchmarks.backup [--customers 160000] [--seed 1] [--postgres]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyrage

from benchmarks import sandbox
from benchmarks.first_load import CUSTOMERS, database, sync
from benchmarks.measuring import environment, machine, measure

ROOT = Path(__file__).parent.parent
START = "from sync.cli import main; main()"


def keys(folder: Path) -> str:
    """The part of a configuration that says to whom backups are encrypted, with a new identity."""
    identity = pyrage.x25519.Identity.generate()
    file = folder / "identity.txt"
    file.write_text(f"{identity}\n")
    return f'\n[backup]\nrecipient = "{identity.to_public()}"\nidentity_file = "{file.name}"\n'


def run(configuration: Path, *words: str) -> tuple[float, float, dict[str, Any]]:
    """Seconds, peak MiB and the report of a command."""
    command = [sys.executable, "-c", START, "--config", str(configuration), *words, "--json"]
    done = measure(command, configuration.parent, environment(PYTHONPATH=str(ROOT)))
    return done.seconds, done.peak_mib, json.loads(done.output)


def measured(options: argparse.Namespace, stack: ExitStack) -> Iterator[tuple[str, float, float, int, float]]:
    """What was done, seconds, peak MiB, rows, MB of the file."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    platform = stack.enter_context(sandbox.served(options.customers, options.seed))
    configuration = sandbox.configure(folder, platform, database(stack, options.postgres))
    sync("rekisteri", "first load", configuration)
    with configuration.open("a") as file:
        file.write(keys(folder))
    backup = folder / "registry.age"
    seconds, peak, report = run(configuration, "backup", str(backup))
    size, rows = report["bytes"] / 1e6, report["rows"]
    kind = "PostgreSQL" if options.postgres else "SQLite"
    yield f"backup of {kind}", seconds, peak, rows, size
    for name, url in (
        ("SQLite", f"sqlite:///{folder / 'restored.db'}"),
        ("PostgreSQL", database(stack, postgres=True)),
    ):
        seconds, peak, report = run(configuration, "restore", str(backup), "--into", url)
        yield f"restore into {name}", seconds, peak, report["rows"], size


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="people at the sandbox platforms")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
    parser.add_argument("--postgres", action="store_true", help="a registry in PostgreSQL, not in SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        results = list(measured(options, stack))
    print(f"{machine()}\n")
    print("| what | rows | MB of the file | seconds | peak MiB |\n| --- | ---: | ---: | ---: | ---: |")
    for what, seconds, peak, rows, size in results:
        print(f"| {what} | {rows:,} | {size:.0f} | {seconds:.1f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
