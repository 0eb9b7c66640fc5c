"""Segments: people write rules, the registry says who fits, and the gate whom of these may be used.

«Asiakaskannan analysointi ja luokittelu joiden tavoitteena on viestinnän kohdentaminen», and «Tietoja ei käytetä
automatisoituun profilointiin» (privacy notice of 22.3.2021). So a segment is a sentence that a person wrote, that can
be read to whoever is in it, and that sorts by what was booked, studied and bought alone (`privacy.segment_rule`).
Nobody is given a score, and nothing follows by itself: a run writes a list, on which a person acts.

A run, inside `store.engine.reading`:

1. What the rule names is read of everybody, and the rule says who fits.
2. The gate judges everybody for the purpose, brand and channel of the segment.
3. Who fits and passes is in the segment; who fits and does not is left out, each with the gate's reason.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from config.errors import ConfigError
from config.keys import meant
from config.place import written
from config.register import ProcessingRegister
from privacy.errors import NotPossibleError
from privacy.gate import SCOPES, Contact, Reason, Use
from privacy.marketing import Recipient, recipients
from privacy.segment_rule import NAMES, Compared, Rule, comparisons, fields_of, fitting, folded, parsed
from privacy.uses import Mailbox, allowed, no_search_for_cycles, use_for
from store import gate, segments
from store.segment_facts import read

LONGEST_NAME = 60
_NAME = re.compile(r"[a-zåäö0-9]+(-[a-zåäö0-9]+)*")


@dataclass(frozen=True, slots=True)
class Segment:
    """A version of a segment. `rule` is `None` where an erasure took a text out of it, so that it cannot be read."""

    id: int
    name: str
    text: str
    rule: Rule | None
    use: Use
    author: str
    created_at: datetime
    retired_at: datetime | None
    retired_by: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a segment that has no channel."""

    name: str | None
    customer_id: str


@dataclass(frozen=True, slots=True)
class Grouped:
    """A run. `passed`: customers in the segment, with the contacts that may be written to; `left_out`: who fits and may
    not be used; `counts`: of these by reason, each reason of the use; `customers`: how many there are in all."""

    passed: Mapping[str, tuple[Contact, ...]]
    left_out: Mapping[str, Reason]
    counts: Mapping[str, int]
    customers: int

    @property
    def fits(self) -> int:
        """How many customers the rule holds."""
        return len(self.passed) + len(self.left_out)


@dataclass(frozen=True, slots=True)
class Standing:
    """That a customer fits a segment; `reason`: why they are left out of it, `None` where they are in it."""

    segment: Segment
    reason: Reason | None


def define(
    connection: Connection, name: str, text: str, use: Use, register: ProcessingRegister, *, author: str, now: datetime
) -> Segment:
    """Write a segment down; one of the same name has this rule from now on, and where it has it already, stays as it
    was. Call inside `store.engine.writing`. Raises `ConfigError` for a name or rule that cannot be used."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise ConfigError("a segment's name is lower-case letters and digits with hyphens, as kevään-kanta", "NAME")
    rule = parsed(text)
    for one in comparisons(rule):
        if one.field == "brand":
            register.require_brand(folded(str(one.value)), "--rule")
    kept = " ".join(text.split())
    for row in segments.versions(connection, name)[-1:]:
        last = _segment(row, register)
        if (last.text, last.use, last.retired_at) == (kept, use, None):
            return last
    id_ = segments.define(
        connection, name, kept, purpose=use.purpose, brand=use.brand, channel=use.channel, author=author, now=now
    )
    return Segment(id_, name, kept, rule, use, author, now, None, None)


def unheard_of(connection: Connection, rule: Rule) -> list[Compared]:
    """What a rule compares with a course, service or product that no customer has, probably since it is spelt
    otherwise. Call inside `store.engine.reading`."""
    asked = [one for one in comparisons(rule) if one.field in NAMES and one.field != "brand"]
    facts = read(connection, {one.field for one in asked}, folded)
    return [one for one in asked if folded(str(one.value)) not in facts[one.field]]


def listed(connection: Connection, register: ProcessingRegister, *, every: bool = False) -> list[Segment]:
    """The segments that count; with `every` all versions of all of them."""
    return [_segment(row, register) for row in segments.segments(connection, retired=every)]


def versions(connection: Connection, name: str, register: ProcessingRegister) -> list[Segment]:
    """Every version of a segment, the last first. Raises `NotPossibleError` where there is none of this name."""
    found = segments.versions(connection, name)
    if not found:
        known = sorted({row.name for row in segments.segments(connection)})
        way = meant(name, known) if known else "write one with `rekisteri segment define`"
        raise NotPossibleError(f"there is no segment of this name; {way}")
    return [_segment(row, register) for row in reversed(found)]


def in_force(connection: Connection, name: str, register: ProcessingRegister) -> Segment:
    """The version of a segment that counts. Raises `NotPossibleError` where there is none."""
    last = versions(connection, name, register)[0]
    if last.retired_at:
        raise NotPossibleError(
            f"segment {last.name} was retired on {written(last.retired_at)}; define it again to use it"
        )
    return last


def retire(connection: Connection, name: str, register: ProcessingRegister, *, actor: str, now: datetime) -> Segment:
    """End a segment; its rules stay. Call inside `store.engine.writing`."""
    last = in_force(connection, name, register)
    segments.retire(connection, last.id, actor, now)
    return last


def group(connection: Connection, segment: Segment, mailbox: Mailbox, today: date) -> Grouped:
    """Who is in a segment, and who is left out. Raises `NotPossibleError` where its rule cannot be read any more."""
    if segment.rule is None:
        raise NotPossibleError(f"an erasure took a text out of the rule of segment {segment.name}; define it again")
    with no_search_for_cycles():
        judged = allowed(connection, segment.use, mailbox)
        everybody = frozenset(judged.passed.keys() | judged.dropped.keys())
        facts = read(connection, fields_of(segment.rule), folded)
        fits = fitting(segment.rule, everybody, facts, today)
        left_out = {customer: reason for customer, reason in judged.dropped.items() if customer in fits}
        passed = {customer: contacts for customer, contacts in judged.passed.items() if customer in fits}
    why = Counter(left_out.values())
    return Grouped(passed, left_out, {reason.value: why[reason] for reason in segment.use.reasons}, len(everybody))


def members(connection: Connection, segment: Segment, grouped: Grouped) -> list[Member] | list[Recipient]:
    """Lines of a list of who is in a segment: for a channel each address once, else each customer once."""
    if segment.use.channel:
        return recipients(connection, segment.use, grouped.passed)
    names = gate.names(connection, grouped.passed)
    return [Member(names.get(customer), customer) for customer in grouped.passed]


def of_customer(
    connection: Connection, customer_id: str, register: ProcessingRegister, mailbox: Mailbox, today: date
) -> list[Standing]:
    """The segments whose rule a customer fits today. The gate is asked for these alone, once for each use."""
    mine = frozenset({customer_id})
    found: list[Standing] = []
    judged: dict[Use, Mapping[str, Reason]] = {}
    for segment in listed(connection, register):
        if segment.rule is None:
            continue
        facts = read(connection, fields_of(segment.rule), folded, mine)
        if fitting(segment.rule, mine, facts, today):
            if segment.use not in judged:
                judged[segment.use] = allowed(connection, segment.use, mailbox).dropped
            found.append(Standing(segment, judged[segment.use].get(customer_id)))
    return found


def _segment(row: Row[Any], register: ProcessingRegister) -> Segment:
    """A version as it was written down."""
    try:
        rule = parsed(row.rule)
    except ConfigError:
        rule = None
    return Segment(
        row.id, row.name, row.rule, rule, _use(row, register), row.author, row.created_at, row.retired_at,
        row.retired_by,
    )  # fmt: skip


def _use(row: Row[Any], register: ProcessingRegister) -> Use:
    """What a version is for. A purpose or brand that the register has no more is stopped by every objection."""
    try:
        return use_for(register, row.purpose, channel=row.channel, brand=row.brand)
    except ConfigError:
        return Use(row.purpose, SCOPES, row.channel, row.brand)
