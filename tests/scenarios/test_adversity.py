"""A database that fails in the middle of a run: a named state, nothing lost, and back by itself when it is back."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import locks
from sync.run import LOCK_LOST
from tests import postgres
from tests.postgres import Postgres
from tests.scenarios.troubles import (
    FullServer,
    LockedFile,
    LockedServer,
    Restart,
    Trouble,
    at_page,
    full_file,
    read_only_file,
    read_only_server,
)
from tests.scenarios.world import Platforms, World, streams
from tests.waiting import until

PAGES = 3  # so many have landed when it happens


@pytest.fixture(autouse=True)
def _soon_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a lock gives up after a third of a second instead of a minute."""
    monkeypatch.setattr("store.engine._BUSY_MS", 300)


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that nobody else uses, so that it may be stopped."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def postgres_world(tmp_path: Path, postgresql_url: str, platforms: Platforms) -> Iterator[World]:
    """A registry in PostgreSQL."""
    world = World(tmp_path, postgresql_url, platforms)
    yield world
    world.close()


@pytest.fixture
def restarted_world(tmp_path: Path, own_server: Postgres, platforms: Platforms) -> Iterator[World]:
    """A registry on a server of its own."""
    with own_server.database() as url:
        world = World(tmp_path, url, platforms)
        yield world
        world.close()


@pytest.mark.parametrize("trouble", [full_file(), read_only_file(), LockedFile()], ids=["full", "read-only", "locked"])
def test_a_file_that_takes_nothing(
    world: World, calm_world: World, trouble: Trouble, capfd: pytest.CaptureFixture[str]
) -> None:
    _befalls(world, calm_world, trouble, capfd)


@pytest.mark.parametrize(
    "trouble", [FullServer(), read_only_server(), LockedServer()], ids=["full", "read-only", "locked"]
)
def test_a_server_that_takes_nothing(
    postgres_world: World, calm_world: World, trouble: Trouble, capfd: pytest.CaptureFixture[str]
) -> None:
    _befalls(postgres_world, calm_world, trouble, capfd)


def test_a_server_that_stops_in_mid_run(
    restarted_world: World, calm_world: World, own_server: Postgres, capfd: pytest.CaptureFixture[str]
) -> None:
    _befalls(restarted_world, calm_world, Restart(own_server), capfd)


def _befalls(world: World, calm: World, trouble: Trouble, capfd: pytest.CaptureFixture[str]) -> None:
    """It begins when some pages have landed, and is over before the next run."""
    calm.run()
    world.engine  # noqa: B018 (opened while all is well)
    world.platforms.calm(world.thinkific.population)
    report = world.run(progress=at_page(PAGES, lambda: trouble.begin(world)))
    said = "".join(capfd.readouterr())
    trouble.end(world)
    assert report["outcome"] == "failed"
    assert {source["outcome"] for source in report["sources"].values()} == {"failed"}
    for source in report["sources"].values():
        # A server that takes its time to stop may take the run's lock first.
        words = f"the database did not take it: {trouble.words}", LOCK_LOST
        assert source["error"].startswith(words), source["error"]
    assert "Traceback" not in said
    assert sum(stream["new"] for stream in streams(report).values()) > 0
    assert world.run()["outcome"] == "ok"
    assert world.portrait() == calm.portrait()
    assert world.ask("SELECT outcome FROM run WHERE finished_at IS NULL OR outcome = 'running'") == []
    assert world.ask("SELECT * FROM reconcile_queue") == []


def test_a_run_whose_lock_is_lost_stops_and_the_next_one_goes_on(postgres_world: World, calm_world: World) -> None:
    """Its session alone ends, as when something on the way forgets a connection that is idle for long."""
    calm_world.run()
    stop = threading.Event()

    def lose() -> None:
        ended = postgres_world.ask(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key",
            key=locks.KEYS["run"],
        )
        assert ended == [(True,)]
        until(stop.is_set)

    report = postgres_world.run(progress=at_page(PAGES, lose), stop=stop)
    assert report["outcome"] == "failed"
    assert {(source["outcome"], source["error"]) for source in report["sources"].values()} == {("failed", LOCK_LOST)}
    assert LOCK_LOST.startswith("the run lock was lost")
    assert report["registry"] == {}
    assert postgres_world.ask("SELECT outcome FROM run") == [("failed",)]
    assert postgres_world.run()["outcome"] == "ok"
    assert postgres_world.portrait() == calm_world.portrait()


def test_sessions_that_are_thrown_out_in_mid_run_come_back(
    restarted_world: World, calm_world: World, own_server: Postgres
) -> None:
    """The lock of the run ends with its session; what was in hand is lost and asked for again."""
    calm_world.run()
    database = restarted_world.engine.url.database or ""
    report = restarted_world.run(progress=at_page(PAGES, lambda: own_server.throw_out(database)))
    assert report["outcome"] in ("ok", "partial", "failed")
    assert restarted_world.run()["outcome"] == "ok"
    assert restarted_world.portrait() == calm_world.portrait()
