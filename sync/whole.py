"""Who is who over the whole registry at once, in arrays, and in what the registry differs from it.

It says what working off the queue would say if every record were queued (`sync.reconciling`), by the same comparisons,
verdicts and clusters; it decides nothing by itself and writes nothing.

1. Read the features of all live records; contacts and names that are too common say nothing.
2. Pair what shares a block, compare, judge.
3. Cluster, under the decisions in force. A customer bears the birth id of its earliest record.
4. Of each record keep the strongest edge in its cluster, of each two customers the pair that says most.
5. Set this beside the links and pairs that are held.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from store import matching
from store.matching import RulingRow
from sync.reconcile.candidates import Limits, pairs_of, usable
from sync.reconcile.cluster import DIFFERENT, SAME, Ruling
from sync.reconcile.features import NONE, Codes, Pairs, People, chosen, levels_of
from sync.reconcile.groups import best_tie, group
from sync.reconcile.judge import APART, JOIN, NOTHING, Agreement, Levels, judge
from sync.reconcile.keys import full_name
from sync.reconcile.model import Model
from sync.reconcile.names import read_name

Places = NDArray[np.int64]
_METHODS = ("email", "phone", "address")


@dataclass(slots=True)
class Read:
    """All live records by place, in order of record ids. `full`: numbers of whole names, to be paired by."""

    ids: Places
    people: People
    full: Places
    emails: Sequence[str]
    phones: Sequence[str]
    sources: Sequence[str]

    def face(self, at: int) -> tuple[str, str | None, str | None, str | None, str]:
        """What the record at a place is compared by, as `store.matching.FeatureRow` has it."""
        return (
            self.people.name_texts[self.people.names[at]],
            _text(self.people.address_texts, self.people.addresses[at]),
            _text(self.emails, self.people.emails[at]),
            _text(self.phones, self.people.phones[at]),
            self.sources[self.people.sources[at]],
        )


def _text(values: Sequence[str], number: int) -> str | None:
    return None if number == NONE else values[number]


@dataclass(frozen=True, slots=True)
class Decided:
    """Who is who. `clusters`: of each place the first place of its customer. `methods`, `scores`: what ties it there.
    `pairs`: places of pairs that stay in two customers, with `verdicts` and `pair_scores`."""

    clusters: Places
    methods: Sequence[str]
    scores: NDArray[np.float64]
    pairs: Pairs
    verdicts: Sequence[str]
    pair_scores: NDArray[np.float64]


@dataclass(slots=True)
class Difference:
    """In what the registry as it is differs from what would be decided now. Ids are customer ids.

    `records`: ids of records to reconcile anew. `joins`: (successor, id that goes); `splits`: (id that stays, new id).
    `reviews`: pairs of birth ids that would newly wait for a person; `waiting`: how many would wait in all.
    """

    records: list[int] = field(default_factory=list)
    joins: list[tuple[str, str]] = field(default_factory=list)
    splits: list[tuple[str, str]] = field(default_factory=list)
    reviews: list[tuple[str, str]] = field(default_factory=list)
    waiting: int = 0
    settled: int = 0


def read(connection: Connection) -> Read:
    """All features, contacts as they stand."""
    names, addresses, emails, phones, sources = (Codes() for _ in range(5))
    ids: list[int] = []
    columns: list[list[int]] = [[] for _ in range(5)]
    add = [column.append for column in columns]
    for record, name, address, email, phone, source in matching.every_feature(connection):
        ids.append(record)
        add[0](names(name))
        add[1](addresses(address))
        add[2](emails(email))
        add[3](phones(phone))
        add[4](sources(source))
    numbers = np.array(columns, np.int64)
    people = People(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], names.values, addresses.values)
    full = Codes()
    whole = np.array([full(full_name(read_name(text))) for text in people.name_texts], np.int64)
    paired = whole[people.names] if len(whole) else np.empty(0, np.int64)
    return Read(np.array(ids, np.int64), people, paired, emails.values, phones.values, sources.values)


def decide(found: Read, model: Model, limits: Limits, rulings: Sequence[RulingRow]) -> Decided:
    """Decide over everything (steps 2 to 4 of the module's text)."""
    people = usable(found.people, limits)
    pairs = pairs_of(people, found.full, limits)
    levels = levels_of(people, pairs, model)
    outcomes, scores = judge(levels, model)
    told = [Ruling(row.id, row.verdict, row.pairs) for row in rulings]
    joined = np.flatnonzero(outcomes == JOIN)
    edges, weights = chosen(pairs, joined), scores[joined]
    clusters = group(found.ids, edges, weights, told, found.face)
    best = best_tie(len(found.ids), edges, weights, clusters)
    united = _united(found.ids, clusters, told)
    methods = _methods(levels, joined)
    tied = [methods[edge] if edge >= 0 else ("decision" if at in united else "none") for at, edge in enumerate(best)]
    own = np.where(best >= 0, weights[best] if len(weights) else 0.0, 0.0)
    kept = _open_pairs(pairs, outcomes, scores, clusters, _estranged(found.ids, clusters, told))
    words = ["apart" if outcome == APART else "review" for outcome in outcomes[kept].tolist()]
    return Decided(clusters, tied, own, chosen(pairs, kept), words, scores[kept])


def _methods(levels: Levels, at: Places) -> list[str]:
    """What speaks for each of these pairs, as `judge.explain` says it."""
    marks = np.zeros(len(at), np.int64)
    for bit, kind in enumerate(_METHODS):
        level = getattr(levels, kind)[at]
        agrees = (level == Agreement.SAME) | (level == Agreement.SHARED) | (level == Agreement.CLOSE)
        marks |= agrees.astype(np.int64) << bit
    words = ["+".join(kind for bit, kind in enumerate(_METHODS) if mark >> bit & 1) or "name" for mark in range(8)]
    return [words[mark] for mark in marks.tolist()]


def _places(ids: Places, records: Iterable[int]) -> dict[int, int]:
    wanted = np.array(sorted(set(records)), np.int64)
    at = np.flatnonzero(np.isin(ids, wanted))
    return dict(zip(ids[at].tolist(), at.tolist(), strict=True))


def _united(ids: Places, clusters: Places, rulings: Sequence[Ruling]) -> set[int]:
    """Places of records that a person's `same` ties to their customer."""
    same = [pair for ruling in rulings if ruling.verdict == SAME for pair in ruling.pairs]
    place = _places(ids, (record for pair in same for record in pair))
    return {
        place[record]
        for a, b in same
        if a in place and b in place and clusters[place[a]] == clusters[place[b]]
        for record in (a, b)
    }


def _estranged(ids: Places, clusters: Places, rulings: Sequence[Ruling]) -> Places:
    """Pairs of customers of which a person said that they are different, each as one number."""
    apart = [pair for ruling in rulings if ruling.verdict == DIFFERENT for pair in ruling.pairs]
    place = _places(ids, (record for pair in apart for record in pair))
    both = [(place[a], place[b]) for a, b in apart if a in place and b in place]
    if not both:
        return np.empty(0, np.int64)
    table = np.array(both, np.int64)
    return _code(clusters[table[:, 0]], clusters[table[:, 1]])


def _code(a: Places, b: Places) -> Places:
    return (np.minimum(a, b) << 32) | np.maximum(a, b)


def _open_pairs(
    pairs: Pairs, outcomes: NDArray[np.int8], scores: NDArray[np.float64], clusters: Places, estranged: Places
) -> Places:
    """Of each two customers that share something the pair that says most, as `sync.reconcile.resolve` picks it."""
    customers = _code(clusters[pairs[0]], clusters[pairs[1]])
    at = np.flatnonzero((outcomes != NOTHING) & (clusters[pairs[0]] != clusters[pairs[1]]))
    at = at[~np.isin(customers[at], estranged)]
    order = at[np.lexsort((pairs[1][at], pairs[0][at], -scores[at], outcomes[at] == APART))]
    _, first = np.unique(customers[order], return_index=True)
    return np.sort(order[first])


def difference(connection: Connection, model: Model, limits: Limits) -> Difference:
    """In what the registry differs from what this model would decide."""
    found = read(connection)
    decided = decide(found, model, limits, matching.every_ruling(connection))
    births = dict(matching.every_birth(connection))
    result = Difference(waiting=decided.verdicts.count("review"))
    changed, moved = _links(connection, found, decided, births)
    _moves(found, decided, births, moved, result)
    _pairs(connection, found, decided, births, changed, result)
    result.records = sorted(changed)
    return result


def _links(
    connection: Connection, found: Read, decided: Decided, births: Mapping[int, str]
) -> tuple[set[int], dict[int, str]]:
    """Records whose link would change, and of those that change hands: place → customer id now. Both sides come in
    order of record ids, so that neither needs to be held."""
    changed: set[int] = set()
    moved: dict[int, str] = {}
    links = matching.every_link(connection)
    link = next(links, None)
    ids = found.ids.tolist()
    wanted = zip(ids, decided.clusters.tolist(), decided.methods, decided.scores.tolist(), strict=True)
    for at, (record, first, method, score) in enumerate(wanted):
        while link is not None and link[0] < record:
            changed.add(link[0])
            link = next(links, None)
        if link is None or link[0] != record:
            changed.add(record)
            continue
        customer = births[ids[first]]
        if link[1:] != (customer, method, score):
            changed.add(record)
            if link[1] != customer:
                moved[at] = link[1]
        link = next(links, None)
    if link is not None:
        changed.add(link[0])
        changed.update(row[0] for row in links)
    return changed, moved


def _moves(
    found: Read, decided: Decided, births: Mapping[int, str], moved: Mapping[int, str], result: Difference
) -> None:
    """Which customer ids would go into another, and which would come out of one."""
    if not moved:
        return
    firsts = decided.clusters.tolist()
    borne = {births[record] for record in found.ids[np.unique(decided.clusters)].tolist()}
    joins: dict[str, str] = {}
    splits: dict[str, str] = {}
    for at, before in moved.items():
        now = births[int(found.ids[firsts[at]])]
        if before not in borne:
            joins.setdefault(before, now)
        elif firsts[at] in moved:  # its first record bore another id, so nobody bears this one yet
            splits.setdefault(now, before)
    result.joins = [(new, old) for old, new in joins.items()]
    result.splits = [(old, new) for new, old in splits.items()]


def _pairs(
    connection: Connection,
    found: Read,
    decided: Decided,
    births: Mapping[int, str],
    changed: set[int],
    result: Difference,
) -> None:
    a, b = (found.ids[places].tolist() for places in decided.pairs)
    wanted = {
        (x, y): (verdict, score)
        for x, y, verdict, score in zip(a, b, decided.verdicts, decided.pair_scores.tolist(), strict=True)
    }
    held = {row[:2]: row[2:] for row in matching.every_pair(connection)}
    for pair in wanted.keys() | held.keys():
        before, now = held.get(pair), wanted.get(pair)
        if before == now:
            continue
        changed.update(pair)
        if now is not None and now[0] == "review" and (before is None or before[0] != "review"):
            result.reviews.append((births[pair[0]], births[pair[1]]))
        elif before is not None and before[0] == "review" and (now is None or now[0] != "review"):
            result.settled += 1
    result.reviews.sort()
