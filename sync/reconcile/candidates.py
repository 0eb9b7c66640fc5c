"""Which pairs are compared: those in one block, that is with one contact, one address or one rare whole name. Pure.

A block of more than its limit says nothing: such a contact is a business's own, such a name is no rare one. So the work
never grows with the square of a block, and what is left out depends on the records alone, never on their order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sync.reconcile.features import NONE, Pairs, People

COMMON = 50
"""More records than this with one contact or address are no family."""
NAMESAKES = 4
"""More records than this with one whole name, and it is no rare one."""

Limits = Mapping[str, int]
LIMITS: Limits = {"email": COMMON, "phone": COMMON, "address": COMMON, "fullname": NAMESAKES}


def without_common(values: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """The values with `NONE` for those that more than `limit` records have."""
    known = values[values != NONE]
    if not len(known):
        return values
    common = np.bincount(known) > limit
    return np.where((values != NONE) & common[np.maximum(values, 0)], NONE, values)


def block_pairs(values: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """All pairs of places with one value, each as one number (smaller place << 32 | larger place), unsorted.

    1. Sort the places by value; equal values are runs.
    2. Runs of one length are paired at once, by the same pattern of places within a run.
    """
    order = np.argsort(values, kind="stable")
    order = order[np.searchsorted(values[order], NONE, side="right") :]
    if not len(order):
        return np.empty(0, np.int64)
    starts = np.flatnonzero(np.diff(values[order], prepend=NONE))
    lengths = np.diff(starts, append=len(order))
    found = []
    for length in np.unique(lengths).tolist():
        if not 2 <= length <= limit:
            continue
        members = order[starts[lengths == length][:, None] + np.arange(length)]
        one, other = np.triu_indices(length, 1)
        found.append(((members[:, one] << 32) | members[:, other]).ravel())
    return np.concatenate(found) if found else np.empty(0, np.int64)


def candidates(blocks: Iterable[tuple[NDArray[np.int64], int]]) -> Pairs:
    """The pairs of all these blocks (values and limit of each kind), each once, in order."""
    codes = np.unique(np.concatenate([block_pairs(values, limit) for values, limit in blocks]))
    return codes >> 32, codes & 0xFFFFFFFF


def usable(people: People, limits: Limits) -> People:
    """The records without the contacts and addresses that too many have."""
    return replace(
        people,
        emails=without_common(people.emails, limits["email"]),
        phones=without_common(people.phones, limits["phone"]),
        addresses=without_common(people.addresses, limits["address"]),
    )


def pairs_of(people: People, full_names: NDArray[np.int64], limits: Limits) -> Pairs:
    """The candidate pairs of `usable` records; `full_names`: numbers of their whole names."""
    return candidates(
        [
            (people.emails, limits["email"]),
            (people.phones, limits["phone"]),
            (people.addresses, limits["address"]),
            (full_names, limits["fullname"]),
        ]
    )
