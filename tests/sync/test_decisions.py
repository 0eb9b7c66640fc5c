"""Decisions of people win over every rule, for every later run (invariant 9)."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from store.engine import reading
from store.tables import Link, table
from sync.decisions import UnknownError
from tests.sync.engine import Registry

A, B = "a@example.com", "b@example.com"
PHONE = "+358400000101"
ONE = {frozenset({"salon:1", "salon:2"})}
TWO = {frozenset({"salon:1"}), frozenset({"salon:2"})}
REVIEW = {frozenset({"salon:1", "salon:2"})}
ALIKE = {"1": {"first_name": "Maija", "email": A}, "2": {"first_name": "Maija", "email": A}}
DOUBTFUL = {"1": {"first_name": "Ville", "phone": PHONE}, "2": {"first_name": "Vilhelm", "phone": PHONE}}
STRANGERS = {"1": {"first_name": "Maija", "email": A}, "2": {"first_name": "Onni", "email": B}}


def new_evidence(registry: Registry) -> None:
    for id_ in "12":
        registry.land("salon", {id_: {"first_name": "Maija", "email": "c@example.com", "city": "Oulu"}})
    registry.reconcile()


def less_evidence(registry: Registry) -> None:
    registry.land("salon", {"1": {"first_name": "Kerttu"}, "2": {"first_name": "Onni"}})
    registry.reconcile()


def gone_and_back(registry: Registry) -> None:
    registry.vanish("salon", "1")
    registry.reconcile()
    registry.land("salon", {"1": {"first_name": "Maija", "email": A}})
    registry.reconcile()


LATER: tuple[Callable[[Registry], object], ...] = (
    Registry.reconcile,
    Registry.rebuild,
    lambda registry: registry.rebuild(part=1),
    new_evidence,
    less_evidence,
    gone_and_back,
)
NAMES = ("nothing", "a rebuild", "a rebuild in parts", "new evidence", "less evidence", "gone and back")
later = pytest.mark.parametrize("later", LATER, ids=NAMES)


def begin(registry: Registry, people: dict[str, dict[str, str]]) -> Registry:
    registry.land("salon", people)
    registry.reconcile()
    return registry


@later
def test_same_unites_for_ever(light_registry: Registry, later: Callable[[Registry], object]) -> None:
    begin(light_registry, STRANGERS).decide("same", "salon:1", "salon:2")
    assert light_registry.people() == ONE
    later(light_registry)
    assert light_registry.people() == ONE


@later
@pytest.mark.parametrize("people", [ALIKE, DOUBTFUL, STRANGERS], ids=["alike", "doubtful", "strangers"])
def test_different_separates_for_ever_and_is_not_asked_again(
    light_registry: Registry, people: dict[str, dict[str, str]], later: Callable[[Registry], object]
) -> None:
    begin(light_registry, people).decide("different", "salon:1", "salon:2")
    assert light_registry.people() == TWO
    later(light_registry)
    assert light_registry.people() == TWO
    assert light_registry.pairs("review") == light_registry.pairs("apart") == set()


def test_undo_lets_the_rules_judge_again(registry: Registry) -> None:
    begin(registry, ALIKE)
    decision = registry.decide("different", "salon:1", "salon:2")
    assert registry.people() == TWO
    registry.undo(decision)
    assert registry.people() == ONE
    with pytest.raises(UnknownError, match="no decision 1 is in force"):
        registry.undo(decision)


def test_undo_brings_a_doubtful_pair_back(registry: Registry) -> None:
    begin(registry, DOUBTFUL)
    assert registry.pairs() == REVIEW
    same = registry.decide("same", "salon:1", "salon:2")
    assert (registry.people(), registry.pairs()) == (ONE, set())
    registry.undo(same)
    assert (registry.people(), registry.pairs()) == (TWO, REVIEW)
    different = registry.decide("different", "salon:1", "salon:2")
    assert registry.pairs() == set()
    registry.undo(different)
    assert registry.pairs() == REVIEW


def test_the_latest_of_two_decisions_wins_and_the_earlier_is_back_when_it_is_undone(registry: Registry) -> None:
    begin(registry, STRANGERS).decide("same", "salon:1", "salon:2")
    different = registry.decide("different", "salon:1", "salon:2")
    assert registry.people() == TWO
    registry.undo(different)
    assert registry.people() == ONE


def test_customers_called_different_stay_so_whichever_of_their_records_tie_them(registry: Registry) -> None:
    registry.land("salon", {"1": {"first_name": "Maija", "email": A}, "2": {"first_name": "Maija", "email": B}})
    registry.land("school", {"1": {"first_name": "Maija", "email": A}, "2": {"first_name": "Maija", "email": B}})
    registry.reconcile()
    registry.decide("different", registry.customer_of("salon:1"), registry.customer_of("salon:2"))
    registry.land("school", {"1": {"first_name": "Maija", "email": B}})
    registry.reconcile()
    assert registry.people() == {frozenset({"salon:1"}), frozenset({"school:1"}), frozenset({"salon:2", "school:2"})}


@later
def test_a_split_takes_one_record_out_for_ever(light_registry: Registry, later: Callable[[Registry], object]) -> None:
    light_registry.land("school", {"9": {"first_name": "Maija", "email": A}})
    begin(light_registry, ALIKE)
    whole = light_registry.customer_of("salon:1")
    light_registry.split(whole, "salon:2")
    assert light_registry.people() == {frozenset({"school:9", "salon:1"}), frozenset({"salon:2"})}
    assert light_registry.customer_of("salon:1") == whole
    later(light_registry)
    assert light_registry.customer_of("salon:2") not in (
        light_registry.customer_of("salon:1"),
        light_registry.customer_of("school:9"),
    )


def test_a_split_of_the_earliest_record_leaves_it_its_id(registry: Registry) -> None:
    begin(registry, ALIKE)
    whole = registry.customer_of("salon:1")
    registry.split(whole, "salon:1")
    assert registry.customer_of("salon:1") == whole
    assert registry.people() == TWO


def test_a_decision_says_who_decided(registry: Registry) -> None:
    begin(registry, STRANGERS).decide("same", "salon:1", "salon:2")
    link = table(Link)
    with reading(registry.engine) as connection:
        rows = connection.execute(select(link.c.method, link.c.decided_by)).all()
    assert {tuple(row) for row in rows} == {("decision", "person")}


def test_what_makes_no_sense_is_refused(registry: Registry) -> None:
    begin(registry, STRANGERS)
    maija = registry.customer_of("salon:1")
    with pytest.raises(UnknownError, match="no live record or customer salon:7"):
        registry.decide("same", "salon:1", "salon:7")
    for name in ("Maija", "salon:maija@example.com", "salon:Maija Malli"):
        with pytest.raises(UnknownError, match=r"^no live record or customer of this id; search with"):
            registry.decide("same", "salon:1", name)
    with pytest.raises(UnknownError, match="name the same record"):
        registry.decide("different", maija, "salon:1")
    with pytest.raises(UnknownError, match="no customer of this id"):
        registry.split("nobody", "salon:1")
    with pytest.raises(UnknownError, match="has no record salon:2"):
        registry.split(maija, "salon:2")
    with pytest.raises(UnknownError, match="has one record only"):
        registry.split(maija, "salon:1")
    assert registry.people() == TWO
