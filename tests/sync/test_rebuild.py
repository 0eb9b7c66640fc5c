"""The registry is rebuilt when its rules change, and by itself only then."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from store.engine import reading, writing
from store.tables import Link, MatchKey, ReconcileQueue, table
from sync.rebuild import rebuild
from sync.reconcile.candidates import LIMITS
from sync.reconciling import Rules
from tests.sync.engine import SOURCES, Registry

MAIJA = {"first_name": "Maija", "email": "a@example.com", "email_marketing": True}


@pytest.fixture
def people(registry: Registry) -> Registry:
    """A published registry of two records of one person, and somebody else."""
    registry.land("salon", {"1": MAIJA, "2": {"first_name": "Onni"}})
    registry.land("school", {"1": {**MAIJA, "first_name": "Maija", "last_name": "Testaaja", "city": "Oulu"}})
    rebuild(registry.engine, registry.rules, forced=False)
    registry.reconcile()
    return registry


def queued(registry: Registry) -> int:
    with reading(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table(ReconcileQueue))).scalar_one())


def due(registry: Registry, rules: Rules, *, forced: bool = False) -> bool:
    done = rebuild(registry.engine, rules, forced=forced)
    assert queued(registry) == (3 if done else 0)
    return done


def test_nothing_is_rebuilt_before_there_is_anything(registry: Registry) -> None:
    assert not rebuild(registry.engine, registry.rules, forced=False)
    assert not rebuild(registry.engine, registry.rules, forced=True) or queued(registry) == 0


def test_under_the_same_rules_it_is_rebuilt_only_when_asked_for(people: Registry) -> None:
    assert not due(people, people.rules)
    assert due(people, people.rules, forced=True)


@pytest.mark.parametrize(
    "change",
    [
        {"precedence": {"school": 0, "salon": 1, "reseller": 2}},
        {"precedence": {name: place for place, name in enumerate((*SOURCES, "fourth"))}},
        {"grantees": {"salon": "controller"}},
        {"limits": {**LIMITS, "email": 9}},
    ],
    ids=["precedence", "one source more", "grantee", "common"],
)
def test_other_rules_make_a_rebuild_once(people: Registry, change: dict[str, object]) -> None:
    rules = replace(people.rules, **change)  # type: ignore[arg-type]
    assert due(people, rules)
    people.reconcile()
    assert not due(people, rules)


def test_a_change_of_grantee_reaches_what_nobody_sent_again(people: Registry) -> None:
    assert people.golden("salon:1", "marketing.email") == []
    people.grantees = {"salon": "controller"}
    rebuild(people.engine, people.rules, forced=False)
    people.reconcile()
    assert people.golden("salon:1", "marketing.email") == [("granted", "strictest")]


def test_a_rebuild_makes_keys_and_links_anew(people: Registry) -> None:
    right = people.snapshot()
    with writing(people.engine) as connection:
        connection.execute(update(table(MatchKey)).values(current=False))
        connection.execute(update(table(Link)).values(method="wrong", score=1.0))
    people.rebuild()
    assert people.snapshot() == right


def test_a_rebuild_brings_nobody_back_who_vanished(people: Registry) -> None:
    people.vanish("salon", "2")
    people.reconcile()
    before = people.snapshot()
    people.rebuild()
    assert people.snapshot() == before
