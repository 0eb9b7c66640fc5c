"""Who looked at people, what for, and how many. Never the text that was searched for."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from store.tables import AuditEvent, table

_event = table(AuditEvent)


def note(
    connection: Connection,
    now: datetime,
    actor: str,
    action: str,
    purpose: str,
    *,
    customer_id: str | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> None:
    """Write one event down. Call inside `store.engine.writing`, before what it speaks of is shown."""
    connection.execute(
        insert(_event).values(
            at=now,
            actor=actor,
            action=action,
            purpose=purpose,
            customer_id=customer_id,
            detail=json.dumps(detail or {}, ensure_ascii=False, sort_keys=True),
        )
    )
