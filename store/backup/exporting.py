"""The rows of a moment of the registry, in the one form that both databases read (`store.backup.form`)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, DateTime, Table, TypeDecorator, func, select
from sqlmodel import SQLModel

from store import bulk, tombstones
from store.backup.form import Block, Head, Shelf
from store.migrations import HEAD
from store.tables import AuditEvent

_BLOCK = 250


def head_of(connection: Connection, fingerprint: str, written_at: str) -> Head:
    """What a backup of this moment says of itself. Call inside `store.engine.reading`, and read the rows there too."""
    shelves = tuple(_shelf(connection, table) for table in SQLModel.metadata.sorted_tables)
    return Head(HEAD, written_at, fingerprint, tombstones.newest(connection), shelves)


def _shelf(connection: Connection, table: Table) -> Shelf:
    rows = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
    return Shelf(table.name, tuple(column.name for column in table.columns), rows)


def blocks_of(connection: Connection, shelf: Shelf) -> Iterator[Block]:
    """The rows of a table, never all of them in memory."""
    table = SQLModel.metadata.tables[shelf.name]
    postgresql = connection.dialect.name == "postgresql"
    columns = ", ".join(_column(table.columns[name], postgresql) for name in shelf.columns)
    order = " ORDER BY id" if table.name == AuditEvent.__tablename__ else ""  # a chain takes its links one by one
    return bulk.blocks_of(connection, f'SELECT {columns} FROM "{table.name}"{order}', _BLOCK)


def _column(column: Column[Any], postgresql: bool) -> str:
    """As SQLite keeps it. PostgreSQL says it in that form itself: faster than to turn each value here."""
    name = f'"{column.name}"'
    if not postgresql:
        return name
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, DateTime):
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    if isinstance(kind, Date):
        return f"to_char({name}, 'YYYY-MM-DD')"
    return f"{name}::int" if isinstance(kind, Boolean) else name
