"""What marketing a customer allows, by channel and brand: a pure function of platforms' flags and of what was declared.

For each channel, and in it for each brand:

1. Of each record take what its flag says (`flag_said`). A yes counts for the record's brand, a no or a withdrawal for
   every brand, since the flag does not say for which it was given.
2. Add each declaration about this channel that reaches one of the records and speaks of this brand or of all.
3. A grant counts only in the customer that holds the record on which it was recorded: a part that was split off may be
   somebody else.
4. A grant with evidence takes the place of what it covers and came before it: earlier declarations, a flag's no, and a
   flag's withdrawal seen before it. It covers the records that it reaches. Without evidence it takes the place of
   nothing.
5. Of what is left the strictest stands: withdrawn, refused, granted.

Over all brands, too, the strictest stands.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

STRICTEST_FIRST = ("withdrawn", "refused", "granted", "unknown")
CHANNELS = ("email", "sms")
WITHDRAWN, REFUSED, GRANTED, UNKNOWN = STRICTEST_FIRST
BY_FLAG, BY_DECLARATION = "strictest", "declared"
FIELD = "marketing"

Seen = tuple[bool | None, datetime]
"""A flag's value, and when it was first seen."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What the flag of a record says about a channel. `at`: when that was seen. `place`: of the record among those of
    the customer, by source precedence."""

    record_id: int
    channel: str
    brand: str
    state: str
    at: datetime
    place: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """A declaration of consent, refusal or withdrawal. `brand`: `None` for every brand. `reaches`: live records;
    `anchor`: the record on whose customer it was recorded."""

    id: int
    channel: str
    state: str
    brand: str | None
    at: datetime
    evidenced: bool
    anchor: int
    reaches: frozenset[int]


class Won(NamedTuple):
    """A state that stands: field, state, the record and the rule that it is due to, and since when."""

    field: str
    state: str
    record_id: int
    rule: str
    at: datetime


def flag_said(seen: Sequence[Seen], grantee: str | None) -> tuple[str, datetime | None]:
    """What a platform's marketing flag says, from all its values in order of time, and since when.

    A yes that became a no is a withdrawal, and stays one whatever the platform says later: its flag carries no time and
    no evidence. Otherwise the present value counts, and only where the permission was given to the controller. Silence
    (a column that is missing, a cell that cannot be read) ends a yes and leaves a no.
    """
    values = [(value, at) for value, at in seen if value is not None]
    withdrawals = [at for (earlier, _), (later, at) in pairwise(values) if earlier and not later]
    if withdrawals:
        return WITHDRAWN, withdrawals[-1]
    if grantee != "controller" or not values:
        return UNKNOWN, None
    value, at = values[-1]
    if not value:
        return REFUSED, at
    return (GRANTED, at) if seen[-1][0] else (UNKNOWN, None)


def marketing(
    members: Collection[int], flags: Sequence[Flag], statements: Sequence[Statement], brands: Collection[str]
) -> list[Won]:
    """The states of a customer with these records that are not unknown: `marketing.CHANNEL` over all brands, and
    `marketing.CHANNEL.BRAND` of each. `brands`: all of the controller's."""
    if not flags and not statements:
        return []
    named = {flag.brand for flag in flags} | {one.brand for one in statements if one.brand}
    return [
        won for channel in CHANNELS for won in _channel(channel, members, flags, statements, sorted({*brands, *named}))
    ]


def _channel(
    channel: str,
    members: Collection[int],
    flags: Sequence[Flag],
    statements: Sequence[Statement],
    brands: Sequence[str],
) -> Iterator[Won]:
    mine = [flag for flag in flags if flag.channel == channel]
    said = [one for one in statements if one.channel == channel and _counts(one, members)]
    best: dict[str, tuple[tuple[int, int, float], Won]] = {}
    for brand in brands:
        found = list(_standing(members, mine, [one for one in said if one.brand in (None, brand)], brand))
        if found:
            best[brand] = min(found, key=lambda ranked: ranked[0])
    if best:
        _, overall = min(best.values(), key=lambda ranked: ranked[0])
        yield overall._replace(field=f"{FIELD}.{channel}")
    for brand, (_, won) in best.items():
        yield won._replace(field=f"{FIELD}.{channel}.{brand}")


def _counts(one: Statement, members: Collection[int]) -> bool:
    return one.state != GRANTED or one.anchor in members


def _standing(
    members: Collection[int], flags: Sequence[Flag], said: Sequence[Statement], brand: str
) -> Iterator[tuple[tuple[int, int, float], Won]]:
    """What nothing takes the place of, with its rank: the strictest first, then flags by place, then the latest."""
    grants = [one for one in said if one.state == GRANTED and one.evidenced]
    for flag in flags:
        if flag.state == GRANTED and flag.brand != brand:
            continue
        if flag.state == UNKNOWN or any(_outranks(grant, flag) for grant in grants):
            continue
        won = Won("", flag.state, flag.record_id, BY_FLAG, flag.at)
        yield (STRICTEST_FIRST.index(flag.state), flag.place, 0.0), won
    for one in said:
        reach = one.reaches.intersection(members)
        if one.state != GRANTED and any(
            (grant.at, grant.id) > (one.at, one.id) and grant.reaches >= reach for grant in grants
        ):
            continue
        record = one.anchor if one.anchor in members else min(reach)
        won = Won("", one.state, record, BY_DECLARATION, one.at)
        yield (STRICTEST_FIRST.index(one.state), len(flags), -one.at.timestamp()), won


def _outranks(grant: Statement, flag: Flag) -> bool:
    if flag.record_id not in grant.reaches:
        return False
    return flag.state != WITHDRAWN or flag.at <= grant.at
