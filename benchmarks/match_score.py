"""How right a matching is, by counting: no pair is ever listed, so a million records take a second.

A matching is a label for each record, the same label for records that it takes for one person. Pairs within a label are
its pairs, pairs within a person are the true ones. Standard library alone: other programs' environments use it too.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

Pair = tuple[int, int]
"""Positions of two records."""
Point = tuple[float, float, float]
"""Threshold, precision, recall."""


class Score(NamedTuple):
    """Pairs of a matching (`joined`), of the truth, and of both."""

    joined: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the joined pairs that are true; 1 where none is joined."""
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that are joined."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.right / (self.joined + self.true) if self.joined + self.true else 1.0

    def figures(self) -> dict[str, float]:
        """The three shares by name."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


class Review(NamedTuple):
    """Pairs sent to a person: how many, how many are true, and recall where they were answered rightly.

    `recall` counts the pairs themselves as found. `recall_joined` joins the clusters of each true pair whole, as an
    answer does.
    """

    pairs: int
    per_record: float
    true: int
    recall: float
    recall_joined: float


def pairs_of(counts: Iterable[int]) -> int:
    """Pairs within groups of these sizes."""
    return sum(count * (count - 1) // 2 for count in counts)


def score(truth: Sequence[Hashable], labels: Sequence[Hashable]) -> Score:
    """The score of a matching; `truth` and `labels` are aligned with the records."""
    both = Counter(zip(labels, truth, strict=True))
    return Score(pairs_of(Counter(labels).values()), pairs_of(Counter(truth).values()), pairs_of(both.values()))


def score_pairs(truth: Sequence[Hashable], pairs: Iterable[Pair]) -> Score:
    """The score of pairs that are not closed into clusters."""
    distinct = {(min(pair), max(pair)) for pair in pairs}
    right = sum(truth[one] == truth[other] for one, other in distinct)
    return Score(len(distinct), pairs_of(Counter(truth).values()), right)


def score_review(truth: Sequence[Hashable], labels: Sequence[Hashable], pairs: Iterable[Pair]) -> Review:
    """What review adds to a matching. Pairs within a label already are not counted as found again."""
    distinct = {(min(pair), max(pair)) for pair in pairs}
    true = {(one, other) for one, other in distinct if truth[one] == truth[other]}
    base = score(truth, labels)
    added = sum(labels[one] != labels[other] for one, other in true)
    groups = Groups(labels)
    for one, other in true:
        groups.join(one, other)
    joined = score(truth, groups.labels())
    recall = (base.right + added) / base.true if base.true else 1.0
    return Review(len(distinct), len(distinct) / len(truth), len(true), recall, joined.recall)


class Groups:
    """Disjoint sets of positions (union-find with path halving, Tarjan 1975); `labels` groups them to begin with."""

    def __init__(self, labels: Iterable[Hashable]) -> None:
        first: dict[Hashable, int] = {}
        self._above = [first.setdefault(label, at) for at, label in enumerate(labels)]

    def find(self, at: int) -> int:
        """The position that stands for the set of this one."""
        above = self._above
        while above[at] != at:
            above[at] = at = above[above[at]]
        return at

    def join(self, one: int, other: int) -> None:
        """Make two sets one."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self._above[max(one, other)] = min(one, other)

    def labels(self) -> list[int]:
        """The standing position for every position."""
        return [self.find(at) for at in range(len(self._above))]


def curve(
    truth: Sequence[Hashable], edges: Iterable[tuple[float, int, int]], thresholds: Sequence[float]
) -> list[Point]:
    """Precision and recall of the clusters that edges of at least each threshold make, from high to low.

    1. Take edges by falling score, and union their sets.
    2. Where two sets meet, count the pairs that this adds, and among them the true ones from how many records of each
       person either holds; the smaller count goes into the larger.
    3. Note both sums whenever the next edge lies below the next threshold.
    """
    groups = Groups(range(len(truth)))
    people: dict[int, dict[Hashable, int]] = {at: {person: 1} for at, person in enumerate(truth)}
    sizes = [1] * len(truth)
    true = pairs_of(Counter(truth).values())
    joined = right = 0
    ordered = sorted(edges, reverse=True)
    points: list[Point] = []
    at = 0
    for threshold in sorted(thresholds, reverse=True):
        while at < len(ordered) and ordered[at][0] >= threshold:
            one, other = (groups.find(end) for end in ordered[at][1:])
            at += 1
            if one == other:
                continue
            joined += sizes[one] * sizes[other]
            small, large = sorted((people.pop(one), people.pop(other)), key=len)
            for person, count in small.items():
                right += count * large.get(person, 0)
                large[person] = large.get(person, 0) + count
            groups.join(one, other)
            root = groups.find(one)
            sizes[root] = sizes[one] + sizes[other]
            people[root] = large
        points.append((threshold, right / joined if joined else 1.0, right / true if true else 1.0))
    return points


def best(points: Iterable[Point]) -> Point:
    """The point with the highest F1: the threshold that an oracle would pick."""
    return max(points, key=lambda point: 2 * point[1] * point[2] / (point[1] + point[2] or 1))


def document(name: str, size: int, points: Sequence[Point], **further: Any) -> dict[str, Any]:
    """What every contestant prints: name, records, `[threshold, precision, recall]` points, and further figures."""
    return {"name": name, "size": size, "curve": [list(point) for point in points], **further}
