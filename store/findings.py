"""What the owner answered to findings of the notice check, and how many were open when somebody last looked.

Answers are append-only. Call what writes inside `store.engine.writing`.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select

from store import runs
from store.tables import FindingAnswer, table

_answer = table(FindingAnswer)

_LOOK = "notice_look"


class Look(NamedTuple):
    """The last look of the check: when, how many findings were open, and the digest of the register that it went by."""

    at: datetime
    open: int
    register: str


def answers(connection: Connection) -> list[Row[Any]]:
    """The last answer of each finding that ever had one, ordered by id."""
    last = select(func.max(_answer.c.id)).group_by(_answer.c.finding)
    return list(connection.execute(select(_answer).where(_answer.c.id.in_(last)).order_by(_answer.c.id)).all())


def answer(connection: Connection, finding: str, verdict: str, reason: str, now: datetime, actor: str) -> int:
    """Write an answer down; its id."""
    values = {"finding": finding, "verdict": verdict, "reason": reason, "answered_at": now, "answered_by": actor}
    return int(connection.execute(insert(_answer).values(values).returning(_answer.c.id)).scalar_one())


def last_look(connection: Connection) -> Look | None:
    """The last look, `None` where there was none yet. Cheap: `/health` asks."""
    kept = runs.stamp(connection, _LOOK)
    if kept is None:
        return None
    found = json.loads(kept)
    return Look(datetime.fromisoformat(found["at"]), found["open"], found["register"])


def note_look(connection: Connection, look: Look) -> None:
    """Keep the last look."""
    runs.set_stamp(connection, _LOOK, json.dumps({**look._asdict(), "at": look.at.isoformat()}))
