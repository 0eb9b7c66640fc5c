"""Objection, and the register for direct marketing that an objection closes."""

from tests.scenarios.privacy.house import SALON, House

SCOPES = [
    "direct_advertising", "distance_selling", "genealogy", "market_opinion_research", "other_direct_marketing",
    "personal_directory",
]  # fmt: skip
MOVE = ("--relationship-ended", "2026-03-31", "--reason", "has moved abroad")


def test_r39_a_move_into_the_direct_marketing_register_is_an_act_that_an_objection_stops(house: House) -> None:
    request = house.ask("objection", "timma:1", identified=False)
    house.run("request", "apply", request, "--scope", "other_direct_marketing")
    house.refused("direct-marketing", "move", "timma:1", *MOVE)
    assert "has moved abroad" not in house.run("direct-marketing", "list").stdout
    house.run("request", "lift", request, "--reason", "the person changed their mind")
    house.run("direct-marketing", "move", "timma:1", *MOVE)
    assert "has moved abroad" in house.run("direct-marketing", "list").stdout
    assert "in the direct-marketing register" in house.run("customers", "show", "school:s1").stdout
    assert "Aino" not in house.listed("email", "hieromo")[0], "being there is no consent"
    house.run("direct-marketing", "remove", "timma:1", "--reason", "asked for it")
    assert "in the direct-marketing register" not in house.run("customers", "show", "timma:1").stdout


def test_r55_an_objection_is_by_scope_and_survives_syncs_merges_and_splits(house: House) -> None:
    for customer in ("timma:1", "timma:3"):
        house.grant(customer, "email", "hieromo")
    research = house.ask("objection", "timma:3", identified=False)
    house.run("request", "apply", research, "--scope", "market_opinion_research")
    request = house.ask("objection", "timma:1", identified=False)
    house.run("request", "apply", request, "--scope", "direct_advertising")
    text, dropped = house.listed("email", "hieromo")
    assert "eero@example.com" in text, "who wants no surveys may get advertising"
    assert "Aino" not in text
    assert dropped["objected"] == 1

    again = ("9", "Aino", "Malli", "0400 000 501", "", "", "", "", "", "kyllä")
    house.salon(*SALON, again)
    house.sync()
    assert house.show("timma:9")["objections"] == ["direct_advertising"], "under another number she is still she"
    assert house.show("timma:2")["objections"] == [], "her child on her phone has a say of its own"

    aino = house.show("timma:1")["id"]
    house.run("review", "split", aino, "school:s1")
    parts = [house.show(record) for record in ("timma:1", "school:s1")]
    assert len({part["id"] for part in parts}) == 2
    assert [part["objections"] for part in parts] == [["direct_advertising"]] * 2
    house.run("review", "same", "timma:1", "timma:3")
    assert house.show("timma:3")["objections"] == ["direct_advertising", "market_opinion_research"]
    assert house.listed("email", "hieromo")[0].count("@") == 0

    every = house.ask("objection", "school:s2", identified=False)
    house.run("request", "apply", every, "--scope", "all")
    assert house.show("school:s2")["objections"] == SCOPES
