"""Requests from the command line, from receipt to answer."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.place import HELSINKI
from privacy import applying, duedate, requests
from privacy.tasks import OVERTAKEN
from sync.cli.listing import Channel
from sync.cli.requested import Outcome, Type, Way
from tests.sync.cli.conftest import Desk

TODAY = datetime.now(HELSINKI).date()
CODE = "010190-123X"  # an identity code by its shape alone


def ask(desk: Desk, type_: str, customer: str = "salon:both", *words: str) -> str:
    """Open a request; its id as it is typed."""
    done = desk.run("request", "open", "--type", type_, "--customer", customer, *words, "--json")
    return str(json.loads(done.stdout)["id"])


def identified(desk: Desk, type_: str, customer: str = "salon:both") -> str:
    id_ = ask(desk, type_, customer)
    desk.json("request", "identify", id_, "--method", "called back")
    return id_


def refused(desk: Desk, status: int, *words: str) -> str:
    """The one line on standard error of a command that did nothing."""
    before = desk.json("request", "list", "--all")
    done = desk.run(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.output
    assert desk.json("request", "list", "--all") == before
    return done.stderr


def customer(desk: Desk, record: str = "salon:both") -> dict[str, Any]:
    found: dict[str, Any] = desk.json("customers", "show", record)
    return found


def test_an_open_request_has_a_number_and_a_due_date(people: Desk) -> None:
    found = people.json("request", "open", "--type", "access", "--customer", "salon:both")
    assert found.keys() == {
        "id", "type", "customer_id", "channel", "status", "received_at", "due_at", "overdue", "opened_at",
        "identity_method", "identified_at", "extension_reason", "extended_at", "outcome", "justification", "closed_at",
        "package_sha256", "packaged_at", "tasks",
    }  # fmt: skip
    assert (found["id"], found["type"], found["channel"]) == (1, "access", "email")
    assert (found["status"], found["overdue"]) == ("dpv:RequestInitiated", False)
    assert found["received_at"] == TODAY.isoformat()
    assert found["due_at"] == duedate.due(TODAY).isoformat()
    assert found["customer_id"] == people.registry.customer_of("salon:both")
    shown = people.run("request", "open", "--type", "objection", "--customer", found["customer_id"]).stdout
    assert shown.startswith("Request 2 is open. It is due on ")
    assert "rekisteri request apply 2 --scope SCOPE" in shown


def test_a_second_open_request_of_the_same_kind_is_said_and_opened(people: Desk) -> None:
    ask(people, "access")
    words = ("request", "open", "--customer", "school:both", "--type")
    again = people.run(*words, "access")
    assert again.stdout.startswith("Request 2 is open.")
    assert again.stderr == "rekisteri: request 1 of the same person asks for access too, and is open still\n"
    assert people.run(*words, "objection").stderr == ""
    for id_ in ("1", "2"):
        people.json("request", "close", id_, "--outcome", "withdrawn")
    assert people.run(*words, "access").stderr == ""


def test_a_second_check_of_identity_is_said(people: Desk) -> None:
    words = ("request", "identify", ask(people, "access"), "--method")
    assert "before" not in people.run(*words, "called back").stdout
    assert "It was checked before, " in people.run(*words, "passport shown").stdout
    assert people.json("request", "show", "1")["identity_method"] == "passport shown"


def test_a_customer_who_was_merged_away_is_found_by_the_old_id(people: Desk) -> None:
    old = people.registry.customer_of("school:doubt")
    id_ = ask(people, "objection", old)
    people.run("review", "same", "salon:doubt", "school:doubt")
    now = people.registry.customer_of("salon:doubt")
    assert people.json("request", "show", id_)["customer_id"] == now
    assert str(ask(people, "objection", old)) != id_
    people.json("request", "apply", id_, "--scope", "genealogy")
    assert customer(people, "salon:doubt")["objections"] == ["genealogy"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--received", (TODAY + timedelta(days=1)).isoformat()), "--received: is still to come"),
        (("--received", "24.11.2026"), "--received: is no date; write it as 2026-11-24"),
        (("--received", "0001-01-01"), "--received: is more than a hundred years away"),
        (("--channel", "fax"), "'fax' is not one of"),
        (("--type", "forgetting"), "'forgetting' is not one of 'access'"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_in_one_line(people: Desk, words: tuple[str, ...], said: str) -> None:
    assert said in refused(people, 2, "request", "open", "--type", "access", "--customer", "salon:both", *words)


def test_nobody_is_asked_for_who_is_not_there(people: Desk) -> None:
    said = refused(people, 1, "request", "open", "--type", "access", "--customer", "salon:nobody")
    assert "rekisteri customers find" in said and "nobody" not in said


def test_the_list_has_what_is_due_soonest_first_and_marks_what_is_overdue(people: Desk) -> None:
    assert people.run("request", "list").stdout == "No request is open.\n"
    ask(people, "access", "salon:both", "--received", TODAY.isoformat())
    ask(people, "erasure", "school:school", "--received", "2026-01-02", "--channel", "letter")
    closed = ask(people, "objection", "salon:salon", "--received", "2025-12-02")
    people.json("request", "close", closed, "--outcome", "withdrawn")
    found = people.json("request", "list")["requests"]
    assert [(one["id"], one["overdue"]) for one in found] == [(2, True), (1, False)]
    assert [one["id"] for one in people.json("request", "list", "--all")["requests"]] == [2, 1, 3]
    shown = people.run("request", "list").stdout
    assert "2.2.2026, overdue" in shown and "Pekka Kurssi" in shown and shown.count("overdue") == 1


def test_what_is_overdue_turns_health_to_a_warning(people: Desk) -> None:
    id_ = ask(people, "access", "salon:both", "--received", "2026-01-02")
    check = people.json("status")["health"]["checks"]["requests:overdue"]
    assert (check["status"], check["value"], check["reason"]) == ("warn", 1, "overdue")
    said = people.run("status").stdout
    assert "1 request waits past the due date. Answer what is due: `rekisteri request list`." in said
    assert f"request package {id_}" in refused(people, 1, "request", "close", id_, "--outcome", "fulfilled")
    people.json("request", "close", id_, "--outcome", "fulfilled", "--justification", "all was sent on paper")
    assert people.json("status")["health"]["checks"]["requests:overdue"]["status"] == "pass"


def test_a_request_is_extended_once_and_says_the_new_day(people: Desk) -> None:
    id_ = ask(people, "access")
    done = people.json("request", "extend", id_, "--reason", "paper of ten years")
    assert done["due_at"] == duedate.extended(TODAY).isoformat()
    assert (done["status"], done["extension_reason"]) == ("dpv:RequestActionDelayed", "paper of ten years")
    assert "once" in refused(people, 1, "request", "extend", id_, "--reason", "more")
    late = ask(people, "access", "salon:both", "--received", "2026-01-02")
    assert "within the first month" in refused(people, 1, "request", "extend", late, "--reason", "many")


def test_a_correction_needs_an_identity_and_is_undone_by_no_sync(people: Desk) -> None:
    id_ = ask(people, "rectification", "school:school")
    words = ("request", "apply", id_, "--field", "phones", "--value", "040 000 0909", "--value", "+358 50 000 0909")
    assert f"rekisteri request identify {id_}" in refused(people, 1, *words)
    people.json("request", "identify", id_, "--method", "called back")
    done = people.json(*words, "--reason", "a new number")
    assert done["status"] == "dpv:RequestAccepted"
    assert len(done["declarations"]) == 1
    assert [(task["what"], task["done_at"]) for task in done["tasks"]] == [("correct phones", None)]
    assert customer(people, "school:school")["phones"] == ["+358400000909", "+358500000909"]
    told = {"first_name": "Pekka", "last_name": "Kurssi", "email": "pekka@example.com", "phone": "+358400000111"}
    people.registry.land("school", {"school": told})
    people.registry.reconcile()
    assert customer(people, "school:school")["phones"] == ["+358400000909", "+358500000909"]
    assert customer(people, "school:school")["fields"]["phones"][0]["rule"] == "pinned"
    lifted = people.json("request", "lift", id_, "--reason", "the school has the right one now")
    assert lifted["lifted"] == done["declarations"]
    assert customer(people, "school:school")["phones"] == ["+358400000111"]


def test_an_empty_value_takes_a_field_away(people: Desk) -> None:
    id_ = identified(people, "rectification")
    said = people.run("request", "apply", id_, "--field", "address", "--value", "").stdout
    assert said.startswith("That takes the field away: the registry shows no address of the person any more.\n")
    assert customer(people)["address"] is None
    people.json("request", "apply", id_, "--field", "emails", "--value", "")
    assert customer(people)["emails"] == []
    people.json("request", "apply", id_, "--field", "last_name", "--value", "  Uusi   Nimi ")
    assert customer(people)["last_name"] == "Uusi Nimi"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phones", "0987", "--value: is no phone number"),
        ("emails", "maija(at)example.com", "--value: is no e-mail address"),
        ("name", "   ", '--value: is blank; say what is right, or give "" to take the field away'),
        ("name", f"Maija {CODE}", "--value: holds a personal identity code"),
        ("nmae", "Maija", "--field: no such field; did you mean name?"),
    ],
)
def test_a_value_that_cannot_be_is_refused_without_being_quoted(
    people: Desk, field: str, value: str, said: str
) -> None:
    id_ = identified(people, "rectification")
    found = refused(people, 2, "request", "apply", id_, "--field", field, "--value", value)
    assert said in found and value not in found


def test_an_objection_and_a_withdrawal_need_no_identity(people: Desk) -> None:
    people.json("request", "apply", ask(people, "objection"), "--scope", "all")
    assert customer(people)["objections"] == sorted(applying.SCOPES)
    id_ = ask(people, "withdrawal")
    people.json("request", "apply", id_, "--channel", "sms")
    assert customer(people)["marketing"] == {"email": "unknown", "sms": "withdrawn"}
    people.json("request", "apply", id_)
    assert customer(people)["marketing"] == {"email": "withdrawn", "sms": "withdrawn"}


def test_a_restriction_holds_until_it_is_lifted_also_of_a_closed_request(people: Desk) -> None:
    id_ = identified(people, "restriction")
    people.json("request", "apply", id_)
    people.json("request", "close", id_, "--outcome", "fulfilled")
    assert customer(people)["restricted"] is True
    (held,) = people.json("request", "show", id_)["in_force"]
    assert (held["kind"], held["what"]) == ("restriction", "restriction")
    assert people.run("request", "lift", id_, "--reason", "settled").stdout.startswith("1 declaration of request")
    assert customer(people)["restricted"] is False
    assert people.json("request", "show", id_)["in_force"] == []
    assert "nothing is in force" in refused(people, 1, "request", "lift", id_, "--reason", "again")


def test_whoever_was_told_of_what_is_lifted_is_told_of_its_end(people: Desk) -> None:
    id_ = identified(people, "restriction")
    people.json("request", "apply", id_)
    people.json("request", "task-done", id_, "1", "--proof", "done in the calendar")
    said = people.run("request", "lift", id_, "--reason", "settled").stdout
    assert "The person is told before a restriction ends (GDPR Art. 18(3))" in said
    assert "Still to do at Thinkific Labs Inc.: end the restriction (task" in said
    tasks = people.json("request", "tasks", id_)["tasks"]
    restrict, end = "restrict the use of the data", "end the restriction"
    assert [(one["what"], one["done_at"] is None) for one in tasks] == [(restrict, False), (end, True)]
    people.json("request", "apply", id_)
    tasks = people.json("request", "tasks", id_)["tasks"]
    assert [(one["what"], one["done_at"] is None) for one in tasks[1:]] == [(end, False), (restrict, True)]
    assert tasks[1]["proof"] == OVERTAKEN


def test_what_the_owner_must_do_besides_is_said(people: Desk) -> None:
    people.run("request", "open", "--type", "objection", "--customer", "salon:both")
    applied = people.run("request", "apply", "1", "--scope", "all").stdout
    assert "Where a platform sends messages by itself, enter it there too" in applied
    people.run("request", "open", "--type", "access", "--customer", "salon:both")
    refusal = people.run("request", "close", "2", "--outcome", "refused", "--justification", "asked twice").stdout
    assert "that they may complain to the supervisory authority (GDPR Art. 12(4))" in refusal


def test_tasks_are_listed_and_done_with_a_proof_also_after_the_answer(people: Desk) -> None:
    id_ = identified(people, "rectification")
    assert people.run("request", "tasks", id_).stdout == f"Request {id_} has no tasks.\n"
    shown = people.run("request", "apply", id_, "--field", "last_name", "--value", "Oikea").stdout
    assert "Still to do at Thinkific Labs Inc.: correct last_name (task 1)" in shown
    shown = people.run("request", "close", id_, "--outcome", "fulfilled").stdout
    assert "1 task still to do" in shown
    done = people.json("request", "task-done", id_, "1", "--proof", "a mail")
    assert [(task["proof"], task["done_at"] is None) for task in done["tasks"]] == [("a mail", False)]
    assert people.json("request", "tasks", id_) == {"request": int(id_), "tasks": done["tasks"]}
    assert "a mail" in people.run("request", "tasks", id_).stdout
    assert "no task 1 to do" in refused(people, 1, "request", "task-done", id_, "1", "--proof", "again")


def test_what_is_closed_is_not_changed(people: Desk) -> None:
    id_ = ask(people, "withdrawal")
    assert "--justification" in refused(people, 2, "request", "close", id_, "--outcome", "refused")
    done = people.json("request", "close", id_, "--outcome", "refused", "--justification", "nobody can tell who asks")
    assert (done["status"], done["outcome"]) == ("dpv:RequestRejected", "refused")
    for words in (
        ("apply",),
        ("identify", "--method", "x"),
        ("extend", "--reason", "x"),
        ("close", "--outcome", "fulfilled"),
    ):
        assert "was closed on" in refused(people, 1, "request", words[0], id_, *words[1:])


@pytest.mark.parametrize("type_", ["access", "portability", "erasure"])
def test_what_apply_does_not_do_is_said(people: Desk, type_: str) -> None:
    id_ = identified(people, type_)
    way = f"rekisteri request {'erase' if type_ == 'erasure' else 'package'} {id_}"
    assert way in refused(people, 1, "request", "apply", id_)


@pytest.mark.parametrize(
    "words",
    [
        ("identify", "--method", CODE),
        ("extend", "--reason", f"asked as {CODE}"),
        ("close", "--outcome", "refused", "--justification", CODE),
        ("identify", "--method", "  "),
    ],
)
def test_a_text_says_something_and_holds_no_identity_code(people: Desk, words: tuple[str, ...]) -> None:
    id_ = ask(people, "access")
    said = refused(people, 2, "request", words[0], id_, *words[1:])
    assert CODE not in said
    assert words[-2] in said


def test_one_request_shows_its_whole_life(people: Desk) -> None:
    id_ = identified(people, "rectification")
    people.run("request", "apply", id_, "--field", "last_name", "--value", "Oikea")
    people.run("request", "close", id_, "--outcome", "partly_fulfilled", "--justification", "the rest is right")
    found = people.json("request", "show", id_)
    assert [(step["what"], step["status"]) for step in found["steps"]] == [
        ("open", "dpv:RequestInitiated"),
        ("identify", "dpv:RequestRequiredActionPerformed"),
        ("apply", "dpv:RequestAccepted"),
        ("close", "dpv:RequestFulfilled"),
    ]
    shown = people.run("request", "show", id_).stdout
    for said in ("rectification, partly fulfilled", "called back", "the rest is right", "correct last_name", "Maija"):
        assert said in shown
    assert "no request 99" in refused(people, 1, "request", "show", "99")


def test_every_act_and_look_is_audited_without_what_was_said(people: Desk) -> None:
    id_ = identified(people, "rectification")
    people.run("request", "apply", id_, "--field", "last_name", "--value", "Oikea", "--reason", "a slip")
    people.run("request", "show", id_)
    people.run("request", "list")
    mine = people.registry.customer_of("salon:both")
    about = {"request": int(id_)}
    assert people.audit() == [
        ("request.open", "register_upkeep", mine, about),
        ("request.identify", "register_upkeep", mine, about),
        ("request.apply", "register_upkeep", mine, about),
        ("request.show", "register_upkeep", mine, about),
        ("request.list", "register_upkeep", None, {"requests": 1}),
    ]


def test_the_words_of_the_options_are_those_of_the_rules() -> None:
    assert tuple(Type) == requests.TYPES
    assert tuple(Outcome) == requests.OUTCOMES
    assert tuple(Channel) == applying.CHANNELS
    assert json.dumps(list(Way)) == '["email", "phone", "letter"]'
