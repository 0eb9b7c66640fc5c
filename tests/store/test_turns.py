"""Threads of one process write in the order in which they came."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text

from store.engine import adding, open_database, reading, writing
from store.tables import Counter, table
from store.turns import Turns, turns_of
from tests.waiting import until

SOON = 20.0
counter = table(Counter)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def standing_in(queue: Turns) -> int:
    return len(queue._queue)


def test_first_come_first_served() -> None:
    queue, order = Turns(), list[int]()

    def take(number: int) -> None:
        with queue.turn():
            order.append(number)

    with ThreadPoolExecutor(8) as pool, queue.turn():
        for number in range(8):
            pool.submit(take, number)
            until(lambda standing=number + 2: standing_in(queue) == standing)  # type: ignore[misc]
        assert order == []
    assert order == list(range(8))
    assert standing_in(queue) == 0


def test_one_at_a_time() -> None:
    queue, inside, most = Turns(), 0, 0

    def take() -> None:
        nonlocal inside, most
        for _ in range(50):
            with queue.turn():
                inside += 1
                most = max(most, inside)
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(take) for _ in range(4)]:
            job.result(SOON)
    assert (most, standing_in(queue)) == (1, 0)


def test_a_turn_ends_with_an_exception() -> None:
    queue = Turns()
    with pytest.raises(KeyError), queue.turn():
        raise KeyError
    with ThreadPoolExecutor(1) as pool, queue.turn():
        waiting = pool.submit(_raise, queue)
        until(lambda: standing_in(queue) == 2)
    with pytest.raises(ZeroDivisionError):
        waiting.result(SOON)
    assert standing_in(queue) == 0


def _raise(queue: Turns) -> None:
    with queue.turn():
        raise ZeroDivisionError


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell's background jobs ignore the interrupt, and so would a test that runs in one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_whoever_is_interrupted_while_they_wait_leaves_the_queue(interruptible: None) -> None:
    queue, done = Turns(), threading.Event()

    def holder() -> None:
        with queue.turn():
            until(lambda: standing_in(queue) == 2)
            os.kill(os.getpid(), signal.SIGINT)
            done.wait(SOON)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(holder)
        until(lambda: standing_in(queue) == 1)
        with pytest.raises(KeyboardInterrupt), queue.turn():
            pytest.fail("the first has not ended")
        done.set()
        holding.result(SOON)
    assert standing_in(queue) == 0, "else all who come later wait a minute each"


def test_whoever_has_waited_long_enough_goes_on() -> None:
    queue, reached, end = Turns(patience_s=0.05), threading.Event(), threading.Event()

    def holder() -> None:
        with queue.turn():
            reached.set()
            end.wait(SOON)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(holder)
        reached.wait(SOON)
        with queue.turn():
            assert not holding.done()
        end.set()
        holding.result(SOON)
    assert standing_in(queue) == 0


def test_engines_do_not_wait_for_each_other(engine: Engine, tmp_path: object) -> None:
    other = open_database(f"sqlite:///{tmp_path}/other.db")
    assert turns_of(engine) is turns_of(engine)
    assert turns_of(engine) is not turns_of(other)
    with writing(engine), writing(other):
        pass
    other.dispose()


def test_a_load_that_writes_page_after_page_lets_another_in_after_the_page_in_hand(engine: Engine) -> None:
    told: list[str] = []
    enough = threading.Event()

    def load() -> None:
        while not enough.is_set():
            with writing(engine):
                time.sleep(0.001)
                told.append("page, and somebody waits" if standing_in(turns_of(engine)) == 2 else "page")

    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load)
        try:
            deadline = time.monotonic() + SOON
            while told.count("page, and somebody waits") < 10 and time.monotonic() < deadline:
                with writing(engine):
                    told.append("other")
        finally:
            enough.set()
        loading.result(SOON)
    after = [told[at + 1] for at, what in enumerate(told[:-1]) if what == "page, and somebody waits"]
    assert len(after) >= 9
    assert set(after) == {"other"}


def test_a_failed_transaction_ends_its_turn(engine: Engine) -> None:
    with pytest.raises(KeyError), writing(engine):
        raise KeyError
    with writing(engine) as connection:
        connection.execute(counter.insert().values(name="after", value="1"))
    assert standing_in(turns_of(engine)) == 0


def test_what_is_added_waits_for_a_writer_on_sqlite_alone(engine: Engine) -> None:
    added = threading.Event()

    def add() -> None:
        with adding(engine) as connection:
            connection.execute(counter.insert().values(name="added", value="1"))
        added.set()

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            connection.execute(text("SELECT 1"))
            job = pool.submit(add)
            if engine.dialect.name == "postgresql":
                assert added.wait(SOON), "it stands in no queue"
            else:
                until(lambda: standing_in(turns_of(engine)) == 2)
                assert not added.is_set()
        job.result(SOON)
    with reading(engine) as connection:
        assert connection.execute(select(counter.c.value).where(counter.c.name == "added")).scalar() == "1"
