"""Consents from the command line: recorded, shown, exported."""

import json
import stat
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from privacy.consent_record import SCHEMA
from tests.sync.cli.conftest import Desk

GRANT = ("--channel", "email", "--state", "granted", "--method", "paper form")
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
CODE = "010190-123O"
"""The shape of an identity code; its check character occurs in none."""


def record(desk: Desk, *words: str, customer: str = "salon:both") -> dict[str, Any]:
    found: dict[str, Any] = desk.json("consent", "record", customer, *words)
    return found


def states(desk: Desk, customer: str = "salon:both") -> dict[tuple[str, str], str]:
    records = desk.json("consent", "show", customer)["records"]
    return {(each["brand"], each["channel"]): each["state"] for each in records}


@pytest.fixture
def withdrawn(people: Desk) -> Iterator[Desk]:
    """Maija withdrew from e-mail."""
    record(people, "--channel", "email", "--state", "withdrawn", "--method", "phone")
    yield people


def test_a_grant_is_written_down_and_holds_at_once(people: Desk) -> None:
    done = record(people, *GRANT, "--evidence", "binder 3", "--at", "2026-01-02T10:00")
    event = done["event"]
    assert (event["at"], event["evidence"], event["method"]) == ("2026-01-02T08:00:00.000Z", "binder 3", "paper form")
    assert (event["grantee"], event["notice_version"], event["brand"]) == ("hieromo", "2021-03-22", None)
    assert (done["marketing"], done["counts"]) == ({"email": "granted", "sms": "unknown"}, True)
    assert done["customer"] == people.registry.customer_of("salon:both")
    assert people.json("customers", "show", "salon:both")["marketing"]["email"] == "granted"


def test_of_one_brand_it_is_of_that_brand_alone(people: Desk) -> None:
    done = record(people, *GRANT, "--evidence", "x", "--brand", "artsport")
    assert done["brands"] == {"hieromo": "unknown", "artsport": "granted"}
    assert states(people)["hieromo", "email"] == "unknown"


def test_a_grant_without_evidence_does_not_count_beside_a_withdrawal_and_says_so(withdrawn: Desk) -> None:
    done = withdrawn.run("consent", "record", "salon:both", *GRANT, "--json")
    assert (done.exit_code, done.stderr.count("\n")) == (0, 1)
    assert "the grant is kept but does not count: a withdrawal stands" in done.stderr
    assert "--evidence" in done.stderr
    told = json.loads(done.stdout)
    assert (told["counts"], told["marketing"]["email"]) == (False, "withdrawn")
    assert record(withdrawn, *GRANT, "--evidence", "binder 3")["marketing"]["email"] == "granted"


def test_a_withdrawal_of_before_a_grant_with_evidence_says_that_it_does_not_count(people: Desk) -> None:
    record(people, *GRANT, "--evidence", "binder 3")
    late = ("--channel", "email", "--state", "withdrawn", "--method", "phone", "--at", "2026-01-02")
    done = people.run("consent", "record", "salon:both", *late)
    assert (done.exit_code, done.stderr.count("\n")) == (0, 1)
    assert "a later grant with evidence stands" in done.stderr


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_no_of_a_day_counts_though_somebody_granted_within_that_day(people: Desk, state: str) -> None:
    record(people, *GRANT, "--evidence", "binder 3", "--at", "2026-01-02T10:00")
    done = record(people, "--channel", "email", "--state", state, "--method", "phone", "--at", "2026-01-02")
    assert (done["event"]["at"], done["marketing"]["email"]) == ("2026-01-02T21:59:59.000Z", state)


def test_a_grant_of_a_day_counts_from_its_beginning(withdrawn: Desk) -> None:
    record(withdrawn, "--channel", "sms", "--state", "withdrawn", "--method", "phone", "--at", "2026-01-02T10:00")
    grant = ("--channel", "sms", "--state", "granted", "--method", "paper form", "--evidence", "binder 3")
    assert withdrawn.run("consent", "record", "salon:both", *grant, "--at", "2026-01-02").exit_code == 0
    assert withdrawn.json("customers", "show", "salon:both")["marketing"]["sms"] == "withdrawn"


def test_it_is_told_in_two_lines(people: Desk) -> None:
    shown = people.run("consent", "record", "salon:both", *GRANT, "--brand", "hieromo").stdout
    customer = people.registry.customer_of("salon:both")
    assert shown == (
        "Recorded 1: e-mail granted for hieromo.\n"
        f"Marketing to customer {customer} is now: e-mail granted, SMS unknown.\n"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--brand", "hieromoo"), "--brand: the register has no brand hieromoo; did you mean hieromo?"),
        (("--at", "2099-01-01"), "--at: is still to come"),
        (("--at", "yesterday"), "--at: is no time; write it as 2026-11-24"),
        (("--at", "0001-01-01"), "--at: is more than a hundred years away"),
        (("--method", " "), "--method: is empty"),
        (("--method", f"said {CODE}"), "--method: holds a personal identity code"),
        (("--evidence", CODE), "--evidence: holds a personal identity code"),
        (("--channel", "fax"), "'fax' is not one of 'email', 'sms'"),
        (("--state", "unknown"), "'unknown' is not one of 'granted', 'refused', 'withdrawn'"),
    ],
)
def test_what_makes_no_sense_is_status_2_in_one_line_and_writes_nothing(
    people: Desk, words: tuple[str, ...], says: str
) -> None:
    done = people.run("consent", "record", "salon:both", *GRANT, *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
    assert people.audit() == []


@pytest.mark.parametrize(
    "words", [("record", "salon:nobody", *GRANT), ("show", "salon:nobody"), ("export", "salon:nobody", "--output", "-")]
)
def test_who_is_not_there_is_status_1_in_one_line(people: Desk, words: tuple[str, ...]) -> None:
    done = people.run("consent", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no customer or record with this id" in done.stderr


def test_all_that_led_to_a_state_is_shown(withdrawn: Desk) -> None:
    record(withdrawn, *GRANT, "--evidence", "binder 3")
    found = withdrawn.json("consent", "show", withdrawn.registry.customer_of("school:both"))
    assert found.keys() == {"customer", "records", "objections", "restrictions"}
    first = found["records"][0]
    assert (first["controller"], first["brand"], first["channel"]) == ("hieromo", "hieromo", "email")
    assert (first["state"], first["term"], first["by"]) == ("granted", "dpv:ConsentGiven", "paper form")
    assert [event["state"] for event in first["events"]] == ["withdrawn", "granted"]
    shown = withdrawn.run("consent", "show", "salon:both").stdout
    for text in ("dpv:ConsentGiven", "binder 3", "all brands", "2021-03-22", "phone"):
        assert text in shown


def test_the_export_of_one_is_whole_private_and_of_its_schema(withdrawn: Desk) -> None:
    path = withdrawn.folder / "suostumukset.jsonld"
    done = withdrawn.run("consent", "export", "salon:both", "--output", str(path))
    assert (done.exit_code, done.stdout) == (0, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text("utf-8"))
    assert list(VALIDATOR.iter_errors(document)) == []
    customer = withdrawn.registry.customer_of("salon:both")
    assert {node["header"]["pii_principal_id"] for node in document["@graph"]} == {customer}
    assert [node["consent_status"] for node in document["@graph"]].count("dpv:ConsentWithdrawn") == 2


def test_the_export_of_everybody_has_four_records_each(withdrawn: Desk) -> None:
    done = withdrawn.run("consent", "export", "--output", "-")
    document = json.loads(done.stdout)
    assert list(VALIDATOR.iter_errors(document)) == []
    people = [node["header"]["pii_principal_id"] for node in document["@graph"]]
    assert {id_: people.count(id_) for id_ in people} == dict.fromkeys(withdrawn.registry.customers(), 4)
    assert "Maija" not in done.stdout


def test_an_empty_registry_is_an_empty_document(desk: Desk) -> None:
    document = json.loads(desk.run("consent", "export", "--output", "-").stdout)
    assert (document["@graph"], list(VALIDATOR.iter_errors(document))) == ([], [])


def test_a_file_that_cannot_be_written_is_status_1(people: Desk) -> None:
    done = people.run("consent", "export", "--output", str(people.folder / "missing" / "x.jsonld"))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def test_every_act_is_audited_with_ids_and_counts_alone(withdrawn: Desk) -> None:
    customer = withdrawn.registry.customer_of("salon:both")
    withdrawn.json("consent", "show", "salon:both")
    withdrawn.run("consent", "export", "--output", "-")
    withdrawn.run("consent", "export", "salon:both", "--output", "-")
    upkeep = "register_upkeep"
    assert withdrawn.audit() == [
        ("consent.record", upkeep, customer, {"declaration": 1, "channel": "email", "state": "withdrawn"}),
        ("consent.show", upkeep, customer, {"records": 4}),
        ("consent.export", upkeep, None, {"customers": len(withdrawn.registry.customers())}),
        ("consent.export", upkeep, customer, {"customers": 1}),
    ]
