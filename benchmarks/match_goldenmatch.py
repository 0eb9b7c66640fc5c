"""GoldenMatch, configured by hand. Runs in the environment of the peers.

One weighted key: Jaro-Winkler of the first name (0.8) and of the last name (0.2) among records with the same phone or
the same e-mail, which blocking sees to. The measured run, with its own clusters, has the threshold `CUT`; a second one
with `FLOOR` is for the curve, up to `CURVE_AT` records.

FEBRL it gets with all fields: its Fellegi-Sunter model, trained without labels.

    python -m benchmarks.match_goldenmatch RECORDS.jsonl     prints JSON
    python -m benchmarks.match_goldenmatch --febrl 3|4
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("GOLDENMATCH_SUGGEST_ON_DEDUPE", "0")  # its advice on the settings would cost time

import goldenmatch as gm
import pyarrow as pa
from pyarrow import csv

from benchmarks.match_febrl import raw
from benchmarks.match_prepared import prepared
from benchmarks.match_score import best, curve, document, score
from benchmarks.measuring import MAXRSS_PER_MIB

CUT = 0.85
FLOOR = 0.5
CURVE_AT = 300_000
THRESHOLDS = tuple(step / 100 for step in range(50, 101))
NAMES = {"first_name": 0.8, "last_name": 0.2}
SCORERS = {
    "given_name": "jaro_winkler",
    "surname": "jaro_winkler",
    "street_number": "exact",
    "address_1": "token_sort",
    "address_2": "token_sort",
    "suburb": "jaro_winkler",
    "postcode": "levenshtein",
    "date_of_birth": "levenshtein",
    "soc_sec_id": "levenshtein",
}
"""Fields of FEBRL, and how two values are compared."""

Settings = Callable[[float], Any]
"""Makes the configuration for a threshold."""


def blocking(*columns: str) -> Any:
    """Records that share any of the columns are compared."""
    passes = [gm.BlockingKeyConfig(fields=[column]) for column in columns]
    return gm.BlockingConfig(strategy="multi_pass", keys=passes, passes=passes)


def customers(threshold: float) -> Any:
    """Names that agree on a shared contact."""
    fields = [gm.MatchkeyField(field=name, scorer="jaro_winkler", weight=weight) for name, weight in NAMES.items()]
    key = gm.MatchkeyConfig(name="names", type="weighted", threshold=threshold, fields=fields)
    return gm.GoldenMatchConfig(matchkeys=[key], blocking=blocking("phone", "email"))


def febrl(_: float) -> Any:
    """All fields, weighed by the model, with the threshold that it picks itself."""
    fields = [gm.MatchkeyField(field=name, scorer=scorer) for name, scorer in SCORERS.items()]
    key = gm.MatchkeyConfig(name="model", type="probabilistic", fields=fields)
    blocks = blocking("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
    return gm.GoldenMatchConfig(matchkeys=[key], blocking=blocks)


def run(table: pa.Table, truth: Sequence[Any], settings: Settings) -> dict[str, Any]:
    """Match; what came out and how long it took."""
    begun = time.perf_counter()
    result = gm.dedupe_df(table, config=settings(CUT))
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MIB
    labels = list(range(len(truth)))
    for cluster in result.clusters.values():
        for member in cluster["members"]:
            labels[member] = cluster["members"][0]
    lower = gm.dedupe_df(table, config=settings(FLOOR)) if len(truth) <= CURVE_AT else result
    pairs = lower.scored_pairs or ()
    thresholds = [threshold for threshold in THRESHOLDS if lower is not result or threshold >= CUT]
    points = curve(truth, [(weight, one, other) for one, other, weight in pairs], thresholds)
    figures = {"seconds": done - begun, "peak_mib": peak, "pairs": len(pairs)}
    own = score(truth, labels).figures()
    return document("GoldenMatch", len(truth), points, **figures, oracle=list(best(points)), own_clusters=own)


def main() -> None:
    """Load, run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path, nargs="?")
    parser.add_argument("--febrl", type=int, choices=[3, 4])
    options = parser.parse_args()
    if options.febrl:
        people = raw(options.febrl)
        table = pa.Table.from_pandas(people[list(SCORERS)], preserve_index=False)
        print(json.dumps(run(table, people["person"].tolist(), febrl)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = prepared(options.records.resolve(), Path(folder))
        names = [*NAMES, "phone", "email"]
        texts = csv.ConvertOptions(
            include_columns=names,
            column_types=dict.fromkeys(names, "string"),
            strings_can_be_null=True,
            null_values=[""],
        )
        table = csv.read_csv(file, convert_options=texts)
        people = csv.read_csv(file, convert_options=csv.ConvertOptions(include_columns=["person"]))
    print(json.dumps(run(table, people["person"].to_pylist(), customers)))


if __name__ == "__main__":
    main()
