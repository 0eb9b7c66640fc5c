"""The register of breaches from the command line: its clocks, and when it may be closed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from config.place import HELSINKI
from tests.sync.cli.conftest import Desk

NOW = datetime.now(HELSINKI)
TEXTS = ("--nature", "an export was sent to a wrong address", "--categories", "customers,Bookings")
KNOWN = ("--consequences", "none came of it", "--measures", "it was deleted there")


def ago(**span: float) -> str:
    """A time as a person in Finland types it."""
    return f"{NOW - timedelta(**span):%Y-%m-%dT%H:%M}"


def begin(desk: Desk, risk: str, discovered: str) -> Any:
    return desk.json("breach", "open", *TEXTS, "--risk", risk, "--discovered", discovered, "--people", "12")


def check(desk: Desk) -> Any:
    return desk.json("status")["health"]["checks"].get("breaches:open")


def test_a_breach_is_closed_only_with_what_it_led_to_and_what_was_done(desk: Desk) -> None:
    begin(desk, "none", ago(hours=2))
    close = ("breach", "close", "1", "--no-notice-reason", "it came back unopened")
    refused = desk.run(*close)
    assert refused.exit_code == 1
    assert "`rekisteri breach update 1 --consequences TEXT --measures TEXT`" in refused.stderr
    desk.json("breach", "update", "1", *KNOWN[:2])
    assert "`rekisteri breach update 1 --measures TEXT`" in desk.run(*close).stderr
    assert check(desk)["status"] == "pass"
    desk.json("breach", "update", "1", *KNOWN)
    assert desk.json(*close)["state"] == "closed"


def test_each_step_says_the_next(desk: Desk) -> None:
    begin(desk, "risk", ago(hours=2))
    told = ("breach", "told", "1", "--whom", "authority", "--at", ago(hours=1))
    assert "Next: rekisteri breach update 1 --consequences TEXT --measures TEXT" in desk.run(*told).stdout
    assert "Once it is dealt with: rekisteri breach close 1" in desk.run("breach", "update", "1", *KNOWN).stdout
    assert desk.run("breach", "close", "1").stdout == "Breach 1 is closed.\n"


def test_a_breach_with_a_risk_is_told_within_72_hours_and_closed(desk: Desk) -> None:
    opened = begin(desk, "risk", ago(hours=2))
    (duty,) = opened["to_tell"]
    due = datetime.fromisoformat(duty["due_at"]) - datetime.fromisoformat(opened["discovered_at"])
    assert (opened["state"], opened["categories"], opened["people"]) == ("open", ["customers", "bookings"], 12)
    assert (duty["whom"], duty["overdue"], due) == ("authority", False, timedelta(hours=72))
    assert (check(desk)["status"], check(desk)["reason"], check(desk)["value"]) == ("warn", "breach", 1)
    assert "the authority must be told" in desk.run("breach", "close", "1").stderr
    desk.json("breach", "told", "1", "--whom", "authority", "--at", ago(hours=1))
    assert check(desk)["status"] == "pass"
    desk.json(
        "breach", "update", "1", "--consequences", "advertising", "--measures", "it was deleted there", "--people", "14"
    )
    closed = desk.json("breach", "close", "1")
    assert (closed["state"], closed["people"], closed["to_tell"]) == ("closed", 14, [])
    assert check(desk) is None
    shown = desk.run("breach", "show", "1").stdout
    assert "Consequences: advertising" in shown and "The authority was told" in shown and "Closed" in shown
    assert "is closed, and stays as it was written" in desk.run("breach", "update", "1", "--people", "1").stderr
    assert desk.audit() == [
        (f"breach.{verb}", "register_upkeep", None, {"breach": 1})
        for verb in ("open", "told", "update", "close", "show")
    ]


def test_whoever_is_late_says_why(desk: Desk) -> None:
    assert begin(desk, "risk", ago(hours=73))["to_tell"][0]["overdue"]
    assert (check(desk)["status"], check(desk)["reason"]) == ("warn", "breach_late")
    assert "should have been told" in desk.run("breach", "list").stdout
    told = ("breach", "told", "1", "--whom", "authority", "--at", ago(minutes=1))
    assert "--reason: is missing" in desk.run(*told).stderr
    assert desk.json(*told, "--reason", "known in full only today")["delay_reason"] == "known in full only today"
    assert "is written down already" in desk.run(*told).stderr


def test_at_a_high_risk_the_people_are_told_too_or_there_is_a_reason_why_not(desk: Desk) -> None:
    begin(desk, "risk", ago(hours=2))
    raised = desk.json("breach", "update", "1", "--risk", "high")
    assert [(duty["whom"], duty["due_at"] is None) for duty in raised["to_tell"]] == [
        ("authority", False),
        ("people", True),
    ]
    told = ("breach", "told", "1", "--whom", "authority", "--at", ago(hours=1))
    assert "--reason: is for an authority that was told later" in desk.run(*told, "--reason", "at once").stderr
    desk.json(*told)
    assert check(desk)["status"] == "warn"
    refused = desk.run("breach", "close", "1")
    assert (refused.exit_code, "the people must be told" in refused.stderr) == (1, True)
    reason = "the disk is encrypted and the key was not with it"
    desk.json("breach", "update", "1", *KNOWN)
    assert desk.json("breach", "close", "1", "--no-notice-reason", reason)["no_notice_reason"] == reason


def test_that_there_is_no_risk_needs_its_reason(desk: Desk) -> None:
    assert begin(desk, "none", ago(hours=99))["to_tell"] == []
    assert check(desk)["status"] == "pass"
    assert "say with --no-notice-reason" in desk.run("breach", "close", "1").stderr
    desk.json("breach", "update", "1", *KNOWN)
    desk.json("breach", "close", "1", "--no-notice-reason", "it came back unopened")
    assert [one["state"] for one in desk.json("breach", "list")["breaches"]] == ["closed"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("open", "--nature", "x", "--categories", "bookins", "--risk", "none", "--discovered", ago(hours=1)), 2,
         "--categories: there is no category of that name; did you mean bookings?"),
        (("open", "--nature", "x", "--categories", ",", "--risk", "none", "--discovered", ago(hours=1)), 2,
         "--categories: is empty; known: customers"),
        (("open", *TEXTS, "--risk", "none", "--discovered", "yesterday"), 2, "--discovered: is no time; write it as"),
        (("open", *TEXTS, "--risk", "none", "--discovered", ago(hours=-1)), 2, "--discovered: is still to come"),
        (("open", *TEXTS, "--risk", "none", "--discovered", ago(hours=2), "--occurred", ago(hours=1)), 2,
         "--occurred: is later than --discovered"),
        (("update", "1"), 2, "nothing was said"),
        (("told", "1", "--whom", "people", "--at", ago(hours=9)), 2, "--at: is before the breach was discovered"),
        (("show", "2"), 1, "there is no breach 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_line(desk: Desk, words: tuple[str, ...], status: int, said: str) -> None:
    begin(desk, "high", ago(hours=3))
    done = desk.run("breach", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert said in done.stderr


def test_without_a_breach_it_says_so(desk: Desk) -> None:
    assert desk.json("breach", "list") == {"breaches": []}
    assert "No breach was ever written down." in desk.run("breach", "list").stdout
