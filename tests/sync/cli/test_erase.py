"""`rekisteri request erase`: who it asks, what it says, and what is left to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from store import tombstones
from store.engine import reading, writing
from store.erasing import scope, space
from sync.cli.erase_telling import HOLDS
from tests.privacy.searching import everything, forms, in_files, in_tables
from tests.sync.cli.conftest import NOW, Desk

MAIJA = forms("Maija", "Äijälä", "+358400000101", "Maija.Aijala@example.com", "Mallikatu 1")


def ask(desk: Desk, type_: str = "erasure", customer: str = "salon:both") -> str:
    done = desk.run("request", "open", "--type", type_, "--customer", customer, "--json")
    return str(json.loads(done.stdout)["id"])


def refused(desk: Desk, status: int, *words: str) -> str:
    """The one line of a command that did nothing."""
    before = everything(desk.registry.engine)
    done = desk.run(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.output
    assert everything(desk.registry.engine) == before
    return done.stderr


def test_a_person_is_erased_and_the_answer_says_what_is_left_to_do(people: Desk) -> None:
    id_ = ask(people)
    assert in_tables(people.registry.engine, MAIJA)
    done = people.json("request", "erase", id_, "--yes")
    assert (done["status"], done["identity_method"], done["clean"]) == (
        "dpv:RequestAccepted",
        "confirmed with --yes",
        True,
    )
    assert [(task["what"], task["done_at"]) for task in done["tasks"]] == [("delete the person's data", None)]
    assert done["erased"]["records"] == 8
    assert done["erased"]["counts"]["source_record"] == 8
    assert in_tables(people.registry.engine, MAIJA) == {}
    assert in_files(people.folder, MAIJA) == {}
    assert people.run("customers", "show", "salon:both").exit_code == 1
    action, _, customer, detail = people.audit()[-2]
    assert (action, customer, detail) == (
        "request.erase", done["customer_id"], {"records": 8, "request": 1, "tombstone": done["erased"]["tombstone"]},
    )  # fmt: skip
    steps = people.json("request", "show", id_)["steps"]
    assert [step["what"] for step in steps] == ["open", "identify", "erase"]
    people.json("request", "task-done", id_, "1", "--proof", "deleted there on 24.11.")
    assert people.json("request", "close", id_, "--outcome", "fulfilled")["outcome"] == "fulfilled"


def test_every_table_that_may_be_named_is_told_in_words() -> None:
    tables = {*scope.GONE, *scope.WRITTEN, *scope.WHOLE, *scope.NAMES}
    assert HOLDS.keys() == {one.__tablename__ for one in tables}


def test_it_is_told_in_words_too(people: Desk) -> None:
    id_ = ask(people)
    said = people.run("request", "erase", id_, "--yes").stdout
    assert "Request 1: the person is erased, 8 source records among the rest." in said
    assert "delete the person's data (task 1)" in said
    assert "rekisteri request close 1 --outcome fulfilled" in said
    assert not {form for form in MAIJA if form in said}


def test_an_identity_that_was_checked_stays_as_it_was_noted(people: Desk) -> None:
    id_ = ask(people)
    people.json("request", "identify", id_, "--method", "called back")
    assert people.json("request", "erase", id_, "--yes")["identity_method"] == "called back"


def test_a_dry_run_counts_and_changes_nothing_but_is_noted(people: Desk) -> None:
    def told() -> dict[str, list[str]]:
        rows = everything(people.registry.engine)
        return {name: found for name, found in rows.items() if not name.startswith("audit_")}

    id_ = ask(people)
    before, files = told(), sorted(path.name for path in people.folder.iterdir())
    assert "this would go" in people.run("request", "erase", id_, "--dry-run").stdout
    found = people.json("request", "erase", id_, "--dry-run")
    assert (found["dry_run"], found["erased"]["tombstone"], found["erased"]["records"]) == (True, None, 8)
    assert told() == before
    assert [one[0] for one in people.audit()] == ["request.open", "request.preview", "request.preview"]
    assert sorted(path.name for path in people.folder.iterdir()) == files, "no key is made"
    assert found["erased"]["counts"] == people.json("request", "erase", id_, "--yes")["erased"]["counts"]


def test_without_a_terminal_it_wants_to_be_told(people: Desk) -> None:
    id_ = ask(people)
    for more in ((), ("--json",)):
        assert f"rekisteri request erase {id_} --yes" in refused(people, 1, "request", "erase", id_, *more)


@pytest.mark.parametrize("type_", ["access", "objection", "restriction"])
def test_only_what_asks_for_erasure_is_erased(people: Desk, type_: str) -> None:
    id_ = ask(people, type_)
    assert f"asks for {type_}" in refused(people, 1, "request", "erase", id_, "--yes")


def test_a_closed_request_erases_nobody(people: Desk) -> None:
    id_ = ask(people)
    people.json("request", "close", id_, "--outcome", "withdrawn")
    assert "was closed on" in refused(people, 1, "request", "erase", id_, "--yes")


def test_a_second_time_there_is_nothing_to_do(people: Desk) -> None:
    id_, other = ask(people), ask(people)
    people.json("request", "erase", id_, "--yes")
    assert "is erased already" in people.run("request", "erase", id_, "--yes").stdout
    assert people.json("request", "erase", id_, "--yes")["erased"] is None
    assert f"the person of request {other} is erased" in refused(people, 1, "request", "erase", other, "--yes")
    with reading(people.registry.engine) as connection:
        assert len(tombstones.every(connection)) == 1


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("ab" * 32)])
def test_nobody_is_erased_under_another_key(people: Desk, spoil: Any) -> None:
    people.json("request", "erase", ask(people, customer="school:school"), "--yes")
    id_ = ask(people)
    spoil(people.folder / "rekisteri.key")
    assert "privacy.key_file" in refused(people, 2, "request", "erase", id_, "--yes")


def test_what_an_erasure_left_in_the_files_is_done_by_the_next_call(people: Desk) -> None:
    id_ = ask(people)
    people.json("request", "erase", id_, "--yes")
    with writing(people.registry.engine) as connection:
        space.leave_to_clean(connection, NOW)
    assert people.json("request", "erase", id_, "--yes")["clean"]
    with reading(people.registry.engine) as connection:
        assert not space.is_to_clean(connection)


def test_a_sidecar_that_cannot_be_told_is_said_and_told_later(people: Desk) -> None:
    id_ = ask(people)
    sidecar = people.folder / "rekisteri.erasures"
    sidecar.write_text("no sidecar")
    done = people.run("request", "erase", id_, "--yes")
    assert done.exit_code == 1
    assert "the person is erased, but a restore does not know it yet" in done.stderr
    assert in_files(people.folder, MAIJA) == {}, "the files are clean for all that"
    sidecar.unlink()
    assert people.run("request", "erase", id_, "--yes").exit_code == 0
    assert sidecar.read_bytes().count(b"\n") == 2
