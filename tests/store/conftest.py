"""Databases whose tables are there already: to migrate one for each test would take most of the time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from store.engine import open_database
from tests.postgres import Postgres
from tests.store.shelf import Shelf
from tests.sync.engine import Registry
from tests.tables import lay


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: Postgres) -> Iterator[Engine]:
    """A migrated database for all tests. To empty it takes 10 ms; to copy a migrated one takes 400."""
    with postgres_server.database() as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture
def postgresql_url(postgres_tables: Engine) -> Iterator[str]:
    """URL of a database with empty tables, emptied again after the test whoever is still connected."""
    yield postgres_tables.url.render_as_string(hide_password=False)
    with postgres_tables.begin() as connection:
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no look at references, row by row
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file."""
    return lay(tmp_path_factory.mktemp("template") / "rekisteri.db")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite file with empty tables."""
    return f"sqlite:///{lay(tmp_path / 'rekisteri.db')}"


@pytest.fixture
def registry(database_url: str) -> Iterator[Registry]:
    """A registry without anybody."""
    registry = Registry.open(database_url)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def light_registry(sqlite_url: str) -> Iterator[Registry]:
    """A registry without anybody, in SQLite alone: for many variants of what both databases show once elsewhere."""
    registry = Registry.open(sqlite_url)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    """A store that nothing has landed in."""
    shelf = Shelf.open(database_url)
    yield shelf
    shelf.engine.dispose()
