"""The JSON-LD context of consent records: which property each field of ISO/IEC TS 27560 is.

Own, since DPV publishes none; the properties are those of DPV's guide to the standard (`privacy.terms`). The section
`header` is no node of its own, and a state is the type of its event, as in the guide's examples.
"""

from collections.abc import Mapping
from typing import Any

from privacy import terms


def _reference(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id"}


def _typed(term: str, kind: str) -> dict[str, str]:
    return {"@id": term, "@type": f"xsd:{kind}"}


CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    **terms.PREFIXES,
    "party": "urn:rekisteri:party:",
    "header": "@nest",
    "schema_version": _reference("dct:conformsTo"),
    "record_id": "dct:identifier",
    "pii_principal_id": "dpv:hasDataSubject",
    "brand": "own:hasBrand",
    "channel": _reference("own:hasChannel"),
    "consent_status": _reference("dpv:hasStatus"),
    "incomplete": "own:hasIncompleteField",
    "processing": "dpv:hasProcess",
    "privacy_notice": "dpv:hasNotice",
    "notice_version": "dct:identifier",
    "title": "dct:title",
    "description": "dct:description",
    "drawn_up": _typed("dct:date", "date"),
    "language": "dct:language",
    "purpose": "dpv:hasPurpose",
    "purpose_type": _reference("skos:broader"),
    "data_use": "own:hasDataUse",
    "lawful_basis": _reference("dpv:hasLegalBasis"),
    "applicable_law": _reference("dpv:hasApplicableLaw"),
    "pii_information": "dpv:hasPersonalData",
    "pii_type": _reference("skos:broader"),
    "pii_optional": _reference("dpv:hasNecessity"),
    "pii_controllers": _reference("dpv:hasDataController"),
    "collection_method": "dpv:hasDataSource",
    "processing_method": _reference("dpv:hasProcessing"),
    "storage_locations": "dpv:hasStorageCondition",
    "location": _reference("dpv:hasLocation"),
    "held_by": _reference("own:isHeldBy"),
    "retention_period": _reference("dpv:hasDuration"),
    "service": "dpv:hasService",
    "jurisdiction": _reference("dpv:hasJurisdiction"),
    "recipient_third_parties": _reference("dpv:hasRecipientThirdParty"),
    "withdrawal_method": "dpv:hasConsentControl",
    "exercised_at": "dpv:isExercisedAt",
    "privacy_rights": _reference("dpv:hasRight"),
    "authority_party": _reference("dpv:hasAuthority"),
    "parties": "dpv:hasEntity",
    "party_id": "dpv:hasIdentifier",
    "party_name": "dpv:hasName",
    "party_address": "dpv:hasAddress",
    "party_contact": "dpv:hasContact",
    "party_type": "@type",
    "party_role": "@type",
    "party_url": _typed("schema:url", "anyURI"),
    "business_id": "dct:identifier",
    "events": "dpv:hasConsentStatus",
    "observations": "own:hasObservation",
    "event_time": _typed("dpv:isIndicatedAtTime", "dateTime"),
    "validity_duration": _reference("dpv:hasDuration"),
    "entity_id": _reference("dpv:isIndicatedBy"),
    "event_type": _reference("dpv:hasLegalBasis"),
    "event_state": "@type",
    "method": "dpv:hasIndicationMethod",
    "evidence": "own:hasEvidence",
    "grantee": "own:hasGrantee",
    "notice": "own:hasNoticeVersion",
    "recorded_at": _typed("own:isRecordedAt", "dateTime"),
}
