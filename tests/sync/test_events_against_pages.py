"""Events against pages: which of the two knew last, whatever comes first into the store, and whatever clocks say."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Absence
from tests.sync.machine_desk import MAIJA, Desk
from tests.sync.machine_platforms import Trouble

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def test_an_event_that_comes_while_a_page_is_on_its_way_is_newer_although_it_is_processed_after_it(desk: Desk) -> None:
    desk.has("1", first_name="Vanha")

    def meanwhile(_: int) -> None:  # the page is made up: it holds the row as it was
        desk.has("1", first_name="Uusi")
        desk.send("1")

    desk.school.trouble["people"] = Trouble(meanwhile=meanwhile)
    desk.run()
    assert "Vanha" in desk.record("1").payload
    assert desk.work() == {"landed": 1}
    assert "Uusi" in desk.record("1").payload


@pytest.mark.parametrize("behind_s", [0.0, 3600.0])
def test_an_event_that_is_processed_while_a_page_is_on_its_way_stays_whatever_the_platforms_clock(
    desk: Desk, behind_s: float
) -> None:
    desk.has("1", first_name="Vanha")

    def meanwhile(_: int) -> None:
        desk.has("1", first_name="Uusi")
        desk.send("1", ago_s=behind_s)
        assert desk.work() == {"landed": 1}

    desk.school.trouble["people"] = Trouble(meanwhile=meanwhile)
    desk.run()
    assert "Uusi" in desk.record("1").payload


def test_a_page_with_a_later_change_stands_over_an_event_that_came_while_it_was_on_its_way(desk: Desk) -> None:
    desk.has("1", first_name="Vanha", updated_at=now())
    late = desk.school.delivery("people.changed", "1", 1)
    desk.has("1", first_name="Uusi", updated_at=now())

    def meanwhile(_: int) -> None:
        desk.receive(late)
        assert desk.work() == {"landed": 1}

    desk.school.trouble["people"] = Trouble(meanwhile=meanwhile)
    desk.run()
    assert "Uusi" in desk.record("1").payload


@pytest.mark.parametrize("processed", ["before the removal", "after it"])
def test_what_an_event_brings_back_before_the_sweep_removes_it_stays(desk: Desk, processed: str) -> None:
    desk.has("1", **MAIJA)
    desk.has("2", first_name="Testi")
    desk.run()
    kept = desk.school.rows["people"].pop("1")

    def meanwhile() -> None:  # the platform has said that the row is not there
        desk.school.rows["people"]["1"] = kept
        desk.send("1")
        if processed == "before the removal":
            assert desk.work() == {"unchanged": 1}

    desk.school.confirming = meanwhile
    assert desk.run().sources["thinkific"].streams["people"].vanished == 0
    assert desk.school.asked == ["1"]
    desk.work()
    assert desk.record("1").vanished_at is None
    del desk.school.rows["people"]["1"]
    assert desk.run().sources["thinkific"].streams["people"].vanished == 1, "the next sweep knows better"


def test_what_an_event_removes_while_a_sweep_judges_is_removed_once(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.has("2", first_name="Testi")
    desk.run()
    del desk.school.rows["people"]["1"]

    def meanwhile() -> None:
        desk.send("1", "people.deleted")
        assert desk.work() == {"landed": 1}

    desk.school.confirming = meanwhile
    assert desk.run().sources["thinkific"].streams["people"].vanished == 0
    assert desk.record("1").vanished_at is not None


def test_an_event_of_before_the_removal_that_comes_after_it_brings_the_row_back(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.has("2", first_name="Testi")
    desk.run()
    kept = desk.school.rows["people"].pop("1")
    deliveries = []

    def meanwhile() -> None:
        desk.school.rows["people"]["1"] = kept
        desk.school.clock = now()
        deliveries.append(desk.school.delivery("people.changed", "1", 1))

    desk.school.confirming = meanwhile
    assert desk.run().sources["thinkific"].streams["people"].vanished == 1
    desk.receive(deliveries[0])
    assert desk.work() == {"landed": 1}
    assert desk.record("1").vanished_at is None


def test_where_nobody_is_asked_an_event_keeps_its_row_from_the_removal_too(desk: Desk) -> None:
    (people, *others) = desk.school.streams
    desk.school.streams = (people.model_copy(update={"absence": Absence.DELETED}), *others)
    desk.has("1", **MAIJA)
    desk.run()
    kept = desk.school.rows["people"].pop("1")

    def meanwhile(_: int) -> None:
        desk.school.rows["people"]["1"] = kept
        desk.send("1")

    desk.school.trouble["people"] = Trouble(meanwhile=meanwhile)
    assert desk.run().sources["thinkific"].streams["people"].vanished == 0
    assert desk.work() == {"unchanged": 1}


def test_a_row_that_comes_back_while_its_deletion_is_confirmed_stays(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.run()
    kept = desk.school.rows["people"].pop("1")
    desk.send("1", "people.deleted")

    def meanwhile() -> None:
        desk.school.rows["people"]["1"] = kept
        desk.send("1")

    desk.school.confirming = meanwhile
    assert desk.work() == {"landed": 2}
    assert desk.record("1").vanished_at is None


def test_a_row_that_is_read_again_while_its_deletion_is_confirmed_stays(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.run()
    kept = desk.school.rows["people"].pop("1")
    desk.send("1", "people.deleted")

    def meanwhile() -> None:
        desk.school.rows["people"]["1"] = kept
        desk.has("1", **{**MAIJA, "first_name": "Uusi"})
        desk.run()

    desk.school.confirming = meanwhile
    assert desk.work() == {"stale": 1}
    assert desk.record("1").vanished_at is None


def test_what_needs_no_asking_is_landed_before_anybody_is_asked(desk: Desk) -> None:
    """A platform that is slow to confirm deletions delays those alone."""
    desk.has("7", **MAIJA)
    desk.run()
    del desk.school.rows["people"]["7"]
    desk.send("7", "people.deleted")
    for number in range(60):  # more than are taken at once
        desk.has(f"new {number}", first_name="Testi")
        desk.send(f"new {number}")
    there = []
    desk.school.confirming = lambda: there.append(desk.record("new 59") is not None)
    assert desk.work() == {"landed": 61}
    assert there == [True]


def test_what_comes_while_a_slow_platform_confirms_is_landed_before_it_is_asked_again(desk: Desk) -> None:
    for id_ in "12":
        desk.has(id_, first_name="Testi")
    desk.run()
    desk.school.rows["people"].clear()
    for id_ in "12":
        desk.send(id_, "people.deleted")
    there = []

    def meanwhile() -> None:
        there.append(desk.record("3") is not None)
        desk.school.confirming = meanwhile
        desk.has("3", first_name="Uusi")
        if len(there) == 1:
            desk.send("3")

    desk.school.confirming = meanwhile
    assert desk.work(patience_s=0.0) == {"landed": 3}
    assert there == [False, True]


@pytest.mark.parametrize("dated", [True, False], ids=["rows state when they changed", "rows state nothing"])
def test_a_clock_that_ran_ahead_makes_nothing_stale_once_it_is_right(desk: Desk, dated: bool) -> None:
    desk.has("1", first_name="Vanha", **({"updated_at": now() + 3 * HOUR} if dated else {}))
    desk.send("1", ago_s=-3 * 3600)
    assert desk.work() == {"landed": 1}
    desk.has("1", first_name="Uusi", **({"updated_at": now()} if dated else {}))
    desk.send("1")
    assert desk.work() == {"landed": 1}
    assert "Uusi" in desk.record("1").payload


@pytest.mark.parametrize("dated", [True, False], ids=["rows state when they changed", "rows state nothing"])
def test_in_one_lot_too_a_clock_that_ran_ahead_wins_nothing(desk: Desk, dated: bool) -> None:
    desk.has("1", first_name="Vanha", **({"updated_at": now() + 3 * HOUR} if dated else {}))
    desk.send("1", ago_s=-3 * 3600)
    desk.has("1", first_name="Uusi", **({"updated_at": now()} if dated else {}))
    desk.send("1")
    assert desk.work() == {"landed": 2}
    assert "Uusi" in desk.record("1").payload


def test_a_page_of_a_clock_that_ran_ahead_makes_nothing_stale_either(desk: Desk) -> None:
    desk.has("1", first_name="Vanha", updated_at=now() + 3 * HOUR)
    desk.run()
    desk.has("1", first_name="Uusi", updated_at=now())
    desk.send("1")
    assert desk.work() == {"landed": 1}
    assert "Uusi" in desk.record("1").payload


def test_of_two_that_happened_in_one_moment_the_later_to_come_stands(desk: Desk) -> None:
    """However their ids sort, and although the earlier one is tried again after the later one was taken."""
    moment = now()
    for number, name in ((9, "Eka"), (1, "Toka")):
        desk.school.clock = moment
        desk.has("1", first_name=name)
        desk.receive(desk.school.delivery("people.changed", "1", number))
    assert desk.work() == {"landed": 2}
    assert "Toka" in desk.record("1").payload


def test_one_that_is_tried_again_does_not_stand_over_one_of_the_same_moment_that_came_later(desk: Desk) -> None:
    moment = now()
    desk.school.clock = moment
    desk.has("1", first_name="Eka", explode=True)
    desk.receive(desk.school.delivery("people.changed", "1", 1))
    assert desk.work() == {"postponed": 1}
    desk.has("1", first_name="Toka")
    desk.receive(desk.school.delivery("people.changed", "1", 2))
    assert desk.work() == {"landed": 1}
    desk.due(fields='{"id": "1", "fields": {"first_name": "Eka"}, "owner_id": null, "updated_at": null}')
    assert desk.work() == {"stale": 1}
    assert "Toka" in desk.record("1").payload
