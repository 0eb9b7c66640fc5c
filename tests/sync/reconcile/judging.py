"""Pairs of made-up records, judged as the engine judges them."""

from collections.abc import Sequence
from functools import cache
from itertools import combinations

import numpy as np

from sync.reconcile.candidates import candidates
from sync.reconcile.features import Pairs, People, levels_of, people_of
from sync.reconcile.judge import NOTHING, Ints, Levels, Outcome, Verdict, explain, judge
from sync.reconcile.model import Model, shipped
from sync.reconcile.names import First, Last

Row = tuple[str, str | None, str | None, str | None, str]
EMAIL, PHONE, ADDRESS = "m@example.com", "+358400000101", "esimerkkikatu 1 00100"
ANY = 99  # as large as a block may be here


def row(
    name: str = "",
    *,
    email: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    source: str = "salon",
) -> Row:
    """A record. `name`: a line as of `Name.text`, with `/` for its bar."""
    return name.replace("/", "|"), address, email, phone, source


@cache
def model() -> Model:
    """The shipped model, read once."""
    return shipped()


def generous() -> Model:
    """A model whose every sum joins, so that only conflicts are left to cap a verdict."""
    return Model({**model().document, "thresholds": {"join": -1000, "review": -1000}})


def miserly() -> Model:
    """A model whose sums reach nothing."""
    return Model({**model().document, "thresholds": {"join": 1000, "review": 1000}})


def every_pair(count: int) -> Pairs:
    """All pairs of `count` places."""
    found = np.array(list(combinations(range(count), 2)), np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def levels_of_rows(rows: Sequence[Row]) -> Levels:
    """Levels of all pairs of records."""
    return levels_of(people_of(rows), every_pair(len(rows)), model())


def verdict(a: Row, b: Row, *others: Row) -> Verdict | None:
    """What two records are to each other by the shipped model, where there are also `others`. `None`: nothing."""
    levels = levels_of_rows((a, b, *others))
    outcomes, scores = judge(levels, model())
    outcome = int(outcomes[0])
    return None if outcome == NOTHING else explain(levels, 0, outcome, float(scores[0]))


def outcome(a: Row, b: Row, *others: Row) -> Outcome | None:
    """The outcome of their `verdict`."""
    found = verdict(a, b, *others)
    return found.outcome if found else None


def blocks(people: People) -> Pairs:
    """Pairs of records that share a contact, an address or a name line."""
    return candidates((values, ANY) for values in (people.emails, people.phones, people.addresses, people.names))


def levels(count: int = 1, **given: int | Ints) -> Levels:
    """Levels of `count` pairs: names that agree, nothing else known, but for what is `given`."""
    zeros = np.zeros(count)
    usual = dict.fromkeys(("email", "phone", "address", "own"), 0) | {"first": First.SAME, "last": Last.SAME}
    arrays = {name: np.broadcast_to(np.asarray(value, np.int8), count) for name, value in (usual | given).items()}
    return Levels(**arrays, rare_first=zeros, rare_last=zeros)
