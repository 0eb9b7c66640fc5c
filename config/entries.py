"""Entries of the processing register, one frozen model each, with the closed vocabularies that they use.

Terms are those of the W3C community group's Data Privacy Vocabulary, DPV 2.3 (`dpv:`, `pd:`, `eu-gdpr:`). `unknown`
says that nobody knows, `none` that there is none, `unassessed` that the owner has not judged yet; nothing is null.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config.identifiers import COUNTRY_CODES, business_id_ok
from config.keys import Known
from config.values import Text

KINDS = ("customer", "booking", "enrollment", "order", "course", "product", "field")
"""Kinds of record that a source can bring."""

Role = Literal[
    "controller", "processor", "processor+controller", "joint_controller", "recipient", "third_party", "unknown"
]
AssessedRole = Literal[
    "controller", "processor", "processor+controller", "joint_controller", "recipient", "third_party", "unassessed"
]
Direction = Literal["none", "inbound_only", "outbound", "unknown"]
CollectedFrom = Literal["person", "staff", "third_party", "unknown"]
PartyState = Literal["named", "described", "unverified"]
LegalBasis = Literal[
    "eu-gdpr:A6-1-a", "eu-gdpr:A6-1-b", "eu-gdpr:A6-1-c", "eu-gdpr:A6-1-d", "eu-gdpr:A6-1-e", "eu-gdpr:A6-1-f",
    "eu-gdpr:A9-2-a", "eu-gdpr:A9-2-h", "unknown",
]  # fmt: skip
Mechanism = Literal[
    "none", "unknown", "eu-gdpr:A45-3", "eu-gdpr:A46-2-a", "eu-gdpr:A46-2-b", "eu-gdpr:A46-2-c", "eu-gdpr:A46-2-d",
    "eu-gdpr:A46-2-e", "eu-gdpr:A46-2-f", "eu-gdpr:A46-3-a", "eu-gdpr:A46-3-b", "eu-gdpr:A49-1-a", "eu-gdpr:A49-1-b",
    "eu-gdpr:A49-1-c", "eu-gdpr:A49-1-d", "eu-gdpr:A49-1-e", "eu-gdpr:A49-1-f", "eu-gdpr:A49-1-g",
]  # fmt: skip
AssessedMechanism = Mechanism | Literal["unassessed"]
Module = Literal["one", "two", "three", "four", "none", "unknown"]
"""Module of the standard clauses of Decision (EU) 2021/914: controller to controller (`one`), controller to processor,
processor to processor, processor to controller."""


def _country(text: str) -> str:
    if text not in COUNTRY_CODES and text not in ("unknown", "none"):
        raise ValueError('is no ISO 3166-1 country code; write two capitals such as FI, or "unknown" or "none"')
    return text


def _region(text: str) -> str:
    if text != "none" and (not re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", text) or text[:2] not in COUNTRY_CODES):
        raise ValueError('is no ISO 3166-2 region; write it as CA-BC, or "none"')
    return text


def _business_id(text: str) -> str:
    if text not in ("unknown", "none") and not business_id_ok(text):
        raise ValueError('is no Y-tunnus: its check digit does not fit; correct it, or write "unknown" or "none"')
    return text


def _term(text: str) -> str:
    if not re.fullmatch(r"(dpv|pd|own):[A-Z][A-Za-z]+|none|unknown", text):
        raise ValueError('is no term; write it as pd:Name or dpv:DirectMarketing, or "unknown" or "none"')
    return text


Country = Annotated[Text, AfterValidator(_country)]
Region = Annotated[Text, AfterValidator(_region)]
BusinessId = Annotated[Text, AfterValidator(_business_id)]
Term = Annotated[Text, AfterValidator(_term)]
Terms = Annotated[tuple[Term, ...], Field(min_length=1)]
Categories = Annotated[Mapping[str, Terms], Known(KINDS)]
"""Kind of record → categories of personal data."""


class Entry(BaseModel):
    """Base of the entries."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Dated(Entry):
    """An entry that may say from when and until when it held; both days belong to it."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Dated":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self


class Notice(Dated):
    """One version of the privacy notice. `file`: its text, beside the register; `sha256`: of that file, filled in when
    the register is read."""

    name: Text
    language: Text
    drawn_up: date
    file: Text = "none"
    sha256: Text = "none"


class Brand(Entry):
    """A name under which the controller trades."""

    name: Text


class Party(Dated):
    """A firm or source of data. `state`: the notice names it, only describes it, or names it without any task."""

    name: Text
    state: PartyState
    business_id: BusinessId = "unknown"
    country: Country = "unknown"
    region: Region = "none"
    address: Text = "unknown"
    notice_url: Text = "unknown"
    evidence: Text = "none"


class Activity(Entry):
    """What is done with the data, seen from the customer. `legal_basis`, `lia` and `review_on` count for activities
    without a party, which no processing entry tells of."""

    name: Text
    legal_basis: tuple[LegalBasis, ...] = ()
    lia: Text = "none"
    review_on: date | None = None


class Purpose(Entry):
    """Why. `text` is the notice's own wording where `in_notice` holds."""

    text: Text
    terms: Terms
    in_notice: bool = True


class Transfer(Entry):
    """Where the data of one party and activity come from and lie, and what carries them over a border.

    `module`, `document`: of the instrument, where it is kept; `verified_by`, `verified_on`: who found what
    `mechanism_assessed` says, and when; `review_on`: when somebody has to look at it again."""

    origin_country: Country
    storage_country: Country
    direction: Direction
    exporter: Text
    importer: Text
    mechanism_stated: Mechanism
    mechanism_assessed: AssessedMechanism
    instrument: Text
    module: Module = "unknown"
    document: Text = "unknown"
    verified_by: Text = "unknown"
    verified_on: date | None = None
    review_on: date | None = None


class Processing(Dated):
    """One party in one activity: stated and assessed role, basis, purposes, transfer. `lia`: where the balancing test
    of a legitimate interest is kept; `review_on`: when somebody has to look at the entry again."""

    party: Text
    activity: Text
    role_stated: Role
    role_assessed: AssessedRole
    evidence: tuple[Text, ...] = ()
    legal_basis: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    purposes: Annotated[tuple[Text, ...], Field(min_length=1)]
    collected_from: CollectedFrom
    notice: Text
    data_categories: Categories = Field(default_factory=dict)
    transfer: Transfer
    lia: Text = "none"
    review_on: date | None = None


class Origin(Entry):
    """What every record of a party, an activity and a kind carries as its processing metadata. No field is null."""

    controller: str
    controller_id: str
    processor: str
    processor_id: str
    role_stated: str
    role_assessed: str
    legal_basis: tuple[str, ...]
    purpose: tuple[str, ...]
    data_categories: tuple[str, ...]
    collected_from: str
    origin_country: str
    storage_country: str
    direction: str
    exporter: str
    importer: str
    mechanism_stated: str
    mechanism_assessed: str
    instrument: str
    notice_version: str
