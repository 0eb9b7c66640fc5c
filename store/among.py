"""Conditions over many values in one parameter: a list of parameters costs more to compile than to answer."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def among(connection: Connection, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column` is one of `values` (whole numbers or texts)."""
    if connection.dialect.name == "postgresql":
        listed = bindparam(None, list(values), type_=ARRAY(column.type))
        return column == any_(listed)
    rows = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(rows.c.value))
