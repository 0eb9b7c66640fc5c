"""Feedback, claims and contacts, from the letter to what becomes of it."""

import json
import zipfile
from pathlib import Path

from tests.scenarios.privacy.house import SALON, House

MATTER = "massage of 9.3. hurt, wants 60 euros back"


def timeline(house: House, customer: str) -> list[tuple[str, str | None]]:
    found = house.json("contact", "list", customer)["timeline"]
    return [(one["kind"], one["text"]) for one in found]


def over(house: House) -> dict[str, int]:
    """What is over its time, by category."""
    return {one["category"]: one["over"] for one in house.json("retention", "run", "--dry-run")["categories"]}


def test_r15_one_history_of_contacts_goes_over_both_brands_and_through_merges_and_splits(house: House) -> None:
    for record, brand, day, text in (
        ("school:s1", "artsport", "2026-03-03", "asked for a certificate"),
        ("timma:1", "hieromo", "2026-03-02", "asked for a later time"),
    ):
        how = ("--channel", "phone", "--direction", "in", "--brand", brand, "--at", day)
        house.run("contact", "add", record, *how, "--summary", text)
    house.grant("timma:1", "email", "hieromo")
    house.ask("access", "school:s1", identified=False)
    both = timeline(house, "timma:1")
    assert both == timeline(house, "school:s1")
    assert [kind for kind, _ in both] == ["contact", "contact", "request", "consent"]
    assert [text for _, text in both[:2]] == ["asked for a later time", "asked for a certificate"]
    assert timeline(house, "timma:2") == [], "her child on her phone has a history of its own"

    house.sync()
    house.run("review", "split", house.show("timma:1")["id"], "school:s1")
    assert [text for kind, text in timeline(house, "timma:1") if kind == "contact"] == ["asked for a later time"]
    assert [text for kind, text in timeline(house, "school:s1") if kind == "contact"] == ["asked for a certificate"]
    house.run("review", "same", "timma:1", "timma:3")
    assert ("contact", "asked for a later time") in timeline(house, "timma:3")


def test_r16_feedback_has_the_state_of_its_answer_until_it_is_closed(house: House) -> None:
    text = ("--type", "feedback", "--channel", "email", "--subject", "the second video stops")
    id_ = str(house.json("case", "open", *text, "--customer", "school:s1", "--brand", "artsport")["id"])
    assert "the second video stops" in house.run("customers", "show", "timma:1").stdout
    states = [house.json("case", "show", id_)["state"]]
    house.run("case", "answer", id_, "--text", "put right on 26.11.")
    states.append(house.json("case", "list")["cases"][0]["state"])
    house.run("case", "close", id_)
    assert [*states, house.json("case", "show", id_)["state"]] == ["open", "answered", "closed"]
    assert house.json("case", "list")["cases"] == []
    assert "is closed" in house.refused("case", "answer", id_, "--text", "once more")
    house.run("case", "reopen", id_, "--reason", "it stops again")
    assert house.json("case", "list")["cases"][0]["answer"] == "put right on 26.11."
    erasure = house.ask("erasure", "timma:1")
    house.run("request", "erase", erasure, "--yes")
    left = house.json("case", "show", id_)
    assert (left["customer_id"], left["subject"], left["answer"]) == (None, "[erased]", "[erased]")


def test_r17_an_open_claim_holds_back_an_erasure_until_it_is_closed(house: House) -> None:
    letter = ("--type", "claim", "--channel", "letter", "--subject", f"Aino Malli, 0400 000 501: {MATTER}")
    claim = str(house.json("case", "open", *letter, "--customer", "timma:1")["id"])
    assert "--outcome" in house.refused("case", "close", claim)

    house.run("retention", "set", "customers", "--after", "1d", "--from", "last_activity", "--basis", "nothing newer")
    kept_back = house.json("retention", "run", "--dry-run")
    aino = house.show("timma:1")["id"]
    assert ("customers", aino, "open claim") in [
        (one["category"], one["customer_id"], one["why"]) for one in kept_back["held_back"]
    ]
    house.run("retention", "run", "--yes")
    assert house.show("timma:1")["id"] == aino

    erasure = house.ask("erasure", "timma:1")
    would = house.run("request", "erase", erasure, "--dry-run").stdout
    assert f"An open claim holds back 3 rows, kept without name and contact until it is closed: case {claim}" in would
    assert "The answer to the person says so" in would
    done = house.json("request", "erase", erasure, "--yes")["erased"]
    assert [one["kind"] for one in done["held"]] == ["case", "booking", "booking"]
    assert {(one["category"], one["until"]) for one in done["held"]} == {("claims", None)}
    left = house.json("case", "show", claim)
    assert (left["customer_id"], left["subject"]) == (None, f"[…], […]: {MATTER}")
    house.sync()
    house.refused("customers", "show", "timma:1")

    assert over(house).get("held", 0) == 0
    assert "retention run" in house.run("case", "close", claim, "--outcome", "refunded").stdout
    assert over(house)["held"] == 3
    house.run("retention", "run", "--yes")
    assert house.json("case", "show", claim)["subject"] == "[erased]"
    assert house.json("case", "show", claim)["state"] == "closed"


def test_r51_letters_and_calls_become_records_that_the_person_is_told_of(house: House) -> None:
    for way, side, text in (("letter", "in", "wrote of the new price"), ("phone", "out", "called back")):
        house.run("contact", "add", "timma:1", "--channel", way, "--direction", side, "--summary", text)
    house.salon(*SALON)
    house.sync()
    path = Path(house.folder / "answer.zip")
    house.run("request", "package", house.ask("access", "school:s1"), "--output", str(path))
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("data.json"))["contacts"]
        page = archive.read("index.html").decode()
    assert [(one["channel"], one["sender"], one["summary"]) for one in told] == [
        ("letter", "person", "wrote of the new price"), ("phone", "controller", "called back"),
    ]  # fmt: skip
    assert "wrote of the new price" in page
    assert "called back" in house.run("customers", "show", "timma:1").stdout
