"""The registry is a function (invariants 2, 3 and 9): a full rebuild gives what grew, ids included."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.engine import make_engine
from sync.decisions import UnknownError
from sync.reconcile.model import Model, shipped
from tests.sync.engine import SOURCES, Registry
from tests.tables import again
from tests.trying import examples

FIRST = (*["Maija"] * 6, "Kaisa-Liisa", "Kaisa", "Östen", "Osten", "Mikko", "Miko", None)
LAST = ("Testaaja", "Äijälä", "Maija", None)
PHONES = tuple(f"+35840000010{n}" for n in range(2))
EMAILS = ("a@example.com", "A+sale@example.com", "m.a@gmail.com", "ma@gmail.com")

# Few people and few contacts, most of them of one first name: chains and breaks of chains are what must be met.
payloads = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(FIRST),
        "last_name": st.sampled_from(LAST),
        "phone": st.sampled_from(PHONES),
        "email": st.sampled_from(EMAILS),
        "street": st.sampled_from(("Testikatu 1", "Testikatu 1 A", "Mallitie 22")),
        "name": st.sampled_from(("Testaaja Maija", "Maija Testaaja", "Äijälä, Mikko")),
        "email_marketing": st.sampled_from((True, False, None)),
    },
)
references = st.tuples(st.sampled_from(SOURCES), st.integers(0, 1)).map(lambda pair: f"{pair[0]}:{pair[1]}")
steps = st.one_of(
    st.tuples(st.just("land"), references, payloads),
    st.tuples(st.just("land"), references, payloads),
    st.tuples(st.just("land"), references, payloads),
    st.tuples(st.just("vanish"), references),
    st.tuples(st.just("reconcile"), st.integers(1, 4)),
    st.tuples(st.just("decide"), st.sampled_from(("same", "different")), references, references),
    st.tuples(st.just("split"), references),
    st.tuples(st.just("undo"), st.integers(0, 5)),
    st.tuples(st.just("rematch"), st.sampled_from((("join", 45.0), ("join", 21.0), ("review", 12.0)))),
)


def other_model(threshold: str, score: float) -> Model:
    """The shipped model with another threshold."""
    document = shipped().document
    return Model({**document, "thresholds": {**document["thresholds"], threshold: score}})


class Story:
    """Takes steps; what makes no sense at the time is left out, as a person would get an error."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.landed: set[str] = set()
        self.decisions: list[int] = []

    def take(self, step: tuple[Any, ...]) -> None:
        """One step."""
        with suppress(UnknownError):
            getattr(self, step[0])(*step[1:])

    def land(self, reference: str, payload: dict[str, Any]) -> None:
        source, id_ = reference.split(":")
        self.registry.land(source, {id_: payload})
        self.landed.add(reference)

    def vanish(self, reference: str) -> None:
        if reference in self.landed:
            self.registry.vanish(*reference.split(":"))

    def reconcile(self, part: int) -> None:
        self.registry.reconcile(part)

    def decide(self, verdict: str, a: str, b: str) -> None:
        self.decisions.append(self.registry.decide(verdict, a, b))

    def split(self, reference: str) -> None:
        if any(reference in records for records in self.registry.customers().values()):
            self.decisions.append(self.registry.split(self.registry.customer_of(reference), reference))

    def rematch(self, threshold: tuple[str, float]) -> None:
        self.registry.reconcile()
        self.registry.rematch(other_model(*threshold))

    def undo(self, number: int) -> None:
        if number < len(self.decisions):
            self.registry.undo(self.decisions[number])


@settings(max_examples=examples(25, 1000))
@given(
    people=st.fixed_dictionaries({f"{source}:{id_}": payloads for source in SOURCES for id_ in range(2)}),
    story=st.lists(steps, min_size=8, max_size=20),
    common=st.sampled_from((2, 3, 50)),
)
def test_any_history_gives_what_one_rebuild_gives(
    people: dict[str, dict[str, Any]], story: list[tuple[Any, ...]], common: int, folder: Path
) -> None:
    registry = fresh(folder, common)
    teller = Story(registry)
    for reference, payload in people.items():
        teller.land(reference, payload)
    registry.reconcile()
    for step in story:
        teller.take(step)
    registry.reconcile(part=1)
    grown = registry.snapshot()
    assert registry.difference().records == [], "decided over all at once it is the same"
    tally = registry.rebuild()
    assert registry.snapshot() == grown
    assert (tally.created, tally.merged, tally.split) == (0, 0, 0)
    registry.engine.dispose()


@settings(max_examples=examples(12, 400))
@given(
    people=st.dictionaries(references, payloads, min_size=1, max_size=6),
    common=st.sampled_from((3, 50)),
    data=st.data(),
)
def test_any_order_of_arrival_gives_the_same_people(
    people: dict[str, dict[str, Any]], common: int, data: st.DataObject, folder: Path
) -> None:
    order = data.draw(st.permutations(sorted(people)))
    found = []
    for arrival in (sorted(people), order):
        registry = fresh(folder, common)
        for number, reference in enumerate(arrival):
            source, id_ = reference.split(":")
            registry.land(source, {id_: people[reference]})
            if number % 3 == 0:
                registry.reconcile(part=1)
        registry.reconcile()
        found.append((registry.people(), registry.pairs("review"), registry.pairs("apart")))
        registry.engine.dispose()
    assert found[0][0] == found[1][0]
    assert {frozenset(map(_customer(found[0][0]), pair)) for pair in found[0][1]} == {
        frozenset(map(_customer(found[1][0]), pair)) for pair in found[1][1]
    }


def _customer(people: set[frozenset[str]]) -> Any:
    return lambda record: next(group for group in people if record in group)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds an empty registry to copy: migrating one for each example would take most of the time."""
    folder = tmp_path_factory.mktemp("registries")
    Registry.open(f"sqlite:///{folder / 'empty.db'}").engine.dispose()
    return folder


engine_of = cache(make_engine)


def fresh(folder: Path, common: int) -> Registry:
    """An empty registry, in place of the one before."""
    engine = again(engine_of(f"sqlite:///{folder / 'registry.db'}"), folder / "empty.db")
    return Registry(engine, common=common, origin=1)
