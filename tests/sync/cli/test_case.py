"""Cases and contacts from the command line."""

import json
from typing import Any

import pytest

from tests.sync.cli.conftest import Desk

CLAIM = ("--type", "claim", "--channel", "letter", "--subject", "wants 60 euros back")
FEEDBACK = ("--type", "feedback", "--channel", "web", "--subject", "nice")
CALL = ("--channel", "phone", "--direction", "in", "--summary", "asked for a later time")
CODE = "010190-123O"
"""The shape of an identity code; its check character occurs in none."""


def opened(desk: Desk, *words: str, customer: str | None = "salon:both", stdin: bytes | None = None) -> dict[str, Any]:
    whose = ("--customer", customer) if customer else ()
    found: dict[str, Any] = desk.json("case", "open", *words, *whose, stdin=stdin)
    return found


def test_a_case_has_the_members_of_the_contract_and_its_person_is_of_today(people: Desk) -> None:
    done = opened(people, *CLAIM, "--received", "2026-01-02", "--brand", "hieromo", customer="school:both")
    assert list(done) == [
        "id", "type", "state", "hold", "customer_id", "brand", "channel", "received_at", "subject", "answer", "outcome",
        "reopen_reason", "opened_at", "answered_at", "reopened_at", "closed_at", "opened_by", "answered_by",
        "reopened_by", "closed_by",
    ]  # fmt: skip
    assert (done["customer_id"], done["received_at"]) == (people.registry.customer_of("salon:both"), "2026-01-02")
    assert (done["state"], done["hold"], done["brand"]) == ("open", True, "hieromo")
    people.registry.split(done["customer_id"], "school:both")
    assert people.json("case", "show", "1")["customer_id"] == people.registry.customer_of("school:both")


def test_a_claim_holds_and_feedback_does_not_unless_somebody_says_otherwise(people: Desk) -> None:
    ways = [opened(people, *words) for words in (CLAIM, FEEDBACK, (*CLAIM, "--no-hold"), (*FEEDBACK, "--hold"))]
    assert [one["hold"] for one in ways] == [True, False, False, True]
    assert "holds back an erasure" in people.run("case", "open", *CLAIM).stdout
    assert "holds back" not in people.run("case", "open", *FEEDBACK).stdout


def test_its_life_is_told_and_listed(people: Desk) -> None:
    opened(people, *CLAIM)
    opened(people, *FEEDBACK, customer=None)
    assert people.run("case", "answer", "1", "--text", "paid on 2.3.").exit_code == 0
    shown = people.run("case", "list").stdout
    assert all(text in shown for text in ("Maija Äijälä", "answered, holds", "nobody in the registry", "nice"))
    people.run("case", "close", "1")
    assert [one["id"] for one in people.json("case", "list")["cases"]] == [2]
    assert [one["id"] for one in people.json("case", "list", "--all")["cases"]] == [1, 2]
    people.run("case", "reopen", "1", "--reason", "it did not arrive")
    card = people.run("case", "show", "1").stdout
    assert all(text in card for text in ("paid on 2.3.", "it did not arrive", "wants 60 euros back", "open, holds"))
    assert people.json("case", "show", "1")["state"] == "open"
    lives = [card.index(f"\n{what} ") for what in ("Answered", "Closed", "Reopened")]
    assert lives == sorted(lives), "in the order of time"


def test_a_text_may_come_from_standard_input_and_stands_on_one_line(people: Desk) -> None:
    text = ("--type", "claim", "--channel", "letter", "--subject", "-")
    assert opened(people, *text, stdin=b"hieronta sattui,\n haluan rahat  takaisin\n")["subject"] == (
        "hieronta sattui, haluan rahat takaisin"
    )
    assert people.json("case", "answer", "1", "--text", "-", stdin=b"paid")["answer"] == "paid"
    added = people.json("contact", "add", "salon:both", *CALL[:4], "--summary", "-", stdin=b"\xffcalled\x00")
    assert people.json("contact", "list", "salon:both")["timeline"][-1]["text"] == "\ufffdcalled"
    assert added["not_allowed"] is None
    assert people.run("case", "open", *text, stdin=b" \n").exit_code == 2


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("case", "open", *CLAIM, "--customer", "salon:nobody"), 1, "customers find"),
        (("case", "open", *CLAIM, "--customer", ""), 1, "customers find"),
        (("case", "open", *CLAIM, "--brand", "none"), 2, "--brand: "),
        (("case", "open", *CLAIM, "--received", "2099-01-01"), 2, "--received: is still to come"),
        (("case", "open", *CLAIM, "--received", "yesterday"), 2, "--received: is no date"),
        (("case", "open", *CLAIM[:4], "--subject", CODE), 2, "--subject: holds a personal identity code"),
        (("case", "open", *CLAIM[:4], "--subject", " "), 2, "--subject: is empty"),
        (("case", "open", "--type", "praise", *CLAIM[2:]), 2, "--type"),
        (("case", "show", "7"), 1, "no case 7"),
        (("case", "answer", "7", "--text", "x"), 1, "no case 7"),
        (("case", "close", "0"), 2, "CASE"),
        (("case", "reopen", "7", "--reason", ""), 2, "--reason: is empty"),
        (("contact", "add", "salon:nobody", *CALL), 1, "customers find"),
        (("contact", "add", "salon:both", *CALL, "--case", "7"), 1, "no case 7"),
        (("contact", "add", "salon:both", *CALL, "--purpose", "fun"), 2, "--purpose: the register has no purpose fun"),
        (("contact", "add", "salon:both", *CALL, "--brand", "none"), 2, "--brand: "),
        (("contact", "add", "salon:both", *CALL, "--at", "2099-01-01"), 2, "--at: is still to come"),
        (("contact", "list", "salon:nobody"), 1, "customers find"),
    ],
)
def test_what_cannot_be_is_one_line_that_says_what_to_do(
    people: Desk, words: tuple[str, ...], status: int, told: str
) -> None:
    done = people.run(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert told in done.stderr
    assert CODE not in done.stderr
    assert people.audit() == [], "nothing was done"


def test_every_act_and_look_is_audited_without_a_word_of_what_was_written(people: Desk) -> None:
    who = people.registry.customer_of("salon:both")
    opened(people, *CLAIM)
    people.run("contact", "add", "salon:both", *CALL, "--case", "1")
    for words in (
        ("answer", "1", "--text", "paid"),
        ("close", "1"),
        ("reopen", "1", "--reason", "more"),
        ("show", "1"),
    ):
        people.run("case", *words)
    people.run("case", "list")
    people.run("contact", "list", "salon:both")
    opened(people, *FEEDBACK, customer=None)
    claims = "refunds_and_claims"
    assert people.audit() == [
        ("case.open", claims, who, {"case": 1}),
        ("contact.add", claims, who, {"contact": 1, "not_allowed": 0}),
        *((f"case.{act}", claims, who, {"case": 1}) for act in ("answer", "close", "reopen", "show")),
        ("case.list", "register_upkeep", None, {"cases": 1}),
        ("contact.list", "customer_relationship", who, {"moments": 5}),
        ("case.open", "feedback", None, {"case": 2}),
    ]


def test_marketing_that_was_not_allowed_is_kept_and_said_so(people: Desk) -> None:
    mail = ("--channel", "email", "--direction", "out", "--summary", "summer offer")
    done = people.run("contact", "add", "salon:both", *mail, "--purpose", "communication_and_marketing", "--json")
    assert (done.exit_code, done.stderr.count("\n")) == (0, 1)
    assert "it was not allowed: whether they consent is not known" in done.stderr
    assert json.loads(done.stdout)["not_allowed"] == "unknown"
    assert people.audit()[-1][3] == {"contact": 1, "not_allowed": 1}
    assert people.json("contact", "add", "salon:both", *mail, "--purpose", "feedback")["not_allowed"] is None
    assert len(people.json("contact", "list", "salon:both")["timeline"]) == 2


def test_the_line_of_time_is_told_and_of_nobody_that_there_is_nothing(people: Desk) -> None:
    assert "No contact with this customer" in people.run("contact", "list", "salon:salon").stdout
    people.run("contact", "add", "salon:both", *CALL, "--at", "2026-03-02T10:00", "--brand", "hieromo")
    opened(people, *CLAIM, "--received", "2026-03-02")
    found = people.json("contact", "list", "school:both")
    assert [(one["kind"], one["at"], one["direction"]) for one in found["timeline"]] == [
        ("case", "2026-03-02", None), ("contact", "2026-03-02T08:00:00.000Z", "in"),
    ]  # fmt: skip
    shown = people.run("contact", "list", "salon:both").stdout
    assert all(text in shown for text in ("2.3.2026 10.00", "contact 1", "case 1: claim came", "phone, in", "hieromo"))


def test_the_card_shows_open_cases_and_the_latest_contacts(people: Desk) -> None:
    opened(people, *CLAIM)
    opened(people, *FEEDBACK)
    people.run("case", "close", "2")
    for day in range(1, 8):
        summary = ("--channel", "letter", "--direction", "out", "--summary", f"letter {day}")
        people.run("contact", "add", "school:both", *summary, "--at", f"2026-03-0{day}")
    card = people.run("customers", "show", "salon:both").stdout
    assert "open, holds back an erasure" in card
    assert "nice" not in card
    assert "Contacts: 7, the latest 5" in card
    assert [f"letter {day}" in card for day in range(1, 8)] == [False, False, *[True] * 5]
