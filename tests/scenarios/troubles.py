"""What befalls a database in the middle of a run, and how it ends: each begins once, and is over when it is told so."""

import sqlite3
import threading
from collections.abc import Callable
from typing import Any, Protocol

import psycopg
from sqlalchemy import event

from store.engine import WRITER_LOCK
from tests.postgres import Postgres
from tests.scenarios.world import World


class Trouble(Protocol):
    """`words`: what is said of it."""

    words: str

    def begin(self, world: World) -> None:
        """From now on nothing is taken."""
        ...

    def end(self, world: World) -> None:
        """The cause is gone."""
        ...


class Told:
    """Every connection of the program is told so from now on. A real full disk needs a disk of its own."""

    def __init__(self, words: str, bad: str, good: str) -> None:
        self.words, self._bad, self._good = words, bad, good
        self._on = False

    def begin(self, world: World) -> None:
        """Tell each connection when it is next used."""
        self._on = True
        event.listen(world.engine, "checkout", self._tell)

    def end(self, world: World) -> None:
        """Tell them that it is over."""
        self._on = False

    def _tell(self, connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(self._bad if self._on else self._good)
        connection.commit()


def full_file() -> Told:
    """The file may not grow by a page, which is what SQLite says of a full disk."""
    return Told("the disk is full", "PRAGMA max_page_count=1", "PRAGMA max_page_count=1073741823")


def read_only_file() -> Told:
    """No connection may write."""
    return Told("it may not be written", "PRAGMA query_only=ON", "PRAGMA query_only=OFF")


def read_only_server() -> Told:
    """As on a replica, or while somebody moves the server."""
    setting = "default_transaction_read_only"
    return Told("PostgreSQL takes no changes", f"SET {setting} = on", f"SET {setting} = off")


class LockedFile:
    """Another program has begun to write, and does not come to an end."""

    words = "another program has kept it locked"

    def begin(self, world: World) -> None:
        """Take the lock when whoever writes now lets go of it."""
        self._other = sqlite3.connect(
            world.engine.url.database or "", timeout=20, isolation_level=None, check_same_thread=False
        )
        self._other.execute("BEGIN EXCLUSIVE")

    def end(self, world: World) -> None:
        """That program ends."""
        self._other.close()


class FullServer:
    """A server whose disk is full refuses rows with this state; its own text names the statement."""

    words = "the disk is full"

    def begin(self, world: World) -> None:
        """From now on every row is refused."""
        world.tell(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION 'no room for you' USING ERRCODE = '53100'; END$$"
        )
        world.tell("CREATE TRIGGER refuse BEFORE INSERT ON source_record EXECUTE FUNCTION refuse()")

    def end(self, world: World) -> None:
        """There is room again."""
        world.tell("DROP TRIGGER refuse ON source_record")


class LockedServer:
    """Another program holds the lock of whoever writes, and does not come to an end."""

    words = LockedFile.words

    def begin(self, world: World) -> None:
        """Take the lock when whoever writes now lets go of it."""
        self._other = psycopg.connect(_dsn(world), autocommit=True)
        self._other.execute("SELECT pg_advisory_lock(%s)", (WRITER_LOCK,))

    def end(self, world: World) -> None:
        """That program ends."""
        self._other.close()


class Restart:
    """The server stops, as for an upgrade; `end` starts it again."""

    words = "PostgreSQL has stopped"

    def __init__(self, server: Postgres) -> None:
        self._server = server

    def begin(self, world: World) -> None:
        """Stop."""
        self._server.stop()

    def end(self, world: World) -> None:
        """Start."""
        self._server.start()


def at_page(number: int, deed: Callable[[], None]) -> Callable[..., None]:
    """A run's `progress` that does something once, when so many pages have landed."""
    guard, landed = threading.Lock(), [0]

    def told(*_: object) -> None:
        with guard:
            landed[0] += 1
            if landed[0] == number:
                deed()

    return told


def _dsn(world: World) -> str:
    return world.url.replace("postgresql+psycopg:", "postgresql:")
