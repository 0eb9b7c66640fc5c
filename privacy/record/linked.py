"""The record of processing as JSON-LD: a `dpv:DataProcessingRecord` with a `dpv:Process` for each activity. Pure.

DPV publishes no context, and its guide to such records is an empty draft; the properties are those of DPV 2.3, and
`own:` where it has none (`privacy.terms`). What is not known or does not exist has no term: it stands as the text
`unknown` or `none` under a property of ours, and is left out where only a term may stand.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from privacy import terms
from privacy.record.contents import Part

_SUBJECTS = {"customers": "dpv:Customer", "staff": "dpv:Employee"}
_RECIPIENTS = {
    "platform": "dpv:Recipient",
    "subprocessor": "dpv:DataSubProcessor",
    "processor": "dpv:DataProcessor",
    "authority": "dpv:Authority",
    "partner": "dpv:ThirdParty",
    "person": "dpv:ThirdParty",
}


def _reference(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id"}


def _typed(term: str, kind: str) -> dict[str, str]:
    return {"@id": term, "@type": f"xsd:{kind}"}


CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    **terms.PREFIXES,
    "title": "dct:title",
    "description": "dct:description",
    "identifier": "dct:identifier",
    "made_at": _typed("dct:created", "dateTime"),
    "notice": "dpv:hasNotice",
    "notice_version": "own:hasNoticeVersion",
    "digest": "own:hasDigest",
    "controller": _reference("dpv:hasDataController"),
    "joint_controllers": "dpv:hasJointDataControllers",
    "representative": "dpv:hasRepresentative",
    "dpo": "dpv:hasDataProtectionOfficer",
    "parties": "dpv:hasEntity",
    "name": "dpv:hasName",
    "address": "dpv:hasAddress",
    "contact": "dpv:hasContact",
    "country": _reference("dpv:hasCountry"),
    "notice_url": _typed("schema:url", "anyURI"),
    "processes": "dpv:hasProcess",
    "status": _reference("dpv:hasActivityStatus"),
    "source": "own:hasSource",
    "purposes": "dpv:hasPurpose",
    "broader": _reference("skos:broader"),
    "data_subjects": _reference("dpv:hasDataSubject"),
    "personal_data": _reference("dpv:hasPersonalData"),
    "legal_basis": _reference("dpv:hasLegalBasis"),
    "basis_from": "own:isStatedBy",
    "assessment": "dpv:hasAssessment",
    "data_sources": _reference("dpv:hasDataSource"),
    "recipients": "dpv:hasRecipient",
    "stated_role": _reference("own:hasStatedRole"),
    "assessed_role": _reference("own:hasAssessedRole"),
    "transfers": "dpv:hasProcessing",
    "direction": "own:hasDirection",
    "exporter": "dpv:hasDataExporter",
    "importer": "dpv:hasDataImporter",
    "origin_country": _reference("own:hasOriginCountry"),
    "third_countries": _reference("dpv:hasThirdCountry"),
    "stated_mechanism": "own:hasStatedMechanism",
    "assessed_mechanism": "own:hasAssessedMechanism",
    "instrument": "own:hasInstrument",
    "module": "own:hasModule",
    "document": "own:hasDocument",
    "verified_by": "own:hasVerification",
    "verified_on": _typed("dct:date", "date"),
    "storage": "dpv:hasStorageCondition",
    "location": _reference("dpv:hasLocation"),
    "held_by": "own:isHeldBy",
    "category": "own:hasKind",
    "duration": _reference("dpv:hasDuration"),
    "period": _typed("schema:duration", "duration"),
    "trigger": "own:hasTrigger",
    "reason": "own:hasReason",
    "technical_measures": "dpv:hasTechnicalMeasure",
    "organisational_measures": "dpv:hasOrganisationalMeasure",
    "since": _typed("schema:startDate", "date"),
    "agreements": "dpv:hasLegalMeasure",
    "signed_on": _typed("dct:issued", "date"),
    "consents": _typed("own:hasConsentRecords", "integer"),
    "counts": "own:hasCount",
    "what": "own:hasKind",
    "number": _typed("own:hasValue", "integer"),
    "last_retrieved_at": _typed("own:hasLastRetrieval", "dateTime"),
    "review_on": _typed("own:hasReviewDate", "date"),
}


def linked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as JSON-LD."""
    one = document["controller"]
    return {
        "@context": dict(CONTEXT),
        "@id": f"urn:rekisteri:record-of-processing:{document['register']['sha256']}",
        "@type": "dpv:DataProcessingRecord",
        "title": document["register"]["name"],
        "made_at": document["made_at"],
        "digest": document["register"]["sha256"],
        "notice": {
            "@type": "dpv:PrivacyNotice",
            "identifier": document["notice"]["version"],
            "title": document["notice"]["name"],
        },
        "controller": _party(one["party"]),
        "representative": one["representative"],
        "dpo": one["dpo"],
        "parties": [
            {
                "@id": _party(one["party"]),
                "@type": ["dpv:DataController", "dpv:LegalEntity"],
                "name": one["name"],
                "identifier": one["business_id"],
                "address": one["address"],
                "contact": one["contact"],
                **_place("country", one["country"]),
            },
            *(
                {
                    "@id": _party(party["party"]),
                    "@type": "dpv:Entity",
                    "name": party["name"],
                    "description": party["evidence"],
                    **_place("country", party["country"]),
                }
                for party in document["unsettled"]
            ),
        ],
        **_measures(document["measures"]),
        "processes": [_process(part, document) for part in document["activities"]],
    }


def _process(part: Part, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": f"urn:rekisteri:process:{quote(part['id'], safe=':')}",
        "@type": "dpv:Process",
        "title": part["name"],
        "status": "dpv:ActivityOngoing" if part["in_use"] else "own:NotInUse",
        "source": part["sources"],
        "controller": _party(document["controller"]["party"]),
        "joint_controllers": part["joint_controllers"],
        "purposes": [_purpose(name, document["purposes"][name]) for name in part["purposes"]],
        "data_subjects": [_SUBJECTS[name] for name in part["data_subjects"]],
        "personal_data": _known(part["data_categories"]),
        "legal_basis": [*_known(part["legal_basis"]), *_adequacy(part["transfers"])],
        "basis_from": part["basis_from"],
        "data_sources": [terms.DATA_SOURCES.get(name, "dpv:DataSource") for name in part["collected_from"]],
        "recipients": [_recipient(one) for one in part["recipients"]],
        "transfers": [
            _transfer(one) for one in part["transfers"] if one["third_countries"] or one["direction"] != "none"
        ],
        "storage": [*map(_stored, part["storage"]), *map(_kept, part["retention"])],
        "agreements": [_agreement(one) for one in part["agreements"]],
        "counts": [dict(one) for one in part["counts"]],
        "notice_version": part["notice_version"],
        **_assessment(part["lia"]),
        **_there(part, "consents", "last_retrieved_at", "review_on"),
    }


def _party(name: str) -> str:
    return f"urn:rekisteri:party:{quote(name, safe='')}"


def _purpose(name: str, one: Part) -> dict[str, Any]:
    return {
        "@id": f"urn:rekisteri:purpose:{quote(name, safe='')}",
        "@type": "dpv:Purpose",
        "description": one["text"],
        "broader": _known(one["terms"]),
    }


def _recipient(one: Part) -> dict[str, Any]:
    roles = {f"{how}_role": terms.ROLES.get(one.get(f"role_{how}", ""), ()) for how in ("stated", "assessed")}
    return {
        "@type": _RECIPIENTS[one["kind"]],
        "name": one["name"],
        **_place("country", one["country"]),
        **{key: list(known) for key, known in roles.items() if known},
        **({"notice_url": one["notice_url"]} if one.get("notice_url", "unknown") not in ("unknown", "none") else {}),
    }


def _transfer(one: Part) -> dict[str, Any]:
    names = ("direction", "exporter", "importer", "instrument", "module", "document", "verified_by")
    mechanisms = {f"{how}_mechanism": one[f"mechanism_{how}"] for how in ("stated", "assessed")}
    return {
        "@type": "dpv:CrossBorderTransfer" if one["third_countries"] else "dpv:Transfer",
        "name": one["party"],
        **{name: one[name] for name in names},
        **{key: {"@id": value} if terms.is_known(value) else value for key, value in mechanisms.items()},
        **_place("origin_country", one["origin_country"]),
        **_place("location", one["storage_country"]),
        "third_countries": [f"loc:{country}" for country in one["third_countries"]],
        **_there(one, "verified_on", "review_on"),
    }


def _adequacy(transfers: Iterable[Part]) -> Iterator[str]:
    """The adequacy decisions that the owner found to carry a transfer."""
    for one in transfers:
        if one["mechanism_assessed"] == terms.ADEQUACY:
            countries = one["third_countries"]
            found = [terms.ADEQUACY_DECISIONS[country] for country in countries if country in terms.ADEQUACY_DECISIONS]
            yield from (terms.ADEQUACY, *found)


def _stored(one: Part) -> dict[str, Any]:
    return {"@type": "dpv:StorageLocation", "held_by": one["held_by"], **_place("location", one["country"])}


def _kept(rule: Part) -> dict[str, Any]:
    kept = {"@type": "dpv:StorageDuration", "category": rule["category"]}
    if rule["state"] == "undefined":
        return kept | {"duration": "dpv:IndeterminateDuration"}
    return kept | {"period": rule["after"], "trigger": rule["from"], "reason": rule["basis"]}


def _agreement(one: Part) -> dict[str, Any]:
    named = {"@type": one["type"], "name": one["party"], "document": one["where"]}
    return named | _there(one, "signed_on", "review_on")


def _assessment(lia: str) -> dict[str, Any]:
    if lia == "none":
        return {}
    return {"assessment": {"@type": "dpv:LegitimateInterestAssessment", "description": lia}}


def _measures(measures: Iterable[Part]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"technical_measures": [], "organisational_measures": []}
    for one in measures:
        node = {"@type": one["term"], "title": one["name"], "since": one["since"], **_there(one, "review_on")}
        found[f"{one['kind']}_measures"].append(node)
    return found


def _place(key: str, country: str) -> dict[str, str]:
    return {key: f"loc:{country}"} if terms.is_known(f"loc:{country}") else {}


def _known(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if terms.is_known(code)]


def _there(part: Part, *names: str) -> dict[str, Any]:
    return {name: part[name] for name in names if part[name] is not None}
