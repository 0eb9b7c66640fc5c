"""The program in processes of their own, forked from one that has imported it: that takes most of a start.

That it starts by itself too is shown where an interpreter is started for it, in `test_commands.py` among others.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self, TextIO

from tests.tree import ROOT

MAIN = "from sync.cli import main; main()"
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        __name__,
        "connectors.http",
        "connectors.thinkific",
        "connectors.timma.both",
        "sync.cli.running",
        "sync.daemon.service",
        "sync.run",
        "store.silence",
        "alembic.command",
        "rich.progress",
    ]
)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program that is started by a test."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **(extra or {})}


class Program:
    """`rekisteri WORDS` in a folder, with what tests need of `subprocess.Popen`. `code`: begins it otherwise."""

    def __init__(self, folder: Path, *words: str, env: Mapping[str, str] | None = None, code: str = MAIN) -> None:
        pipes = [FORKS.Pipe(duplex=False) for _ in range(2)]
        begun = (code, words, str(folder), environment(env))
        self._process = FORKS.Process(target=_become, args=(*begun, *(theirs for _, theirs in pipes)))
        self._process.start()
        self.stdout, self.stderr = (_readable(*pipe) for pipe in pipes)
        assert self._process.pid
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Exit status, the signal that ended it as a negative number, or none while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Exit status, once it has ended."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired("rekisteri", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is there still."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it says, once it has ended."""
        said = ["", ""]

        def read(at: int, stream: TextIO) -> None:
            said[at] = stream.read()

        readers = [threading.Thread(target=read, args=one) for one in enumerate((self.stdout, self.stderr))]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join(timeout)
        return said[0], said[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        self.close()

    def close(self) -> None:
        """Let go of what it said."""
        self.stdout.close()
        self.stderr.close()


def forked(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """`rekisteri WORDS` to its end: exit status and what it said."""
    with Program(folder, *words, env=env) as program:
        stdout, stderr = program.communicate(180)
        return subprocess.CompletedProcess(words, program.wait(), stdout, stderr)


def _readable(ours: "Connection", theirs: "Connection") -> TextIO:
    theirs.close()
    with ours:
        return os.fdopen(os.dup(ours.fileno()), encoding="utf-8")


def _become(
    code: str, words: tuple[str, ...], folder: str, env: dict[str, str], stdout: "Connection", stderr: "Connection"
) -> None:
    """What an interpreter does before it runs `code`, as far as it shows."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None
    for number, said in enumerate((stdout, stderr), 1):
        os.dup2(said.fileno(), number)
        said.close()
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.argv = ["rekisteri", *words]
    exec(code, {"__name__": "__main__"})
