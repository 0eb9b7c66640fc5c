"""Segments as they were written down, and their runs. Rules are never changed: a name defined again gets a new row.

Call what writes inside `store.engine.writing`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from store.tables import Segment, SegmentRun, table

_segment = table(Segment)
_run = table(SegmentRun)


def segments(connection: Connection, *, retired: bool = False) -> list[Row[Any]]:
    """Of each name the version that counts, by id; with `retired` every version of every name."""
    query = select(_segment).order_by(_segment.c.id)
    if not retired:
        last = select(func.max(_segment.c.id)).group_by(_segment.c.name)
        query = query.where(_segment.c.id.in_(last), _segment.c.retired_at.is_(None))
    return list(connection.execute(query).all())


def versions(connection: Connection, name: str) -> list[Row[Any]]:
    """Every version of a segment, the first first."""
    return list(connection.execute(select(_segment).where(_segment.c.name == name).order_by(_segment.c.id)).all())


def define(
    connection: Connection,
    name: str,
    rule: str,
    *,
    purpose: str,
    brand: str | None,
    channel: str | None,
    author: str,
    now: datetime,
) -> int:
    """Write a version of a segment down; its id."""
    values = {
        "name": name, "rule": rule, "purpose": purpose, "brand": brand, "channel": channel, "author": author,
        "created_at": now,
    }  # fmt: skip
    return int(connection.execute(insert(_segment).values(values).returning(_segment.c.id)).scalar_one())


def retire(connection: Connection, segment_id: int, actor: str, now: datetime) -> None:
    """End a version that counts; its rule stays as it is."""
    mine = (_segment.c.id == segment_id, _segment.c.retired_at.is_(None))
    connection.execute(update(_segment).where(*mine).values(retired_at=now, retired_by=actor))


def runs(connection: Connection) -> list[Row[Any]]:
    """Every use of every segment, by id."""
    return list(connection.execute(select(_run).order_by(_run.c.id)).all())


def note_run(
    connection: Connection,
    segment_id: int,
    listed: int,
    counts: Mapping[str, int],
    *,
    actor: str,
    now: datetime,
    file_sha256: str,
) -> int:
    """Write down that a segment was used; the run's id."""
    values = {
        "segment_id": segment_id, "at": now, "actor": actor, "listed": listed, "counts": json.dumps(counts),
        "file_sha256": file_sha256,
    }  # fmt: skip
    return int(connection.execute(insert(_run).values(values).returning(_run.c.id)).scalar_one())
