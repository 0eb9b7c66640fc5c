"""Groups of customers by rules that people write, and what the people in them are told."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from tests.scenarios.privacy.house import SALON, House

RULE = 'bookings >= 2 and service is "Hieronta 60 min" and last_booking after 2026-01-01'
WORDS = {
    "fi": ("Sinusta ei tehdä automaattisia päätöksiä eikä sinua profiloida", "epäselvää, ihminen ratkaisee",
           "ei seuraa sinulle oikeudellisia", "sama sähköpostiosoite", "varauksia vähintään 2"),
    "en": ("No automated decisions are made about you, and you are not profiled", "doubtful, a person decides",
           "it has no legal or other significant effect", "same e-mail address", "bookings at least 2"),
}  # fmt: skip


def run(house: House, name: str) -> tuple[list[str], dict[str, str], dict[str, Any]]:
    """Names in a segment, who is left out and why, and the counts."""
    paths = [house.folder / f"{name}-{part}.csv" for part in ("in", "out")]
    counts = house.json("segment", "run", name, "--output", str(paths[0]), "--left-out", str(paths[1]))
    inside, outside = (
        list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";")) for path in paths
    )
    return [row["name"] for row in inside], {row["customer_id"]: row["reason"] for row in outside}, counts


def answer(house: House, customer: str, language: str = "fi") -> tuple[str, dict[str, Any]]:
    """The page and the data of an access answer."""
    request, path = house.ask("access", customer), house.folder / "answer.zip"
    house.run("request", "package", request, "--output", str(path), "--lang", language)
    with zipfile.ZipFile(path) as package:
        return package.read("index.html").decode(), json.loads(package.read("data.json"))


@pytest.mark.parametrize("language", ["fi", "en"])
def test_r13_an_answer_says_how_records_are_joined_and_in_which_segments_one_is_and_that_nobody_is_scored(
    house: House, language: str
) -> None:
    house.run("segment", "define", "hieronta", "--rule", RULE, "--purpose", "analysis")
    page, data = answer(house, "timma:1", language)
    assert [words for words in WORDS[language] if words not in page] == []
    assert (data["automated_decisions"], data["matching"]["legal_effect"]) == ("none", "none")
    assert {record["joined"]["decided_by"] for record in data["records"]} == {"rule"}
    assert all(record["joined"]["reasons"] for record in data["records"])
    assert [(one["segment"], one["written"], one["purpose"], one["included"]) for one in data["segments"]] == [
        ("hieronta", RULE, "analysis", True)
    ]
    assert answer(house, "timma:3", language)[1]["segments"] == []
    for unwanted in ("no_show_count > 0", "notes is niska", "regular_employee is x", "city is Helsinki", "score > 1"):
        words = ("segment", "define", "uusi", "--rule", unwanted, "--purpose", "analysis")
        assert f"{unwanted.split()[0]} cannot be used in a rule" in house.run(*words, status=2).stderr


def test_r14_a_segment_is_a_stored_rule_with_author_purpose_and_the_reasons_of_who_is_left_out(house: House) -> None:
    house.run("segment", "define", "hieronta", "--rule", RULE, "--purpose", "analysis")
    house.run("segment", "define", "kaikki", "--rule", "bookings >= 0", "--purpose", "analysis")
    names, left_out, counts = run(house, "hieronta")
    assert (names, left_out, counts["fits"]) == (["Aino Malli"], {}, 1)

    objection = house.ask("objection", "timma:1", identified=False)
    house.run("request", "apply", objection, "--scope", "direct_advertising")
    restriction = house.ask("restriction", "school:s2")
    house.run("request", "apply", restriction, "--reason", "accuracy contested")
    house.salon(*SALON)
    house.sync()
    aino, ilona = (house.show(record)["id"] for record in ("timma:1", "school:s2"))
    names, left_out, counts = run(house, "kaikki")
    assert sorted(names) == ["Eero Esimerkki", "Otso Malli"]
    assert left_out == {aino: "objected", ilona: "restricted"}
    assert (counts["left_out"]["objected"], counts["left_out"]["restricted"]) == (1, 1)
    assert run(house, "hieronta")[:2] == ([], {aino: "objected"})
    (told,) = [one for one in answer(house, "timma:1")[1]["segments"] if one["segment"] == "hieronta"]
    assert (told["included"], told["left_out"]) == (False, "objected")

    house.run("request", "lift", objection, "--reason", "changed their mind")
    erasure = house.ask("erasure", "timma:3")
    house.run("request", "erase", erasure, "--yes")
    names, left_out, counts = run(house, "kaikki")
    assert sorted(names) == ["Aino Malli", "Otso Malli"]
    assert counts["customers"] == 3, "of who was erased there is nothing to count"

    house.run("segment", "define", "hieronta", "--rule", "bookings >= 5", "--purpose", "service")
    found = house.json("segment", "show", "hieronta")
    assert [one["rule"] for one in found["versions"]] == ["bookings >= 5", RULE]
    assert all(one["author"] and one["created_at"] and one["purpose"] for one in found["versions"])
    assert [one["listed"] for one in found["runs"]] == [1, 0]
