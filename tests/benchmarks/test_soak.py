"""The parts of the soak: what it takes for growth and for a leak, what it sends, and that it sees a lie."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.soak import platforms, truth
from benchmarks.soak.platforms import World
from benchmarks.soak.program import Installation, free_port
from benchmarks.soak.watching import Sample, levels, look, window
from store.engine import make_engine, writing
from tests.scenarios.conftest import THOROUGH

SMALL = 25


def samples(*rss: int, threads: int = 9, handles: int = 20) -> list[Sample]:
    """One each two seconds."""
    return [Sample(2.0 * number, kib, threads, handles) for number, kib in enumerate(rss)]


def test_what_comes_before_it_is_warm_does_not_count() -> None:
    before, after = window(samples(*range(301)))
    assert [sample.at_s for sample in (before[0], before[-1], after[0], after[-1])] == [60, 160, 500, 600]
    assert window([]) == ([], [])


def test_memory_may_grow_by_a_tenth_and_a_peak_is_no_growth() -> None:
    level = samples(10, 10, *[1000] * 60, *[5000] * 3, *[1000] * 40)
    assert [one.stays for one in levels(level)] == [True, True, True]
    grown = samples(*[1000] * 60, *[1101] * 60)
    assert [one.stays for one in levels(grown)] == [False, True, True]


@pytest.mark.parametrize("what", ["threads", "handles"])
def test_what_is_never_let_go_of_is_a_leak(what: str) -> None:
    leaking = [sample._replace(**{what: 10 + number // 4}) for number, sample in enumerate(samples(*[1000] * 100))]
    busy = [sample._replace(**{what: 10 + number % 5}) for number, sample in enumerate(samples(*[1000] * 100))]
    assert [one.name for one in levels(leaking) if not one.stays] == [f"{what} at rest"]
    assert all(one.stays for one in levels(busy))


def test_a_look_at_a_process_sees_it() -> None:
    mine = look(os.getpid(), 1.5)
    assert mine.at_s == 1.5
    assert mine.rss_kib > 10_000
    assert min(mine.threads, mine.handles) >= 1


def test_what_is_compared_has_no_clock_and_what_a_run_brought_is_told() -> None:
    record = {"source": "timma", "external_id": "1", "retrieved_at": "then", "link": {"decided_at": "then", "score": 1}}
    customer = dict.fromkeys(truth.PUBLISHED) | {"emails": ["b", "a"], "records": [record], "updated_at": "then"}
    [told] = truth.timeless([customer])
    assert told["records"] == [{"source": "timma", "external_id": "1", "link": {"score": 1}}]
    assert "updated_at" not in told
    known = truth.who_is_who([customer])
    assert list(known) == [frozenset({("timma", "1")})]
    assert ["a", "b"] in known[frozenset({("timma", "1")})]
    quiet, loud = {"new": 0, "changed": 0, "vanished": 0}, {"new": 1, "changed": 0, "vanished": 2}
    report = {"sources": {"timma": {"streams": {"clients": quiet, "bookings": loud}}}}
    assert truth.brought(report) == {"timma bookings": (1, 0, 2)}


@pytest.fixture
def world() -> Iterator[World]:
    """Both platforms, for few people."""
    with ExitStack() as stack:
        yield platforms.world(stack, 3, SMALL)


@pytest.mark.skipif(not THOROUGH, reason="ten commands in processes of their own; THOROUGH=1 runs it")
def test_a_lie_about_the_registry_is_seen_and_nothing_else(world: World, tmp_path: Path) -> None:
    """After a day and changes by hand; what is published of people was changed behind the program's back."""
    installation, fresh = Installation(tmp_path), Installation(tmp_path / "fresh")
    fresh.folder.mkdir()
    for one in (installation, fresh):
        one.configure(world, f"sqlite:///{one.folder / 'rekisteri.db'}", free_port())
    for _ in range(12):
        world.edit()
    installation.command("sync", "--json")
    world.day()
    assert {json.loads(body)["resource"] for _, _, body in world.due} <= {"user", "enrollment", "order"}
    engine = make_engine(f"sqlite:///{tmp_path / 'rekisteri.db'}")
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM golden_value WHERE field = 'phones'")
        connection.exec_driver_sql("UPDATE master_customer SET content_sha256 = ''")
    found = list(truth.breaches(world, installation, fresh, engine))
    engine.dispose()
    assert [breach.partition(":")[0] for breach in found] == ["a full rebuild changes people"]
    assert "'phones'" in found[0]
    assert installation.wrong == fresh.wrong == []
