"""What the controller keeps beside the data: agreements with parties, measures of protection, breaches.

Rows are those of `store.tables.upkeep`. Call what writes inside `store.engine.writing`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, insert, select, update

from store.tables import Agreement, Breach, Measure, table

_agreement = table(Agreement)
_measure = table(Measure)
_breach = table(Breach)

Rows = list[Row[Any]]


class OpenBreach(NamedTuple):
    """What of an open breach says who has still to be told; fields as in `store.tables.Breach`."""

    risk: str
    discovered_at: datetime
    authority_told_at: datetime | None
    people_told_at: datetime | None


def agreements(connection: Connection, *, ended: bool = False) -> Rows:
    """Agreements in force, with `ended` all that ever were, by id."""
    query = select(_agreement).order_by(_agreement.c.id)
    return list(connection.execute(query if ended else query.where(_agreement.c.ended_on.is_(None))))


def measures(connection: Connection, *, ended: bool = False) -> Rows:
    """Measures of protection in force, with `ended` all that ever were, by id."""
    query = select(_measure).order_by(_measure.c.id)
    return list(connection.execute(query if ended else query.where(_measure.c.until.is_(None))))


def breaches(connection: Connection, *, closed: bool = True) -> Rows:
    """Every breach, without `closed` those that are open, by id."""
    query = select(_breach).order_by(_breach.c.id)
    return list(connection.execute(query if closed else query.where(_breach.c.closed_at.is_(None))))


def open_breaches(connection: Connection) -> tuple[OpenBreach, ...]:
    """The breaches that are open, by id."""
    columns = [_breach.c[name] for name in OpenBreach._fields]
    query: Select[Any] = select(*columns).where(_breach.c.closed_at.is_(None)).order_by(_breach.c.id)
    return tuple(OpenBreach(*row) for row in connection.execute(query))


def reviews(connection: Connection) -> dict[str, tuple[date | None, ...]]:
    """When somebody has to look again at each agreement and each measure in force, `None` where no day is set. Of what
    there is none, there is no entry."""
    days = {"agreements": agreements(connection), "measures": measures(connection)}
    return {name: tuple(row.review_on for row in rows) for name, rows in days.items() if rows}


def breach(connection: Connection, breach_id: int) -> Row[Any] | None:
    """One breach."""
    return connection.execute(select(_breach).where(_breach.c.id == breach_id)).one_or_none()


def add_agreement(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write an agreement down; its id."""
    return _add(connection, _agreement, values)


def add_measure(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a measure down; its id."""
    return _add(connection, _measure, values)


def add_breach(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a breach down; its id."""
    return _add(connection, _breach, values)


def _add(connection: Connection, into: Table, values: Mapping[str, Any]) -> int:
    return int(connection.execute(insert(into).values(values).returning(into.c.id)).scalar_one())


def end_agreement(connection: Connection, agreement_id: int, on: date, actor: str, reason: str) -> None:
    """Note since when an agreement is over, and why."""
    values = {"ended_on": on, "ended_by": actor, "end_reason": reason}
    connection.execute(update(_agreement).where(_agreement.c.id == agreement_id).values(values))


def end_measure(connection: Connection, measure_id: int, on: date) -> None:
    """Note until when a measure was in force."""
    connection.execute(update(_measure).where(_measure.c.id == measure_id).values(until=on))


def review_agreement(connection: Connection, agreement_id: int, again: date) -> None:
    """Note when somebody has to look at an agreement again."""
    connection.execute(update(_agreement).where(_agreement.c.id == agreement_id).values(review_on=again))


def review_measure(connection: Connection, measure_id: int, again: date) -> None:
    """Note when somebody has to look at a measure again."""
    connection.execute(update(_measure).where(_measure.c.id == measure_id).values(review_on=again))


def change_breach(connection: Connection, breach_id: int, values: Mapping[str, Any]) -> None:
    """Write down what is known of a breach by now."""
    connection.execute(update(_breach).where(_breach.c.id == breach_id).values(values))
