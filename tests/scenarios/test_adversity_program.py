"""The same troubles as a person or a monitor meets them: exit status, one line that says the way out, no traceback."""

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import postgres
from tests.postgres import Postgres
from tests.scenarios.conftest import environment
from tests.scenarios.world import Platforms, World

# Every connection of the program says this first; a lock is waited for a third of a second.
PRELUDE = """
import store.engine
from sqlalchemy import Engine, event
store.engine._BUSY_MS = 300
event.listen(Engine, "connect", lambda connection, _: connection.execute(FIRST))
"""
PROGRAM = "from sync.cli import main; main()"
QUIET = "SELECT 1"
SMALL = 200_000  # bytes that no file may outgrow


def said_by(world: World, *words: str, first: str | None = None, limit: Callable[[], None] | None = None) -> str:
    """What the program says on standard error; it must end with status 1 and without a traceback."""
    begin = "" if first is None else PRELUDE.replace("FIRST", repr(first))
    done = subprocess.run(
        (sys.executable, "-c", begin + PROGRAM, *words),
        cwd=world.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        preexec_fn=limit,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "nobody foresaw" not in done.stdout + done.stderr
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr


def small_files() -> None:
    """What a quota does: a file that grows beyond is refused."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))


def test_a_full_disk(world: World, calm_world: World) -> None:
    calm_world.run()
    world.engine  # noqa: B018 (its tables are there)
    said = said_by(world, "sync", first="PRAGMA max_page_count=1")
    assert "the disk is full; make room" in said
    _is_well_again(world, calm_world)


def test_a_limit_on_the_size_of_files(world: World, calm_world: World) -> None:
    calm_world.run()
    world.close()
    said = said_by(world, "sync", limit=small_files)
    assert "its disk cannot be read or written; look at the disk and at the limits of this process" in said
    _is_well_again(world, calm_world)


def test_a_database_that_may_not_be_written(world: World, calm_world: World) -> None:
    calm_world.run()
    world.engine  # noqa: B018
    said = said_by(world, "sync", first="PRAGMA query_only=ON")
    assert said.count("\n") == 1
    assert "it may not be written; look at the rights of the file and of its folder" in said
    _is_well_again(world, calm_world)


def test_a_database_that_another_program_keeps_locked(world: World, calm_world: World) -> None:
    calm_world.run()
    path = world.engine.url.database or ""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = said_by(world, "sync", first=QUIET)
        assert said.count("\n") == 1
        assert "another program has kept it locked for too long; end that program" in said
    _is_well_again(world, calm_world)


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server that may be stopped."""
    with postgres.running() as server:
        yield server


def test_a_server_that_is_away_when_the_program_begins(
    tmp_path: Path, server: Postgres, platforms: Platforms, calm_world: World
) -> None:
    calm_world.run()
    with server.database() as url:
        world = World(tmp_path, url, platforms)
        world.platforms.calm(world.thinkific.population)
        server.stop()
        said = [said_by(world, *words) for words in (("sync",), ("status",), ("customers", "list"))]
        server.start()
        _is_well_again(world, calm_world)
        world.close()
    for lines in said:
        assert lines.startswith("rekisteri: database.url: PostgreSQL does not let us in (")
        assert lines.count("\n") == 1


def _is_well_again(world: World, calm: World) -> None:
    world.close()
    world.platforms.calm(world.thinkific.population)
    assert world.run()["outcome"] == "ok"
    assert world.portrait() == calm.portrait()
    assert world.ask("SELECT outcome FROM run WHERE finished_at IS NULL OR outcome = 'running'") == []
