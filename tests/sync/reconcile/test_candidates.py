"""Which pairs are compared, against the obvious way to find them."""

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sync.reconcile.candidates import block_pairs, candidates, without_common
from sync.reconcile.features import NONE

values = st.lists(st.integers(NONE, 6), max_size=30).map(lambda found: np.array(found, np.int64))
limits = st.integers(1, 8)


def obvious(found: NDArray[np.int64], limit: int) -> set[tuple[int, int]]:
    sizes = Counter(found.tolist())
    return {
        (a, b)
        for a, b in combinations(range(len(found)), 2)
        if found[a] == found[b] != NONE and sizes[int(found[a])] <= limit
    }


@given(values, limits)
def test_pairs_of_a_block_are_those_of_the_double_loop_each_once(found: NDArray[np.int64], limit: int) -> None:
    codes = block_pairs(found, limit).tolist()
    pairs = [(code >> 32, code & 0xFFFFFFFF) for code in codes]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == obvious(found, limit)


@given(st.lists(st.tuples(*[st.integers(NONE, 4)] * 3), max_size=20), st.tuples(limits, limits, limits))
def test_candidates_are_the_pairs_of_all_blocks_each_once_and_in_order(
    rows: list[tuple[int, int, int]], limit: tuple[int, int, int]
) -> None:
    kinds = list(zip(np.array(rows, np.int64).reshape(-1, 3).T, limit, strict=True))
    a, b = candidates(kinds)
    found = list(zip(a.tolist(), b.tolist(), strict=True))
    assert found == sorted(set().union(*(obvious(one, most) for one, most in kinds)))


@given(values, limits)
def test_a_value_that_too_many_have_is_nobodys(found: NDArray[np.int64], limit: int) -> None:
    sizes = Counter(found.tolist())
    expected = [value if sizes[value] <= limit else NONE for value in found.tolist()]
    assert without_common(found, limit).tolist() == expected


def test_a_block_of_a_business_makes_no_pairs_however_large() -> None:
    assert len(block_pairs(np.zeros(200_000, np.int64), 50)) == 0
    assert len(block_pairs(np.repeat(np.arange(2_000), 50), 50)) == 2_000 * 50 * 49 // 2
