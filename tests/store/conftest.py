"""Databases whose tables are there already: to migrate one for each test would take most of the time."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import open_database
from tests.postgres import Postgres
from tests.store.shelf import Shelf
from tests.sync.engine import Registry


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> Iterator[str]:
    """A migrated database."""
    name = postgres_server.create()
    open_database(postgres_server.url(name)).dispose()
    yield name
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file."""
    path = tmp_path_factory.mktemp("template") / "rekisteri.db"
    engine = open_database(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a SQLite file with empty tables."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'rekisteri.db')}"


@pytest.fixture
def registry(database_url: str) -> Iterator[Registry]:
    """A registry without anybody."""
    registry = Registry.open(database_url)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    """A store that nothing has landed in."""
    shelf = Shelf.open(database_url)
    yield shelf
    shelf.engine.dispose()
