"""A server that answers neither yes nor no is left after a while, and found again when it speaks."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError

from store import locks, silence
from store.engine import make_engine, reading, writing
from store.faults import database_fault
from tests.sync.web.swallowing import Way

LONG_S = 30.0


@pytest.fixture
def way(postgresql_url: str) -> Iterator[Way]:
    """A way to a server on which all can get lost; who waits for it has little patience, and must not need much."""
    usual, silence.PATIENCE_S = silence.PATIENCE_S, 1.0
    found = Way(str(make_url(postgresql_url).query["host"]))
    rescue, began = threading.Timer(LONG_S, found.close), time.monotonic()
    rescue.start()
    yield found
    silence.PATIENCE_S = usual
    rescue.cancel()
    found.close()
    assert time.monotonic() - began < LONG_S


@pytest.fixture
def engine(postgresql_url: str, way: Way) -> Iterator[Engine]:
    url = make_url(postgresql_url).set(host="127.0.0.1", port=way.port, query={})
    engine = make_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def ask(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))


def test_a_question_that_is_never_answered_fails_and_the_next_one_is_answered(engine: Engine, way: Way) -> None:
    with pytest.raises(OperationalError) as failed, reading(engine) as connection:
        way.swallow()
        connection.execute(text("SELECT 1"))
    assert database_fault(failed.value).startswith("PostgreSQL has stopped")
    way.open()
    ask(engine)


def test_a_connection_that_fell_silent_while_nobody_used_it_is_replaced(engine: Engine, way: Way) -> None:
    ask(engine)
    way.swallow()
    way.open()
    ask(engine)


def test_a_transaction_whose_end_is_never_answered_fails(engine: Engine, way: Way) -> None:
    with pytest.raises(OperationalError), writing(engine):
        way.swallow()


def test_a_lock_whose_session_is_never_answered_counts_as_lost(engine: Engine, way: Way) -> None:
    with locks.holding(engine, "run") as lock:
        assert lock.still()
        way.swallow()
        assert not lock.still()


def test_a_server_that_speaks_now_and_then_is_heard_to_its_end(engine: Engine) -> None:
    with reading(engine) as connection:
        slow = text("SELECT repeat('x', 20000), pg_sleep(0.4) FROM generate_series(1, 6)")
        assert len(connection.execute(slow).all()) == 6
