"""Where a customer's values are from, as a graph: every value leads to its record, every record to its whole origin."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from config.register import ProcessingRegister, load_register
from privacy.linking import urn
from privacy.provenance import provenance
from store import runs
from store.engine import reading
from store.person import read_dossier
from tests.linked import properties, strangers
from tests.sync.declaring import declare
from tests.sync.engine import Registry

ODD = "5 / Maija:ä"
ORIGIN = {
    "controller", "processor", "legal_basis", "purposes", "categories", "data_sources", "transfers", "notice_version",
    "attributed_to", "generated_by", "generated_at", "digest", "retrieved_from", "data_subject",
}  # fmt: skip


def graph(registry: Registry, record: str = "school:1", register: ProcessingRegister | None = None) -> dict[str, Any]:
    """The document of the customer who has this record."""
    with reading(registry.engine) as connection:
        found = read_dossier(connection, registry.customer_of(record), registry.clock)
        assert found
        ids = {row.run_id for row in (*found.records, *(one.row for one in found.activities))}
        document = provenance(found, register or load_register(None), runs.spans(connection, ids))
    told: dict[str, Any] = json.loads(json.dumps(document))
    return told


def nodes(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["@id"]: node for node in document["@graph"]}


def values(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = document["@graph"][0]["personal_data"]
    return told


def both(registry: Registry) -> Registry:
    """Maija at the school and at the salon, where her number is an odd one and she missed an appointment."""
    maija = {"first_name": "Maija", "last_name": "Malli", "phone": "+358400000501"}
    registry.land("school", {"1": maija | {"email": "maija@example.com"}})
    registry.land("salon", {ODD: maija})
    visit = {"starts_at": registry.clock, "ends_at": registry.clock, "service": "Hieronta", "employee": "Testi"}
    registry.book("salon", {"b1": visit | {"state": "no_show"}, "b2": visit | {"state": "completed"}}, owner_id=ODD)
    registry.reconcile()
    return registry


def test_every_value_comes_from_records_that_are_told_with_their_whole_origin(registry: Registry) -> None:
    document = graph(both(registry))
    told = nodes(document)
    named = {one["field"] for one in values(document)}
    assert {"name", "emails", "phones"} <= named
    for value in values(document):
        sources = value["derived_from"] if isinstance(value["derived_from"], list) else [value["derived_from"]]
        assert all(told[source].keys() >= ORIGIN for source in sources)
        assert told[value["primary_source"]]["attributed_to"] == value["attributed_to"]
        assert value["attributed_to"] in told
    school = told[urn("record", "school", "people", "1")]
    assert school["transfers"]["third_countries"] == ["loc:CA", "loc:US"]
    assert school["transfers"]["stated_mechanism"] == {"@id": "eu-gdpr:A46-2-c"}
    assert school["transfers"]["assessed_mechanism"] == "unassessed"
    assert (school["processor"], school["recipient_controller"]) == (urn("party", "thinkific"),) * 2
    assert told[school["generated_by"]]["started_at"] == "2026-01-01T09:00:00.000Z"
    assert told[urn("party", "thinkific")]["notice_url"] == "https://www.thinkific.com/dpa/"


def test_bookings_are_records_with_an_origin_and_those_that_were_missed_make_the_number(registry: Registry) -> None:
    document = graph(both(registry))
    told = nodes(document)
    missed, kept = (told[urn("record", "salon", "bookings", id_)] for id_ in ("b1", "b2"))
    assert missed.keys() >= ORIGIN
    assert "specialization_of" not in missed
    (number,) = [value for value in values(document) if value["field"] == "no_show_count"]
    assert number["value"] == 1
    assert missed["@id"] in number["derived_from"]
    assert kept["@id"] not in number["derived_from"]


def test_a_corrected_value_is_a_revision_that_the_person_made(registry: Registry) -> None:
    both(registry)
    declare(registry, "school:1", "correction", field="emails", value=json.dumps(["uusi@example.com"]))
    document = graph(registry)
    (value,) = [one for one in values(document) if one["field"] == "emails"]
    assert value["value"] == "uusi@example.com"
    assert value["attributed_to"] == document["@graph"][0]["data_subject"]
    assert value["revision_of"] in nodes(document)
    assert "primary_source" not in value


def test_only_known_terms_are_used_and_names_of_nodes_hold_any_identifier(light_registry: Registry) -> None:
    document = graph(both(light_registry))
    assert strangers(document) == set()
    assert urn("record", "salon", "people", ODD) in nodes(document)
    assert urn("record", "salon", "people", ODD).endswith(":5%20%2F%20Maija%3A%C3%A4")
    said = {name.removesuffix(" →") for name, _ in properties(document)}
    assert {
        "prov:wasDerivedFrom", "prov:hadPrimarySource", "prov:wasAttributedTo", "prov:wasGeneratedBy",
        "prov:generatedAtTime", "prov:wasAssociatedWith", "prov:specializationOf", "dpv:hasDataController",
        "dpv:hasDataProcessor", "dpv:hasDataSource", "dpv:hasLegalBasis", "dpv:hasThirdCountry", "dpv:hasPurpose",
    } <= said  # fmt: skip


def test_every_reference_leads_to_a_node_of_the_graph(light_registry: Registry) -> None:
    document = graph(both(light_registry))
    led = {value for name, value in properties(document) if name.endswith(" →") and value.startswith("urn:")}
    led |= {value for name, value in properties(document) if name == "dpv:hasPurpose"}
    assert led - nodes(document).keys() == set()


@pytest.mark.parametrize(("note", "there"), [("unknown", False), ("https://example.com/dpa", True)])
def test_a_notice_that_nobody_knows_is_left_out(light_registry: Registry, note: str, there: bool) -> None:
    register = load_register(None)
    party = register.parties["thinkific"].model_copy(update={"notice_url": note})
    mine = register.model_copy(update={"parties": {**register.parties, "thinkific": party}})
    told = nodes(graph(both(light_registry), register=mine))
    assert ("notice_url" in told[urn("party", "thinkific")]) is there
