"""From judged pairs to people, links and pairs for review: the whole decision over one closed part of the registry.

`resolve` is given complete components: with a record, every record that a join edge or a `same` decision ties to it,
and all earlier companions of its customer. What it answers is a pure function of the landed records and the decisions,
so it does not matter in how many parts, or in which order, the registry is gone through.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sync.reconcile.cluster import DIFFERENT, SAME, Edge, Ruling, best_edges, cluster
from sync.reconcile.judge import Outcome, Verdict
from sync.reconcile.names import clash

Pair = tuple[int, int]
Face = tuple[str, *tuple[str | None, ...]]


@dataclass(frozen=True, slots=True)
class Tie:
    """Why a record belongs to its customer. `decided_by` is `rule` or `person`."""

    method: str
    score: float
    reasons: tuple[str, ...]
    decided_by: str


WOULD_CHAIN = "together with the others they would be people with different first names"
ALONE = Tie("none", 0.0, (), "rule")


@dataclass(frozen=True, slots=True)
class Resolved:
    """`clusters`: record → smallest record id of its customer. `ties`: record → why. `pairs`: what shares a contact yet
    stays in two customers, one for each two customers, `a < b`."""

    clusters: dict[int, int]
    ties: dict[int, Tie]
    pairs: dict[Pair, Verdict]


def resolve(
    live: Collection[int],
    verdicts: Mapping[Pair, Verdict],
    rulings: Sequence[Ruling],
    elsewhere: Mapping[int, int],
    faces: Mapping[int, Face],
) -> Resolved:
    """Decide over `live` records.

    `verdicts`: of all pairs that are compared and of which one is in `live`, `a < b`. `elsewhere`: for records that
    are not in `live`, any number that tells their customers apart (their customer's smallest record id). `faces`: what
    each live record is compared by, its name line first (`Name.text`).
    """
    edges = [
        Edge(a, b, verdict.score, tie_of(faces[a], faces[b]))
        for (a, b), verdict in verdicts.items()
        if verdict.outcome is Outcome.JOIN and a in live and b in live
    ]
    clusters = cluster(live, edges, rulings, {record: face[0] for record, face in faces.items()}, clash)
    home = {**elsewhere, **clusters}
    return Resolved(
        clusters, _ties(clusters, edges, verdicts, rulings), _open_pairs(verdicts, home, _estranged(rulings, home))
    )


def tie_of(a: Face, b: Face) -> tuple[str, str]:
    """What two records say, in an order that does not depend on which is which."""
    one, other = sorted("\x1f".join(text or "" for text in face) for face in (a, b))
    return one, other


def _ties(
    clusters: dict[int, int], edges: Sequence[Edge], verdicts: Mapping[Pair, Verdict], rulings: Sequence[Ruling]
) -> dict[int, Tie]:
    by_rule = best_edges(edges, clusters)
    united = {
        record
        for ruling in rulings
        if ruling.verdict == SAME
        for a, b in ruling.pairs
        if a in clusters and clusters[a] == clusters.get(b)
        for record in (a, b)
    }
    ties = {}
    for record in clusters:
        edge = by_rule.get(record)
        if edge is not None:
            verdict = verdicts[edge.a, edge.b]
            ties[record] = Tie(verdict.method, verdict.score, verdict.reasons, "rule")
        elif record in united:
            ties[record] = Tie("decision", 0.0, ("a person decided that they are the same",), "person")
        else:
            ties[record] = ALONE
    return ties


def _estranged(rulings: Sequence[Ruling], home: Mapping[int, int]) -> set[Pair]:
    """Pairs of customers of which a person said that they are different."""
    return {
        _ordered(home[a], home[b])
        for ruling in rulings
        if ruling.verdict == DIFFERENT
        for a, b in ruling.pairs
        if a in home and b in home
    }


def _open_pairs(verdicts: Mapping[Pair, Verdict], home: Mapping[int, int], estranged: set[Pair]) -> dict[Pair, Verdict]:
    best: dict[Pair, tuple[tuple[bool, float, int, int], Verdict]] = {}
    for (a, b), found in verdicts.items():
        if a not in home or b not in home or home[a] == home[b]:
            continue
        verdict = found
        if found.outcome is Outcome.JOIN:
            verdict = replace(found, outcome=Outcome.REVIEW, reasons=(*found.reasons, WOULD_CHAIN))
        customers = _ordered(home[a], home[b])
        rank = (verdict.outcome is Outcome.APART, -verdict.score, a, b)
        if customers not in estranged and (customers not in best or rank < best[customers][0]):
            best[customers] = (rank, verdict)
    return {(rank[2], rank[3]): verdict for rank, verdict in best.values()}


def _ordered(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)
