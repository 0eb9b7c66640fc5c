"""Rows that a platform no longer has leave the live view; what was landed stays."""

from datetime import datetime, timedelta

from store import absence, owners
from store.engine import reading, writing
from tests.store.shelf import Shelf, row

MAIL = ("email", "a@example.com")


def vanish(shelf: Shelf, *ids: int) -> list[int]:
    with writing(shelf.engine) as connection:
        return absence.vanish(connection, ids, shelf.clock)


def missing(shelf: Shelf, *seen: str) -> tuple[int, set[str]]:
    with reading(shelf.engine) as connection:
        live, absent = absence.missing(
            connection, "salon", "people", set(seen), shelf.clock + timedelta(days=1), shelf.clock + timedelta(days=2)
        )
    assert all(shelf.record(external_id).id == id_ for id_, external_id in absent)
    return live, {external_id for _, external_id in absent}


def test_live_rows_that_were_not_seen_are_missing(shelf: Shelf) -> None:
    shelf.land(row("1"), row("2"), row("3"), row("gone", deleted=True))
    shelf.land(row("4"), stream="others")
    shelf.land(row("5"), source="school")
    assert missing(shelf, "1", "9") == (3, {"2", "3"})
    assert missing(shelf, "1", "2", "3") == (3, set())
    vanish(shelf, shelf.record("2").id)
    assert missing(shelf) == (2, {"1", "3"})


def test_what_vanishes_is_kept_with_former_keys_and_is_queued(shelf: Shelf) -> None:
    shelf.land(row("1", keys=(MAIL,)), row("2", keys=(MAIL,)))
    before = shelf.record("1")
    shelf.empty_queue()
    assert vanish(shelf, before.id) == []
    after = shelf.record("1")
    assert after.vanished_at == shelf.clock
    assert (after.payload, after.retrieved_at, after.birth_id) == (before.payload, before.retrieved_at, before.birth_id)
    assert (shelf.keys("1"), shelf.keys("2")) == ({MAIL: False}, {MAIL: True})
    assert shelf.queued() == [before.id]


def test_an_activity_that_vanishes_queues_its_owner_and_an_order_does_not(shelf: Shelf) -> None:
    shelf.land(row("1"), row("2"))
    shelf.book(row("b", owner_id="1"), row("nobody's"))
    shelf.book(row("o", owner_id="2"), kind="order")
    shelf.empty_queue()
    vanish(shelf, shelf.record("b", "bookings").id, shelf.record("nobody's", "bookings").id)
    vanish(shelf, shelf.record("o", "orders").id)
    assert shelf.queued() == [shelf.record("1").id]


def test_bookings_found_by_contact_are_orphans_and_those_that_name_their_owner_are_not(shelf: Shelf) -> None:
    shelf.land(row("1"))
    shelf.book(row("named", owner_id="1"), row("found"))
    owner, found = shelf.record("1").id, shelf.record("found", "bookings").id
    with writing(shelf.engine) as connection:
        owners.settle(connection, [(found, owner)])
    assert vanish(shelf, owner) == [found]
    assert (shelf.owner("found"), shelf.owner("named")) == (None, owner)


def test_many_vanish_at_once(shelf: Shelf) -> None:
    shelf.land(*(row(str(number)) for number in range(300)))
    vanish(shelf, *(shelf.record(str(number)).id for number in range(0, 300, 100)))
    assert missing(shelf, *map(str, range(300))) == (297, set())


def test_what_came_while_the_sweep_went_on_is_not_missing_and_in_the_next_one_it_is(shelf: Shelf) -> None:
    shelf.land(row("before"))
    began_at = shelf.clock + timedelta(seconds=30)
    shelf.land(row("meanwhile"), retrieved_from="event person.created")

    def absent(began_at: datetime, now: datetime) -> set[str]:
        with reading(shelf.engine) as connection:
            live, found = absence.missing(connection, "salon", "people", set(), began_at, now)
        assert live == 2
        return {external_id for _, external_id in found}

    assert absent(began_at, shelf.clock) == {"before"}
    assert absent(shelf.clock, shelf.clock) == {"before"}, "in the same moment is meanwhile"
    later = shelf.clock + timedelta(minutes=1)
    assert absent(later, later) == {"before", "meanwhile"}
    set_back = began_at - timedelta(hours=1)
    assert absent(set_back, set_back) == {"before", "meanwhile"}, "they say that they came after now"
