"""Requests: their register, and what carries them out."""

import json
import zipfile
from datetime import date, timedelta

import pytest

from tests.scenarios.privacy.house import AINO, NOTE, SALON, House


def test_r53_a_correction_is_a_value_that_no_sync_undoes(house: House) -> None:
    request = house.ask("rectification", "timma:1", identified=False)
    correction = ("request", "apply", request, "--field", "last_name", "--value", "Oikea")
    assert "identify" in house.refused(*correction)
    house.run("request", "identify", request, "--method", "passport shown")
    house.run(*correction)
    assert house.show("timma:1")["last_name"] == "Oikea"
    tasks = house.run("request", "tasks", request).stdout
    assert "Timma Oy" in tasks
    assert "Muu kurssien jälleenmyyjä" in tasks

    house.salon(("1", "Aino", "Väärä", *AINO[3:]), *SALON[1:])
    house.sync()
    aino = house.show("timma:1")
    assert (aino["last_name"], aino["fields"]["last_name"][0]["rule"]) == ("Oikea", "pinned")
    house.run("request", "lift", request, "--reason", "the platform has it right now")
    assert house.show("timma:1")["last_name"] == "Väärä"


def test_r54_a_request_has_a_due_date_an_identity_check_statuses_and_an_answer(house: House) -> None:
    words = ("request", "open", "--type", "access", "--customer", "timma:1")
    old = house.json(*words, "--received", "2025-01-15", "--channel", "letter")
    assert (old["received_at"], old["due_at"]) == ("2025-01-15", "2025-02-17"), "15.2.2025 was a Saturday"
    assert "first month" in house.refused("request", "extend", str(old["id"]), "--reason", "very many bookings")
    assert "request" in house.run("status").stdout
    request = house.ask("access", "timma:1")
    opened = next(one for one in house.json("request", "list")["requests"] if str(one["id"]) == request)
    today = date.fromisoformat(opened["received_at"])
    assert today + timedelta(days=28) <= date.fromisoformat(opened["due_at"])
    extended = house.json("request", "extend", request, "--reason", "very many bookings")
    assert date.fromisoformat(extended["due_at"]) >= today + timedelta(days=89)
    house.refused("request", "extend", request, "--reason", "once more")
    house.run("request", "package", request, "--output", str(house.folder / "answer.zip"))
    house.run("request", "close", request, "--outcome", "fulfilled")
    shown = json.dumps(house.json("request", "show", request))
    for term in ("dpv:RequestInitiated", "dpv:RequestActionDelayed", "dpv:RequestFulfilled", "passport shown"):
        assert term in shown
    house.refused("request", "identify", request, "--method", "again")


@pytest.mark.parametrize("type_", ["withdrawal", "erasure", "restriction", "portability"])
def test_r56_every_right_that_the_notice_leaves_out_can_be_asked_for(house: House, type_: str) -> None:
    request = house.ask(type_, "timma:1")
    listed = house.json("request", "list")["requests"]
    assert [(str(one["id"]), one["type"]) for one in listed] == [(request, type_)]
    assert f"request {request}" in house.run("customers", "show", "timma:1").stdout
    if type_ == "erasure":
        assert "erasure" in house.refused("request", "apply", request)
        assert house.show("timma:1")["name"] == "Aino Malli", "nothing pretends to have been erased"
    elif type_ == "portability":
        house.run("request", "package", request, "--output", str(house.folder / "answer.zip"))
        assert "portable.json" in zipfile.ZipFile(house.folder / "answer.zip").namelist()
    else:
        house.run("request", "apply", request)
    justified = ("--justification", "done by hand at the platforms")
    house.run("request", "close", request, "--outcome", "partly_fulfilled", *justified)
    assert house.json("request", "list")["requests"] == []


def test_r58_restricted_data_are_kept_and_used_for_nothing(house: House) -> None:
    house.grant("timma:1", "email", "hieromo")
    before = house.show("timma:1")
    request = house.ask("restriction", "timma:1")
    house.run("request", "apply", request)
    house.salon(*SALON)
    house.sync()
    held = house.show("timma:1")
    assert held["restricted"] is True
    kept = ("id", "name", "emails", "phones", "address", "bookings", "records", "marketing")
    assert {name: held[name] for name in kept} == {name: before[name] for name in kept}
    card = house.run("customers", "show", "timma:1").stdout
    assert card.index("RESTRICTED") < card.index("Values")
    text, dropped = house.listed("email", "hieromo")
    assert "Aino" not in text
    assert dropped["restricted"] == 1
    house.refused(
        "direct-marketing", "move", "timma:1", "--relationship-ended", "2026-03-31", "--reason", "has moved abroad"
    )
    access = house.ask("access", "timma:1")
    house.run("request", "package", access, "--output", str(house.folder / "answer.zip"))
    with zipfile.ZipFile(house.folder / "answer.zip") as package:
        assert NOTE in package.read("data.json").decode()
    house.run("request", "lift", request, "--reason", "the dispute is settled")
    assert house.show("timma:1")["restricted"] is False
    assert "Aino" in house.listed("email", "hieromo")[0]
