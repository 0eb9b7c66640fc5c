"""A match model of the registry's own: weights, and how often names occur, learnt from every live record.

Nothing is changed. What is learnt is compared with the model in force, and becomes a file when the owner wants it.

1. Every record's features are read (no payload), common contacts taken away, candidate pairs made: as a run does.
2. Weights are estimated without labels (`sync.reconcile.train`). People's decisions in force on such pairs count as
   labels where there are enough of them to be no accident.
3. A level that hardly any pair has keeps the weight that it had; thresholds stay what they were.
4. Names are counted among customers, where the registry has enough of them; else the shipped frequencies count.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from config.errors import ConfigError
from store import matching
from store.matching import RulingRow
from sync.reconcile.candidates import Limits, pairs_of, usable
from sync.reconcile.cluster import SAME
from sync.reconcile.features import NONE, Codes, Pairs, People, chosen, compare_names, levels_of
from sync.reconcile.frequencies import BEARERS, DRAWN, LISTED, drawn, frequencies
from sync.reconcile.judge import JOIN, REVIEW, Levels, judge
from sync.reconcile.model import COMPARISONS, Model, shipped
from sync.reconcile.train import train
from sync.whole import read
from sync.wording import quantity

FEWEST_PAIRS = 200
"""Pairs with a contact in common below which nothing is learnt."""
ENOUGH_DECISIONS = 50
"""Decided pairs from which on they count as labels."""
OWN_NAMES = 5_000
"""Records from which on the registry's own names are counted."""
FEWEST_OF_LEVEL = 10
"""Candidate pairs that a level must have for a weight of its own."""
MADE_BY = "rekisteri match train"


class TooSmallError(Exception):
    """The registry has too few pairs to learn from. The text is for the owner."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is learnt from: all live records, whether or not they were reconciled yet.

    `people`: what they are compared by, common contacts taken away. `persons`: the number of each record's customer,
    a number of its own where it has none yet. `pairs`: candidate pairs; `contacts`: how many of them share an e-mail
    address or a phone; `told`: places of those of which people decided → whether they are one person's.
    """

    people: People
    persons: NDArray[np.int64]
    pairs: Pairs
    contacts: int
    told: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model that was learnt, beside the one in force.

    `records`, `pairs`: how many were compared. `found`, `used`: candidate pairs of which people decided, and how many
    of them counted. `own_names`: whether names were counted in the registry. `weights`: comparison → level → `old` and
    `new` bits. `outcomes`: under the `old` and the `new` model, how many pairs `join`, `review` and stay `apart`;
    people's decisions stand above either.
    """

    model: Model
    records: int
    pairs: int
    found: int
    used: int
    own_names: bool
    weights: Mapping[str, Mapping[str, Mapping[str, float]]]
    outcomes: Mapping[str, Mapping[str, int]]


def evidence(connection: Connection, limits: Limits) -> Evidence:
    """Read what there is to learn from. Call inside `store.engine.reading`."""
    found = read(connection)
    customers = {record: customer for record, customer, *_ in matching.every_link(connection)}
    numbers = Codes()
    persons = np.array([numbers(customers.get(record, record)) for record in found.ids.tolist()], np.int64)
    people = usable(found.people, limits)
    pairs = pairs_of(people, found.full, limits)
    told = labels(found.ids, pairs, matching.every_ruling(connection))
    return Evidence(people, persons, pairs, int(_share_contact(people, pairs).sum()), told)


def labels(ids: NDArray[np.int64], pairs: Pairs, rulings: Sequence[RulingRow]) -> dict[int, bool]:
    """Places of candidate pairs of which people decided → whether they are one person's. The latest decision counts."""
    told = {
        pair: ruling.verdict == SAME
        for ruling in sorted(rulings, key=lambda ruling: ruling.id)
        for pair in ruling.pairs
    }
    if not told or not len(pairs[0]):
        return {}
    wanted = np.array(list(told), np.int64).reshape(-1, 2)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    codes = (pairs[0] << 32) | pairs[1]
    asked = (places[:, 0] << 32) | places[:, 1]
    at = np.minimum(np.searchsorted(codes, asked), len(codes) - 1)
    there = (ids[places] == wanted).all(axis=1) & (codes[at] == asked)
    verdicts = list(told.values())
    return {int(at[row]): verdicts[row] for row in np.flatnonzero(there).tolist()}


def learn(from_: Evidence, old: Model, now: datetime) -> Learnt:
    """A model of the registry's own, compared with `old`. The same evidence makes the same model. Raises
    `TooSmallError`."""
    if from_.contacts < FEWEST_PAIRS:
        raise TooSmallError(
            f"too small a registry to learn from: {quantity(from_.contacts, 'pair')} of records with an e-mail address "
            f"or a phone in common, and {FEWEST_PAIRS} are needed; the model in force stays"
        )
    people, pairs, told = from_.people, from_.pairs, from_.told
    records = len(people.names)
    own_names = records >= OWN_NAMES
    used = told if len(told) >= ENOUGH_DECISIONS else {}
    levels = levels_of(people, pairs, old)
    trained = train(levels, _strangers(people), records, used)
    weights = _weights(levels, trained.weights, old)
    document = {
        "version": f"trained {now:%Y-%m-%d}",
        "made_by": MADE_BY,
        "trained_on": {"records": records, "pairs": len(pairs[0]), "labels": len(used)},
        "thresholds": dict(old.document["thresholds"]),
        "weights": {
            comparison: {level: both["new"] for level, both in found.items()} for comparison, found in weights.items()
        },
        "names": _names(from_) if own_names else shipped().document["names"],
    }
    model = Model(document)
    outcomes = {
        "old": _outcomes(levels, old),
        "new": _outcomes(levels_of(people, pairs, model), model),
    }
    return Learnt(model, records, len(pairs[0]), len(told), len(used), own_names, weights, outcomes)


def _share_contact(people: People, pairs: Pairs) -> NDArray[np.bool_]:
    shared = np.zeros(len(pairs[0]), np.bool_)
    for values in (people.emails, people.phones):
        a, b = values[pairs[0]], values[pairs[1]]
        shared |= (a == b) & (a != NONE)
    return shared


def _strangers(people: People) -> Levels:
    """Names of pairs drawn at random. In a small registry chance finds one person's pairs too: what shares a contact is
    left out."""
    pairs = drawn(len(people.names), DRAWN)
    pairs = chosen(pairs, ~_share_contact(people, pairs))
    first, last = compare_names(people, pairs)
    nothing, no_weight = np.zeros(len(first), np.int8), np.zeros(len(first))
    return Levels(first, last, nothing, nothing, nothing, nothing, no_weight, no_weight)


def _weights(
    levels: Levels, trained: Mapping[str, Mapping[str, float]], old: Model
) -> dict[str, dict[str, dict[str, float]]]:
    """Old and new weights. A level that hardly any pair has keeps its own."""
    both: dict[str, dict[str, dict[str, float]]] = {}
    for comparison, names in COMPARISONS.items():
        counts = np.bincount(getattr(levels, comparison), minlength=len(names)).tolist()
        former = getattr(old, comparison).tolist()
        both[comparison] = {
            level: {
                "old": former[at],
                "new": trained[comparison][level] if counts[at] >= FEWEST_OF_LEVEL else former[at],
            }
            for at, level in enumerate(names)
            if at and (level != "close" or comparison == "address")
        }
    return both


def _names(from_: Evidence) -> dict[str, dict[str, Any]]:
    customers = len(np.unique(from_.persons))
    rarest = max(LISTED, float(f"{BEARERS / customers:.3g}"))
    return frequencies(from_.people, from_.persons, rarest)


def _outcomes(levels: Levels, model: Model) -> dict[str, int]:
    outcome, _ = judge(levels, model)
    join, review = int((outcome == JOIN).sum()), int((outcome == REVIEW).sum())
    return {"join": join, "review": review, "apart": len(outcome) - join - review}


def require_new(path: Path) -> None:
    """Raise `ConfigError` where no new file can be made at this path."""
    if not path.parent.is_dir():
        raise ConfigError(f"the folder {path.parent} is not there; make it first", "--output")
    if path.exists() or path.is_symlink():
        raise ConfigError(f"{path} is there already and is never overwritten; name a new file", "--output")


def write_model(model: Model, path: Path) -> None:
    """Write a model to a new file, mode 0600. Raises `ConfigError`; what could not be written whole is taken away."""
    require_new(path)
    text = json.dumps(model.document, ensure_ascii=False, indent=1) + "\n"
    made = False
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            made = True
            file.write(text.encode())
    except OSError as error:
        if made:
            path.unlink(missing_ok=True)
        raise ConfigError(
            f"{path} cannot be written ({error.strerror}); name a new file in a folder that is there", "--output"
        ) from None
