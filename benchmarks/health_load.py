"""Measures how long the daemon's /health takes while the same daemon makes a first load.

python -m benchmarks.health_load [--customers 140000] [--seed 1] [--pause-ms 20] [--postgres]
"""

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks import sandbox
from benchmarks.daemon import HEAD, Daemon, line, running
from benchmarks.first_load import database
from benchmarks.measuring import machine

CUSTOMERS = 140_000
"""Makes some 300,000 rows."""


def is_loaded(daemon: Daemon) -> bool:
    """Whether the source has run to its end."""
    checks = json.loads(daemon.ask("GET", "/health")[2])["checks"]
    return isinstance(checks[f"sync:{sandbox.PLATFORM}:age"][0].get("observedValue"), int | float)


def poll(daemon: Daemon, pause_s: float) -> tuple[list[float], list[float], float]:
    """Seconds of each /health and /livez until the load is done, and the seconds that it took."""
    health: list[float] = []
    live: list[float] = []
    begun = time.monotonic()
    looked = begun
    while True:
        seconds, status, body = daemon.ask("GET", "/health")
        assert status in (200, 503), body
        health.append(seconds)
        live.append(daemon.ask("GET", "/livez")[0])
        time.sleep(pause_s)
        if time.monotonic() - looked > 1:
            looked = time.monotonic()
            if is_loaded(daemon):
                return health, live, time.monotonic() - begun


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="people at the sandbox platform")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
    parser.add_argument("--pause-ms", type=float, default=20, help="pause between two looks")
    parser.add_argument("--postgres", action="store_true", help="into a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        platform = stack.enter_context(sandbox.served(options.customers, options.seed))
        configuration = sandbox.configure(folder, platform, database(stack, options.postgres))
        daemon = stack.enter_context(running(configuration))
        health, live, seconds = poll(daemon, options.pause_ms / 1000)
    print(f"{machine()}; a first load of {seconds:.0f} s meanwhile\n")
    print(HEAD)
    print(line("/health", health))
    print(line("/livez", live))


if __name__ == "__main__":
    main()
