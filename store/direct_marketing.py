"""The direct-marketing register: people whose relationship has ended and who were moved into it, an act each.

An entry hangs on a record, so that it is found again after a merge, and a split gives it back (`store.hanging`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from store.hanging import whose
from store.tables import DirectMarketingEntry, table

_entry = table(DirectMarketingEntry)


@dataclass(frozen=True, slots=True)
class Move:
    """Why and by whom somebody is moved into the register. `brand`: with which the relationship has ended, `None` for
    the controller as a whole."""

    ended_on: date
    reason: str
    brand: str | None
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry and the customer to whom it belongs now, `None` where nobody in the registry does."""

    id: int
    customer_id: str | None
    brand: str | None
    relationship_ended_on: date
    reason: str
    entered_at: datetime
    entered_by: str
    left_at: datetime | None
    left_by: str | None
    left_reason: str | None
    resumed_on: date | None

    @property
    def in_force(self) -> bool:
        """Whether they are in the register."""
        return self.left_at is None

    @property
    def ended(self) -> bool:
        """Whether the relationship is over: they are in the register, or left it and are no customer again."""
        return self.in_force or self.resumed_on is None

    def covers(self, brand: str | None) -> bool:
        """Whether it speaks of this brand; of no brand, that is of the controller as a whole, only if it says so."""
        return self.brand is None or self.brand == brand


def entries(connection: Connection) -> list[Entry]:
    """All entries, in the order in which they were made."""
    return _read(connection)


def of_customer(connection: Connection, customer_id: str) -> list[Entry]:
    """The entries of a customer."""
    return [entry for entry in _read(connection) if entry.customer_id == customer_id]


def enter(connection: Connection, record_id: int, move: Move) -> int:
    """Move the person with this record into the register; the entry's id. Call inside `store.engine.writing`."""
    values = {
        "record_id": record_id,
        "brand": move.brand,
        "relationship_ended_on": move.ended_on,
        "reason": move.reason,
        "entered_at": move.now,
        "entered_by": move.actor,
    }
    return int(connection.execute(insert(_entry).values(values).returning(_entry.c.id)).scalar_one())


def leave(connection: Connection, ids: Collection[int], reason: str, actor: str, now: datetime) -> None:
    """End entries that are in force. Call inside `store.engine.writing`."""
    mine: tuple[ColumnElement[bool], ...] = (_entry.c.id.in_(ids), _entry.c.left_at.is_(None))
    values = {"left_at": now, "left_by": actor, "left_reason": reason}
    connection.execute(update(_entry).where(*mine).values(values))


def resume(connection: Connection, ids: Collection[int], on: date) -> None:
    """Note since when the people of these entries are customers again. Call inside `store.engine.writing`."""
    connection.execute(update(_entry).where(_entry.c.id.in_(ids)).values(resumed_on=on))


def _read(connection: Connection) -> list[Entry]:
    rows = connection.execute(select(_entry).order_by(_entry.c.id)).all()
    customers = whose(connection, [row.record_id for row in rows])
    names = [name for name in Entry.__slots__ if name != "customer_id"]
    return [
        Entry(customer_id=customers.get(row.record_id), **{name: getattr(row, name) for name in names}) for row in rows
    ]
