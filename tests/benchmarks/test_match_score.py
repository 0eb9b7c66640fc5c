"""Counting how right a matching is: the clever way against the plain one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.match_baseline import agree, one_slip, tokens
from benchmarks.match_score import Groups, Score, best, curve, score, score_pairs, score_review

LABELS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25)
EDGES = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), st.integers(0, 11), st.integers(0, 11)), max_size=20)
TRUTH = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 5]


@given(LABELS)
def test_counting_agrees_with_listing_every_pair(records: list[tuple[int, int]]) -> None:
    truth, labels = [person for person, _ in records], [label for _, label in records]
    pairs = list(combinations(range(len(records)), 2))
    joined = {(one, other) for one, other in pairs if labels[one] == labels[other]}
    true = {(one, other) for one, other in pairs if truth[one] == truth[other]}
    assert score(truth, labels) == Score(len(joined), len(true), len(joined & true)) == score_pairs(truth, joined)


@given(EDGES)
def test_the_curve_agrees_with_clustering_anew_at_every_threshold(edges: list[tuple[float, int, int]]) -> None:
    for threshold, precision, recall in curve(TRUTH, edges, [0.1, 0.5, 0.7, 1.0]):
        groups = Groups(range(len(TRUTH)))
        for weight, one, other in edges:
            if weight >= threshold:
                groups.join(one, other)
        found = score(TRUTH, groups.labels())
        assert (precision, recall) == pytest.approx((found.precision, found.recall))


def test_review_counts_pairs_that_are_not_joined_yet() -> None:
    truth, labels = [1, 1, 1, 2, 2], [0, 0, 1, 2, 3]
    review = score_review(truth, labels, [(0, 2), (2, 0), (0, 1), (2, 3)])
    assert (review.pairs, review.true) == (3, 2)
    assert review.recall == pytest.approx(2 / 4)
    assert review.recall_joined == pytest.approx(3 / 4)
    assert review.per_record == pytest.approx(3 / 5)


def test_nothing_joined_is_nothing_wrong() -> None:
    assert score([1, 2], [1, 2]).figures() == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_an_oracle_takes_the_best_f1() -> None:
    assert best([(0.9, 1.0, 0.1), (0.5, 0.9, 0.8), (0.1, 0.2, 1.0)])[0] == 0.5


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("matti", "mati", True), ("matti", "mattti", True), ("matti", "natti", True), ("matti", "amtti", True),
     ("matti", "matti", True), ("matti", "maija", False), ("mari", "mia", False), ("ari", "aro", False)],
)  # fmt: skip
def test_one_slip_of_the_finger(one: str, other: str, expected: bool) -> None:
    assert one_slip(one, other) is expected
    assert one_slip(other, one) is expected


def test_rules_fold_and_take_halves() -> None:
    assert tokens("KAISA-Liisä") == ("kaisa", "liisa")
    assert agree(tokens("Kaisa-Liisa"), tokens("Kaisa"))
    assert not agree(tokens("Kaisa"), tokens("Matti"))
    assert not agree((), ())
