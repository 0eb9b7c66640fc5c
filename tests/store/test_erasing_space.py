"""Where a deleted row may still be read, and that it cannot when the files are clean."""

import time
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from store.engine import make_engine, reading, writing
from store.erasing import space
from store.tables import Counter, table
from tests.store.shelf import START, Shelf

COUNTER = table(Counter)
GONE, CHANGED = "zyqvarina-gone", "zyqvarina-changed"
"""Syllables that occur nowhere else."""


def residue(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() for word in (GONE, CHANGED) if word.encode() in path.read_bytes()}


def write_and_delete(shelf: Shelf) -> None:
    with writing(shelf.engine) as connection:
        connection.execute(insert(COUNTER), [{"name": name, "value": name * 40} for name in (GONE, CHANGED, "other")])
    with writing(shelf.engine) as connection:
        connection.execute(delete(COUNTER).where(COUNTER.c.name == GONE))
        connection.execute(update(COUNTER).where(COUNTER.c.name == CHANGED).values(name="x", value="x"))
        space.leave_to_clean(connection, START)


def noted(shelf: Shelf) -> bool:
    with reading(shelf.engine) as connection:
        return space.is_to_clean(connection)


@pytest.fixture
def shelf(sqlite_url: str) -> Shelf:
    """A store in a file, in which a row was deleted and another one changed."""
    shelf = Shelf.open(sqlite_url)
    write_and_delete(shelf)
    return shelf


def test_what_was_deleted_can_be_read_in_the_files_until_they_are_clean(shelf: Shelf, tmp_path: Path) -> None:
    assert "rekisteri.db-wal" in residue(tmp_path)
    assert space.clean(shelf.engine)
    assert residue(tmp_path) == set()
    assert not noted(shelf)
    with reading(shelf.engine) as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    shelf.engine.dispose()


def test_it_waits_for_a_reader_and_gives_up_in_time(shelf: Shelf, tmp_path: Path) -> None:
    reader = make_engine(str(shelf.engine.url))
    with reading(reader) as connection:
        connection.execute(text("SELECT count(*) FROM counter")).scalar()
        began = time.monotonic()
        assert not space.clean(shelf.engine, patience_s=0.5)
        assert 0.5 <= time.monotonic() - began < 10
        assert noted(shelf), "so that the next one does it"
        with writing(shelf.engine) as other:
            other.execute(insert(COUNTER).values(name="meanwhile", value="x"))
    assert space.clean(shelf.engine)
    assert residue(tmp_path) == set()
    assert not noted(shelf)
    for engine in (reader, shelf.engine):
        engine.dispose()


def test_a_writer_is_not_kept_out_for_longer_than_it_takes(shelf: Shelf) -> None:
    other = make_engine(str(shelf.engine.url))
    with writing(other) as connection:
        connection.execute(insert(COUNTER).values(name="written", value="x"))
        assert not space.clean(shelf.engine, patience_s=0.2)
    assert space.clean(shelf.engine)
    for engine in (other, shelf.engine):
        engine.dispose()


def test_what_was_erased_meanwhile_is_not_forgotten(shelf: Shelf) -> None:
    with writing(shelf.engine) as connection:
        space.leave_to_clean(connection, START)
    assert space.clean(shelf.engine)
    assert space.clean(shelf.engine), "nothing to do is done at once"
    shelf.engine.dispose()


def test_a_server_writes_its_tables_anew_and_gives_up_in_time(postgresql_url: str) -> None:
    shelf = Shelf.open(postgresql_url)
    write_and_delete(shelf)
    with reading(shelf.engine) as connection:
        connection.execute(text("SELECT count(*) FROM counter")).scalar()
        assert not space.clean(shelf.engine, patience_s=0.3)
    assert noted(shelf)
    assert space.clean(shelf.engine)
    assert not noted(shelf)
    with reading(shelf.engine) as connection:
        waits = connection.execute(text("SHOW lock_timeout")).scalar()
        assert waits == "1min", "others wait as ever"
    shelf.engine.dispose()
