"""How often names occur among people, as the match model has it, and pairs drawn at random. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sync.reconcile.features import NONE, Codes, Pairs, People
from sync.reconcile.names import cut, read_name

LISTED = 3e-6
"""Share of people from which on a name is listed, in a model of very many people."""
BEARERS = 3
"""People whom a name must have to be listed: no model tells of a name that one person alone has."""
DRAWN = 2_000_000
"""Pairs drawn at random, whose names are two people's."""


def drawn(records: int, count: int) -> Pairs:
    """Pairs of different places drawn at random, the same ones each time."""
    source = np.random.default_rng(1)
    a, b = source.integers(0, records, (2, count))
    return a[a != b], b[a != b]


def frequencies(
    found: People, persons: NDArray[np.int64] | None = None, rarest: float = LISTED
) -> dict[str, dict[str, Any]]:
    """How often names occur: `shares` of the listed ones, the share of the rarest, and the usual share, which is that
    of a name that two people agree in by chance.

    `persons`: the number of each record's person, who counts once for a name on however many records; without it every
    record counts. `rarest`: the least share that is listed, and that of every name that is not.
    """
    parts = Codes(), Codes()
    numbers = np.full((2, len(found.name_texts)), NONE, np.int64)
    for at, text in enumerate(found.name_texts):
        name = cut(read_name(text))
        numbers[:, at] = parts[0](" ".join(name.first)), parts[1](" ".join(name.last))
    tables = [
        _table(_bearers(of_text[found.names], persons, len(codes.values)), codes.values, rarest)
        for of_text, codes in zip(numbers, parts, strict=True)
    ]
    return {"first": tables[0], "last": tables[1]}


def _bearers(names: NDArray[np.int64], persons: NDArray[np.int64] | None, size: int) -> NDArray[np.int64]:
    known = names != NONE
    names = names[known]
    if persons is not None:
        names = np.unique((persons[known] << 32) | names) & 0xFFFFFFFF
    return np.bincount(names, minlength=size)


def _table(counts: NDArray[np.int64], names: Sequence[str], rarest: float) -> dict[str, Any]:
    each = dict(zip(names, counts.tolist(), strict=True))
    total = sum(each.values())
    shares = {name: count / total for name, count in each.items() if count >= BEARERS and count / total >= rarest}
    usual = max(rarest, sum((count / total) ** 2 for count in each.values() if count))
    return {
        "usual": float(f"{usual:.4g}"),
        "rarest": rarest,
        "shares": {name: float(f"{share:.3g}") for name, share in sorted(shares.items())},
    }
