"""`rekisteri notice`: what it prints, how it ends, and what it refuses in one line."""

import json

import pytest

from config.register import SHIPPED
from store import findings
from store.engine import writing
from tests.sync.cli.conftest import NOW, Desk

CAMPAIGN = "party_unverified:campaign_monitor"


def test_the_text_is_shown_as_it_was_published(desk: Desk) -> None:
    shipped = (SHIPPED.parent / "notices/2021-03-22.fi.txt").read_text("utf-8")
    for words in ((), ("2021-03-22",)):
        shown = desk.run("notice", "show", *words)
        assert (shown.exit_code, shown.stdout.rstrip("\n"), shown.stderr) == (0, shipped.rstrip("\n"), "")


def test_findings_are_told_with_the_words_of_the_notice_and_end_with_1(people: Desk) -> None:
    told = people.run("notice", "check")
    assert (told.exit_code, told.stderr) == (1, "")
    text = " ".join(told.stdout.split())
    assert f"{CAMPAIGN} (open) The notice names Campaign Monitor and gives it no task." in text
    assert "The notice: “Campaign Monitorilla on toimisto Vancounverissa, Kanadassa.”" in text
    assert "field_not_listed:course_progress" in text and "field_never_collected:sms_consent" in text
    assert "findings open, 0 answered." in text


def answered(desk: Desk, finding: str, verdict: str, reason: str = "we asked them") -> int:
    number: int = desk.json("notice", "answer", finding, "--verdict", verdict, "--reason", reason)["open"]
    return number


def test_an_answer_is_kept_audited_and_counted(people: Desk) -> None:
    number = answered(people, CAMPAIGN, "resolved")
    assert people.json("status")["health"]["checks"]["notice:findings"]["value"] == number
    assert f"Open findings about the privacy notice: {number}. Mend or answer" in people.run("status").stdout
    told = " ".join(people.run("notice", "check").stdout.split())
    assert f"{CAMPAIGN} (resolved, still seen)" in told and ": we asked them" in told
    assert answered(people, CAMPAIGN, "reopened") == number + 1
    assert people.audit()[-2:] == [
        ("notice.answer", "register_upkeep", None, {"finding": CAMPAIGN, "verdict": verdict})
        for verdict in ("resolved", "reopened")
    ]


def test_with_every_finding_answered_the_check_ends_with_0(desk: Desk) -> None:
    document = json.loads(desk.run("notice", "check", "--json").stdout)
    assert document["notice"] == "2021-03-22" and document["open"] == len(document["findings"]) > 20
    assert document["findings"][0].keys() == {"finding", "state", "what", "quote", "way", "answer"}
    *most, last = (one["finding"] for one in document["findings"])
    with writing(desk.registry.engine) as connection:
        for finding in most:
            findings.answer(connection, finding, "accepted", "in the next notice", NOW, "tester")
    assert answered(desk, last, "accepted") == 0
    after = desk.json("notice", "check")
    assert (after["open"], {one["state"] for one in after["findings"]}) == (0, {"accepted"})
    assert desk.json("status")["health"]["checks"]["notice:findings"]["status"] == "pass"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("show", "2022"), 2, "VERSION: the register has no notice 2022; known: 2021-03-22"),
        (("answer", "residue:teatre", "--verdict", "accepted", "--reason", "x"), 2, "did you mean residue:theatre?"),
        (("answer", CAMPAIGN, "--verdict", "maybe", "--reason", "x"), 2, "'accepted', 'resolved', 'reopened'"),
        (("answer", CAMPAIGN, "--verdict", "accepted", "--reason", " "), 2, "--reason: is empty"),
        (("answer", CAMPAIGN, "--verdict", "reopened", "--reason", "x"), 1, "open already"),
        (("draft", "--output", "nowhere/notice.txt"), 1, "cannot be written"),
        (("draft", "--output", "-", "--lang", "sv"), 2, "'fi', 'en'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(desk: Desk, words: tuple[str, ...], status: int, says: str) -> None:
    done = desk.run("notice", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert says in done.stderr


def test_without_a_text_it_says_so(desk: Desk) -> None:
    (desk.folder / "mine.toml").write_text(
        SHIPPED.read_text("utf-8").replace('file = "notices/2021-03-22.fi.txt"', ""), "utf-8"
    )
    (desk.folder / "rekisteri.toml").write_text('[processing]\nregister = "mine.toml"\n', "utf-8")
    done = desk.run("notice", "show")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the text of the notice 2021-03-22 is not kept" in done.stderr
    assert "text_missing (open)" in desk.run("notice", "check").stdout


@pytest.mark.parametrize(("form", "begins"), [("txt", "Privacy notice\n====="), ("html", "<!doctype html>")])
def test_a_draft_goes_into_a_file_of_ones_own_and_says_what_is_missing(people: Desk, form: str, begins: str) -> None:
    path = people.folder / "notice"
    done = people.run("notice", "draft", "--lang", "en", "--format", form, "--output", str(path))
    text = path.read_text("utf-8")
    assert (done.exit_code, done.stdout, path.stat().st_mode & 0o777) == (0, "", 0o600)
    assert done.stderr.startswith(f"Written to {path}. ") and "gaps to fill in, marked [MISSING: ...]" in done.stderr
    assert text.startswith(begins)
    assert "progress on courses" in text and "Perhe" not in text


def test_a_draft_on_standard_output_is_the_draft_alone(desk: Desk) -> None:
    done = desk.run("notice", "draft", "--output", "-")
    assert done.stdout.startswith("Tietosuojaseloste\n====")
    assert "[PUUTTUU: tietoryhmät; rekisteri on tyhjä]" in done.stdout
    assert "gaps to fill in" in done.stderr
