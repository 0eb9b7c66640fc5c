"""What every test stands on: a clean environment, bounded Hypothesis profiles, databases of both kinds."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from tests import postgres
from tests.postgres import Postgres

# `ci`, the default: the same examples every time, few of them. `thorough`: HYPOTHESIS_PROFILE=thorough make test
settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", deadline=None, max_examples=1000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A process has one engine, tests have thousands, and a fifth of their time went into compiling the same statements for
# each. Their dialects are of one make: what is compiled for one serves all of that kind. Not by `monkeypatch`, since it
# holds for the whole process. Where SQLAlchemy changes inside, take these three lines out: tests are slower then.
_compiled: LRUCache[Any, Any] = LRUCache(3000)
Engine._compiled_cache = property(lambda _: _compiled, lambda *_: None)  # type: ignore[assignment]
DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]

PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy"})
SURROUNDINGS = frozenset({"NOTIFY_SOCKET", "COLUMNS", "LINES", "PYTHONUNBUFFERED"})
"""Whoever runs tests side by side may say how wide a terminal is; there is none. Programs buffer as they do at home."""


def _leads_out(name: str) -> bool:
    return name.startswith("REKISTERI_") or name in SURROUNDINGS or name.lower() in PROXIES


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder without configuration."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    """Nothing of the person's own set-up reaches a test: settings, service manager, proxies, configuration folder."""
    for name in filter(_leads_out, list(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(empty_home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(empty_home / ".config"))


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command sets up logging for its process, which here is that of the tests."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One real PostgreSQL a session, started when the first test asks for it."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'rekisteri.db'}"


@pytest.fixture
def postgresql_url(postgres_server: Postgres) -> Iterator[str]:
    """URL of a fresh PostgreSQL database, dropped after the test whoever is still connected."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh database: the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
