"""How far a change reaches: from queued records to the closed part of the registry that must be decided again.

1. Begin with the queued records, and with everybody on a contact that one of them has or had: who else is on a contact
   says how much it is worth.
2. Add the companions of the customers that they belonged to.
3. For each record in scope find who shares a block with it (`sync.reconcile.candidates`).
4. Judge each such pair; with a verdict to join, or a `same` decision, the other record comes into scope.
5. Go on until nothing is added.
6. Settled with that is who began it, and whoever came into scope later, if everybody on their contacts is in scope or
   queued. The others have to stay in the queue: what they change for those on their other contacts is still open.

A block may become too large to say anything, or cease to be, through the queued records themselves; then everybody in
it comes into scope.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from pydantic_core import from_json
from sqlalchemy import Connection

from store import matching
from store.batch import Key
from store.matching import CONTACT_KINDS, FeatureRow, LinkRow, PersonRow
from sync.reconcile.candidates import LIMITS, Limits
from sync.reconcile.cluster import SAME, Ruling
from sync.reconcile.features import levels_of, people_of
from sync.reconcile.judge import JOIN, NOTHING, Verdict, explain, judge
from sync.reconcile.model import Model

Pair = tuple[int, int]
Held = tuple[int, Key, bool]
"""A record, a key that it has or had, and whether it has it now."""


@dataclass(slots=True)
class Person:
    """A live record with its payload parsed."""

    row: PersonRow
    payload: Mapping[str, Any]


@dataclass(slots=True)
class Scope:
    """What has to be decided together. `evaluated` holds vanished records too, `features` neighbours outside too.
    `settled`: who need not be queued any more. `common`: blocks that are too large to say anything."""

    model: Model
    limits: Limits
    evaluated: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    people: dict[int, Person] = field(default_factory=dict)
    features: dict[int, FeatureRow] = field(default_factory=dict)
    links: dict[int, LinkRow] = field(default_factory=dict)
    verdicts: dict[Pair, Verdict] = field(default_factory=dict)
    rulings: dict[int, Ruling] = field(default_factory=dict)
    sizes: dict[Key, int] = field(default_factory=dict)
    common: set[Key] = field(default_factory=set)
    blocks: dict[Key, list[int]] = field(default_factory=dict)

    @property
    def live(self) -> set[int]:
        """The records that get a link."""
        return self.evaluated & self.people.keys()


def gather(connection: Connection, seeds: Iterable[int], model: Model, limits: Limits = LIMITS) -> Scope:
    """The scope of these queued records (see the module's text)."""
    scope = Scope(model, limits)
    frontier = set(seeds)
    scope.settled |= frontier
    later: list[Held] = []
    first = True
    while frontier:
        scope.evaluated |= frontier
        found = _companions(connection, scope, frontier)
        _learn(connection, scope, frontier)
        keys = matching.block_keys(connection, frontier)
        _measure(connection, scope, {key for _, key, _ in keys})
        _learn_blocks(connection, scope, {key for _, key, _ in keys})
        if first:
            found |= {record for records in _touched(connection, scope, keys).values() for record in records}
            first = False
        else:
            later += keys
        found |= _judge(scope, frontier, {key for record, key, current in keys if current and record in scope.people})
        found |= _decided_same(connection, scope, frontier)
        frontier = found - scope.evaluated
    scope.settled |= scope.evaluated - _open(connection, scope, later)
    return scope


def _touched(connection: Connection, scope: Scope, keys: Sequence[Held]) -> dict[Key, list[int]]:
    """Whom these records may have changed: everybody on a contact that one of them has or had, and in a block that they
    made too large or usable again; by key."""
    crossed = _crossed(connection, scope, keys)
    return {key: scope.blocks[key] for _, key, _ in keys if key[0] in CONTACT_KINDS and key in scope.blocks} | crossed


def _open(connection: Connection, scope: Scope, later: Sequence[Held]) -> set[int]:
    """The records that came into scope later and may have changed somebody who is neither in scope nor queued."""
    touched = _touched(connection, scope, later)
    outside = {record for records in touched.values() for record in records} - scope.evaluated
    reached = scope.evaluated | matching.queued_among(connection, outside)
    return {record for record, key, _ in later if not reached.issuperset(touched.get(key, ()))}


def _learn(connection: Connection, scope: Scope, ids: set[int]) -> None:
    for id_, row in matching.live_people(connection, ids - scope.people.keys()).items():
        scope.people[id_] = Person(row, from_json(row.payload))
    scope.features.update((row[0], row) for row in matching.features(connection, ids - scope.features.keys()))


def _companions(connection: Connection, scope: Scope, ids: set[int]) -> set[int]:
    links = matching.links(connection, ids)
    scope.links.update(links)
    return matching.linked_to(connection, {link.customer_id for link in links.values()})


def _measure(connection: Connection, scope: Scope, keys: Iterable[Key]) -> None:
    asked = set(keys) - scope.sizes.keys()
    scope.sizes.update(dict.fromkeys(asked, 0))  # which stands for none and for one alike
    sizes = matching.block_sizes(connection, asked)
    scope.sizes.update(sizes)
    scope.common.update(key for key, size in sizes.items() if size > scope.limits[key[0]])


def _crossed(connection: Connection, scope: Scope, keys: Sequence[Held]) -> dict[Key, list[int]]:
    """The blocks that queued records made too large, or made usable again, with everybody in them."""
    former = {key for _, key, current in keys if not current}
    doubtful = scope.common.intersection(key for _, key, _ in keys) | former
    if not doubtful:
        return {}
    queued = matching.queued_in_blocks(connection, doubtful)
    crossed = set()
    for key in doubtful:
        size, limit, moved = scope.sizes[key] or 1, scope.limits[key[0]], queued.get(key, 0)
        if size > limit >= size - moved or size <= limit < size + moved:
            crossed.add(key)
    return matching.block_members(connection, crossed)


def _learn_blocks(connection: Connection, scope: Scope, keys: set[Key]) -> None:
    """Who is in these blocks, by what they are compared, and how common their contacts are."""
    usable = {key for key in keys - scope.blocks.keys() - scope.common if scope.sizes[key] > 1}
    scope.blocks.update(matching.block_members(connection, usable))
    wanted = {record for key in usable for record in scope.blocks.get(key, ())}
    rows = matching.features(connection, wanted - scope.features.keys())
    scope.features.update((row[0], row) for row in rows)
    contacts = {
        (kind, value)
        for row in rows
        for kind, value in zip(("address", "email", "phone"), row[2:5], strict=True)
        if value is not None
    }
    _measure(connection, scope, contacts)


def _judge(scope: Scope, frontier: set[int], keys: set[Key]) -> set[int]:
    """Judge everybody who shares a block with these records; the records that join.

    All pairs of a block are compared, since who else is in it counts; verdicts are kept of those with a new record.
    """
    pairs: set[Pair] = set()
    for key in keys:
        members = sorted(record for record in scope.blocks.get(key, ()) if record in scope.features)
        pairs.update(combinations(members, 2))
    if not pairs:
        return set()
    ordered = sorted(pairs)
    ids = sorted({record for pair in ordered for record in pair})
    place = {record: at for at, record in enumerate(ids)}
    people = people_of(_usable(scope, scope.features[record]) for record in ids)
    arrays = tuple(np.array([place[pair[side]] for pair in ordered], np.int64) for side in (0, 1))
    levels = levels_of(people, (arrays[0], arrays[1]), scope.model)
    outcomes, scores = judge(levels, scope.model)
    joined: set[int] = set()
    for at, (pair, outcome, score) in enumerate(zip(ordered, outcomes.tolist(), scores.tolist(), strict=True)):
        if outcome == NOTHING or (pair[0] not in frontier and pair[1] not in frontier):
            continue
        scope.verdicts[pair] = explain(levels, at, outcome, score)
        if outcome == JOIN:
            joined.update(pair)
    return joined


def _usable(scope: Scope, row: FeatureRow) -> tuple[str, str | None, str | None, str | None, str]:
    _, name, address, email, phone, source = row
    return (
        name,
        None if address and ("address", address) in scope.common else address,
        None if email and ("email", email) in scope.common else email,
        None if phone and ("phone", phone) in scope.common else phone,
        source,
    )


def _decided_same(connection: Connection, scope: Scope, ids: set[int]) -> set[int]:
    found: set[int] = set()
    for row in matching.rulings(connection, ids):
        scope.rulings[row.id] = Ruling(row.id, row.verdict, row.pairs)
        if row.verdict == SAME:
            found |= {record for pair in row.pairs for record in pair}
    return found
