"""Makes the match model that ships with the program, from made-up people of whom it is known who is who.

Weights come from `sync.reconcile.train`, which is told nothing; only the thresholds are set by truth: the lowest score
down to which, in every band of `BAND` bits, at most one pair in `WRONG` that joins is wrong, and the lowest from which
on at most `REVIEWED` of the records give rise to a pair for review. What other thresholds would cost is written beside
them.

    python -m benchmarks.match_model [--records 400000] [--seed 101] [--output sync/reconcile/model.json]
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import Record, population
from sync.reconcile.candidates import LIMITS, pairs_of, usable
from sync.reconcile.features import Codes, People, levels_of, people_of
from sync.reconcile.frequencies import DRAWN, drawn, frequencies
from sync.reconcile.judge import JOIN, REVIEW, judge
from sync.reconcile.keys import feature_row
from sync.reconcile.model import COMPARISONS, Model
from sync.reconcile.train import train

WRONG = 25
BAND = 3.0
REVIEWED = 0.022
VERSION = "1"
SCORES = np.arange(5, 55, 0.5)


def payload_of(record: Record) -> dict[str, Any]:
    """The record as a customer's payload."""
    street, _, rest = (record.address or "").partition(", ")
    return {
        "name": record.name,
        "first_name": record.first_name,
        "last_name": record.last_name,
        "email": record.email,
        "phone": record.phone,
        "street": street or None,
        "postal_code": rest.partition(" ")[0] or None,
    }


def people(records: Sequence[Record]) -> tuple[People, NDArray[np.int64]]:
    """The records as they are compared, contacts that are too common taken away, and the codes of their whole names."""
    rows, full = [], Codes()
    names = np.empty(len(records), np.int64)
    for at, record in enumerate(records):
        row = feature_row(payload_of(record))
        names[at] = full(row.full_name)
        rows.append((row.name, row.address, row.email, row.phone, record.source))
    return usable(people_of(rows), LIMITS), names


def thresholds(outcome: Any, score: Any, truth: Any, records: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Thresholds for join and review, and what others would cost: of joins [score, precision, wrong, right], of reviews
    [score, pairs a record, right]."""
    joinable = outcome == JOIN
    join, join_costs = 0.0, []
    for at in SCORES:
        taken = joinable & (score >= at)
        wrong, right = int((taken & ~truth).sum()), int((taken & truth).sum())
        join_costs.append([float(at), round(right / max(1, right + wrong), 5), wrong, right])
    join = float(SCORES[-1])
    for at in SCORES[::-1]:
        band = joinable & (score >= at) & (score < at + BAND)
        if (band & ~truth).sum() * WRONG > max(WRONG, (band & truth).sum()):
            break
        join = float(at)
    review_costs = []
    waiting = (outcome >= REVIEW) & ~(joinable & (score >= join))
    for at in SCORES:
        taken = waiting & (score >= at)
        review_costs.append([float(at), round(int(taken.sum()) / records, 5), int((taken & truth).sum())])
    review = next(at for at, share, _ in review_costs if share <= REVIEWED)
    return {"join": join, "review": min(review, join)}, {"join": join_costs, "review": review_costs}


def make(records: Sequence[Record], note: str) -> dict[str, Any]:
    """The model's document."""
    found, names = people(records)
    pairs = pairs_of(found, names, LIMITS)
    document: dict[str, Any] = {
        "version": VERSION,
        "made_by": note,
        "thresholds": {"join": 0.0, "review": 0.0},
        "weights": {comparison: {} for comparison in COMPARISONS},
        "names": frequencies(found),
    }
    blank = Model(document)
    levels = levels_of(found, pairs, blank)
    trained = train(levels, levels_of(found, drawn(len(records), DRAWN), blank), len(records))
    document["weights"] = trained.weights
    open_ended = document | {"thresholds": {"join": -999.0, "review": -999.0}}
    outcome, score = judge(levels, Model(open_ended))
    person = np.array([record.person for record in records])
    truth = person[pairs[0]] == person[pairs[1]]
    document["thresholds"], document["costs"] = thresholds(outcome, score, truth, len(records))
    return document


def main() -> None:
    """Make and write the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--output", type=Path, default=Path("sync/reconcile/model.json"))
    options = parser.parse_args()
    note = f"python -m benchmarks.match_model --records {options.records} --seed {options.seed}"
    document = make(list(population(options.records, options.seed)), note)
    options.output.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: document[key] for key in ("thresholds", "weights")}, indent=1))


if __name__ == "__main__":
    main()
