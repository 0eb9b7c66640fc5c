"""Exported consent records: of their schema, of known terms, and their last event is their state."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.register import ProcessingRegister, load_register
from privacy import terms
from privacy.consent_context import CONTEXT
from privacy.consent_record import SCHEMA, Exporter
from privacy.consents import Parties, consent_records
from store.consents import consents_of
from store.engine import reading
from tests.sync.declaring import consent, lift
from tests.sync.engine import START, Registry

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
PREFIXES = tuple(f"{prefix}:" for prefix in terms.PREFIXES if prefix not in ("dct", "schema", "skos", "xsd"))


@pytest.fixture
def light(light_registry: Registry) -> Registry:
    """Maija at the salon, whose flags speak to the controller."""
    light_registry.grantees = {"salon": "controller"}
    return light_registry


def land(registry: Registry, **flags: bool | None) -> None:
    registry.land("salon", {"1": {"first_name": "Maija", "last_name": "Malli", "email": "a@example.com", **flags}})
    registry.reconcile()


def export(registry: Registry, register: ProcessingRegister | None = None) -> dict[str, Any]:
    """The whole document of the customer."""
    register = register or load_register(None)
    with reading(registry.engine) as connection:
        found = consents_of(connection, registry.customer_of("salon:1"))
    assert found
    records = consent_records(found, Parties("hieromo", ("hieromo", "artsport"), registry.grantees))
    nodes = Exporter(register, "2021-03-22").documents(found, records)
    return json.loads(json.dumps({"@context": CONTEXT, "@graph": list(nodes)}))  # type: ignore[no-any-return]


def record(registry: Registry, brand: str = "artsport", channel: str = "own:EmailChannel") -> dict[str, Any]:
    graph: list[dict[str, Any]] = export(registry)["@graph"]
    (found,) = [each for each in graph if (each["brand"], each["channel"]) == (brand, channel)]
    return found


def faults(document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def leaves(value: Any) -> Iterator[str]:
    """Every text in a document, keys apart."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(each)


def full(registry: Registry) -> dict[str, Any]:
    """A document with everything in it: flags, declarations with and without evidence, one lifted."""
    land(registry, email_marketing=True, sms_marketing=False)
    land(registry, email_marketing=False, sms_marketing=None)
    consent(registry, "salon:1", "granted")
    consent(registry, "salon:1", "granted", channel="sms", evidence=None)
    lift(registry, consent(registry, "salon:1", "refused", brand="hieromo"))
    return export(registry)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_a_full_document_and_one_of_nobodys_word_fit_the_schema(light: Registry) -> None:
    assert faults(full(light)) == []
    land(light)
    assert faults(export(light)) == []


@pytest.mark.parametrize(
    ("section", "field"),
    [
        (section, field)
        for section in ("header", "processing", "parties", "events")
        for field in terms.ISO_27560_MANDATORY[section]
    ],
)
def test_the_schema_misses_each_mandatory_field_of_the_standard(light: Registry, section: str, field: str) -> None:
    land(light, email_marketing=True)
    document = export(light)
    part = document["@graph"][0][section]
    del (part[0] if isinstance(part, list) else part)[field]
    assert [fault for fault in faults(document) if f"'{field}' is a required property" in fault]


def test_the_schema_refuses_a_state_that_dpv_does_not_have(light: Registry) -> None:
    land(light)
    document = export(light)
    document["@graph"][0]["events"][0]["event_state"] = "dpv:ConsentExpired2"
    assert faults(document)


def test_every_term_of_a_document_and_its_context_is_known(light: Registry) -> None:
    document = full(light)
    used = {text for text in leaves(document["@graph"]) if text.startswith(PREFIXES)}
    properties = {each["@id"] if isinstance(each, dict) else each for each in CONTEXT.values() if each != 1.1}
    used |= {text for text in properties if text.startswith(PREFIXES)} - {*terms.PREFIXES.values()}
    assert len(used) > 60
    assert {term for term in used if not terms.is_known(term)} == set()


def test_every_field_is_a_property_in_the_context(light: Registry) -> None:
    assert set(keys(full(light)["@graph"])) - {"@id", "@type"} - CONTEXT.keys() == set()


def test_the_sections_have_the_standards_fields(light: Registry) -> None:
    land(light, email_marketing=True)
    found = record(light)
    assert tuple(found["header"]) == terms.ISO_27560["header"]
    assert set(terms.ISO_27560_MANDATORY["processing"]) <= found["processing"].keys()
    assert set(terms.ISO_27560["events"]) <= found["events"][0].keys()


def test_a_record_has_the_same_id_in_every_export_and_no_other_has_it(light: Registry) -> None:
    land(light)
    ids = [each["header"]["record_id"] for each in export(light)["@graph"]]
    consent(light, "salon:1", "granted")
    assert ids == [each["header"]["record_id"] for each in export(light)["@graph"]]
    assert len(set(ids)) == 4
    assert [each["@id"] for each in export(light)["@graph"]] == [f"urn:uuid:{id_}" for id_ in ids]


def test_where_nothing_is_known_the_one_event_says_so(light: Registry) -> None:
    land(light)
    found = record(light)
    (event,) = found["events"]
    assert (event["event_state"], event["grantee"]) == ("dpv:ConsentUnknown", "unknown")
    assert (found["consent_status"], found["observations"]) == ("dpv:ConsentUnknown", [])


def test_a_flag_that_is_not_the_controllers_is_an_unknown_consent(light: Registry) -> None:
    light.grantees = {}
    land(light, email_marketing=True)
    (event,) = record(light)["events"]
    assert (event["event_state"], event["method"], event["entity_id"]) == (
        "dpv:ConsentUnknown", "platform flag", "party:thinkific",
    )  # fmt: skip


def test_the_last_event_is_the_state_and_what_bears_it_not_stands_apart(light: Registry) -> None:
    land(light, email_marketing=True)
    land(light, email_marketing=False)
    consent(light, "salon:1", "granted", evidence=None)
    found = record(light)
    assert [event["event_state"] for event in found["events"]] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    assert found["consent_status"] == "dpv:ConsentWithdrawn"
    (apart,) = found["observations"]
    assert (apart["event_state"], "evidence" in apart) == ("dpv:ConsentGiven", False)
    consent(light, "salon:1", "granted", evidence="binder 3")
    found = record(light)
    assert (found["events"][-1]["event_state"], found["events"][-1]["evidence"]) == ("dpv:ConsentGiven", "binder 3")
    assert found["consent_status"] == "dpv:ConsentGiven"


def test_what_was_lifted_stands_apart(light: Registry) -> None:
    land(light)
    lift(light, consent(light, "salon:1", "refused"))
    found = record(light)
    assert [event["event_state"] for event in found["events"]] == ["dpv:ConsentUnknown"]
    assert [event["event_state"] for event in found["observations"]] == ["dpv:ConsentRefused"]


def test_times_are_utc_and_a_declaration_is_the_persons(light: Registry) -> None:
    land(light)
    consent(light, "salon:1", "granted", days_ago=1)
    (event,) = record(light)["events"]
    assert event["event_time"] == (light.clock - timedelta(days=1)).isoformat(timespec="milliseconds")[:-6] + "Z"
    assert event["entity_id"] == f"urn:uuid:{light.customer_of('salon:1')}"
    assert event["event_type"] == "dpv:ExpressedConsent"


def test_what_is_not_settled_is_named(light: Registry) -> None:
    land(light)
    found = record(light)
    assert found["processing"]["retention_period"] == "dpv:IndeterminateDuration"
    assert found["incomplete"] == ["retention_period", "withdrawal_method", "party_contact"]
    register = load_register(None).model_copy(update={"contact": "Testi Henkilö, testi@example.com"})
    document = export(light, register)
    assert faults(document) == []
    assert document["@graph"][0]["incomplete"] == ["retention_period"]
    assert document["@graph"][0]["processing"]["withdrawal_method"]["exercised_at"] == register.contact


def test_a_place_that_nobody_knows_is_left_out_and_named(light: Registry) -> None:
    land(light, email_marketing=True)
    with reading(light.engine) as connection:
        found = consents_of(connection, light.customer_of("salon:1"))
    assert found
    elsewhere = {id_: replace(each, storage_country="unknown") for id_, each in found.records.items()}
    found = replace(found, records=elsewhere, known_since=START)
    records = consent_records(found, Parties("hieromo", ("artsport",), light.grantees))
    node = next(Exporter(load_register(None), "2021-03-22").documents(found, records))
    assert "storage_locations" in node["incomplete"]
    assert [place.get("location") for place in node["processing"]["storage_locations"]] == ["loc:FI", None]
