"""What leaves for third parties: to whom, whose, on what basis; and what becomes of it when people use their rights."""

import json
import multiprocessing
import os
import signal
import sys
import time
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from config.register import SHIPPED
from tests.scenarios.conftest import THOROUGH
from tests.scenarios.privacy.house import NOTE, House, build

KILLS = 40 if THOROUGH else 2
FORKS = multiprocessing.get_context("forkserver")
PARTNER = ("Kumppani Oy", "--kind", "partner", "--country", "FI", "--business-id", "2412479-6")
MARKETING = (
    "--purpose", "communication_and_marketing", "--basis", "eu-gdpr:A6-1-a", "--channel", "email",
    "--brand", "hieromo",
)  # fmt: skip
BOOKS = ("--purpose", "refunds_and_claims", "--basis", "eu-gdpr:A6-1-f")
STATUTE = ("--statute", "Pakkokeinolaki 7:3", "--document", "request 17, folder 9")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """The house with its registry in either database."""
    if request.param == "sqlite":
        house: House = request.getfixturevalue("house")
        return house
    url = request.getfixturevalue("postgresql_url")
    return build(tmp_path, SHIPPED.read_text("utf-8"), f'[database]\nurl = "{url}"\n')


def approve(house: House, *words: str, purposes: tuple[str, ...] = ("refunds_and_claims",)) -> None:
    named = [word for purpose in purposes for word in ("--purpose", purpose)]
    house.run("recipient", "approve", *words, *named, "--reason", "agreed in writing")


def disclose(house: House, to: str, fields: str, *words: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What is told of a disclosure, and what left."""
    path = house.folder / "out.jsonl"
    told = house.json("disclose", "--recipient", to, "--fields", fields, "--output", str(path), *words)
    text = path.read_bytes()
    assert (sha256(text).hexdigest(), path.stat().st_mode & 0o777) == (told["sha256"], 0o600)
    path.unlink()
    return told, [json.loads(line) for line in text.decode().splitlines()]


def names(house: House, customer: str) -> list[str]:
    found = house.json("disclosures", "list", "--customer", customer)["disclosures"]
    return [one["recipient"] for one in found]


def test_r36_what_left_about_whom_to_whom_when_why_on_what_basis_and_by_whom(any_house: House) -> None:
    house = any_house
    approve(house, *PARTNER)
    told, rows = disclose(house, "kumppani oy", "name,bookings", *BOOKS, "--brand", "hieromo")
    assert sorted((row["name"], row["bookings"]) for row in rows) == [
        ("Aino Malli", 2), ("Eero Esimerkki", 0), ("Otso Malli", 0),
    ]  # fmt: skip
    assert (told["people"], told["customers"], told["dropped"]["other_brand"]) == (3, 4, 1)
    (one,) = house.json("disclosures", "list", "--customer", "school:s1")["disclosures"]
    assert {name: one[name] for name in ("recipient", "kind", "country", "purpose", "basis", "people", "fields")} == {
        "recipient": "Kumppani Oy", "kind": "partner", "country": "FI", "purpose": "refunds_and_claims",
        "basis": "eu-gdpr:A6-1-f", "people": 3, "fields": ["name", "bookings"],
    }  # fmt: skip
    assert one["file_sha256"] == told["sha256"]
    assert one["actor"]
    assert one["at"].endswith("Z")
    assert names(house, "school:s2") == []
    assert "Kumppani Oy" in house.run("customers", "show", "timma:1").stdout


def test_r36_a_merge_takes_the_union_and_a_split_gives_each_its_own(any_house: House) -> None:
    house = any_house
    for name, customer in (("Ensimmäinen Oy", "timma:3"), ("Toinen Oy", "school:s2")):
        approve(house, name, "--kind", "partner", "--country", "FI")
        disclose(house, name, "name", *BOOKS, "--customer", customer)
    decision = house.json("review", "same", "timma:3", "school:s2")["decision"]
    assert names(house, "timma:3") == names(house, "school:s2") == ["Ensimmäinen Oy", "Toinen Oy"]
    house.run("review", "undo", str(decision))
    house.run("sync", "--full")
    assert (names(house, "timma:3"), names(house, "school:s2")) == (["Ensimmäinen Oy"], ["Toinen Oy"])


def test_r36_recipients_are_named_to_the_person_and_told_of_what_changes(any_house: House) -> None:
    house = any_house
    approve(house, *PARTNER)
    approve(house, "Tilit Oy", "--kind", "processor", "--country", "FI")
    disclose(house, "Kumppani Oy", "name,phones", *BOOKS)
    disclose(house, "Tilit Oy", "name", *BOOKS, "--customer", "timma:1")

    request = house.ask("access", "timma:1")
    answer = house.folder / "answer.zip"
    house.run("request", "package", request, "--output", str(answer), "--lang", "en")
    found = _document(answer)["disclosures"]
    assert [(one["recipient"], one["purpose"], one["basis"], one["fields"]) for one in found] == [
        ("Kumppani Oy", "refunds_and_claims", "eu-gdpr:A6-1-f", ["name", "phones"]),
        ("Tilit Oy", "refunds_and_claims", "eu-gdpr:A6-1-f", ["name"]),
    ]
    assert all(one["at"].endswith("Z") for one in found)

    correction = house.ask("rectification", "timma:1")
    words = ("request", "apply", correction, "--field", "phones", "--value", "040 000 0509")
    assert _told(house.json(*words)) == {"Kumppani Oy": "tell them of the corrected phones"}, "Tilit Oy had none"
    restriction = house.ask("restriction", "timma:1")
    told = _told(house.json("request", "apply", restriction))
    assert told == dict.fromkeys(("Kumppani Oy", "Tilit Oy"), "tell them that the use is restricted")

    erasure = house.ask("erasure", "timma:1")
    assert "disclosed to Tilit Oy" in house.run("request", "erase", erasure, "--dry-run").stdout
    done = house.json("request", "erase", erasure, "--yes")
    assert done["erased"]["recipients"] == ["Kumppani Oy", "Tilit Oy"]
    assert _told(done) == dict.fromkeys(("Kumppani Oy", "Tilit Oy"), "tell them that the person is erased")
    left = house.json("disclosures", "list")["disclosures"]
    assert [one["people"] for one in left] == [4, 1], "what left stays noted, whose it was does not"
    assert names(house, "timma:2") == ["Kumppani Oy"]


def _document(package: Path) -> Any:
    from zipfile import ZipFile

    with ZipFile(package) as zipped:
        assert "csv/disclosures.csv" in zipped.namelist()
        assert b"Kumppani Oy" in zipped.read("index.html")
        return json.loads(zipped.read("data.json"))


def _told(request: dict[str, Any]) -> dict[str, str]:
    """Recipients who are told something, and what."""
    return {task["party"]: task["what"] for task in request["tasks"] if task["what"].startswith("tell")}


def test_r37_marketing_goes_to_approved_partners_and_of_those_alone_who_consent(any_house: House) -> None:
    house = any_house
    refused = house.refused("disclose", "--recipient", PARTNER[0], "--fields", "name,emails", *MARKETING, "--dry-run")
    assert "no recipient of this name is approved" in refused
    approve(house, *PARTNER)
    refused = house.refused("disclose", "--recipient", PARTNER[0], "--fields", "name,emails", *MARKETING, "--dry-run")
    assert "approved for refunds_and_claims, not for communication_and_marketing" in refused
    house.run("recipient", "revoke", PARTNER[0], "--reason", "for marketing too")
    approve(house, *PARTNER, purposes=("communication_and_marketing",))

    nobody = house.refused(
        "disclose", "--recipient", PARTNER[0], "--fields", "name", *MARKETING, "--output", str(house.folder / "x.csv")
    )
    assert "4 unknown" in nobody
    assert not (house.folder / "x.csv").exists()
    for customer in ("timma:1", "timma:3"):
        house.grant(customer, "email", "hieromo")
    told, rows = disclose(house, PARTNER[0], "name,emails", *MARKETING)
    assert sorted(row["emails"][0] for row in rows) == ["Aino.Malli@example.com", "eero@example.com"]
    assert NOTE not in json.dumps(rows)
    assert told["dropped"]["unknown"] == 2

    objection = house.ask("objection", "timma:1", identified=False)
    house.run("request", "apply", objection, "--scope", "direct_advertising")
    told, rows = disclose(house, PARTNER[0], "name,emails", *MARKETING)
    assert ([row["name"] for row in rows], told["dropped"]["objected"]) == (["Eero Esimerkki"], 1)
    withdrawal = house.ask("withdrawal", "timma:3", identified=False)
    done = house.json("request", "apply", withdrawal, "--channel", "email")
    assert _told(done) == {"Kumppani Oy": "tell them that consent was withdrawn on email"}
    count = ("disclose", "--recipient", PARTNER[0], "--fields", "emails", *MARKETING, "--dry-run")
    found = house.json(*count)
    assert (found["people"], found["dropped"]["withdrawn"], found["disclosure"]) == (0, 1, None)

    house.run("recipient", "revoke", PARTNER[0], "--reason", "the agreement ended")
    assert "no recipient of this name is approved" in house.refused(*count)
    assert len(house.json("disclosures", "list", "--recipient", PARTNER[0])["disclosures"]) == 2


def test_r38_an_authority_gets_what_a_statute_demands_of_those_who_are_named(any_house: House) -> None:
    house = any_house
    approve(house, "Poliisi", "--kind", "authority", "--country", "FI", purposes=("register_upkeep",))
    law = ("--purpose", "register_upkeep", "--basis", "eu-gdpr:A6-1-c")
    for missing in ("--statute", "--document"):
        place = STATUTE.index(missing)
        words = (*STATUTE[:place], *STATUTE[place + 2 :])
        done = house.run(
            "disclose", "--recipient", "Poliisi", "--fields", "name", *law, *words, "--customer", "timma:1",
            "--dry-run", status=2,
        )  # fmt: skip
        assert missing in done.stderr
    done = house.run("disclose", "--recipient", "Poliisi", "--fields", "name", *law, *STATUTE, "--dry-run", status=2)
    assert "--customer" in done.stderr

    objection = house.ask("objection", "timma:1", identified=False)
    house.run("request", "apply", objection, "--scope", "all")
    named = (*law, *STATUTE, "--customer", "timma:1")
    told, rows = disclose(house, "Poliisi", "name,phones", *named)
    assert [row["name"] for row in rows] == ["Aino Malli"]
    assert told["people"] == 1

    house.run("request", "apply", house.ask("restriction", "timma:1"))
    out = house.folder / "out.csv"
    words = ("disclose", "--recipient", "Poliisi", "--fields", "name", *named, "--output", str(out))
    assert "Art. 18(2)" in house.refused(*words)
    assert not out.exists()
    done = house.run(*words, "--despite-restriction", "the demand leaves no choice")
    assert "although the use of their data is restricted" in done.stdout
    (first, last) = house.json("disclosures", "list", "--customer", "timma:1")["disclosures"]
    assert (first["statute"], first["document"], first["reason"]) == (STATUTE[1], STATUTE[3], None)
    assert (last["kind"], last["reason"]) == ("authority", "the demand leaves no choice")


def disclose_in_a_process(folder: Path, moment: str) -> None:
    """`rekisteri disclose`, in a process that kills itself at a moment; what it says is thrown away."""
    from sqlalchemy import Engine, event

    from sync.cli import main

    def noted(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO audit_event"):
            os.kill(os.getpid(), signal.SIGKILL)

    def moved(what: str, arguments: tuple[Any, ...]) -> None:
        if what == "os.rename" and str(arguments[1]).endswith("out.csv"):
            os.kill(os.getpid(), signal.SIGKILL)

    if moment == "before it is noted":
        event.listen(Engine, "before_cursor_execute", noted)
    elif moment == "before the file takes its place":
        sys.addaudithook(moved)
    os.chdir(folder)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    sys.argv = [
        "rekisteri", "disclose", "--recipient", "Kumppani Oy", "--fields", "name", *BOOKS, "--output", "out.csv",
    ]  # fmt: skip
    main()


def test_r36_a_kill_at_any_moment_leaves_no_file_of_which_nobody_knows(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    approve(house, *PARTNER)
    FORKS.set_forkserver_preload([__name__, "sync.cli.disclosing", "privacy.disclosing"])
    rng, lasts, seen = Random(11), 0.0, {}
    for moment in ("never", "before it is noted", "before the file takes its place", *map(str, range(KILLS))):
        copy = house.copy(tmp_path_factory.mktemp("copy"))
        process = FORKS.Process(target=disclose_in_a_process, args=(copy.folder, moment))
        began = time.monotonic()
        process.start()
        if moment.isdigit():
            process.join(lasts * rng.random())
            process.kill()
        process.join()
        lasts = lasts or time.monotonic() - began
        file, known = copy.folder / "out.csv", copy.json("disclosures", "list")["disclosures"]
        seen[moment] = (len(known), file.exists())
        if file.exists():
            assert [one["file_sha256"] for one in known] == [sha256(file.read_bytes()).hexdigest()]
    assert [seen[moment] for moment in list(seen)[:3]] == [(1, True), (0, False), (1, False)]
    disclose(copy, "Kumppani Oy", "name", *BOOKS)
