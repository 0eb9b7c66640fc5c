"""Inserts: with a way out of conflicts, and many plain ones at once.

The plain ones go past the statement compiler, which spends more on a row than the database does: on a first load of
300,000 rows it took a third of landing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

_BLOCK = 250  # rows in a statement; with up to 20 columns well below SQLite's 32,766 parameters


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, given as tuples in the order of `columns`. Times must have gone through `moment`.

    PostgreSQL gets them by COPY. SQLite gets one statement for a whole block: its driver holds the interpreter still
    for a moment with each statement, and with each row of `executemany`, so that a thread that maps the next page would
    take turns with it row by row. A key that is there already is an `IntegrityError`.
    """
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, f'COPY "{table.name}" ({names}) FROM STDIN', rows)
        return
    marks = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES {", ".join([marks] * len(block))}'
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(block)))


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.dialect.loaded_dbapi
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:  # what the compiler would raise: nobody who writes expects the driver's own errors
        raise DBAPIError.instance(statement, None, error, driver.Error, hide_parameters=True) from None


def moment(connection: Connection, time: datetime | None) -> Any:
    """A time as the driver takes it: text on SQLite (the form in which SQLModel stores it), else itself."""
    if time is None or connection.dialect.name == "postgresql":
        return time
    return _text(time)


@lru_cache(maxsize=4096)
def _text(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def upsert(connection: Connection, table: Table) -> Any:
    """An insert that takes `on_conflict_…`, of the connection's dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
