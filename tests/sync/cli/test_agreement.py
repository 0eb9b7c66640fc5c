"""Agreements and measures of protection from the command line."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from config.place import HELSINKI
from tests.sync.cli.conftest import Desk

TODAY = datetime.now(HELSINKI).date()
CONTRACT = ("agreement", "add", "timma", "--type", "dpv:ControllerProcessorAgreement")
BACKUPS = (
    "measure", "add", "encrypted backups", "--kind", "technical", "--term", "dpv:EncryptionAtRest",
    "--since", "2026-01-15",
)  # fmt: skip


def check(desk: Desk, name: str) -> Any:
    return desk.json("status")["health"]["checks"].get(name)


def test_an_agreement_is_kept_with_the_digest_of_its_document(desk: Desk) -> None:
    document = desk.folder / "sopimus.pdf"
    document.write_bytes(b"%PDF a contract")
    words = (
        "--signed",
        "2025-03-01",
        "--url",
        "https://example.com/dpa",
        "--file",
        str(document),
        "--note",
        "two years",
    )
    assert desk.json(*CONTRACT, *words) == {"id": 1}
    under = ("--under", "timma", "--country", "fi", "--type", "dpv:SubProcessorAgreement")
    desk.json("agreement", "add", "Example Hosting Oy", *under)
    found = desk.json("agreement", "list")
    first, second = found["agreements"]
    assert (first["party"], first["country"], first["signed_on"]) == ("timma", "FI", "2025-03-01")
    assert (first["sha256"], first["url"]) == (sha256(b"%PDF a contract").hexdigest(), "https://example.com/dpa")
    assert (second["party"], second["under"], second["country"]) == ("Example Hosting Oy", "timma", "FI")
    assert found["without"] == ["thinkific", "campaign_monitor", "course_reseller", "outside_source"]
    assert "Without an agreement: thinkific" in desk.run("agreement", "list").stdout
    assert desk.audit() == [("agreement.add", "register_upkeep", None, {"agreement": id_}) for id_ in (1, 2)]


def test_a_review_that_is_due_warns_until_it_was_done_or_the_agreement_ended(desk: Desk) -> None:
    assert check(desk, "agreements:review") is None
    desk.json(*CONTRACT, "--review", f"{TODAY + timedelta(days=1)}")
    assert check(desk, "agreements:review")["status"] == "pass"
    desk.json(*CONTRACT, "--review", f"{TODAY}")
    assert [one["review_due"] for one in desk.json("agreement", "list")["agreements"]] == [False, True]
    warned = check(desk, "agreements:review")
    assert (warned["status"], warned["value"], warned["reason"]) == ("warn", 1, "review_due")
    assert "to be looked at again: 1" in desk.run("status").stdout
    desk.json("agreement", "review", "2", "--next", f"{TODAY + timedelta(days=365)}")
    assert check(desk, "agreements:review")["status"] == "pass"
    for number in ("1", "2"):
        desk.json("agreement", "end", number, "--on", "2026-01-31", "--reason", "another provider")
    assert check(desk, "agreements:review") is None
    found = desk.json("agreement", "list", "--all")
    assert [one["end_reason"] for one in found["agreements"]] == ["another provider"] * 2
    assert "timma" in found["without"], "what ended covers nobody"
    assert desk.json("agreement", "list")["agreements"] == []


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("add", "tima", "--type", "dpv:NDA"), 2, "PARTY: the register has no party tima; did you mean timma?"),
        (
            ("add", "timma", "--type", "dpv:ControlerProcessorAgreement"),
            2,
            "did you mean dpv:ControllerProcessorAgreement?",
        ),
        (
            ("add", "X Oy", "--under", "tima", "--country", "FI", "--type", "dpv:NDA"),
            2,
            "--under: the register has no party",
        ),
        (("add", "X Oy", "--under", "timma", "--type", "dpv:NDA"), 2, "--country: is missing"),
        (("add", "X Oy", "--under", "timma", "--country", "XX", "--type", "dpv:NDA"), 2, "--country: is no ISO 3166-1"),
        (("add", "timma", "--country", "FI", "--type", "dpv:NDA"), 2, "--country: is in the processing register"),
        (("add", "timma", "--type", "dpv:NDA", "--url", "javascript:alert(1)"), 2, "--url: is no address of a page"),
        (("add", "timma", "--type", "dpv:NDA", "--url", "https://a:b@example.com"), 2, "--url: is no address"),
        (("add", "timma", "--type", "dpv:NDA", "--file", "/not/there"), 2, "--file: cannot be read"),
        (("add", "timma", "--type", "dpv:NDA", "--signed", "1.3.2025"), 2, "--signed: is no date; write it as"),
        (("add", "timma", "--type", "dpv:NDA", "--signed", "2099-01-01"), 2, "--signed: is still to come"),
        (("add", "timma", "--type", "dpv:NDA", "--note", "131052-308T"), 2, "--note: holds a personal identity code"),
        (("end", "9", "--on", "2026-01-31", "--reason", "over"), 1, "there is no agreement 9"),
        (("end", "1", "--on", "2024-12-31", "--reason", "over"), 2, "--on: is before it was signed"),
        (("review", "1", "--next", "2026-01-01"), 2, "--next: is over"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_line(desk: Desk, words: tuple[str, ...], status: int, said: str) -> None:
    desk.json(*CONTRACT, "--signed", "2025-03-01")
    before = desk.audit()
    done = desk.run("agreement", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert said in done.stderr
    assert desk.audit() == before


def test_what_ended_does_not_end_again(desk: Desk) -> None:
    desk.json(*CONTRACT)
    end = ("agreement", "end", "1", "--on", "2026-01-31", "--reason", "over")
    desk.json(*end)
    assert "agreement 1 ended on 31.1.2026" in desk.run(*end).stderr


def test_a_measure_is_kept_reviewed_and_ended(desk: Desk) -> None:
    assert desk.json(*BACKUPS, "--review", f"{TODAY}") == {"id": 1}
    (measure,) = desk.json("measure", "list")["measures"]
    assert (measure["kind"], measure["term"], measure["since"]) == ("technical", "dpv:EncryptionAtRest", "2026-01-15")
    assert measure["review_due"] and check(desk, "measures:review")["status"] == "warn"
    assert "encrypted backups" in desk.run("measure", "list").stdout
    desk.json("measure", "review", "1", "--next", f"{TODAY + timedelta(days=365)}")
    assert check(desk, "measures:review")["status"] == "pass"
    desk.json("measure", "end", "1", "--on", "2026-06-30")
    assert desk.json("measure", "list")["measures"] == []
    assert desk.json("measure", "list", "--all")["measures"][0]["until"] == "2026-06-30"
    assert [row[0] for row in desk.audit()] == ["measure.add", "measure.review", "measure.end"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (
            ("add", "x", "--kind", "technical", "--term", "dpv:StaffTraining", "--since", "2026-01-01"),
            2,
            "--term: is no term",
        ),
        (
            ("add", "x", "--kind", "technical", "--term", "EncryptionAtRest", "--since", "2026-01-01"),
            2,
            "did you mean dpv:",
        ),
        (
            ("add", " ", "--kind", "technical", "--term", "dpv:EncryptionAtRest", "--since", "2026-01-01"),
            2,
            "NAME: is empty",
        ),
        (("end", "1", "--on", "2025-12-31"), 2, "--on: is before it began"),
        (("end", "7", "--on", "2026-01-31"), 1, "there is no measure 7"),
    ],
)
def test_what_is_no_measure_is_refused_in_a_line(desk: Desk, words: tuple[str, ...], status: int, said: str) -> None:
    desk.json(*BACKUPS)
    done = desk.run("measure", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert said in done.stderr
