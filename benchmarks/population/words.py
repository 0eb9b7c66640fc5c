"""Names, streets and towns by their frequencies. Pure but for reading `names.toml` of this package once."""

import tomllib
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import accumulate, product
from random import Random
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_DATA: Mapping[str, Any] = tomllib.loads((files("benchmarks.population") / "names.toml").read_text(encoding="utf-8"))
_FRONT_VOWELS = frozenset("äöyÄÖY")
_BACK_VOWELS = frozenset("aouAOU")

TAIL_SHARE = 0.60
"""Share of Finnish-speaking people whose last name is none of the frequent ones."""
TAIL_SHIFT, TAIL_POWER = 200, 0.7
"""The composed name of rank r has a weight of (r + shift) ** -power."""
FRONTED = 400
"""How many composed names also come with Ala-, Yli- and the like."""


class Choice(Generic[T]):
    """Things drawn by weight; `take` turns a number from 0 (included) to 1 (not) into one of them."""

    __slots__ = ("_last", "_sums", "_things", "_total")

    def __init__(self, weighted: Iterable[tuple[T, float]]) -> None:
        things, weights = zip(*weighted, strict=True)
        self._things: tuple[T, ...] = things
        self._sums = list(accumulate(weights))
        self._total, self._last = self._sums[-1], len(things) - 1

    def take(self, number: float) -> T:
        """The thing at this number."""
        return self._things[min(bisect(self._sums, number * self._total), self._last)]


def weighted(text: str) -> list[tuple[str, float]]:
    """`Aino 6 von_Bell 1` → `[("Aino", 6.0), ("von Bell", 1.0)]`."""
    words = text.split()
    return [(word.replace("_", " "), float(weight)) for word, weight in zip(words[::2], words[1::2], strict=True)]


def _harmonious(start: str, end: str) -> str:
    """The name of two parts; `la` becomes `lä` after front vowels."""
    front = bool(_FRONT_VOWELS & set(start)) and not _BACK_VOWELS & set(start)
    return start + ("lä" if front and end == "la" else end)


def _stems() -> Iterator[str]:
    """Stems such as old family names have: Tirkko-, Väntä-."""
    parts = _DATA["last"]["stems"]
    for head, vowel, middle in product(parts["heads"].split(), parts["vowels"].split(), parts["middles"].split()):
        yield from (
            f"{head}{vowel}{middle}{end}" for end in parts["front" if vowel[0] in _FRONT_VOWELS else "back"].split()
        )


def _tail() -> list[tuple[str, float]]:
    """Composed last names, in an order of frequency that is the same everywhere.

    1. Put every start before every end and every stem before -nen and -la, unless that is a frequent name already; the
       weight is that of the end.
    2. Order by chance, ends with much weight first more often: by random() ** (1 / weight), falling.
    3. Some of them also come with a front (Ala-Heikkilä).
    4. Weigh by rank.
    """
    frequent = {name for name, _ in weighted(_DATA["last"]["finnish"])}
    rng = Random("last names")
    starts, ends = _DATA["last"]["starts"].split(), weighted(_DATA["last"]["ends"])
    composed = {
        _harmonious(start, end): weight for start, (end, weight) in product(starts, ends) if start.lower() != end
    }
    composed |= {_harmonious(stem, end): weight for stem in _stems() for end, weight in (("nen", 1.5), ("la", 0.4))}
    ranked = sorted(((rng.random() ** (1 / weight), name) for name, weight in composed.items()), reverse=True)
    names = [name for _, name in ranked if name not in frequent]
    fronts = Choice(weighted(_DATA["last"]["fronts"]))
    at = range(200, len(names), max(1, (len(names) - 200) // FRONTED))
    names += [f"{fronts.take(rng.random())}-{names[rank]}" for rank in at]
    return [(name, (rank + TAIL_SHIFT) ** -TAIL_POWER) for rank, name in enumerate(dict.fromkeys(names))]


def _finnish_last() -> Choice[str]:
    frequent, tail = weighted(_DATA["last"]["finnish"]), _tail()
    share = sum(weight for _, weight in frequent) * TAIL_SHARE / (1 - TAIL_SHARE) / sum(weight for _, weight in tail)
    return Choice([*frequent, *((name, weight * share) for name, weight in tail)])


def _foreign_last(language: str) -> Choice[str]:
    """Frequent names of a language, and composed ones with the weight of their end."""
    parts = _DATA["last"]["composed"][language]
    frequent, ends = weighted(_DATA["last"][language]), weighted(parts["ends"])
    composed = {f"{start}{end}": weight for start, (end, weight) in product(parts["starts"].split(), ends)}
    for name, _ in frequent:
        composed.pop(name, None)
    share = sum(weight for _, weight in frequent) * parts["share"] / (1 - parts["share"]) / sum(composed.values())
    return Choice([*frequent, *((name, weight * share) for name, weight in composed.items())])


def _decades(sex: str) -> Mapping[int, Choice[str]]:
    return {int(decade): Choice(weighted(names)) for decade, names in _DATA["first"][sex].items()}


SEXES = ("women", "men")
FIRST: Mapping[str, Mapping[int, Choice[str]]] = {sex: _decades(sex) for sex in SEXES}
"""First names by sex and decade of birth."""
FIRST_ANY: Mapping[str, Choice[str]] = {sex: Choice(weighted(_DATA["first"]["any"][sex])) for sex in SEXES}
FIRST_SWEDISH: Mapping[str, Choice[str]] = {sex: Choice(weighted(_DATA["first"]["swedish"][sex])) for sex in SEXES}
LAST = _finnish_last()
LAST_SWEDISH = _foreign_last("swedish")
LAST_OTHER = _foreign_last("other")
LAST_PARTICLED = Choice(weighted(_DATA["last"]["particled"]))
SHORT: Mapping[str, tuple[str, ...]] = {name: tuple(forms.split()) for name, forms in _DATA["short"].items()}
"""Short forms and pet names of a first name."""
STREETS = tuple(street.replace("_", " ") for street in _DATA["places"]["streets"].split())
KINDS = Choice(weighted(_DATA["places"]["kinds"]))


def _towns() -> Choice[tuple[str, str]]:
    words = _DATA["places"]["towns"].split()
    triples = zip(words[::3], words[1::3], words[2::3], strict=True)
    return Choice([((town, code), float(weight)) for town, code, weight in triples])


TOWNS = _towns()
"""Town and the first three digits of its postal codes."""
