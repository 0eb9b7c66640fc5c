"""How far a change reaches: from queued records to the closed part of the registry that must be decided again.

1. Begin with the queued records.
2. Add the companions of the customers that they belonged to.
3. For each contact of a record in scope find who else has it, unless more than `COMMON` records have it: a contact on
   that many cards is a business's own.
4. Judge each such pair; with a verdict to join, or a `same` decision, the other record comes into scope.
5. Go on until nothing is added.

A contact may become common, or cease to be, through the queued records themselves; then everybody who has it comes into
scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection

from store import matching
from store.batch import Key
from store.matching import LinkRow, PersonRow
from sync.reconcile.cluster import SAME, Ruling
from sync.reconcile.judge import Outcome, Verdict, judge
from sync.reconcile.names import Name, folded_name

COMMON = 50
"""From so many records on that have it, a contact says nothing: no family is that large, a salon's own card file is."""


@dataclass(slots=True)
class Person:
    """A live record with its payload parsed and its name folded."""

    row: PersonRow
    payload: Mapping[str, Any]
    name: Name


@dataclass(slots=True)
class Scope:
    """What has to be decided together. `evaluated` holds vanished records too; `people` also the neighbours outside.
    Contacts of more than `limit` records say nothing."""

    limit: int
    evaluated: set[int] = field(default_factory=set)
    people: dict[int, Person] = field(default_factory=dict)
    links: dict[int, LinkRow] = field(default_factory=dict)
    verdicts: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    rulings: dict[int, Ruling] = field(default_factory=dict)
    blocks: dict[Key, list[int]] = field(default_factory=dict)

    @property
    def live(self) -> set[int]:
        """The records that get a link."""
        return self.evaluated & self.people.keys()


def gather(connection: Connection, seeds: Iterable[int], limit: int = COMMON) -> Scope:
    """The scope of these queued records (see the module's text)."""
    scope = Scope(limit)
    frontier = set(seeds)
    first = True
    while frontier:
        scope.evaluated |= frontier
        found = _companions(connection, scope, frontier)
        _learn(connection, scope, frontier)
        keys = matching.contact_keys(connection, frontier)
        sizes = matching.block_sizes(connection, {key for _, key, _ in keys} - scope.blocks.keys())
        if first:
            found |= _crossed(connection, keys, sizes, limit)
            first = False
        found |= _neighbours(connection, scope, keys, sizes)
        found |= _decided_same(connection, scope, frontier)
        frontier = found - scope.evaluated
    return scope


def _learn(connection: Connection, scope: Scope, ids: Iterable[int]) -> None:
    for id_, row in matching.live_people(connection, set(ids) - scope.people.keys()).items():
        payload = from_json(row.payload)
        name = folded_name(payload.get("name"), payload.get("first_name"), payload.get("last_name"))
        scope.people[id_] = Person(row, payload, name)


def _companions(connection: Connection, scope: Scope, ids: set[int]) -> set[int]:
    links = matching.links(connection, ids)
    scope.links.update(links)
    return matching.linked_to(connection, {link.customer_id for link in links.values()})


def _crossed(
    connection: Connection, keys: list[tuple[int, Key, bool]], sizes: Mapping[Key, int], limit: int
) -> set[int]:
    """Everybody who has a contact that the queued records made common, or made usable again."""
    former = {key for _, key, current in keys if not current}
    doubtful = {key for key, size in sizes.items() if size > limit or key in former}
    if not doubtful:
        return set()
    queued = matching.queued_in_blocks(connection, doubtful)
    crossed = {
        key
        for key in doubtful
        if (sizes[key] > limit >= sizes[key] - queued.get(key, 0))
        or (sizes[key] <= limit < sizes[key] + queued.get(key, 0))
    }
    members = matching.block_members(connection, crossed)
    return {record for records in members.values() for record in records}


def _neighbours(
    connection: Connection, scope: Scope, keys: list[tuple[int, Key, bool]], sizes: Mapping[Key, int]
) -> set[int]:
    """Judge everybody who shares a usable contact with these records; the records that join."""
    _learn_blocks(connection, scope, sizes)
    shared: dict[tuple[int, int], set[str]] = {}
    for record, (kind, value), current in keys:
        if not current or record not in scope.people:
            continue
        for other in scope.blocks.get((kind, value), ()):
            if other != record and other in scope.people:
                pair = (record, other) if record < other else (other, record)
                shared.setdefault(pair, set()).add(kind)
    joined: set[int] = set()
    for pair, kinds in shared.items():
        verdict = judge(scope.people[pair[0]].name, scope.people[pair[1]].name, frozenset(kinds))
        scope.verdicts[pair] = verdict
        if verdict.outcome is Outcome.JOIN:
            joined.update(pair)
    return joined


def _learn_blocks(connection: Connection, scope: Scope, sizes: Mapping[Key, int]) -> None:
    members = matching.block_members(connection, {key for key, size in sizes.items() if 1 < size <= scope.limit})
    scope.blocks.update({key: members.get(key, []) for key in sizes})
    _learn(connection, scope, {record for records in members.values() for record in records})


def _decided_same(connection: Connection, scope: Scope, ids: set[int]) -> set[int]:
    found: set[int] = set()
    for row in matching.rulings(connection, ids):
        scope.rulings[row.id] = Ruling(row.id, row.verdict, row.pairs)
        if row.verdict == SAME:
            found |= {record for pair in row.pairs for record in pair}
    return found
