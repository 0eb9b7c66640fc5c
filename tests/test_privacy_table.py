"""The table of docs/privacy.md tells the truth as far as a machine can see: places and tests that are there."""

import ast
import re
from typing import NamedTuple

import pytest

from tests.tree import ROOT

SCENARIOS = ROOT / "tests/scenarios/privacy"
STATES = ("done", "partly", "open")
NUMBERS = [f"R-{number:02}" for number in range(1, 61)]
IN_SCENARIOS = (
    4, 7, 8, 10, *range(12, 25), 34, *range(36, 40), *range(41, 44), *range(48, 61),
)  # fmt: skip
"""Requirements that a scenario of the whole program holds."""


class Requirement(NamedTuple):
    """A line of the table."""

    number: str
    asks: str
    state: str
    missing: str
    places: list[str]
    tests: list[str]


def requirement(line: str) -> Requirement:
    number, asks, state, places, tests = (cell.strip() for cell in line.split("|")[1:-1])
    word, _, missing = state.partition(":")
    return Requirement(
        number, asks, word, missing.strip(), re.findall(r"`([^`]+)`", places), re.findall(r"`([^`]+)`", tests)
    )


PAGE = (ROOT / "docs/privacy.md").read_text("utf-8")
TABLE = [requirement(line) for line in PAGE.splitlines() if line.startswith("| R-")]


def defined(file: str) -> set[str]:
    path = ROOT / file
    tree = ast.parse(path.read_text("utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_stands_there_once() -> None:
    assert [one.number for one in TABLE] == NUMBERS
    assert all(one.asks for one in TABLE)


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.number)
def test_what_is_said_to_be_there_is_there(one: Requirement) -> None:
    assert one.state in STATES
    assert [place for place in one.places if not (ROOT / place).exists()] == []
    files = [test.partition("::") for test in one.tests]
    assert [f"{file}::{test}" for file, _, test in files if test not in defined(file)] == []


@pytest.mark.parametrize("one", TABLE, ids=lambda one: one.number)
def test_nothing_is_said_to_be_done_without_a_place_and_a_test(one: Requirement) -> None:
    if one.state == "open":
        assert one.tests == []
    else:
        assert one.places
        assert one.tests
        assert bool(one.missing) is (one.state == "partly")


def test_every_scenario_is_named_by_its_requirement() -> None:
    found = {
        f"tests/scenarios/privacy/{path.name}::{test}"
        for path in SCENARIOS.glob("test_*.py")
        for test in defined(f"tests/scenarios/privacy/{path.name}")
        if test.startswith("test_")
    }
    named = {test: one.number for one in TABLE for test in one.tests}
    assert found - named.keys() == set()
    assert {number(test) for test in found} == {f"R-{place:02}" for place in IN_SCENARIOS}
    assert [test for test in found if test not in _of(number(test))] == []


def number(test: str) -> str:
    """`R-53` of `…::test_r53_…`."""
    match = re.search(r"::test_r(\d\d)_", test)
    assert match, test
    return f"R-{match[1]}"


def _of(number: str) -> list[str]:
    return next(one.tests for one in TABLE if one.number == number)
