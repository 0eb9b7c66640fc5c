"""Two locks: `run` is held by every run, `instance` by the daemon. They end with the process, whatever ends it.

Beside a SQLite file they are `flock`s on a file of their own; on PostgreSQL they are advisory locks of a session.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

KEYS = {"run": 0x72656B01, "instance": 0x72656B02}
_LOOK_AGAIN_S = 0.25
_AN_INSTANT_S = 0.02
_HELD = """
locktype = 'advisory' AND granted AND classid = 0 AND objid = :key AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # how a lock with one key of 64 bits is listed: PostgreSQL's manual, "pg_locks"
_HOLDERS = f"SELECT count(*) FROM pg_locks WHERE {_HELD}"
_MYSELF = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_END_FORMER = f"""
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE {_HELD} AND pid = :pid AND backend_start = :since
"""


class LockedError(Exception):
    """Another process holds the lock."""


class FormerSessionError(SQLAlchemyError):
    """A session of ours that broke off has the lock still; it was told to end."""


class Lock(Protocol):
    """A lock that one may hold."""

    def take(self) -> bool:
        """Take it, if nobody has it; whether it is ours now. Raises `SQLAlchemyError` where that cannot be told yet."""
        ...

    def still(self) -> bool:
        """Whether what was taken is ours still."""
        ...


@contextmanager
def holding(
    engine: Engine,
    name: str,
    *,
    wait_s: float = 0.0,
    stopped: Callable[[], bool] = lambda: False,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[Lock]:
    """Hold the lock `run` or `instance`, waiting up to `wait_s` seconds for it. Raises `LockedError`.

    `waiting` is called once, when the lock is not free at once.
    """
    with _session(engine, name) as lock:
        until = time.monotonic() + wait_s
        if not lock.take() and not _free_in_an_instant(lock):
            if wait_s:
                waiting()
            while not lock.take():
                if stopped() or time.monotonic() >= until:
                    raise LockedError(f"another rekisteri holds the {name} lock of this database")
                time.sleep(_LOOK_AGAIN_S)
        yield lock


def _free_in_an_instant(lock: Lock) -> bool:
    """Whoever only asks whether a file's lock is held has it for as long."""
    time.sleep(_AN_INSTANT_S)
    return lock.take()


def is_held(engine: Engine, name: str) -> bool:
    """Whether somebody holds the lock now."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return bool(connection.execute(text(_HOLDERS), {"key": KEYS[name]}).scalar())
    if not _beside(engine, name).exists():
        return False
    with _session(engine, name) as lock:
        return not lock.take()


@contextmanager
def watched(lock: Lock, lost: Callable[[], None], look_every_s: float = 1.0) -> Iterator[Callable[[], bool]]:
    """Look all the while whether the lock stays ours; `lost` is called once, where it does not. Gives a look of now."""
    guard, gone, over = threading.Lock(), threading.Event(), threading.Event()

    def look() -> bool:
        with guard:
            if not gone.is_set() and not lock.still():
                gone.set()
                lost()
        return not gone.is_set()

    def watch() -> None:
        while not over.wait(look_every_s) and look():
            pass

    thread = threading.Thread(target=copy_context().run, args=(watch,), name="lock", daemon=True)
    thread.start()
    try:
        yield look
    finally:
        over.set()
        thread.join()


@contextmanager
def _session(engine: Engine, name: str) -> Iterator[Lock]:
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                yield _Advisory(connection, KEYS[name])
            finally:
                _let_go(connection)
        return
    descriptor = os.open(_beside(engine, name), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        yield _File(descriptor)
    finally:
        os.close(descriptor)


def _beside(engine: Engine, name: str) -> Path:
    return Path(f"{engine.url.database}.{name}.lock")


def _let_go(connection: Connection) -> None:
    """Where the session has ended, as when the server was restarted, the lock ended with it."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock_all()"))
    except SQLAlchemyError:
        connection.invalidate()


@dataclass(slots=True)
class _Advisory:
    """An advisory lock of one session of PostgreSQL. It ends with the session, though a server that does not see that
    we have gone keeps that for a while."""

    connection: Connection
    key: int
    session: tuple[int, datetime] | None = None

    def take(self) -> bool:
        """Take it. A former session of ours may let go of it between two questions, so it is tried twice."""
        if self.connection.invalidated:
            self.connection.rollback()  # and so connect anew
        if not self._tried():
            self._end_former()
            if not self._tried():
                return False
        pid, since = self.connection.execute(text(_MYSELF)).one()
        self.session = pid, since
        return True

    def _tried(self) -> bool:
        return bool(self.connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self.key}).scalar())

    def _end_former(self) -> None:
        if self.session is None:
            return
        pid, since = self.session
        former = {"key": self.key, "pid": pid, "since": since}
        if self.connection.execute(text(_END_FORMER), former).all():
            raise FormerSessionError

    def still(self) -> bool:
        """Whether the session lives."""
        try:
            self.connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.connection.invalidate()
            return False
        return True


@dataclass(frozen=True, slots=True)
class _File:
    """A lock of a file, which the system lets go of with the process."""

    descriptor: int

    def take(self) -> bool:
        """Take it."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def still(self) -> bool:
        """Nothing takes it away."""
        return True
