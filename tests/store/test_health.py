"""What health is judged by, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Timer

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from store import runs
from store.engine import open_database, reading, writing
from store.health import PastRun, past_runs
from store.ids import new_id
from store.watching import Watching

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
LONG = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(30)",
}
STREAM = {"outcome": "ok", "complete": True, "vanished": 0, "held": 0, "quarantined": 0, "skipped": 0, "masked": 0}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = open_database(database_url)
    yield found
    found.dispose()


def ran(engine: Engine, minute: int, source: str, *news: int, trigger: str = "schedule") -> None:
    """A run that took half a minute and brought so many new rows in its streams."""
    at = START + timedelta(minutes=minute)
    key = {"run_id": new_id(at), "source": source}
    with writing(engine) as connection:
        runs.begin(connection, key["run_id"], at, full=False, trigger=trigger)
        row = {"outcome": "ok", "error": None, "requests": 1, "retries": 0, "waited_s": 0.0}
        counts = [
            key | STREAM | {"stream": f"stream {place}", "fetched": new + 1, "new": new, "changed": 1, "unchanged": 0}
            for place, new in enumerate(news)
        ]
        runs.note_source(connection, key | row, counts)
        runs.finish(connection, key["run_id"], at + timedelta(seconds=30), "ok", "{}")


def test_the_last_runs_of_a_source_come_oldest_first_without_what_events_brought(engine: Engine) -> None:
    for minute in range(5):
        ran(engine, minute, "school", minute, 10)
    ran(engine, 5, "salon", 7)
    ran(engine, 6, "school", 99, trigger="event")
    ran(engine, 7, "school")
    with reading(engine) as connection:
        found = past_runs(connection, "school", 3)
    assert [(run.started_at - START, run.news) for run in found] == [
        (timedelta(minutes=3), 3 + 10 + 2),
        (timedelta(minutes=4), 4 + 10 + 2),
        (timedelta(minutes=7), 0),
    ]
    assert found[0] == PastRun(START + timedelta(minutes=3), START + timedelta(minutes=3, seconds=30), "ok", 15)


def test_a_look_that_is_cut_fails_at_once_and_the_next_one_sees(engine: Engine) -> None:
    ran(engine, 0, "school", 1)
    watching = Watching(engine)
    watching.cut()  # nothing to cut yet
    for _ in range(2):
        with watching.look() as connection:
            assert len(past_runs(connection, "school", 9)) == 1
        with pytest.raises(DBAPIError), watching.look() as connection:
            Timer(0.1, watching.cut).start()
            connection.exec_driver_sql(LONG[engine.dialect.name])
    watching.close()
    watching.cut()
