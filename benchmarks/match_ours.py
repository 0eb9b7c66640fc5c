"""This program's own matching with the model that ships with it, as a contestant of `benchmarks.match_bench`.

Nothing is tuned to the set. Features are made beforehand by a process of its own, as they are when a record lands, and
as the peers get their cleaned file. What is measured: finding candidates, comparing and judging them, making customers
of them, and picking the pairs for review. Two readings follow from the verdicts:

- Its own clusters are the customers that it makes by itself. Review has one pair for each two customers between whom
  something is open; a join that the check of a whole cluster refused waits there, too.
- The curve moves the model's threshold for joins over the scores. Conflicts, which cap a verdict whatever its score,
  and the check of whole clusters stay as they are: so the curve ends where more recall is a person's to give.

    python -m benchmarks.match_ours RECORDS.jsonl               prints JSON
    python -m benchmarks.match_ours RECORDS.jsonl --prepare FOLDER
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.match_model import people
from benchmarks.match_score import Point, best, document, score, score_review
from benchmarks.measuring import MAXRSS_PER_MIB
from benchmarks.population.__main__ import read_jsonl
from sync.reconcile.candidates import LIMITS, pairs_of
from sync.reconcile.features import NONE, Pairs, People, chosen, levels_of
from sync.reconcile.groups import group
from sync.reconcile.judge import JOIN, REVIEW, judge
from sync.reconcile.model import Model, shipped
from sync.reconcile.resolve import Face

NAME = "rekisteri"
STEP = 1.0
"""Bits between two thresholds of the curve."""
LOWEST = -999.0
"""A threshold that every score reaches."""
_NUMBERS = ("names", "addresses", "emails", "phones", "sources")
_TEXTS = ("name_texts", "address_texts")


@dataclass(frozen=True, slots=True)
class Landed:
    """n records with their features, `full` names by number, and, which the matching does not see, who they are."""

    people: People
    full: NDArray[np.int64]
    person: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matched:
    """Candidate pairs with their verdicts, the customer of every record, and pairs that wait for a person."""

    pairs: Pairs
    outcome: NDArray[np.int8]
    score: NDArray[np.float64]
    customers: NDArray[np.int64]
    review: Pairs


def prepare(source: Path, folder: Path) -> None:
    """Make the features of a file's records, and write them."""
    records = read_jsonl(source)
    found, full = people(records)
    person = np.array([record.person for record in records], np.int64)
    numbers = {name: getattr(found, name) for name in _NUMBERS}
    np.savez(folder / "numbers.npz", full=full, person=person, **numbers)
    texts = {name: getattr(found, name) for name in _TEXTS}
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")


def landed(folder: Path) -> Landed:
    """What `prepare` wrote."""
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    with np.load(folder / "numbers.npz") as stored:
        return Landed(People(**{name: stored[name] for name in _NUMBERS}, **texts), stored["full"], stored["person"])


def customers(
    found: People, pairs: Pairs, outcome: NDArray[np.int8], scores: NDArray[np.float64], least: float = LOWEST
) -> NDArray[np.int64]:
    """The customer of every record, by the joins of at least a score; each cluster is checked as a whole."""
    joins = np.flatnonzero((outcome == JOIN) & (scores >= least))

    def face(at: int) -> Face:
        contacts = (int(found.emails[at]), int(found.phones[at]))
        return found.name_texts[found.names[at]], *("" if contact == NONE else str(contact) for contact in contacts)

    return group(np.arange(len(found.names)), chosen(pairs, joins), scores[joins], (), face)


def waiting(pairs: Pairs, outcome: NDArray[np.int8], scores: NDArray[np.float64], of: NDArray[np.int64]) -> Pairs:
    """One pair for each two customers between whom a review or a refused join is open: the one that scores most."""
    at = np.flatnonzero((outcome >= REVIEW) & (of[pairs[0]] != of[pairs[1]]))
    at = at[np.argsort(-scores[at], kind="stable")]
    one, other = of[pairs[0][at]], of[pairs[1][at]]
    _, first = np.unique((np.minimum(one, other) << 32) | np.maximum(one, other), return_index=True)
    return chosen(pairs, at[first])


def match(records: Landed, model: Model) -> Matched:
    """The whole of it: candidates, levels, verdicts, customers, review."""
    pairs = pairs_of(records.people, records.full, LIMITS)
    outcome, scores = judge(levels_of(records.people, pairs, model), model)
    found = customers(records.people, pairs, outcome, scores)
    return Matched(pairs, outcome, scores, found, waiting(pairs, outcome, scores, found))


def swept(records: Landed, pairs: Pairs, model: Model) -> list[Point]:
    """The curve, from high to low, at every threshold at which it moves, and at the model's own."""
    lowered = Model({**model.document, "thresholds": {"join": LOWEST, "review": LOWEST}})
    outcome, scores = judge(levels_of(records.people, pairs, lowered), lowered)
    truth = records.person.tolist()
    points = []
    steps = np.unique(scores[outcome == JOIN] // STEP) * STEP
    for threshold in np.union1d(steps, model.join)[::-1].tolist():
        found = score(truth, customers(records.people, pairs, outcome, scores, threshold).tolist())
        points.append((threshold, found.precision, found.recall))
    return points


def run(records_jsonl: Path) -> dict[str, Any]:
    """Match the records of a file (`benchmarks.population`) and say what came out, as `match_score.document` has it.

    Besides `curve`, `seconds`, `peak_mib`, `oracle` and `own_clusters` (precision, recall, f1 of what it joins by
    itself) the answer has `review`: the figures of `match_score.Review`.
    """
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "benchmarks.match_ours", str(records_jsonl.resolve()), "--prepare", name]
        subprocess.run(command, cwd=Path(__file__).parents[1], check=True)
        records = landed(Path(name))
    model = shipped()
    begun = time.perf_counter()
    found = match(records, model)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MIB
    truth, labels = records.person.tolist(), found.customers.tolist()
    points = swept(records, found.pairs, model)
    review = score_review(truth, labels, zip(*(ends.tolist() for ends in found.review), strict=True))
    figures = {"seconds": seconds, "peak_mib": peak, "pairs": len(found.outcome), "review": review._asdict()}
    own = score(truth, labels).figures()
    return document(NAME, len(truth), points, **figures, oracle=list(best(points)), own_clusters=own)


def main() -> None:
    """Prepare, or run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("records", type=Path)
    parser.add_argument("--prepare", type=Path, help="write the features here, and do no more")
    options = parser.parse_args()
    if options.prepare:
        prepare(options.records, options.prepare)
    else:
        print(json.dumps(run(options.records)))


if __name__ == "__main__":
    main()
