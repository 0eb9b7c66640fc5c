"""The HTTP side over a real socket, with a process that is not there."""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from config.settings import Settings, load
from store.engine import open_database
from sync.web.host import Totals
from sync.web.server import Server

CONFIGURATION = """
[thinkific]
subdomain = "school"
api_key = "a-key"
[timma]
inbox = "inbox"
[http]
port = 0
"""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass
class Process:
    """What the server belongs to, as `sync.web.host.Host`."""

    engine: Engine
    settings: Settings
    totals: Totals = field(default_factory=Totals)
    running: tuple[str, ...] = ()
    parts: dict[str, bool] = field(default_factory=lambda: {"scheduler": True, "runner": True, "inbox": True})
    arrived: int = 0
    url: str = ""

    def event_arrived(self) -> None:
        """Count."""
        self.arrived += 1

    def soon(self, happened: Callable[[], bool], within_s: float = 30.0) -> bool:
        """Whether it happens within these seconds."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            if happened():
                return True
            time.sleep(0.02)
        return False

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two sources, and any free port."""
    (tmp_path / "inbox").mkdir()
    file = tmp_path / "rekisteri.toml"
    file.write_text(CONFIGURATION)
    file.chmod(0o600)
    return load(file, env={})


@pytest.fixture
def process(database_url: str, settings: Settings) -> Iterator[Process]:
    """A server over each kind of database."""
    found = Process(open_database(database_url), settings)
    server = Server(found)
    server.start()
    found.url = server.url
    yield found
    server.stop()
    assert not server.alive
    found.engine.dispose()
