"""`rekisteri request package` as people use it."""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sync.cli.opening import actor
from tests.sync.cli.conftest import Desk


@pytest.fixture
def asked(people: Desk) -> Desk:
    """Request 1 asks for access to Maija's data and 2 for Östen's, both identities checked; 3 asks for an erasure."""
    for type_, customer in (("access", "salon:both"), ("portability", "salon:salon"), ("erasure", "salon:both")):
        people.json("request", "open", "--type", type_, "--customer", customer)
    for id_ in ("1", "2"):
        people.json("request", "identify", id_, "--method", "passport shown")
    return people


def opened(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def refused(desk: Desk, *words: str, status: int = 1) -> str:
    done = desk.run("request", "package", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    return done.stderr


def test_a_package_is_private_whole_and_noted_on_the_request(asked: Desk) -> None:
    path = asked.folder / "vastaus.zip"
    told = asked.json("request", "package", "1", "--output", str(path))
    content = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert told["sha256"] == sha256(content).hexdigest()
    assert {"index.html", "data.json", "schema.json", "portable.json", "csv/values.csv"} <= opened(path).keys()
    shown = asked.json("request", "show", "1")
    assert (shown["package_sha256"], shown["packaged_at"]) == (told["sha256"], told["packaged_at"])
    assert shown["status"] == "dpv:RequestAccepted"
    assert [(step["what"], step["detail"]) for step in shown["steps"]][-1] == ("package", {"sha256": told["sha256"]})


def test_a_package_is_audited_and_says_so_itself(asked: Desk) -> None:
    path = asked.folder / "vastaus.zip"
    told = asked.json("request", "package", "1", "--output", str(path), "--lang", "en")
    assert asked.audit()[-1] == (
        "request.package", "register_upkeep", told["customer_id"], {"request": 1, "lang": "en"},
    )  # fmt: skip
    looked = json.loads(opened(path)["data.json"])["look_ups"]
    assert looked[-1]["action"] == "request.package"
    assert all(actor() not in str(one) for one in looked)


@pytest.mark.parametrize(("lang", "title"), [("fi", "Sinusta rekisterissä"), ("en", "Your data in our")])
def test_the_language_can_be_chosen(asked: Desk, lang: str, title: str) -> None:
    path = asked.folder / "vastaus.zip"
    asked.json("request", "package", "1", "--output", str(path), "--lang", lang)
    page = opened(path)["index.html"].decode()
    assert title in page
    assert "Hyvän unen kurssi" in page
    assert "note of missed" in page


def test_people_are_told_what_to_do_before_they_hand_it_over(asked: Desk) -> None:
    done = asked.run("request", "package", "1", "--output", str(asked.folder / "vastaus.zip"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "free texts before you hand it over" in done.stdout
    assert "names no contact person" in done.stdout
    assert "request close 1 --outcome fulfilled" in done.stdout
    assert "Maija" not in done.stdout


def test_to_standard_output_goes_the_package_alone(asked: Desk) -> None:
    done = asked.run("request", "package", "1", "--output", "-", "--json")
    assert done.exit_code == 0
    with zipfile.ZipFile(io.BytesIO(done.stdout_bytes)) as package:
        assert package.namelist()[0] == "index.html"
    told: dict[str, Any] = json.loads(done.stderr)
    assert told["sha256"] == sha256(done.stdout_bytes).hexdigest()


def test_a_newer_package_takes_the_place_of_an_older_one(asked: Desk) -> None:
    path = asked.folder / "vastaus.zip"
    path.write_text("an older one")
    told = asked.json("request", "package", "2", "--output", str(path))
    again = asked.run("request", "package", "2", "--output", str(asked.folder / "again.zip"))
    assert "One was made before, " in again.stdout
    assert sha256(path.read_bytes()).hexdigest() == told["sha256"]
    assert [one.name for one in asked.folder.iterdir() if one.name.endswith(".part")] == []


def test_what_cannot_be_answered_is_said_in_one_line_and_nothing_is_written(asked: Desk) -> None:
    path = asked.folder / "vastaus.zip"
    to = ("--output", str(path))
    before = asked.audit()
    asked.registry.engine.dispose()
    assert "asks for erasure; a package answers requests for access and portability" in refused(asked, "3", *to)
    assert "no request 9" in refused(asked, "9", *to)
    assert "--lang" in refused(asked, "1", *to, "--lang", "sv", status=2)
    assert not path.exists()
    assert asked.audit() == before


def test_without_a_checked_identity_nothing_goes_out(asked: Desk) -> None:
    id_ = str(asked.json("request", "open", "--type", "access", "--customer", "salon:salon")["id"])
    assert f"request identify {id_}" in refused(asked, id_, "--output", str(asked.folder / "vastaus.zip"))
    assert not (asked.folder / "vastaus.zip").exists()


def test_a_closed_request_is_not_answered_again(asked: Desk) -> None:
    asked.json("request", "close", "1", "--outcome", "withdrawn")
    assert "closed" in refused(asked, "1", "--output", str(asked.folder / "vastaus.zip"))


def test_a_file_that_cannot_be_written_leaves_the_request_as_it_was(asked: Desk) -> None:
    told = refused(asked, "1", "--output", str(asked.folder / "nowhere" / "vastaus.zip"))
    assert "cannot be written" in told
    assert asked.json("request", "show", "1")["package_sha256"] is None


def test_the_answer_follows_a_person_who_was_merged_since(asked: Desk) -> None:
    asked.registry.decide(
        "same", asked.registry.customer_of("salon:salon"), asked.registry.customer_of("school:school")
    )
    path = asked.folder / "vastaus.zip"
    asked.json("request", "package", "2", "--output", str(path))
    records = json.loads(opened(path)["data.json"])["records"]
    assert {record["external_id"] for record in records} == {"salon", "school"}
