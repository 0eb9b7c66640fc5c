"""Fault plans: read from text, and the same for the same requests."""

from collections import Counter

import pytest

from connectors.sandbox.faults import ANSWERS, BY_CHANCE, ROWS, WIRE, Asked, Fault, FaultPlan


def struck(plan: str, paths: list[str]) -> list[str]:
    """The kind of fault that each request in turn meets, '' for none."""
    seen: Counter[str] = Counter()
    found = []
    for number, path in enumerate(paths, 1):
        seen[path] += 1
        fault = FaultPlan.parse(plan).pick(Asked(number, path, seen))
        found.append(fault.kind if fault else "")
    return found


def test_an_empty_plan_is_a_calm_day() -> None:
    assert struck("", ["/a"] * 3) == ["", "", ""]


def test_a_request_is_meant_by_its_number() -> None:
    assert struck("429@2, 500@4", ["/a"] * 5) == ["", "429", "", "500", ""]


def test_a_range_and_a_star() -> None:
    assert struck("500@2-3", ["/a"] * 4) == ["", "500", "500", ""]
    assert struck("500@*", ["/a"] * 2) == ["500", "500"]


def test_with_a_path_only_its_requests_count() -> None:
    paths = ["/v1/users", "/v1/enrollments", "/v1/users", "/v1/enrollments"]
    assert struck("503@2/enrollments", paths) == ["", "", "", "503"]
    assert struck("503@*/users", paths) == ["503", "", "503", ""]


def test_the_first_item_that_fits_decides() -> None:
    assert struck("cut@1, 500@*", ["/a"] * 2) == ["cut", "500"]


def test_an_argument_is_an_amount() -> None:
    seen = {"/a": 1}
    assert FaultPlan.parse("slow:2.5@1").pick(Asked(1, "/a", seen)) == Fault("slow", 2.5)
    assert FaultPlan.parse("lie:-3@1").pick(Asked(1, "/a", seen)) == Fault("lie", -3)
    assert FaultPlan.parse("slow@1").pick(Asked(1, "/a", seen)) == Fault("slow", 1)


@pytest.mark.parametrize("kind", [*ANSWERS, *WIRE, *ROWS])
def test_every_kind_can_be_written(kind: str) -> None:
    assert struck(f"{kind}@1", ["/a"]) == [kind]


def test_one_in_six_fails_by_chance_in_every_way_and_always_the_same() -> None:
    kinds = struck("random:1/6:seed=1", ["/a"] * 3000)
    assert 0.14 < 1 - kinds.count("") / 3000 < 0.19
    assert set(kinds) == {"", *BY_CHANCE}
    assert kinds == struck("random:1/6:seed=1", ["/a"] * 3000)
    assert kinds != struck("random:1/6:seed=2", ["/a"] * 3000)


def test_chance_can_be_held_to_some_kinds() -> None:
    assert set(struck("random:0.5:seed=3:kinds=500+cut", ["/a"] * 100)) == {"", "500", "cut"}


@pytest.mark.parametrize(
    "text", ["500", "oops@1", "500@x", "random:1/0", "random:1/6:sed=1", "random:1/6:kinds=x", "slow:y@1"]
)
def test_what_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=f"cannot read the fault '{text}'"):
        FaultPlan.parse(text)
