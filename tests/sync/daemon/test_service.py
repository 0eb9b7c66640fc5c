"""The ends of a daemon that are not the usual ones: a part that dies, a part that hangs, an end before the start."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from config.logging import configure
from config.settings import load
from store import locks
from store.engine import make_engine
from sync.daemon import service
from sync.daemon.service import Daemon
from tests.tree import ROOT

HANGING = """
import time
from sync.daemon import inbox, service
from sync.cli import main
service.FAREWELL_S = 0.5
inbox.Inbox.stop = lambda *_: time.sleep(60)
main()
"""
CONFIGURATION = """
[timma]
inbox = "."
[http]
port = 0
[log]
format = "json"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration whose only source is an empty folder."""
    (tmp_path / "rekisteri.toml").write_text(CONFIGURATION)
    (tmp_path / "rekisteri.toml").chmod(0o600)
    return tmp_path


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged; the process is put back as it was."""
    interval, said = sys.getswitchinterval(), StringIO()
    configure("info", "json", said)
    yield said
    sys.setswitchinterval(interval)
    configure()


def logged(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def run(folder: Path, log: StringIO, once_up: Callable[[Daemon], object]) -> int:
    """Run a daemon in this thread, which owns the signals, and do something once it is up; the exit status."""
    daemon = Daemon(lambda: load(folder / "rekisteri.toml", env={}))

    def act() -> None:
        deadline = time.monotonic() + 20
        while '"the daemon is up"' not in log.getvalue():
            if time.monotonic() > deadline:
                os.kill(os.getpid(), signal.SIGTERM)
                return
            time.sleep(0.01)
        once_up(daemon)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        return daemon.run()
    finally:
        thread.join()


def ask_to_stop(_daemon: Daemon) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def end_http(daemon: Daemon) -> None:
    """As if its thread had died."""
    assert daemon._server._server
    daemon._server._server.should_exit = True
    while daemon._server.alive:
        time.sleep(0.005)


def test_a_first_signal_ends_it_with_0_and_leaves_the_process_as_it_was(folder: Path, log: StringIO) -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)
    assert run(folder, log, ask_to_stop) == 0
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGHUP)) == before
    names = {thread.name for thread in threading.enumerate()}
    assert names.isdisjoint({"http", "runner", "inbox", "guard", "APScheduler"})
    engine = make_engine(f"sqlite:///{folder / 'rekisteri.db'}")
    assert not locks.is_held(engine, "instance")
    engine.dispose()


def test_a_part_that_dies_ends_all_of_it_with_1(folder: Path, log: StringIO) -> None:
    assert run(folder, log, end_http) == service.DEAD
    assert [line["parts"] for line in logged(log) if line["level"] == "error"] == [["http"]]
    assert logged(log)[-1]["event"] == "the daemon has ended"


def test_a_stop_after_the_http_thread_has_died_is_none_the_less_a_stop(folder: Path, log: StringIO) -> None:
    def both(daemon: Daemon) -> None:
        ask_to_stop(daemon)
        end_http(daemon)

    assert run(folder, log, both) == 0


def test_a_stop_that_is_asked_for_before_it_begins_is_heard(folder: Path, log: StringIO) -> None:
    daemon = Daemon(lambda: load(folder / "rekisteri.toml", env={}))
    daemon._end()
    assert daemon.run() == 0
    assert logged(log)[-1]["event"] == "the daemon has ended"


def test_what_hangs_does_not_hold_up_the_end(folder: Path) -> None:
    program = (sys.executable, "-c", HANGING, "daemon")
    with subprocess.Popen(program, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=-1, text=True) as it:
        assert it.stderr
        for line in it.stderr:
            if json.loads(line)["event"] == "the daemon is up":
                break
        it.send_signal(signal.SIGTERM)
        said = it.stderr.read()
        assert it.wait(60) == 0
    assert json.loads(said.splitlines()[-1])["event"] == "the daemon has ended, though not all of it in time"


def test_many_signals_to_read_again_lose_none_and_hang_nothing(folder: Path, log: StringIO) -> None:
    def storm(daemon: Daemon) -> None:
        for _ in range(50):
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.002)
        (folder / "rekisteri.toml").write_text(CONFIGURATION + '[schedule]\ntimma = "7 * * * *"\n')
        os.kill(os.getpid(), signal.SIGHUP)
        deadline = time.monotonic() + 10
        while daemon.settings.schedule.get("timma") != "7 * * * *" and time.monotonic() < deadline:
            time.sleep(0.01)
        taken.append(daemon.settings.schedule.get("timma"))
        ask_to_stop(daemon)

    taken: list[str | None] = []
    assert run(folder, log, storm) == 0
    assert taken == ["7 * * * *"]
