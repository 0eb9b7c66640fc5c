"""Telling people of data from others, from the command line."""

from typing import Any

import pytest

from tests.privacy.outsiders import arrive
from tests.sync.cli.conftest import Desk

TUOMO = {"first_name": "Tuomo", "last_name": "Toinen", "email": "tuomo@example.com"}
UUSI = {"first_name": "Uuno", "last_name": "Uusi", "email": "uuno@example.com"}
HOW = ("--on", "2026-02-01", "--method", "letter with the notice")


@pytest.fixture
def outsiders(desk: Desk) -> Desk:
    """Tuomo of a third party, landed at the registry's clock, which is long ago; Uuno, of whom nobody knows."""
    arrive(desk.registry, {"tuomo": TUOMO})
    arrive(desk.registry, {"uuno": UUSI}, collected_from="unknown")
    return desk


def check(desk: Desk) -> Any:
    return desk.json("status")["health"]["checks"].get("art14:due")


def test_who_is_overdue_warns_until_they_are_told(outsiders: Desk) -> None:
    found = outsiders.json("indirect", "list")
    (tuomo,), (uuno,) = found["people"], found["unknown"]
    assert (tuomo["name"], tuomo["state"], tuomo["overdue"]) == ("Tuomo Toinen", "to_tell", True)
    assert (tuomo["since"], tuomo["due_on"], tuomo["records"]) == ("2026-01-01", "2026-02-02", ["reseller:tuomo"])
    assert (uuno["name"], uuno["state"], uuno["due_on"]) == ("Uuno Uusi", "unknown", None)
    assert (check(outsiders)["status"], check(outsiders)["value"]) == ("warn", 1)
    assert "should have been told that their data came from others: 1" in outsiders.run("status").stdout
    shown = outsiders.run("indirect", "list").stdout
    assert "to be told by 2.2.2026, overdue" in shown and "From whom is not known" in shown

    done = outsiders.json("indirect", "told", "reseller:tuomo", *HOW)
    assert done == {"customer_id": tuomo["customer_id"], "records": 1}
    assert check(outsiders) is None
    assert outsiders.json("indirect", "list", "--due") == {"people": [], "unknown": []}
    (told,) = outsiders.json("indirect", "list")["people"]
    assert (told["state"], told["told_on"], told["method"]) == ("told", "2026-02-01", "letter with the notice")
    assert [row for row in outsiders.audit() if row[0] != "indirect.list"] == [
        ("indirect.told", "register_upkeep", tuomo["customer_id"], {"records": 1})
    ]
    assert ("indirect.list", "register_upkeep", None, {"customers": 2}) in outsiders.audit()


def test_an_exemption_has_a_letter_and_a_reason(outsiders: Desk) -> None:
    outsiders.json("indirect", "exempt", "reseller:tuomo", "--letter", "a", "--reason", "the partner told them")
    (tuomo,) = outsiders.json("indirect", "list")["people"]
    assert (tuomo["state"], tuomo["exemption"], tuomo["told_on"]) == ("exempt", "a", None)
    assert "exempt, Art. 14(5)(a): the partner told them" in " ".join(outsiders.run("indirect", "list").stdout.split())
    assert check(outsiders) is None


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("told", "reseller:nobody", *HOW), 1, "no customer or record with this id"),
        (("told", "reseller:tuomo", "--on", "2099-01-01", "--method", "letter"), 2, "--on: is still to come"),
        (("told", "reseller:tuomo", "--on", "2026-02-01", "--method", " "), 2, "--method: is empty"),
        (("exempt", "reseller:tuomo", "--letter", "e", "--reason", "x"), 2, "--letter"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(outsiders: Desk, words: tuple[str, ...], status: int, said: str) -> None:
    done = outsiders.run("indirect", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert said in done.stderr


def test_where_everybody_came_themselves_it_says_so(desk: Desk) -> None:
    assert "Nobody's data came from others" in desk.run("indirect", "list").stdout
    assert check(desk) is None
