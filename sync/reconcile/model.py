"""The match model: weights, thresholds and how often names occur, as plain data in one JSON file.

The shipped one is made by `python -m benchmarks.match_model`; `rekisteri match train` makes one of a registry's own
data. Its numbers could be given to any engine that adds up weights (Splink, for one).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.errors import ConfigError
from sync.reconcile.names import First, Last

AGREEMENTS = ("missing", "same", "shared", "different", "close")
COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "first": tuple(level.name.lower() for level in First),
    "last": tuple(level.name.lower() for level in Last),
    "email": AGREEMENTS,
    "phone": AGREEMENTS,
    "address": AGREEMENTS,
}
"""Comparisons and their levels, in the order of their numbers."""


@dataclass(frozen=True)
class Model:
    """A match model. Weights in bits, by comparison and level; a missing level weighs nothing.

    `document`: the JSON object as read. `join`, `review`: scores from which on a pair joins, or waits for a person.
    """

    document: Mapping[str, Any] = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """Changes when anything that decides does: not with the notes about how it was made."""
        deciding = {key: self.document[key] for key in ("weights", "thresholds", "names")}
        return hashlib.sha256(json.dumps(deciding, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

    @property
    def version(self) -> str:
        """The name that the model bears."""
        return str(self.document["version"])

    @cached_property
    def first(self) -> NDArray[np.float64]:
        """Weights of first names by `names.First`."""
        return self._weights("first")

    @cached_property
    def last(self) -> NDArray[np.float64]:
        """Weights of last names by `names.Last`."""
        return self._weights("last")

    @cached_property
    def email(self) -> NDArray[np.float64]:
        """Weights of e-mails by `judge.Agreement`."""
        return self._weights("email")

    @cached_property
    def phone(self) -> NDArray[np.float64]:
        """Weights of phones by `judge.Agreement`."""
        return self._weights("phone")

    @cached_property
    def address(self) -> NDArray[np.float64]:
        """Weights of addresses by `judge.Agreement`."""
        return self._weights("address")

    @cached_property
    def join(self) -> float:
        """Score from which on two records are one person's."""
        return float(self.document["thresholds"]["join"])

    @cached_property
    def review(self) -> float:
        """Score from which on two records wait for a person."""
        return float(self.document["thresholds"]["review"])

    def rarity(self, part: str, words: tuple[str, ...]) -> float:
        """Bits by which an agreement of this name says more (or less) than that of a usual one.

        `part`: `first` or `last`. A name that is not listed counts as the rarest one that is.
        """
        table = self.document["names"][part]
        if not words:
            return 0.0
        share = table["shares"].get(" ".join(words)) or table["rarest"]
        return log2(table["usual"] / share)

    def _weights(self, comparison: str) -> NDArray[np.float64]:
        given = self.document["weights"][comparison]
        return np.array([float(given.get(level, 0.0)) for level in COMPARISONS[comparison]])


@cache
def shipped() -> Model:
    """The model that comes with the program. Read once: it is large, and each delivery is decided by it."""
    return Model(json.loads((files("sync.reconcile") / "model.json").read_text(encoding="utf-8")))


def load_model(path: Path | None) -> Model:
    """The model of a file, the shipped one for `None`. Raises `ConfigError` naming what is wrong."""
    if path is None:
        return shipped()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", "match.model") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path} is no JSON; make one with `rekisteri match train`", "match.model") from None
    return checked(document, str(path))


def checked(document: Any, name: str) -> Model:
    """A model from a JSON object. Raises `ConfigError` where it is none."""
    try:
        model = Model(document)
        weights = [model.first, model.last, model.email, model.phone, model.address]
        levels = {(name, level) for name, given in document["weights"].items() for level in given}
        if not levels <= {(name, level) for name, known in COMPARISONS.items() for level in known}:
            raise ValueError("a level")  # noqa: TRY301 (told below, with whatever else is wrong)
        numbers = [model.join, model.review, *(float(value) for array in weights for value in array)]
        for part in ("first", "last"):
            table = document["names"][part]
            shares = [float(table["usual"]), float(table["rarest"]), *map(float, table["shares"].values())]
            numbers += shares
            if not 0 < min(shares) <= max(shares) <= 1:
                raise ValueError(part)  # noqa: TRY301 (told below, with whatever else is wrong)
        str(document["version"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ConfigError(f"{name} is no match model; make one with `rekisteri match train`", "match.model") from None
    if not all(np.isfinite(numbers)) or model.join < model.review:
        raise ConfigError(f"{name}: a number is not finite, or join lies below review", "match.model")
    return model
