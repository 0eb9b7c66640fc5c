"""The whole job on made-up people: first run, a day's changes at the platforms, second run.

A platform whose sandbox can write its owner's export files is read from those, since that is what its customers have;
any other is served on loopback. Nothing is asked of the environment, and no network is needed.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from config.errors import ConfigError
from config.layers import FILE_NAME
from config.settings import load
from connectors.sandbox.made import Side
from connectors.sandbox.people import Population
from connectors.sandbox.registered import Platform, platforms
from store import pairs, registry
from store.engine import open_database, reading
from sync.pull import Progress
from sync.run import Wish, no_progress, run
from sync.sandboxes import serve_one, toml_of

LISTS = {Side.SCHOOL: ("accounts", "enrollments", "orders"), Side.SALON: ("clients", "bookings")}
SHARE = 0.05
"""Share of the rows that changes between the two runs."""

Change = Callable[[Population], None]


@dataclass(slots=True)
class Demo:
    """What came of it. `places`: where each platform is read; `changes`: rows new, changed and gone at each."""

    places: dict[str, str] = field(default_factory=dict)
    first: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    second: dict[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] | None = None
    review: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {
            "outcome": "ok" if self.first.get("outcome") == self.second.get("outcome") == "ok" else "partial",
            "platforms": self.places,
            "first_run": self.first,
            "changes": self.changes,
            "second_run": self.second,
            "customer": self.customer,
            "review": self.review,
        }


def play(
    folder: Path, population: Population, stop: Event, progress: Progress = no_progress
) -> Generator[Demo, None, None]:
    """Play the demo in an empty folder; yields after each of its steps, so that it can be told as it goes on."""
    demo = Demo()
    with ExitStack() as stack:
        tellers = _set_up(stack, folder, population, demo)
        settings = load(folder / FILE_NAME, env={})
        engine = open_database(settings.database.url.get_secret_value())
        stack.callback(engine.dispose)
        wish = Wish(stop=stop, progress=progress)
        yield demo
        demo.first = run(engine, settings, wish).as_dict()
        yield demo
        later = population.change(population.step + 1, SHARE)
        for tell in tellers:
            tell(later)
        demo.changes = {name: changes(population, later, platform.SIDE) for name, platform in platforms().items()}
        yield demo
        demo.second = run(engine, settings, wish).as_dict()
        with reading(engine) as connection:
            demo.customer = _known_to_most(registry.every(connection, registry.View(datetime.now(UTC))))
            demo.review = next(iter(pairs.pairs(connection, "review")), None)
        yield demo


def _set_up(stack: ExitStack, folder: Path, population: Population, demo: Demo) -> list[Change]:
    """Serve or write every platform and the configuration that reads them; how to tell each of changes."""
    settings: dict[str, Any] = {}
    tellers = []
    for name, platform in platforms().items():
        place, mine, tell = _by_files(folder, name, platform, population) or _by_http(stack, platform, population)
        demo.places[name] = place
        settings |= mine
        tellers.append(tell)
    _write_private(folder / FILE_NAME, f"# Made by `rekisteri demo`; nobody in it exists.\n{toml_of(settings)}")
    return tellers


def _by_files(
    folder: Path, name: str, platform: Platform, population: Population
) -> tuple[str, dict[str, Any], Change] | None:
    export: Callable[[Population, Path], list[Path]] | None = getattr(platform, "export_files", None)
    if export is None:
        return None
    inbox = folder / f"{name}-inbox"
    inbox.mkdir()
    names = ", ".join(path.name for path in export(population, inbox))
    settings = {section: {"inbox": inbox.name} for section in platform.settings("")}
    return f"export files {names} in {inbox.name}/", settings, lambda later: _rewrite(export, later, inbox)


def _rewrite(export: Callable[[Population, Path], Sequence[Path]], population: Population, inbox: Path) -> None:
    export(population, inbox)


def _by_http(stack: ExitStack, platform: Platform, population: Population) -> tuple[str, dict[str, Any], Change]:
    served = serve_one(stack, platform, population)
    return f"over HTTP at {served.url}", served.settings, served.sandbox.set_population


def _write_private(path: Path, text: str) -> None:
    path.touch(0o600, exist_ok=False)
    path.write_text(text, "utf-8")


def require_empty(folder: Path) -> None:
    """Make the demo's folder. Raises `ConfigError` where something stands in it already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise ConfigError(f"{folder} cannot be used ({error.strerror}); name another folder", "--dir") from None
    if occupied:
        raise ConfigError(f"{folder} is not empty; name a new folder", "--dir")


def changes(before: Population, after: Population, side: Side) -> dict[str, dict[str, int]]:
    """Rows new, changed and gone between two states of a population at one side, by kind of row."""
    return {name: _compared(getattr(before, name), getattr(after, name)) for name in LISTS[side]}


def _compared(before: Sequence[Any], after: Sequence[Any]) -> dict[str, int]:
    """Marked as removed (`deleted_on`) counts as gone."""
    old, new = _live(before), _live(after)
    return {
        "new": len(new.keys() - old.keys()),
        "changed": sum(new[id_] != old[id_] for id_ in new.keys() & old.keys()),
        "gone": len(old.keys() - new.keys()),
    }


def _live(rows: Sequence[Any]) -> Mapping[Any, Any]:
    return {row.id: row for row in rows if getattr(row, "deleted_on", None) is None}


def _known_to_most(customers: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
    """The customer who is known to most sources and did most there."""

    def weight(customer: dict[str, Any]) -> tuple[int, int, int, str]:
        did = [len(customer[name]) for name in ("bookings", "enrollments", "orders")]
        sources = len({record["source"] for record in customer["records"]})
        return sources, sum(map(bool, did)), -abs(sum(did) - 6), customer["name"] or ""

    return max(customers, key=weight, default=None)
