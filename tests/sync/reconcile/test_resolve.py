"""The whole decision over a part of the registry: links with their reasons, and what waits for a person."""

from collections.abc import Mapping
from dataclasses import replace

from sync.reconcile.cluster import DIFFERENT, SAME, Ruling
from sync.reconcile.judge import Outcome, Verdict
from sync.reconcile.resolve import ALONE, WOULD_CHAIN, Resolved, resolve

JOIN = Verdict(Outcome.JOIN, 12.5, "email", ("same e-mail", "first names agree"))
REVIEW = Verdict(Outcome.REVIEW, 7.5, "phone", ("same phone", "a first name is missing"))
APART = Verdict(Outcome.APART, -1.0, "phone", ("same phone", "first names differ", "perhaps a family"))
STRONGER = replace(REVIEW, score=9.5)


NAMES = {1: "anna|testaaja", 2: "anna liisa|testaaja", 3: "liisa|testaaja", 4: "liisa|testaaja"}


def resolved(
    verdicts: Mapping[tuple[int, int], Verdict], *rulings: Ruling, live: int = 4, names: Mapping[int, str] | None = None
) -> Resolved:
    faces = {record: ((names or {}).get(record, "|"),) for record in range(1, live + 1)}
    return resolve(faces.keys(), verdicts, rulings, {}, faces)


def test_a_verdict_to_join_makes_one_customer_and_explains_it() -> None:
    found = resolved({(1, 2): JOIN}, live=3)
    assert found.clusters == {1: 1, 2: 1, 3: 3}
    assert (found.ties[1].method, found.ties[1].score, found.ties[1].reasons) == ("email", 12.5, JOIN.reasons)
    assert found.ties[1] == found.ties[2]
    assert found.ties[3] == ALONE
    assert (found.ties[1].decided_by, ALONE.decided_by) == ("rule", "rule")
    assert found.pairs == {}


def test_who_shares_a_contact_but_is_not_one_stays_a_pair() -> None:
    found = resolved({(1, 2): REVIEW, (3, 4): APART})
    assert found.pairs == {(1, 2): REVIEW, (3, 4): APART}
    assert set(found.clusters.values()) == {1, 2, 3, 4}


def test_two_customers_have_one_pair_the_best_one() -> None:
    pairs = {(1, 2): JOIN, (3, 4): JOIN, (1, 3): APART, (2, 3): REVIEW, (2, 4): STRONGER}
    assert resolved(pairs).pairs == {(2, 4): STRONGER}
    assert resolved(dict(reversed(pairs.items()))).pairs == {(2, 4): STRONGER}


def test_of_equal_pairs_the_one_of_the_smallest_records_stands() -> None:
    assert resolved({(2, 4): REVIEW, (1, 4): REVIEW, (1, 2): JOIN}).pairs == {(1, 4): REVIEW}


def test_a_pair_within_a_customer_is_no_pair() -> None:
    assert resolved({(1, 2): JOIN, (2, 3): JOIN, (1, 3): REVIEW}).pairs == {}


def test_customers_whom_a_person_called_different_are_asked_about_no_more() -> None:
    apart = Ruling(1, DIFFERENT, ((1, 2),))
    assert resolved({(1, 2): REVIEW}, apart).pairs == {}
    assert resolved({(1, 3): JOIN, (2, 3): REVIEW}, apart).pairs == {}
    assert resolved({(1, 2): APART}, apart).pairs == {}


def test_a_join_that_a_person_forbids_is_no_pair_to_ask_about() -> None:
    found = resolved({(1, 2): JOIN}, Ruling(1, DIFFERENT, ((1, 2),)))
    assert (found.clusters[2], found.pairs, found.ties[1]) == (2, {}, ALONE)
    found = resolved({(1, 2): JOIN, (2, 3): JOIN}, Ruling(1, DIFFERENT, ((1, 3),)))
    assert found.clusters == {1: 1, 2: 1, 3: 3, 4: 4}
    assert found.pairs == {}


def test_a_join_that_would_make_a_chain_of_different_people_waits_for_a_person() -> None:
    weaker = replace(JOIN, score=11.0)
    found = resolved({(1, 2): weaker, (2, 3): JOIN}, live=3, names=NAMES)
    assert found.clusters == {1: 1, 2: 2, 3: 2}
    asked = replace(weaker, outcome=Outcome.REVIEW, reasons=(*JOIN.reasons, WOULD_CHAIN))
    assert found.pairs == {(1, 2): asked}
    assert found.ties[1] == ALONE


def test_a_refused_join_is_asked_about_before_a_family_note_and_after_a_better_pair() -> None:
    weaker = replace(JOIN, score=11.0)
    found = resolved({(1, 2): weaker, (2, 3): JOIN, (1, 3): APART}, live=3, names=NAMES)
    assert list(found.pairs) == [(1, 2)]
    better = replace(REVIEW, score=12.0)
    found = resolved({(1, 2): weaker, (2, 3): JOIN, (3, 4): JOIN, (1, 4): better}, names=NAMES)
    assert found.pairs == {(1, 4): better}


def test_of_equally_strong_joins_the_one_refused_does_not_depend_on_which_record_came_first() -> None:
    turned = {5 - record: name for record, name in NAMES.items()}
    found = resolved({(1, 2): JOIN, (2, 3): JOIN}, live=3, names=NAMES)
    back = resolved({(3, 4): JOIN, (2, 3): JOIN}, names=turned)
    assert found.clusters == {1: 1, 2: 1, 3: 3}
    assert back.clusters == {1: 1, 2: 2, 3: 3, 4: 3}


def test_a_person_may_join_what_the_names_forbid() -> None:
    weaker = replace(JOIN, score=11.0)
    found = resolved({(1, 2): weaker, (2, 3): JOIN}, Ruling(1, SAME, ((1, 3),)), live=3, names=NAMES)
    assert (set(found.clusters.values()), found.pairs) == ({1}, {})


def test_a_decision_explains_a_link_only_where_no_rule_does() -> None:
    found = resolved({(1, 2): JOIN}, Ruling(1, SAME, ((1, 2), (3, 4))))
    assert [found.ties[record].decided_by for record in (1, 2, 3, 4)] == ["rule", "rule", "person", "person"]
    assert found.ties[3].method == "decision"


def test_a_decision_that_was_overruled_explains_nothing() -> None:
    found = resolved({}, Ruling(1, SAME, ((1, 2),)), Ruling(2, DIFFERENT, ((1, 2),)))
    assert found.ties[1] == ALONE


def test_neighbours_outside_make_pairs_but_are_not_joined() -> None:
    found = resolve([1, 2], {(1, 7): REVIEW, (2, 8): APART}, [], {7: -1, 8: -2}, {})
    assert found.clusters == {1: 1, 2: 2}
    assert found.pairs == {(1, 7): REVIEW, (2, 8): APART}


def test_two_records_of_one_outside_customer_make_one_pair() -> None:
    assert resolve([1], {(1, 7): REVIEW, (1, 8): STRONGER}, [], {7: -1, 8: -1}, {}).pairs == {(1, 8): STRONGER}


def test_an_estranged_customer_outside_is_not_asked_about_through_another_record() -> None:
    ruling = Ruling(1, DIFFERENT, ((1, 7),))
    assert resolve([1], {(1, 8): REVIEW}, [ruling], {7: -1, 8: -1}, {}).pairs == {}
    assert resolve([1], {(1, 8): REVIEW}, [ruling], {7: -1, 8: -2}, {}).pairs == {(1, 8): REVIEW}


def test_a_neighbour_without_a_customer_yet_makes_no_pair() -> None:
    assert resolve([1], {(1, 9): REVIEW}, [], {}, {}).pairs == {}
