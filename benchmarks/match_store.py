"""Measures reconciling in a database: everything at once, a thousand changed records, a single one.

The people of `benchmarks.population` are landed a thousand at a time and reconciled, then decided over all at once as
`rekisteri rematch` does, which must find nothing to change. Then records get another phone and another town, land again
and are reconciled, publishing included.

    python -m benchmarks.match_store [--records 20000] [--seed 1] [--postgres]
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.first_load import database
from benchmarks.match_model import payload_of
from benchmarks.measuring import MAXRSS_PER_MIB, machine
from benchmarks.population import Record, population
from tests.sync.engine import Registry

AT_ONCE = 1_000
SINGLE = 30  # changes of one record, of which the median counts


def payload(record: Record) -> dict[str, Any]:
    """What is known of a record."""
    return {name: value for name, value in payload_of(record).items() if value}


def timed(deed: Callable[[], object]) -> float:
    """Seconds that it took."""
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def land(registry: Registry, records: list[Record], changes: Callable[[int], dict[str, Any]] = lambda _: {}) -> None:
    """Land records, each source by itself; `changes`: what of a record is another than its person says."""
    for source in sorted({record.source for record in records}):
        registry.land(
            source,
            {
                record.external_id: payload(record) | changes(at)
                for at, record in enumerate(records)
                if record.source == source
            },
        )


def change(registry: Registry, records: list[Record], number: int) -> None:
    """The records get another phone and another town; then they are reconciled."""
    land(registry, records, lambda at: {"phone": f"+35850{number + at:07}", "city": f"Testilä {number}"})
    registry.reconcile()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    records = list(population(options.records, options.seed))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database(stack, options.postgres)
        registry = Registry.open(url if options.postgres else f"sqlite:///{folder / 'rekisteri.db'}")
        stack.callback(registry.engine.dispose)
        for start in range(0, len(records), AT_ONCE):
            land(registry, records[start : start + AT_ONCE])
        results = {"first reconcile": timed(registry.reconcile)}
        begun = time.perf_counter()
        if registry.difference().records:
            raise SystemExit("decided over all at once it is not what runs made of it")
        results["everything at once, found right"] = time.perf_counter() - begun
        middle = len(records) // 2
        results["1,000 changed"] = timed(lambda: change(registry, records[middle : middle + AT_ONCE], 1_000_000))
        results["one changed, median"] = median(
            timed(lambda at=at: change(registry, records[at : at + 1], 2_000_000 + at))  # type: ignore[misc]
            for at in range(SINGLE)
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MIB
    kind = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{machine()}; {len(records):,} records in {kind}; peak {peak:.0f} MiB, the people among it\n")
    print("| what | seconds |\n| --- | ---: |")
    for what, seconds in results.items():
        print(f"| {what} | {seconds:.3f} |")


if __name__ == "__main__":
    main()
