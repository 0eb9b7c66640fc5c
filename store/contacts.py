"""Messages, calls, letters and talks with customers (`store.tables.ContactEvent`). Rows are those of the table.

Whose a contact is, `store.hanging` tells by its record. Call what writes inside `store.engine.writing`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from store import hanging
from store.tables import ContactEvent, table

_contact = table(ContactEvent)


def of_customer(connection: Connection, customer_id: str) -> list[Row[Any]]:
    """The contacts with a customer, ordered by id."""
    return hanging.of_customer(connection, _contact, customer_id)


def of_case(connection: Connection, case_id: int) -> list[Row[Any]]:
    """The contacts about a case, ordered by id."""
    query = select(_contact).where(_contact.c.case_id == case_id).order_by(_contact.c.id)
    return list(connection.execute(query).all())


def before(connection: Connection, moment: datetime) -> list[Row[Any]]:
    """The contacts that took place before a moment, ordered by id."""
    return list(connection.execute(select(_contact).where(_contact.c.at < moment).order_by(_contact.c.id)).all())


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a contact down; its id."""
    return int(connection.execute(insert(_contact).values(values).returning(_contact.c.id)).scalar_one())
