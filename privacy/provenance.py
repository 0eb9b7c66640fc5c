"""Where all that is held of a customer is from, as JSON-LD in the terms of PROV-O and DPV. Pure.

One graph of flat nodes:

1. the customer, an entity derived from its records, with every published value;
2. each value, derived from the record that it came from: that record is its primary source, unless the person
   corrected the value, which is then a revision of the record and attributed to the person;
3. each record, whether a customer's, a booking's or another's, with its whole origin: who controls it, who handled it
   in which role, on what basis, for what, from whom, where it lies and what carries it over a border;
4. the runs that brought the records, the purposes, and the parties with the addresses of their own notices.

Contents of records are not in it but for the published values, and no free text is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Row

from config.register import ProcessingRegister
from privacy import linking, terms
from privacy.linking import known, outside_eea, place, purpose, reference, there, transfer, typed, urn
from store.origins import TRANSFER, handler
from store.person import Dossier
from store.times import stamp

Runs = Mapping[str, tuple[datetime, datetime | None]]
Node = dict[str, Any]

PINNED, COUNTED = "pinned", "counted_from_bookings"
"""The rules of a value that a person corrected, and of the number of bookings to which nobody came."""
NO_SHOW = "no_show"

CONTEXT: Mapping[str, Any] = {
    **linking.CONTEXT,
    "data_subject": reference("dpv:hasDataSubject"),
    "personal_data": "dpv:hasPersonalData",
    "categories": reference("dpv:hasPersonalData"),
    "processor": reference("dpv:hasDataProcessor"),
    "recipient_controller": reference("dpv:hasRecipientDataController"),
    "recipient": reference("dpv:hasRecipient"),
    "field": "own:hasField",
    "value": "own:hasValue",
    "rule": "own:hasRule",
    "kind": "own:hasKind",
    "brand": "own:hasBrand",
    "first_seen_at": typed("own:isFirstSeenAt", "dateTime"),
    "changed_at": typed("dct:modified", "dateTime"),
    "retrieved_from": "dct:provenance",
    "derived_from": reference("prov:wasDerivedFrom"),
    "primary_source": reference("prov:hadPrimarySource"),
    "revision_of": reference("prov:wasRevisionOf"),
    "specialization_of": reference("prov:specializationOf"),
    "attributed_to": reference("prov:wasAttributedTo"),
    "generated_by": reference("prov:wasGeneratedBy"),
    "generated_at": typed("prov:generatedAtTime", "dateTime"),
    "invalidated_at": typed("prov:invalidatedAtTime", "dateTime"),
    "started_at": typed("prov:startedAtTime", "dateTime"),
    "ended_at": typed("prov:endedAtTime", "dateTime"),
    "associated_with": reference("prov:wasAssociatedWith"),
}


def provenance(found: Dossier, register: ProcessingRegister, runs: Runs) -> dict[str, Any]:
    """The document of one customer. `runs`: when those that brought the records began and ended."""
    return {"@context": dict(CONTEXT), "@graph": list(_Graph(found, register, runs).nodes())}


@dataclass(frozen=True, slots=True)
class _Graph:
    found: Dossier
    register: ProcessingRegister
    runs: Runs

    @property
    def rows(self) -> list[Row[Any]]:
        """Every record: the customer's own, then bookings, enrollments and orders."""
        return [*self.found.records, *(one.row for one in self.found.activities)]

    @property
    def customer(self) -> str:
        return urn("customer", self.found.customer.id)

    @property
    def person(self) -> str:
        return urn("person", self.found.customer.id)

    def nodes(self) -> Iterator[Node]:
        yield self.whole()
        yield {"@id": self.person, "@type": ["dpv:Customer", "prov:Agent"]}
        for row in self.rows:
            yield self.record(row)
        for run in dict.fromkeys(row.run_id for row in self.rows):
            yield self.run(run)
        named = {name for row in self.found.origins.values() for name in from_json(row.purpose)}
        for name, one in self.register.purposes.items():
            if name in named:
                yield purpose(name, one.text, one.terms)
        yield from self.parties()

    def whole(self) -> Node:
        customer = self.found.customer
        return {
            "@id": self.customer,
            "@type": "prov:Entity",
            "identifier": customer.id,
            "data_subject": self.person,
            "controller": urn("party", self.register.controller),
            "attributed_to": urn("party", self.register.controller),
            "generated_at": stamp(customer.updated_at),
            "derived_from": [_record_urn(row) for row in self.found.records],
            "personal_data": [self.value(number, row) for number, row in enumerate(self.found.golden)],
        }

    def value(self, number: int, row: Row[Any]) -> Node:
        record = next((one for one in self.rows if one.id == row.record_id), None)
        from_ = _record_urn(record) if record else urn("record", row.source, row.external_id)
        term = terms.FIELD_DATA.get(row.field)
        node: Node = {
            "@id": f"{self.customer}:value:{number}",
            "@type": ["dpv:PersonalData", "prov:Entity"],
            "field": row.field,
            "value": from_json(row.value),
            "rule": row.rule,
            "generated_at": stamp(row.observed_at),
            "derived_from": from_,
            **({"broader": term} if term else {}),
        }
        if row.rule == PINNED:
            return node | {"revision_of": from_, "attributed_to": self.person}
        if row.rule == COUNTED:
            node["derived_from"] = [from_, *(_record_urn(one) for one in self.rows if one.state == NO_SHOW)]
        party = _handler(self.found.origins[record.origin_id]) if record else self.register.controller
        return node | {"primary_source": from_, "attributed_to": urn("party", party)}

    def record(self, row: Row[Any]) -> Node:
        origin = self.found.origins[row.origin_id]
        countries = list(dict.fromkeys(filter(outside_eea, (origin.origin_country, origin.storage_country))))
        decided = terms.ADEQUACY in (origin.mechanism_stated, origin.mechanism_assessed)
        decisions = [terms.ADEQUACY_DECISIONS[one] for one in countries if one in terms.ADEQUACY_DECISIONS]
        moved = {name: origin._mapping[name] for name in TRANSFER}
        customers_own = row.kind == "customer"
        return {
            "@id": _record_urn(row),
            "@type": ["dpv:Process", "prov:Entity"],
            "source": row.source,
            "identifier": row.external_id,
            "kind": row.kind,
            "brand": origin.brand,
            "data_subject": self.person,
            "controller": urn("party", origin.controller_id),
            **self.roles(origin),
            "legal_basis": [*known(from_json(origin.legal_basis)), *(decisions if decided else ())],
            "purposes": [{"@id": urn("purpose", name)} for name in from_json(origin.purpose)],
            "categories": known(from_json(origin.data_categories)),
            "data_sources": terms.DATA_SOURCES.get(origin.collected_from, "dpv:DataSource"),
            "transfers": transfer(moved, countries),
            "notice_version": origin.notice_version,
            "retrieved_from": row.retrieved_from,
            "digest": row.payload_sha256,
            "attributed_to": urn("party", _handler(origin)),
            "generated_by": urn("run", row.run_id),
            "generated_at": stamp(row.retrieved_at),
            "first_seen_at": stamp(row.first_seen_at),
            **({"specialization_of": self.customer} if customers_own else {}),
            **there({"changed_at": stamp(row.source_updated_at), "invalidated_at": stamp(row.vanished_at)},
                    "changed_at", "invalidated_at"),
        }  # fmt: skip

    def roles(self, origin: Row[Any]) -> Node:
        """The handler by its stated role, of which there may be two, and the roles stated and assessed."""
        told: Node = {}
        for how, role in (("stated", origin.role_stated), ("assessed", origin.role_assessed)):
            if named := terms.ROLES.get(role):
                told[f"{how}_role"] = list(named)
        if origin.processor_id == "none":
            return told
        handler = urn("party", origin.processor_id)
        if "processor" in origin.role_stated:
            told["processor"] = handler
        if "controller" in origin.role_stated:
            told["recipient_controller"] = handler
        return told if told.keys() & {"processor", "recipient_controller"} else told | {"recipient": handler}

    def run(self, run: str) -> Node:
        began, ended = self.runs.get(run, (None, None))
        times = {"started_at": stamp(began), "ended_at": stamp(ended)}
        return {
            "@id": urn("run", run),
            "@type": "prov:Activity",
            "associated_with": urn("party", self.register.controller),
            **there(times, *times),
        }

    def parties(self) -> Iterator[Node]:
        """The controller and every handler, each with the address of its own privacy notice."""
        names = {origin.processor_id: origin.processor for origin in self.found.origins.values()}
        names |= {origin.controller_id: origin.controller for origin in self.found.origins.values()}
        for id_, name in names.items():
            if id_ == "none":
                continue
            party = self.register.parties.get(id_)
            known_notice = party and party.notice_url not in ("unknown", "none")
            yield {
                "@id": urn("party", id_),
                "@type": ["dpv:LegalEntity", "prov:Agent"],
                "name": name,
                **(place("country", party.country) if party else {}),
                **({"notice_url": party.notice_url} if party and known_notice else {}),
            }


def _handler(origin: Row[Any]) -> str:
    return handler(origin.processor_id, origin.controller_id)


def _record_urn(row: Row[Any]) -> str:
    return urn("record", row.source, row.stream, row.external_id)
