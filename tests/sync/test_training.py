"""A model learnt from a registry: of its own pairs, names and decisions, and of nobody in particular."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.match_model import payload_of
from benchmarks.population import population
from config.errors import ConfigError
from store.engine import reading
from sync.reconcile.candidates import LIMITS, candidates
from sync.reconcile.features import people_of
from sync.reconcile.frequencies import frequencies
from sync.reconcile.model import COMPARISONS, load_model, shipped
from sync.training import (
    ENOUGH_DECISIONS,
    FEWEST_PAIRS,
    OWN_NAMES,
    Evidence,
    Learnt,
    TooSmallError,
    evidence,
    learn,
    write_model,
)
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TOWN = 640
"""Records that are enough to learn from."""
PHONES = [f"+3584000002{number:02d}" for number in range(100)]


def town() -> dict[str, dict[str, Mapping[str, Any]]]:
    """Made-up people by source and external id."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {"salon": {}, "school": {}}
    for at, record in enumerate(population(TOWN, 5)):
        found["salon" if record.source == "timma" else "school"][str(at)] = payload_of(record)
    return found


def read(registry: Registry) -> Evidence:
    with reading(registry.engine) as connection:
        return evidence(connection, registry.rules.limits)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """What a registry has to learn from."""
    registry = Registry.open(f"sqlite:///{tmp_path_factory.mktemp('town') / 'rekisteri.db'}")
    for source, people in town().items():
        registry.land(source, people)
    registry.reconcile()
    yield read(registry)
    registry.engine.dispose()


@pytest.fixture(scope="module")
def made(found: Evidence) -> Learnt:
    return learn(found, shipped(), NOW)


FEW = dict.fromkeys(range(ENOUGH_DECISIONS - 1), False)
"""Decisions that are one too few to count."""


@pytest.fixture(scope="module")
def again(found: Evidence, made: Learnt) -> Learnt:
    """Learnt from the same registry by its own model, when people have decided a little."""
    return learn(replace(found, told=FEW), made.model, NOW)


def test_every_level_that_can_be_has_an_old_and_a_new_weight(made: Learnt) -> None:
    can_be = {
        comparison: [level for level in levels[1:] if level != "close" or comparison == "address"]
        for comparison, levels in COMPARISONS.items()
    }
    assert {comparison: list(levels) for comparison, levels in made.weights.items()} == can_be
    assert made.weights["first"]["same"]["old"] == shipped().document["weights"]["first"]["same"]
    assert made.weights["first"]["same"]["new"] != made.weights["first"]["same"]["old"]
    assert made.weights["phone"]["same"]["new"] > 0 > made.weights["phone"]["different"]["new"]


def test_a_level_that_hardly_any_pair_has_keeps_its_weight(made: Learnt) -> None:
    assert made.weights["first"]["initial"]["new"] == made.weights["first"]["initial"]["old"]


def test_thresholds_stay_and_the_file_is_a_model(made: Learnt, tmp_path: Path) -> None:
    write_model(made.model, tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    assert model.fingerprint == made.model.fingerprint != shipped().fingerprint
    assert (model.join, model.review, model.version) == (shipped().join, shipped().review, "trained 2026-11-24")
    assert (tmp_path / "model.json").stat().st_mode & 0o777 == 0o600


def test_every_pair_is_one_thing_under_either_model(found: Evidence, made: Learnt) -> None:
    assert [sum(counts.values()) for counts in made.outcomes.values()] == [made.pairs, made.pairs]
    assert made.pairs == len(found.pairs[0]) >= found.contacts >= FEWEST_PAIRS
    assert made.outcomes["new"]["join"] == pytest.approx(made.outcomes["old"]["join"], rel=0.1)


def test_the_same_registry_makes_the_same_model(again: Learnt, made: Learnt) -> None:
    assert again.model.fingerprint == made.model.fingerprint
    assert again.outcomes["old"] == again.outcomes["new"]


def test_decisions_count_where_there_are_enough(found: Evidence, made: Learnt, again: Learnt) -> None:
    assert (again.found, again.used) == (len(FEW), 0)
    enough = learn(replace(found, told=dict.fromkeys(range(ENOUGH_DECISIONS), False)), shipped(), NOW)
    assert (enough.found, enough.used) == (ENOUGH_DECISIONS, ENOUGH_DECISIONS)
    assert enough.weights != made.weights


def test_too_small_a_registry_teaches_nothing(light_registry: Registry) -> None:
    with pytest.raises(TooSmallError, match=f"0 pairs .* {FEWEST_PAIRS} are needed"):
        learn(read(light_registry), shipped(), NOW)


def test_only_decisions_in_force_about_candidate_pairs_are_labels(registry: Registry) -> None:
    registry.land(
        "salon",
        {
            "1": {"first_name": "Maija", "phone": PHONES[0]},
            "2": {"first_name": "Maija", "phone": PHONES[0]},
            "3": {"first_name": "Ville", "phone": PHONES[0]},
            "4": {"first_name": "Onni", "phone": PHONES[1]},
        },
    )
    registry.reconcile()
    registry.decide("same", "salon:1", "salon:4")  # share nothing
    assert read(registry).told == {}
    registry.split(registry.customer_of("salon:1"), "salon:2")
    last = registry.decide("same", "salon:1", "salon:2")
    registry.decide("different", "salon:2", "salon:3")
    found = read(registry)
    assert [tuple(side.tolist()) for side in found.pairs] == [(0, 0, 1), (1, 2, 2)]
    assert found.told == {0: True, 1: False, 2: False}, "customers are told apart with all of their records"
    registry.undo(last)
    assert read(registry).told[0] is False


def test_common_contacts_and_vanished_records_teach_nothing(light_registry: Registry) -> None:
    light_registry.common = 3
    light_registry.land("salon", {id_: {"first_name": "Maija", "phone": PHONES[0]} for id_ in "1234"})
    light_registry.reconcile()
    assert read(light_registry).contacts == 0
    light_registry.vanish("salon", "4")
    assert read(light_registry).contacts == 3


ROWS = [
    *((f"maija|rare{at}", None, None, None, "salon") for at in range(4)),
    *(("onni|harvinainen", None, None, None, "salon") for _ in range(3)),
    ("=korhonen maija", None, None, None, "school"),
]


def test_a_name_is_listed_by_the_people_who_bear_it_not_by_their_records() -> None:
    people = people_of(ROWS)
    by_record = frequencies(people)
    assert by_record["first"]["shares"] == {"maija": 0.625, "onni": 0.375}
    assert by_record["last"]["shares"] == {"harvinainen": 0.375}
    by_person = frequencies(people, np.array([0, 1, 2, 3, 4, 4, 4, 5]), rarest=0.5)
    assert by_person["first"] == {"usual": pytest.approx((25 + 1) / 36, rel=1e-3), "rarest": 0.5,
                                  "shares": {"maija": 0.833}}  # fmt: skip
    assert by_person["last"]["shares"] == {}


def test_a_registry_without_names_has_shares_that_a_model_can_have() -> None:
    assert frequencies(people_of([("|", None, None, None, "salon")]))["first"] == {
        "usual": 3e-6, "rarest": 3e-6, "shares": {},
    }  # fmt: skip


@pytest.mark.parametrize("records", [OWN_NAMES - 1, OWN_NAMES])
def test_names_are_counted_where_the_registry_is_large_enough(records: int) -> None:
    people = people_of(
        (f"first{at % 7}|last{at % 11}", None, None, PHONES[at % 100] if at < 400 else None, "salon")
        for at in range(records)
    )
    pairs = candidates([(people.phones, LIMITS["phone"])])
    found = Evidence(people, np.arange(records), pairs, len(pairs[0]), {})
    made = learn(found, shipped(), NOW)
    assert made.own_names is (records >= OWN_NAMES)
    names = made.model.document["names"]
    if made.own_names:
        assert set(names["first"]["shares"]) == {f"first{at}" for at in range(7)}
        assert names["last"]["rarest"] == pytest.approx(3 / records)
    else:
        assert names == shipped().document["names"]


def test_a_file_that_is_there_is_never_overwritten(made: Learnt, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text("mine")
    with pytest.raises(ConfigError, match=r"--output: .*model\.json is there already"):
        write_model(made.model, path)
    assert path.read_text() == "mine"
    with pytest.raises(ConfigError, match=r"--output: the folder .* is not there"):
        write_model(made.model, tmp_path / "no" / "model.json")
