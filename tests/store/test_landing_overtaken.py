"""A page that was asked for before an event happened does not overwrite what that event said."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from store import absence, events, runs
from store.batch import Landed
from store.engine import reading, writing
from store.events import Event
from store.landing import land
from tests.store.shelf import START, Shelf, row

SECOND = timedelta(seconds=1)
ASKED = START + timedelta(hours=1)


def event(external_id: str, created_at: datetime, **options: Any) -> Event:
    defaults: dict[str, Any] = {
        "source": "salon",
        "event_id": f"{external_id} {created_at}",
        "topic": "person.updated",
        "stream": "people",
        "external_id": external_id,
        "deleted": False,
        "created_at": created_at,
        "received_at": created_at,
        "fields": "{}",
    }
    return Event(**defaults | options)


def tell(
    shelf: Shelf,
    external_id: str,
    created_at: datetime,
    text: str | None,
    *,
    at: datetime,
    state: str = events.LANDED,
    changed_at: datetime | None = None,
    **options: Any,
) -> None:
    """Process an event at `at`: it says `text` of the row, or that it is gone (`None`)."""
    said = event(external_id, created_at, **options)
    events.keep(shelf.engine, said)
    shelf.clock = at - timedelta(minutes=1)
    batch = shelf.batch(
        row(external_id, text or "{}", updated_at=changed_at), checkpoint=False, retrieved_from="event person.updated"
    )
    with writing(shelf.engine) as connection:
        if text is None:
            held = events.held(connection, said.source, str(said.stream), external_id)
            absence.vanish(connection, [held.id] if held else [], at)
        elif state == events.LANDED:
            land(connection, batch)
        events.settle(connection, said, state, at, "run")


def page(shelf: Shelf, *rows: Any, asked_at: datetime = ASKED, now: datetime | None = None, **options: Any) -> Landed:
    """Land a page, a minute after it was asked for."""
    shelf.clock = (now or asked_at + timedelta(minutes=1)) - timedelta(minutes=1)
    landed = shelf.land(*rows, asked_at=asked_at, **options)
    assert landed.new + landed.changed + landed.unchanged == len(rows)
    return landed


def numbers(landed: Landed) -> tuple[int, int, int]:
    return landed.new, landed.changed, landed.unchanged


def test_what_an_event_said_since_is_not_overwritten_and_other_rows_are(shelf: Shelf) -> None:
    shelf.land(row("1", "old"), row("2", "old"))
    tell(shelf, "1", ASKED + SECOND, "told", at=ASKED + 2 * SECOND)
    assert numbers(page(shelf, row("1", "read"), row("2", "read"), row("3", "read"))) == (1, 1, 1)
    assert [shelf.record(id_).payload for id_ in "123"] == ["told", "read", "read"]


def test_a_page_that_was_asked_for_later_overwrites_it(shelf: Shelf) -> None:
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED - SECOND, "told", at=ASKED + SECOND)
    assert numbers(page(shelf, row("1", "read"))) == (0, 1, 0)
    assert shelf.record("1").payload == "read"


def test_the_next_sweep_overwrites_it_too_if_the_platform_is_ahead_of_our_clock(shelf: Shelf) -> None:
    """Its events seem to happen in times to come; what was told before the page was asked for is older all the same."""
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED + timedelta(hours=3), "told", at=ASKED - SECOND)
    assert numbers(page(shelf, row("1", "read"))) == (0, 1, 0)


def test_what_counts_is_when_the_event_came_and_not_what_the_platforms_clock_says(shelf: Shelf) -> None:
    """One that is behind must not let the older page win, nor one that is ahead the older event."""
    shelf.land(row("1", "old"), row("2", "old"))
    came, before = ASKED + SECOND, ASKED - SECOND
    tell(shelf, "1", ASKED - timedelta(hours=3), "told", at=ASKED + 2 * SECOND, received_at=came)
    tell(shelf, "2", ASKED + timedelta(hours=3), "told", at=ASKED + 2 * SECOND, received_at=before)
    assert numbers(page(shelf, row("1", "read"), row("2", "read"))) == (0, 1, 1)
    assert [shelf.record(id_).payload for id_ in "12"] == ["told", "read"]


@pytest.mark.parametrize(("changed_s", "stands"), [(4, "told"), (5, "told"), (6, "read"), (None, "told")])
def test_a_later_change_that_the_page_states_overwrites_what_an_event_told_of(
    shelf: Shelf, changed_s: int | None, stands: str
) -> None:
    shelf.land(row("1", "old", updated_at=ASKED))
    tell(shelf, "1", ASKED + 9 * SECOND, "told", at=ASKED + 9 * SECOND, changed_at=ASKED + 5 * SECOND)
    changed_at = changed_s and ASKED + changed_s * SECOND
    page(shelf, row("1", "read", updated_at=changed_at))
    assert shelf.record("1").payload == stands


@pytest.mark.parametrize("told", [None, "old"], ids=["gone", "as it was"])
@pytest.mark.parametrize(("changed_s", "stands"), [(9, False), (10, True)])
def test_beside_an_event_that_left_no_time_with_the_row_the_time_at_which_it_happened_counts(
    shelf: Shelf, told: str | None, changed_s: int, stands: bool
) -> None:
    shelf.land(row("1", "old", updated_at=ASKED))
    state = events.LANDED if told is None else events.UNCHANGED
    tell(shelf, "1", ASKED + 9 * SECOND, told, at=ASKED + 9 * SECOND, state=state, deleted=told is None)
    page(shelf, row("1", "read", updated_at=ASKED + changed_s * SECOND))
    assert (shelf.record("1").payload == "read") is stands


def test_a_page_is_known_as_of_when_it_was_asked_for(shelf: Shelf) -> None:
    shelf.land(row("1", "old"))
    page(shelf, row("1", "read"), row("2", "read"), row("3", "read", deleted=True))
    assert [shelf.record(id_).retrieved_at for id_ in "123"] == [ASKED] * 3
    assert shelf.record("3").vanished_at == ASKED
    assert shelf.record("2").first_seen_at == ASKED + timedelta(minutes=1)
    page(shelf, row("1", "gone", deleted=True), asked_at=ASKED + timedelta(hours=1))
    assert shelf.record("1").vanished_at == ASKED + timedelta(hours=1)
    page(shelf, row("2", "later"), now=ASKED - timedelta(hours=5))
    assert shelf.record("2").retrieved_at == ASKED - timedelta(hours=5), "the clock was set back since"


def test_a_row_that_was_deleted_since_does_not_come_back(shelf: Shelf) -> None:
    shelf.land(row("1", "old"), row("2", "old"))
    tell(shelf, "1", ASKED + SECOND, None, at=ASKED + 2 * SECOND, deleted=True)
    gone = shelf.record("1")
    assert numbers(page(shelf, row("1", "old"), row("2", "old"))) == (0, 0, 2)
    assert shelf.record("1") == gone
    assert gone.vanished_at is not None
    assert numbers(page(shelf, row("1", "old"), asked_at=ASKED + timedelta(hours=1))) == (0, 1, 0)
    assert shelf.record("1").vanished_at is None, "the platform has brought it back since"


def test_a_row_that_was_deleted_before_we_ever_held_it_is_not_new(shelf: Shelf) -> None:
    tell(shelf, "1", ASKED + SECOND, None, at=ASKED + 2 * SECOND, state=events.UNCHANGED, deleted=True)
    assert numbers(page(shelf, row("1", "read"), row("2", "read"))) == (1, 0, 1)
    assert shelf.queued() == [shelf.record("2").id]


def test_an_event_that_confirmed_what_is_held_is_newer_than_the_page_too(shelf: Shelf) -> None:
    """The row was changed and changed back; the page saw it between the two."""
    shelf.land(row("1", "same"))
    tell(shelf, "1", ASKED + SECOND, "same", at=ASKED + 2 * SECOND, state=events.UNCHANGED)
    assert numbers(page(shelf, row("1", "between"))) == (0, 0, 1)
    assert shelf.record("1").payload == "same"


@pytest.mark.parametrize("state", [events.STALE, events.KEPT, events.REFUSED, events.FAILED])
def test_an_event_that_was_not_taken_protects_nothing(shelf: Shelf, state: str) -> None:
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED + SECOND, "told", at=ASKED + 2 * SECOND, state=state)
    assert numbers(page(shelf, row("1", "read"))) == (0, 1, 0)


def test_an_event_that_waits_protects_nothing(shelf: Shelf) -> None:
    shelf.land(row("1", "old"))
    events.keep(shelf.engine, event("1", ASKED + SECOND))
    assert numbers(page(shelf, row("1", "read"))) == (0, 1, 0)


@pytest.mark.parametrize("other", [{"source": "school"}, {"stream": "others"}])
def test_events_of_other_sources_and_streams_protect_nothing(shelf: Shelf, other: dict[str, str]) -> None:
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED + SECOND, "told", at=ASKED + 2 * SECOND, state=events.UNCHANGED, **other)
    assert numbers(page(shelf, row("1", "read"))) == (0, 1, 0)


def test_an_event_from_before_the_clock_was_set_back_protects_nothing(shelf: Shelf) -> None:
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED + timedelta(hours=5), "told", at=ASKED + timedelta(hours=5))
    assert numbers(page(shelf, row("1", "read"))) == (0, 1, 0)


def test_an_overtaken_page_moves_the_checkpoint_all_the_same(shelf: Shelf) -> None:
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED + SECOND, "told", at=ASKED + 2 * SECOND)
    page(shelf, row("1", "read"), cursor="after 1")
    with reading(shelf.engine) as connection:
        assert runs.standing(connection, "salon", "people").cursor == "after 1"


def test_what_is_no_page_of_a_read_overwrites(shelf: Shelf) -> None:
    """Rows that come from quarantine or from a later event were not asked for."""
    shelf.land(row("1", "old"))
    tell(shelf, "1", ASKED + SECOND, "told", at=ASKED + 2 * SECOND)
    assert numbers(shelf.land(row("1", "mended"))) == (0, 1, 0)


def test_a_row_that_an_event_overtook_is_not_known_by_the_page_that_came_late(shelf: Shelf) -> None:
    shelf.land(row("1", "old", digest="d"))
    tell(shelf, "1", ASKED + SECOND, "told", at=ASKED + 2 * SECOND)
    page(shelf, row("1", "old", digest="d"))
    assert (shelf.record("1").payload, shelf.record("1").row_digest) == ("told", None)
