"""The program's own matching, as the benchmark runs it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.match_ours import Landed, customers, landed, match, prepare, run, swept, waiting
from benchmarks.match_score import score
from benchmarks.population import population
from benchmarks.population.__main__ import write_jsonl
from sync.reconcile.judge import JOIN, REVIEW
from sync.reconcile.model import shipped


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("people") / "records.jsonl"
    write_jsonl(population(1_500, 7), path)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def records(file: Path) -> Landed:
    prepare(file, file.parent)
    return landed(file.parent)


def test_what_is_printed_is_what_matching_finds(file: Path, records: Landed) -> None:
    document, found = run(file), match(records, shipped())
    own = score(records.person.tolist(), found.customers.tolist())
    assert (document["size"], document["pairs"]) == (1_500, len(found.outcome))
    assert document["own_clusters"] == own.figures()
    assert document["review"]["pairs"] == len(found.review[0])
    assert document["review"]["recall_joined"] >= document["review"]["recall"] > own.recall > 0.7
    assert document["oracle"] in document["curve"]


def test_the_curve_goes_through_its_own_clusters_and_never_loses_recall(records: Landed) -> None:
    model = shipped()
    found = match(records, model)
    own = score(records.person.tolist(), found.customers.tolist())
    points = swept(records, found.pairs, model)
    assert (model.join, own.precision, own.recall) in points
    assert [threshold for threshold, _, _ in points] == sorted((point[0] for point in points), reverse=True)
    recalls = [recall for _, _, recall in points]
    assert recalls[0] < recalls[-1]
    assert recalls == sorted(recalls)


def test_review_has_one_pair_for_each_two_customers(records: Landed) -> None:
    found = match(records, shipped())
    between = {tuple(sorted(found.customers[list(pair)].tolist())) for pair in zip(*found.review, strict=True)}
    assert len(between) == len(found.review[0])
    assert all(one != other for one, other in between)
    open_pairs = (found.outcome >= REVIEW) & (found.customers[found.pairs[0]] != found.customers[found.pairs[1]])
    assert between == {
        tuple(sorted((int(found.customers[a]), int(found.customers[b]))))
        for a, b in zip(found.pairs[0][open_pairs], found.pairs[1][open_pairs], strict=True)
    }


def test_a_join_between_two_customers_waits_for_a_person(records: Landed) -> None:
    pairs = (np.array([0]), np.array([1]))
    outcome, scores = np.array([JOIN], np.int8), np.array([30.0])
    apart = np.arange(len(records.person))
    assert [ends.tolist() for ends in waiting(pairs, outcome, scores, apart)] == [[0], [1]]
    together = customers(records.people, pairs, outcome, scores)
    assert [ends.tolist() for ends in waiting(pairs, outcome, scores, together)] == [[], []]
