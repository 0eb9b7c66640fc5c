"""The answer holds all that is held of the person, and is of the shape that its schema says."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from privacy.package.archive import schema
from privacy.package.held import portable
from privacy.package.words import Words
from store.tables import DirectMarketingEntry, ImportedFile, Quarantine
from tests.privacy.package.desk import STAFF, Desk, members, written
from tests.store.test_disclosures import disclosed
from tests.sync.engine import START

MAIJA = {"first_name": "Maija", "last_name": "Malli", "name": "Maija Malli", "phone": "+358400000101"}
VALIDATOR = Draft202012Validator(json.loads(schema()), format_checker=FormatChecker())


@pytest.fixture
def maija(desk: Desk) -> Desk:
    """A customer of salon and school, with bookings, and somebody who has nothing to do with her."""
    desk.note("salon", "maija", "wishes a firm hand", **MAIJA, no_show_count=1, regular_employee="Malli Hieroja")
    desk.registry.land("school", {"maija": {**MAIJA, "email": "Maija@example.com", "email_marketing": True}})
    desk.registry.land("school", {"pekka": {"first_name": "Pekka", "last_name": "Muu", "email": "pekka@example.com"}})
    starts = datetime(2026, 3, 2, 8, tzinfo=UTC)
    for number in range(3):
        at = starts + timedelta(days=number)
        fields = {"starts_at": at, "service": f"Hieronta {number}", "employee": "Malli Hieroja", "price_cents": 6500}
        desk.book("maija", f"b{number}", notes=f"note {number}", client_name="Maija Malli", **fields)
    desk.registry.reconcile()
    return desk


def test_all_that_is_held_of_a_person_is_in_the_answer(maija: Desk) -> None:
    maija.say("salon:maija", "consent", channel="email", state="granted", method="paper form", evidence="folder 3")
    maija.say("salon:maija", "objection", scope="genealogy", reason="by phone")
    maija.say("salon:maija", "restriction", reason="until it is settled")
    maija.say("salon:maija", "correction", field="address", value='"Mallikatu 1, 00100 Helsinki"', reason="moved")
    document = maija.answer("salon:maija")
    VALIDATOR.validate(document)
    assert members(document["records"], "source", "external_id", "notes") == [
        ("salon", "maija", "wishes a firm hand"),
        ("school", "maija", None),
    ]
    assert document["records"][1]["payload"]["email"] == "Maija@example.com"
    assert document["records"][0]["joined"]["reasons"]
    assert members(document["bookings"], "external_id", "service", "notes", "withheld") == [
        (f"b{number}", f"Hieronta {number}", f"note {number}", []) for number in range(3)
    ]
    assert ("address", "Mallikatu 1, 00100 Helsinki", "pinned") in members(document["values"], "field", "value", "rule")
    (origin,) = document["origins"]
    assert (origin["processor"], origin["role_stated"]) == ("Thinkific Labs Inc.", "processor+controller")
    assert origin["transfer"]["storage_country"] == "US"
    assert {part["origin"] for name in ("records", "bookings") for part in document[name]} == {origin["number"]}
    assert members(document["marketing"]["history"], "by", "state") == [("flag", "yes"), ("declaration", "granted")]
    assert members(document["marketing"]["history"][1:], "method", "evidence") == [("paper form", "folder 3")]
    assert ("email", "hieromo", "granted") in members(document["marketing"]["states"], "channel", "brand", "state")
    assert members(document["objections"], "scope", "reason", "lifted_at") == [("genealogy", "by phone", None)]
    assert members(document["restrictions"], "reason") == [("until it is settled",)]
    assert members(document["corrections"], "field", "value") == [("address", "Mallikatu 1, 00100 Helsinki")]
    assert members(document["recipients"], "name") == [("Thinkific Labs Inc.",)]
    assert document["package"]["withheld"] == 0


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_file_of_the_answer_is_of_this_person_alone(maija: Desk, language: str) -> None:
    text = written(maija.answer("salon:maija", language))
    for value in ("Maija Malli", "Maija@example.com", "+358400000101", "wishes a firm hand", "note 2", "Hieronta 1"):
        assert value in text, value
    for other in ("Pekka", "pekka@", STAFF):
        assert other not in text, other


def test_what_a_source_has_removed_and_is_still_held_is_said_to_be_gone(maija: Desk) -> None:
    maija.registry.vanish("salon", "b1")
    document = maija.answer("salon:maija")
    VALIDATOR.validate(document)
    assert [bool(booking["gone_at"]) for booking in document["bookings"]] == [False, True, False]


def test_rows_that_could_not_be_read_are_shown_under_the_very_id_of_the_person(maija: Desk) -> None:
    def unread(stream: str, key: str, fields: str) -> None:
        maija.insert(
            Quarantine, source="salon", stream=stream, key=key, fields=fields, reason="no name", retrieved_at=START,
            retrieved_from="asiakkaat.csv", first_seen_at=START, run_id="run", origin_id=maija.registry.origin,
        )  # fmt: skip

    unread("people", "maija", '{"Puhelin": "0400 unreadable"}')
    unread("people", "pekka", '{"Puhelin": "0400 of another"}')
    unread("bookings", "b1", '{"clientName": "Somebody Else"}')
    document = maija.answer("salon:maija")
    VALIDATOR.validate(document)
    assert members(document["unread_rows"], "external_id", "fields") == [
        ("maija", {"Puhelin": "0400 unreadable"}),
        ("b1", None),
    ]
    assert "of another" not in written(document)
    assert "Somebody Else" not in written(document)


def test_a_record_that_came_from_a_file_names_it(maija: Desk) -> None:
    maija.insert(
        ImportedFile, source="salon", stream="people", sha256="0" * 64, name="test", rows=1, imported_at=START,
        run_id="run",
    )  # fmt: skip
    document = maija.answer("salon:maija")
    VALIDATOR.validate(document)
    assert document["records"][0]["file"] == {"name": "test", "imported_at": "2026-01-01T09:00:00.000Z"}
    assert document["records"][1]["file"] is None


def test_stays_in_the_marketing_register_and_requests_are_told(maija: Desk) -> None:
    with maija.registry.engine.connect() as connection:
        record = maija.registry.id_of(connection, "salon", "maija")
    maija.insert(
        DirectMarketingEntry, record_id=record, brand="hieromo", relationship_ended_on=START.date(),
        reason="moved away", entered_at=START, entered_by=STAFF,
    )  # fmt: skip
    maija.ask("salon:maija", "objection")
    document = maija.answer("salon:maija")
    VALIDATOR.validate(document)
    assert members(document["direct_marketing"], "reason", "left_at") == [("moved away", None)]
    assert members(document["requests"], "type", "identity_method") == [
        ("objection", "passport shown"),
        ("access", "passport shown"),
    ]


def test_looks_at_the_person_are_told_with_purpose_and_without_staff(maija: Desk) -> None:
    me, other = maija.registry.customer_of("salon:maija"), maija.registry.customer_of("school:pekka")
    for customer, action in ((me, "customers.show"), (other, "customers.show"), (None, "customers.export")):
        maija.look(customer, action)
    maija.look(None, "customers.find")
    document = maija.answer("salon:maija")
    assert members(document["look_ups"], "action", "purpose", "whole_registry") == [
        ("customers.show", "feedback", False),
        ("customers.export", "feedback", True),
    ]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_who_got_data_of_the_person_is_told_by_name_and_nobody_who_got_others(maija: Desk, language: str) -> None:
    disclosed(maija.registry, "salon:maija", "school:pekka", name="Kumppani Oy")
    disclosed(maija.registry, "school:pekka", name="Toinen Oy")
    document = maija.answer("salon:maija", language)
    VALIDATOR.validate(document)
    assert members(document["disclosures"], "recipient", "kind", "purpose", "basis", "fields") == [
        ("Kumppani Oy", "partner", "service", "eu-gdpr:A6-1-b", ["name"])
    ]
    assert "service" in {one["id"] for one in document["purposes"]}
    text = written(document)
    assert text.count("Kumppani Oy") == 3, "on the page, as JSON and in a table"
    assert "Toinen Oy" not in text
    assert Words(language).say("no_disclosures") not in text


def test_only_what_the_person_gave_or_what_was_observed_is_portable(maija: Desk) -> None:
    document = maija.answer("salon:maija")
    taken = portable(document)
    assert {part["portable"] for part in document["values"]} == {False}
    assert taken["records"][0] == {
        "source": "salon", "external_id": "maija", "name": "Maija Malli", "first_name": "Maija", "last_name": "Malli",
        "phone": "+358400000101",
    }  # fmt: skip
    assert members(taken["bookings"], "external_id", "service") == [(f"b{n}", f"Hieronta {n}") for n in range(3)]
    assert "wishes a firm hand" not in json.dumps(taken)
    assert members(taken["marketing"], "by", "state") == [("flag", "yes")]
