"""The daemon outlives what befalls it: its health says what is wrong, and is well again by itself."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from sync.daemon.runner import Runner
from sync.web.host import Totals
from tests import postgres
from tests.postgres import Postgres
from tests.scenarios.conftest import environment
from tests.scenarios.daemons import Daemon, daemon, sync
from tests.scenarios.world import Platforms, World
from tests.waiting import until

# While a file of this name is there, every connection of the program is told what it says.
TROUBLE = "trouble.txt"
HOURS = timedelta(hours=7)
PRELUDE = """
import pathlib, store.engine, sync.daemon.runner
from sqlalchemy import Engine, Pool, event
store.engine._BUSY_MS, sync.daemon.runner.AGAIN_S = 300, 0.5
trouble, told = pathlib.Path("trouble.txt"), set()
def tell(connection, record, proxy):
    if trouble.exists():
        told.add(id(connection))
        connection.execute(trouble.read_text())
    elif id(connection) in told:
        connection.execute("PRAGMA max_page_count=1073741823")
        connection.execute("PRAGMA query_only=OFF")
event.listen(Pool, "checkout", tell)
from sync.cli import main; main()
"""


IMPATIENCE = """
import store.engine, store.silence
store.silence.PATIENCE_S, store.engine._PATIENCE["connect_timeout"] = 1.5, 2
"""
SOON_IMPATIENT = (sys.executable, "-c", IMPATIENCE + PRELUDE)
"""It gives a silent server up after a second and a half instead of a minute and a half."""
TROUBLED = (sys.executable, "-c", PRELUDE)
"""It waits for no lock for long, and heeds the file."""


def _is_well(running: Daemon, world: World) -> bool:
    return all(running.is_read(name) for name in ("timma", "thinkific")) and running.ask("/health")[0] == 200


def _converges(world: World, calm: World) -> None:
    world.close()
    assert world.run()["outcome"] == "ok"
    assert world.portrait() == calm.portrait()
    assert world.ask("SELECT outcome FROM run WHERE outcome = 'running'") == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [("PRAGMA max_page_count=1", "the disk is full"), ("PRAGMA query_only=ON", "it may not be written")],
    ids=["full", "read-only"],
)
def test_a_file_that_takes_nothing(world: World, calm_world: World, statement: str, words: str) -> None:
    calm_world.run()
    world.platforms.calm(world.thinkific.population)
    world.engine  # noqa: B018 (its tables are there)
    (world.folder / TROUBLE).write_text(statement)
    with daemon(world.folder, program=TROUBLED) as running:
        until(lambda: words in running.said)
        assert running.ask("/livez")[0] == 200
        assert not any(running.is_read(name) for name in ("timma", "thinkific"))
        assert running.health()["checks"]["database"][0]["output"].startswith("nothing can be written")
        assert [running.ask(path)[0] for path in ("/health", "/readyz")] == [503, 503]
        assert f"Nothing can be written to the database: {words}" in _status(world.folder)
        (world.folder / TROUBLE).unlink()
        until(lambda: running.ask("/readyz")[0] == 200)
        until(lambda: running.logged("the database is written again"))
        assert "Nothing can be written" not in _status(world.folder)
        _hasten(running)
        until(lambda: _is_well(running, world))
        assert running.end(15) == 0
    assert "nobody foresaw" not in running.said
    _converges(world, calm_world)


def test_a_file_that_another_program_keeps_locked(world: World, calm_world: World) -> None:
    calm_world.run()
    world.platforms.calm(world.thinkific.population)
    with closing(sqlite3.connect(world.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with daemon(world.folder, program=TROUBLED) as running:
            until(lambda: "another program has kept it locked" in running.said)
            assert running.ask("/livez")[0] == 200
            assert running.health()["status"] in ("warn", "fail")
            other.close()
            until(lambda: _is_well(running, world))
            assert running.end(15) == 0
    _converges(world, calm_world)


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server that may be stopped."""
    with postgres.running() as server:
        yield server


def test_a_server_that_is_restarted(tmp_path: Path, server: Postgres, platforms: Platforms, calm_world: World) -> None:
    calm_world.run()
    with server.database() as url:
        world = World(tmp_path, url, platforms)
        world.platforms.calm(world.thinkific.population)
        with daemon(world.folder, program=TROUBLED) as running:
            until(lambda: _is_well(running, world))
            server.stop()
            until(lambda: running.ask("/health")[0] == 503)
            assert running.health()["checks"]["database"][0]["status"] == "fail"
            assert running.ask("/livez")[0] == 200
            assert running.ask("/webhooks/thinkific", b"{}")[0] == 401
            server.start()
            until(lambda: _is_well(running, world))
            assert sync(world.folder) == 0
            assert running.process.poll() is None
            assert running.end(15) == 0
        assert "nobody foresaw" not in running.said
        _converges(world, calm_world)
        world.close()


def test_a_server_that_freezes(tmp_path: Path, server: Postgres, platforms: Platforms, calm_world: World) -> None:
    """It keeps its connections and says nothing on them; what waits for it gives up, and goes on when it is back."""
    calm_world.run()
    with server.database() as url:
        world = World(tmp_path, url, platforms)
        world.platforms.calm(world.thinkific.population)
        with daemon(world.folder, program=SOON_IMPATIENT) as running:
            until(lambda: _is_well(running, world))
            everyone = _processes(world)
            _tell_all(everyone, signal.SIGSTOP)
            try:
                _hasten(running)
                until(lambda: running.logged("what is due has to wait"))
                until(lambda: running.logged("deliveries wait on disk"))
                until(lambda: running.logged("the instance lock is lost; taking it again"))
                assert running.ask("/health")[0] == 503
                assert running.ask("/livez")[0] == 200
            finally:
                _tell_all(everyone, signal.SIGCONT)
            until(lambda: running.logged("the instance lock is ours again"))
            until(lambda: running.logged("deliveries are worked off again"))
            until(lambda: _is_well(running, world))
            assert running.end(signal.SIGTERM) == 0
        assert "nobody foresaw" not in running.said
        _converges(world, calm_world)
        world.close()


def _processes(world: World) -> list[int]:
    """The server's first process and all its children."""
    ((folder,),) = world.ask("SHOW data_directory")
    first = (Path(folder) / "postmaster.pid").read_text().split()[0]
    return [int(first), *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]


def _tell_all(processes: list[int], number: int) -> None:
    for each in processes:
        with suppress(ProcessLookupError):
            os.kill(each, number)


def _status(folder: Path) -> str:
    """What `rekisteri status` says, of the same trouble."""
    program = (*TROUBLED, "status")
    done = subprocess.run(program, cwd=folder, env=environment(), check=True, capture_output=True, text=True)
    return " ".join(done.stdout.split())


def _hasten(running: Daemon) -> None:
    """Whatever is late is due at once when the settings are read again; else the next minute would be waited for."""
    running.process.send_signal(1)


def test_a_clock_that_is_set_back_does_not_let_schedules_sleep(world: World) -> None:
    """Nothing is late, so that nothing is read meanwhile: the next time is all that moves."""
    settings = world.settings
    with time_machine.travel(datetime.now(UTC) + HOURS, tick=True) as clock:
        world.run()
        runner = Runner(world.engine, lambda: settings, Totals())
        runner.start()
        until(lambda: _next_run(world) > datetime.now(UTC))
        clock.shift(-HOURS)
        assert _next_run(world) > datetime.now(UTC) + HOURS / 2
        until(lambda: _next_run(world) < datetime.now(UTC) + HOURS / 2)
        runner.stop()
        assert runner.join(10)


def _next_run(world: World) -> datetime:
    """The latest time at which a source is meant to run; long ago where there is none."""
    times = [datetime.fromisoformat(at) for (at,) in world.ask("SELECT next_run_at FROM source_state") if at]
    return max(times, default=datetime.min).replace(tzinfo=UTC)
