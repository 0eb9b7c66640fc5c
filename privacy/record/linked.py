"""The record of processing as JSON-LD: a `dpv:DataProcessingRecord` with a `dpv:Process` for each activity. Pure.

DPV publishes no context, and its guide to such records is an empty draft; the properties are those of DPV 2.3, and
`own:` where it has none (`privacy.terms`). What is not known or does not exist has no term: it stands as the text
`unknown` or `none` under a property of ours, and is left out where only a term may stand.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from privacy import linking, terms
from privacy.linking import Part, known, place, purpose, reference, there, transfer, typed, urn

_SUBJECTS = {"customers": "dpv:Customer", "staff": "dpv:Employee"}
_RECIPIENTS = {
    "platform": "dpv:Recipient",
    "subprocessor": "dpv:DataSubProcessor",
    "processor": "dpv:DataProcessor",
    "authority": "dpv:Authority",
    "partner": "dpv:ThirdParty",
    "person": "dpv:ThirdParty",
}


CONTEXT: Mapping[str, Any] = {
    **linking.CONTEXT,
    "made_at": typed("dct:created", "dateTime"),
    "joint_controllers": "dpv:hasJointDataControllers",
    "representative": "dpv:hasRepresentative",
    "dpo": "dpv:hasDataProtectionOfficer",
    "parties": "dpv:hasEntity",
    "processes": "dpv:hasProcess",
    "status": reference("dpv:hasActivityStatus"),
    "data_subjects": reference("dpv:hasDataSubject"),
    "personal_data": reference("dpv:hasPersonalData"),
    "basis_from": "own:isStatedBy",
    "assessment": "dpv:hasAssessment",
    "recipients": "dpv:hasRecipient",
    "storage": "dpv:hasStorageCondition",
    "held_by": "own:isHeldBy",
    "category": "own:hasKind",
    "duration": reference("dpv:hasDuration"),
    "period": typed("schema:duration", "duration"),
    "trigger": "own:hasTrigger",
    "reason": "own:hasReason",
    "technical_measures": "dpv:hasTechnicalMeasure",
    "organisational_measures": "dpv:hasOrganisationalMeasure",
    "since": typed("schema:startDate", "date"),
    "agreements": "dpv:hasLegalMeasure",
    "signed_on": typed("dct:issued", "date"),
    "consents": typed("own:hasConsentRecords", "integer"),
    "counts": "own:hasCount",
    "what": "own:hasKind",
    "number": typed("own:hasValue", "integer"),
    "last_retrieved_at": typed("own:hasLastRetrieval", "dateTime"),
}


def linked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as JSON-LD."""
    one = document["controller"]
    return {
        "@context": dict(CONTEXT),
        "@id": urn("record-of-processing", document["register"]["sha256"]),
        "@type": "dpv:DataProcessingRecord",
        "title": document["register"]["name"],
        "made_at": document["made_at"],
        "digest": document["register"]["sha256"],
        "notice": {
            "@type": "dpv:PrivacyNotice",
            "identifier": document["notice"]["version"],
            "title": document["notice"]["name"],
        },
        "controller": urn("party", one["party"]),
        "representative": one["representative"],
        "dpo": one["dpo"],
        "parties": [
            {
                "@id": urn("party", one["party"]),
                "@type": ["dpv:DataController", "dpv:LegalEntity"],
                "name": one["name"],
                "identifier": one["business_id"],
                "address": one["address"],
                "contact": one["contact"],
                **place("country", one["country"]),
            },
            *(
                {
                    "@id": urn("party", party["party"]),
                    "@type": "dpv:Entity",
                    "name": party["name"],
                    "description": party["evidence"],
                    **place("country", party["country"]),
                }
                for party in document["unsettled"]
            ),
        ],
        **_measures(document["measures"]),
        "processes": [_process(part, document) for part in document["activities"]],
    }


def _process(part: Part, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@id": urn("process", *part["id"].split(":")),
        "@type": "dpv:Process",
        "title": part["name"],
        "status": "dpv:ActivityOngoing" if part["in_use"] else "own:NotInUse",
        "source": part["sources"],
        "controller": urn("party", document["controller"]["party"]),
        "joint_controllers": part["joint_controllers"],
        "purposes": [_purpose(name, document) for name in part["purposes"]],
        "data_subjects": [_SUBJECTS[name] for name in part["data_subjects"]],
        "personal_data": known(part["data_categories"]),
        "legal_basis": [*known(part["legal_basis"]), *_adequacy(part["transfers"])],
        "basis_from": part["basis_from"],
        "data_sources": [terms.DATA_SOURCES.get(name, "dpv:DataSource") for name in part["collected_from"]],
        "recipients": [_recipient(one) for one in part["recipients"]],
        "transfers": [
            {"name": one["party"], **transfer(one, one["third_countries"])}
            for one in part["transfers"]
            if one["third_countries"] or one["direction"] != "none"
        ],
        "storage": [*map(_stored, part["storage"]), *map(_kept, part["retention"])],
        "agreements": [_agreement(one) for one in part["agreements"]],
        "counts": [dict(one) for one in part["counts"]],
        "notice_version": part["notice_version"],
        **_assessment(part["lia"]),
        **there(part, "consents", "last_retrieved_at", "review_on"),
    }


def _purpose(name: str, document: Part) -> dict[str, Any]:
    found = document["purposes"][name]
    return purpose(name, found["text"], found["terms"])


def _recipient(one: Part) -> dict[str, Any]:
    roles = {f"{how}_role": terms.ROLES.get(one.get(f"role_{how}", ""), ()) for how in ("stated", "assessed")}
    return {
        "@type": _RECIPIENTS[one["kind"]],
        "name": one["name"],
        **place("country", one["country"]),
        **{key: list(known) for key, known in roles.items() if known},
        **({"notice_url": one["notice_url"]} if one.get("notice_url", "unknown") not in ("unknown", "none") else {}),
    }


def _adequacy(transfers: Iterable[Part]) -> Iterator[str]:
    """The adequacy decisions that the owner found to carry a transfer."""
    for one in transfers:
        if one["mechanism_assessed"] == terms.ADEQUACY:
            countries = one["third_countries"]
            found = [terms.ADEQUACY_DECISIONS[country] for country in countries if country in terms.ADEQUACY_DECISIONS]
            yield from (terms.ADEQUACY, *found)


def _stored(one: Part) -> dict[str, Any]:
    return {"@type": "dpv:StorageLocation", "held_by": one["held_by"], **place("location", one["country"])}


def _kept(rule: Part) -> dict[str, Any]:
    kept = {"@type": "dpv:StorageDuration", "category": rule["category"]}
    if rule["state"] == "undefined":
        return kept | {"duration": "dpv:IndeterminateDuration"}
    return kept | {"period": rule["after"], "trigger": rule["from"], "reason": rule["basis"]}


def _agreement(one: Part) -> dict[str, Any]:
    named = {"@type": one["type"], "name": one["party"], "document": one["where"]}
    return named | there(one, "signed_on", "review_on")


def _assessment(lia: str) -> dict[str, Any]:
    if lia == "none":
        return {}
    return {"assessment": {"@type": "dpv:LegitimateInterestAssessment", "description": lia}}


def _measures(measures: Iterable[Part]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"technical_measures": [], "organisational_measures": []}
    for one in measures:
        node = {"@type": one["term"], "title": one["name"], "since": one["since"], **there(one, "review_on")}
        found[f"{one['kind']}_measures"].append(node)
    return found
