"""What platforms sent by themselves, from the disk until it is processed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from store import events
from store.engine import open_database, reading, writing
from store.events import Event
from store.tables import PlatformEvent, table

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def event(event_id: str, minutes: int = 0, **options: Any) -> Event:
    defaults: dict[str, Any] = {
        "source": "school",
        "event_id": event_id,
        "topic": "person.updated",
        "stream": "people",
        "external_id": "7",
        "deleted": False,
        "created_at": NOON + minutes * MINUTE,
        "received_at": NOON,
        "fields": '{"email":"maija@example.com"}',
    }
    return Event(**defaults | options)


def waiting(engine: Engine, now: datetime = NOON, limit: int = 99) -> list[str]:
    with reading(engine) as connection:
        return [found.event_id for found in events.waiting(connection, now, limit)]


def settle(engine: Engine, said: Event, state: str, now: datetime = NOON) -> None:
    with writing(engine) as connection:
        events.settle(connection, said, state, now, "run")


def postpone(engine: Engine, said: Event, try_at: datetime | None) -> None:
    with writing(engine) as connection:
        events.postpone(connection, said, try_at, NOON)


def row(engine: Engine, event_id: str) -> Any:
    stored = table(PlatformEvent)
    with reading(engine) as connection:
        return connection.execute(select(stored).where(stored.c.event_id == event_id)).one()


def test_what_was_kept_waits_whole_and_a_repetition_is_seen(engine: Engine) -> None:
    assert [events.keep(engine, event("1")), events.keep(engine, event("1", 5, fields=None))] == [True, False]
    with reading(engine) as connection:
        assert events.waiting(connection, NOON, 9) == [event("1")]
    assert events.keep(engine, event("1", source="other")), "each source numbers its own"
    settle(engine, event("1"), events.LANDED)
    assert not events.keep(engine, event("1")), "also when it is processed"


def test_they_wait_in_the_order_in_which_they_happened(engine: Engine) -> None:
    for name, minutes in (("b", 3), ("c", 1), ("a", 1), ("d", 2)):
        events.keep(engine, event(name, minutes))
    assert waiting(engine) == ["a", "c", "d", "b"]
    assert waiting(engine, limit=2) == ["a", "c"]


def test_one_that_is_of_no_use_is_done_with_at_once(engine: Engine) -> None:
    events.keep(engine, event("1", stream=None, external_id=None, fields=None))
    assert waiting(engine) == []
    kept = row(engine, "1")
    assert (kept.state, kept.processed_at, kept.run_id) == ("kept", NOON, None)


@pytest.mark.parametrize("state", [events.LANDED, events.UNCHANGED, events.STALE, events.KEPT, events.REFUSED])
def test_what_is_settled_waits_no_more_and_holds_nothing(engine: Engine, state: str) -> None:
    events.keep(engine, event("1"))
    events.keep(engine, event("1", source="other"))
    settle(engine, event("1"), state, NOON + MINUTE)
    with reading(engine) as connection:
        assert [found.source for found in events.waiting(connection, NOON, 9)] == ["other"]
        stored = table(PlatformEvent)
        done = connection.execute(select(stored).where(stored.c.source == "school")).one()
    assert (done.state, done.fields, done.processed_at, done.run_id) == (state, None, NOON + MINUTE, "run")


def test_what_is_postponed_waits_for_its_time_and_is_given_up_in_the_end(engine: Engine) -> None:
    events.keep(engine, event("1"))
    postpone(engine, event("1"), NOON + MINUTE)
    assert (waiting(engine), waiting(engine, NOON + MINUTE)) == ([], ["1"])
    with reading(engine) as connection:
        (again,) = events.waiting(connection, NOON + MINUTE, 9)
    assert (again.tries, again.fields) == (1, event("1").fields)
    postpone(engine, again, None)
    given_up = row(engine, "1")
    assert (given_up.state, given_up.tries, given_up.fields, given_up.processed_at) == ("failed", 2, None, NOON)
    assert waiting(engine, NOON + 999 * MINUTE) == []


def test_the_newest_that_was_taken_about_a_row(engine: Engine) -> None:
    for name, minutes, state in (
        ("1", 1, events.LANDED), ("2", 3, events.UNCHANGED), ("3", 9, events.STALE), ("4", 9, events.REFUSED),
        ("5", 9, events.KEPT),
    ):  # fmt: skip
        events.keep(engine, event(name, minutes))
        settle(engine, event(name, minutes), state)
    events.keep(engine, event("6", 9))
    events.keep(engine, event("7", 8, external_id="8"))
    settle(engine, event("7"), events.LANDED)
    with reading(engine) as connection:
        found = events.latest(connection, "school", "people", ["7", "8", "9"])
        assert found == {"7": NOON + 3 * MINUTE, "8": NOON + 8 * MINUTE}
        assert events.latest(connection, "school", "people", ["8"]) == {"8": NOON + 8 * MINUTE}
        assert events.latest(connection, "school", "others", ["7"]) == {}
        assert events.latest(connection, "other", "people", ["7"]) == {}


def test_how_many_there_are_and_since_when_the_oldest_waits(engine: Engine) -> None:
    with reading(engine) as connection:
        assert (events.standing(connection), events.waiting_since(connection)) == ({}, None)
    for number in range(3):
        events.keep(engine, event(str(number), received_at=NOON + number * MINUTE))
    events.keep(engine, event("9", source="other", stream=None))
    settle(engine, event("0"), events.LANDED)
    with reading(engine) as connection:
        assert events.standing(connection) == {"school": {"landed": 1, "waiting": 2}, "other": {"kept": 1}}
        assert events.waiting_since(connection) == NOON + MINUTE


def test_processed_ones_are_forgotten_in_time_and_waiting_ones_never(engine: Engine) -> None:
    for number in range(3):
        events.keep(engine, event(str(number), received_at=NOON + number * MINUTE))
    settle(engine, event("0"), events.LANDED)
    settle(engine, event("2"), events.LANDED)
    with writing(engine) as connection:
        assert events.forget(connection, NOON + 2 * MINUTE) == 1
    with reading(engine) as connection:
        assert events.standing(connection) == {"school": {"waiting": 1, "landed": 1}}
