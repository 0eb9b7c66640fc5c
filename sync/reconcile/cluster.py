"""From edges and decisions to people.

`cluster` is a pure function of its input, whatever the order in which that is given:

1. Decisions first, the latest first. `same` unites, unless a later `different` forbids it; `different` forbids every
   union of the two sides, unless a later `same` already united them.
2. Then the join edges, strongest first (ties by what the two records say, then by record id): each unites its two
   sides, unless a decision forbids it or the cluster would hold people with clearly different first names. So a chain
   over shared contacts never becomes one person: its weakest edge is left, for a person to look at.
3. Names that a person's `same` united are one person's: who fits one of them fits.
4. A cluster is named by its smallest record id.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

SAME = "same"
DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of records whose verdict is to join, `a < b`. `tie`: what the two say, sorted: which of two equally strong
    edges comes first must not depend on which record came first."""

    a: int
    b: int
    score: float
    tie: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's decision over pairs of records. Later ones have higher ids."""

    id: int
    verdict: str
    pairs: tuple[tuple[int, int], ...]


Clash = Callable[[str, str], bool]


def never(_a: str, _b: str) -> bool:
    """No two names clash."""
    return False


class _Groups:
    """Union-find whose groups remember which groups they must not meet, and by which names their people go.

    `names`: of each group a list of sets, each of names that a person's decision united.
    """

    def __init__(self, records: Iterable[int], names: Mapping[int, str], clash: Clash) -> None:
        self.parent = {record: record for record in records}
        self.enemies: dict[int, set[int]] = {}
        self.names = {record: [{name}] for record, name in names.items() if record in self.parent}
        self._clash = clash

    def root(self, record: int) -> int:
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record

    def unite(self, a: int, b: int, *, decided: bool = False) -> bool:
        """Unite two groups unless they are enemies or, where nobody decided, their names clash. Whether they are
        one now."""
        low, high = sorted((self.root(a), self.root(b)))
        if low == high:
            return True
        if high in self.enemies.get(low, ()) or (not decided and self._clashes(low, high)):
            return False
        self.parent[high] = low
        for enemy in self.enemies.pop(high, set()):
            self.enemies[enemy].discard(high)
            self._estrange(low, enemy)
        names = self.names.get(low, []) + self.names.pop(high, [])
        self.names[low] = [set().union(*names)] if decided else names
        return True

    def _clashes(self, a: int, b: int) -> bool:
        return any(
            all(self._clash(one, other) for one, other in product(ones, others))
            for ones, others in product(self.names.get(a, ()), self.names.get(b, ()))
        )

    def separate(self, a: int, b: int) -> None:
        """Forbid two groups to meet, unless they are one already."""
        first, second = self.root(a), self.root(b)
        if first != second:
            self._estrange(first, second)

    def _estrange(self, a: int, b: int) -> None:
        self.enemies.setdefault(a, set()).add(b)
        self.enemies.setdefault(b, set()).add(a)


def cluster(
    records: Iterable[int],
    edges: Iterable[Edge],
    rulings: Iterable[Ruling],
    names: Mapping[int, str] | None = None,
    clash: Clash = never,
) -> dict[int, int]:
    """Which cluster each record is in (see the module's text). Pairs that name an unknown record are left out.

    `names`: each record's name; `clash`: whether two of them cannot be one person's.
    """
    groups = _Groups(records, names or {}, clash)
    for ruling in sorted(rulings, key=lambda ruling: ruling.id, reverse=True):
        for a, b in sorted(ruling.pairs):
            if a in groups.parent and b in groups.parent:
                if ruling.verdict == SAME:
                    groups.unite(a, b, decided=True)
                else:
                    groups.separate(a, b)
    for edge in sorted(edges, key=lambda edge: (-edge.score, edge.tie, edge.a, edge.b)):
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
