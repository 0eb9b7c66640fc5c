"""The two units of work: no update is lost, and nobody who reads waits."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import make_engine, open_database, reading, writing
from store.tables import Counter, MatchKey, table
from tests.tree import ROOT

counter = table(Counter)
Unit = Callable[[Engine], AbstractContextManager[Connection]]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database in which one counter stands at nought."""
    engine = open_database(database_url)
    with writing(engine) as connection:
        connection.execute(counter.insert().values(name="count", value="0"))
    yield engine
    engine.dispose()


def value(connection: Connection) -> int:
    return int(connection.execute(select(counter.c.value).where(counter.c.name == "count")).scalar_one())


def store_value(connection: Connection, new: int) -> None:
    connection.execute(update(counter).where(counter.c.name == "count").values(value=str(new)))


def test_six_hundred_updates_by_four_threads_all_survive(engine: Engine) -> None:
    def work() -> None:
        for _ in range(150):
            with writing(engine) as connection:
                store_value(connection, value(connection) + 1)

    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(work) for _ in range(4)]:
            job.result()
    with reading(engine) as connection:
        assert value(connection) == 600


@contextmanager
def ordinary(engine: Engine) -> Iterator[Connection]:
    """A transaction as SQLAlchemy and the driver begin it by themselves."""
    plain = create_engine(engine.url)
    with plain.begin() as connection:
        yield connection
    plain.dispose()


def two_at_once(engine: Engine, unit: Unit) -> int:
    """Two threads add one each; the first waits with its writing until the other has read, or cannot."""
    first_read, second_read = threading.Event(), threading.Event()

    def first() -> None:
        with unit(engine) as connection:
            seen = value(connection)
            first_read.set()
            second_read.wait(0.3)
            store_value(connection, seen + 1)

    def second() -> None:
        first_read.wait(5)
        with unit(engine) as connection:
            seen = value(connection)
            second_read.set()
            store_value(connection, seen + 1)

    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(first), pool.submit(second)]:
            job.result()
    with reading(engine) as connection:
        return value(connection)


def test_ordinary_transactions_lose_an_update_and_ours_do_not(engine: Engine) -> None:
    assert two_at_once(engine, ordinary) == 1, "else this experiment would show nothing"
    assert two_at_once(engine, writing) == 3


def test_who_reads_never_waits_for_a_writer_and_sees_what_was_committed(engine: Engine) -> None:
    def look() -> int:
        with reading(engine) as connection:
            return value(connection)

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            store_value(connection, 7)
            assert pool.submit(look).result(timeout=5) == 0
        assert pool.submit(look).result(timeout=5) == 7


def test_what_is_read_is_one_view_while_others_write(engine: Engine) -> None:
    with reading(engine) as view:
        assert value(view) == 0
        with writing(engine) as connection:
            store_value(connection, 7)
        assert value(view) == 0
    with reading(engine) as view:
        assert value(view) == 7


def test_a_writer_waits_for_the_one_before(engine: Engine) -> None:
    done = threading.Event()

    def write() -> None:
        with writing(engine) as connection:
            store_value(connection, value(connection) + 1)
        done.set()

    thread = threading.Thread(target=write)
    with writing(engine) as connection:
        thread.start()
        assert not done.wait(0.2)
        store_value(connection, 10)
    thread.join(10)
    with reading(engine) as connection:
        assert value(connection) == 11


def test_an_exception_takes_everything_back_and_frees_the_lock(engine: Engine) -> None:
    with pytest.raises(KeyError), writing(engine) as connection:
        store_value(connection, 5)
        raise KeyError
    with writing(engine) as connection:
        assert value(connection) == 0


def test_the_database_refuses_a_reference_that_leads_nowhere(engine: Engine) -> None:
    orphan = table(MatchKey).insert().values(kind="email", value="a", record_id=99, current=True)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(orphan)


def test_a_file_that_somebody_else_is_just_making_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself waits for no writer when the journal's mode is changed."""
    path = tmp_path / "registry.db"
    maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN IMMEDIATE")
    maker.execute("CREATE TABLE mark (a)")
    done = threading.Timer(0.1, maker.execute, ["COMMIT"])
    done.start()
    engine = open_database(f"sqlite:///{path}")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    done.join()
    maker.close()


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.parametrize("already", [None, 0o644])
def test_only_the_owner_may_read_the_file_and_its_journal(tmp_path: Path, already: int | None) -> None:
    path = tmp_path / "registry.db"
    if already:
        path.touch()
        path.chmod(already)
    before = os.umask(0)
    try:
        engine = open_database(f"sqlite:///{path}")
        with writing(engine) as connection:
            connection.execute(counter.insert().values(name="count", value="0"))
        found = modes(tmp_path)
        engine.dispose()
    finally:
        os.umask(before)
    assert found.keys() >= {"registry.db", "registry.db-wal"}
    assert set(found.values()) == {0o600}


def test_a_second_engine_in_a_process_takes_no_lock_of_the_first_away(tmp_path: Path) -> None:
    """Else the next program to leave takes itself for the last one, and deletes the journal that we write to."""
    url = f"sqlite:///{tmp_path / 'rekisteri.db'}"
    first = open_database(url)
    with writing(first) as connection:
        connection.execute(counter.insert().values(name="count", value="0"))
    second = make_engine(url)
    visit = f"from store.engine import open_database; open_database({url!r}).dispose()"
    subprocess.run([sys.executable, "-c", visit], cwd=ROOT, check=True)
    assert (tmp_path / "rekisteri.db-wal").exists()
    with writing(first) as connection:
        store_value(connection, 1)
    for engine in (first, second):
        with reading(engine) as connection:
            assert value(connection) == 1
        engine.dispose()
