"""The clever clustering against the obvious one, on random graphs with random decisions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sync.reconcile.cluster import DIFFERENT, SAME, Edge, Ruling, best_edges, cluster
from sync.reconcile.features import levels_of, people_of
from sync.reconcile.groups import best_tie, components, group
from sync.reconcile.judge import APART, JOIN, judge
from sync.reconcile.names import clash
from sync.reconcile.resolve import Face, tie_of
from tests.sync.reconcile.judging import Row, every_pair, model, row

Places = NDArray[np.int64]
COUNT = 14
LINES = (
    "maija|testaaja", "onni|testaaja", "m|testaaja", "|testaaja", "anna|testaaja", "anna liisa|testaaja",
    "liisa|testaaja", "=testaaja maija",
)  # fmt: skip
places = st.integers(0, COUNT - 1)
pairs = st.tuples(places, places).filter(lambda pair: pair[0] < pair[1])
ids = st.lists(st.integers(1, 99), min_size=COUNT, max_size=COUNT, unique=True).map(sorted)
scores = st.sampled_from((20.5, 25.0, 30.25))
edges = st.dictionaries(pairs, scores, max_size=18)
names = st.lists(st.sampled_from(LINES), min_size=COUNT, max_size=COUNT)
rulings = st.lists(st.tuples(st.sampled_from((SAME, DIFFERENT)), st.lists(pairs, min_size=1, max_size=3)), max_size=5)


def arrays(found: dict[tuple[int, int], float]) -> tuple[tuple[Places, Places], NDArray[np.float64]]:
    table = np.array(list(found), np.int64).reshape(-1, 2)
    return (table[:, 0], table[:, 1]), np.array(list(found.values()), np.float64)


def united(count: int, found: list[tuple[int, int]]) -> list[int]:
    """The obvious union-find."""
    parent = list(range(count))
    for a, b in found:
        one, other = sorted((parent[a], parent[b]))
        parent = [one if root == other else root for root in parent]
    return parent


@given(st.lists(st.tuples(places, places), max_size=25))
def test_components_are_those_of_the_obvious_union_find(found: list[tuple[int, int]]) -> None:
    table = np.array(found, np.int64).reshape(-1, 2)
    assert components(COUNT, table[:, 0], table[:, 1]).tolist() == united(COUNT, found)


def test_a_long_chain_is_one_component_whatever_the_order_of_its_places() -> None:
    order = np.random.default_rng(1).permutation(20_000)
    assert set(components(20_000, order[:-1], order[1:]).tolist()) == {0}
    assert set(components(20_000, np.arange(19_999), np.arange(1, 20_000)).tolist()) == {0}


@given(ids, edges, rulings, names, st.data())
def test_groups_are_the_clusters_of_the_obvious_way(
    known: list[int],
    drawn: dict[tuple[int, int], float],
    decided: list[tuple[str, list[tuple[int, int]]]],
    lines: list[str],
    data: st.DataObject,
) -> None:
    joined = {pair: score for pair, score in drawn.items() if not clash(lines[pair[0]], lines[pair[1]])}
    gone = data.draw(st.lists(st.integers(100, 105), max_size=2))
    told = [
        Ruling(
            number,
            verdict,
            (*((known[a], known[b]) for a, b in about), *((known[0], stranger) for stranger in gone)),
        )
        for number, (verdict, about) in enumerate(decided)
    ]
    shuffled = dict(data.draw(st.permutations(list(joined.items()))))
    tied, strong = arrays(shuffled)
    faces: list[Face] = [(line, data.draw(st.sampled_from((None, "a", "b")))) for line in lines]
    found = group(np.array(known), tied, strong, data.draw(st.permutations(told)), faces.__getitem__)
    edges_ = [Edge(known[a], known[b], score, tie_of(faces[a], faces[b])) for (a, b), score in joined.items()]
    expected = cluster(known, edges_, told, dict(zip(known, lines, strict=True)), clash)
    assert {known[at]: known[first] for at, first in enumerate(found.tolist())} == expected


@given(edges, names)
def test_each_record_is_explained_by_the_same_edge_as_in_the_obvious_way(
    drawn: dict[tuple[int, int], float], lines: list[str]
) -> None:
    tied, strong = arrays(drawn)
    edges_ = [Edge(a, b, score) for (a, b), score in drawn.items()]
    clusters = cluster(range(COUNT), edges_, [], dict(enumerate(lines)), clash)
    found = best_tie(COUNT, tied, strong, np.array([clusters[at] for at in range(COUNT)]))
    assert {at: edges_[tie] for at, tie in enumerate(found.tolist()) if tie >= 0} == best_edges(edges_, clusters)


def test_two_with_one_edge_are_one_unless_a_person_says_no() -> None:
    known, tied, strong = np.array([5, 8, 9]), (np.array([0]), np.array([2])), np.array([25.0])

    def face(at: int) -> Face:
        return ("maija|testaaja", str(at))

    assert group(known, tied, strong, [], face).tolist() == [0, 1, 0]
    assert group(known, tied, strong, [Ruling(1, DIFFERENT, ((5, 9),))], face).tolist() == [0, 1, 2]
    assert group(known, tied, strong, [Ruling(1, DIFFERENT, ((5, 8),))], face).tolist() == [0, 1, 0]
    assert group(known, tied, strong, [Ruling(1, SAME, ((8, 9),))], face).tolist() == [0, 0, 0]


def grouped(*rows: Row) -> tuple[list[int], list[tuple[int, int]]]:
    """Clusters of records as the engine makes them, and the edges that were refused."""
    people = people_of(rows)
    pairs_ = every_pair(len(rows))
    outcomes, scored = judge(levels_of(people, pairs_, model()), model())
    joins = outcomes == JOIN
    a, b = pairs_[0][joins], pairs_[1][joins]
    found = group(np.arange(len(rows)), (a, b), scored[joins], [], lambda at: (people.name_texts[people.names[at]],))
    assert not joins[outcomes == APART].any()
    refused = [(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True) if found[x] != found[y]]
    return found.tolist(), refused


def test_a_chain_of_family_members_over_shared_contacts_is_never_one_person() -> None:
    both = {"email": "perhe@example.com", "phone": "+358400000101"}
    found, refused = grouped(row("maija/testaaja", **both), row("m/testaaja", **both), row("mikko/testaaja", **both))
    assert found[0] != found[2]
    assert len(refused) == 1


def test_the_weakest_edge_of_a_chain_is_the_one_refused() -> None:
    both = {"email": "perhe@example.com", "phone": "+358400000101"}
    found, refused = grouped(
        row("anna/testaaja", **both),
        row("anna liisa/testaaja", **both, address="esimerkkikatu 1"),
        row("liisa/testaaja", **both, address="esimerkkikatu 1"),
        row("liisa/testaaja", **both),
    )
    assert found == [0, 1, 1, 1]
    assert refused == [(0, 1)]
