"""The same databases as the tests of the store, and a registry over made-up platforms."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load
from store.engine import open_database
from tests.store.conftest import light_registry, postgres_tables, postgresql_url, registry, sqlite_template, sqlite_url
from tests.sync.machine_desk import Desk
from tests.sync.machine_platforms import SETTINGS, standing_in

__all__ = ["light_registry", "postgres_tables", "postgresql_url", "registry", "sqlite_template", "sqlite_url"]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A registry over a school and a salon that nobody has used."""
    (tmp_path / "rekisteri.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "rekisteri.toml").chmod(0o600)
    desk = Desk(open_database(database_url), load(tmp_path / "rekisteri.toml", env={}))
    with standing_in(desk.school, desk.salon):
        yield desk
    desk.engine.dispose()
