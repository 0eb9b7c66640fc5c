"""Inserts with a way out of conflicts, and what goes past the statement compiler: many plain inserts at once, and the
question asked of every page. The compiler spends more on these than the database does: a third of landing, on a first
load of 300,000 rows.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

_WITHOUT_OFFSET = len("2026-01-31 23:59:59.000000")
_BLOCK = 250  # rows in a statement; with up to 20 columns well below SQLite's 32,766 parameters


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, given as tuples in the order of `columns`. Times must have gone through `moment`.

    PostgreSQL gets them by COPY. SQLite gets one statement for a whole block: its driver holds the interpreter still
    for a moment with each statement, and with each row of `executemany`, so that a thread that maps the next page would
    take turns with it row by row. A key that is there already is an `IntegrityError`.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        with copying(connection, table, columns) as write:
            write(rows)
        return
    names = ", ".join(f'"{name}"' for name in columns)
    marks = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES {", ".join([marks] * len(block))}'
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(block)))


@contextmanager
def copying(
    connection: Connection, table: Table, columns: Sequence[str]
) -> Iterator[Callable[[Iterable[Sequence[Any]]], None]]:
    """One COPY of PostgreSQL, for as many rows as are given to it while it lasts. Texts may stand for any type."""
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN'
    cursor: Any = connection.connection.cursor()
    with _translated(connection, statement), cursor, cursor.copy(statement) as copy:

        def write(rows: Iterable[Sequence[Any]]) -> None:
            for row in rows:
                copy.write_row(row)

        yield write


@contextmanager
def _translated(connection: Connection, statement: str) -> Iterator[None]:
    """What the compiler would raise: nobody who reads or writes expects the driver's own errors."""
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(statement, None, error, driver.Error, hide_parameters=True) from None


def rows_among(connection: Connection, query: str, values: Collection[Any], *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query in plain SQL whose last condition is `column {among}`: one of `values`. Each `?` before it takes
    one of `parameters`. Values come as the driver gives them, so ask for no times."""
    if connection.dialect.name == "postgresql":
        statement = query.replace("?", "%s").replace("{among}", "= ANY(%s)")
        result = connection.exec_driver_sql(statement, (*parameters, list(values)))
    else:
        statement = query.replace("{among}", "IN (SELECT value FROM json_each(?))")
        result = connection.exec_driver_sql(statement, (*parameters, json.dumps(list(values))))
    cursor: Any = result.cursor
    with _translated(connection, statement):
        rows = list(cursor.fetchall())
    result.close()  # a result that nobody reads to its end keeps its parameters until a search for cycles
    return rows


def joined(connection: Connection, table: str, column: str, wanted: Mapping[str, str]) -> list[list[str]]:
    """Texts of many rows, which the database joins to one: to fetch each row would take longer than to make its text.

    `wanted`: of the rows with this value in `column` this expression in plain SQL, in which no line end occurs. A list
    each, in this order.
    """
    postgresql = connection.dialect.name == "postgresql"
    join, end = ("string_agg", "chr(10)") if postgresql else ("group_concat", "char(10)")
    gathered = ", ".join(f"{join}({text}, {end}) FILTER (WHERE {column} = ?)" for text in wanted.values())
    marks = ", ".join("?" * len(wanted))
    query = f"SELECT {gathered} FROM {table} WHERE {column} IN ({marks})"
    row = run_plain(connection, query, *wanted, *wanted).one()
    return [text.split("\n") if text else [] for text in row]


def blocks_of(connection: Connection, query: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query in plain SQL, `size` at a time, as the driver gives them; never all of them in memory."""
    named = {"name": "blocks"} if connection.dialect.name == "postgresql" else {}  # a named one stays at the server
    cursor: Any = connection.connection.cursor(**named)
    try:
        with _translated(connection, query):
            cursor.execute(query)
            while block := cursor.fetchmany(size):
                yield block
    finally:
        cursor.close()


def run_plain(connection: Connection, statement: str, *parameters: Any) -> Any:
    """A statement in plain SQL, each `?` one parameter. Times must have gone through `moment`."""
    if connection.dialect.name == "postgresql":
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, parameters)


def moment(connection: Connection, time: datetime | None) -> Any:
    """A time as the driver takes it: text on SQLite (the form in which SQLModel stores it), else itself."""
    return moments(connection)(time)


def moments(connection: Connection) -> Callable[[datetime | None], Any]:
    """`moment`, for many times: one call less for each."""
    return _itself if connection.dialect.name == "postgresql" else _text


def _itself(time: datetime | None) -> datetime | None:
    return time


@lru_cache(maxsize=4096)
def _text(time: datetime | None) -> str | None:
    if time is None:
        return None
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    return time.isoformat(sep=" ", timespec="microseconds")[:_WITHOUT_OFFSET]


def upsert(connection: Connection, table: Table) -> Any:
    """An insert that takes `on_conflict_…`, of the connection's dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
