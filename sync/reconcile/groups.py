"""Clusters of very many records, by the same rules as `cluster`, which sees only what is not plain. Pure.

1. Edges tie records into components; two records with one edge and no decision are a cluster, there is nothing to ask.
2. Every other component, and every one that a decision speaks of, goes to `cluster`, which works by itself on each.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sync.reconcile.cluster import Edge, Ruling, cluster
from sync.reconcile.names import clash
from sync.reconcile.resolve import Face, tie_of


def components(count: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of `count` places the smallest place that edges (a, b) tie it to, directly or not.

    Each round every edge hands its ends the smaller label of the two, then labels are followed to their own; until
    nothing changes. Rounds grow with the logarithm of the longest chain.
    """
    label = np.arange(count)
    while True:
        smaller = np.minimum(label[a], label[b])
        former = label.copy()
        np.minimum.at(label, label[a], smaller)
        np.minimum.at(label, label[b], smaller)
        while True:
            followed = label[label]
            if np.array_equal(followed, label):
                break
            label = followed
        if np.array_equal(former, label):
            return label


def group(
    ids: NDArray[np.int64],
    edges: tuple[NDArray[np.int64], NDArray[np.int64]],
    scores: NDArray[np.float64],
    rulings: Sequence[Ruling],
    face: Callable[[int], Face],
) -> NDArray[np.int64]:
    """The place of the first record of each record's cluster.

    `ids`: record ids in order; `edges`: places of joined pairs; `face`: what the record at a
    place is compared by, its name line first (`Name.text`).
    """
    a, b = edges
    place = {int(ids[at]): at for at in np.flatnonzero(np.isin(ids, _mentioned(rulings))).tolist()}
    told = [
        replace(ruling, pairs=tuple((place[x], place[y]) for x, y in ruling.pairs if x in place and y in place))
        for ruling in rulings
    ]
    decided = np.array([pair for ruling in told for pair in ruling.pairs], np.int64).reshape(-1, 2)
    label = components(len(ids), np.concatenate((a, decided[:, 0])), np.concatenate((b, decided[:, 1])))
    plain = np.bincount(label[a], minlength=len(ids)) == 1
    plain[label[decided].ravel()] = False
    asked = np.flatnonzero(~plain[label] & (np.bincount(label, minlength=len(ids))[label] > 1))
    members: dict[int, list[int]] = {}
    for at, root in zip(asked.tolist(), label[asked].tolist(), strict=True):
        members.setdefault(root, []).append(at)
    ties: dict[int, list[Edge]] = {}
    for at in np.flatnonzero(~plain[label[a]]).tolist():
        one, other = int(a[at]), int(b[at])
        edge = Edge(one, other, float(scores[at]), tie_of(face(one), face(other)))
        ties.setdefault(int(label[one]), []).append(edge)
    spoken: dict[int, list[Ruling]] = {}
    for ruling in told:
        for root in {int(label[x]) for pair in ruling.pairs for x in pair}:
            spoken.setdefault(root, []).append(ruling)
    found = label.copy()
    for root, places in members.items():
        clusters = cluster(places, ties.get(root, ()), spoken.get(root, ()), {at: face(at)[0] for at in places}, clash)
        for at, first in clusters.items():
            found[at] = first
    return found


def _mentioned(rulings: Sequence[Ruling]) -> NDArray[np.int64]:
    return np.array(sorted({record for ruling in rulings for pair in ruling.pairs for record in pair}), np.int64)


def best_tie(
    count: int,
    edges: tuple[NDArray[np.int64], NDArray[np.int64]],
    scores: NDArray[np.float64],
    found: NDArray[np.int64],
) -> NDArray[np.int64]:
    """For each place the strongest edge within its own cluster (ties: the smaller places) by number, -1 without one."""
    a, b = edges
    inside = np.flatnonzero(found[a] == found[b])
    order = inside[np.lexsort((b[inside], a[inside], -scores[inside]))][::-1]
    best = np.full(count, -1, np.int64)
    best[a[order]] = order
    other = np.full(count, -1, np.int64)
    other[b[order]] = order
    rank = np.empty(len(a) + 1, np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = -1
    return np.where(rank[best] >= rank[other], best, other)
