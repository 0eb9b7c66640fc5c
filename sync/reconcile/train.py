"""Weights without labels, from a registry's own pairs. Pure.

After Fellegi and Sunter (1969): the weight of a level is log2(m / u), how much likelier it is among pairs of one person
(m) than among pairs of two (u). What brings pairs together must not judge them, so there are two rounds of expectation
maximisation (Winkler, 1988), each over the patterns in which pairs agree:

1. Of pairs that share a contact, how first names, last names and addresses agree: m of the names.
2. Of pairs with one whole name, how contacts and addresses agree: m of the contacts.
3. u of names from pairs drawn at random, which are practically never one person's.
4. u of contacts from all pairs that share one and that round 1 held to be two people's, out of all pairs there are.
5. Where people decided about pairs, their word stands for the guess of either round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sync.reconcile.judge import Agreement, Levels
from sync.reconcile.model import COMPARISONS
from sync.reconcile.names import First, Last

ROUNDS = 200
_STILL = 1e-6
_SMOOTH = 0.5  # added to each count: a level never seen is rare, not impossible
_STRONGEST = 20.0  # bits that one comparison may say, however rare its level was
_CONTACTS = ("email", "phone", "address")
_AGREES = (Agreement.SAME, Agreement.SHARED)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights in bits by comparison and level. `shares`: of the pairs of either round, one person's; `pairs`: how many
    there were."""

    weights: Mapping[str, Mapping[str, float]]
    shares: tuple[float, float]
    pairs: tuple[int, int]


def train(levels: Levels, random: Levels, records: int, decided: Mapping[int, bool] | None = None) -> Trained:
    """Estimate weights.

    `levels`: of all candidate pairs of `records` records; `random`: of pairs drawn at random. `decided`: places of
    candidate pairs of which a person said whether they are one person's.
    """
    contact = np.isin(levels.email, _AGREES) | np.isin(levels.phone, _AGREES)
    whole = (levels.first == First.SAME) & (levels.last == Last.SAME)
    fixed = np.full(len(contact), np.nan)
    for at, same in (decided or {}).items():
        fixed[at] = same
    by_name = _maximise(levels, ("first", "last", "address"), contact, _could_be_one(levels), fixed)
    by_contact = _maximise(levels, _CONTACTS, whole, contact, fixed)
    m = dict(zip(("first", "last"), by_name[1], strict=False)) | dict(zip(_CONTACTS, by_contact[1], strict=True))
    two = np.nan_to_num(np.where(contact, 1 - by_name[0], 1 - by_contact[0]))
    every = records * (records - 1) / 2
    each = np.ones(len(random.first))
    u = {name: _shares(getattr(random, name), each, len(COMPARISONS[name])) for name in ("first", "last")}
    for kind in _CONTACTS:
        counts = np.bincount(getattr(levels, kind), two, len(COMPARISONS[kind])) + _SMOOTH
        u[kind] = np.asarray(counts / every, np.float64)
        u[kind][Agreement.DIFFERENT] = 1.0
    named = {
        comparison: {
            level: round(float(np.clip(np.log2(m[comparison][at] / u[comparison][at]), -_STRONGEST, _STRONGEST)), 2)
            for at, level in enumerate(names)
            if at
        }
        for comparison, names in COMPARISONS.items()
    }
    sizes = int(contact.sum()), int(whole.sum())
    shares = [
        float(np.nansum(guess[0]) / max(1, size)) for guess, size in zip((by_name, by_contact), sizes, strict=True)
    ]
    return Trained(named, (shares[0], shares[1]), sizes)


def _could_be_one(levels: Levels) -> NDArray[np.bool_]:
    return np.asarray((levels.first != First.DIFFERENT) & (levels.first != First.MISSING))


def _maximise(
    levels: Levels, names: Sequence[str], which: NDArray[np.bool_], start: NDArray[np.bool_], fixed: Floats
) -> tuple[Floats, list[Floats]]:
    """Expectation maximisation over the pairs of `which`, which begins with `start` as the guess. The guess for every
    pair (not a number outside of `which`), and m of each comparison by level."""
    at = np.flatnonzero(which)
    columns = np.stack([getattr(levels, name)[at] for name in names], axis=1)
    rows, inverse = np.unique(columns, axis=0, return_inverse=True)
    place = inverse.ravel()
    told = fixed[at]
    open_ = np.isnan(told)
    free = np.bincount(place[open_], minlength=len(rows)).astype(float)
    known = [np.bincount(place[told == verdict], minlength=len(rows)).astype(float) for verdict in (0, 1)]
    guess = np.bincount(place, start[at] * 0.9 + 0.05, len(rows)) / np.bincount(place, minlength=len(rows))
    sizes = [len(COMPARISONS[name]) for name in names]
    m: list[Floats] = []
    for _ in range(ROUNDS):
        one, two = free * guess + known[1], free * (1 - guess) + known[0]
        m = [_shares(rows[:, column], one, size) for column, size in enumerate(sizes)]
        u = [_shares(rows[:, column], two, size) for column, size in enumerate(sizes)]
        bits: Any = np.log2((one.sum() + _SMOOTH) / (two.sum() + _SMOOTH))
        for column in range(len(names)):
            weight = np.log2(m[column] / u[column])
            weight[0] = 0.0  # missing says nothing
            bits = bits + weight[rows[:, column]]
        former, guess = guess, 1 / (1 + np.exp2(-np.clip(bits, -60, 60)))
        if np.abs(guess - former).max(initial=0) < _STILL:
            break
    found = np.full(len(which), np.nan)
    found[at] = np.where(open_, guess[place], told)
    return found, m


def _shares(column: Any, counts: Floats, size: int) -> Floats:
    """Share of each level among pairs where something is known; that of level 0, missing, says nothing."""
    found = np.bincount(column, counts, size) + _SMOOTH
    return np.asarray(found / found[1:].sum())
