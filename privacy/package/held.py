"""The parts of an answer that say what is held: values, records, activities, where each is from, and why joined. Pure.

`portable` marks what Art. 20 reaches: what the person gave, or what was observed of them. What the controller derived
from it (golden values, counts, notes of staff) it does not.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Row

from config.register import ProcessingRegister
from privacy.package.own import Own
from store.activities import LISTS
from store.origins import LISTED, TRANSFER
from store.person import Activity, Dossier
from store.times import stamp

Part = dict[str, Any]

_ORIGIN = (
    "kind", "brand", "controller", "processor", "role_stated", "role_assessed", *LISTED, "collected_from",
    "notice_version",
)  # fmt: skip
_DERIVED = frozenset(
    {"name_guessed", "no_show_count", "regular_employee", "discounts", "requires_prepayment", "state_raw"}
)
"""Members of payloads that the controller or its platform made, not the person."""
_NOT_GIVEN = ("staff", "third_party")
_OF_OTHERS = (", which others have too", ", where others live too")
_LEFT_OUT = ("perhaps a family", "together with the others they would be people with different first names")
"""Reasons, or their ends, that say something of other people."""


def plain_reasons(text: str) -> list[str]:
    """Why records were joined or parted, without what the reasons say of other people."""
    found = [reason for reason in from_json(text) if reason not in _LEFT_OUT]
    for ending in _OF_OTHERS:
        found = [reason.removesuffix(ending) for reason in found]
    return list(dict.fromkeys(found))


class Held:
    """What is held of a person. `own` says what of it is theirs; `withheld` counts what is left out."""

    def __init__(self, found: Dossier, register: ProcessingRegister) -> None:
        self._found, self._register = found, register
        self._numbers = {id_: number for number, id_ in enumerate(found.origins, 1)}
        self._imported = {(row.source, row.name): row.imported_at for row in found.files}
        self.withheld = 0

    @cached_property
    def own(self) -> Own:
        """What is the person's own."""
        found = self._found
        golden: dict[str, list[str]] = {}
        for row in found.golden:
            golden.setdefault(row.field, []).append(from_json(row.value))
        published: dict[str, Any] = {
            name: golden[name][0] for name in ("name", "first_name", "last_name") if name in golden
        }
        return Own(
            [*(from_json(row.payload) for row in found.records), published],
            [*found.contacts, *golden.get("emails", ()), *golden.get("phones", ())],
            [from_json(text) for text in found.others],
            found.taken,
        )

    def text(self, text: str | None) -> str | None:
        """Free text without other people."""
        shown = self.own.masked(text)
        self.withheld += shown != text
        return shown

    def values(self) -> list[Part]:
        """The published values but for marketing, each with the record and the rule that it is due to."""
        return [
            {
                "field": row.field,
                "value": from_json(row.value),
                "source": row.source,
                "external_id": row.external_id,
                "rule": row.rule,
                "observed_at": stamp(row.observed_at),
                "portable": False,
            }
            for row in self._found.golden
            if not row.field.startswith("marketing.")
        ]

    def origins(self) -> list[Part]:
        """Who handled what, on what basis and where. Records name them by `number`."""
        return [self._origin(number, self._found.origins[id_]) for id_, number in self._numbers.items()]

    def _origin(self, number: int, row: Row[Any]) -> Part:
        values = row._mapping
        named = self._register.activities.get(row.activity)
        return {
            "number": number,
            "source": row.source,
            "activity": named.name if named else row.activity,
            **{name: from_json(values[name]) if name in LISTED else values[name] for name in _ORIGIN},
            "transfer": {name: values[name] for name in TRANSFER},
        }

    def records(self) -> list[Part]:
        """The customer records of the sources, whole."""
        return [
            self._landed(row)
            | {
                "payload": from_json(row.payload),
                "notes": self.text(row.notes),
                "informed": self._informed(row.id),
                "joined": {
                    "method": row.method,
                    "score": row.score,
                    "reasons": plain_reasons(row.reasons),
                    "decided_by": row.decided_by,
                    "decided_at": stamp(row.decided_at),
                },
            }
            for row in self._found.records
        ]

    def _informed(self, record_id: int) -> Part | None:
        """When the person was told of data from others, or by which letter of Art. 14(5) not. How it was done and why
        is the controller's own note."""
        told = self._found.informed.get(record_id)
        if told is None:
            return None
        return {"told_on": None if told.exemption else told.on.isoformat(), "exemption": told.exemption}

    def _landed(self, row: Row[Any]) -> Part:
        imported = self._imported.get((row.source, row.retrieved_from))
        file = {"name": row.retrieved_from, "imported_at": stamp(imported)} if imported else None
        return {
            "source": row.source,
            "external_id": row.external_id,
            "origin": self._numbers[row.origin_id],
            "retrieved_from": row.retrieved_from,
            "retrieved_at": stamp(row.retrieved_at),
            "first_seen_at": stamp(row.first_seen_at),
            "source_updated_at": stamp(row.source_updated_at),
            "file": file,
            "portable": self._found.origins[row.origin_id].collected_from not in _NOT_GIVEN,
        }

    def activities(self) -> dict[str, list[Part]]:
        """Bookings, enrollments and orders, by start or time; those too that the source has removed (`gone_at`)."""
        lists: dict[str, list[Part]] = {name: [] for name in LISTS.values()}
        for one in self._found.activities:
            lists[LISTS[one.row.kind]].append(self._activity(one))
        return lists

    def _activity(self, one: Activity) -> Part:
        foreign = self.own.foreign(one.payload)
        hides_notes = bool(one.row.notes) and "client_name" in foreign
        withheld = [*foreign, *(["notes"] if hides_notes else [])]
        self.withheld += len(withheld)
        return {
            **one.shown,
            **self._landed(one.row),
            "payload": {name: value for name, value in one.payload.items() if name not in foreign},
            "notes": None if hides_notes else self.text(one.row.notes),
            "gone_at": stamp(one.row.vanished_at),
            "withheld": withheld,
        }

    def quarantined(self) -> list[Part]:
        """Rows that could not be read. Of a customer's the fields are shown; in a booking's may stand anybody."""
        streams = {(row.source, row.stream) for row in self._found.records}
        return [
            {
                "source": row.source,
                "external_id": row.key,
                "reason": row.reason,
                "fields": from_json(row.fields) if (row.source, row.stream) in streams else None,
                "retrieved_from": row.retrieved_from,
                "retrieved_at": stamp(row.retrieved_at),
            }
            for row in self._found.quarantine
        ]

    def history(self) -> list[Part]:
        """Merges and splits with their reasons; with whom is not said."""
        return [
            {"at": stamp(row.at), "event": row.event, "reasons": plain_reasons(row.reasons)}
            for row in self._found.events
        ]


def portable(document: Mapping[str, Any]) -> Part:
    """The part of a document that Art. 20 reaches, to be taken to another controller."""

    def given(parts: Iterable[Part]) -> list[Part]:
        return [
            {
                "source": part["source"],
                "external_id": part["external_id"],
                **{name: value for name, value in part["payload"].items() if name not in _DERIVED},
            }
            for part in parts
            if part["portable"]
        ]

    names: Sequence[str] = ("records", *LISTS.values())
    consents = [part for part in document["marketing"]["history"] if part["portable"]]
    return {
        "schema": "rekisteri-portable-1",
        "made_at": document["package"]["made_at"],
        "controller": document["controller"]["name"],
        "person": document["person"]["id"],
        **{name: given(document[name]) for name in names},
        "marketing": [{name: value for name, value in part.items() if name != "portable"} for part in consents],
    }
