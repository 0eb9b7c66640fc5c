"""What became of customer ids, and why. Decides, does nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.matching import LinkRow
from sync.reconcile.cluster import DIFFERENT, SAME, Ruling
from sync.reconcile.judge import Outcome, Verdict

Pair = tuple[int, int]

BY_PERSON = {SAME: "a person decided that they are the same", DIFFERENT: "a person decided that they are different"}
NOTHING_LEFT = "nothing joins their records any more"


@dataclass(frozen=True, slots=True)
class Moves:
    """What became of customer ids.

    `retired`: ids that nobody bears any more. `successors`: retired id → the id that holds its earliest live record.
    `merged`: of those, the ones that went into another person. `split`: new id → the id that its records bore before.
    `created`: new people.
    """

    retired: set[str]
    successors: dict[str, str]
    merged: dict[str, str]
    split: dict[str, str]
    created: set[str]


def trace(before: Mapping[int, LinkRow], names: Mapping[int, str], newborn: set[str]) -> Moves:
    """Follow customer ids from the links before to the names now. An id that merely passes to the next record, because
    the earliest one vanished, is neither a merge nor a split."""
    borne = set(names.values())
    successors: dict[str, str] = {}
    former: dict[str, str] = {}
    for record in sorted(before.keys() & names.keys()):
        old, new = before[record].customer_id, names[record]
        former.setdefault(new, old)
        if old not in borne:
            successors.setdefault(old, new)
    renamed = {new: old for old, new in reversed(successors.items()) if new in newborn}
    return Moves(
        {link.customer_id for link in before.values()} - borne,
        successors,
        {old: new for old, new in successors.items() if renamed.get(new) != old},
        {new: former[new] for new in sorted(newborn & former.keys()) if new not in renamed},
        newborn - former.keys(),
    )


def led(
    before: Mapping[int, LinkRow], names: Mapping[int, str], births: Mapping[int, str], successors: Mapping[str, str]
) -> dict[str, str]:
    """Where the own ids of records lead that no customer bears, for whatever hangs on these records: of one that left,
    to the customer with whom it left; of one that did not go with the id of its customer, to where it is.

    `births`: the own id of each record. Of the others nothing need be known: `successors` tell.
    """
    found: dict[str, str] = {}
    for record, link in before.items():
        old, now = link.customer_id, names.get(record)
        if now is None or now != successors.get(old, old):
            found[births[record]] = now or old
    return {own: to for own, to in found.items() if own != to}


def why_merged(
    moves: Moves,
    before: Mapping[int, LinkRow],
    names: Mapping[int, str],
    verdicts: Mapping[Pair, Verdict],
    rulings: Sequence[Ruling],
) -> dict[str, Sequence[str]]:
    """Why ids of `moves.merged` went into another person: the strongest pair that joins a record of theirs to another
    person's, else the decision that does."""
    best: dict[str, Verdict] = {}
    for (a, b), verdict in verdicts.items():
        if verdict.outcome is Outcome.JOIN and names.get(a) is not None and names.get(a) == names.get(b):
            for old in _moved(moves.merged, before, a, b):
                if old not in best or verdict.score > best[old].score:
                    best[old] = verdict
    found: dict[str, Sequence[str]] = {old: verdict.reasons for old, verdict in best.items()}
    for ruling in rulings:
        for a, b in ruling.pairs if ruling.verdict == SAME else ():
            for old in _moved(moves.merged, before, a, b):
                found.setdefault(old, (BY_PERSON[SAME],))
    return found


def _moved(ids: Mapping[str, str], before: Mapping[int, LinkRow], a: int, b: int) -> list[str]:
    """Which of these ids one of the two records bore, and the other not."""
    one, other = (before[record].customer_id if record in before else "" for record in (a, b))
    return [] if one == other else [id_ for id_ in (one, other) if id_ in ids]


def why_split(
    moves: Moves, names: Mapping[int, str], pairs: Mapping[Pair, Verdict], rulings: Sequence[Ruling]
) -> dict[str, Sequence[str]]:
    """Why each id of `moves.split` came out of another person: a person's decision, else what still speaks of the pair,
    else that nothing joins them any more."""
    asked = {frozenset(item): item[0] for item in moves.split.items()}
    found: dict[str, Sequence[str]] = {}
    for ruling in rulings:
        for pair in ruling.pairs if ruling.verdict == DIFFERENT else ():
            new = asked.get(frozenset(names.get(record, "") for record in pair))
            if new is not None:
                found[new] = (BY_PERSON[DIFFERENT],)
    for pair, verdict in pairs.items():
        new = asked.get(frozenset(names.get(record, "") for record in pair))
        if new is not None:
            found.setdefault(new, verdict.reasons)
    return {new: found.get(new, (NOTHING_LEFT,)) for new in moves.split}
