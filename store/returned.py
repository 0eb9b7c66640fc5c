"""Rows in quarantine that may be an erased person's: they wait for a person's decision (`store.tombstones`)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, delete, select, update

from store.tables import Origin, Quarantine, table

_quarantine = table(Quarantine)
_origin = table(Origin)


@dataclass(frozen=True, slots=True)
class Returned:
    """One of them. `created_at`: when it was made at its platform, as text, where that is known; `since`: when it came
    first; `retrieved_from`: how it came last."""

    id: int
    tombstone_id: int
    source: str
    stream: str
    kind: str
    external_id: str
    created_at: str | None
    since: datetime
    retrieved_from: str
    reason: str


def every(connection: Connection) -> list[Returned]:
    """All of them, in the order in which they came."""
    return [_read(row) for row in connection.execute(_query().order_by(_quarantine.c.id)).all()]


def get(connection: Connection, id_: int) -> Returned | None:
    """One of them."""
    row = connection.execute(_query().where(_quarantine.c.id == id_)).one_or_none()
    return _read(row) if row else None


def _query() -> Select[Any]:
    columns = ("id", "tombstone_id", "source", "stream", "key", "fields", "first_seen_at", "retrieved_from", "reason")
    return (
        select(*(_quarantine.c[name] for name in columns), _origin.c.kind)
        .join(_origin, _origin.c.id == _quarantine.c.origin_id)
        .where(_quarantine.c.tombstone_id.is_not(None))
    )


def _read(row: Any) -> Returned:
    return Returned(
        row.id,
        row.tombstone_id,
        row.source,
        row.stream,
        row.kind,
        row.key,
        from_json(row.fields).get("created_at"),
        row.first_seen_at,
        row.retrieved_from,
        row.reason,
    )


def admitted(connection: Connection, ids: Collection[int], reason: str) -> None:
    """Say of these rows that they land when their source sends them again. They stay where they are until then."""
    connection.execute(update(_quarantine).where(_quarantine.c.id.in_(list(ids))).values(reason=reason))


def let_go(connection: Connection, id_: int) -> None:
    """It is not to come in."""
    connection.execute(delete(_quarantine).where(_quarantine.c.id == id_))
