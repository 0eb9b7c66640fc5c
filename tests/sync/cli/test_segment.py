"""Segments on the command line: written, shown, run, retired; files, counts, audit and errors."""

import csv
import io
import json
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.judging import judged
from tests.sync.cli.conftest import Desk
from tests.sync.declaring import consent, declare

MAIJA, OSTEN = "salon:both", "salon:salon"


def define(desk: Desk, name: str, rule: str, *words: str, purpose: str = "analysis") -> Any:
    return desk.json("segment", "define", name, "--rule", rule, "--purpose", purpose, *words)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_run_lists_who_is_in_it_and_counts_and_names_who_is_left_out(people: Desk) -> None:
    define(people, "kaikki", "bookings >= 0")
    declare(people.registry, OSTEN, "objection", scope="distance_selling")
    declare(people.registry, "school:school", "restriction")
    output, others = people.folder / "kaikki.csv", people.folder / "muut.csv"
    done = people.run("segment", "run", "kaikki", "--output", str(output), "--left-out", str(others))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "9 customers, 9 fit the rule, 7 in the segment\n" in done.stdout
    assert "1 left out: they object to such use" in done.stdout
    rows = table(output)
    assert {"Maija Äijälä", "Aino Perhe"} <= {row["name"] for row in rows}
    assert not {"Östen Testaaja", "Pekka Kurssi"} & {row["name"] for row in rows}
    assert [list(row) for row in rows] == [["name", "customer_id"]] * 7
    customer = people.registry.customer_of
    assert {(row["customer_id"], row["reason"]) for row in table(others)} == {
        (customer(OSTEN), "objected"), (customer("school:school"), "restricted"),
    }  # fmt: skip
    assert [list(row) for row in table(others)] == [["customer_id", "reason"]] * 2, "who is left out is not named"
    assert {stat.S_IMODE(file.stat().st_mode) for file in (output, others)} == {0o600}


def test_with_a_channel_each_address_stands_once_and_says_since_when_it_may_be_used(people: Desk) -> None:
    define(people, "perhe", "bookings = 0", "--channel", "sms", "--brand", "artsport")
    for record in ("salon:mother", "school:child"):
        consent(people.registry, record, "granted", channel="sms")
    done = people.run("segment", "run", "perhe", "--output", "-", "--format", "jsonl", "--json")
    (row,) = map(json.loads, done.stdout.splitlines())
    counts = json.loads(done.stderr)
    assert list(row) == ["name", "address", "brand", "customer_id", "consented_at", "consent_from"]
    assert (row["address"], row["consent_from"]) == ("+358400000103", "declared")
    assert (counts["listed"], counts["rows"], counts["fits"], counts["customers"]) == (2, 1, 8, 9)
    assert {reason: number for reason, number in counts["left_out"].items() if number} == {"unknown": 6}


def test_what_a_customer_booked_studied_and_bought_is_what_rules_see(people: Desk) -> None:
    rules = (
        "bookings = 3", "last_booking after 1 days ago", "enrollments = 1 and orders = 1", "service is hieronta",
        "course is 'Hyvän unen kurssi'", "product is kurssipaketti", "brand is artsport and bookings >= 1",
    )  # fmt: skip
    for number, rule in enumerate(rules):
        define(people, f"s{number}", rule)
        done = people.run("segment", "run", f"s{number}", "--output", "-")
        assert "Maija" in done.stdout, rule
        assert "9 customers, 1 fit the rule, 1 in the segment" in done.stderr


def test_versions_and_runs_are_shown_with_author_and_words(people: Desk) -> None:
    define(people, "kanta", "bookings >= 3 and brand is artsport")
    people.run("segment", "run", "kanta", "--output", str(people.folder / "a.csv"))
    define(people, "kanta", "bookings >= 4", purpose="service")
    found = people.json("segment", "show", "kanta")
    assert [(one["rule"], one["purpose"]) for one in found["versions"]] == [
        ("bookings >= 4", "service"), ("bookings >= 3 and brand is artsport", "analysis"),
    ]  # fmt: skip
    assert found["versions"][1]["rule_in_words"] == "bookings at least 3 and a customer of ArtSport"
    assert all(one["author"] and one["created_at"].endswith("Z") for one in found["versions"])
    (run,) = found["runs"]
    assert (run["version"], run["listed"], run["left_out"]["objected"]) == (found["versions"][1]["id"], 1, 0)
    assert run["file_sha256"] == sha256((people.folder / "a.csv").read_bytes()).hexdigest()
    assert "bookings at least 4" in people.run("segment", "show", "kanta").stdout
    assert [one["rule"] for one in people.json("segment", "list")["segments"]] == ["bookings >= 4"]
    assert len(people.json("segment", "list", "--all")["segments"]) == 2


def test_the_same_rule_again_is_said_and_no_new_version(people: Desk) -> None:
    words = ("segment", "define", "kanta", "--purpose", "analysis", "--rule")
    said = people.run(*words, "bookings >= 3").stdout
    assert said.startswith("Segment kanta is written down. It holds whoever fits: bookings at least 3.\n")
    again = people.run(*words, " bookings  >= 3")
    assert (again.exit_code, again.stdout.splitlines()[0]) == (
        0, "Segment kanta has this rule already. It holds whoever fits: bookings at least 3.",
    )  # fmt: skip
    assert len(people.json("segment", "show", "kanta")["versions"]) == 1
    assert [action for action, *_ in people.audit()] == ["segment.define"]
    people.run("segment", "retire", "kanta")
    assert "is written down" in people.run(*words, "bookings >= 3").stdout
    assert len(people.json("segment", "show", "kanta")["versions"]) == 2


def test_a_retired_segment_is_listed_no_more_and_cannot_be_run(people: Desk) -> None:
    define(people, "kanta", "bookings >= 3")
    assert people.run("segment", "retire", "kanta").stdout == "Segment kanta is retired.\n"
    assert people.json("segment", "list") == {"segments": []}
    done = people.run("segment", "run", "kanta", "--output", str(people.folder / "a.csv"))
    assert (done.exit_code, "define it again" in done.stderr) == (1, True)
    assert not (people.folder / "a.csv").exists()
    (kept,) = people.json("segment", "list", "--all")["segments"]
    assert kept["retired_at"]
    assert kept["retired_by"]


def test_every_act_is_audited_by_counts_under_the_purpose_of_the_segment(people: Desk) -> None:
    id_ = define(people, "kanta", "bookings >= 0", purpose="communication_and_marketing")["id"]
    file = people.folder / "a.xlsx"
    people.run("segment", "run", "kanta", "--output", str(file), "--left-out", str(people.folder / "b.csv"))
    people.run("segment", "retire", "kanta")
    found = people.audit()
    assert [(action, purpose, customer) for action, purpose, customer, _ in found] == [
        (f"segment.{act}", "communication_and_marketing", None) for act in ("define", "run", "retire")
    ]
    assert {detail["segment"] for *_, detail in found} == {id_}
    assert found[1][3] == {
        "segment": id_, "customers": 9, "listed": 9, "restricted": 0, "objected": 0, "relationship_ended": 0,
        "format": "xlsx", "left_out_written": 1, "sha256": sha256(file.read_bytes()).hexdigest(),
    }  # fmt: skip
    assert load_workbook(file)["ryhmä"]["A1"].value == "name"


def test_a_name_that_nobody_has_is_asked_about(people: Desk) -> None:
    made = define(people, "uni", "course is 'Hyvän unen kurssi' or service is Hierontaa")
    assert made["nobody_has"] == [{"field": "service", "name": "Hierontaa"}]
    words = ("segment", "define", "uni", "--rule", "product is Kurssi", "--purpose", "analysis")
    assert "Nobody has the product “Kurssi” so far; is it spelt so?" in people.run(*words).stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("define", "koe", "--rule", "no_shows > 1", "--purpose", "analysis"), 2, "no_shows cannot be used in a rule"),
        (("define", "koe", "--rule", "bookings > 1", "--purpose", "analysys"), 2, "did you mean analysis?"),
        (("define", "koe", "--rule", "bookings > 1", "--purpose", "analysis", "--brand", "x"), 2, "no brand x"),
        (
            ("define", "koe", "--rule", "bookings > 1", "--purpose", "analysis", "--channel", "sms"),
            2,
            "for which brand",
        ),
        (("define", "Koe!", "--rule", "bookings > 1", "--purpose", "analysis"), 2, "NAME: a segment's name is"),
        (("define", "koe", "--rule", "bookings > 1"), 2, "Missing option '--purpose'"),
        (("run", "koe", "--output", "x.csv"), 1, "there is no segment of this name; known: kanta"),
        (("run", "kanta", "--output", "x.csv", "--left-out", "x.csv"), 2, "--left-out: name a file of its own"),
        (("run", "kanta", "--output", "x.csv", "--left-out", "-"), 2, "--left-out: name a file of its own"),
        (("show", "kunta"), 1, "there is no segment of this name; did you mean kanta?"),
        (("retire", "kunta"), 1, "there is no segment of this name"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_changes_nothing(
    people: Desk, words: tuple[str, ...], status: int, said: str
) -> None:
    define(people, "kanta", "bookings >= 3")
    before = people.audit()
    done = people.run("segment", *words)
    assert (done.exit_code, done.stderr.count("\n"), done.stdout) == (status, 1, "")
    assert said in done.stderr
    assert people.audit() == before


def test_a_place_that_takes_no_file_is_status_1(people: Desk) -> None:
    define(people, "kanta", "bookings >= 3")
    done = people.run("segment", "run", "kanta", "--output", str(people.folder / "missing" / "a.csv"))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def test_what_commands_tell_of_people_holds_no_score_but_that_of_matching(people: Desk) -> None:
    define(people, "kanta", "bookings >= 3")
    assert judged(people.json("customers", "show", "salon:both")) == {("records", "link", "score")}
    assert {path[-2:] for path in judged(people.json("customers", "list"))} == {("link", "score")}
    assert judged(people.json("review", "list")) == {("pairs", "score")}
    assert judged(people.json("segment", "show", "kanta")) == set()
    assert judged(people.json("consent", "show", "salon:both")) == set()
