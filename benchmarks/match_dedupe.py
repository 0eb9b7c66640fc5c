"""dedupe, taught the way its documentation has it: labelled pairs first, then answers to what it asks. For small sets.

Runs in the environment of the peers. Strings are compared by its affine gap distance, contacts exactly; what is missing
is told to it. The pairs of the labelled people, in small sets nearly all who have two records, begin the training, and
an oracle answers `ANSWERS` of its questions.

    python -m benchmarks.match_dedupe RECORDS.jsonl     prints JSON
"""

import csv
import io
import json
import logging
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import dedupe
import numpy as np
from dedupe import variables

from benchmarks.match_prepared import prepared
from benchmarks.match_score import best, curve, document, score
from benchmarks.measuring import MAXRSS_PER_MIB

ANSWERS = 40
SAMPLE = 1500
RECALL = 0.9
"""Of its blocking rules; with the default of 1 they compare everything with everything."""
CUT = 0.5
"""Its default threshold."""
THRESHOLDS = tuple(step / 100 for step in range(2, 101, 2))
FIELDS = ("first_name", "last_name", "phone", "email")


def load(file: Path) -> dict[int, dict[str, str | None]]:
    """Records by number, as dedupe takes them: what is missing is `None`."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            int(row["unique_id"]): {key: value or None for key, value in row.items()} for row in csv.DictReader(lines)
        }


def examples(data: dict[int, dict[str, str | None]]) -> io.StringIO:
    """All true pairs of the labelled people, and as many pairs of two different ones."""
    people = defaultdict(list)
    for record in data.values():
        if record["label"]:
            people[record["label"]].append({field: record[field] for field in (*FIELDS, "person")})
    match = [pair for cards in people.values() for pair in combinations(cards, 2)]
    known = sorted(people)
    chosen = [random.sample(known, 2) for _ in match]
    return io.StringIO(
        json.dumps({"match": match, "distinct": [[people[one][0], people[other][0]] for one, other in chosen]})
    )


def teach(data: dict[int, dict[str, str | None]]) -> dedupe.Dedupe:
    """A trained matcher."""
    matcher = dedupe.Dedupe(
        [
            variables.ShortString("first_name", has_missing=True),
            variables.ShortString("last_name", has_missing=True),
            variables.Exact("phone", has_missing=True),
            variables.Exact("email", has_missing=True),
        ],
        num_cores=2,  # with none its scoring waits for ever
        in_memory=True,
    )
    matcher.prepare_training(data, training_file=examples(data), sample_size=SAMPLE)
    for _ in range(ANSWERS):
        (one, other), *_ = matcher.uncertain_pairs()
        answer = "match" if one["person"] == other["person"] else "distinct"
        matcher.mark_pairs({"match": [], "distinct": []} | {answer: [(one, other)]})
    matcher.train(recall=RECALL)
    return matcher


def run(file: Path) -> dict[str, Any]:
    """Teach, match and cluster; what came out and how long it took."""
    data = load(file)
    begun = time.perf_counter()
    matcher = teach(data)
    trained = time.perf_counter()
    scored = matcher.score(matcher.pairs(data))
    edges = [(float(weight), int(one), int(other)) for (one, other), weight in scored]
    labels = list(range(len(data)))
    for members, _ in matcher.cluster(scored, CUT):
        for member in members:
            labels[member] = min(members)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MIB
    truth = [data[at]["person"] for at in range(len(data))]
    points = curve(truth, edges, THRESHOLDS)
    figures = {"seconds": done - begun, "training_seconds": trained - begun, "peak_mib": peak, "pairs": len(edges)}
    own = score(truth, labels).figures()
    return document("dedupe", len(data), points, **figures, oracle=list(best(points)), own_clusters=own)


def main() -> None:
    """Run and print."""
    logging.disable(logging.WARNING)
    random.seed(1)
    np.random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        file = prepared(Path(sys.argv[1]).resolve(), Path(folder))
        print(json.dumps(run(file)))


if __name__ == "__main__":
    main()
