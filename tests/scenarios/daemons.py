"""`rekisteri daemon` in a process of its own, what it logs, and what it answers."""

import http.client
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.scenarios.programs import MAIN, Program, forked
from tests.waiting import until

PROGRAM = (sys.executable, "-c", MAIN)


@dataclass
class Daemon:
    """A running one. `lines`: what it has logged so far, as JSON objects; `said`: the same as text."""

    process: Program
    lines: list[dict[str, Any]] = field(default_factory=list)
    said: str = ""

    def read(self) -> None:
        """Take what it logs, until it ends."""
        for line in self.process.stderr:
            self.said += line
            with suppress(ValueError):
                self.lines.append(json.loads(line))

    def logged(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """Lines of this sentence that have these fields."""
        found = [line for line in list(self.lines) if line.get("event") == event]
        return [line for line in found if fields.items() <= line.items()]

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.logged("the daemon is up")[0]["listens"])

    def ask(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """One request: status and body."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request("POST" if body is not None else "GET", path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def health(self) -> dict[str, Any]:
        """`/health`."""
        found: dict[str, Any] = json.loads(self.ask("/health")[1])
        return found

    def is_read(self, source: str) -> bool:
        """Whether the data of a source has an age, that is, its run went well."""
        return "observedValue" in self.health()["checks"][f"sync:{source}:age"][0]

    def end(self, number: int, within_s: float = 30.0) -> int:
        """Send a signal; the exit status, and no traceback."""
        self.process.send_signal(number)
        status = self.process.wait(within_s)
        assert "Traceback" not in self.said
        return status


@contextmanager
def daemon(
    folder: Path, *words: str, up: bool = True, program: Sequence[str] = PROGRAM, **env: str
) -> Iterator[Daemon]:
    """Start one in a folder with a configuration; it is killed at the end, if it is there still.

    `program`: another command of an interpreter, which ends with its code.
    """
    around = {"REKISTERI_HTTP__PORT": "0", "REKISTERI_LOG__FORMAT": "json"} | env
    process = Program(folder, "daemon", *words, env=around, code=program[-1])
    found = Daemon(process)
    reader = threading.Thread(target=found.read, daemon=True)
    reader.start()
    try:
        if up:
            until(lambda: found.logged("the daemon is up") or process.poll() is not None)
            assert process.poll() is None, found.said
        yield found
    finally:
        process.kill()
        process.wait(10)
        reader.join(10)
        process.close()


def sync(folder: Path) -> int:
    """`rekisteri sync` beside it: the exit status."""
    return forked(folder, "sync").returncode
