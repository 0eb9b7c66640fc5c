"""A whole small world: both platforms on loopback, a configuration file that points at them, one registry."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from config.settings import Settings, load
from connectors.sandbox.app import RateLimit, Sandbox
from connectors.sandbox.people import Population
from store import pairs, registry, status
from store.engine import reading
from store.tables import SourceRecord, table
from sync.run import Wish, run
from sync.sandboxes import Served, serve_all, toml_of
from tests.tables import opened

NOW = datetime.now(UTC)
# Some days back, so that a few steps on nothing is dated in the future, which no platform does either.
TODAY = (NOW - timedelta(days=8)).date()
SINCE = (NOW - timedelta(days=70)).date().isoformat()
# When they were made, not what they say. A link is left out whole: how it was found depends on which record came first.
CLOCKS = frozenset({"retrieved_at", "first_seen_at", "run_id", "decided_at", "observed_at", "created_at", "updated_at"})

Report = dict[str, Any]


def people(seed: int = 1, customers: int = 60, **shape: Any) -> Population:
    """Made-up people whose clock stands a few days back."""
    return Population(seed, customers, today=TODAY, **shape)


@dataclass
class Platforms:
    """Both sandboxes, served once for many tests: stopping a server takes a fifth of a second."""

    stack: ExitStack
    served: Mapping[str, Served]

    @classmethod
    def open(cls, stack: ExitStack) -> "Platforms":
        """Serve them for as long as the stack lasts."""
        return cls(stack, serve_all(stack, people()))

    def calm(self, population: Population) -> None:
        """As if nobody had used them, with these people."""
        for one in self.served.values():
            one.sandbox.set_population(population)
            one.sandbox.rate = RateLimit()
            one.sandbox.faults = ""
            one.sandbox.forget_requests()


@dataclass
class World:
    """One registry over the platforms. `tree` is the configuration; `configure` changes it."""

    folder: Path
    url: str
    platforms: Platforms
    tree: dict[str, Any] = field(default_factory=dict)
    _engine: Engine | None = None

    def __post_init__(self) -> None:
        """Point at both platforms; the salon's history is short, as its people's is."""
        self.tree = {"database": {"url": self.url}}
        for served in self.platforms.served.values():
            self.tree |= served.settings
        self.configure("timma", api={"history_from": SINCE})

    @property
    def thinkific(self) -> Sandbox:
        """The school."""
        return self.platforms.served["thinkific"].sandbox

    @property
    def timma(self) -> Sandbox:
        """The salon."""
        return self.platforms.served["timma"].sandbox

    def configure(self, section: str, **settings: Any) -> None:
        """Change settings of a section; a table is merged, `None` takes a setting away."""
        self.tree[section] = _merged(self.tree.get(section, {}), settings)
        (self.folder / "rekisteri.toml").write_text(toml_of(self.tree), "utf-8")
        (self.folder / "rekisteri.toml").chmod(0o600)

    def by_files(self, **settings: Any) -> Path:
        """Read the salon from an inbox instead; gives the inbox."""
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        self.tree["timma"] = {}
        self.configure("timma", inbox=str(inbox), **settings)
        return inbox

    @property
    def settings(self) -> Settings:
        """The configuration as the program reads it."""
        return load(self.folder / "rekisteri.toml", env={})

    @property
    def engine(self) -> Engine:
        """The database, opened at first use."""
        if self._engine is None:
            self._engine = opened(self.url)
        return self._engine

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def run(self, *sources: str, **wish: Any) -> Report:
        """One run; every stream's numbers must add up, whatever happened."""
        report = run(self.engine, self.settings, Wish(sources=sources, **wish)).as_dict()
        for name, stream in streams(report).items():
            told = sum(stream[count] for count in ("new", "changed", "unchanged", "quarantined"))
            assert stream["fetched"] == told, name
        return report

    def customers(self, *, notes: bool = False) -> list[dict[str, Any]]:
        """The registry as exported."""
        with reading(self.engine) as connection:
            return list(registry.every(connection, registry.View(NOW, notes=notes)))

    def pairs(self, verdict: str = "review") -> list[dict[str, Any]]:
        """Pairs of records that wait for a person (`review`) or note a family (`apart`)."""
        with reading(self.engine) as connection:
            return pairs.pairs(connection, verdict)

    def portrait(self) -> dict[str, Any]:
        """Everything that is known, without ids and times that differ between two histories.

        Which two records of two customers stand for a pair in review depends on which came first; the customers do not.
        """
        stored = table(SourceRecord)
        query = select(
            stored.c.source, stored.c.stream, stored.c.external_id, stored.c.payload, stored.c.vanished_at.is_(None)
        )
        with reading(self.engine) as connection:
            records = sorted(map(tuple, connection.execute(query).all()))
        customers = self.customers()
        known = {customer["id"]: sorted(map(sorted, who_is_who([customer]))) for customer in customers}
        waiting = (sorted(known[pair[end]] for end in ("a_customer", "b_customer")) for pair in self.pairs())
        return {
            "records": records,
            "customers": sorted(map(_timeless, customers), key=repr),
            "review": sorted(waiting),
        }

    def live(self, stream: str) -> set[str]:
        """External ids of a stream's records that have not vanished."""
        stored = table(SourceRecord)
        query = select(stored.c.external_id).where(stored.c.stream == stream, stored.c.vanished_at.is_(None))
        with reading(self.engine) as connection:
            return set(connection.execute(query).scalars())

    def held(self, source: str) -> str | None:
        """Why a source is held."""
        with reading(self.engine) as connection:
            return status.held(connection, source).held_reason

    def ask(self, statement: str, **values: Any) -> list[Any]:
        """Rows of a statement."""
        with reading(self.engine) as connection:
            return list(connection.execute(text(statement), values).all())

    def tell(self, statement: str, **values: Any) -> None:
        """Write behind the program's back."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def customer_of(self, external_id: str) -> dict[str, Any]:
        """The customer that has this record."""
        return next(c for c in self.customers() if external_id in {record["external_id"] for record in c["records"]})


def streams(report: Report) -> dict[str, dict[str, Any]]:
    """The numbers of every stream of a run."""
    return {name: told for source in report["sources"].values() for name, told in source["streams"].items()}


def reasons(report: Report) -> str:
    """All problems of a run, as one text."""
    return "\n".join(problem["reason"] for source in report["sources"].values() for problem in source["problems"])


def who_is_who(customers: Iterable[Mapping[str, Any]]) -> set[frozenset[tuple[str, str]]]:
    """The records of each customer."""
    return {frozenset((record["source"], record["external_id"]) for record in c["records"]) for c in customers}


def _timeless(value: Any) -> Any:
    """An exported customer without its id and without the times of its runs; those that a platform states stay."""
    kept = {name: part for name, part in value.items() if name not in CLOCKS | {"id"}}
    kept["records"] = [
        {name: part for name, part in record.items() if name not in CLOCKS and name != "link"}
        for record in value["records"]
    ]
    kept["fields"] = {
        name: [{key: part for key, part in entry.items() if key not in CLOCKS} for entry in entries]
        for name, entries in value["fields"].items()
    }
    return kept


def _merged(into: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(into)
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = _merged(found.get(name, {}), value) if isinstance(value, Mapping) else value
    return found
