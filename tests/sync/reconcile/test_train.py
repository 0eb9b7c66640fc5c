"""Weights from pairs alone: from made-up pairs of which it is known how likely each level is."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from sync.reconcile.judge import Agreement, Levels
from sync.reconcile.model import COMPARISONS
from sync.reconcile.names import First, Last
from sync.reconcile.train import Trained, train
from tests.sync.reconcile.judging import levels

RECORDS = 20_000
PAIRS = 30_000
ONE = 0.6  # share of one person's pairs among those that share a contact
# How likely each level is among pairs of one person, and of two who share a contact (a family).
M: Mapping[str, Sequence[float]] = {
    "first": (0.02, 0.86, 0.01, 0.02, 0.02, 0.03, 0.01, 0.01, 0.005, 0.015),
    "last": (0.02, 0.86, 0.02, 0.04, 0.06),
    "address": (0.5, 0.3, 0.1, 0.05, 0.05),
}
FAMILY: Mapping[str, Sequence[float]] = {
    "first": (0.02, 0.01, 0.005, 0.005, 0.01, 0.005, 0.005, 0.01, 0.02, 0.91),
    "last": (0.02, 0.7, 0.02, 0.02, 0.24),
    "address": (0.5, 0.2, 0.2, 0.07, 0.03),
}
STRANGERS: Mapping[str, Sequence[float]] = {
    "first": (0.02, 0.004, 0.0001, 0.002, 0.002, 0.003, 0.001, 0.01, 0.002, 0.9559),
    "last": (0.02, 0.001, 0.002, 0.003, 0.974),
}
CONTACTS: Mapping[str, Sequence[float]] = {"email": (0.3, 0.45, 0.0, 0.25, 0.0), "phone": (0.2, 0.6, 0.1, 0.1, 0.0)}
FAMILY_CONTACTS: Mapping[str, Sequence[float]] = {
    "email": (0.3, 0.0, 0.1, 0.6, 0.0),
    "phone": (0.1, 0.0, 0.9, 0.0, 0.0),
}


def drawn(
    source: np.random.Generator, count: int, shares: Mapping[str, Sequence[float]]
) -> dict[str, NDArray[np.int8]]:
    return {
        name: source.choice(len(levels_), count, p=np.array(levels_) / sum(levels_)).astype(np.int8)
        for name, levels_ in shares.items()
    }


def made(seed: int = 7) -> tuple[Levels, Levels, NDArray[np.bool_]]:
    """Candidate pairs, pairs drawn at random, and which of the candidates are one person's."""
    source = np.random.default_rng(seed)
    ones = int(PAIRS * ONE)
    one = drawn(source, ones, {**M, **CONTACTS})
    two = drawn(source, PAIRS - ones, {**FAMILY, **FAMILY_CONTACTS})
    both = {name: np.concatenate((one[name], two[name])) for name in one}
    truth = np.arange(PAIRS) < ones
    # A pair comes to be compared only by a contact or a whole name.
    whole = (both["first"] == First.SAME) & (both["last"] == Last.SAME)
    kept = np.isin(both["email"], (1, 2)) | np.isin(both["phone"], (1, 2)) | whole
    chosen = {name: values[kept] for name, values in both.items()}
    strangers = drawn(source, 200_000, STRANGERS)
    return levels(int(kept.sum()), **chosen), levels(200_000, **strangers), truth[kept]


@pytest.fixture(scope="module")
def trained() -> Trained:
    candidates, random, _ = made()
    return train(candidates, random, RECORDS)


def test_every_level_that_says_something_gets_a_weight(trained: Trained) -> None:
    assert {comparison: ("missing", *found) for comparison, found in trained.weights.items()} == COMPARISONS
    assert all(np.isfinite(weight) for found in trained.weights.values() for weight in found.values())


@pytest.mark.parametrize("comparison", ["first", "last"])
def test_weights_of_names_are_those_that_the_pairs_were_made_with(trained: Trained, comparison: str) -> None:
    m, u = (np.array(shares[comparison][1:]) for shares in (M, STRANGERS))
    expected = np.log2(m / m.sum() / (u / u.sum()))
    found = list(trained.weights[comparison].values())
    often = np.array(M[comparison][1:]) > 0.015
    assert found == pytest.approx(expected.tolist(), abs=1.5)
    assert np.array(found)[often] == pytest.approx(expected[often], abs=0.6)


def test_weights_stand_in_the_right_order(trained: Trained) -> None:
    first, last = trained.weights["first"], trained.weights["last"]
    assert first["same"] > first["typo"] > first["short"] > 0 > first["different"]
    assert last["same"] > last["typo"] > 0 > last["different"]
    for kind in ("email", "phone"):
        assert trained.weights[kind]["same"] > 0 > trained.weights[kind]["different"]
        assert trained.weights[kind]["same"] > trained.weights[kind]["shared"]


def test_a_contact_says_the_less_the_more_of_two_peoples_pairs_share_it(trained: Trained) -> None:
    assert trained.weights["phone"]["same"] > 16, "no two people were seen to share one"
    candidates, _, truth = made()
    two = ((candidates.phone == Agreement.SHARED) & ~truth).sum() / (RECORDS * (RECORDS - 1) / 2)
    one = 0.1 / 0.8  # of the pairs of one person, where something is known
    assert trained.weights["phone"]["shared"] == pytest.approx(np.log2(one / two), abs=1)


def test_it_is_known_how_many_pairs_are_one_persons(trained: Trained) -> None:
    candidates, _, truth = made()
    contact = np.isin(candidates.email, (1, 2)) | np.isin(candidates.phone, (1, 2))
    assert trained.pairs[0] == contact.sum()
    assert trained.shares[0] == pytest.approx(truth[contact].mean(), abs=0.03)


def test_the_order_of_pairs_does_not_matter(trained: Trained) -> None:
    candidates, random, _ = made()
    order = np.random.default_rng(3).permutation(len(candidates.first))
    turned = Levels(**{name: getattr(candidates, name)[order] for name in Levels.__slots__})
    again = train(turned, random, RECORDS)
    assert (again.weights, again.pairs) == (trained.weights, trained.pairs)
    assert again.shares == pytest.approx(trained.shares)


def test_decisions_stand_for_the_guess() -> None:
    candidates, random, _ = made()
    shared = np.isin(candidates.email, (1, 2)) | np.isin(candidates.phone, (1, 2))
    short = np.flatnonzero((candidates.first == First.SHORT) & shared).tolist()
    yes, no = (train(candidates, random, RECORDS, dict.fromkeys(short, word)) for word in (True, False))
    assert yes.weights["first"]["short"] > no.weights["first"]["short"] + 3
    assert yes.shares[0] > no.shares[0]


def test_a_decision_about_a_family_contact_tells_how_much_it_says() -> None:
    candidates, random, _ = made()
    whole = (candidates.first == First.SAME) & (candidates.last == Last.SAME)
    shared = np.flatnonzero(whole & (candidates.phone == Agreement.SHARED)).tolist()
    yes, no = (train(candidates, random, RECORDS, dict.fromkeys(shared, word)) for word in (True, False))
    assert yes.weights["phone"]["shared"] > no.weights["phone"]["shared"]


def test_a_registry_without_pairs_is_no_error() -> None:
    empty = levels(0)
    found = train(empty, empty, 3)
    assert (found.pairs, found.shares) == ((0, 0), (0.0, 0.0))
    assert all(np.isfinite(weight) for weights in found.weights.values() for weight in weights.values())
