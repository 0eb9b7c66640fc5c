"""A database that takes nothing is known by the last write, until it takes a trial."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

from store import trial
from store.engine import adding, make_engine, open_database, reading, writing
from store.tables import Counter, table
from store.writes import writes_of
from tests.sync.web.refusing import refusing

counter = table(Counter)
MUCH = "x" * 16_384


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def write(engine: Engine, name: str = "a") -> None:
    with adding(engine) as connection:
        connection.execute(counter.insert().values(name=name, value=MUCH))


def said(engine: Engine) -> str:
    refusal = writes_of(engine).refusal
    return refusal.said if refusal else ""


def test_a_refused_write_is_remembered_until_a_trial_is_taken(engine: Engine) -> None:
    write(engine)
    assert said(engine) == ""
    with refusing(engine) as words:
        with pytest.raises(SQLAlchemyError):
            write(engine, "b")
        assert said(engine).startswith(words)
        first = writes_of(engine).refusal
        with pytest.raises(SQLAlchemyError), writing(engine) as connection:
            connection.execute(counter.insert().values(name="b", value=MUCH))
        again = writes_of(engine).refusal
        assert first and again and first.since == again.since
    write(engine, "b")
    assert said(engine), "what is small may find room on a full disk"
    trial.try_writing(engine)
    assert said(engine) == ""


def test_what_is_wrong_with_a_row_or_a_statement_says_nothing_of_the_database(engine: Engine) -> None:
    write(engine)
    with pytest.raises(IntegrityError):
        write(engine)
    with suppress(ProgrammingError, SQLAlchemyError), writing(engine) as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))
    assert said(engine) == ""


def test_a_database_that_is_away_takes_nothing(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url + "/nowhere")
    with pytest.raises(SQLAlchemyError):
        write(engine)
    assert said(engine)
    engine.dispose()


def test_a_trial_leaves_nothing_and_lifts_what_was_remembered(engine: Engine) -> None:
    with refusing(engine) as words:
        with pytest.raises(SQLAlchemyError):
            trial.try_writing(engine)
        assert said(engine).startswith(words)
        assert (trial.refusal_of(engine) or "").startswith(words)
    trial.try_writing(engine)
    assert said(engine) == ""
    assert trial.refusal_of(engine) is None
    with reading(engine) as connection:
        assert "trial" not in connection.execute(select(counter.c.name)).scalars().all()


def test_who_only_asks_waits_for_no_writer(engine: Engine) -> None:
    began = time.monotonic()
    with writing(engine) as connection:
        connection.execute(counter.insert().values(name="trial", value="1"))
        assert trial.refusal_of(engine) is None
    assert time.monotonic() - began < 5
    assert said(engine) == ""
    with writing(engine) as connection, engine.connect() as other:
        connection.execute(counter.insert().values(name="b", value="1"))
        if engine.dialect.name == "sqlite":
            assert other.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000
