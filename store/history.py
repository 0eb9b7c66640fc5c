"""What happened to a customer: merges and splits, by whom, and why."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, or_, select

from store.tables import CustomerEvent, table
from store.times import stamp

_event = table(CustomerEvent)


def history(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    """The merges and splits in which the customer took part, the oldest first.

    `event`: `merged` (`other_id` went into `customer_id`) or `split` (`customer_id` came out of `other_id`).
    """
    mine = or_(_event.c.customer_id == customer_id, _event.c.other_id == customer_id)
    return [
        {
            "at": stamp(row.at),
            "event": row.event,
            "customer_id": row.customer_id,
            "other_id": row.other_id,
            "actor": row.actor,
            "run_id": row.run_id,
            "reasons": from_json(row.reasons),
        }
        for row in connection.execute(select(_event).where(mine).order_by(_event.c.id)).all()
    ]
