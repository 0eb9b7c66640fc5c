"""Whatever people declare, in whatever order, among merges, splits, syncs and rebuilds: a customer's state is never
weaker than the strictest declaration in force, what is published is a function of what is held, and a split gives
everything back (invariants 2 and 7)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sync.reconcile.consent import CHANNELS, GRANTED, STRICTEST_FIRST
from tests.sync.declaring import consent, declare, lift, shown, state
from tests.sync.engine import BRANDS, Registry
from tests.sync.test_engine_properties import Story, folder, fresh, payloads, references
from tests.trying import examples

__all__ = ["folder"]

EXAMPLES = examples(12, 700)
SCOPES = ("direct_advertising", "genealogy")
days = st.integers(0, 5)
brands = st.sampled_from((None, *BRANDS))
acts = st.one_of(
    st.tuples(
        st.just("consent"),
        references,
        st.sampled_from(STRICTEST_FIRST[:3]),
        st.sampled_from(CHANNELS),
        brands,
        days,
        st.booleans(),
    ),
    st.tuples(st.just("objection"), references, st.sampled_from(SCOPES)),
    st.tuples(st.just("restriction"), references),
    st.tuples(st.just("correction"), references, st.sampled_from(("last_name", "emails", "address"))),
    st.tuples(st.just("lift"), st.integers(0, 9)),
)
steps = st.one_of(
    acts,
    acts,
    acts,
    st.tuples(st.just("land"), references, payloads),
    st.tuples(st.just("vanish"), references),
    st.tuples(st.just("reconcile"), st.integers(1, 4)),
    st.tuples(st.just("decide"), st.sampled_from(("same", "different")), references, references),
    st.tuples(st.just("split"), references),
    st.tuples(st.just("undo"), st.integers(0, 5)),
)


class Teller(Story):
    """A story in which people declare things too. `said`, `limits`: consent events, and objections and restrictions,
    that are in force: the records that the customer had then, and what it was."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self.said: dict[int, tuple[frozenset[str], dict[str, Any]]] = {}
        self.limits: dict[int, tuple[frozenset[str], str]] = {}
        self.declared: list[int] = []

    def _company(self, record: str) -> frozenset[str]:
        return frozenset(next((found for found in self.registry.customers().values() if record in found), ()))

    def consent(self, record: str, what: str, channel: str, brand: str | None, ago: int, proven: bool) -> None:
        company = self._company(record)
        if company:
            evidence = "form 7" if proven else None
            id_ = consent(self.registry, record, what, channel=channel, brand=brand, days_ago=ago, evidence=evidence)
            self.declared.append(id_)
            at = (self.registry.clock.timestamp() - ago * 86400, id_)
            told = {"state": what, "channel": channel, "brand": brand, "at": at, "proven": proven}
            self.said[id_] = (company, told)

    def objection(self, record: str, scope: str) -> None:
        self._limit(record, "objection", scope)

    def restriction(self, record: str) -> None:
        self._limit(record, "restriction", None)

    def _limit(self, record: str, kind: str, scope: str | None) -> None:
        company = self._company(record)
        if company:
            id_ = declare(self.registry, record, kind, scope=scope)
            self.declared.append(id_)
            self.limits[id_] = (company, scope or "restricted")

    def correction(self, record: str, field: str) -> None:
        if self._company(record):
            value = ["c@example.com"] if field == "emails" else "Oikea"
            self.declared.append(declare(self.registry, record, "correction", field=field, value=json.dumps(value)))

    def lift(self, number: int) -> None:
        if number < len(self.declared):
            lift(self.registry, self.declared[number])
            self.limits.pop(self.declared[number], None)
            self.said.pop(self.declared[number], None)


def never_weaker(teller: Teller) -> None:
    """What was declared on a record of a customer stands, unless the same person gave consent anew, with evidence."""
    for records in teller.registry.customers().values():
        record = min(records)
        sight = shown(teller.registry, record)
        for company, scope in teller.limits.values():
            if company & records:
                assert sight["restricted"] if scope == "restricted" else scope in sight["objections"]
        for company, told in teller.said.values():
            if told["state"] == GRANTED or not company & records:
                continue
            renewed = any(
                other["state"] == GRANTED
                and other["proven"]
                and other["at"] > told["at"]
                and other["channel"] == told["channel"]
                and (other["brand"] is None or told["brand"] is None or other["brand"] == told["brand"])
                and theirs & records
                for theirs, other in teller.said.values()
            )
            if not renewed:
                found = state(teller.registry, record, told["channel"], told["brand"])
                assert STRICTEST_FIRST.index(found) <= STRICTEST_FIRST.index(told["state"])


def states(registry: Registry) -> dict[str, Any]:
    """Of each record what its customer allows and forbids."""
    return {
        record: {name: shown(registry, record)[name] for name in ("marketing", "objections", "restricted", "fields")}
        for records in registry.customers().values()
        for record in records
    }


@settings(max_examples=EXAMPLES)
@given(
    people=st.fixed_dictionaries({f"{source}:{id_}": payloads for source in ("salon", "school") for id_ in range(2)}),
    story=st.lists(steps, min_size=10, max_size=25),
)
def test_no_history_weakens_what_was_declared(
    people: dict[str, dict[str, Any]], story: list[tuple[Any, ...]], folder: Path
) -> None:
    registry = fresh(folder, 50)
    registry.grantees = {"salon": "controller"}
    teller = Teller(registry)
    for reference, payload in people.items():
        teller.land(reference, payload)
    registry.reconcile()
    for step in story:
        teller.take(step)
    registry.reconcile(part=1)
    event(f"{len(teller.declared) // 5 * 5} declarations or more")
    never_weaker(teller)
    grown = registry.snapshot()
    registry.rebuild()
    assert registry.snapshot() == grown
    registry.engine.dispose()


@settings(max_examples=EXAMPLES)
@given(
    people=st.fixed_dictionaries({"salon:0": payloads, "school:1": payloads}),
    before=st.lists(acts, max_size=8),
)
def test_a_split_gives_everything_back(
    people: dict[str, dict[str, Any]], before: list[tuple[Any, ...]], folder: Path
) -> None:
    registry = fresh(folder, 50)
    teller = Teller(registry)
    for reference, payload in people.items():
        teller.land(reference, payload)
    registry.reconcile()
    for step in before:
        teller.take(step)
    apart = states(registry)
    decision = registry.decide("same", "salon:0", "school:1")
    teller_free = states(registry)
    assert teller_free["salon:0"] == teller_free["school:1"]
    registry.undo(decision)
    assert states(registry) == apart
    registry.engine.dispose()


@pytest.mark.parametrize("record", ["salon:0", "school:1"])
def test_the_properties_would_see_a_state_that_is_too_weak(record: str, folder: Path) -> None:
    registry = fresh(folder, 50)
    teller = Teller(registry)
    teller.land(record, {"first_name": "Maija"})
    registry.reconcile()
    told = {"state": "refused", "channel": "sms", "brand": None, "at": (0, 0), "proven": False}
    teller.said[1] = (frozenset({record}), told)
    with pytest.raises(AssertionError):
        never_weaker(teller)
    registry.engine.dispose()
