"""`rekisteri demo`: the whole job on sandbox platforms, shown as it goes on."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.person import Card, show_person
from sync.cli.program import DONE, NOT_ALL
from sync.cli.review import person
from sync.cli.running import progress, show_run, stopping
from sync.cli.sandbox import Customers, Seed
from sync.cli.showing import AsJson, document, lines, table

if TYPE_CHECKING:
    from sync.demo import Demo

Folder = Annotated[
    Path | None, typer.Option("--dir", metavar="DIR", help="Keep everything in this new folder; else nothing stays.")
]


def demo(customers: Customers = 300, seed: Seed = 1, folder: Folder = None, as_json: AsJson = False) -> None:
    """See the whole job on made-up people.

    Starts the sandbox platforms on this machine, syncs them, lets a day of changes pass there, syncs again, and
    shows both reports, one customer with the origins of its records, and one pair for review. Needs no credentials
    and no network.

    \b
    Example:
      rekisteri demo
      rekisteri demo --customers 2000 --dir demo-data
    """
    from config.logging import configure
    from connectors.sandbox.people import Population
    from sync.demo import play

    configure("warning")
    stop = threading.Event()
    with _room(folder) as room, stopping(stop), ExitStack() as stack:
        told = stack.enter_context(progress())
        steps = play(room, Population(seed, customers, today=_today()), stop, told)
        stack.callback(steps.close)
        shown = (_tell_places, _tell_first, _tell_changes, _tell_second)
        for step, tell in zip(steps, shown, strict=True):
            if stop.is_set():
                raise typer.Exit(NOT_ALL)
            done = step
            if not as_json:
                tell(done)
    found = done.as_dict()
    if as_json:
        document(found | {"dir": folder and str(folder)})
    else:
        _tell_next(folder, found)
    raise typer.Exit(DONE if found["outcome"] == "ok" else NOT_ALL)


def _today() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC).date()


@contextmanager
def _room(folder: Path | None) -> Iterator[Path]:
    """The folder that was named, else one that is removed at the end."""
    from tempfile import TemporaryDirectory

    from sync.demo import require_empty

    if folder is None:
        with TemporaryDirectory(prefix="rekisteri-demo-") as temporary:
            yield Path(temporary)
        return
    require_empty(folder)
    yield folder.resolve()


def _tell_places(demo: "Demo") -> None:
    lines("Two made-up platforms, nobody in them exists:" if len(demo.places) == 2 else "Made-up platforms:")
    lines(*(f"  {name}: {place}" for name, place in demo.places.items()))
    lines("")


def _tell_first(demo: "Demo") -> None:
    lines("The first run takes everything in.")
    show_run(demo.first)


def _tell_changes(demo: "Demo") -> None:
    table(
        "\nA day passes at the platforms.",
        ("platform", "rows", "new", "changed", "gone or cancelled"),
        [
            (name, kind, counts["new"], counts["changed"], counts["gone"])
            for name, kinds in demo.changes.items()
            for kind, counts in kinds.items()
        ],
        right=("new", "changed", "gone or cancelled"),
    )


def _tell_second(demo: "Demo") -> None:
    from datetime import UTC, datetime

    lines("The second run writes only what changed.")
    show_run(demo.second)
    if demo.customer:
        lines("\nOne customer, known to both: every value names its record, every record its origin.")
        show_person(Card(demo.customer, datetime.now(UTC)), activities=3)
    if demo.review:
        _tell_pair(demo.review)


def _tell_pair(pair: Mapping[str, Any]) -> None:
    table(
        "One pair that waits for a person: doubt joins nobody.",
        ("a", "b", "why"),
        [(person(pair, "a"), person(pair, "b"), "\n".join(pair["reasons"]))],
    )


def _tell_next(folder: Path | None, found: Mapping[str, Any]) -> None:
    if folder is None:
        lines("Nothing of this was kept. `rekisteri demo --dir demo-data` keeps it to look around in.")
    else:
        named = f"rekisteri --config {folder / 'rekisteri.toml'}"
        lines(f"Look around: {named} customers list", f"             {named} review list")
        gone = " and ".join(name for name, place in found["platforms"].items() if "://" in place)
        if gone:
            lines(f"The sandbox of {gone} ended with this command, so a sync would not reach it.")
        lines("To sync by hand: `rekisteri sandbox > rekisteri.toml` in an empty folder serves made-up platforms.")
    lines("Your own platforms: `rekisteri init`, fill in one source, `rekisteri check`, `rekisteri sync`.")
