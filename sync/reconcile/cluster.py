"""From edges and decisions to people.

`cluster` is a pure function of its input, whatever the order in which that is given:

1. Decisions first, the latest first. `same` unites, unless a later `different` forbids it; `different` forbids every
   union of the two sides, unless a later `same` already united them.
2. Then the join edges, strongest first (ties by record id): each unites its two sides unless a decision forbids it.
3. A cluster is named by its smallest record id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SAME = "same"
DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of records whose verdict is to join, `a < b`."""

    a: int
    b: int
    score: float


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's decision over pairs of records. Later ones have higher ids."""

    id: int
    verdict: str
    pairs: tuple[tuple[int, int], ...]


class _Groups:
    """Union-find whose groups remember which groups they must not meet."""

    def __init__(self, records: Iterable[int]) -> None:
        self.parent = {record: record for record in records}
        self.enemies: dict[int, set[int]] = {}

    def root(self, record: int) -> int:
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record

    def unite(self, a: int, b: int) -> bool:
        """Unite two groups unless they are enemies; whether they are one now."""
        low, high = sorted((self.root(a), self.root(b)))
        if low == high:
            return True
        if high in self.enemies.get(low, ()):
            return False
        self.parent[high] = low
        for enemy in self.enemies.pop(high, set()):
            self.enemies[enemy].discard(high)
            self._estrange(low, enemy)
        return True

    def separate(self, a: int, b: int) -> None:
        """Forbid two groups to meet, unless they are one already."""
        first, second = self.root(a), self.root(b)
        if first != second:
            self._estrange(first, second)

    def _estrange(self, a: int, b: int) -> None:
        self.enemies.setdefault(a, set()).add(b)
        self.enemies.setdefault(b, set()).add(a)


def cluster(records: Iterable[int], edges: Iterable[Edge], rulings: Iterable[Ruling]) -> dict[int, int]:
    """Which cluster each record is in (see the module's text). Pairs that name an unknown record are left out."""
    groups = _Groups(records)
    for ruling in sorted(rulings, key=lambda ruling: ruling.id, reverse=True):
        for a, b in sorted(ruling.pairs):
            if a in groups.parent and b in groups.parent:
                (groups.unite if ruling.verdict == SAME else groups.separate)(a, b)
    for edge in sorted(edges, key=lambda edge: (-edge.score, edge.a, edge.b)):
        groups.unite(edge.a, edge.b)
    return {record: groups.root(record) for record in groups.parent}


def best_edges(edges: Sequence[Edge], clusters: dict[int, int]) -> dict[int, Edge]:
    """For each record the strongest edge that ties it to its own cluster: what its link is explained by."""
    best: dict[int, Edge] = {}
    for edge in sorted(edges, key=lambda edge: (-edge.score, edge.a, edge.b)):
        if clusters[edge.a] == clusters[edge.b]:
            best.setdefault(edge.a, edge)
            best.setdefault(edge.b, edge)
    return best
