"""What the database complains of, in words of ours."""

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from store.engine import AwayError, open_database
from store.faults import database_fault, passes, refuses


def sqlite_error(code: int) -> SQLAlchemyError:
    error = sqlite3.OperationalError("near Zyqvarina")
    error.sqlite_errorcode = code
    return OperationalError("INSERT", {}, error)


def postgresql_error(state: str | None, text: str = "Zyqvarina") -> SQLAlchemyError:
    error = psycopg.errors.lookup(state)(text) if state else psycopg.OperationalError(text)
    return OperationalError("INSERT", {}, error)


@pytest.mark.parametrize(
    ("error", "words", "passing"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), "the disk is full; make room", True),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), "its disk cannot be read or written", True),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), "another program has kept it locked", True),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), "it may not be written; look at the rights", False),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), "it is damaged; restore a backup", False),
        (postgresql_error("53100"), "the disk is full; make room", True),
        (postgresql_error("25006"), "PostgreSQL takes no changes", False),
        (postgresql_error("55P03"), "another program has kept it locked", True),
        (postgresql_error("57P01"), "PostgreSQL has stopped", True),
        (postgresql_error("53300"), "PostgreSQL has no connection left", True),
        (postgresql_error("42501"), "PostgreSQL gives us no right", False),
        (postgresql_error(None, "connection refused"), "PostgreSQL has stopped", True),
        (postgresql_error(None, "FATAL: the database system is starting up"), "PostgreSQL has stopped", True),
        (postgresql_error(None, "FATAL: password authentication failed"), "PostgreSQL does not let us in", False),
        (NoConnectionError("QueuePool limit"), "every connection to it is in use", True),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError("Zyqvarina")), "sqlalchemy.exc.IntegrityError", False),
        (IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation("Zyqvarina")), "sqlalchemy.exc.Integrity", False),
    ],
)
def test_a_complaint_is_named_and_quotes_nothing(error: SQLAlchemyError, words: str, passing: bool) -> None:
    assert database_fault(error).startswith(words)
    assert "Zyqvarina" not in database_fault(error)
    assert passes(error) is passing


def test_a_server_that_is_not_there_may_be_there_later() -> None:
    with pytest.raises(AwayError, match="PostgreSQL does not let us in"):
        open_database("postgresql+psycopg://salon@127.0.0.1:1/rekisteri")


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), True),
        (sqlite_error(sqlite3.SQLITE_BUSY), True),
        (sqlite_error(sqlite3.SQLITE_ERROR), False),
        (postgresql_error("25006"), True),
        (postgresql_error("58030"), True),
        (postgresql_error("XX001"), True),
        (postgresql_error("22001"), False),
        (postgresql_error("42P01"), False),
        (postgresql_error(None, "connection refused"), True),
        (NoConnectionError("QueuePool limit"), True),
        (IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation("Zyqvarina")), False),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError("Zyqvarina")), False),
    ],
)
def test_what_the_database_refuses_is_told_from_what_is_wrong(error: SQLAlchemyError, refused: bool) -> None:
    assert refuses(error) is refused
