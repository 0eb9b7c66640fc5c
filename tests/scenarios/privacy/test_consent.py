"""Consent: by channel, with a history, provable, and as easily withdrawn as given."""

import json
from collections.abc import Sequence
from typing import Any

from tests.scenarios.privacy.house import SALON, House

GRANT = ("--channel", "email", "--state", "granted", "--brand", "hieromo", "--method", "paper form",
         "--at", "2026-02-01", "--evidence", "folder 3, page 12")  # fmt: skip
WITHDRAWAL = ("--channel", "email", "--state", "withdrawn", "--method", "phone")


def events(house: House, channel: str, brand: str = "hieromo") -> list[dict[str, Any]]:
    """Aino's events of a channel and brand, as declared."""
    (record,) = (
        record
        for record in house.json("consent", "show", "timma:1")["records"]
        if (record["channel"], record["brand"]) == (channel, brand)
    )
    return [event for event in record["events"] if event["origin"] == "declared"]


def states(found: Sequence[dict[str, Any]]) -> list[str]:
    return [event["state"] for event in found]


def test_r21_consent_to_email_has_a_history_of_its_own(house: House) -> None:
    assert house.show("timma:1")["marketing"]["email"] == "unknown", "the platform's yes may have been given to it"
    house.run("consent", "record", "timma:1", *GRANT)
    first = events(house, "email")
    assert states(first) == ["granted"]
    assert house.show("timma:1")["marketing"]["email"] == "granted"
    house.run("consent", "record", "timma:1", *WITHDRAWAL)
    assert house.show("timma:1")["marketing"]["email"] == "withdrawn"
    house.salon(*SALON)
    house.sync()
    later = events(house, "email")
    assert states(later) == ["granted", "withdrawn"]
    assert later[0] == first[0], "what was once written down stays as it was"
    assert house.show("timma:1")["marketing"]["email"] == "withdrawn"


def test_r22_consent_to_text_messages_is_independent_of_email(house: House) -> None:
    house.grant("timma:1", "sms", "hieromo")
    assert house.show("timma:1")["marketing"] == {"email": "unknown", "sms": "granted"}
    assert "+358400000501" in house.listed("sms", "hieromo")[0]
    assert "Aino" not in house.listed("email", "hieromo")[0]
    house.run("consent", "record", "timma:1", *WITHDRAWAL)
    assert house.show("timma:1")["marketing"] == {"email": "withdrawn", "sms": "granted"}
    assert "+358400000501" in house.listed("sms", "hieromo")[0]


def test_r23_who_consented_when_how_and_to_whom_is_shown_and_withdrawn_as_easily(house: House) -> None:
    given = house.json("consent", "record", "timma:1", *GRANT)
    assert given["marketing"]["email"] == "granted"
    (event,) = events(house, "email")
    assert event["at"].startswith("2026-01-31T22:00"), "midnight in Helsinki"
    assert (event["method"], event["evidence"], event["notice_version"], event["grantee"]) == (
        "paper form", "folder 3, page 12", "2021-03-22", "hieromo",
    )  # fmt: skip
    house.run("consent", "export", "timma:1", "--output", str(house.folder / "consents.json"))
    exported = (house.folder / "consents.json").read_text("utf-8")
    assert "dpv:ConsentGiven" in exported
    assert "2021-03-22" in exported
    assert json.loads(exported)
    taken = house.json("consent", "record", "timma:1", *WITHDRAWAL)
    assert taken["marketing"]["email"] == "withdrawn", "one command gives, one takes back; neither asks for identity"
    request = house.ask("withdrawal", "timma:3", identified=False)
    house.run("request", "apply", request, "--channel", "email")
    assert house.show("timma:3")["marketing"]["email"] == "withdrawn"
