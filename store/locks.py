"""Two locks: `run` is held by every run, `instance` by the daemon. They end with the process, whatever ends it.

Beside a SQLite file they are `flock`s on a file of their own; on PostgreSQL they are advisory locks of a session.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

KEYS = {"run": 0x72656B01, "instance": 0x72656B02}
_LOOK_AGAIN_S = 0.25


class LockedError(Exception):
    """Another process holds the lock."""


@contextmanager
def holding(
    engine: Engine,
    name: str,
    *,
    wait_s: float = 0.0,
    stopped: Callable[[], bool] = lambda: False,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Hold the lock `run` or `instance`, waiting up to `wait_s` seconds for it. Raises `LockedError`.

    `waiting` is called once, when the lock is not free at once.
    """
    with _session(engine, name) as take:
        until = time.monotonic() + wait_s
        told = False
        while not take():
            if wait_s and not told:
                waiting()
                told = True
            if stopped() or time.monotonic() >= until:
                raise LockedError(f"another rekisteri holds the {name} lock of this database")
            time.sleep(_LOOK_AGAIN_S)
        yield


def is_held(engine: Engine, name: str) -> bool:
    """Whether somebody holds the lock now."""
    with _session(engine, name) as take:
        return not take()


@contextmanager
def _session(engine: Engine, name: str) -> Iterator[Callable[[], bool]]:
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                yield lambda: _take_advisory(connection, KEYS[name])
            finally:
                _let_go(connection)
        return
    path = Path(f"{engine.url.database}.{name}.lock")
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield lambda: _take_file(descriptor)
    finally:
        os.close(descriptor)


def _let_go(connection: Connection) -> None:
    """Where the session has ended, as when the server was restarted, the lock ended with it."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
    except SQLAlchemyError:
        connection.invalidate()


def _take_advisory(connection: Connection, key: int) -> bool:
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar())


def _take_file(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
