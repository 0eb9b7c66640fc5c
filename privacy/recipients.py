"""Third parties who may get data: approved one by one and by name, each for purposes of the register (R-36, R-37).

An approval is a grant of the controller's. It says nothing of anybody's data yet: whose may leave, and on what basis,
is judged at each disclosure (`privacy.disclosing`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection, Row

from config.entries import Mechanism
from config.errors import ConfigError
from config.identifiers import COUNTRY_CODES, EEA, business_id_ok
from config.keys import meant
from config.register import ProcessingRegister
from privacy.errors import NotPossibleError
from privacy.gate import DIRECT_MARKETING, scopes_of
from privacy.requests import By
from store import disclosures

PARTNER, PROCESSOR, AUTHORITY, PERSON = "partner", "processor", "authority", "person"
KINDS = (PARTNER, PROCESSOR, AUTHORITY, PERSON)
SAFEGUARDS = tuple(term for term in get_args(Mechanism) if term not in ("none", "unknown"))
"""What may carry a transfer outside the EU/EEA (GDPR Art. 45, 46 and 49)."""
UNKNOWN, NONE = "unknown", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval as it is asked for; fields as in `store.tables.Recipient`."""

    name: str
    kind: str
    country: str
    purposes: Sequence[str]
    reason: str
    business_id: str = UNKNOWN
    contact: str | None = None
    safeguard: str | None = None


def approve(connection: Connection, register: ProcessingRegister, wanted: Approval, by: By) -> int:
    """Approve a recipient; the approval's id. Call inside `store.engine.writing`. Raises `ConfigError`, and
    `NotPossibleError` where one of that name is approved."""
    values = _checked(register, wanted)
    if _find(connection, wanted.name):
        raise NotPossibleError(
            "a recipient of this name is approved already; for another scope revoke it first: "
            "`rekisteri recipient revoke NAME --reason TEXT`"
        )
    return disclosures.approve(connection, {**values, "approved_at": by.now, "approved_by": by.actor})


def _checked(register: ProcessingRegister, wanted: Approval) -> Mapping[str, Any]:
    if wanted.country not in COUNTRY_CODES:
        raise ConfigError("is no ISO 3166-1 country code; write two capitals such as FI", "--country")
    if wanted.country == "FI" and wanted.business_id != UNKNOWN and not business_id_ok(wanted.business_id):
        raise ConfigError("is no Y-tunnus: its check digit does not fit; correct it or leave it out", "--business-id")
    return {
        "name": wanted.name,
        "kind": wanted.kind,
        "business_id": wanted.business_id,
        "country": wanted.country,
        "safeguard": _safeguard(wanted),
        "contact": wanted.contact,
        "purposes": json.dumps(_purposes(register, wanted)),
        "reason": wanted.reason,
    }


def _safeguard(wanted: Approval) -> str:
    """What carries the transfer: needed outside the EEA, and nowhere else."""
    if wanted.country in EEA:
        if wanted.safeguard is not None:
            raise ConfigError(
                f"{wanted.country} is within the EU/EEA, where none is needed; leave it out", "--safeguard"
            )
        return NONE
    if wanted.safeguard is None:
        raise ConfigError(
            f"{wanted.country} is outside the EU/EEA: say what carries the transfer (GDPR Art. 44), such as "
            "eu-gdpr:A45-3 (adequacy decision) or eu-gdpr:A46-2-c (standard clauses)",
            "--safeguard",
        )
    if wanted.safeguard not in SAFEGUARDS:
        raise ConfigError(f"no such safeguard; {meant(wanted.safeguard, SAFEGUARDS)}", "--safeguard")
    return wanted.safeguard


def _purposes(register: ProcessingRegister, wanted: Approval) -> list[str]:
    for purpose in wanted.purposes:
        if purpose not in register.purposes:
            raise ConfigError(
                f"the register has no purpose {purpose}; {meant(purpose, register.purposes)}", "--purpose"
            )
        if wanted.kind == AUTHORITY and scopes_of(register.purposes[purpose].terms) & DIRECT_MARKETING:
            # An objection does not stop what the law demands; so this must be no way around the gate.
            raise ConfigError(f"no authority gets data for {purpose}, which is marketing", "--purpose")
    return list(dict.fromkeys(wanted.purposes))


def revoke(connection: Connection, name: str, reason: str, by: By) -> int:
    """End an approval; its id. What left before stays noted. Call inside `store.engine.writing`."""
    found = approved(connection, name)
    disclosures.revoke(connection, found.id, reason, by.actor, by.now)
    return int(found.id)


def approved(connection: Connection, name: str) -> Row[Any]:
    """The recipient of this name whose approval is in force. Raises `NotPossibleError`."""
    found = _find(connection, name)
    if found is None:
        raise NotPossibleError(
            "no recipient of this name is approved; see `rekisteri recipient list`, or `rekisteri recipient approve`"
        )
    return found


def purposes_of(recipient: Row[Any]) -> list[str]:
    """The purposes for which a recipient may get data."""
    return list(json.loads(recipient.purposes))


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, however they are written."""
    return one.casefold().split() == other.casefold().split()


def _find(connection: Connection, name: str) -> Row[Any] | None:
    return next((row for row in disclosures.recipients(connection) if same_name(row.name, name)), None)
