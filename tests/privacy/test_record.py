"""The record of processing: what the tables and the register say and no more, in every column, form and language."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from config.entries import Activity
from config.register import ProcessingRegister, load_register
from privacy import terms
from privacy.package.words import LANGUAGES, tables
from privacy.record.contents import Feed, contents
from privacy.record.linked import CONTEXT, linked
from privacy.record.own import own_activities
from privacy.record.page import page
from privacy.record.telling import COLUMNS, cell, sheet
from privacy.record.words import RecordWords
from store import audit, disclosures, retention, upkeep
from store.engine import reading, writing
from store.processed import Processed, read_processed
from store.retention import Ruling
from tests.linked import properties, strangers
from tests.sync.declaring import consent
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
FEEDS = (Feed("salon", "timma", "bookings"),)


def found(registry: Registry) -> Processed:
    with reading(registry.engine) as connection:
        return read_processed(connection)


def made(registry: Registry, register: ProcessingRegister | None = None) -> dict[str, Any]:
    return contents(found(registry), register or load_register(None), FEEDS, NOW, date(2026, 11, 24))


def activity(document: Mapping[str, Any], id_: str) -> dict[str, Any]:
    one: dict[str, Any]
    (one,) = [part for part in document["activities"] if part["id"] == id_]
    return one


def lines(document: Mapping[str, Any], id_: str, column: str, language: str = "en") -> list[str]:
    return cell(column, document, activity(document, id_), RecordWords(language))


def people(registry: Registry) -> Registry:
    """Two customers of the school, whose records came from Canada."""
    maija = {"first_name": "Maija", "last_name": "Malli", "email": "maija@example.com"}
    eero = {"first_name": "Eero", "last_name": "Esimerkki", "phone": "+358400000502"}
    registry.land("school", {"1": maija, "2": eero})
    registry.reconcile()
    return registry


def settled(registry: Registry) -> Registry:
    """The same with an agreement, a sub-processor, a measure, a recipient abroad, a rule and a consent."""
    people(registry)
    consent(registry, "school:1", "granted")
    recorded = {"recorded_at": NOW, "recorded_by": "tester"}
    agreed = {"type": "dpv:ControllerProcessorAgreement", "signed_on": date(2024, 9, 4), "review_on": date(2027, 1, 1)}
    with writing(registry.engine) as connection:
        upkeep.add_agreement(connection, {"party": "thinkific", **agreed, "url": "https://example.com/dpa", **recorded})
        below = {"party": "Pilvi Inc.", "under": "thinkific", "type": "dpv:SubProcessorAgreement", "country": "US"}
        upkeep.add_agreement(connection, below | recorded)
        measure = {
            "kind": "technical",
            "term": "dpv:EncryptionAtRest",
            "name": "salattu levy",
            "since": date(2026, 1, 1),
        }
        upkeep.add_measure(connection, measure | recorded)
        partner = {"name": "Kumppani Inc.", "kind": "partner", "country": "US", "safeguard": "eu-gdpr:A46-2-c"}
        approved = {"approved_at": NOW, "approved_by": "tester", "reason": "agreed"}
        purposes = json.dumps(["communication_and_marketing"])
        disclosures.approve(connection, {**partner, **approved, "purposes": purposes})
        basis = "law: Accounting Act 2:10"
        retention.set_rule(connection, Ruling("customers", "P6Y", "year_end", basis, NOW, "tester"))
        audit.note(connection, NOW, "tester", "customers.show", "register_upkeep")
    return registry


def test_records_that_came_are_counted_by_party_and_kind(registry: Registry) -> None:
    document = made(people(registry))
    school = activity(document, "online_courses:thinkific")
    assert (school["in_use"], school["sources"], school["brands"]) == (True, ["school"], ["ArtSport"])
    assert school["counts"] == [{"what": "customer", "number": 2}]
    assert school["last_retrieved_at"].startswith("2026-01-01T")
    assert document["customers"] == 2
    registry.vanish("school", "1")
    registry.reconcile()
    assert activity(made(registry), "online_courses:thinkific")["counts"] == [{"what": "customer", "number": 1}]


def test_what_is_switched_on_counts_as_used_and_the_rest_says_that_it_is_not(light_registry: Registry) -> None:
    document = made(people(light_registry))
    used = {part["id"] for part in document["activities"] if part["in_use"]}
    assert used == {"bookings:timma", "online_courses:thinkific"}
    assert activity(document, "bookings:timma")["counts"] == []
    assert lines(document, "bookings:timma", "counts") == ["none"]
    assert lines(document, "disclosures", "in_use", "fi") == ["ei"]
    headings, rows = sheet(document, RecordWords("fi"))
    assert len(rows) == len(document["activities"]) == 5 + 7
    assert [row[headings.index("Käytössä")] for row in rows].count("kyllä") == 2


def test_each_thing_that_is_there_is_told(registry: Registry) -> None:
    document = made(settled(registry))
    school = "online_courses:thinkific"
    assert lines(document, school, "agreements")[0] == (
        "controller–processor agreement (Article 28), Thinkific Labs Inc.: signed 4 September 2024, to be reviewed "
        "1 January 2027, https://example.com/dpa"
    )
    assert "sub-processor: Pilvi Inc., United States, third country" in lines(document, school, "recipients")
    assert lines(document, school, "review_on") == ["1 January 2027"]
    assert lines(document, school, "retention")[:1] == [
        "All data of a customer: 6 years from the end of the year (law: Accounting Act 2:10)"
    ]
    assert lines(document, school, "measures") == ["salattu levy (technical, since 1 January 2026)"]
    assert lines(document, "disclosures", "recipients") == ["partner: Kumppani Inc., United States, third country"]
    assert "mechanism as assessed: standard clauses of the European Commission (Article 46(2)(c))" in lines(
        document, "disclosures", "transfers"
    )
    assert lines(document, "email_marketing", "in_use") == ["yes"]
    assert lines(document, "email_marketing", "consents")[0].startswith("1 recorded consents")
    assert lines(document, "accounts_and_logs", "counts") == [
        "events in the audit trail: 1",
        "users in the audit trail: 1",
    ]


def test_what_is_not_settled_says_so_and_nothing_is_guessed(light_registry: Registry) -> None:
    document = made(people(light_registry))
    school = "online_courses:thinkific"
    assert document["controller"]["contact"] == "unknown"
    assert lines(document, school, "representative") == lines(document, school, "dpo") == ["none"]
    assert set(lines(document, school, "retention")) >= {"All data of a customer: undefined"}
    assert lines(document, school, "measures") == lines(document, school, "agreements") == ["none recorded"]
    assert lines(document, school, "lia") == ["none recorded"]
    assert "mechanism as assessed: not assessed yet" in lines(document, school, "transfers")
    assert lines(document, "disclosures", "legal_basis") == ["not known"]
    assert [one["name"] for one in document["unsettled"]] == ["Campaign Monitor"]


def test_the_purposes_are_the_notices_own_words(light_registry: Registry) -> None:
    document = made(people(light_registry))
    told = lines(document, "online_courses:thinkific", "purposes", "fi")
    assert told[3] == "”Asiakaspalautteen käsittely ja siihen vastaaminen”"
    assert lines(document, "online_courses:thinkific", "purposes")[3] == "Handling and answering feedback."
    (upkeep_,) = lines(document, "rights_requests", "purposes", "fi")
    assert not upkeep_.startswith("”"), "the notice does not say it"


def test_a_basis_of_ones_own_activity_is_the_programs_reading_until_the_register_states_one(
    light_registry: Registry,
) -> None:
    register = load_register(None)
    read = lines(made(light_registry), "statistics", "legal_basis")
    assert read[0].endswith("the program's own reading, which the controller has not confirmed")
    stated = Activity(name="Tilastot", legal_basis=("eu-gdpr:A6-1-f",), lia="kansio 4", review_on=date(2027, 1, 12))
    mine = register.model_copy(update={"activities": {**register.activities, "statistics": stated}})
    document = made(light_registry, mine)
    assert lines(document, "statistics", "legal_basis") == [
        "legitimate interest of the controller, the customer relationship (Article 6(1)(f))"
    ]
    assert lines(document, "statistics", "lia") == ["kansio 4"]
    assert lines(document, "statistics", "review_on") == ["12 January 2027"]
    assert lines(document, "statistics", "activity") == ["Tilastot"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_every_activity_is_in_words(light_registry: Registry, language: str) -> None:
    document = made(settled(light_registry))
    headings, rows = sheet(document, RecordWords(language))
    letters = [heading[0] for heading in headings if heading[1:2] == ")"]
    assert letters == sorted(letters)
    assert set(letters) == set("abcdefg"), "Article 30(1) has these"
    told = "\n".join(["\n".join(headings), *("\n".join(row) for row in rows)])
    assert re.findall(r"\b(?:dpv|pd|eu-gdpr|own):\w+|\b[a-z]+_[a-z_]+\b|\bunassessed\b|\bNone\b", told) == []
    blank = {headings[place] for row in rows for place, text in enumerate(row) if not text}
    assert blank == {RecordWords(language).say("consents")}, "where there is none to be had"


def test_the_words_are_there_in_both_languages() -> None:
    words = tables(RecordWords.folder)
    assert [key for table in words.values() for key, said in table.items() if set(said) != set(LANGUAGES)] == []
    assert set(words["agreement"]) == set(terms.AGREEMENTS)
    assert [column for column in COLUMNS if RecordWords("fi").say(column) == column] == []


def test_the_own_activities_have_names_and_counts_in_words(light_registry: Registry) -> None:
    words = tables(RecordWords.folder)
    for own in own_activities(found(light_registry)):
        assert own.id in words["own"]
        assert own.counts.keys() <= words["count"].keys()
        assert {*own.lives_by} <= own.counts.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_no_script_and_nothing_of_the_net(light_registry: Registry, language: str) -> None:
    register = load_register(None).model_copy(update={"name": "<script>alert(1)</script>"})
    text = page(made(settled(light_registry), register), RecordWords(language))
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"|@import|url\(', text) == []
    assert "prefers-color-scheme: dark" in text
    assert "@page" in text
    for person in ("Maija", "Eero", "example.com\n", "+358400000502"):
        assert person not in text


def test_the_linked_form_has_a_process_for_each_activity_and_only_known_terms(light_registry: Registry) -> None:
    document = linked(made(settled(light_registry)))
    assert strangers(json.loads(json.dumps(document))) == set()
    assert document["@type"] == "dpv:DataProcessingRecord"
    assert {one["@type"] for one in document["processes"]} == {"dpv:Process"}
    assert len(document["processes"]) == 12
    assert len({one["@id"] for one in document["processes"]}) == 12
    said = {name for name, _ in properties(document)}
    assert {
        "dpv:hasDataController →", "dpv:hasPurpose", "dpv:hasDataSubject →", "dpv:hasPersonalData →",
        "dpv:hasRecipient", "dpv:hasThirdCountry →", "dpv:hasStorageCondition", "dpv:hasTechnicalMeasure",
        "dpv:hasLegalBasis →", "dpv:hasDataSource →", "dpv:hasLegalMeasure", "dpv:hasRepresentative",
        "dpv:hasDataProtectionOfficer",
    } <= said  # fmt: skip


def test_a_time_limit_that_nobody_set_is_indeterminate_and_one_that_was_set_is_told(light_registry: Registry) -> None:
    document = linked(made(settled(light_registry)))
    (school,) = [one for one in document["processes"] if one["@id"].endswith("online_courses:thinkific")]
    kept = {one["category"]: one for one in school["storage"] if one["@type"] == "dpv:StorageDuration"}
    assert kept["customers"]["period"] == "P6Y"
    assert kept["vanished"]["duration"] == "dpv:IndeterminateDuration"
    assert CONTEXT["duration"] == {"@id": "dpv:hasDuration", "@type": "@id"}


def test_the_program_is_no_user_of_the_trail(registry: Registry) -> None:
    with writing(registry.engine) as connection:
        for actor in ("anna", "rekisteri (schedule)", "rekisteri", "anna"):
            audit.note(connection, registry.clock, actor, "x.y", "service")
    with reading(registry.engine) as connection:
        assert read_processed(connection).users == 1
