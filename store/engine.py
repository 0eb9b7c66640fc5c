"""Engine, the two units of work, and migrations.

SQLite loses updates silently in the driver's default mode: two sessions read, both write. So there is one way to
write, `writing`, which takes the write lock before the first read (`BEGIN IMMEDIATE` on SQLite, an advisory lock of the
transaction on PostgreSQL), and one way to read, `reading`, which never waits for a writer.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from config.errors import ConfigError
from store.faults import database_fault, passes
from store.turns import turns_of
from store.writes import writes_of

WRITER_LOCK = 0x72656B69  # "reki": key of the transaction lock on PostgreSQL
_BUSY_MS = 60_000
_SESSION = {
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""Of a session on PostgreSQL: seconds of keepalives, and milliseconds."""
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""With a server that has fallen silent, unless the URL says otherwise; names and units are libpq's."""
# The journal may grow to 16,000 pages (64 MiB) before it is copied into the file: a first load touches the same index
# pages over and over.
_PRAGMAS = (
    "foreign_keys=ON",
    "synchronous=NORMAL",
    "cache_size=-32768",
    "wal_autocheckpoint=16000",
    "temp_store=MEMORY",
)


class DatabaseError(Exception):
    """The database cannot be used. The text says what to do and quotes no statement."""


class AwayError(ConfigError):
    """The database cannot be used now, which may pass by itself: it is being restarted, its disk is full."""


def open_database(url: str) -> Engine:
    """Open the database and bring its tables up to date.

    Raises `ConfigError` when it cannot be opened, `AwayError` where that may pass by itself, `DatabaseError` when its
    tables are newer than this program.
    """
    engine = make_engine(url)
    try:
        _migrate(engine)
    except DatabaseError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        raise _closed(url, error) from None
    return engine


def _closed(url: str, error: DBAPIError) -> ConfigError:
    kind = AwayError if passes(error) else ConfigError
    return kind(_cannot_open(url, error), "database.url")


def open_as_it_is(url: str) -> Engine:
    """Open the database and leave its tables alone. Raises `ConfigError` when it cannot be opened, `AwayError` where
    that may pass by itself."""
    engine = make_engine(url)
    try:
        with engine.connect():
            return engine
    except DBAPIError as error:
        engine.dispose()
        raise _closed(url, error) from None


def make_engine(url: str) -> Engine:
    """An engine with the connection settings that `writing` and `reading` rely on. Raises `ConfigError`."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite_engine(url, parsed.database)
        return _postgresql_engine(url)
    except (ArgumentError, TypeError, ValueError):  # their texts quote parts of the URL
        raise ConfigError(
            "is no URL of a database, or an option after its ? is wrong; correct it", "database.url"
        ) from None
    except ModuleNotFoundError:
        raise ConfigError("PostgreSQL needs its driver; install rekisteri[postgresql]", "database.url") from None


def _sqlite_engine(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        _make_private(Path(path))
    waits = {"timeout": _BUSY_MS / 1000, "check_same_thread": False}
    engine = create_engine(url, connect_args=waits, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions behind our back
        _write_ahead(connection)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("rekisteri_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> Engine:
    """Nobody waits for a lock for longer than on SQLite: whoever forgot to let go of it must not stop us for ever. A
    machine that dies is noticed by its silence within some twenty seconds, by the server too: what it held is free. One
    that is frozen is given up after a minute and a half (`store.silence`)."""
    limits = {name: value for name, value in _PATIENCE.items() if name not in make_url(url).query}
    engine = create_engine(url, pool_pre_ping=True, pool_size=5, hide_parameters=True, connect_args=limits)
    from store.silence import Impatient  # which needs the driver

    @event.listens_for(engine, "do_connect")
    def _connects(_dialect: object, _record: object, words: list[Any], options: dict[str, Any]) -> Any:
        return Impatient.connect(*words, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        for name, value in {"lock_timeout": _BUSY_MS, **_SESSION}.items():
            connection.execute(f"SET {name} = {value}")
        connection.commit()

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep the journal beside the file. Of two who open a fresh file at once SQLite refuses one, and does not wait."""
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _make_private(path: Path) -> None:
    """Create the file with mode 0600; SQLite gives its journal files the mode of the database.

    A file that is there is never opened here: to close it would take this process's locks off it, whoever holds them
    (fcntl(2)), and the next program to leave would delete the journal that we write to. So SQLite's documentation has
    it, "How To Corrupt An SQLite Database File", 2.2.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        _check_rights(path)
    except OSError as error:
        raise _not_openable(path, error.strerror) from None


def _check_rights(path: Path) -> None:
    found = path.stat()
    if found.st_mode & 0o077 and found.st_uid == os.getuid():
        path.chmod(0o600)
    if not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
        raise _not_openable(path, os.strerror(errno.EISDIR if path.is_dir() else errno.EACCES))


def _not_openable(path: Path, reason: str | None) -> ConfigError:
    text = f"cannot open {path.name} in {path.parent}: {reason}; check the folder and its rights"
    return ConfigError(text, "database.url")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its start. Commits at the end, rolls back on any exception."""
    with (
        writes_of(engine).noted(),
        turns_of(engine).turn(),
        engine.connect().execution_options(rekisteri_writes=True) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        yield connection


@contextmanager
def adding(engine: Engine) -> Iterator[Connection]:
    """One transaction for rows that nobody else writes. On PostgreSQL it waits for no writer; SQLite knows but one."""
    if engine.dialect.name == "postgresql":
        with writes_of(engine).noted(), engine.begin() as connection:
            yield connection
    else:
        with writing(engine) as connection:
            yield connection


@contextmanager
def adding_at_once(engine: Engine) -> Iterator[Connection]:
    """As `adding`, but it waits for nobody: where somebody writes just now, that is an `OperationalError`."""
    with engine.connect().execution_options(rekisteri_writes=True) as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SET LOCAL lock_timeout = 1"))
                yield connection
            return
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA busy_timeout = 0")
        try:
            with connection.begin():
                yield connection
        finally:
            raw.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view that never waits for a writer, for as long as the block lasts."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
        with connection.begin():
            yield connection


def _migrate(engine: Engine) -> None:
    """Upgrade to the newest revision, where there is something to do."""
    from store.migrations import HEAD

    if _revision(engine) == HEAD:
        return
    with writing(engine) as connection:
        migrate(connection, HEAD)


def migrate(connection: Connection, revision: str) -> None:
    """Upgrade to a revision. Call inside `writing`. Raises `DatabaseError` for one that this program does not know.

    Alembic is imported here: it costs a fifth of a second.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    alembic.attributes["connection"] = connection
    try:
        command.upgrade(alembic, revision)
    except CommandError:
        raise DatabaseError(
            "the database was written by a newer version of rekisteri; install that version or restore a backup"
        ) from None


def _revision(engine: Engine) -> str | None:
    try:
        with reading(engine) as connection:
            revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return revision
    except OperationalError as error:
        if engine.dialect.name == "sqlite" and "no such table" in str(error.orig):
            return None
        raise
    except DBAPIError:
        return None


def _cannot_open(url: str, error: SQLAlchemyError) -> str:
    """A sentence without the password that `url` may hold. PostgreSQL's own text names host, user or database only."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return f"cannot use {Path(parsed.database or '').name}: {database_fault(error)}"
    if getattr(getattr(error, "orig", None), "sqlstate", None):
        return f"cannot use the database: {database_fault(error)}"
    cause = str(getattr(error, "orig", "")).strip().splitlines()
    return f"PostgreSQL does not let us in ({cause[0] if cause else 'no answer'}); check host, user and rights"
