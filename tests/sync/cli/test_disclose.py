"""`rekisteri recipient`, `disclose` and `disclosures`: what is said, written and audited, and what is refused."""

import csv
import io
import json
import signal
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.sync.cli.conftest import Desk
from tests.sync.declaring import consent, declare
from tests.tree import ROOT

MAIJA, PEKKA = "salon:both", "school:school"
APPROVE = ("recipient", "approve", "Kumppani Oy", "--kind", "partner", "--country", "FI", "--purpose", "service")
TO = ("disclose", "--recipient", "Kumppani Oy", "--purpose", "service", "--basis", "eu-gdpr:A6-1-b")


@pytest.fixture
def partner(people: Desk) -> Desk:
    """A partner who may get data for services."""
    people.json(*APPROVE, "--reason", "agreed")
    return people


def test_an_approval_is_told_listed_and_audited_and_so_is_its_end(people: Desk) -> None:
    told = people.json(*APPROVE, "--contact", "Testi Yhteys", "--reason", "agreed  in\nwriting")
    assert {name: told[name] for name in ("id", "name", "kind", "country", "safeguard", "purposes", "reason")} == {
        "id": 1, "name": "Kumppani Oy", "kind": "partner", "country": "FI", "safeguard": "none",
        "purposes": ["service"], "reason": "agreed in writing",
    }  # fmt: skip
    assert people.json("recipient", "list") == {"recipients": [told]}
    ended = people.json("recipient", "revoke", "KUMPPANI OY", "--reason", "it ended")
    assert (ended["revoke_reason"], ended["revoked_at"] > told["approved_at"]) == ("it ended", True)
    assert people.json("recipient", "list") == {"recipients": []}
    assert people.run("recipient", "list").stdout == "Nobody is approved to get data.\n"
    assert people.json("recipient", "list", "--all") == {"recipients": [ended]}
    listed = [("recipient.list", "register_upkeep", None, {"recipients": number}) for number in (1, 0, 0, 1)]
    assert people.audit() == [
        ("recipient.approve", "register_upkeep", None, {"recipient": 1}),
        listed[0],
        ("recipient.revoke", "register_upkeep", None, {"recipient": 1}),
        *listed[1:],
    ]


def test_a_disclosure_is_written_whole_private_harmless_noted_and_audited(partner: Desk) -> None:
    partner.registry.land("salon", {"evil": {"name": "=1+1", "phone": "+358405550009"}})
    partner.registry.reconcile()
    file = partner.folder / "out.csv"
    file.write_text("an older one")
    file.chmod(0o644)
    done = partner.run(*TO, "--fields", "name, phones,name", "--output", str(file))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "10 of 10 customers: name, phones\n" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {"name": "'=1+1", "phones": "+358405550009"} in rows
    assert [list(row) for row in rows] == [["name", "phones"]] * 10
    digest = sha256(file.read_bytes()).hexdigest()
    (one,) = partner.json("disclosures", "list")["disclosures"]
    assert (one["file_sha256"], one["people"], one["fields"], one["format"]) == (digest, 10, ["name", "phones"], "csv")
    assert partner.audit()[1:] == [
        ("disclosure.make", "service", None, {"disclosure": 1, "recipient": 1, "people": 10, "sha256": digest}),
        ("disclosure.list", "register_upkeep", None, {"disclosures": 1}),
    ]


def test_what_concerns_one_person_is_audited_under_their_id(partner: Desk) -> None:
    file = str(partner.folder / "out.csv")
    told = partner.json(*TO, "--fields", "id,bookings,enrollments,orders", "--customer", MAIJA, "--output", file)
    assert (told["people"], told["customers"], told["disclosure"]) == (1, 1, 1)
    maija = partner.registry.customer_of(MAIJA)
    assert partner.json("disclosures", "list", "--customer", "school:both")["disclosures"][0]["id"] == 1
    assert [(action, who) for action, _, who, _ in partner.audit()[1:]] == [
        ("disclosure.make", maija), ("disclosure.list", maija),
    ]  # fmt: skip
    assert partner.run("disclosures", "list", "--customer", PEKKA).stdout == "Nothing was disclosed.\n"
    unknown = partner.run("disclosures", "list", "--recipient", "Toinen Oy")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "there is no recipient of this name; see `rekisteri recipient list --all`" in unknown.stderr
    card = partner.run("customers", "show", MAIJA).stdout
    assert "Disclosed" in card
    assert "Kumppani Oy" in card
    assert "Disclosed" not in partner.run("customers", "show", PEKKA).stdout


def test_each_form_holds_the_same(partner: Desk) -> None:
    words = (*TO, "--fields", "name,emails,bookings", "--customer", MAIJA, "--output")
    for name in ("a.xlsx", "a.jsonl", "a.txt"):
        assert partner.run(*words, str(partner.folder / name)).exit_code == 0
    sheet = load_workbook(partner.folder / "a.xlsx")["luovutus"]
    assert [cell.value for cell in list(sheet.iter_rows())[1]] == ["Maija Äijälä", "Maija.Aijala@example.com", 3]
    assert json.loads((partner.folder / "a.jsonl").read_text("utf-8")) == {
        "name": "Maija Äijälä", "emails": ["Maija.Aijala@example.com"], "bookings": 3,
    }  # fmt: skip
    assert (partner.folder / "a.txt").read_bytes().startswith(b"\xef\xbb\xbfname;emails;bookings\r\n")
    assert partner.run(*words, str(partner.folder / "b.csv"), "--format", "jsonl").exit_code == 0
    assert (partner.folder / "b.csv").read_text("utf-8").startswith("{")


def test_on_standard_output_the_data_stand_alone_and_are_noted_all_the_same(partner: Desk) -> None:
    done = partner.run(*TO, "--fields", "name", "--customer", MAIJA, "--format", "jsonl", "--output", "-", "--json")
    assert json.loads(done.stdout) == {"name": "Maija Äijälä"}
    told = json.loads(done.stderr)
    assert (told["file"], told["sha256"]) == ("-", sha256(done.stdout_bytes).hexdigest())
    assert partner.json("disclosures", "list")["disclosures"][0]["file_sha256"] == told["sha256"]
    plain = partner.run(*TO, "--fields", "name", "--customer", MAIJA, "--output", "-")
    assert "Äijälä" not in plain.stderr
    assert "1 of 1 customer: name" in plain.stderr


RUN = "from sync.cli import main; main()"
KILLED = f"""
import os, signal
import privacy.disclosing
privacy.disclosing.record = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
{RUN}
"""
REFUSED = f"""
import errno, os, pathlib
def refuse(*_):
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
pathlib.Path.replace = refuse
{RUN}
"""
NAMED = "import os; del os.O_TMPFILE\n"
"""As on a file system that knows no files without a name."""


def _process(desk: Desk, program: str, *words: str, **pipes: Any) -> subprocess.CompletedProcess[str]:
    config = ("--config", str(desk.folder / "rekisteri.toml"))
    line = [sys.executable, "-c", program, *config, *TO, "--fields", "name", *words]
    return subprocess.run(line, cwd=ROOT, check=False, text=True, stderr=subprocess.PIPE, timeout=60, **pipes)


def _beside(desk: Desk) -> set[str]:
    return {path.name for path in desk.folder.iterdir() if not path.name.startswith("rekisteri.")}


@pytest.mark.parametrize("before", ["", NAMED], ids=["unnamed", "named"])
def test_a_file_that_cannot_take_its_place_is_no_disclosure(partner: Desk, before: str) -> None:
    """Noted, and then it shows: as where somebody made the older file immutable."""
    file = partner.folder / "out.csv"
    file.write_text("an older one")
    done = _process(partner, before + REFUSED, "--customer", MAIJA, "--output", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot be written (Operation not permitted)" in done.stderr
    assert (file.read_text(), _beside(partner)) == ("an older one", {"out.csv"})
    assert partner.json("disclosures", "list") == {"disclosures": []}
    assert partner.json("disclosures", "list", "--customer", MAIJA) == {"disclosures": []}
    assert "Disclosed" not in partner.run("customers", "show", MAIJA).stdout
    assert [(action, detail.get("disclosure")) for action, _, _, detail in partner.audit()[1:3]] == [
        ("disclosure.make", 1), ("disclosure.failed", 1),
    ]  # fmt: skip
    assert partner.json(*TO, "--fields", "name", "--output", str(file))["disclosure"] == 2
    assert [one["id"] for one in partner.json("disclosures", "list")["disclosures"]] == [2]


def test_who_is_killed_between_writing_and_noting_leaves_no_file(partner: Desk) -> None:
    output = ("--output", str(partner.folder / "out.csv"))
    assert _process(partner, KILLED, *output).returncode == -signal.SIGKILL
    assert _beside(partner) == set()
    assert partner.json("disclosures", "list") == {"disclosures": []}


def test_where_every_file_has_a_name_the_next_one_takes_away_what_a_kill_left(partner: Desk) -> None:
    output = ("--output", str(partner.folder / "out.csv"))
    assert _process(partner, NAMED + KILLED, *output).returncode == -signal.SIGKILL
    (left,) = _beside(partner)
    assert (left[:9], left[-5:]) == (".out.csv.", ".part")
    assert _process(partner, NAMED + RUN, *output).returncode == 0
    assert _beside(partner) == {"out.csv"}
    assert stat.S_IMODE((partner.folder / "out.csv").stat().st_mode) == 0o600


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_what_standard_output_did_not_take_stays_noted(partner: Desk) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _process(partner, RUN, "--output", "-", stdout=full)
    assert done.returncode == 1
    assert done.stderr == (
        "rekisteri: standard output did not take all of it (No space left on device); how much left nobody knows, "
        "so disclosure 1 stays noted\n"
    )
    assert [one["id"] for one in partner.json("disclosures", "list")["disclosures"]] == [1]


def test_a_dry_run_counts_and_gives_nobody_anything(partner: Desk) -> None:
    declare(partner.registry, MAIJA, "restriction")
    file = partner.folder / "out.csv"
    done = partner.run(*TO, "--fields", "name", "--dry-run", "--output", str(file))
    assert done.stdout == (
        "8 of 9 customers: name\n     1 left out: the use of their data is restricted\n"
        "A dry run: nothing was written, and nobody got anything.\n"
    )
    assert not file.exists()
    told = partner.json(*TO, "--fields", "name", "--dry-run")
    assert (told["people"], told["dropped"], told["dry_run"]) == (8, {"restricted": 1, "objected": 0}, True)
    assert partner.json("disclosures", "list") == {"disclosures": []}
    assert partner.audit()[1] == ("disclosure.count", "service", None, {"people": 8, "dry_run": 1})


def test_marketing_to_a_partner_lets_those_leave_who_consent_and_their_contacts_on_the_channel(people: Desk) -> None:
    marketing = "communication_and_marketing"
    people.json(*APPROVE[:-1], marketing, "--reason", "agreed")
    consent(people.registry, MAIJA, "granted", brand="artsport")
    words = ("--purpose", marketing, "--basis", "eu-gdpr:A6-1-a", "--channel", "email", "--brand", "artsport")
    file = people.folder / "out.jsonl"
    told = people.json(*TO[:3], *words, "--fields", "name,emails", "--output", str(file))
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == [
        {"name": "Maija Äijälä", "emails": ["Maija.Aijala@example.com"]}
    ]
    assert (told["people"], told["dropped"]["unknown"], told["channel"]) == (1, 8, "email")
    (one,) = people.json("disclosures", "list")["disclosures"]
    assert (one["channel"], one["brand"], one["dropped"]["unknown"]) == ("email", "artsport", 8)


OUT = ("--fields", "name", "--output", "{out}")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((*TO, "--fields", "name"), 2, "--output: name the file to write"),
        ((*TO, "--fields", " , ", *OUT[2:]), 2, "--fields: names nothing"),
        ((*TO, "--fields", "name,notes", *OUT[2:]), 2, "--fields: notes are free text"),
        ((*TO, *OUT, "--channel", "fax"), 2, "'fax' is not one of 'email', 'sms'"),
        ((*TO, *OUT, "--format", "pdf"), 2, "'pdf' is not one of"),
        ((*TO, *OUT, "--statute", " "), 2, "--statute: is empty"),
        ((*TO, *OUT, "--document", "131052-308T"), 2, "--document: holds a personal identity code"),
        ((*TO, *OUT, "--customer", "salon:nobody"), 1, "no customer or record with this id (--customer, number 1)"),
        ((*TO[:2], "Toinen Oy", *TO[3:], *OUT), 1, "no recipient of this name is approved"),
        ((*TO[:4], "feedback", *TO[5:], *OUT), 1, "approved for service, not for feedback"),
        (("disclosures", "list", "--customer", "salon:nobody"), 1, "no customer or record with this id"),
        (("recipient", "revoke", "Toinen Oy", "--reason", "x"), 1, "no recipient of this name is approved"),
        (("recipient", "revoke", "Kumppani Oy", "--reason", ""), 2, "--reason: is empty"),
        ((*APPROVE, "--reason", "again"), 1, "a recipient of this name is approved already"),
        ((*APPROVE[:2], " ", *APPROVE[3:], "--reason", "x"), 2, "NAME: is empty"),
        ((*APPROVE[:3], "--kind", "friend", *APPROVE[5:], "--reason", "x"), 2, "'friend' is not one of"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_gives_nobody_anything(
    partner: Desk, words: tuple[str, ...], status: int, said: str
) -> None:
    file = partner.folder / "out.csv"
    done = partner.run(*(word.replace("{out}", str(file)) for word in words))
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert said in done.stderr
    assert "131052" not in done.stderr
    assert not file.exists()
    assert [action for action, *_ in partner.audit()] == ["recipient.approve"]


def test_where_no_file_can_be_or_nobody_is_left_nothing_is_noted(partner: Desk) -> None:
    for name in ("missing/out.csv", "."):
        done = partner.run(*TO, "--fields", "name", "--output", str(partner.folder / name))
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.stderr
    declare(partner.registry, MAIJA, "restriction")
    file = partner.folder / "out.csv"
    done = partner.run(*TO, "--fields", "name", "--customer", MAIJA, "--output", str(file))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nobody's data may leave, so nothing was disclosed: 1 restricted" in done.stderr
    assert sorted(path.name for path in partner.folder.iterdir() if "out" in path.name) == []
    assert partner.json("disclosures", "list") == {"disclosures": []}


def test_a_restriction_does_not_stop_an_authority_that_is_given_a_reason(people: Desk) -> None:
    words = ("--kind", "authority", "--country", "FI", "--purpose", "register_upkeep", "--reason", "by law")
    people.json("recipient", "approve", "Verohallinto", *words)
    declare(people.registry, MAIJA, "restriction")
    demand: tuple[Any, ...] = (
        "disclose", "--recipient", "Verohallinto", "--purpose", "register_upkeep", "--basis", "eu-gdpr:A6-1-c",
        "--statute", "VML 19", "--document", "letter 4", "--customer", MAIJA, "--fields", "name,orders",
    )  # fmt: skip
    file = ("--output", str(people.folder / "out.csv"))
    assert people.run(*demand, *file).exit_code == people.run(*demand, "--dry-run").exit_code == 1
    told = people.json(*demand, *file, "--despite-restriction", "an audit of taxes")
    assert (told["people"], told["despite"], told["dropped"]) == (1, {"restricted": 1}, {})
    (one,) = people.json("disclosures", "list")["disclosures"]
    assert (one["statute"], one["document"], one["reason"]) == ("VML 19", "letter 4", "an audit of taxes")


def test_who_got_data_of_people_that_went_by_age_is_named(partner: Desk) -> None:
    partner.run(*TO, "--fields", "name", "--customer", "salon:salon", "--output", str(partner.folder / "out.csv"))
    rule = ("customers", "--after", "1d", "--from", "last_activity", "--basis", "own need")
    partner.json("retention", "set", *rule)
    done = partner.json("retention", "run", "--yes")["done"]
    assert "Kumppani Oy" in done["parties"]
