"""SQLite files whose tables are there already: to migrate one for each test would take most of the time."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, make_url

from store.engine import open_database


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rekisteri.db"
        open_database(f"sqlite:///{path}").dispose()
        assert not path.with_name("rekisteri.db-wal").exists(), "who leaves last writes the journal into the file"
        return path.read_bytes()


def lay(path: Path) -> Path:
    """Write a file with empty tables."""
    path.touch(0o600)
    path.write_bytes(_migrated())
    return path


def opened(url: str) -> Engine:
    """Open a database. A file that is not there has been migrated elsewhere."""
    file = make_url(url)
    if file.get_backend_name() == "sqlite" and not (path := Path(file.database or "")).exists():
        lay(path)
    return open_database(url)


def kept(url: str) -> Engine:
    """The same, but on PostgreSQL with one engine for the tables that many tests share: to open one takes time."""
    return opened(url) if url.startswith("sqlite") else _kept(url)


_kept = cache(open_database)


def again(engine: Engine, kept: Path) -> Engine:
    """The same engine over a copy of a file, whatever its own holds: to open a new one takes time."""
    engine.dispose()
    path = Path(engine.url.database or "")
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)
    shutil.copy(kept, path)
    return engine
