"""A connection of its own for short looks at the database, which another thread can cut when it hangs.

A server that is frozen, or a network that swallows packets, answers neither yes nor no: a query then waits for a
quarter of an hour, and so would all who wait for it.
"""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, event

from store.engine import make_engine, reading

_CONNECTS_WITHIN_S = 5


class Watching:
    """Looks at the database of an engine, without taking one of its connections."""

    def __init__(self, engine: Engine) -> None:
        url = engine.url
        if engine.dialect.name == "postgresql" and "connect_timeout" not in url.query:
            url = url.update_query_dict({"connect_timeout": str(_CONNECTS_WITHIN_S)})
        self._engine = make_engine(url.render_as_string(hide_password=False))
        self._raw: Any = None
        event.listen(self._engine, "connect", self._connected)

    def _connected(self, connection: Any, _record: object) -> None:
        self._raw = connection

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A consistent view. Raises `SQLAlchemyError`, also where it was cut. For one thread at a time."""
        with reading(self._engine) as connection:
            yield connection

    def cut(self) -> None:
        """Let the look that goes on fail at once. From any thread, and without waiting."""
        raw = self._raw
        if isinstance(raw, sqlite3.Connection):
            with suppress(sqlite3.Error):
                raw.interrupt()
        elif raw is not None:
            with suppress(Exception):  # closed already, each driver in words of its own
                _hang_up(raw.fileno())

    def close(self) -> None:
        """Let go of the connection."""
        self._engine.dispose()


def _hang_up(descriptor: int) -> None:
    """End the conversation below the driver, which waits in a system call and hears nothing else."""
    with socket.socket(fileno=os.dup(descriptor)) as line:
        line.shutdown(socket.SHUT_RDWR)
