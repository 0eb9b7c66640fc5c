"""Which value of several wins, and why: a pure function of the live records of one customer.

- name, first_name, last_name: all from one record, first the fuller name (first and last name known), then the most
  recent by a time that the source states, then source precedence, then external id
- address, regular_employee: the most recent by a time that the source states, then source precedence, then external id
- emails, phones, discounts, brands: all distinct values, by source precedence
- marketing.email, marketing.sms, and the same of each brand: what stands of flags and declarations
  (`sync.reconcile.consent`)
- no_show_count: counted from the listed bookings; where a record has none, what its source states; summed
- what a person has corrected stands over all of these (`sync.reconcile.corrections`)

The time of retrieval is never looked at: order of arrival must not matter.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sync.reconcile.consent import BY_FLAG, Flag, Statement, marketing
from sync.reconcile.corrections import RULE, Correction, Pair, pinned
from sync.reconcile.names import whole_name


@dataclass(frozen=True, slots=True)
class Member:
    """A live customer record as survivorship sees it. `precedence`: place of its source, 0 first.

    `flags`: state by channel as the platform's flags give it, and since when. `no_shows`: counted from bookings, `None`
    where there are none.
    """

    record_id: int
    external_id: str
    precedence: int
    payload: Mapping[str, Any]
    brand: str
    observed_at: datetime
    stated_at: datetime | None = None
    flags: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    no_shows: int | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """What was declared that may reach the records of a customer; `apart`: pairs that a person declared to be two;
    `brands`: those of the controller."""

    statements: Sequence[Statement] = ()
    corrections: Sequence[Correction] = ()
    apart: Collection[Pair] = ()
    brands: Collection[str] = ()


NOTHING_DECLARED = Declarations()


class Golden(NamedTuple):
    """A value that won, as JSON, the record that it came from, and the rule that chose it."""

    field: str
    ordinal: int
    value: str
    record_id: int
    rule: str
    observed_at: datetime


_encode = json.JSONEncoder(ensure_ascii=False).encode
Pick = Callable[[Member], Any]
Rank = tuple[tuple[str, Any], ...]


def golden_values(members: Sequence[Member], declared: Declarations = NOTHING_DECLARED) -> list[Golden]:
    """The published values of one customer. `members` may come in any order."""
    ordered = sorted(members, key=_by_precedence)
    values = _name(ordered)
    values += _all(ordered, "emails", lambda member: _listed(member.payload.get("email")), str.casefold)
    values += _all(ordered, "phones", lambda member: _listed(member.payload.get("phone")), str)
    values += _one(ordered, "address", _address)
    values += _one(ordered, "regular_employee", lambda member: member.payload.get("regular_employee"))
    values += _all(ordered, "discounts", lambda member: member.payload.get("discounts") or (), str)
    values += _all(ordered, "brands", lambda member: (member.brand,), str)
    values += _marketing(ordered, declared)
    values += _no_shows(ordered)
    return _corrected(values, {member.record_id for member in ordered}, declared)


def _by_precedence(member: Member) -> tuple[int, str, int]:
    return member.precedence, member.external_id, member.record_id


def _most_recent(member: Member) -> tuple[int, float]:
    return (0, -member.stated_at.timestamp()) if member.stated_at else (1, 0.0)


def _rank(member: Member) -> Rank:
    return (
        ("most_recent", _most_recent(member)),
        ("source_precedence", member.precedence),
        ("external_id", (member.external_id, member.record_id)),
    )


def _rank_name(member: Member) -> Rank:
    full = bool(member.payload.get("first_name") and member.payload.get("last_name"))
    return (("fuller_name", not full), *_rank(member))


def _best(members: Sequence[Member], rank: Callable[[Member], Rank]) -> tuple[Member, str]:
    """The winner, and the rule that set it before the runner-up."""
    if len(members) == 1:
        return members[0], "only_value"
    ranked = sorted(members, key=lambda member: [place for _, place in rank(member)])
    winner, second = ranked[:2]
    rules = zip(rank(winner), rank(second), strict=True)
    return winner, next(rule for (rule, mine), (_, theirs) in rules if mine != theirs)


def _golden(member: Member, field_name: str, value: Any, rule: str, ordinal: int = 0) -> Golden:
    return Golden(field_name, ordinal, _encode(value), member.record_id, rule, member.observed_at)


def _name(members: Sequence[Member]) -> list[Golden]:
    named = [member for member in members if whole_name(member.payload)]
    if not named:
        return []
    winner, rule = _best(named, _rank_name)
    values = [_golden(winner, "name", whole_name(winner.payload), rule)]
    for part in ("first_name", "last_name"):
        if value := winner.payload.get(part):
            values.append(_golden(winner, part, value, rule))
    return values


def _address(member: Member) -> str | None:
    """One line, as it stands on an envelope: `Esimerkkikatu 1 A 2, 00100 Helsinki`."""
    payload = member.payload
    if not payload.get("street") and not payload.get("city") and not payload.get("postal_code"):
        return None
    town = " ".join(part for part in (payload.get("postal_code"), payload.get("city")) if part)
    return ", ".join(part for part in (payload.get("street"), town, payload.get("country")) if part) or None


def _one(members: Sequence[Member], name: str, pick: Pick) -> list[Golden]:
    values = {member.record_id: value for member in members if (value := pick(member))}
    if not values:
        return []
    winner, rule = _best([member for member in members if member.record_id in values], _rank)
    return [_golden(winner, name, values[winner.record_id], rule)]


def _listed(value: Any) -> tuple[Any, ...]:
    return (value,) if value else ()


def _all(members: Sequence[Member], name: str, pick: Pick, fold: Callable[[str], str]) -> list[Golden]:
    """Every distinct value once, with the record that ranks first among those that have it."""
    found: dict[str, Golden] = {}
    for member in members:
        for value in pick(member):
            if fold(value) not in found:
                found[fold(value)] = _golden(member, name, value, "all", len(found))
    return list(found.values())


def _marketing(members: Sequence[Member], declared: Declarations) -> list[Golden]:
    ids = {member.record_id: member for member in members}
    flags = [
        Flag(member.record_id, channel, member.brand, state, at, place)
        for place, member in enumerate(members)
        for channel, (state, at) in member.flags.items()
    ]
    reaching = [one for one in declared.statements if not one.reaches.isdisjoint(ids)]
    return [
        Golden(name, 0, _encode(state), record, rule, ids[record].observed_at if rule == BY_FLAG else at)
        for name, state, record, rule, at in marketing(ids, flags, reaching, declared.brands)
    ]


def _corrected(values: list[Golden], ids: Collection[int], declared: Declarations) -> list[Golden]:
    reaching = [one for one in declared.corrections if not one.reaches.isdisjoint(ids)]
    if not reaching:
        return values
    before: dict[str, list[Any]] = {}
    for value in values:
        before.setdefault(value.field, []).append(json.loads(value.value))
    found = pinned(ids, reaching, declared.apart, before)
    kept = [value for value in values if value.field not in found]
    return kept + [
        Golden(name, place, _encode(value), one.holder(declared.apart) or min(ids), RULE, one.at)
        for name, (new, one) in found.items()
        for place, value in enumerate(new)
    ]


def _no_shows(members: Sequence[Member]) -> list[Golden]:
    counts = [(member, *_no_show_count(member)) for member in members]
    known = [(member, count, rule) for member, count, rule in counts if count]
    if not known:
        return []
    member, _, rule = known[0]
    return [_golden(member, "no_show_count", sum(count for _, count, _ in known), rule)]


def _no_show_count(member: Member) -> tuple[int, str]:
    if member.no_shows is not None:
        return member.no_shows, "counted_from_bookings"
    return member.payload.get("no_show_count") or 0, "stated_by_source"
