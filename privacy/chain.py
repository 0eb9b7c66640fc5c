"""Whether the audit chain is whole, else where it is broken first. Decides, does no I/O.

1. Ids count from 1 without a gap: one that lacks was removed, one that comes too early was inserted.
2. Each event's hash is the one over it and the hash before it. Where it is not, the rest is searched: an event that
   belongs to another place was moved, one whose place another event claims was inserted, else it was changed.
3. A payload that stands there has the digest that its event says.
4. Who deleted payloads says why: an erasure or a run of retention that the registry knows, of that very time; an
   erasure once, a run no others than its proof has.
5. A payload that is gone is named by a later `audit.emptied` event, whose own is there; what is named is gone. This is
   judged last, since it depends on later events: where one of those is broken, that is the trouble.
6. A head that was kept elsewhere is the hash of that very event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from store.chain import EMPTIED, ERASED, ORIGIN, RETIRED, Cause, Deed, Link, cause_of, emptied_by

CHANGED, REMOVED, INSERTED, REORDERED = "changed", "removed", "inserted", "reordered"
PAYLOAD_CHANGED, PAYLOAD_MISSING, CUT = "payload_changed", "payload_missing", "cut"
UNFOUNDED = "unfounded"

_WORDS = {
    CHANGED: "does not follow from the event before it; one of the two was changed",
    REMOVED: "is gone",
    INSERTED: "was put there later",
    REORDERED: "has another event in its place; events were moved",
    PAYLOAD_CHANGED: "says of somebody what was not written then, or what had been deleted since",
    PAYLOAD_MISSING: "has lost what it says of somebody, and no later event says that this was deleted",
    UNFOUNDED: "says that other events were emptied, by no erasure or run of retention that the registry knows",
    CUT: "is not the one that the kept head names; the chain was cut before, or written anew",
}
_CUT_OFF = "is gone, though the kept head shows that it was there; the chain was cut"


class Head(NamedTuple):
    """The last event of a chain at some time: its id and hash. An empty chain has id 0 and `ORIGIN`."""

    id: int
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


class Broken(NamedTuple):
    """The first broken link: at which event, and what befell it (one of the words above), with a sentence. `until`: the
    last of several that are gone, else `id`."""

    id: int
    what: str
    until: int
    says: str


class Emptied(NamedTuple):
    """How many events no longer say of whom they are, by which acts; and how many acts those were."""

    by_erasures: int
    erasures: int
    by_retention: int
    retention_runs: int


class Judgement(NamedTuple):
    """What the whole chain shows. `broken`: the first broken link, `None` where it is whole. `emptied`: what was
    deleted from it, as far as it was followed; `since_head`: of that what was deleted after the kept head, if any."""

    broken: Broken | None
    emptied: Emptied
    since_head: Emptied | None


def judge(
    links: Iterable[Link], deeds: Mapping[Cause, Deed], stray: int | None = None, head: Head | None = None
) -> Judgement:
    """Judge a chain, given by id. `deeds`: the erasures and runs of retention that the registry knows; `stray`: the
    lowest id of a payload that has no event; `head`: one that was kept elsewhere."""
    walk = _Walk(deeds, head)
    return Judgement(_broken(links, walk, stray, head), walk.all.emptied, walk.later.emptied if head else None)


def _broken(links: Iterable[Link], walk: "_Walk", stray: int | None, head: Head | None) -> Broken | None:
    if stray is not None and stray < 1:
        return _at(stray, INSERTED)
    rows = iter(links)
    for link in rows:
        broken = walk.event(link, rows) or walk.payload(link)
        if broken is None and head is not None and link.id == head.id and link.hash != head.hash:
            broken = _at(head.id, CUT)
        if broken is not None:
            return broken
    return walk.end(stray, head)


def _at(id_: int, what: str, until: int = 0, words: str | None = None) -> Broken:
    until, words = max(id_, until), words or _WORDS[what]
    events = f"event {id_} {words}" if until == id_ else f"events {id_} to {until}: each {words}"
    return Broken(id_, what, until, events)


class _Tally:
    """What was deleted, as it is counted."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self.causes: set[Cause] = set()

    def add(self, cause: Cause, number: int) -> None:
        """Count what a cause took."""
        self.events[cause.kind] += number
        self.causes.add(cause)

    @property
    def emptied(self) -> Emptied:
        """The counts."""
        acts = Counter(cause.kind for cause in self.causes)
        return Emptied(self.events[ERASED], acts[ERASED], self.events[RETIRED], acts[RETIRED])


class _Walk:
    """How far the chain has been followed. `gone`: events without a payload; `unnamed`: of them those that no event has
    named yet; `back`: named ones whose payload is there. `all`, `later`: what was deleted, and that after the head."""

    def __init__(self, deeds: Mapping[Cause, Deed], head: Head | None) -> None:
        self.id, self.hash = 0, ORIGIN
        self.deeds, self.head = deeds, head
        self.all, self.later = _Tally(), _Tally()
        self.gone: set[int] = set()
        self.unnamed: set[int] = set()
        self.back: set[int] = set()

    def event(self, link: Link, rest: Iterator[Link]) -> Broken | None:
        """Follow one event."""
        expected = self.id + 1
        if link.id < expected:
            return _at(link.id, INSERTED)
        if link.id > expected:
            return _at(expected, REMOVED, link.id - 1)
        if link.hash != link.hash_as(expected, self.hash):
            return _at(expected, _misfit(link, self.hash, rest))
        self.id, self.hash = link.id, link.hash
        return None

    def payload(self, link: Link) -> Broken | None:
        """Look at what it says of whom."""
        if link.payload is None:
            self.gone.add(link.id)
            self.unnamed.add(link.id)
            return _at(link.id, PAYLOAD_MISSING) if link.action == EMPTIED else None
        if link.payload.digest != link.digest:
            return _at(link.id, PAYLOAD_CHANGED)
        return self._emptying(link) if link.action == EMPTIED else None

    def _emptying(self, link: Link) -> Broken | None:
        """Look at what it says of others, and why that is gone."""
        named, cause = set(emptied_by(link)), cause_of(link)
        deed = self.deeds.get(cause) if cause else None
        if cause is None or deed is None or deed.at != link.at:
            return _at(link.id, UNFOUNDED)
        if not named <= deed.events if deed.events is not None else cause in self.all.causes:
            return _at(link.id, UNFOUNDED)
        number = len(named & self.unnamed)
        self.all.add(cause, number)
        if self.head is not None and link.id > self.head.id:
            self.later.add(cause, number)
        self.unnamed -= named
        self.back |= named - self.gone
        return None

    def end(self, stray: int | None, head: Head | None) -> Broken | None:
        """What shows only when all was seen."""
        if head is not None and head.id > self.id:
            return _at(self.id + 1, CUT, head.id, _CUT_OFF)
        if stray is not None:
            return _at(self.id + 1, REMOVED, stray)
        broken = [_at(id_, PAYLOAD_MISSING) for id_ in self.unnamed] + [_at(id_, PAYLOAD_CHANGED) for id_ in self.back]
        return min(broken, key=lambda one: one.id, default=None)


def _misfit(link: Link, before: str, rest: Iterable[Link]) -> str:
    """Why an event does not follow from the hash before it."""
    awaited = False
    for row in rest:
        if any(link.hash == link.hash_as(id_, row.hash) for id_ in (link.id + 1, row.id, row.id + 1)):
            return REORDERED
        awaited |= row.hash == row.hash_as(link.id, before)
    return INSERTED if awaited else CHANGED
