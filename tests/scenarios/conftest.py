"""Scenarios: both sandboxes on sockets, and worlds that read them. `THOROUGH=1` makes the long ones longer."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.scenarios.programs import environment
from tests.scenarios.world import Platforms, World, people
from tests.store.conftest import postgres_tables, postgresql_url

__all__ = ["environment", "postgres_tables", "postgresql_url"]

THOROUGH = os.environ.get("THOROUGH") == "1"


@pytest.fixture(scope="session")
def served() -> Iterator[Platforms]:
    """Both platforms on sockets."""
    with ExitStack() as stack:
        yield Platforms.open(stack)


@pytest.fixture
def platforms(served: Platforms) -> Platforms:
    """Both platforms, as if nobody had used them."""
    served.calm(people())
    return served


@pytest.fixture
def world(tmp_path: Path, sqlite_url: str, platforms: Platforms) -> Iterator[World]:
    """A registry in a file."""
    world = World(tmp_path, sqlite_url, platforms)
    yield world
    world.close()


@pytest.fixture
def any_world(tmp_path: Path, database_url: str, platforms: Platforms) -> Iterator[World]:
    """A registry on each kind of database."""
    world = World(tmp_path, database_url, platforms)
    yield world
    world.close()


@pytest.fixture
def calm_world(tmp_path: Path, platforms: Platforms) -> Iterator[World]:
    """A second registry, to compare with."""
    folder = tmp_path / "calm"
    folder.mkdir()
    world = World(folder, f"sqlite:///{folder / 'rekisteri.db'}", platforms)
    yield world
    world.close()
