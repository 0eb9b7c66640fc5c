"""Locks end with the process that holds them, whatever ends it."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine

from store.engine import make_engine
from store.locks import LockedError, holding, is_held
from tests.tree import ROOT

HOLD = """
import sys
from store.engine import make_engine
from store.locks import holding
with holding(make_engine(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""


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
