"""Rows of a backup into an empty database, inside the one transaction of a restore."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlmodel import SQLModel

from store.backup import bare
from store.backup.errors import BackupError, UnreadableError
from store.backup.form import Block, Head, Shelf
from store.bulk import copying, insert_rows
from store.engine import DatabaseError, migrate
from store.migrations import HEAD

_NOT_EMPTY = "the database is not empty, and nothing in it is ever overwritten; name an empty one"
_OURS = "alembic_version"


class Importer:
    """Takes in a backup (`store.backup.form.Taker`): tables of its revision, then its rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dress: Callable[[], None] = lambda: None

    def begin(self, head: Head) -> None:
        """Make the tables as they were. Raises `BackupError`, `UnreadableError`."""
        require_empty(self._connection)
        _require_no_other(self._connection, head.schema)
        try:
            migrate(self._connection, head.schema)
        except DatabaseError:
            raise UnreadableError("was written by a newer version of rekisteri; install that version") from None
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))  # which times in a backup do not say
        self._dress = bare.strip(self._connection)

    @contextmanager
    def table(self, table: Shelf) -> Iterator[Callable[[Block], None]]:
        """Take in the rows of a table. Raises `UnreadableError` where there is no such table."""
        known = inspect(self._connection)
        names = {column["name"] for column in known.get_columns(table.name)} if known.has_table(table.name) else set()
        if not names.issuperset(table.columns):
            raise UnreadableError("is no backup of rekisteri")
        target = Table(table.name, MetaData())
        if self._connection.dialect.name == "postgresql":
            with copying(
                self._connection, target, table.columns
            ) as write:  # one statement: references are seen to once
                yield write
        else:
            yield lambda block: insert_rows(self._connection, target, table.columns, block)

    def finish(self) -> None:
        """Bring the tables up to date, and let the planner know how much there is."""
        self._dress()
        migrate(self._connection, HEAD)
        go_on(self._connection)
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("ANALYZE"))


def require_empty(connection: Connection) -> None:
    """Raises `BackupError` where the database holds a row, or a table that is none of ours."""
    found = set(inspect(connection).get_table_names()) - {_OURS}
    if found - set(SQLModel.metadata.tables):
        raise BackupError(_NOT_EMPTY)
    for name in found:
        rows = connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1'))
        if rows.first() is not None:
            raise BackupError(_NOT_EMPTY)


def _require_no_other(connection: Connection, revision: str) -> None:
    """Empty tables may be there, as `rekisteri check` makes them, but of the backup's revision."""
    if inspect(connection).has_table(_OURS):
        theirs = connection.execute(text(f"SELECT version_num FROM {_OURS}")).scalar()
        if theirs not in (None, revision):
            raise BackupError("the database has tables of another version; name one without tables")


def go_on(connection: Connection) -> None:
    """Let PostgreSQL count on after the ids that are there; SQLite does so by itself."""
    if connection.dialect.name == "postgresql":
        for table in SQLModel.metadata.sorted_tables:
            _go_on(connection, table)


def _go_on(connection: Connection, table: Table) -> None:
    counted = (
        "id" in table.columns
        and connection.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name}).scalar()
    )
    if counted:
        newest: Any = connection.execute(text(f'SELECT max(id) FROM "{table.name}"')).scalar()
        connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :value, :used)"),
            {"sequence": counted, "value": newest or 1, "used": newest is not None},
        )
