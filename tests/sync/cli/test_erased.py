"""`rekisteri erased`: what it lists, how a decision is kept, and what it says."""

import json
from typing import Any

import pytest

from config.keyfile import key_of
from privacy import key
from store.backup import sidecar
from store.decisions import records_of
from store.engine import reading, writing
from store.tables import ReentryDecision, table
from sync.erasing import erase_and_reconcile
from sync.recognising import Recognition
from tests.privacy.searching import everything
from tests.store.shelf import origin_of
from tests.sync.cli.conftest import Desk

MAIJA = {"first_name": "Maija", "last_name": "Äijälä", "phone": "+358400000101"}
AFTER = "2036-01-01T00:00:00Z"


@pytest.fixture
def gone(people: Desk) -> Desk:
    """Maija of both was erased; she is back at the salon, and booked there under her old id."""
    registry, file = people.registry, people.folder / "rekisteri.key"
    with writing(registry.engine) as connection:
        pseudonyms = key.for_erasing(connection, file)
        mine = records_of(connection, registry.customer_of("salon:both"))
        act, rules = registry.act(), registry.rules
        erase_and_reconcile(connection, mine, basis="request", pseudonyms=pseudonyms, rules=rules, act=act)
    registry.recognise = Recognition(file)
    send(people)
    return people


def send(desk: Desk) -> None:
    """The salon sends what it has of her."""
    registry = desk.registry
    registry.land("salon", {"back": {**MAIJA, "created_at": AFTER}, "both": MAIJA})
    people = registry.origin
    with writing(registry.engine) as connection:
        registry.origin = origin_of(connection, "booking")
    registry.book("salon", {"new": {"created_at": AFTER}}, "both")
    registry.origin = people


def waiting(desk: Desk) -> dict[str, Any]:
    return {row["external_id"]: row for row in desk.json("erased", "list")["waiting"]}


def refused(desk: Desk, status: int, *words: str) -> str:
    """The one line of a command that did nothing."""
    before = everything(desk.registry.engine)
    done = desk.run(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.output
    assert everything(desk.registry.engine) == before
    return done.stderr


def test_what_keeps_people_out_and_what_waits_is_listed_without_a_person(gone: Desk) -> None:
    shown = gone.json("erased", "list")
    (stone,) = shown["tombstones"]
    assert {name: stone[name] for name in ("id", "basis", "request", "hits", "waiting", "released_at")} == {
        "id": 1, "basis": "request", "request": None, "hits": 1, "waiting": 2, "released_at": None,
    }  # fmt: skip
    assert stone["last_hit_at"]
    rows = waiting(gone)
    assert rows.keys() == {"back", "new"}
    assert rows["back"].keys() == {
        "id", "tombstone", "source", "stream", "external_id", "created_at", "since", "admitted",
    }  # fmt: skip
    assert (rows["back"]["stream"], rows["back"]["created_at"]) == ("people", "2036-01-01T00:00:00.000Z")
    said = gone.run("erased", "list").stdout
    assert "rekisteri erased admit ROW" in said
    for text in (json.dumps(shown), said):
        assert not any(word in text for word in ("Maija", "Äijälä", "0101"))
    assert gone.audit()[-1] == ("erased.list", "register_upkeep", None, {"rows": 2, "tombstones": 1})


def test_with_nobody_it_says_so(desk: Desk) -> None:
    assert desk.json("erased", "list") == {"tombstones": [], "waiting": []}
    assert "Nobody was erased yet." in desk.run("erased", "list").stdout
    assert "nobody was erased yet" in refused(desk, 1, "erased", "admit", "1", "--reason", "x")


def test_a_customer_is_let_in_with_all_that_is_theirs(gone: Desk) -> None:
    row = waiting(gone)["back"]["id"]
    done = gone.json("erased", "admit", str(row), "--reason", "is a customer again")
    assert done == {"row": row, "tombstone": 1, "source": "salon", "verdict": "admit", "released": True}
    assert {one["admitted"] for one in waiting(gone).values()} == {True}
    stone = gone.json("erased", "list")["tombstones"][0]
    assert stone["release_reason"] == "is a customer again"
    assert stone["released_by"]
    send(gone)
    assert waiting(gone) == {}
    assert "No row waits" in gone.run("erased", "list").stdout
    noted = next(one for one in gone.audit() if one[0] == "erased.admit")
    assert noted == (
        "erased.admit",
        "register_upkeep",
        None,
        {"row": row, "tombstone": 1},
    )


def test_an_activity_is_let_in_alone_and_a_person_if_it_is_said(gone: Desk) -> None:
    row = str(waiting(gone)["new"]["id"])
    said = gone.run("erased", "admit", row, "--reason", "x").stdout
    assert "the next run asks for everything" in said
    assert "keeps nobody out" not in said
    assert {id_: one["admitted"] for id_, one in waiting(gone).items()} == {"back": False, "new": True}
    said = gone.run("erased", "admit", row, "--person", "--reason", "it is her").stdout
    assert "Tombstone 1 keeps nobody out any more." in said


def test_a_customer_may_be_let_in_alone(gone: Desk) -> None:
    row = str(waiting(gone)["back"]["id"])
    assert not gone.json("erased", "admit", row, "--alone", "--reason", "another person")["released"]
    send(gone)
    assert waiting(gone).keys() == {"new"}
    assert gone.json("erased", "list")["tombstones"][0]["hits"] == 2


def test_what_is_refused_is_gone_and_nobody_is_asked_again(gone: Desk) -> None:
    row = str(waiting(gone)["back"]["id"])
    assert gone.json("erased", "refuse", row, "--reason", "an old account")["verdict"] == "refuse"
    send(gone)
    assert waiting(gone).keys() == {"new"}
    assert "no row" in refused(gone, 1, "erased", "refuse", row, "--reason", "again")
    with reading(gone.registry.engine) as connection:
        (kept,) = connection.execute(table(ReentryDecision).select()).all()
    assert (kept.verdict, kept.reason) == ("refuse", "an old account")
    assert [one[0] for one in gone.audit() if one[0] == "erased.refuse"] == ["erased.refuse"]


def test_a_restore_knows_what_was_decided(gone: Desk) -> None:
    gone.json("erased", "refuse", str(waiting(gone)["back"]["id"]), "--reason", "x")
    file = gone.folder / "rekisteri.key"
    told = [type(entry).__name__ for entry in sidecar.read(sidecar.beside(file), key_of(file))]
    assert told == ["Erased", "Decided"]


def test_a_sidecar_that_cannot_be_told_is_named_and_the_decision_stands(gone: Desk) -> None:
    beside = sidecar.beside(gone.folder / "rekisteri.key")
    beside.write_text("spoilt")
    done = gone.run("erased", "refuse", str(waiting(gone)["back"]["id"]), "--reason", "x")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "a restore does not know it yet" in done.stderr
    assert waiting(gone).keys() == {"new"}


@pytest.mark.parametrize("verdict", ["admit", "refuse"])
def test_what_cannot_be_decided_is_one_line(gone: Desk, verdict: str) -> None:
    row = str(waiting(gone)["back"]["id"])
    assert "no row 999 waits" in refused(gone, 1, "erased", verdict, "999", "--reason", "x")
    assert "--reason: is empty" in refused(gone, 2, "erased", verdict, row, "--reason", " ")
    assert "--reason: holds a personal identity code" in refused(
        gone, 2, "erased", verdict, row, "--reason", "131052-308T"
    )
    (gone.folder / "rekisteri.key").unlink()
    assert "privacy.key_file: " in refused(gone, 2, "erased", verdict, row, "--reason", "x")
    assert gone.json("erased", "list")["waiting"], "it is still there to be looked at"
