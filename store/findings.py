"""What the owner answered to findings of the notice check. Append-only; write inside `store.engine.writing`."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select

from store.tables import FindingAnswer, table

_answer = table(FindingAnswer)

Verdict = Literal["accepted", "resolved", "reopened"]


def answers(connection: Connection) -> list[Row[Any]]:
    """The last answer of each finding that ever had one, ordered by id."""
    last = select(func.max(_answer.c.id)).group_by(_answer.c.finding)
    return list(connection.execute(select(_answer).where(_answer.c.id.in_(last)).order_by(_answer.c.id)).all())


def answer(connection: Connection, finding: str, verdict: Verdict, reason: str, now: datetime, actor: str) -> int:
    """Write an answer down; its id."""
    values = {"finding": finding, "verdict": verdict, "reason": reason, "answered_at": now, "answered_by": actor}
    return int(connection.execute(insert(_answer).values(values).returning(_answer.c.id)).scalar_one())
