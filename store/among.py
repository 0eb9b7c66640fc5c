"""Conditions over many values.

`among` takes them in one parameter, since a list of parameters costs more to compile than to answer; `chunks` cuts what
may be too much for one statement or for memory (SQLite allows 32,766 parameters).
"""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

T = TypeVar("T")
_MOST = 10_000


def among(connection: Connection, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column` is one of `values` (whole numbers or texts)."""
    if connection.dialect.name == "postgresql":
        listed = bindparam(None, list(values), type_=ARRAY(column.type))
        return column == any_(listed)
    rows = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(rows.c.value))


def chunks(items: Iterable[T], size: int = _MOST) -> Iterator[list[T]]:
    """Lists of at most `size`."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
