"""The record of processing as one document, in codes that every form and language is made from. Pure.

One activity for each entry of the processing register, and for each thing that the controller does with the registry
itself (`privacy.record.own`). What is not used says so, what is not known or not settled is `unknown`, `undefined`,
`unassessed` or `none`: nothing is guessed, but for the legal basis of own activities, which is marked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Row

from config.entries import Party, Processing
from config.place import HELSINKI
from config.register import ProcessingRegister
from privacy.linking import outside_eea
from privacy.notices import notice_at
from privacy.record.own import Own, own_activities
from privacy.retention import ACTIVITIES, CUSTOMERS, NOTES, QUARANTINE, UNDEFINED, VANISHED
from store.origins import TRANSFER
from store.processed import Landed, Processed
from store.times import stamp

Part = dict[str, Any]

_TRANSFER = (*TRANSFER, "module", "document", "verified_by")


class Feed(NamedTuple):
    """A source that is switched on: its name, and the party and activity whose records it brings."""

    name: str
    party: str
    activity: str


def contents(
    found: Processed, register: ProcessingRegister, feeds: Sequence[Feed], now: datetime, today: date
) -> dict[str, Any]:
    """The document. `now` as time, `today` as day in Finland, by which the notice in force is told."""
    return _Record(found, register, feeds, today).document(now)


@dataclass(frozen=True, slots=True)
class _Record:
    found: Processed
    register: ProcessingRegister
    feeds: Sequence[Feed]
    today: date

    def document(self, now: datetime) -> dict[str, Any]:
        version = notice_at(self.register, self.today)
        notice = self.register.notices.get(version)
        return {
            "made_at": stamp(now),
            "register": {"name": self.register.name, "sha256": self.register.digest},
            "notice": {"version": version, "name": notice.name if notice else "unknown"},
            "customers": self.found.customers,
            "controller": self.controller(),
            "purposes": {
                name: {"text": one.text, "terms": list(one.terms), "in_notice": one.in_notice}
                for name, one in self.register.purposes.items()
            },
            "activities": [
                *(self.handed(entry) for entry in self.register.processing),
                *(self.own(one, version) for one in own_activities(self.found)),
            ],
            "measures": [_measure(row) for row in self.found.measures],
            "unsettled": [
                {"party": name, "name": one.name, "country": one.country, "evidence": one.evidence}
                for name, one in self.register.parties.items()
                if one.state == "unverified"
            ],
        }

    def controller(self) -> Part:
        party = self.register.parties[self.register.controller]
        return {
            "party": self.register.controller,
            "name": party.name,
            "business_id": party.business_id,
            "address": party.address,
            "country": party.country,
            "contact": self.register.contact or "unknown",
            "representative": self.register.representative,
            "dpo": self.register.dpo,
            "brands": [brand.name for brand in self.register.brands.values()],
        }

    def handed(self, entry: Processing) -> Part:
        """What a party does for or beside the controller, and the records that come of it."""
        landed = [one for one in self.found.landed if (one.party, one.activity) == (entry.party, entry.activity)]
        sources = [one.name for one in self.feeds if (one.party, one.activity) == (entry.party, entry.activity)]
        sources = list(dict.fromkeys([*sources, *(one.source for one in landed)]))
        own = entry.party == self.register.controller
        kinds = [one.kind for one in landed] or [*entry.data_categories] or ["customer"]
        agreements = self.agreements(entry.party)
        named = self.register.activities[entry.activity]
        return {
            "id": f"{entry.activity}:{entry.party}",
            "activity": entry.activity,
            "name": named.name,
            "party": "none" if own else self.register.parties[entry.party].name,
            "in_use": bool(sources),
            "sources": sources,
            "brands": list(dict.fromkeys(self.brand(one.brand) for one in landed)),
            "joint_controllers": [self.register.parties[entry.party].name] if _joint(entry) else [],
            "purposes": list(entry.purposes),
            "legal_basis": list(entry.legal_basis),
            "basis_from": "register",
            "lia": entry.lia,
            "data_subjects": ["customers", *(["staff"] if "booking" in kinds else [])],
            "data_categories": self.categories(entry, kinds),
            "collected_from": [entry.collected_from],
            "recipients": [] if own else [self.party(entry), *self.subprocessors(entry.party)],
            "transfers": [self.transfer(entry)],
            "storage": self.stored(entry),
            "retention": self.kept(kinds, landed),
            "agreements": agreements,
            "consents": None,
            "counts": _counts(landed),
            "last_retrieved_at": stamp(self.read_at(landed)),
            "notice_version": entry.notice,
            "review_on": _first(entry.review_on, entry.transfer.review_on, *(one["review_on"] for one in agreements)),
        }

    def own(self, one: Own, version: str) -> Part:
        """What the controller does with the registry itself; the register may state its name, basis and review."""
        stated = self.register.activities.get(one.id)
        approved = [
            row
            for row in self.found.recipients
            if one.id == "disclosures" or {*from_json(row.purposes)} & {*one.purposes}
        ]
        basis = stated.legal_basis if stated and stated.legal_basis else ()
        return {
            "id": one.id,
            "activity": one.id,
            "name": stated.name if stated else one.id,
            "party": "none",
            "in_use": one.in_use,
            "sources": [],
            "brands": [],
            "joint_controllers": [],
            "purposes": [name for name in self.register.purposes if name in one.purposes],
            "legal_basis": list(basis or one.legal_basis or ("unknown",)),
            "basis_from": "register" if basis else "program",
            "lia": stated.lia if stated else "none",
            "data_subjects": list(one.data_subjects),
            "data_categories": list(one.data_categories or ("unknown",)),
            "collected_from": list(one.collected_from),
            "recipients": [_recipient(row) for row in approved],
            "transfers": [self.handed_out(row) for row in approved],
            "storage": [self.here()],
            "retention": [self.rule(name) for name in one.retention],
            "agreements": [],
            "consents": one.counts.get("consents"),
            "counts": [{"what": name, "number": number} for name, number in one.counts.items()],
            "last_retrieved_at": None,
            "notice_version": version,
            "review_on": _first(stated.review_on if stated else None),
        }

    def brand(self, name: str) -> str:
        return self.register.brands[name].name if name in self.register.brands else name

    def categories(self, entry: Processing, kinds: Iterable[str]) -> list[str]:
        """What the register says that records of these kinds hold."""
        held = [
            term
            for kind in kinds
            for term in entry.data_categories.get(kind, self.register.data_categories[kind])
            if term != "none"
        ]
        return list(dict.fromkeys(held)) or ["none"]

    def party(self, entry: Processing) -> Part:
        party = self.register.parties[entry.party]
        return _named(party) | {
            "kind": "platform",
            "role_stated": entry.role_stated,
            "role_assessed": entry.role_assessed,
        }

    def subprocessors(self, party: str) -> list[Part]:
        """Who works for a party by an agreement that the controller knows of."""
        return [
            {
                "name": row.party,
                "kind": "subprocessor",
                "country": row.country,
                "third_country": outside_eea(row.country),
            }
            | {"under": self.register.parties[party].name}
            for row in self.found.agreements
            if row.under == party
        ]

    def agreements(self, party: str) -> list[Part]:
        parties = self.register.parties
        return [
            {
                "party": parties[row.party].name if row.party in parties else row.party,
                "type": row.type,
                "signed_on": _day(row.signed_on),
                "review_on": _day(row.review_on),
                "where": row.url or (f"sha256:{row.sha256}" if row.sha256 else "unknown"),
            }
            for row in self.found.agreements
            if party in (row.party, row.under)
        ]

    def transfer(self, entry: Processing) -> Part:
        transfer, parties = entry.transfer, self.register.parties
        found: Part = {"party": parties[entry.party].name}
        found |= {name: getattr(transfer, name) for name in _TRANSFER}
        for side in ("exporter", "importer"):
            if found[side] in parties:
                found[side] = parties[found[side]].name
        countries = (transfer.origin_country, transfer.storage_country)
        return found | {
            "verified_on": _day(transfer.verified_on),
            "review_on": _day(transfer.review_on),
            "third_countries": list(dict.fromkeys(filter(outside_eea, countries))),
        }

    def handed_out(self, row: Row[Any]) -> Part:
        """What an approved recipient gets goes out to them; outside the EEA by the safeguard named at the approval."""
        found: Part = dict.fromkeys(_TRANSFER, "none")
        found |= {"party": row.name, "origin_country": "none", "storage_country": row.country, "direction": "none"}
        if outside_eea(row.country):
            found |= dict.fromkeys(("instrument", "module", "document"), "unknown")
            found |= {"direction": "outbound", "exporter": self.controller()["name"], "importer": row.name}
        return found | {
            "mechanism_stated": "none",
            "mechanism_assessed": row.safeguard,
            "verified_by": row.approved_by,
            "verified_on": _day(row.approved_at.astimezone(HELSINKI).date()),
            "review_on": None,
            "third_countries": list(filter(outside_eea, [row.country])),
        }

    def stored(self, entry: Processing) -> list[Part]:
        if entry.party == self.register.controller:
            return [self.here()]
        place = {"held_by": self.register.parties[entry.party].name, "country": entry.transfer.storage_country}
        return [self.here(), place]

    def here(self) -> Part:
        """The registry itself, on the controller's own machine."""
        party = self.register.parties[self.register.controller]
        return {"held_by": party.name, "country": party.country}

    def kept(self, kinds: Iterable[str], landed: Iterable[Landed]) -> list[Part]:
        named = [CUSTOMERS, *(ACTIVITIES[kind] for kind in dict.fromkeys(kinds) if kind in ACTIVITIES)]
        named += [NOTES] if any(one.notes for one in landed) else []
        return [self.rule(name) for name in (*named, VANISHED, QUARANTINE)]

    def rule(self, category: str) -> Part:
        ruling = self.found.retention.get(category)
        if ruling is None or ruling.period is None:
            return {"category": category, "state": UNDEFINED, "after": None, "from": None, "basis": None}
        after = {"after": ruling.period, "from": ruling.trigger, "basis": ruling.basis}
        return {"category": category, "state": "defined", **after}

    def read_at(self, landed: Sequence[Landed]) -> datetime | None:
        """When the sources of these records were last read, or last brought something."""
        read = [self.found.read_at[one.source] for one in landed if one.source in self.found.read_at]
        return max([*read, *(one.retrieved_at for one in landed)], default=None)


def _joint(entry: Processing) -> bool:
    role = entry.role_stated if entry.role_assessed == "unassessed" else entry.role_assessed
    return role == "joint_controller"


def _named(party: Party) -> Part:
    return {
        "name": party.name,
        "country": party.country,
        "third_country": outside_eea(party.country),
        "notice_url": party.notice_url,
    }


def _recipient(row: Row[Any]) -> Part:
    return {"name": row.name, "kind": row.kind, "country": row.country, "third_country": outside_eea(row.country)}


def _measure(row: Row[Any]) -> Part:
    named = {name: getattr(row, name) for name in ("kind", "term", "name")}
    return named | {"since": _day(row.since), "review_on": _day(row.review_on)}


def _counts(landed: Iterable[Landed]) -> list[Part]:
    counts: dict[str, int] = {}
    for one in landed:
        counts[one.kind] = counts.get(one.kind, 0) + one.records
    notes = sum(one.notes for one in landed)
    counts |= {"notes": notes} if notes else {}
    return [{"what": what, "number": number} for what, number in counts.items()]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _first(*days: date | str | None) -> str | None:
    """The earliest day."""
    return min((str(day) for day in days if day), default=None)
