"""Killed, asked to stop, run beside another: the next run converges, and nothing stays locked."""

import json
import signal
import threading
import time
from random import Random
from typing import Any

import pytest

from store import locks
from sync.run import Wish, run
from tests.scenarios.conftest import THOROUGH
from tests.scenarios.programs import Program
from tests.scenarios.world import World, people, streams

KILLS = 100 if THOROUGH else 10
SMALL = 200


def sync(world: World) -> Program:
    """`rekisteri sync --json` in a process of its own."""
    return Program(world.folder, "sync", "--json")


def test_kills_at_any_moment_lose_and_double_nothing(any_world: World, calm_world: World) -> None:
    """Each answer is a little late, so that a run lasts, and kills come while rows land and are reconciled too."""
    crowd = people(3, SMALL)
    kills = KILLS if THOROUGH or any_world.engine.dialect.name == "sqlite" else 4
    rng = Random(kills)
    unfinished = 0
    for day in (0, 1):
        any_world.platforms.calm(crowd.change(day, 0.05))
        for _ in range(kills // 2):
            unfinished += _kill_one(any_world, rng.random() * 0.6)
        any_world.platforms.calm(crowd.change(day, 0.05))
        assert any_world.run()["outcome"] == calm_world.run()["outcome"] == "ok"
        assert any_world.portrait() == calm_world.portrait()
    assert unfinished > 0
    assert any_world.ask("SELECT outcome FROM run WHERE finished_at IS NULL OR outcome = 'running'") == []
    assert any_world.ask("SELECT * FROM reconcile_queue") == []
    assert not locks.is_held(any_world.engine, "run")


def _kill_one(world: World, after_s: float) -> int:
    """Start the program and kill it so long after its first request; 1 where its run had not ended."""
    world.timma.forget_requests()
    world.thinkific.forget_requests()
    world.timma.faults = world.thinkific.faults = "slow:0.01@*"
    with sync(world):
        _wait_until(lambda: world.thinkific.requests or world.timma.requests)
        time.sleep(after_s)
    return int(world.ask("SELECT count(*) FROM run WHERE outcome = 'running'")[0][0])


def test_a_run_that_is_asked_to_stop_lands_the_page_in_hand_and_the_next_one_goes_on(
    world: World, calm_world: World
) -> None:
    calm_world.run()
    world.platforms.calm(people())
    world.timma.faults = "slow:0.3@*"
    with sync(world) as process:
        _wait_until(lambda: world.timma.requests["/bookings"] >= 3)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=10)
    report = json.loads(said)
    assert (process.returncode, report["outcome"], report["sources"]["timma"]["outcome"]) == (1, "partial", "partial")
    assert report["sources"]["timma"]["streams"]["clients"]["new"] == len(people().clients)
    assert world.ask("SELECT cursor FROM stream_state WHERE stream = 'bookings'")[0][0]
    assert world.ask("SELECT outcome FROM run") == [("partial",)]
    world.timma.faults = ""
    assert world.run()["outcome"] == "ok"
    assert world.portrait() == calm_world.portrait()


def test_a_second_signal_ends_the_run_at_once(world: World, calm_world: World) -> None:
    calm_world.run()
    world.platforms.calm(people())
    world.timma.faults = "slow:20@2"
    with sync(world) as process:
        _wait_until(lambda: world.timma.faulted["slow"] == 1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == -signal.SIGTERM
    assert time.monotonic() - began < 2
    world.timma.faults = ""
    assert world.run()["outcome"] == "ok"
    assert world.portrait() == calm_world.portrait()
    assert world.ask("SELECT outcome FROM run ORDER BY id") == [("failed",), ("ok",)]


def _wait_until(done: Any, within_s: float = 20) -> None:
    until = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_two_runs_at_once_go_one_after_the_other(any_world: World) -> None:
    """The second begins while the first one is at its first page, and finds everything there already."""
    reports: list[dict[str, Any]] = []
    settings, engine = any_world.settings, any_world.engine
    any_world.thinkific.faults = "slow:0.4@1"

    def go() -> None:
        reports.append(run(engine, settings, Wish()).as_dict())

    first, second = threading.Thread(target=go), threading.Thread(target=go)
    first.start()
    _wait_until(lambda: any_world.thinkific.faulted["slow"] == 1)
    second.start()
    first.join()
    second.join()
    assert [report["outcome"] for report in reports] == ["ok", "ok"]
    assert reports[0]["finished_at"] <= reports[1]["started_at"]
    assert sum(stream["new"] for stream in streams(reports[0]).values()) > 0
    assert sum(stream["new"] + stream["changed"] for stream in streams(reports[1]).values()) == 0


def test_a_run_that_stops_waiting_for_another_one_says_who_holds_the_lock(any_world: World) -> None:
    stop = threading.Event()
    with locks.holding(any_world.engine, "run"):
        assert locks.is_held(any_world.engine, "run")
        threading.Timer(0.5, stop.set).start()
        with pytest.raises(locks.LockedError, match="another rekisteri holds the run lock"):
            run(any_world.engine, any_world.settings, Wish(stop=stop))
        with (
            pytest.raises(locks.LockedError, match="run lock"),
            locks.holding(any_world.engine, "run", wait_s=0.3),
        ):
            pass
    assert any_world.ask("SELECT * FROM run") == []
    assert any_world.run()["outcome"] == "ok"
