"""What an event changes about a row that is held: whether it is stale, and what stays of the row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.hooks import Observation
from connectors.records import Customer, Enrollment, Kind, SourceRecord
from store.events import Event, HeldRow, Told
from sync.observing import RETRIEVED, is_known_since, is_stale, merged

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE, TOLD = "GET /people", f"{RETRIEVED}person.updated"


def at(minutes: int | None) -> Any:
    """So many minutes after noon."""
    return None if minutes is None else NOON + timedelta(minutes=minutes)


def event(minutes: int = 0, *, received: int = 10) -> Event:
    return Event("school", "1", "person.updated", "people", "7", False, at(minutes), at(received), "{}")


def told(minutes: int | None, *, received: int | None = None) -> Told | None:
    if minutes is None:
        return None
    return event(minutes, received=minutes if received is None else received).told


def said(updated_at: int | None = None) -> SourceRecord:
    return SourceRecord(external_id="7", kind=Kind.CUSTOMER, payload=Customer(), updated_at=at(updated_at))


def held(
    retrieved_at: int, *, by: str = PAGE, updated_at: int | None = None, vanished_at: int | None = None, **options: Any
) -> HeldRow:
    defaults: dict[str, Any] = {"payload": "{}", "notes": None, "owner_id": None}
    return HeldRow(
        id=1,
        source_updated_at=at(updated_at),
        retrieved_from=by,
        retrieved_at=at(retrieved_at),
        vanished_at=at(vanished_at),
        **defaults | options,
    )


# The event happened at noon (0) and came at 10. Other times are minutes before or after noon.
@pytest.mark.parametrize(
    ("record", "row", "taken", "swept", "stale"),
    [
        # Where the source says when the row changed, that decides and nothing else.
        (said(5), held(9, updated_at=4), None, None, False),
        (said(5), held(9, updated_at=5), None, None, False),
        (said(5), held(9, updated_at=6), None, None, True),
        (said(5), held(9, updated_at=4), 9, 9, False),
        (said(5), held(7, updated_at=6), -9, -9, True),
        # Else the time of the event is set beside what was read and told since.
        (said(), held(-1), None, None, False),
        (said(), held(0), None, None, False),
        (said(), held(1), None, None, True),
        (said(5), held(1), None, None, True),
        (said(), held(1, updated_at=-5), None, None, True),
        (said(), held(-9), -1, None, False),
        (said(), held(-9), 0, None, False),
        (said(), held(-9), 1, None, True),
        (said(), held(-9), None, -1, False),
        (said(), held(-9), None, 0, False),
        (said(), held(-9), None, 1, True),
        # What an event brought was true when that happened, and not when it came.
        (said(), held(9, by=TOLD), -1, None, False),
        (said(), held(9, by=TOLD), 1, None, True),
        # Or it was an aside of an event about something else, which says nothing of its own time.
        (said(), held(9, by=TOLD), None, None, False),
        # A row that was never held.
        (said(), None, None, None, False),
        (said(5), None, None, -1, False),
        (said(5), None, None, 1, True),
        (said(5), None, 1, None, True),
        (said(5), None, -1, -1, False),
        # A row that is gone: its last change says nothing of when it went.
        (said(5), held(-9, updated_at=4, vanished_at=1), None, None, True),
        (said(5), held(-9, updated_at=4, vanished_at=1), 1, None, True),
        (said(5), held(-9, updated_at=4, vanished_at=-1), None, None, False),
        (said(5), held(-9, updated_at=4, vanished_at=-1), -1, -1, False),
        (said(5), held(-9, updated_at=4, vanished_at=-2), 1, None, True),
        (said(), held(-9, vanished_at=1), None, None, True),
        (said(), held(-9, vanished_at=-1), None, None, False),
        (said(), held(-9, by=TOLD, vanished_at=1), -9, None, True),
        (said(5), held(7, updated_at=6, vanished_at=-1), None, None, True),
    ],
)
def test_older_than_what_is_held(
    record: SourceRecord, row: HeldRow | None, taken: int | None, swept: int | None, stale: bool
) -> None:
    assert is_stale(event(), record, row, told(taken), at(swept)) is stale


# (event happened, came; its row changed) beside (the row that is held: read or told at, changed at)
@pytest.mark.parametrize(
    ("says", "changed", "row", "stale"),
    [
        # A time that was still to come when it was received says no more than that it was received.
        (event(1, received=1), 1, held(0, updated_at=180), False),
        (event(1, received=1), 1, held(0, by=TOLD, updated_at=180), False),
        (event(-1, received=1), -1, held(0, by=TOLD, updated_at=180), True),
        (event(180, received=1), 180, held(2, by=TOLD, updated_at=2), True),
        (event(181, received=1), 181, held(0, by=TOLD, updated_at=180), False),
        # A clock that is ahead by less than a minute keeps the order of what it states.
        (event(1, received=5), 1, held(1, by=TOLD, updated_at=2), True),
        # Equal ones fall to the order of reception.
        (event(0, received=1), 0, held(2, updated_at=0), True),
        (event(0, received=1), 0, held(1, updated_at=0), False),
        (event(0, received=2), 0, held(1, by=TOLD, updated_at=0), False),
        (event(0, received=1), 0, held(2, by=TOLD, updated_at=0), True),
    ],
)
def test_what_the_source_states_is_believed_as_far_as_it_can_be(
    says: Event, changed: int, row: HeldRow, stale: bool
) -> None:
    assert is_stale(says, said(changed), row, None, None) is stale


@pytest.mark.parametrize(
    ("says", "taken", "swept", "stale"),
    [
        (event(1, received=1), told(180, received=0), None, False),
        (event(-1, received=1), told(180, received=0), None, True),
        (event(180, received=1), told(181, received=0), None, False),
        (event(180, received=0), told(1, received=1), None, True),
        (event(1, received=3), told(2, received=1), None, True),
        (event(0, received=1), told(0, received=2), None, True),
        (event(0, received=2), told(0, received=1), None, False),
        (event(0, received=1), told(0, received=1), None, False),
        (event(180, received=0), None, 1, True),
        (event(180, received=1), None, 1, False),
        (event(1, received=9), None, 2, True),
    ],
)
def test_when_an_event_happened_is_believed_as_far_as_it_can_be(
    says: Event, taken: Told | None, swept: int | None, stale: bool
) -> None:
    assert is_stale(says, said(), None, taken, at(swept)) is stale


@pytest.mark.parametrize(
    ("row", "taken", "since"),
    [
        (held(-1), None, False),
        (held(0), None, False),
        (held(1), None, True),
        (held(1, by=TOLD), None, True),
        (held(-1), told(-5, received=1), True),
        (held(-1), told(5, received=-1), False),
    ],
)
def test_an_answer_is_old_once_the_row_was_read_or_told_of(row: HeldRow, taken: Told | None, since: bool) -> None:
    assert is_known_since(row, taken, NOON) is since


def test_what_could_not_be_mapped_is_stale_by_the_same_times() -> None:
    assert is_stale(event(), None, held(1), None, None)
    assert is_stale(event(), None, None, None, at(1))
    assert not is_stale(event(), None, held(-1, updated_at=9), None, None)


def observation(speaks: set[str], **options: Any) -> Observation:
    payload = Customer(first_name="Maija", email="maija@example.com")
    record = SourceRecord(external_id="7", kind=Kind.CUSTOMER, payload=payload, **options)
    return Observation(stream="people", record=record, speaks=frozenset(speaks))


def test_what_was_not_spoken_of_stays() -> None:
    row = held(-9, payload='{"first_name":"Kaisa","email":"kaisa@example.com","phone":"+358400000101"}', notes="a note")
    record = merged(observation({"first_name", "phone"}), row)
    assert record.payload == Customer(first_name="Maija", email="kaisa@example.com", phone=None)
    assert (record.notes, record.external_id, record.deleted) == ("a note", "7", False)


def test_what_is_not_held_is_taken_whole() -> None:
    said = observation({"first_name"}, owner_id="3")
    assert merged(said, None) is said.record


@pytest.mark.parametrize(("new", "old", "stands"), [("4", "3", "4"), (None, "3", "3"), ("4", None, "4")])
def test_an_owner_stays_unless_another_is_named(new: str | None, old: str | None, stands: str) -> None:
    record = SourceRecord(external_id="7", kind=Kind.ENROLLMENT, payload=Enrollment(progress=0.5), owner_id=new)
    found = merged(
        Observation(stream="enrollments", record=record, speaks=frozenset({"progress"})),
        held(-9, payload='{"course":"Hieronta"}', owner_id=old),
    )
    assert found.owner_id == stands
    assert found.payload == Enrollment(course="Hieronta", progress=0.5)


@pytest.mark.parametrize(("new", "old", "stands"), [(5, 4, 5), (None, 4, 4), (5, None, 5), (None, None, None)])
def test_a_time_of_change_stays_unless_another_is_stated(new: int | None, old: int | None, stands: int | None) -> None:
    assert merged(observation(set(), updated_at=at(new)), held(-9, updated_at=old)).updated_at == at(stands)
