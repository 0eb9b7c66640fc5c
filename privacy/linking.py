"""What linked documents share: names of nodes, and how places and transfers are told in DPV's terms. Pure.

Nodes have URNs of ours, whose parts are percent-encoded: an identifier of a platform may hold anything.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from config.identifiers import EEA
from privacy import terms

Part = Mapping[str, Any]

_OF_A_TRANSFER = ("direction", "exporter", "importer", "instrument", "module", "document", "verified_by")


def reference(term: str) -> dict[str, str]:
    """In a context: a property that leads to a node or term."""
    return {"@id": term, "@type": "@id"}


def typed(term: str, kind: str) -> dict[str, str]:
    """In a context: a property whose value is of a kind of XML Schema."""
    return {"@id": term, "@type": f"xsd:{kind}"}


def urn(kind: str, *parts: str) -> str:
    """The name of a node."""
    return ":".join(("urn:rekisteri", kind, *(quote(part, safe="") for part in parts)))


def known(codes: Iterable[str]) -> list[str]:
    """Of these codes those that are terms; `unknown` and `none` are not."""
    return [code for code in codes if terms.is_known(code)]


def outside_eea(country: str) -> bool:
    """Whether a country is known to lie outside the European Economic Area."""
    return country not in EEA and country not in ("none", "unknown")


def place(key: str, country: str) -> dict[str, str]:
    """A country under this key, nothing where it is not known."""
    return {key: f"loc:{country}"} if terms.is_known(f"loc:{country}") else {}


def there(part: Part, *names: str) -> dict[str, Any]:
    """Those of these members that have a value."""
    return {name: part[name] for name in names if part.get(name) is not None}


def purpose(name: str, text: str, broader: Iterable[str]) -> dict[str, Any]:
    """A purpose of the register as a node."""
    return {
        "@id": urn("purpose", name),
        "@type": "dpv:Purpose",
        "description": text,
        "broader": known(broader),
    }


def transfer(one: Part, third_countries: Iterable[str]) -> dict[str, Any]:
    """Where data come from and lie, and what carries them, stated and assessed apart; a cross-border one where
    countries outside the EEA have a part in it."""
    countries = [f"loc:{country}" for country in third_countries]
    mechanisms = {f"{how}_mechanism": one[f"mechanism_{how}"] for how in ("stated", "assessed")}
    return {
        "@type": "dpv:CrossBorderTransfer" if countries else "dpv:Transfer",
        **there(one, *_OF_A_TRANSFER),
        **{key: {"@id": value} if terms.is_known(value) else value for key, value in mechanisms.items()},
        **place("origin_country", one["origin_country"]),
        **place("location", one["storage_country"]),
        "third_countries": countries,
        **there(one, "verified_on", "review_on"),
    }


CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    **terms.PREFIXES,
    "title": "dct:title",
    "description": "dct:description",
    "identifier": "dct:identifier",
    "name": "dpv:hasName",
    "address": "dpv:hasAddress",
    "contact": "dpv:hasContact",
    "country": reference("dpv:hasCountry"),
    "notice_url": typed("schema:url", "anyURI"),
    "notice": "dpv:hasNotice",
    "notice_version": "own:hasNoticeVersion",
    "digest": "own:hasDigest",
    "controller": reference("dpv:hasDataController"),
    "source": "own:hasSource",
    "purposes": "dpv:hasPurpose",
    "broader": reference("skos:broader"),
    "legal_basis": reference("dpv:hasLegalBasis"),
    "data_sources": reference("dpv:hasDataSource"),
    "stated_role": reference("own:hasStatedRole"),
    "assessed_role": reference("own:hasAssessedRole"),
    "transfers": "dpv:hasProcessing",
    "direction": "own:hasDirection",
    "exporter": "dpv:hasDataExporter",
    "importer": "dpv:hasDataImporter",
    "origin_country": reference("own:hasOriginCountry"),
    "third_countries": reference("dpv:hasThirdCountry"),
    "stated_mechanism": "own:hasStatedMechanism",
    "assessed_mechanism": "own:hasAssessedMechanism",
    "instrument": "own:hasInstrument",
    "module": "own:hasModule",
    "document": "own:hasDocument",
    "verified_by": "own:hasVerification",
    "verified_on": typed("dct:date", "date"),
    "review_on": typed("own:hasReviewDate", "date"),
    "location": reference("dpv:hasLocation"),
}
"""The part of a context that documents share."""
