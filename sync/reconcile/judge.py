"""The verdict on two records that share a contact, first version: rules over contacts and first names.

Same contact and the same first name joins. The same contact with a first name that could be the same person's waits
for a person. A clearly different first name stays apart: it is a family on one phone. A name alone never joins.
The score is a plain sum of weights, so that it can be said in words; it orders edges and never decides by itself.
"""

from dataclasses import dataclass
from enum import StrEnum

from sync.reconcile.keys import EMAIL, PHONE
from sync.reconcile.names import FirstNames, Name, compare_first_names

WEIGHTS = {EMAIL: 9.0, PHONE: 7.0}
FIRST_NAME = {FirstNames.SAME: 3.5, FirstNames.CLOSE: 0.5, FirstNames.MISSING: 0.0, FirstNames.DIFFERENT: -8.0}
LAST_NAME_SAME = 3.0
LAST_NAME_DIFFERS = -1.0

WORDS = {EMAIL: "same e-mail", PHONE: "same phone"}


class Outcome(StrEnum):
    """What two records are to each other."""

    JOIN = "join"
    REVIEW = "review"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with its reasons in words. `method`: the contacts that speak for it, joined by `+`."""

    outcome: Outcome
    score: float
    method: str
    reasons: tuple[str, ...]


def judge(a: Name, b: Name, shared: frozenset[str]) -> Verdict:
    """Judge two records that share contacts of these kinds (at least one of `email`, `phone`). Symmetric."""
    first, why = compare_first_names(a, b)
    contacts = [kind for kind in (EMAIL, PHONE) if kind in shared]
    score = sum(WEIGHTS[kind] for kind in contacts) + FIRST_NAME[first]
    reasons = [*(WORDS[kind] for kind in contacts), why]
    if a.last and b.last and why != "first and last name are swapped":
        same = a.last == b.last
        score += LAST_NAME_SAME if same else LAST_NAME_DIFFERS
        reasons.append("last names agree" if same else "last names differ")
    outcome = {FirstNames.SAME: Outcome.JOIN, FirstNames.DIFFERENT: Outcome.APART}.get(first, Outcome.REVIEW)
    if outcome is Outcome.APART:
        reasons.append("perhaps a family")
    return Verdict(outcome, round(score, 2), "+".join(contacts), tuple(reasons))
