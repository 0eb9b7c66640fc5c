"""Locks end with the process that holds them, whatever ends it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from store.engine import make_engine
from store.locks import Lock, LockedError, holding, is_held, watched
from tests.sync.web.swallowing import Way
from tests.tree import ROOT
from tests.waiting import until

HOLD = """
import sys
from store.engine import make_engine
from store.locks import holding
with holding(make_engine(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def closing_engine(url: str) -> Iterator[Engine]:
    """An engine that is let go of at the end."""
    engine = make_engine(url)
    yield engine
    engine.dispose()


@contextmanager
def afar(postgresql_url: str) -> Iterator[tuple[Way, Engine]]:
    """A way to the server on which everything can get lost, and an engine that takes it."""
    way = Way(str(make_url(postgresql_url).query["host"]))
    url = make_url(postgresql_url).set(host="127.0.0.1", port=way.port, query={})
    with closing_engine(url.render_as_string(hide_password=False)) as engine:
        yield way, engine
    way.close()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine of this process."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@contextmanager
def other_process(url: str, name: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_lock_excludes_other_processes_and_ends_when_one_is_killed(engine: Engine, database_url: str) -> None:
    assert not is_held(engine, "run")
    with other_process(database_url, "run") as process:
        assert is_held(engine, "run")
        with pytest.raises(LockedError, match="another rekisteri holds the run lock"), holding(engine, "run"):
            pass
        with holding(engine, "instance"):
            assert is_held(engine, "instance")
        process.kill()
        with holding(engine, "run", wait_s=10):
            assert is_held(engine, "run")
    assert not is_held(engine, "run")


def test_who_waits_long_enough_gets_the_lock(engine: Engine) -> None:
    held, waited = threading.Event(), []

    def hold() -> None:
        with holding(engine, "run"):
            held.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    begun = time.monotonic()
    with pytest.raises(LockedError), holding(engine, "run", wait_s=0):
        pass
    with holding(engine, "run", wait_s=10):
        waited.append(time.monotonic() - begun)
    thread.join()
    assert 0.2 < waited[0] < 5


def test_who_is_asked_to_stop_waits_no_longer(engine: Engine) -> None:
    begun = time.monotonic()
    with (
        holding(engine, "run"),
        pytest.raises(LockedError),
        holding(engine, "run", wait_s=30, stopped=lambda: True),
    ):
        pass
    assert time.monotonic() - begun < 5


def test_a_lock_is_free_again_after_an_exception(engine: Engine) -> None:
    with pytest.raises(KeyError), holding(engine, "run"):
        raise KeyError
    assert not is_held(engine, "run")
    assert not is_held(engine, "run"), "to ask takes nothing"


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Engine]:
    """A second engine on the PostgreSQL database, to act on its sessions."""
    engine = make_engine(postgresql_url)
    yield engine
    engine.dispose()


def throw_out_the_holder(server: Engine) -> None:
    """End the session that holds a lock, as a restart of the server does."""
    with server.begin() as connection:
        ended = connection.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        )
        assert ended.scalars().all() == [True]


def test_a_lock_that_ended_with_its_session_can_be_taken_again(postgresql_url: str, server: Engine) -> None:
    with closing_engine(postgresql_url) as mine, holding(mine, "instance") as lock:
        assert lock.still()
        throw_out_the_holder(server)
        assert not lock.still()
        assert not is_held(server, "instance")
        assert lock.take()
        assert lock.still()
        assert is_held(server, "instance")
    assert not is_held(server, "instance")


def test_a_lost_lock_that_somebody_else_took_stays_theirs(postgresql_url: str, server: Engine) -> None:
    with closing_engine(postgresql_url) as mine, holding(mine, "instance") as lock:
        throw_out_the_holder(server)
        assert not lock.still()
        with holding(server, "instance") as theirs:
            assert not lock.take()
            assert theirs.still()
    assert not is_held(server, "instance")


def test_to_let_go_of_a_lock_whose_session_has_ended_is_no_error(postgresql_url: str, server: Engine) -> None:
    with closing_engine(postgresql_url) as mine:
        with holding(mine, "run"):
            throw_out_the_holder(server)
        with holding(mine, "run") as lock:
            assert lock.still()


def test_a_session_of_ours_that_broke_off_unseen_by_the_server_is_told_to_end(postgresql_url: str) -> None:
    """It is not taken for somebody else's."""
    with (
        afar(postgresql_url) as (way, mine),
        closing_engine(postgresql_url) as other,
        holding(mine, "instance") as lock,
    ):
        way.swallow()
        way.cut()
        assert not lock.still()
        assert is_held(other, "instance")
        way.open()
        until(lambda: _is_ours(lock))
        assert lock.still()
        assert is_held(other, "instance")


def test_a_session_of_ours_that_ends_just_before_it_is_told_to_is_not_taken_for_somebody_else(
    postgresql_url: str,
) -> None:
    with (
        afar(postgresql_url) as (way, mine),
        closing_engine(postgresql_url) as other,
        holding(mine, "instance") as lock,
    ):

        def end_it(_c: object, _u: object, statement: str, *_: object) -> None:
            if "pg_terminate_backend" in statement:
                throw_out_the_holder(other)
                until(lambda: not is_held(other, "instance"))

        event.listen(mine, "before_cursor_execute", end_it)
        way.swallow()
        way.cut()
        assert not lock.still()
        way.open()
        until(lambda: _is_ours(lock))
        assert lock.still()


def _is_ours(lock: Lock) -> bool:
    """Taken, and never refused as if somebody else had it."""
    try:
        assert lock.take()
    except SQLAlchemyError:
        return False
    return True


def test_who_watches_a_lock_is_told_once_that_it_is_lost(engine: Engine) -> None:
    told = []
    with holding(engine, "run") as lock, watched(lock, lambda: told.append(True), 0.01) as still:
        assert still()
        if engine.dialect.name == "postgresql":
            throw_out_the_holder(engine)
            until(lambda: told)
            assert not still()
    assert len(told) == (engine.dialect.name == "postgresql")


def test_a_lock_of_a_file_is_never_lost(sqlite_url: str) -> None:
    with closing_engine(sqlite_url) as mine, holding(mine, "instance") as lock:
        assert lock.still()


def test_to_ask_takes_no_lock_from_who_starts(engine: Engine) -> None:
    """A monitor may ask all the time."""
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            is_held(engine, "instance")
            time.sleep(0.001)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(20):
            with holding(engine, "instance"):
                time.sleep(0.001)
    finally:
        done.set()
        thread.join()
