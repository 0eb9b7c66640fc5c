"""The parts of an answer about what the person said and asked, who looked, and what was left out. Pure."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Row

from config.register import ProcessingRegister
from privacy.package.held import Held, Part
from privacy.tasks import OVERTAKEN
from store.cases import CLOSED
from store.declarations import CONSENT, CORRECTION, OBJECTION, RESTRICTION, Declared
from store.person import Dossier
from store.times import stamp

CHANNELS = ("email", "sms")
_REQUEST = ("id", "type", "channel", "status", "outcome")
_WORDS = ("identity_method", "extension_reason", "justification")
_DAYS = ("received_on", "due_on")
_DISCLOSED = ("recipient", "kind", "country", "purpose", "basis", "brand", "channel")
_GROUNDS = ("statute", "document")
_TIMES = ("identified_at", "extended_at", "closed_at")
_CASE = ("id", "type", "state", "brand", "channel")
_CASE_WORDS = ("subject", "answer", "reopen_reason", "outcome")
_CASE_TIMES = ("answered_at", "reopened_at", "closed_at")


class Told:
    """What the person declared and asked for."""

    def __init__(self, found: Dossier, held: Held, register: ProcessingRegister) -> None:
        self._found, self._held, self._register = found, held, register
        self._mine = {row.id for row in found.records}
        self._brands = {row.id: found.origins[row.origin_id].brand for row in found.records}

    def marketing(self) -> Part:
        """The state of each channel, the strictest that is known and that of each brand, and all that led to it in the
        order of time."""
        golden = {row.field: row for row in self._found.golden if row.field.startswith("marketing.")}
        whole = [f"marketing.{channel}" for channel in CHANNELS]
        named = {*whole, *(f"{name}.{brand}" for name in whole for brand in self._register.brands), *golden}
        history = [*map(self._flag, self._found.flags), *self._declared(CONSENT)]
        return {
            "states": [_state(name, golden.get(name)) for name in sorted(named)],
            "history": sorted(history, key=lambda part: part["at"]),
        }

    def _flag(self, row: Row[Any]) -> Part:
        return {
            "at": stamp(row.observed_at),
            "by": "flag",
            "channel": row.channel,
            "brand": self._brands[row.record_id],
            "state": {True: "yes", False: "no", None: "silent"}[row.value],
            "source": row.source,
            "portable": True,
        }

    def _declared(self, kind: str) -> Iterator[Part]:
        """Declarations of a kind. One that was made while the person was taken for one with somebody else holds with
        both, but its words and values may be the other's: they are left out where they are not surely the person's."""
        for one in self._found.declared:
            if one.said.kind == kind:
                mine = self._spoke(one)
                yield {
                    "at": stamp(one.said.at),
                    "by": "declaration",
                    "recorded_at": stamp(one.said.recorded_at),
                    **{name: getattr(one.said, name) for name in _BY_KIND[kind]},
                    **{name: self._free(one, name, mine) for name in _FREE_BY_KIND[kind]},
                    "notice_version": one.said.notice_version,
                    "lifted_at": stamp(one.lifted_at),
                    "portable": kind != RESTRICTION and mine,
                }

    def _spoke(self, one: Declared) -> bool:
        """Whether it was surely this person who spoke: the record on which it was made is theirs, or nobody's any more
        and bears their name."""
        anchor = self._found.anchors.get(one.anchor)
        if one.anchor in self._mine:
            return True
        if anchor is None or anchor.customer_id is not None:
            return False
        payload = from_json(anchor.payload)
        name = payload.get("name") or " ".join(filter(None, (payload.get("first_name"), payload.get("last_name"))))
        return bool(name) and self._held.own.named(name)

    def _free(self, one: Declared, name: str, mine: bool) -> Any:
        text = getattr(one.said, name)
        if text is None or mine:
            return from_json(text) if name == "value" and text is not None else self._held.text(text)
        self._held.withheld += 1
        return None

    def objections(self) -> list[Part]:
        """Objections by scope (Art. 21)."""
        return list(self._declared(OBJECTION))

    def restrictions(self) -> list[Part]:
        """Restrictions (Art. 18)."""
        return list(self._declared(RESTRICTION))

    def corrections(self) -> list[Part]:
        """Corrected values (Art. 16)."""
        return list(self._declared(CORRECTION))

    def entries(self) -> list[Part]:
        """Stays in the controller's direct-marketing register."""
        return [
            {
                "brand": row.brand,
                "relationship_ended_on": row.relationship_ended_on.isoformat(),
                "reason": self._held.text(row.reason),
                "entered_at": stamp(row.entered_at),
                "left_at": stamp(row.left_at),
                "left_reason": self._held.text(row.left_reason),
            }
            for row in self._found.entries
        ]

    def requests(self) -> list[Part]:
        """The person's requests, and what was asked of others for their sake (Art. 19)."""
        return [
            {
                **{name: getattr(request, name) for name in _REQUEST},
                **{name: self._held.text(getattr(request, name)) for name in _WORDS},
                **{name: getattr(request, name).isoformat() for name in _DAYS},
                **{name: stamp(getattr(request, name)) for name in _TIMES},
                "told": [
                    {"party": task.party, "what": task.what, "asked_at": stamp(task.created_at)}
                    | {"done_at": stamp(task.done_at)}
                    for task in tasks
                    if task.proof != OVERTAKEN
                ],
            }
            for request, tasks in self._found.requests
        ]

    def cases(self) -> list[Part]:
        """Feedback and claims; not which of the staff handled them."""
        return [
            {
                **{name: getattr(row, name) for name in _CASE},
                "received_on": row.received_on.isoformat(),
                **{name: self._held.text(getattr(row, name)) for name in _CASE_WORDS},
                **{name: stamp(getattr(row, name)) for name in _CASE_TIMES},
                "holds_back": row.hold and row.state != CLOSED,
            }
            for row in self._found.cases
        ]

    def contacts(self) -> list[Part]:
        """Messages, calls, letters and talks, in the order of time."""
        return [
            {
                "at": stamp(row.at),
                "channel": row.channel,
                "sender": "person" if row.direction == "in" else "controller",
                "brand": row.brand,
                "purpose": row.purpose,
                "summary": self._held.text(row.summary),
                "case": row.case_id,
            }
            for row in sorted(self._found.contact_events, key=lambda row: (row.at, row.id))
        ]

    def disclosures(self) -> list[Part]:
        """What left for third parties, by name; not by whom (C-579/21). What an authority gives as its grounds may name
        others, as free text may."""
        return [
            {
                "at": stamp(row.at),
                **{name: getattr(row, name) for name in _DISCLOSED},
                "fields": from_json(row.fields),
                **{name: self._held.text(getattr(row, name)) for name in _GROUNDS},
            }
            for row in self._found.disclosures
        ]

    def look_ups(self) -> list[Part]:
        """When the data were looked at or used, and what for; not by whom (C-579/21)."""
        return [
            {
                "at": stamp(row.at),
                "action": row.action,
                "purpose": row.purpose,
                "whole_registry": row.customer_id is None,
            }
            for row in self._found.look_ups
        ]


_BY_KIND = {
    CONSENT: ("channel", "brand", "state", "grantee"),
    OBJECTION: ("scope", "brand"),
    RESTRICTION: (),
    CORRECTION: ("field",),
}
_FREE_BY_KIND = {
    CONSENT: ("method", "evidence"),
    OBJECTION: ("reason",),
    RESTRICTION: ("reason",),
    CORRECTION: ("value", "reason"),
}


def _state(name: str, row: Row[Any] | None) -> Part:
    _, channel, *brand = name.split(".", 2)
    return {
        "channel": channel,
        "brand": brand[0] if brand else None,
        "state": from_json(row.value) if row else "unknown",
        "rule": row.rule if row else None,
        "since": stamp(row.observed_at) if row else None,
    }
