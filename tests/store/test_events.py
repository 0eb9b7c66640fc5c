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


def newest(engine: Engine, external_id: str, *, source: str = "school", stream: str = "people") -> Any:
    with reading(engine) as connection:
        return events.newest(connection, source, stream, external_id)


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
    for name, minutes, late_s in (("b", 3, 0), ("c", 1, 1), ("a", 1, 1), ("x", 1, 0), ("d", 2, 0)):
        events.keep(engine, event(name, minutes, received_at=NOON + timedelta(seconds=late_s)))
    assert waiting(engine) == ["x", "a", "c", "d", "b"]
    assert waiting(engine, limit=2) == ["x", "a"]


def test_those_wait_longest_of_which_the_platform_must_be_asked(engine: Engine) -> None:
    for name, minutes, deleted in (("b", 3, False), ("c", 1, True), ("a", 2, False), ("d", 0, True)):
        events.keep(engine, event(name, minutes, deleted=deleted))
    assert waiting(engine) == ["a", "b", "d", "c"]


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
        said = event(name, minutes, received_at=NOON + 10 * MINUTE)
        events.keep(engine, said)
        settle(engine, said, state)
    events.keep(engine, event("6", 9))
    events.keep(engine, event("7", 8, external_id="8", received_at=NOON + 9 * MINUTE))
    settle(engine, event("7"), events.LANDED)
    assert newest(engine, "7") == (NOON + 3 * MINUTE, NOON + 10 * MINUTE)
    assert newest(engine, "8") == (NOON + 8 * MINUTE, NOON + 9 * MINUTE)
    assert newest(engine, "9") is None
    assert newest(engine, "7", stream="others") is None
    assert newest(engine, "7", source="other") is None


def test_the_newest_is_not_the_one_whose_clock_ran_ahead_and_of_two_the_later_to_come(engine: Engine) -> None:
    for name, minutes, received in (("1", 180, 0), ("2", 5, 6), ("3", 5, 7), ("4", 5, 5)):
        events.keep(engine, event(name, minutes, received_at=NOON + received * MINUTE))
        settle(engine, event(name), events.LANDED)
    assert newest(engine, "7") == (NOON + 5 * MINUTE, NOON + 7 * MINUTE)
    assert event("1", 180).told == (NOON, NOON)
    assert event("1", 1).told == (NOON + MINUTE, NOON), "so much a clock may differ"


def test_what_was_said_of_rows_since_and_is_not_known_to_be_old(engine: Engine) -> None:
    states = (
        events.WAITING, events.LANDED, events.UNCHANGED, events.REFUSED, events.FAILED, events.STALE, events.KEPT,
    )  # fmt: skip
    for state in states:
        said = event(state, -5, external_id=state)
        events.keep(engine, said)
        if state != events.WAITING:
            settle(engine, said, state)
    everything = {*states, "another"}
    taken = set(states) - {events.STALE, events.KEPT}
    with reading(engine) as connection:
        for source, since, now, found in (
            ("school", NOON, NOON, taken), ("other", NOON, NOON, set()),
            ("school", NOON + MINUTE, NOON + MINUTE, set()), ("school", NOON - 9 * MINUTE, NOON - 5 * MINUTE, set()),
        ):  # fmt: skip
            assert events.spoken_of(connection, source, "people", everything, since, now) == found
        assert events.spoken_of(connection, "school", "others", everything, NOON, NOON) == set()
        assert events.spoken_of(connection, "school", "people", {events.LANDED}, NOON, NOON) == {events.LANDED}


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
