"""Rows that a duty keeps after an erasure (`store.tables.HeldRecord`), and the rules that say so.

Call what writes inside `store.engine.writing`.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Connection, func, insert, select

from store.among import among
from store.tables import HeldRecord, RetentionRule, SourceRecord, table

_held = table(HeldRecord)
_rule = table(RetentionRule)
_record = table(SourceRecord)


class Rule(NamedTuple):
    """A retention rule in force; fields as in `store.tables.RetentionRule`."""

    category: str
    period: str | None
    trigger: str
    basis: str


class Kept(NamedTuple):
    """A row to keep; fields as in `store.tables.HeldRecord`, the payload not yet JSON."""

    category: str
    basis: str
    hold_until: date | None
    kind: str
    source: str
    payload: Mapping[str, Any]


def rules_in_force(connection: Connection) -> list[Rule]:
    """The last rule of each category."""
    last = select(func.max(_rule.c.id)).group_by(_rule.c.category)
    query = select(*(_rule.c[name] for name in Rule._fields)).where(_rule.c.id.in_(last))
    return [Rule(*row) for row in connection.execute(query.order_by(_rule.c.category)).all()]


def products(connection: Connection, source_ids: Collection[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Name and currency of the products with these (source, external id)s."""
    query = select(_record.c.source, _record.c.external_id, _record.c.payload).where(
        _record.c.kind == "product", among(connection, _record.c.external_id, [id_ for _, id_ in source_ids])
    )
    found = {}
    for source, id_, text in connection.execute(query).all():
        payload = from_json(text)
        found[source, id_] = {"product": payload.get("name"), "currency": payload.get("currency")}
    return found


def keep(connection: Connection, tombstone_id: int, rows: Iterable[Kept], now: datetime) -> None:
    """Write down what is kept."""
    values = [
        {
            **row._asdict(),
            "payload": json.dumps(row.payload, ensure_ascii=False),
            "tombstone_id": tombstone_id,
            "held_at": now,
        }
        for row in rows
    ]
    if values:
        connection.execute(insert(_held), values)
