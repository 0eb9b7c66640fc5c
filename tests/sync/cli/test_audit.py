"""`rekisteri audit`: what it says of a chain that is whole, of a broken one, and of who did what."""

import json
from datetime import timedelta

import pytest

from store import audit, tombstones
from store.chain import ERASED, Cause
from store.engine import writing
from tests.sync.cli.conftest import NOW, Desk


@pytest.fixture
def noted(people: Desk) -> Desk:
    """Three looks by three users on three days, the first of which was forgotten since."""
    with writing(people.registry.engine) as connection:
        for days, actor in ((9, "maija"), (5, "pekka"), (1, "maija")):
            person = people.registry.customer_of("salon:both")
            at = NOW - timedelta(days=days)
            audit.note(connection, at, actor, "customers.show", "service", customer_id=person, detail={"customers": 1})
        cause = Cause(ERASED, tombstones.write(connection, "request", NOW, ()))
        audit.empty(connection, [1], NOW, "rekisteri", "register_upkeep", cause=cause)
    return people


def shown(desk: Desk, *words: str) -> list[tuple[int, str]]:
    """Ids and users of the events, without the look itself."""
    return [
        (one["id"], one["actor"])
        for one in desk.json("audit", "show", *words)["events"]
        if one["action"] != "audit.show"
    ]


def tamper(desk: Desk, statement: str) -> None:
    """As somebody who can write to the file."""
    with writing(desk.registry.engine) as connection:
        for name in ("event_update", "event_delete", "event_insert", "payload_update", "payload_insert"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_{name}")
        connection.exec_driver_sql(statement)


def test_a_whole_chain_says_so_and_how_to_be_surer(noted: Desk) -> None:
    head = noted.json("audit", "head")
    assert (head["head"], head["id"]) == (f"4:{head['hash']}", 4)
    assert noted.run("audit", "head").stdout.startswith(f"{head['head']}  ")
    emptied = {"by_erasures": 1, "erasures": 1, "by_retention": 0, "retention_runs": 0}
    whole = {"ok": True, "events": 4, "head": head["head"], "emptied": emptied, "since_head": None, "broken": None}
    assert noted.json("audit", "verify") == whole
    assert noted.json("audit", "verify", "--head", head["head"]) == whole | {"since_head": dict.fromkeys(emptied, 0)}
    said = noted.run("audit", "verify")
    assert (said.exit_code, said.stderr) == (0, "")
    assert f"The chain is whole: 4 events, its head is {head['head']}" in said.stdout
    assert "--head ID:HASH" in said.stdout
    assert "What was said of somebody was deleted from 1 event: 1 by 1 erasure.\n" in said.stdout
    told = noted.run("audit", "verify", "--head", head["head"]).stdout
    assert "Of these, since that head: from no event. Does that fit what you know of?\n" in told
    assert "--head" not in noted.run("audit", "verify", "--head", f"  {head['head'].upper()} ").stdout
    assert noted.json("audit", "head") == head, "to look at the chain is no look at people"


def test_an_empty_chain_has_a_head_too(desk: Desk) -> None:
    assert desk.run("audit", "head").stdout == f"0:{'0' * 64}  nothing was noted yet\n"
    assert desk.json("audit", "verify", "--head", f"0:{'0' * 64}")["ok"]


@pytest.mark.parametrize(
    ("statement", "id_", "what", "says"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE id = 2", 2, "changed", "one of the two was changed"),
        ("DELETE FROM audit_event WHERE id IN (2, 3)", 2, "removed", "events 2 to 3: each is gone"),
        ("UPDATE audit_payload SET customer_id = 'c9' WHERE event_id = 3", 3, "payload_changed", "was not written"),
        ("DELETE FROM audit_payload WHERE event_id = 3", 3, "payload_missing", "no later event says"),
        ("DELETE FROM tombstone", 4, "unfounded", "event 4 says that other events were emptied, by no erasure"),
        ("INSERT INTO audit_payload VALUES (1, 's', NULL, '{}')", 1, "payload_changed", "event 1 says of somebody"),
        ("INSERT INTO audit_payload VALUES (9, 's', NULL, '{}')", 5, "removed", "is gone"),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named(noted: Desk, statement: str, id_: int, what: str, says: str) -> None:
    tamper(noted, statement)
    done = noted.run("audit", "verify", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, done.stderr, found["ok"]) == (1, "", False)
    assert (found["broken"]["id"], found["broken"]["what"]) == (id_, what)
    said = noted.run("audit", "verify")
    assert said.exit_code == 1
    assert says in said.stdout and "docs/operations.md" in said.stdout


def test_events_are_told_by_user_time_and_number(noted: Desk) -> None:
    every = [(1, "maija"), (2, "pekka"), (3, "maija"), (4, "rekisteri")]
    assert shown(noted) == every
    assert shown(noted, "--actor", "maija") == [every[0], every[2]]
    assert shown(noted, "--since", f"{NOW - timedelta(days=6):%Y-%m-%d}") == every[1:]
    assert shown(noted, "--since", f"{NOW - timedelta(days=3):%Y-%m-%dT%H:%M+00:00}") == every[2:]
    assert shown(noted, "--actor", "pekka", "--limit", "1") == [every[1]]
    first = noted.json("audit", "show")["events"][0]
    assert (first["customer_id"], first["detail"], first["purpose"]) == (None, None, "service")
    table = noted.run("audit", "show", "--limit", "99").stdout
    assert "deleted" in table and "events 1, number 1" in table


def test_the_trail_of_a_person_is_theirs_alone_and_the_look_at_it_is_noted_first(noted: Desk) -> None:
    noted.run("customers", "show", "salon:mother")
    noted.run("customers", "export", "--output", str(noted.folder / "all.jsonl"))
    found = noted.json("audit", "show", "--customer", "school:both")
    person = noted.registry.customer_of("school:both")
    assert found["customer_id"] == person
    assert [(one["action"], one["customer_id"]) for one in found["events"]] == [
        ("customers.show", person), ("customers.show", person), ("customers.export", None), ("audit.show", person),
    ]  # fmt: skip
    assert noted.audit()[-1] == ("audit.show", "register_upkeep", person, {"limit": "all"})
    table = noted.run("audit", "show", "--customer", "school:both", "--limit", "1").stdout
    assert "audit.show" in table and "customers.export" not in table


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("verify", "--head", "7"), 2, "--head: is no head"),
        (("verify", "--head", f"x:{'a' * 64}"), 2, "--head: is no head"),
        (("verify", "--head", f"0:{'a' * 64}"), 2, "--head: is no head"),
        (("show", "--since", "yesterday"), 2, "--since: is no time"),
        (("show", "--since", "0001-01-01"), 2, "--since: is more than a hundred years away"),
        (("show", "--limit", "0"), 2, "--limit"),
        (("show", "--limit", "99999999999999999999999"), 2, "--limit"),
        (("show", "--customer", "salon:nobody"), 1, "no customer or record with this id"),
    ],
)
def test_what_cannot_be_shown_is_one_line(noted: Desk, words: tuple[str, ...], status: int, says: str) -> None:
    before = noted.audit()
    done = noted.run("audit", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert says in done.stderr
    assert noted.audit() == before
