"""What records are compared by, as arrays, and the levels of pairs of them. Pure.

A record's features are made once, when it lands: its folded name in one line and its address in one line; its contacts
are match keys. Here they become numbers, equal where the texts are equal, so that a million pairs are compared by a
handful of array operations; only pairs of names and addresses that differ are looked at one by one, each once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from sync.reconcile.judge import Agreement, Ints, Levels
from sync.reconcile.model import Model
from sync.reconcile.names import First, Name, compare, cut, read_name

NONE = -1
_NEARLY = 0.8
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class People:
    """n records. `names`, `addresses`, `emails`, `phones`, `sources`: for each record the number of its value, `NONE`
    where it has none (or one that says nothing). `name_texts`, `address_texts`: the values of those numbers."""

    names: NDArray[np.int64]
    addresses: NDArray[np.int64]
    emails: NDArray[np.int64]
    phones: NDArray[np.int64]
    sources: NDArray[np.int64]
    name_texts: Sequence[str]
    address_texts: Sequence[str]


class Codes:
    """Numbers for values, in the order in which they are first seen."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def __call__(self, value: Any) -> int:
        """The number of a value; `NONE` for `None` and the empty text."""
        return self._numbers.setdefault(value, len(self._numbers)) if value not in (None, "") else NONE

    @property
    def values(self) -> list[Any]:
        """The values by their numbers."""
        return list(self._numbers)


def compare_names(people: People, pairs: Pairs) -> tuple[Ints, Ints]:
    """Levels of first and last names of pairs, given as two arrays of places in `people`."""
    a, b = people.names[pairs[0]], people.names[pairs[1]]
    first = np.full(len(a), First.SAME, np.int8)
    last = np.full(len(a), 1, np.int8)
    codes, place = np.unique(_pair_codes(a, b), return_inverse=True)
    names = _Names(people.name_texts)
    levels = np.array([names.compare(int(code) >> 32, int(code) & 0xFFFFFFFF) for code in codes], np.int8)
    if len(codes):
        first, last = levels[place, 0], levels[place, 1]
    return first, last


class _Names:
    """Names by number, each read once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._read: dict[int, Name] = {}

    def __getitem__(self, number: int) -> Name:
        name = self._read.get(number)
        if name is None:
            name = self._read[number] = read_name(self._texts[number])
        return name

    def compare(self, a: int, b: int) -> tuple[int, int]:
        return compare(self[a], self[b])


def _pair_codes(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two numbers below 2**31 as one, the smaller one first: comparisons have no direction."""
    return (np.minimum(a, b) << 32) | np.maximum(a, b)


def _contacts(values: NDArray[np.int64], pairs: Pairs, shared: NDArray[np.bool_]) -> Ints:
    a, b = values[pairs[0]], values[pairs[1]]
    level = np.where(a == b, Agreement.SAME, Agreement.DIFFERENT).astype(np.int8)
    known = (a != NONE) & (b != NONE)
    level[~known] = Agreement.MISSING
    same = level == Agreement.SAME
    level[same & shared[np.maximum(a, 0)]] = Agreement.SHARED
    return level


def _addresses(people: People, pairs: Pairs, shared: NDArray[np.bool_]) -> Ints:
    level = _contacts(people.addresses, pairs, shared)
    at = np.flatnonzero(level == Agreement.DIFFERENT)
    if len(at):
        a, b = people.addresses[pairs[0][at]], people.addresses[pairs[1][at]]
        codes, place = np.unique(_pair_codes(a, b), return_inverse=True)
        texts = people.address_texts
        alike = cpdist(
            [texts[code >> 32] for code in codes.tolist()],
            [texts[code & 0xFFFFFFFF] for code in codes.tolist()],
            scorer=OSA.normalized_similarity,
            workers=1,
        )
        level[at[alike[place] >= _NEARLY]] = Agreement.CLOSE
    return level


def mixed(values: NDArray[np.int64], pairs: Pairs, first: Ints) -> NDArray[np.bool_]:
    """For each contact number whether people with clearly different first names have it."""
    a, b = values[pairs[0]], values[pairs[1]]
    found = np.zeros(int(values.max(initial=0)) + 1, np.bool_)
    found[a[(a == b) & (a != NONE) & (first == First.DIFFERENT)]] = True
    return found


def levels_of(people: People, pairs: Pairs, model: Model) -> Levels:
    """The levels of pairs. Of every contact that a pair shares, all pairs must be given: who else has it counts."""
    first, last = compare_names(people, pairs)
    shared = {
        kind: mixed(values, pairs, first)
        for kind, values in (("email", people.emails), ("phone", people.phones), ("address", people.addresses))
    }
    rarity = _rarity(people, pairs, model)
    return Levels(
        first=first,
        last=last,
        email=_contacts(people.emails, pairs, shared["email"]),
        phone=_contacts(people.phones, pairs, shared["phone"]),
        address=_addresses(people, pairs, shared["address"]),
        own=(people.sources[pairs[0]] == people.sources[pairs[1]]).astype(np.int8),
        rare_first=rarity[0],
        rare_last=rarity[1],
    )


def _rarity(people: People, pairs: Pairs, model: Model) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Extra weights of the first record's names. Only names that agree are asked for theirs, so either will do but for
    a joined one, which is cut by itself: the lower of the two weights counts."""
    used = np.unique(np.concatenate((people.names[pairs[0]], people.names[pairs[1]])))
    weights = np.zeros((2, len(people.name_texts)))
    for number in used.tolist():
        name = cut(read_name(people.name_texts[number]))
        weights[0, number] = model.rarity("first", name.first)
        weights[1, number] = model.rarity("last", name.last)
    both = [np.minimum(weights[row][people.names[pairs[0]]], weights[row][people.names[pairs[1]]]) for row in (0, 1)]
    return both[0], both[1]


def chosen(pairs: Pairs, at: NDArray[Any]) -> Pairs:
    """Some of the pairs."""
    return pairs[0][at], pairs[1][at]


def people_of(rows: Iterable[tuple[str, str | None, str | None, str | None, str]]) -> People:
    """Records given as name line, address line, e-mail, phone, source."""
    names, addresses, emails, phones, sources = (Codes() for _ in range(5))
    table = np.array(
        [
            (_name(names, name), addresses(address), emails(email), phones(phone), sources(source))
            for name, address, email, phone, source in rows
        ],
        np.int64,
    ).reshape(-1, 5)
    return People(table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4], names.values, addresses.values)


def _name(names: Codes, text: str) -> int:
    return names(text or "|")
