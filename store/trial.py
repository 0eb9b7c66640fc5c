"""A small write that means nothing: whether the database takes any. It is taken away again."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import SQLAlchemyError

from store.engine import adding, adding_at_once
from store.faults import LOCKED, database_fault
from store.runs import set_stamp
from store.tables import Counter, table
from store.writes import writes_of

_counter = table(Counter)
_NAME = "trial"
_TEXT = "." * 65_536  # more than fits where there is room by chance


def try_writing(engine: Engine) -> None:
    """Wait for those who write, then write. Raises `SQLAlchemyError`; how it went is remembered (`store.writes`)."""
    _write(engine, adding)
    writes_of(engine).taken()


def refusal_of(engine: Engine) -> str | None:
    """Why nothing is taken, in words of `store.faults`. Waits for nobody: whoever writes just now finds out as well."""
    try:
        _write(engine, adding_at_once)
    except SQLAlchemyError as error:
        said = database_fault(error)
        return None if said == LOCKED else said
    return None


def _write(engine: Engine, unit: Callable[[Engine], AbstractContextManager[Connection]]) -> None:
    with unit(engine) as connection:
        set_stamp(connection, _NAME, _TEXT)
    with unit(engine) as connection:
        connection.execute(delete(_counter).where(_counter.c.name == _NAME))
