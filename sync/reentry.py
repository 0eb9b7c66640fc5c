"""Whether a row that is not held may land, or is an erased person's. Decides, does nothing.

1. What a person decided about this very row stands, unless it was erased after that: `admit` lets it land, `refuse`
   drops it.
2. A customer row without any hit lands. With one:
   a. where it bears a contact that is not wholly an erased person's, it waits: it may be somebody else's, or theirs
      with something new;
   b. where it is stated to be made after the erasure, it waits: the person may have come back by choice;
   c. else it is dropped, and from then on its own id is a key of the tombstone, so that what it owns is known too.
3. An activity whose own id hits is dropped, also of somebody who is here: what went by its age stays away. Else it
   follows the owner that it names by id. Held and not erased: it lands. Admitted: it lands; refused: it is dropped; in
   quarantine: it waits; erased: it waits if it is new and is dropped if not.
4. Any other activity whose owner is not held is known by the contacts that it states: without a hit it lands, with
   one it is dropped where all are whole and it is not new, else it waits. A name alone is never a hit.

A contact that a family shares is a key together with a first name only. It is wholly an erased person's where each name
that may be the row's first is; of `Aino Malli`, where it is not known which of the two is the first name, both. Partly
it is where one is; where none stands there, or nothing but a last name of theirs; or where one may be theirs: an
initial, a short form, a longer one. But who is called just so and is here with that contact, is somebody else.
New is what was made after the erasure, or of which that is not known. Of several tombstones the latest erasure counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

ADMIT, REFUSE = "admit", "refuse"

Hit = tuple[int, datetime]
"""A tombstone, and when its person was erased."""

Decided = tuple[str, int, datetime]
"""What a person decided, about whose tombstone, and when."""


class Fate(StrEnum):
    """What becomes of a row."""

    LAND = "land"
    DROP = "drop"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`tombstone_id`: because of whom it does not land. `learn`: whether its own id becomes a key of that tombstone."""

    fate: Fate
    tombstone_id: int = 0
    learn: bool = False


LANDS = Verdict(Fate.LAND)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that a row bears: its hits, none where it is nobody's who was erased."""

    hits: Sequence[Hit] = ()
    whole: bool = True

    @property
    def erased(self) -> bool:
        """Whether it is wholly an erased person's."""
        return bool(self.hits) and self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What is known of a row that is not held. `created_at`: when it was made, `None` where nothing says so; `contacts`
    that it bears; `owner`: hits of the id of the owner that it names; `owner_held`: whether that one is held;
    `owner_waits`: the tombstone because of which that one is in quarantine."""

    created_at: datetime | None = None
    decided: Decided | None = None
    own: Sequence[Hit] = ()
    contacts: Sequence[Contact] = ()
    owner: Sequence[Hit] = ()
    owner_held: bool = False
    owner_decided: Decided | None = None
    owner_waits: int | None = None


def judge_customer(row: Newcomer) -> Verdict:
    """Rules 1 and 2. `created_at`: as the row states it."""
    if decided := _standing(row.decided, row.own):
        return decided
    hits = [*row.own, *_hits(row.contacts)]
    if not hits:
        return LANDS
    tombstone, erased_at = _latest(hits)
    if not _all_erased(row.contacts) or (row.created_at is not None and row.created_at > erased_at):
        return Verdict(Fate.WAIT, tombstone)
    return Verdict(Fate.DROP, tombstone, learn=not row.own)


def judge_activity(row: Newcomer) -> Verdict:
    """Rules 1, 3 and 4. `created_at`: when it was made at the latest."""
    if decided := _standing(row.decided, row.own):
        return decided
    if row.own:
        return Verdict(Fate.DROP, _latest(row.own)[0])
    if row.owner_held and not row.owner:
        return LANDS
    return _standing(row.owner_decided, row.owner) or _as_owned(row)


def _as_owned(row: Newcomer) -> Verdict:
    if row.owner_waits is not None:
        return Verdict(Fate.WAIT, row.owner_waits)
    hits = [*row.owner, *_hits(row.contacts)]
    if not hits:
        return LANDS
    tombstone, erased_at = _latest(hits)
    is_new = row.created_at is None or row.created_at > erased_at
    whole = bool(row.owner) or _all_erased(row.contacts)
    return Verdict(Fate.DROP if whole and not is_new else Fate.WAIT, tombstone)


def _standing(decided: Decided | None, hits: Sequence[Hit]) -> Verdict | None:
    """What a decision comes to; `None` without one, and where a later erasure has overtaken it."""
    if decided is None:
        return None
    verdict, tombstone, at = decided
    if any(erased_at >= at for _, erased_at in hits):
        return None
    return LANDS if verdict == ADMIT else Verdict(Fate.DROP, tombstone)


def _hits(contacts: Sequence[Contact]) -> Iterator[Hit]:
    for contact in contacts:
        yield from contact.hits


def _all_erased(contacts: Sequence[Contact]) -> bool:
    return all(contact.erased for contact in contacts)


def _latest(hits: Sequence[Hit]) -> Hit:
    return max(hits, key=lambda hit: (hit[1], hit[0]))


def stated(payload: Mapping[str, Any]) -> datetime | None:
    """When the row of this payload (JSON) was made, as it states."""
    text = payload.get("created_at")
    return datetime.fromisoformat(text) if text else None


def at_the_latest(payload: Mapping[str, Any], updated_at: datetime | None) -> datetime | None:
    """By when an activity was made: as it states, else when the first thing is known to have happened to it. A booking
    for a time that was over when the person was erased is no new one."""
    known = [payload.get(name) for name in ("starts_at", "started_at", "activated_at", "completed_at", "updated_at")]
    times = [datetime.fromisoformat(time) for time in known if time]
    return stated(payload) or min([*times, *([updated_at] if updated_at else [])], default=None)
