"""The made-up people that matching is measured on: the same ones every time, with what the docstring promises."""

import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from benchmarks.match_baseline import contacts, match
from benchmarks.match_score import score
from benchmarks.population import Record, population
from benchmarks.population.__main__ import read_jsonl, write_csv, write_jsonl
from benchmarks.population.people import Town
from connectors.files.headings import field_of
from connectors.records import Kind

SIZE = 12_000


@pytest.fixture(scope="module")
def people() -> list[Record]:
    return population(SIZE, 1)


def test_the_same_seed_and_size_make_the_same_records(people: list[Record]) -> None:
    assert population(SIZE, 1) == people
    assert population(500, 2) != population(500, 3)


def test_another_interpreter_makes_the_same_records() -> None:
    """Nothing hangs on the order of sets or on the hashes of strings."""
    code = "from benchmarks.population import population; print(population(300, 7))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "5"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == repr(population(300, 7))


def test_there_are_as_many_records_as_asked_for_and_ids_are_unique(people: list[Record]) -> None:
    assert len(people) == SIZE
    assert len({(record.source, record.external_id) for record in people}) == SIZE


def test_one_person_in_four_is_at_both_sources(people: list[Record]) -> None:
    sources = defaultdict(set)
    for record in people:
        sources[record.person].add(record.source)
    assert sum(len(at) == 2 for at in sources.values()) / len(sources) == pytest.approx(0.25, abs=0.02)


def test_one_card_in_thirty_is_a_second_one(people: list[Record]) -> None:
    cards = Counter((record.source, record.person) for record in people)
    assert sum(count > 1 for count in cards.values()) / len(cards) == pytest.approx(0.03, abs=0.006)


def test_a_record_has_parts_or_one_joined_name(people: list[Record]) -> None:
    assert all((record.first_name is None) == (record.name is not None) for record in people)
    assert any(record.name and "," in record.name for record in people)


def test_phones_are_finnish_mobile_numbers_and_nobody_shares_a_new_one() -> None:
    town = Town(Random(1))
    numbers = [town.phone() for _ in range(50_000)]
    assert all(re.fullmatch(r"\+358(40|41|44|45|46|50)\d{7}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_no_address_can_be_anybodys(people: list[Record]) -> None:
    """Gmail allows no hyphen; the other domains are reserved."""
    addresses = [record.email.lower() for record in people if record.email]
    assert [a for a in addresses if not a.endswith(".example") and not re.fullmatch(r".*-.*@gmail\.com", a)] == []


def test_one_phone_stands_on_many_cards(people: list[Record]) -> None:
    (_, most), (_, next_most) = Counter(record.phone for record in people if record.phone).most_common(2)
    assert most / SIZE == pytest.approx(0.0025, abs=0.0015)
    assert next_most < most


def test_the_obvious_rules_come_out_as_elsewhere(people: list[Record]) -> None:
    truth = [record.person for record in people]
    plain, rare = (score(truth, match(people, rare=rare)) for rare in (False, True))
    assert plain.precision == pytest.approx(0.9975, abs=0.003)
    assert plain.recall == pytest.approx(0.893, abs=0.02)
    assert rare.precision == pytest.approx(0.9945, abs=0.004)
    assert plain.recall + 0.02 < rare.recall < 0.96


def test_one_true_pair_in_nine_shares_no_contact(people: list[Record]) -> None:
    cards = defaultdict(list)
    for record in people:
        cards[record.person].append(set(contacts(record)))
    shared = [bool(one & other) for group in cards.values() for one, other in combinations(group, 2)]
    assert 1 - sum(shared) / len(shared) == pytest.approx(0.11, abs=0.02)


def test_what_is_written_can_be_read_and_imported(people: list[Record], tmp_path: Path) -> None:
    write_jsonl(people[:100], tmp_path / "records.jsonl")
    assert read_jsonl(tmp_path / "records.jsonl") == people[:100]
    assert {*json.loads((tmp_path / "records.jsonl").read_text("utf-8").splitlines()[0])} == {*Record._fields}
    write_csv(people[:100], tmp_path)
    heading, *rows = (tmp_path / "salon.csv").read_text("utf-8").splitlines()
    assert len(rows) == sum(record.source == "salon" for record in people[:100])
    fields = [field_of(cell, Kind.CUSTOMER, {}) for cell in heading.split(";")]
    assert fields == ["source_id", "first_name", "last_name", "full_name", "phone", "email", "street"]
