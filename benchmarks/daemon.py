"""A daemon in a process of its own, and how long it takes to answer."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import environment

ROOT = Path(__file__).parent.parent
STARTS_WITHIN_S = 60.0


@dataclass
class Daemon:
    """One that answers on `port` of loopback."""

    port: int
    process: subprocess.Popen[bytes]

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[float, int, bytes]:
        """One request over a connection of its own: seconds, status, body."""
        begun = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return time.perf_counter() - begun, answer.status, text


@contextmanager
def running(configuration: Path) -> Iterator[Daemon]:
    """`rekisteri daemon` with this configuration, on a free port. It must end within ten seconds, with status 0."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from sync.cli import main; main()", "--config", str(configuration), "daemon"]
    env = environment(PYTHONPATH=str(ROOT), REKISTERI_HTTP__PORT=str(port))
    with (
        (configuration.parent / "daemon.txt").open("ab") as log,
        subprocess.Popen(command, cwd=configuration.parent, env=env, stdout=log, stderr=log) as process,
    ):
        daemon = Daemon(port, process)
        try:
            _wait_until_it_answers(daemon)
            yield daemon
        finally:
            process.terminate()
            if process.wait(10):
                print((configuration.parent / "daemon.txt").read_text()[-2000:], file=sys.stderr)


def _wait_until_it_answers(daemon: Daemon) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and daemon.process.poll() is None:
        with suppress(OSError):
            if daemon.ask("GET", "/livez")[1] == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the daemon does not answer; its log is daemon.txt")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def line(name: str, seconds: Sequence[float]) -> str:
    """A row of a table: how many, median, p99 and longest, in milliseconds."""
    p50, p99, most = (percentile(seconds, share) * 1000 for share in (0.5, 0.99, 1.0))
    return f"| {name} | {len(seconds):,} | {p50:.1f} | {p99:.1f} | {most:.1f} |"


HEAD = "| what | times | median ms | p99 ms | longest ms |\n| --- | ---: | ---: | ---: | ---: |"
