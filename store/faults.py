"""What the database complains of, in words of ours and with the way out: its own may quote rows, or say nothing."""

import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from config.logging import describe

_FULL = "the disk is full; make room, the next run goes on"
LOCKED = "another program has kept it locked for too long; end that program"
_BROKE = "PostgreSQL has stopped, or the connection to it broke; what waits is done when it is back"
_REFUSED = "PostgreSQL does not let us in; look at the host, the user, the password and the database's name"

_SQLITE: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: "it may not be written; look at the rights of the file and of its folder",
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_IOERR: "its disk cannot be read or written; look at the disk and at the limits of this process",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; look at the rights of the file and of its folder",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database, or it is damaged; correct the path or restore a backup",
}
"""By primary result code (sqlite.org/rescode.html)."""

_POSTGRESQL: Mapping[str, str] = {
    "08": _BROKE,
    "25006": "PostgreSQL takes no changes, it is read-only; write to the primary, or let it be written again",
    "28": _REFUSED,
    "42501": "PostgreSQL gives us no right to a table; grant it to the user of database.url",
    "53100": _FULL,
    "53300": "PostgreSQL has no connection left; raise its max_connections, or end other programs",
    "55P03": LOCKED,
    "57P": _BROKE,
    "58": "PostgreSQL cannot read or write its disk; look at that disk",
}
"""By SQLSTATE, or by how that begins (PostgreSQL's documentation, appendix A)."""

_REFUSING_STATES = (*_POSTGRESQL, "53", "XX")  # what is named above, short of something, broken inside
_PASSING_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR})
_PASSING_STATES = ("08", "53", "55P03", "57P")
_PASSING_REFUSALS = ("starting up", "shutting down", "in recovery mode", "too many", "connection slots")


def database_fault(error: SQLAlchemyError) -> str:
    """The complaint as a part of a sentence. What is not known is named by type and place, and quotes no value."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        # A transaction that cannot even begin may come without a code.
        said = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        return said or (str(cause) if isinstance(error, OperationalError) else describe(error))
    if isinstance(error, NoConnectionError):
        return "every connection to it is in use; end other programs, or try again"
    state = getattr(cause, "sqlstate", None) or ""
    for beginning, sentence in _POSTGRESQL.items():
        if state.startswith(beginning):
            return sentence
    if isinstance(error, OperationalError) and not state:  # no answer came that could have a state
        return _BROKE if passes(error) else _REFUSED
    return describe(error)


def refuses(error: SQLAlchemyError) -> bool:
    """Whether the database takes nothing just now, whatever it is; else the row or the statement was wrong."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return code in _SQLITE or (not code and isinstance(error, OperationalError))
    state = getattr(cause, "sqlstate", None)
    if state:
        return str(state).startswith(_REFUSING_STATES)
    return isinstance(error, OperationalError | NoConnectionError)


def passes(error: SQLAlchemyError) -> bool:
    """Whether it may be over without anybody's changing a setting: the disk is full, the server is being restarted."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _PASSING_CODES
    state = getattr(cause, "sqlstate", None)
    if state:
        return str(state).startswith(_PASSING_STATES)
    # A server that answers and refuses says FATAL, also while it starts; it gives no state to whom it does not let in.
    said = str(cause)
    return "FATAL" not in said or any(word in said for word in _PASSING_REFUSALS)
