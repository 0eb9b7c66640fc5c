"""Feedback and claims (`store.tables.CaseFile`). Rows are those of the table, ordered by id.

Whose a case is, `store.hanging` tells by its record. Call what writes inside `store.engine.writing`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from store import hanging
from store.tables import CaseFile, table

OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
"""States of a case."""

_case = table(CaseFile)


def cases(connection: Connection, *, closed: bool = True) -> list[Row[Any]]:
    """All cases, or those alone that are not closed."""
    query = select(_case).order_by(_case.c.id)
    if not closed:
        query = query.where(_case.c.state != CLOSED)
    return list(connection.execute(query).all())


def of_customer(connection: Connection, customer_id: str) -> list[Row[Any]]:
    """The cases of a customer."""
    return hanging.of_customer(connection, _case, customer_id)


def get(connection: Connection, case_id: int) -> Row[Any] | None:
    """One case."""
    return connection.execute(select(_case).where(_case.c.id == case_id)).one_or_none()


def holding(connection: Connection) -> list[Row[Any]]:
    """The cases that hold back an erasure: not closed, with `hold`."""
    query = select(_case).where(_case.c.state != CLOSED, _case.c.hold).order_by(_case.c.id)
    return list(connection.execute(query).all())


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a new case down; its id."""
    return int(connection.execute(insert(_case).values(values).returning(_case.c.id)).scalar_one())


def change(connection: Connection, case_id: int, values: Mapping[str, Any]) -> None:
    """Write down what changed of a case."""
    connection.execute(update(_case).where(_case.c.id == case_id).values(values))
