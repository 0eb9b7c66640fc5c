"""Runs the same pull with this program and with dlt, in turn against one sandbox, and prints the ratio.

dlt stands in an environment of its own, `benchmarks/.venv`, which `make bench-peers` sets up.

    python -m benchmarks.peers [--customers 160000] [--repeat 3] [--only dlt]
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import sandbox
from benchmarks.first_load import arguments, sync
from benchmarks.measuring import Result, environment, machine, measure, middle, table
from benchmarks.sandbox import Served

HERE = Path(__file__).parent
FIRST = "first load"

Run = Callable[[str], Result]
"""Does one run of a program, under the name of the run."""


def dlt(program: str, platform: Served, folder: Path, *further: str) -> Run:
    """dlt, merging into a SQLite database of its own."""

    def run(name: str) -> Result:
        command = [
            str(HERE / ".venv/bin/python"),
            str(HERE / "peer_dlt.py"),
            json.dumps(platform.settings),
            str(folder),
        ]
        quiet = environment(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL")
        done = measure([*command, *further], folder, quiet)
        return Result(program, name, json.loads(done.output.splitlines()[-1])["rows"], done.seconds, done.peak_mib)

    return run


def rekisteri(platform: Served, folder: Path) -> Run:
    """This program, into SQLite."""
    configuration = sandbox.configure(folder, platform, "sqlite:///rekisteri.db")
    return lambda name: sync("rekisteri", name, configuration)


def contestants(platform: Served, folder: Path, only: str | None) -> dict[str, Run]:
    """Each program with a folder of its own. Without keys dlt's second run is hopeless, so it does the first alone."""
    folders = {name: folder / name for name in ("rekisteri", "dlt", "dlt without keys")}
    for place in folders.values():
        place.mkdir()
    runs = {
        "rekisteri": rekisteri(platform, folders["rekisteri"]),
        "dlt": dlt("dlt", platform, folders["dlt"], "keys"),
        "dlt without keys": dlt("dlt without keys", platform, folders["dlt without keys"]),
    }
    return {name: run for name, run in runs.items() if only is None or name.startswith(only)}


def repetition(options: argparse.Namespace) -> Iterator[Result]:
    """Every program's first load; a day; every program's second run."""
    with tempfile.TemporaryDirectory() as folder, sandbox.served(options.customers, options.seed) as platform:
        runs = contestants(platform, Path(folder), options.only)
        for run in runs.values():
            yield run(FIRST)
        platform.change(options.share)
        for name, run in runs.items():
            if name != "dlt without keys":
                yield run(f"second run, {options.share:.0%} changed")


def ratios(results: Sequence[Result]) -> Iterator[str]:
    """How many times as fast as the fastest dlt this program is, run by run."""
    for ours in (result for result in results if result.program == "rekisteri"):
        theirs = [r.seconds for r in results if r.run == ours.run and r.program != "rekisteri"]
        if theirs:
            yield f"{ours.run}: {min(theirs) / ours.seconds:.1f} times as fast as dlt"


def main() -> None:
    """Measure and print a table."""
    parser = arguments()
    parser.add_argument("--only", choices=["dlt", "rekisteri"], help="measure one program alone")
    options = parser.parse_args()
    results = middle([result for _ in range(options.repeat) for result in repetition(options)])
    print(f"{machine()}; median of {options.repeat}\n")
    print(table(results))
    print("\n".join(ratios(results)))


if __name__ == "__main__":
    main()
