"""The same databases as the tests of the store, and others to restore backups into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.privacy.vault import Vault
from tests.store.conftest import light_registry, postgres_tables, postgresql_url, registry, sqlite_template, sqlite_url

__all__ = ["light_registry", "postgres_tables", "postgresql_url", "registry", "sqlite_template", "sqlite_url"]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with a key and nothing else."""
    folder = tmp_path / "vault"
    folder.mkdir()
    return Vault(folder)


@pytest.fixture
def spare_url(tmp_path: Path) -> str:
    """URL of a SQLite file that is not there."""
    return f"sqlite:///{tmp_path / 'spare.db'}"


@pytest.fixture
def spare_postgresql_url(postgres_server: Postgres) -> Iterator[str]:
    """URL of a PostgreSQL database without tables."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database of each kind."""
    name = {"sqlite": "spare_url", "postgresql": "spare_postgresql_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url
