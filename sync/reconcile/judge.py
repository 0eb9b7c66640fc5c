"""The verdict on pairs of records: an explainable score and named conflicts that cap it. Arrays in, arrays out.

Every comparison of a pair has a level, every level a weight of the match model (log2 of how much likelier it is among
records of one person than among those of two, after Fellegi and Sunter, 1969). The score is their sum. What it may
lead to is capped by conflicts that no sum outweighs:

1. Contacts that more records have than `store` counts as a family's say nothing: they are missing here.
2. First names that clearly differ: apart, on whatever contact; without one, nothing.
3. No contact and no address in common: review at most, and only where the whole name agrees. Two records of one source
   whose phones and e-mails all differ: nothing.
4. A first name that could be the same person's, on a single contact: review at most. Not so on an e-mail address that
   nobody with a clearly different first name has, where last names agree as well: a mailbox is a person's, a phone or
   an address a household's. But an initial or a short form is too little, and two names that are much alike (Anna,
   Anne) may be sisters. No first name: review at most, always.
5. An address alone: a join only where the whole name agrees.
6. Else the thresholds of the model: join, review, or apart.

The same function scores one pair and a million, bit by bit alike, since it works pair by pair.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sync.reconcile.model import Model
from sync.reconcile.names import FIRST_WORDS, LAST_WORDS, First, Last

Ints = NDArray[np.int8]


class Agreement(IntEnum):
    """How two contacts of a kind, or two addresses, stand. `SHARED`: the same one, which somebody with a clearly
    different first name has too; `CLOSE` (addresses alone): written differently."""

    MISSING = 0
    SAME = 1
    SHARED = 2
    DIFFERENT = 3
    CLOSE = 4


class Outcome(StrEnum):
    """What two records are to each other."""

    JOIN = "join"
    REVIEW = "review"
    APART = "apart"


NOTHING, APART, REVIEW, JOIN = range(4)
OUTCOMES = {APART: Outcome.APART, REVIEW: Outcome.REVIEW, JOIN: Outcome.JOIN}
KINDS = ("email", "phone", "address")


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of n pairs, each an array of n numbers.

    `first`, `last`: `names.First`, `names.Last`. `email`, `phone`, `address`: `Agreement`. `own`: 1 where both records
    are of one source. `rare_first`, `rare_last`: extra weight of an agreeing name for its rarity (`Model.rarity`).
    """

    first: Ints
    last: Ints
    email: Ints
    phone: Ints
    address: Ints
    own: Ints
    rare_first: NDArray[np.float64]
    rare_last: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its reasons in words. `method`: what speaks for it (`email`, `phone`, `address`, `name`), joined
    by `+`."""

    outcome: Outcome
    score: float
    method: str
    reasons: tuple[str, ...]


def judge(levels: Levels, model: Model) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Outcomes (`NOTHING` to `JOIN`) and scores of n pairs (see the module's text). Scores have two decimals."""
    first, last = levels.first, levels.last
    score = (
        model.first[first]
        + model.last[last]
        + model.email[levels.email]
        + model.phone[levels.phone]
        + model.address[levels.address]
        + np.where(first == First.SAME, levels.rare_first, 0.0)
        + np.where(last == Last.SAME, levels.rare_last, 0.0)
    )
    score = np.round(score, 2)
    contacts = _agrees(levels.email).astype(np.int8) + _agrees(levels.phone)
    nearby = _agrees(levels.address) | (levels.address == Agreement.CLOSE)
    whole = (first == First.SAME) & (last == Last.SAME)
    close = (first >= First.SWAPPED) & (first <= First.NEAR)

    most = np.full(len(score), JOIN, np.int8)
    nothing_shared = (contacts == 0) & ~nearby
    most[nothing_shared] = REVIEW
    # Letters of a name that is written all in another way are too little to find a person by.
    most[nothing_shared & ~(whole | ((first == First.SWAPPED) & (last == Last.SAME)))] = NOTHING
    differing = (levels.email == Agreement.DIFFERENT) & (levels.phone == Agreement.DIFFERENT)
    most[nothing_shared & (levels.own == 1) & differing] = NOTHING
    agreeing = (last >= Last.SAME) & (last <= Last.TYPO)
    said = (first == First.SWAPPED) | (first == First.HALF) | (first == First.TYPO) | (first == First.PREFIX)
    mailbox = (levels.email == Agreement.SAME) & agreeing & said
    doubtful = (close & (contacts + nearby < 2) & ~mailbox) | (first == First.MISSING)
    doubtful |= (contacts == 0) & nearby & ~whole
    most[doubtful & (most > REVIEW)] = REVIEW
    different = first == First.DIFFERENT
    most[different & ~nothing_shared] = APART
    most[different & nothing_shared] = NOTHING

    reached = np.where(score >= model.join, JOIN, np.where(score >= model.review, REVIEW, APART)).astype(np.int8)
    reached[nothing_shared & (reached == APART)] = NOTHING
    # A contact in common and a name that may be one person's is at least worth a look, whatever the sum.
    reached[(contacts > 0) & ~different & (reached < REVIEW)] = REVIEW
    reached[(reached == APART) & ~different] = NOTHING
    return np.minimum(reached, most), score


def _agrees(level: Ints) -> Any:
    return (level == Agreement.SAME) | (level == Agreement.SHARED)


_SAME_WORDS = {"email": "same e-mail", "phone": "same phone", "address": "same address"}
_SHARED_WORDS = {
    "email": "same e-mail, which others have too",
    "phone": "same phone, which others have too",
    "address": "same address, where others live too",
}
_DIFFERENT_WORDS = {"email": "e-mails differ", "phone": "phones differ", "address": "addresses differ"}


def explain(levels: Levels, at: int, outcome: int, score: float) -> Verdict:
    """One of the pairs that `judge` judged, in words."""
    reasons, methods = [], []
    for kind in KINDS:
        level = int(getattr(levels, kind)[at])
        if level in (Agreement.SAME, Agreement.SHARED):
            methods.append(kind)
            reasons.append((_SAME_WORDS if level == Agreement.SAME else _SHARED_WORDS)[kind])
        elif level == Agreement.CLOSE:
            methods.append(kind)
            reasons.append("addresses nearly agree")
    first, last = First(int(levels.first[at])), Last(int(levels.last[at]))
    reasons.append(FIRST_WORDS[first])
    if first is not First.SWAPPED and last in LAST_WORDS:
        reasons.append(LAST_WORDS[last])
    if not methods:
        methods.append("name")
        reasons.append("nothing else in common")
    reasons += [
        _DIFFERENT_WORDS[kind] for kind in ("email", "phone") if getattr(levels, kind)[at] == Agreement.DIFFERENT
    ]
    decided = OUTCOMES[outcome]
    if decided is Outcome.APART:
        reasons.append("perhaps a family")
    return Verdict(decided, score, "+".join(methods), tuple(reasons))
