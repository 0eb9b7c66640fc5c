"""Consent records as documents: the fields of ISO/IEC TS 27560:2023 by their own names, and JSON-LD in DPV's terms.

One document holds any number of records, `{"@context": …, "@graph": [record, …]}`; read as plain JSON it is the
standard's, read as JSON-LD its context (`privacy.consent_context`) makes each field the property that DPV's guide gives
it. Its shape is `schemas/consent-records.schema.json`.

`events` end with the one that the state is due to, so that the last event is the state, as the standard has it. What
was said or seen later and does not bear the state (a flag's yes after a withdrawal, a grant without evidence) and what
was lifted stands apart, as `observations`. Where nothing is known the one event is `dpv:ConsentUnknown`. What the
standard demands and the controller has not settled is named in `incomplete`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from config.register import ProcessingRegister
from privacy import terms
from privacy.consents import DECLARED, ConsentRecord, Event
from store.consents import Consenting, Holding
from store.times import stamp

SCHEMA = Path(__file__).with_name("schemas") / "consent-records.schema.json"
_RECORDS = UUID("6f6b1d0e-6a0b-5f0e-9a53-7d3f2f1c5b27")
"""Namespace of our record ids: one and the same consent has one and the same id in every export."""

_PRIVACY_RIGHTS = tuple(
    terms.RIGHTS[right]
    for right in (
        "withdrawal", "information", "access", "rectification", "erasure", "restriction", "portability", "objection",
        "complaint",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Exporter:
    """Makes documents out of consent records. `notice_now`: the version of the privacy notice that holds now."""

    register: ProcessingRegister
    notice_now: str

    def documents(self, consenting: Consenting, records: Sequence[ConsentRecord]) -> Iterator[dict[str, Any]]:
        """The records of one customer, each as a node of the document."""
        for record in records:
            yield self._document(consenting, record)

    def _document(self, consenting: Consenting, record: ConsentRecord) -> dict[str, Any]:
        id_ = record_id(consenting.customer_id, record)
        events, apart = told(record)
        holdings = _concerned(consenting, record)
        return {
            "@id": f"urn:uuid:{id_}",
            "@type": "dpv:ConsentRecord",
            "header": {
                "schema_version": terms.iri(terms.CONSENT_RECORD_PROFILE),
                "record_id": id_,
                "pii_principal_id": consenting.customer_id,
            },
            "brand": record.brand,
            "channel": terms.CHANNELS[record.channel],
            "consent_status": record.term,
            "incomplete": list(self._incomplete(holdings)),
            "processing": self._processing(record, holdings, [*events, *apart]),
            "parties": [self._party(party) for party in self._named(holdings)],
            "events": [_event(event, consenting.customer_id) for event in events]
            or [_nothing_known(consenting, record, self.notice_now)],
            "observations": [_event(event, consenting.customer_id) for event in apart],
        }

    def _processing(
        self, record: ConsentRecord, holdings: Sequence[Holding], events: Sequence[Event]
    ) -> dict[str, Any]:
        versions = sorted({event.notice_version for event in events} & self.register.notices.keys())
        notices = [
            self._notice(version) for version in versions or [self.notice_now] if version in self.register.notices
        ]
        return {
            "@type": "dpv:Process",
            "privacy_notice": notices,
            "language": sorted({notice["language"] for notice in notices}),
            "purpose": [self._purpose(record.channel)],
            "lawful_basis": terms.CONSENT_BASIS,
            "pii_information": _pii(record.channel),
            "pii_controllers": [f"party:{record.controller}"],
            "collection_method": list(_collected(holdings, events)),
            "processing_method": ["dpv:Collect", "dpv:Store", "dpv:Use"],
            "storage_locations": list(self._stored(holdings)),
            "retention_period": "dpv:IndeterminateDuration",
            "service": {"@type": "dpv:Service", "title": self._brand(record.brand)},
            "jurisdiction": ["loc:FI", "loc:EU"],
            "applicable_law": terms.GDPR,
            "recipient_third_parties": [],
            "withdrawal_method": {"@type": "dpv:WithdrawConsent", "exercised_at": self.register.contact or "unknown"},
            "privacy_rights": list(_PRIVACY_RIGHTS),
            "authority_party": terms.AUTHORITY,
        }

    def _notice(self, version: str) -> dict[str, str]:
        notice = self.register.notices[version]
        return {
            "@type": "dpv:PrivacyNotice",
            "notice_version": version,
            "title": notice.name,
            "language": notice.language,
            "drawn_up": notice.drawn_up.isoformat(),
        }

    def _purpose(self, channel: str) -> dict[str, Any]:
        return {
            "@type": "dpv:Purpose",
            "purpose_type": "dpv:DirectMarketing",
            "description": self._marketing,
            "data_use": terms.MARKETING_USES[channel],
        }

    @cached_property
    def _marketing(self) -> str:
        """The notice's own words for direct marketing."""
        texts = [one.text for one in self.register.purposes.values() if "dpv:DirectMarketing" in one.terms]
        return " ".join(texts) or "Suoramarkkinointi"

    def _brand(self, brand: str) -> str:
        return self.register.brands[brand].name if brand in self.register.brands else brand

    def _stored(self, holdings: Sequence[Holding]) -> Iterator[dict[str, Any]]:
        """Here, in the controller's country, and wherever the platforms keep the records that speak of it."""
        own = self.register.controller
        places = [(own, self.register.parties[own].country)]
        places += [(one.processor_id, one.storage_country) for one in holdings if one.processor_id != "none"]
        for party, country in dict.fromkeys(places):
            known = terms.is_known(f"loc:{country}")
            yield {
                "@type": "dpv:StorageLocation",
                **({"location": f"loc:{country}"} if known else {}),
                "held_by": f"party:{party}",
            }

    def _incomplete(self, holdings: Sequence[Holding]) -> Iterator[str]:
        yield "retention_period"
        if any("location" not in place for place in self._stored(holdings)):
            yield "storage_locations"
        if not self.register.contact:
            yield "withdrawal_method"
            yield "party_contact"

    def _named(self, holdings: Sequence[Holding]) -> list[str]:
        """The controller, and the platforms that the flags came from as far as the register still has them."""
        named = [self.register.controller, *(one.processor_id for one in holdings)]
        return [party for party in dict.fromkeys(named) if party in self.register.parties]

    def _party(self, party: str) -> dict[str, Any]:
        entry = self.register.parties[party]
        own = party == self.register.controller
        stated = {one.role_stated for one in self.register.processing if one.party == party}
        roles = {role for one in stated for role in terms.ROLES.get(one, ())}
        optional = {"business_id": entry.business_id, "party_url": entry.notice_url}
        return {
            "@id": f"party:{party}",
            "party_id": party,
            "party_name": entry.name,
            "party_address": entry.address,
            "party_contact": (self.register.contact or "unknown") if own else "unknown",
            "party_type": "dpv:LegalEntity",
            "party_role": ["dpv:DataController"] if own else sorted(roles),
            **{name: value for name, value in optional.items() if value not in ("unknown", "none")},
        }


def record_id(customer_id: str, record: ConsentRecord) -> str:
    """The id of a consent record: the same whenever it is exported."""
    return str(uuid5(_RECORDS, "\x1f".join((customer_id, record.controller, record.brand, record.channel))))


def told(record: ConsentRecord) -> tuple[list[Event], list[Event]]:
    """The events of a record, the last of which is its state, and what stands apart from them."""
    standing = record.standing
    if standing is None:
        events = [event for event in record.events if event.state == "unknown"]
        return events, [event for event in record.events if event.state != "unknown"]
    before = [event for event in record.events if event.at <= standing.at and event is not standing]
    events = [event for event in before if event.in_force or (event.state == "unknown" and not event.lifted_at)]
    kept = {id(event) for event in (*events, standing)}
    return [*events, standing], [event for event in record.events if id(event) not in kept]


def _concerned(consenting: Consenting, record: ConsentRecord) -> list[Holding]:
    """The records whose flags speak of it, one of each source's origin."""
    told_by = {event.holding.record_id for event in record.events if event.holding}
    return [one for one in consenting.records.values() if one.record_id in told_by]


def _pii(channel: str) -> list[dict[str, str]]:
    needed = ((terms.CHANNEL_DATA[channel], "dpv:Required"), ("pd:Name", "dpv:Optional"))
    return [{"@type": "dpv:PersonalData", "pii_type": kind, "pii_optional": necessity} for kind, necessity in needed]


def _collected(holdings: Sequence[Holding], events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """From whom, and how, what is known of it was learnt."""
    methods = sorted({event.method for event in events if event.origin == DECLARED and event.method})
    if methods or not holdings:
        source: dict[str, Any] = {"@type": "dpv:DataSubjectDataSource", "processing_method": "dpv:Collect"}
        yield source | ({"method": methods} if methods else {})
    for party, kind in sorted({(one.processor_id, one.collected_from) for one in holdings}):
        found = {"@type": terms.DATA_SOURCES.get(kind, "dpv:DataSource"), "processing_method": "dpv:Observe"}
        yield found | ({} if party == "none" else {"held_by": f"party:{party}"})


def _event(event: Event, customer_id: str) -> dict[str, Any]:
    told_by = f"party:{event.holding.processor_id}" if event.holding and event.holding.processor_id != "none" else None
    known = event.state != "unknown"
    optional = {"evidence": event.evidence, "method": event.method}
    return {
        "event_time": stamp(event.at),
        "validity_duration": "dpv:UntilEventDuration" if known else "dpv:IndeterminateDuration",
        "entity_id": told_by or f"urn:uuid:{customer_id}",
        "event_type": "dpv:ExpressedConsent" if event.origin == DECLARED else "dpv:Consent",
        "event_state": event.term,
        "notice": event.notice_version,
        "grantee": event.grantee,
        "recorded_at": stamp(event.recorded_at),
        **{name: value for name, value in optional.items() if value},
    }


def _nothing_known(consenting: Consenting, record: ConsentRecord, notice: str) -> dict[str, Any]:
    """The event that there is no event: since the person is known, nothing is known."""
    return {
        "event_time": stamp(consenting.known_since),
        "validity_duration": "dpv:IndeterminateDuration",
        "entity_id": f"party:{record.controller}",
        "event_type": "dpv:Consent",
        "event_state": "dpv:ConsentUnknown",
        "notice": notice,
        "grantee": "unknown",
        "recorded_at": stamp(consenting.known_since),
    }
