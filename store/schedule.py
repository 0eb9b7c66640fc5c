"""When each source is meant to run next, and how many of its runs have failed in a row."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from store.bulk import upsert
from store.tables import SourceState, table

_state = table(SourceState)


def plan(connection: Connection, source: str, next_run_at: datetime) -> None:
    """Write down when the source is meant to run next."""
    statement = upsert(connection, _state).values(source=source, next_run_at=next_run_at)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["source"], set_={"next_run_at": next_run_at}),
    )


def failed(connection: Connection, source: str, now: datetime) -> int:
    """Count a failed run; answers how many have failed in a row now."""
    statement = upsert(connection, _state).values(source=source, failures=1, lost_since=now)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["source"],
            set_={"failures": _state.c.failures + 1, "lost_since": func.coalesce(_state.c.lost_since, now)},
        )
    )
    return int(connection.execute(select(_state.c.failures).where(_state.c.source == source)).scalar_one())


def recovered(connection: Connection, source: str) -> datetime | None:
    """A run went well, or in part: nothing failed in a row any more. Answers since when it had failed, if it had."""
    mine = _state.c.source == source
    since: datetime | None = connection.execute(select(_state.c.lost_since).where(mine)).scalar()
    connection.execute(update(_state).where(mine).values(failures=0, lost_since=None))
    return since
