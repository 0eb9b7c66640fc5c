"""Runs the daemon for minutes on platforms that fail and change, and says whether everything held; 1 where not.

python -m benchmarks.soak [--minutes 10] [--seed 1] [--customers 400] [--postgres] [--kill]
        [--folder DIR]
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.daemon import HEAD, line
from benchmarks.first_load import database
from benchmarks.measuring import machine
from benchmarks.soak import platforms, truth
from benchmarks.soak.bustle import Soak
from benchmarks.soak.program import Installation, free_port
from benchmarks.soak.watching import levels
from store.engine import make_engine

CUSTOMERS = 400
FAULTS = "1/10"


def main() -> int:
    """Soak, then print what was seen and what did not hold."""
    options = _arguments().parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        url = _database(stack, folder, options.postgres)
        world = platforms.world(stack, options.seed, options.customers)
        installation, port = Installation(folder), free_port()
        installation.configure(world, url, port)
        world.faults(FAULTS)
        # Set up by the first start, whose first load is a part of the soak.
        daemon = installation.start(port)
        engine = make_engine(url)
        stack.callback(engine.dispose)
        soak = Soak(world, installation, daemon, engine, random.Random(options.seed))
        soak.begin()
        soak.bustle(options.minutes, options.kill)
        soak.settle()
        stopped_s = installation.stop(soak.daemon)
        fresh = Installation(folder / "fresh")
        fresh.folder.mkdir()
        fresh.configure(world, _database(stack, fresh.folder, options.postgres), port)
        breaches = [
            *_seen(soak),
            *truth.breaches(world, installation, fresh, engine),
            *installation.wrong,
            *fresh.wrong,
        ]
        kind = "PostgreSQL" if options.postgres else "SQLite"
        print(f"{machine()}; {options.minutes:g} minutes, seed {options.seed}, {kind}\n")
        _tell(soak, stopped_s)
    print("Nothing was amiss." if not breaches else f"{len(breaches)} things did not hold:")
    print("\n".join(f"- {breach}" for breach in breaches))
    return 1 if breaches else 0


def _database(stack: ExitStack, folder: Path, postgres: bool) -> str:
    return database(stack, postgres).replace("sqlite:///", f"sqlite:///{folder.resolve()}/")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.soak", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1, help="draws the people, the faults and what happens")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    parser.add_argument("--kill", action="store_true", help="kill the daemon in the middle, and start it again")
    parser.add_argument("--folder", type=Path, help="work in this empty folder, and leave everything there")
    return parser


def _seen(soak: Soak) -> Iterator[str]:
    """What did not hold while it went on, by what is known from outside."""
    yield from soak.wrong
    yield from soak.answers.wrong
    yield from (f"{path} was not answered {number} times" for path, number in soak.answers.none.items())
    yield from (
        f"{level.name} went from {level.before:.1f} to {level.after:.1f}"
        for level in levels(soak.samples)
        if not level.stays
    )
    if refused := {status: n for status, n in soak.world.sent.items() if status.startswith("4")}:
        yield f"deliveries were refused: {refused}"
    if soak.world.due:
        yield f"{len(soak.world.due)} deliveries did not arrive"
    said = soak.installation.log()
    yield from (f"the daemon's log has {words!r}" for words in ("Traceback", "nobody foresaw") if words in said)
    people = soak.world.people.people
    if named := {email for person in people for email in person.emails if email in said}:
        yield f"the daemon's log names {len(named)} e-mail addresses"


def _tell(soak: Soak, stopped_s: float) -> None:
    print(HEAD)
    for path, seconds in sorted(soak.answers.seconds.items()):
        print(line(path, seconds))
    if soak.deliveries:
        print(line("delivery answered", soak.deliveries))
    print("\n| figure | after warming up | at the end |\n| --- | ---: | ---: |")
    for level in levels(soak.samples):
        print(f"| {level.name} | {level.before:.1f} | {level.after:.1f} |")
    most = max((sample.rss_kib for sample in soak.samples), default=0) / 1024
    print(f"\nMost memory: {most:.0f} MiB; stopped in {stopped_s:.1f} s")
    for what, counted in (
        ("happened", soak.world.happened),
        ("deliveries", soak.world.sent),
        ("commands", soak.installation.said),
        ("answers", {f"{path} {status}": n for (path, status), n in soak.answers.statuses.items()}),
        ("faults", {f"{name} {kind}": n for name, told in soak.faulted().items() for kind, n in told.items()}),
        ("runs", soak.runs()),
    ):
        print(f"{what}: {', '.join(f'{name} {number}' for name, number in sorted(counted.items()))}")
    print()


if __name__ == "__main__":
    sys.exit(main())
