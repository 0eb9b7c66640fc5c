"""Retention from the command line: rules, the review list, and what goes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from privacy.retention import CATEGORIES
from tests.sync.cli.conftest import NOW, Desk

LAW = "law: Accounting Act 2:10"


def category(desk: Desk, name: str) -> dict[str, Any]:
    found = desk.json("retention", "status")["categories"]
    return next(one for one in found if one["category"] == name)


def old_bookings(desk: Desk) -> None:
    """A rule by which one booking of the conftest is over: the one that was missed nine days ago."""
    desk.json("retention", "set", "bookings", "--after", "5d", "--from", "created", "--basis", "own need")


def test_every_category_is_undefined_until_it_is_set_and_that_is_a_finding(people: Desk) -> None:
    found = people.json("retention", "status")
    assert [one["category"] for one in found["categories"]] == list(CATEGORIES)
    assert {one["state"] for one in found["categories"]} == {"undefined"}
    assert {one["finding"] for one in found["categories"]} == {"the notice sets none"}
    assert {one["over"] for one in found["categories"]} == {0}
    assert (found["undefined"], found["last_run"]) == (len(CATEGORIES), None)
    shown = people.run("retention", "status").stdout
    assert "undefined: the notice sets none" in " ".join(shown.split())
    assert f"{len(CATEGORIES)} findings" in shown


def test_what_was_never_set_is_not_taken_away(people: Desk) -> None:
    said = people.run("retention", "set", "orders", "--after", "undefined")
    assert said.stdout.startswith("How long orders are kept was never set: it is undefined already")
    assert (category(people, "orders")["set_at"], people.audit()) == (None, [])
    assert "may be created or " in " ".join(people.run("retention", "status").stdout.split())


def test_a_rule_says_what_holds_since_when_and_by_whom(people: Desk) -> None:
    set_ = people.json("retention", "set", "orders", "--after", "6y", "--from", "year_end", "--basis", LAW)
    assert (set_["after"], set_["from"], set_["basis"], set_["duty"]) == ("P6Y", "year_end", LAW, True)
    assert set_["state"] == "defined" and set_["finding"] is None and set_["set_at"] and set_["set_by"]
    assert category(people, "orders") == set_ | {"over": 0, "held_back": 0}
    people.json("retention", "set", "orders", "--after", "undefined")
    assert category(people, "orders")["state"] == "undefined"
    assert [row[3] for row in people.audit() if row[0] == "retention.set"] == [
        {"category": "orders", "period": "P6Y", "trigger": "year_end"},
        {"category": "orders", "period": "undefined", "trigger": "created"},
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("booking", "--after", "6y", "--from", "created", "--basis", "x"), "did you mean bookings?"),
        (("bookings", "--after", "six", "--from", "created", "--basis", "x"), "--after: is no period; write it as 6y"),
        (("bookings", "--after", "0d", "--from", "created", "--basis", "x"), "--after: is shorter than a day"),
        (("bookings", "--after", "121y", "--from", "created", "--basis", "x"), "--after: is longer than 120 years"),
        (("bookings", "--after", "6y", "--from", "closed", "--basis", "x"), "known: created, year_end"),
        (("bookings", "--after", "6y", "--basis", "x"), "--from: is missing; known of bookings: created, year_end"),
        (("bookings", "--after", "6y", "--from", "created"), "--basis: is missing"),
        (("bookings", "--after", "6y", "--from", "created", "--basis", " "), "--basis: is empty"),
        (("bookings", "--after", "6y", "--from", "created", "--basis", "010190-123X"), "personal identity code"),
        (("bookings", "--from", "created", "--basis", "x"), "--after"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_in_one_line(people: Desk, words: tuple[str, ...], said: str) -> None:
    done = people.run("retention", "set", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.output
    assert said in done.stderr
    assert category(people, "bookings")["set_at"] is None


def test_a_dry_run_lists_by_id_and_erases_nothing(people: Desk) -> None:
    old_bookings(people)
    customer = people.registry.customer_of("salon:both")
    told = people.json("retention", "run", "--dry-run")
    (one,) = (each for each in told["categories"] if each["over"])
    assert (one["category"], one["over"], one["customers"], len(one["ids"])) == ("bookings", 1, [customer], 1)
    assert one["oldest"] == (NOW - timedelta(days=9)).date().isoformat() or one["oldest"]
    assert told["done"] is None
    assert category(people, "bookings")["over"] == 1
    shown = people.run("retention", "run", "--dry-run").stdout
    assert customer in shown and "Nothing was erased." in shown and "Maija" not in shown


def test_without_a_terminal_nothing_goes_unless_it_is_said(people: Desk) -> None:
    old_bookings(people)
    done = people.run("retention", "run")
    assert done.exit_code == 1 and "`rekisteri retention run --yes`" in done.stderr
    told = people.run("retention", "run", "--json")
    assert told.exit_code == 1 and json.loads(told.stdout)["done"] is None
    assert category(people, "bookings")["over"] == 1


def test_a_run_erases_and_proves_it(people: Desk) -> None:
    old_bookings(people)
    told = people.json("retention", "run", "--yes")
    assert told["done"] == {"counts": {"bookings": 1}, "passed": 0, "parties": []}
    found = people.json("retention", "status")
    assert found["last_run"]["counts"] == {"bookings": 1}
    assert category(people, "bookings")["over"] == 0
    assert [row[3] for row in people.audit() if row[0] == "retention.run"] == [{"bookings": 1}]
    assert people.run("retention", "run", "--yes").stdout == "Nothing is over its time.\n"
    assert "Last run" in people.run("retention", "status").stdout


def test_who_is_held_back_is_named_by_id(people: Desk) -> None:
    old_bookings(people)
    people.json("request", "open", "--type", "access", "--customer", "salon:both")
    told = people.json("retention", "run", "--yes")
    (held,) = told["held_back"]
    assert (held["category"], held["why"]) == ("bookings", "open request")
    assert held["customer_id"] == people.registry.customer_of("salon:both")
    assert told["done"] is None
    assert "open request" in people.run("retention", "run", "--dry-run").stdout
