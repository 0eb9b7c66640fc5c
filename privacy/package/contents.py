"""The whole answer as one document, in the shape of `schema.json`. Pure.

What of it is data of the controller (purposes, recipients, roles) is as the processing register and the origins of the
records state it; what the law says (rights, the authority) stands here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from config.register import ProcessingRegister
from privacy.package.grouped import MATCHING, segments
from privacy.package.held import Held, Part
from privacy.package.said import Told
from privacy.package.words import Words
from privacy.retention import CATEGORIES, UNDEFINED, Rule
from privacy.segments import Standing
from store.person import Dossier
from store.times import stamp

SCHEMA = "rekisteri-access-1"
RIGHTS = (
    ("access", "eu-gdpr:A15"), ("rectification", "eu-gdpr:A16"), ("erasure", "eu-gdpr:A17"),
    ("restriction", "eu-gdpr:A18"), ("portability", "eu-gdpr:A20"), ("objection", "eu-gdpr:A21"),
    ("withdrawal", "eu-gdpr:A7-3"), ("complaint", "eu-gdpr:A77"),
)  # fmt: skip
WRITTEN: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("records", "bookings", "enrollments", "orders"), ("notes",)),
    **dict.fromkeys(("objections", "restrictions", "corrections"), ("reason",)),
    "direct_marketing": ("reason", "left_reason"),
    "requests": ("identity_method", "extension_reason", "justification"),
    "cases": ("subject", "answer", "reopen_reason", "outcome"),
    "contacts": ("summary",),
    "disclosures": ("statute", "document"),
}
"""Part of a document → what of its entries people wrote, who may have named others."""
_OF_CONSENTS = ("method", "evidence")
AUTHORITY = {
    "term": "legal-fi:DPA-FI",
    "name": "Tietosuojavaltuutetun toimisto",
    "visit": "Lintulahdenkuja 4, 00530 Helsinki",
    "post": "PL 800, 00531 Helsinki",
    "phone": "+358 29 566 6700",
    "email": "tietosuoja@om.fi",
    "site": "https://tietosuoja.fi",
}


def contents(
    found: Dossier,
    request_id: int,
    register: ProcessingRegister,
    now: datetime,
    language: str,
    rules: Mapping[str, Rule],
    standings: Sequence[Standing],
) -> dict[str, Any]:
    """The document that answers a request of `found`'s person. `rules`: of retention, by category;
    `standings`: the segments that they fit."""
    held = Held(found, register)
    told = Told(found, held, register)
    activities = held.activities()
    request = next(one for one, _ in found.requests if one.id == request_id)
    document: dict[str, Any] = {
        "package": {
            "schema": SCHEMA,
            "made_at": stamp(now),
            "language": language,
            "request": {"id": request.id, "type": request.type, "received_on": request.received_on.isoformat()},
        },
        "controller": _controller(register),
        "person": {"id": found.customer.id, "known_since": stamp(found.customer.created_at)},
        "values": held.values(),
        "records": held.records(),
        **activities,
        "origins": held.origins(),
        "marketing": told.marketing(),
        "objections": told.objections(),
        "restrictions": told.restrictions(),
        "corrections": told.corrections(),
        "direct_marketing": told.entries(),
        "history": held.history(),
        "comparisons_waiting": found.waiting,
        "unread_rows": held.quarantined(),
        "cases": told.cases(),
        "contacts": told.contacts(),
        "requests": told.requests(),
        "look_ups": told.look_ups(),
        "purposes": _purposes(found, register, {one.segment.use.purpose for one in standings}),
        "recipients": _recipients(found, register),
        "disclosures": told.disclosures(),
        "retention": _retention(rules),
        "automated_decisions": "none",
        "matching": dict(MATCHING),
        "segments": segments(standings, Words(language), register.brand_names()),
        "rights": [{"right": right, "article": article} for right, article in RIGHTS],
        "authority": dict(AUTHORITY),
    }
    document["package"]["withheld"] = held.withheld
    return document


def free_texts(document: dict[str, Any]) -> int:
    """How many entries of a document hold what people wrote: somebody has to read them before it is handed over."""
    found = [(part, names) for name, names in WRITTEN.items() for part in document[name]]
    found += [(part, _OF_CONSENTS) for part in document["marketing"]["history"]]
    return sum(any(part.get(name) for name in names) for part, names in found)


def _retention(rules: Mapping[str, Rule]) -> Part:
    """For how long data are kept (Art. 15(1)(d)). Why so long is the controller's own note and may tell of others."""
    named = [rules[name] for name in CATEGORIES if name in rules and rules[name].period is not None]
    if not named:
        return {"state": UNDEFINED}
    state = "defined" if len(named) == len(CATEGORIES) else "partly_defined"
    return {
        "state": state,
        "rules": [{"category": rule.category, "after": rule.period, "from": rule.trigger} for rule in named],
    }


def _controller(register: ProcessingRegister) -> Part:
    party = register.parties[register.controller]
    return {
        "name": party.name,
        "business_id": party.business_id,
        "address": party.address,
        "country": party.country,
        "contact": register.contact or None,
        "register": register.name,
        "brands": [{"id": id_, "name": name} for id_, name in register.brand_names().items()],
        "notices": [
            {"version": version, "name": notice.name, "drawn_up": notice.drawn_up.isoformat()}
            for version, notice in register.notices.items()
        ],
    }


def _purposes(found: Dossier, register: ProcessingRegister, named: set[str]) -> list[Part]:
    """Purposes of the person's records, of look-ups, disclosures, contacts and these, in the order of the register."""
    named |= {name for row in found.origins.values() for name in from_json(row.purpose)}
    named |= {row.purpose for row in (*found.look_ups, *found.disclosures, *found.contact_events)}
    known = [name for name in register.purposes if name in named]
    return [
        {
            "id": name,
            "text": register.purposes[name].text if name in register.purposes else name,
            "terms": list(register.purposes[name].terms) if name in register.purposes else [],
        }
        for name in [*known, *sorted(named - set(known))]
    ]


def _recipients(found: Dossier, register: ProcessingRegister) -> list[Part]:
    """Parties that handled the person's data, by name, in each role in which they did (Art. 15(1)(c), C-154/21)."""
    parties: dict[tuple[str, ...], Part] = {}
    for row in found.origins.values():
        if row.processor_id in ("none", row.controller_id):
            continue
        activity = register.activities.get(row.activity)
        key = (row.processor_id, row.activity, row.role_stated, row.role_assessed)
        parties[key] = _party(register, row.processor_id, row.processor) | {
            "activity": activity.name if activity else row.activity,
            "role_stated": row.role_stated,
            "role_assessed": row.role_assessed,
            "storage_country": row.storage_country,
        }
    return list(parties.values())


def _party(register: ProcessingRegister, id_: str, name: str) -> Part:
    party = register.parties.get(id_)
    return {
        "name": name,
        "business_id": party.business_id if party else "unknown",
        "country": party.country if party else "unknown",
        "notice_url": party.notice_url if party else "unknown",
    }
