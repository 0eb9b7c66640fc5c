"""Consents of one customer: a record for each brand and channel, with its state and the events that led to it.

The state is what the registry published (`sync.reconcile.consent`); here it is only told, with all that was said and
seen. Of a platform's flag a yes is told for the brand of its record, a no for every brand, as it is judged. A flag
whose permission was given to somebody else than the controller, or nobody knows to whom, says nothing about a consent
to the controller: its events are `unknown`, except a yes that became a no, which is a withdrawal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from privacy.terms import CONSENT_TERMS
from store.consents import Consenting, FlagSeen, Holding, Published
from store.declarations import CONSENT, OBJECTION, RESTRICTION, Declared
from store.times import stamp

CHANNELS = ("email", "sms")
DECLARED, FLAG = "declared", "flag"
PLATFORM_FLAG = "platform flag"
_VALUES = {True: "yes", False: "no", None: "nothing"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was declared or seen. `brand`: `None` for all. `said`: what a flag says, word for word.

    `in_force`: it may bear the state; not what was lifted, nor a grant of somebody from whom this customer was split.
    """

    state: str
    at: datetime
    recorded_at: datetime
    origin: str
    method: str | None
    notice_version: str
    grantee: str
    brand: str | None
    in_force: bool
    evidence: str | None = None
    recorded_by: str | None = None
    declaration: int | None = None
    lifted_at: datetime | None = None
    holding: Holding | None = None
    said: str | None = None

    @property
    def term(self) -> str:
        """The DPV term of the state."""
        return CONSENT_TERMS[self.state]

    @property
    def cause(self) -> str:
        """By what it became known, in words."""
        return f"{PLATFORM_FLAG} of {self.holding.name}" if self.holding else self.method or "not said how"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One person's consent to one controller for one brand and channel. `events`: in order of time; `standing`: the one
    that the state is due to, `None` while it is unknown."""

    controller: str
    brand: str
    channel: str
    state: str
    events: Sequence[Event]
    standing: Event | None

    @property
    def term(self) -> str:
        """The DPV term of the state."""
        return CONSENT_TERMS[self.state]


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is concerned: the controller and its brands, and by source to whom the permission of its flag was given."""

    controller: str
    brands: Sequence[str]
    grantees: Mapping[str, str | None]

    def grantee(self, source: str) -> str:
        """The party to whom a source's permission was given, or `unknown`."""
        named = self.grantees.get(source)
        return self.controller if named == "controller" else named or "unknown"


def consent_records(consenting: Consenting, parties: Parties) -> list[ConsentRecord]:
    """A record for each brand of the controller, and each that was spoken of, and channel."""
    named = {place.partition(".")[2] for place in consenting.published} - {""}
    brands = [*parties.brands, *sorted(named - {*parties.brands})]
    flags = _flag_events(consenting, parties)
    records = []
    for brand in brands:
        for channel in CHANNELS:
            events = [*_declared_events(consenting, brand, channel), *_of_brand(flags.get(channel, ()), brand)]
            events.sort(key=lambda event: (event.at, event.recorded_at))
            published = consenting.published.get(f"{channel}.{brand}")
            state = published.state if published else "unknown"
            standing = _standing(published, events) if published else None
            records.append(ConsentRecord(parties.controller, brand, channel, state, events, standing))
    return records


def _declared_events(consenting: Consenting, brand: str, channel: str) -> Iterator[Event]:
    for one in consenting.declared:
        said = one.said
        if said.kind != CONSENT or said.channel != channel or said.brand not in (None, brand) or not said.state:
            continue
        elsewhere = said.state == "granted" and one.anchor not in consenting.records
        yield Event(
            said.state, said.at, said.recorded_at, DECLARED, said.method, said.notice_version, said.grantee,
            said.brand, one.lifted_at is None and not elsewhere, said.evidence, said.recorded_by, one.id, one.lifted_at,
        )  # fmt: skip


def _flag_events(consenting: Consenting, parties: Parties) -> dict[str, list[Event]]:
    """Every flag that was seen, by channel."""
    found: dict[str, list[Event]] = {}
    ordered = sorted(consenting.flags, key=lambda flag: (flag.record_id, flag.channel))
    for (record, channel), seen in groupby(ordered, key=lambda flag: (flag.record_id, flag.channel)):
        holding = consenting.records[record]
        found.setdefault(channel, []).extend(_events_of_flag(list(seen), holding, parties))
    return found


def _events_of_flag(seen: Sequence[FlagSeen], holding: Holding, parties: Parties) -> Iterator[Event]:
    grantee = parties.grantee(holding.source)
    last: bool | None = None
    for flag in seen:
        state = flag_state(flag.value, last, ours=grantee == parties.controller)
        last = last if flag.value is None else flag.value
        yield Event(
            state, flag.at, flag.at, FLAG, PLATFORM_FLAG, holding.notice_version, grantee, holding.brand,
            state != "unknown", holding=holding, said=_VALUES[flag.value],
        )  # fmt: skip


def flag_state(value: bool | None, before: bool | None, *, ours: bool) -> str:
    """What a flag's value says by itself, after the last that said something; `ours`: it speaks to the controller."""
    if value is None:
        return "unknown"
    if not value and before:
        return "withdrawn"
    if not ours:
        return "unknown"
    return "granted" if value else "refused"


def _of_brand(events: Iterable[Event], brand: str) -> Iterator[Event]:
    return (event for event in events if event.brand == brand or event.state in ("refused", "withdrawn"))


def _standing(published: Published, events: Sequence[Event]) -> Event | None:
    """The event that the published state is due to: of a declaration the one of that time, of a flag the last of that
    record that says so."""
    declared = published.rule == DECLARED
    for event in reversed(events):
        if not event.in_force or event.state != published.state or (event.origin == DECLARED) != declared:
            continue
        if event.at == published.at if declared else event.holding and event.holding.record_id == published.record_id:
            return event
    return None


def shown(consenting: Consenting, records: Sequence[ConsentRecord]) -> dict[str, Any]:
    """All of it as one JSON document."""
    return {
        "customer": consenting.customer_id,
        "records": [
            {
                "controller": record.controller,
                "brand": record.brand,
                "channel": record.channel,
                "state": record.state,
                "term": record.term,
                "since": stamp(record.standing.at) if record.standing else None,
                "by": record.standing.cause if record.standing else None,
                "events": [event_shown(event) for event in record.events],
            }
            for record in records
        ],
        "objections": list(_reserved(consenting.declared, OBJECTION)),
        "restrictions": list(_reserved(consenting.declared, RESTRICTION)),
    }


def event_shown(event: Event) -> dict[str, Any]:
    """One event as JSON."""
    return {
        "state": event.state,
        "term": event.term,
        "at": stamp(event.at),
        "recorded_at": stamp(event.recorded_at),
        "recorded_by": event.recorded_by,
        "origin": event.origin,
        "declaration": event.declaration,
        "source": event.holding.name if event.holding else None,
        "flag": event.said,
        "method": event.method,
        "brand": event.brand,
        "notice_version": event.notice_version,
        "evidence": event.evidence,
        "grantee": event.grantee,
        "in_force": event.in_force,
        "lifted_at": stamp(event.lifted_at),
    }


def _reserved(declared: Iterable[Declared], kind: str) -> Iterator[dict[str, Any]]:
    for one in declared:
        if one.said.kind == kind:
            said = one.said
            scope = {"scope": said.scope} if kind == OBJECTION else {}
            yield {
                "declaration": one.id,
                **scope,
                "at": stamp(said.at),
                "recorded_at": stamp(said.recorded_at),
                "recorded_by": said.recorded_by,
                "reason": said.reason,
                "request": said.request_id,
                "lifted_at": stamp(one.lifted_at),
            }
