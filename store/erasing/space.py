"""Room in the database's files where what was erased may still be read, and how it is given back.

A row that was deleted, or an earlier version of one that was changed, stays in free pages and in the journal. So after
an erasure:

- SQLite: `VACUUM` writes the file anew from its rows, and a checkpoint copies the journal into it and cuts that to
  nothing. That waits for whoever reads, up to a minute.
- PostgreSQL: `VACUUM FULL` writes the tables anew, `ANALYZE` what it remembers of their values. Its own log (WAL) and
  its backups are the server's.

A stamp says that it is still to be done; the next that is asked does it.
"""

import sqlite3
import time
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import SQLModel

from store import runs
from store.engine import reading, writing
from store.tables import Counter, table

STAMP = "erasure_remains"
PATIENCE_S = 60.0
_LOOK_AGAIN_S = 0.25
_NOT_NOW = "55P03"  # lock_not_available: PostgreSQL's documentation, appendix A

_counter = table(Counter)


def leave_to_clean(connection: Connection, now: datetime) -> None:
    """Note that the files hold what was erased. Call inside the transaction that erases."""
    runs.set_stamp(connection, STAMP, now.isoformat())


def is_to_clean(connection: Connection) -> bool:
    """Whether the files may hold what was erased."""
    return runs.stamp(connection, STAMP) is not None


def clean(engine: Engine, *, patience_s: float = PATIENCE_S) -> bool:
    """Take from the files what was erased, where that is still to be done; whether nothing is left of it.

    Call without a transaction. Raises `SQLAlchemyError` where the database cannot do it: its disk is full, say.
    """
    with reading(engine) as connection:
        noted = runs.stamp(connection, STAMP)
    if noted is None:
        return True
    done = _rewritten(engine, patience_s) if engine.dialect.name == "postgresql" else _vacuumed(engine, patience_s)
    if done:
        with writing(engine) as connection:  # unless somebody was erased meanwhile
            connection.execute(delete(_counter).where(_counter.c.name == STAMP, _counter.c.value == noted))
    return done


def _rewritten(engine: Engine, patience_s: float) -> bool:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = {max(1, int(patience_s * 1000))}"))
        try:
            for name in sorted(SQLModel.metadata.tables):
                connection.execute(text(f'VACUUM (FULL, ANALYZE) "{name}"'))
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _NOT_NOW:
                raise
            return False
        finally:
            connection.invalidate()  # a session of its own, since it waits in its own manner
    return True


def _vacuumed(engine: Engine, patience_s: float) -> bool:
    """In a session of its own: no transaction may be open, and it waits in its own manner."""
    until = time.monotonic() + patience_s
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        try:
            raw.execute("PRAGMA secure_delete = ON")
            raw.execute("PRAGMA temp_store = FILE")  # the copy may be larger than memory
            raw.execute(f"PRAGMA busy_timeout = {max(1, int(patience_s * 1000))}")
            raw.execute("VACUUM")
            return _checkpointed(raw, until)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise DBAPIError.instance("VACUUM", None, error, sqlite3.Error, hide_parameters=True) from None
        finally:
            connection.invalidate()


def _checkpointed(raw: Any, until: float) -> bool:
    """Copy the journal into the file and cut it. Each try is short: nobody can write while one waits for readers."""
    raw.execute("PRAGMA busy_timeout = 100")
    while raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_AGAIN_S)
    return True
