"""Pairs that wait, and decisions from the command line."""

import pytest

from tests.sync.cli.conftest import Desk


def test_a_pair_shows_both_records_and_why_it_waits(people: Desk) -> None:
    (pair,) = people.json("review", "list")["pairs"]
    assert pair.keys() == {
        "a", "b", "a_customer", "b_customer", "a_record", "b_record", "score", "reasons", "found_at",
    }  # fmt: skip
    assert pair["a_record"] == {
        "source": "salon", "stream": "people", "external_id": "doubt", "name": "Kaisa Epävarma", "email": None,
        "phone": "+358400000104",
    }  # fmt: skip
    assert pair["b_record"]["name"] == "Kaisa-Liisa Epävarma"
    assert "one uses a part of the other's first name" in pair["reasons"]


def test_the_table_says_what_to_type(people: Desk) -> None:
    shown = people.run("review", "list").stdout
    assert "rekisteri review same salon:doubt school:doubt" in shown
    assert "same phone" in shown


def test_families_are_shown_on_demand(people: Desk) -> None:
    (pair,) = people.json("review", "list", "--families")["pairs"]
    assert {pair["a_record"]["name"], pair["b_record"]["name"]} == {"Aino Perhe", "Veikko Perhe"}
    assert "perhaps a family" in pair["reasons"]


def test_the_same_person_becomes_one_customer_at_once(people: Desk) -> None:
    done = people.json("review", "same", "salon:doubt", "school:doubt")
    assert done["customers"] == [people.registry.customer_of("salon:doubt")]
    listed = people.json("review", "list")
    assert listed["pairs"] == []
    (decision,) = listed["decisions"]
    assert (decision["id"], decision["verdict"], len(decision["pairs"])) == (done["decision"], "same", 1)
    records = people.json("customers", "show", "salon:doubt")["records"]
    assert [record["link"]["decided_by"] for record in records] == ["person", "person"]
    assert people.registry.people() > {frozenset(("salon:doubt", "school:doubt"))}


def test_a_pair_decided_different_waits_no_more(people: Desk) -> None:
    pair = people.json("review", "list")["pairs"][0]
    done = people.json("review", "different", pair["a"], pair["b"])
    assert sorted(done["customers"]) == sorted((pair["a_customer"], pair["b_customer"]))
    assert people.json("review", "list")["pairs"] == []


def test_a_split_takes_a_record_out_and_an_undo_puts_it_back(people: Desk) -> None:
    customer = people.registry.customer_of("salon:both")
    done = people.json("review", "split", customer, "school:both")
    assert customer in done["customers"]
    assert len(done["customers"]) == 2
    undone = people.json("review", "undo", str(done["decision"]))
    assert undone["customers"] == [customer]
    assert people.json("review", "list")["decisions"] == []


def test_a_decision_is_told_in_a_line(people: Desk) -> None:
    shown = people.run("review", "same", "salon:doubt", "school:doubt").stdout
    assert shown.startswith("Decision 1: same.")
    assert people.registry.customer_of("salon:doubt") in shown


@pytest.mark.parametrize(
    "words",
    [("same", "salon:doubt", "salon:nobody"), ("different", "x", "y"), ("split", "x", "salon:doubt"), ("undo", "12")],
)
def test_what_is_not_there_is_status_1_in_one_line_and_decides_nothing(people: Desk, words: tuple[str, ...]) -> None:
    done = people.run("review", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert people.json("review", "list")["decisions"] == []
    assert [action for action, *_ in people.audit()] == ["review.list"]


def test_decisions_and_looks_are_audited(people: Desk) -> None:
    people.run("review", "list")
    people.run("review", "same", "salon:doubt", "school:doubt")
    assert people.audit() == [
        ("review.list", "register_upkeep", None, {"pairs": 1}),
        ("review.same", "register_upkeep", None, {"decision": 1}),
    ]
