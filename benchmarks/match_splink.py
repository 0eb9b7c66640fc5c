"""Splink on DuckDB, as its documentation says to use it. Runs in the environment of the peers.

Comparisons are out of its box, as they did best of a dozen settings that were tried on 20,000 records: `NameComparison`
of the first name (term frequencies included), Jaro-Winkler of the last name, exact phone and e-mail. With term
frequencies of last names, phones or e-mails, `EmailComparison` or `ForenameSurnameComparison` it does worse; so it does
with the address, which families share. Blocking on phone, on e-mail, and on the full name either way round.

Training: the probability of a match from deterministic rules, u by random sampling, m by expectation maximisation
blocked on the full name, on the phone and on the e-mail in turn; with `--labelled` m from the labelled people instead.
Clusters are Splink's connected components at the documented 0.95; the curve tells what an oracle would pick.

FEBRL it gets with all fields, as its own examples have it, and without labels.

    python -m benchmarks.match_splink RECORDS.jsonl [--labelled]     prints JSON
    python -m benchmarks.match_splink --febrl 3|4
"""

import argparse
import json
import logging
import resource
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.match_febrl import raw
from benchmarks.match_prepared import prepared
from benchmarks.match_score import best, curve, document, score
from benchmarks.measuring import MAXRSS_PER_MIB

DOCUMENTED = 0.95
WEIGHTS = tuple(step / 4 for step in range(-24, 160))
"""Thresholds of the curve, match weights: log2 of the odds."""
SAMPLED, SAMPLED_EACH = 1e7, 50
"""Pairs sampled for u, and at least that many for each record: equal phones are rare among random pairs."""
DETERMINISTIC_RECALL = 0.8
"""Our guess for the deterministic rules, as the documentation asks for."""

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """What is compared; what is compared with what; rules that are nearly always right; what training blocks on."""

    comparisons: Sequence[Any]
    blocking: Sequence[Columns | str]
    deterministic: Sequence[Columns]
    training: Sequence[Columns]


CUSTOMERS = Model(
    comparisons=(
        cl.NameComparison("first_name"),
        cl.JaroWinklerAtThresholds("last_name", [0.92, 0.88]),
        cl.ExactMatch("phone"),
        cl.ExactMatch("email"),
    ),
    blocking=(("phone",), ("email",), ("full_name",), "l.first_name = r.last_name and l.last_name = r.first_name"),
    deterministic=(("phone", "first_name"), ("email", "first_name")),
    training=(("first_name", "last_name"), ("phone",), ("email",)),
)
FEBRL = Model(
    comparisons=(
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number"),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        cl.JaroWinklerAtThresholds("address_1", [0.95, 0.88]),
    ),
    blocking=(("given_name",), ("surname",), ("soc_sec_id",), ("date_of_birth",), ("postcode",), ("address_1",)),
    deterministic=(("soc_sec_id",), ("given_name", "surname", "date_of_birth")),
    training=(("date_of_birth",), ("postcode",), ("given_name", "surname")),
)


def train(linker: Linker, model: Model, records: int, labelled: bool) -> None:
    """Estimate the parameters."""
    training = linker.training
    rules: list[Any] = [block_on(*columns) for columns in model.deterministic]
    training.estimate_probability_two_random_records_match(rules, recall=DETERMINISTIC_RECALL)
    training.estimate_u_using_random_sampling(max_pairs=max(SAMPLED, SAMPLED_EACH * records), seed=1)
    if labelled:
        training.estimate_m_from_label_column("label")
        return
    for columns in model.training:
        training.estimate_parameters_using_expectation_maximisation(block_on(*columns), record_sample_proportion=1.0)


def run(connection: duckdb.DuckDBPyConnection, model: Model, labelled: bool) -> dict[str, Any]:
    """Train, predict and cluster the table `people`; what came out and how long each step took."""
    size: int = connection.execute("select count(*) from people").fetchall()[0][0]
    rules = [rule if isinstance(rule, str) else block_on(*rule) for rule in model.blocking]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(model.comparisons),
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    begun = time.perf_counter()
    linker = Linker(DuckDBAPI(connection=connection).register("people"), settings)
    train(linker, model, size, labelled)
    trained = time.perf_counter()
    predictions = linker.inference.predict(threshold_match_weight=min(WEIGHTS))
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, DOCUMENTED)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MIB
    truth = [person for (person,) in connection.execute("select person from people order by unique_id").fetchall()]
    labels = [0] * size
    for cluster, at in clusters.as_duckdbpyrelation().select("cluster_id, unique_id").fetchall():
        labels[at] = cluster
    edges = predictions.as_duckdbpyrelation().select("match_weight, unique_id_l, unique_id_r").fetchall()
    points = curve(truth, edges, WEIGHTS)
    name = "Splink, 500 labelled people" if labelled else "Splink, no labels"
    figures = {"seconds": done - begun, "training_seconds": trained - begun, "peak_mib": peak, "pairs": len(edges)}
    own = score(truth, labels).figures()
    return document(name, size, points, **figures, oracle=list(best(points)), own_clusters=own)


def main() -> None:
    """Load, run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path, nargs="?")
    parser.add_argument("--labelled", action="store_true")
    parser.add_argument("--febrl", type=int, choices=[3, 4])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    connection = duckdb.connect()
    if options.febrl:
        connection.register("raw", raw(options.febrl))
        connection.execute("create table people as select * from raw")
        print(json.dumps(run(connection, FEBRL, labelled=False)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = prepared(options.records.resolve(), Path(folder))
        read = f"read_csv('{file}', header = true, all_varchar = true, nullstr = '')"
        connection.execute(f"create table people as select * replace (unique_id::integer as unique_id) from {read}")
    print(json.dumps(run(connection, CUSTOMERS, options.labelled)))


if __name__ == "__main__":
    main()
