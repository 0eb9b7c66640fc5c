"""From edges and decisions to people: decisions first, and never a matter of order."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.cluster import DIFFERENT, SAME, Edge, Ruling, best_edges, cluster
from sync.reconcile.names import clash

RECORDS = range(1, 9)
LINES = ("maija|testaaja", "onni|testaaja", "m|testaaja", "|testaaja", "anna|testaaja", "anna maija|testaaja")
lines = st.fixed_dictionaries({record: st.sampled_from(LINES) for record in RECORDS})
pairs = st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)).filter(lambda pair: pair[0] < pair[1])
edges = st.lists(
    st.builds(lambda pair, score: Edge(pair[0], pair[1], score), pairs, st.sampled_from((5.0, 7.0, 9.0))), max_size=9
)
verdicts = st.tuples(st.sampled_from((SAME, DIFFERENT)), st.lists(pairs, min_size=1, max_size=3).map(tuple))
rulings = st.lists(verdicts, max_size=5).map(
    lambda found: [Ruling(number, verdict, about) for number, (verdict, about) in enumerate(found)]
)


def groups(clusters: dict[int, int]) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for record, root in clusters.items():
        found.setdefault(root, set()).add(record)
    return {frozenset(group) for group in found.values()}


def obvious(records: range, links: list[tuple[int, int]]) -> set[frozenset[int]]:
    """Join whatever touches until nothing changes."""
    found = [{record} for record in records]
    for a, b in links:
        touching = [group for group in found if a in group or b in group]
        found = [group for group in found if group not in touching] + [set().union(*touching)]
    return {frozenset(group) for group in found}


def same(id_: int, *about: tuple[int, int]) -> Ruling:
    return Ruling(id_, SAME, about)


def different(id_: int, *about: tuple[int, int]) -> Ruling:
    return Ruling(id_, DIFFERENT, about)


@given(edges)
def test_without_decisions_people_are_what_edges_tie_together(found: list[Edge]) -> None:
    clusters = cluster(RECORDS, found, [])
    assert groups(clusters) == obvious(RECORDS, [(edge.a, edge.b) for edge in found])
    assert all(root == min(record for record in clusters if clusters[record] == root) for root in clusters.values())


@given(edges, rulings, lines, st.data())
def test_the_order_of_what_is_given_does_not_matter(
    found: list[Edge], decided: list[Ruling], names: dict[int, str], data: st.DataObject
) -> None:
    shuffled = cluster(
        data.draw(st.permutations(RECORDS)),
        data.draw(st.permutations(found)),
        data.draw(st.permutations(decided)),
        names,
        clash,
    )
    assert shuffled == cluster(RECORDS, found, decided, names, clash)


@given(edges, lines)
def test_nobody_is_with_somebody_whose_name_clashes_unless_a_person_says_so(
    found: list[Edge], names: dict[int, str]
) -> None:
    clusters = cluster(RECORDS, found, [], names, clash)
    together = [(a, b) for a, b in combinations(RECORDS, 2) if clusters[a] == clusters[b]]
    assert [pair for pair in together if clash(names[pair[0]], names[pair[1]])] == []


@given(edges, lines)
def test_an_edge_is_refused_only_where_names_clash(found: list[Edge], names: dict[int, str]) -> None:
    clusters = cluster(RECORDS, found, [], names, clash)
    for edge in found:
        one, other = (
            [names[record] for record in RECORDS if clusters[record] == clusters[end]] for end in (edge.a, edge.b)
        )
        assert clusters[edge.a] == clusters[edge.b] or any(clash(x, y) for x in one for y in other)


@given(edges, rulings)
def test_edges_never_unite_what_the_latest_decisions_keep_apart(found: list[Edge], decided: list[Ruling]) -> None:
    by_people = cluster(RECORDS, [], decided)
    clusters = cluster(RECORDS, found, decided)
    kept = {
        (a, b)
        for ruling in decided
        if ruling.verdict == DIFFERENT
        for a, b in ruling.pairs
        if by_people[a] != by_people[b]
    }
    assert [pair for pair in kept if clusters[pair[0]] == clusters[pair[1]]] == []
    assert all(clusters[a] == clusters[b] for a, b in combinations(RECORDS, 2) if by_people[a] == by_people[b]), (
        "what people united stays united"
    )


@pytest.mark.parametrize(
    ("decided", "together"),
    [
        ([same(1, (1, 2)), different(2, (1, 2))], False),
        ([different(1, (1, 2)), same(2, (1, 2))], True),
        ([same(1, (1, 2)), different(2, (1, 2)), same(3, (1, 2))], True),
        ([different(1, (1, 2)), same(2, (1, 2)), different(3, (1, 2))], False),
    ],
)
def test_of_contradicting_decisions_the_latest_wins(decided: list[Ruling], together: bool) -> None:
    clusters = cluster([1, 2], [Edge(1, 2, 9.0)], decided)
    assert (clusters[1] == clusters[2]) is together


def test_a_later_different_breaks_the_way_round_an_earlier_same() -> None:
    clusters = cluster([1, 2, 3], [], [same(1, (1, 2)), same(2, (2, 3)), different(3, (1, 3))])
    assert groups(clusters) == {frozenset({1}), frozenset({2, 3})}


def test_an_enemy_stays_one_after_its_group_was_united_with_others() -> None:
    decided = [different(9, (4, 5))]
    joins = [Edge(3, 4, 9.0), Edge(2, 3, 8.0), Edge(1, 2, 7.0), Edge(5, 6, 6.0), Edge(1, 6, 5.0)]
    assert groups(cluster(range(1, 7), joins, decided)) == {frozenset({1, 2, 3, 4}), frozenset({5, 6})}


def test_the_stronger_edge_is_heard_first() -> None:
    decided = [different(1, (1, 3))]
    weak_first = cluster([1, 2, 3], [Edge(1, 2, 7.0), Edge(2, 3, 9.0)], decided)
    assert groups(weak_first) == {frozenset({1}), frozenset({2, 3})}
    equally = cluster([1, 2, 3], [Edge(2, 3, 7.0), Edge(1, 2, 7.0)], decided)
    assert groups(equally) == {frozenset({1, 2}), frozenset({3})}


def test_of_a_chain_of_family_members_the_weakest_edge_is_refused() -> None:
    names = {1: "maija|testaaja", 2: "m|testaaja", 3: "mikko|testaaja", 4: "mikko|testaaja"}
    chain = [Edge(1, 2, 25.0), Edge(2, 3, 21.0), Edge(3, 4, 40.0)]
    assert groups(cluster(range(1, 5), chain, [], names, clash)) == {frozenset({1, 2}), frozenset({3, 4})}
    chain[0] = Edge(1, 2, 20.5)
    assert groups(cluster(range(1, 5), chain, [], names, clash)) == {frozenset({1}), frozenset({2, 3, 4})}


def test_who_fits_one_of_the_names_that_a_person_united_fits() -> None:
    names = {1: "maija|testaaja", 2: "onni|testaaja", 3: "onni|testaaja", 4: "kaisa|testaaja"}
    joins = [Edge(2, 3, 30.0), Edge(1, 4, 25.0)]
    assert groups(cluster(range(1, 5), joins, [same(1, (1, 2))], names, clash)) == {
        frozenset({1, 2, 3}),
        frozenset({4}),
    }


def test_of_equally_strong_edges_what_the_records_say_decides_before_their_ids() -> None:
    decided = [different(1, (1, 3))]
    joins = [Edge(1, 2, 9.0, ("maija", "onni")), Edge(2, 3, 9.0, ("aino", "onni"))]
    assert groups(cluster([1, 2, 3], joins, decided)) == {frozenset({1}), frozenset({2, 3})}


def test_a_decision_about_a_record_that_is_gone_says_nothing() -> None:
    assert cluster([1, 2], [], [same(1, (1, 7), (2, 7)), different(2, (2, 8))]) == {1: 1, 2: 2}


def test_each_record_is_explained_by_its_strongest_edge_within_its_customer() -> None:
    joins = [Edge(1, 2, 7.0), Edge(2, 3, 9.0), Edge(3, 4, 11.0)]
    clusters = {1: 1, 2: 1, 3: 1, 4: 4, 5: 5}
    assert best_edges(joins, clusters) == {1: joins[0], 2: joins[1], 3: joins[1]}
