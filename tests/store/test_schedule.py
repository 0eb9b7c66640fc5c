"""When each source is meant to run next, and how many of its runs failed in a row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from store import runs, schedule, status
from store.engine import open_database, reading, writing

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def failed(engine: Engine, now: datetime, source: str = "salon") -> int:
    with writing(engine) as connection:
        return schedule.failed(connection, source, now)


def recovered(engine: Engine, source: str = "salon") -> datetime | None:
    with writing(engine) as connection:
        return schedule.recovered(connection, source)


def plan(engine: Engine, at: datetime, source: str = "salon") -> None:
    with writing(engine) as connection:
        schedule.plan(connection, source, at)


def held(engine: Engine, source: str = "salon") -> status.Held:
    with reading(engine) as connection:
        return status.held(connection, source)


def test_nothing_is_known_of_a_source_that_never_ran(engine: Engine) -> None:
    found = held(engine)
    assert (found.failures, found.lost_since, found.next_run_at) == (0, None, None)
    assert recovered(engine) is None


def test_failures_in_a_row_are_counted_from_the_first(engine: Engine) -> None:
    assert [failed(engine, NOON + number * MINUTE) for number in range(3)] == [1, 2, 3]
    assert (held(engine).failures, held(engine).lost_since) == (3, NOON)
    assert recovered(engine) == NOON
    assert (held(engine).failures, held(engine).lost_since) == (0, None)
    assert recovered(engine) is None
    assert failed(engine, NOON + 9 * MINUTE) == 1
    assert held(engine).lost_since == NOON + 9 * MINUTE


def test_sources_are_counted_apart(engine: Engine) -> None:
    failed(engine, NOON)
    assert failed(engine, NOON, "school") == 1
    recovered(engine, "school")
    assert (held(engine).failures, held(engine, "school").failures) == (1, 0)


def test_a_plan_is_replaced(engine: Engine) -> None:
    plan(engine, NOON)
    plan(engine, NOON + MINUTE)
    plan(engine, NOON, "school")
    assert (held(engine).next_run_at, held(engine, "school").next_run_at) == (NOON + MINUTE, NOON)


def test_plans_failures_and_holds_leave_each_other_alone(engine: Engine) -> None:
    plan(engine, NOON)
    failed(engine, NOON)
    with writing(engine) as connection:
        runs.hold_source(connection, "salon", "look at the key", NOON)
    plan(engine, NOON + MINUTE)
    failed(engine, NOON + MINUTE)
    found = held(engine)
    assert (found.failures, found.lost_since, found.next_run_at) == (2, NOON, NOON + MINUTE)
    assert (found.held_since, found.held_reason, found.last_ok_at) == (NOON, "look at the key", None)
    with writing(engine) as connection:
        runs.release_source(connection, "salon", NOON)
    recovered(engine)
    found = held(engine)
    assert (found.failures, found.held_since, found.last_ok_at, found.next_run_at) == (0, None, NOON, NOON + MINUTE)
