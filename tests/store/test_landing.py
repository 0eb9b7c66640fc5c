"""Landing: what becomes of the rows of a page."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from store.batch import FileMark
from store.engine import reading, writing
from store.landing import held_as_they_came, land
from store.runs import Standing, imported_files, standing
from store.tables import ImportedFile, MatchKey, Quarantine, ReconcileQueue, SourceRecord, table
from tests.store.shelf import START, Shelf, row

MAIL, PHONE = ("email", "a@example.com"), ("phone", "+358400000101")


def test_a_row_that_nobody_saw_before_is_new(shelf: Shelf) -> None:
    landed = shelf.land(row("1", "{}", updated_at=START, keys=(MAIL,)), retrieved_from="GET /people")
    record = shelf.record("1")
    assert (landed.new, landed.changed, landed.unchanged, landed.new_ids) == (1, 0, 0, [record.id])
    assert record.first_seen_at == record.retrieved_at == shelf.clock
    assert (record.source_updated_at, record.vanished_at, record.retrieved_from) == (START, None, "GET /people")
    assert (record.origin_id, record.run_id, record.kind) == (shelf.origin, "run", "customer")
    assert shelf.queued() == [record.id]


def test_the_same_row_again_changes_nothing(shelf: Shelf) -> None:
    shelf.land(row("1", flags={"email": True}, keys=(MAIL,)))
    before = shelf.record("1")
    shelf.empty_queue()
    landed = shelf.land(row("1", flags={"email": False}, keys=()), run_id="later", origin_id=shelf.origin)
    assert (landed.new, landed.changed, landed.unchanged) == (0, 0, 1)
    assert shelf.record("1") == before
    assert shelf.queued() == []
    assert (shelf.keys("1"), shelf.flags("1")) == ({MAIL: True}, [("email", True)])


def test_a_row_that_says_something_else_is_changed(shelf: Shelf) -> None:
    shelf.land(row("1"))
    before = shelf.record("1")
    shelf.empty_queue()
    landed = shelf.land(row("1", '{"name":"x"}', notes="a note", updated_at=START), run_id="later")
    after = shelf.record("1")
    assert (landed.new, landed.changed, landed.changed_ids) == (0, 1, [before.id])
    assert (after.id, after.birth_id, after.first_seen_at) == (before.id, before.birth_id, before.first_seen_at)
    assert (after.payload, after.notes, after.source_updated_at) == ('{"name":"x"}', "a note", START)
    assert (after.retrieved_at, after.run_id) == (shelf.clock, "later")
    assert after.payload_sha256 != before.payload_sha256
    assert shelf.queued() == [before.id]


def test_of_one_id_twice_in_a_page_the_last_stands_and_both_are_counted(shelf: Shelf) -> None:
    landed = shelf.land(row("1", "a"), row("2"), row("1", "b"), row("1", "b"), row("2"))
    assert (landed.new, landed.changed, landed.unchanged) == (2, 1, 2)
    assert shelf.record("1").payload == "b"
    assert len(landed.new_ids) == 2


def test_streams_and_sources_do_not_mix(shelf: Shelf) -> None:
    landed = [shelf.land(row("1")), shelf.land(row("1"), source="school"), shelf.land(row("1"), stream="others")]
    assert [found.new for found in landed] == [1, 1, 1]


def test_a_row_marked_as_deleted_leaves_the_live_view_and_its_keys_are_former(shelf: Shelf) -> None:
    shelf.land(row("1", keys=(MAIL,)))
    shelf.empty_queue()
    landed = shelf.land(row("1", keys=(MAIL,), deleted=True))
    assert (landed.changed, landed.vanished) == (1, 1)
    assert shelf.record("1").vanished_at == shelf.clock
    assert shelf.keys("1") == {MAIL: False}
    assert shelf.queued() == [shelf.record("1").id]
    assert shelf.land(row("1", keys=(MAIL,), deleted=True)).unchanged == 1
    assert shelf.land(row("1", "other", deleted=True)).vanished == 0, "it is gone already"


def test_a_row_that_comes_deleted_is_kept_without_present_keys(shelf: Shelf) -> None:
    landed = shelf.land(row("1", keys=(MAIL,), deleted=True))
    assert (landed.new, landed.vanished) == (1, 0)
    assert (shelf.record("1").vanished_at, shelf.keys("1")) == (shelf.clock, {})


def test_a_row_that_is_back_is_the_same_record_alive(shelf: Shelf) -> None:
    shelf.land(row("1", keys=(MAIL,)))
    before = shelf.record("1")
    shelf.land(row("1", keys=(MAIL,), deleted=True))
    shelf.empty_queue()
    landed = shelf.land(row("1", keys=(MAIL,)))
    after = shelf.record("1")
    assert (landed.changed, landed.vanished, after.vanished_at) == (1, 0, None)
    assert (after.id, after.birth_id) == (before.id, before.birth_id)
    assert shelf.keys("1") == {MAIL: True}
    assert shelf.queued() == [before.id]


def test_contacts_that_a_row_no_longer_has_are_former_ones(shelf: Shelf) -> None:
    shelf.land(row("1", "a", keys=(MAIL, PHONE, MAIL)))
    assert shelf.keys("1") == {MAIL: True, PHONE: True}
    shelf.land(row("1", "b", keys=(PHONE,)))
    assert shelf.keys("1") == {MAIL: False, PHONE: True}
    shelf.land(row("1", "c", keys=(MAIL,)))
    assert shelf.keys("1") == {MAIL: True, PHONE: False}


def test_an_id_of_a_record_is_never_given_again(shelf: Shelf) -> None:
    shelf.land(row("1"), row("2"))
    highest = shelf.record("2").id
    with writing(shelf.engine) as connection:
        for model, column in ((ReconcileQueue, "record_id"), (MatchKey, "record_id"), (SourceRecord, "id")):
            connection.execute(delete(table(model)).where(table(model).c[column] == highest))
    shelf.land(row("3"))
    shelf.land(row("4"))
    assert highest < shelf.record("3").id < shelf.record("4").id


def test_only_customers_have_a_birth_id_and_all_are_different(shelf: Shelf) -> None:
    shelf.land(row("1"), row("2"))
    shelf.book(row("b"))
    assert len({shelf.record(id_).birth_id for id_ in ("1", "2")} - {None}) == 2
    assert shelf.record("b", "bookings").birth_id is None
    assert shelf.record("b", "bookings").id not in shelf.queued()


@pytest.mark.parametrize("kind", ["booking", "enrollment", "order"])
@pytest.mark.parametrize("owner_first", [True, False])
def test_an_activity_has_the_owner_that_it_names_whichever_comes_first(
    shelf: Shelf, kind: str, owner_first: bool
) -> None:
    if owner_first:
        shelf.land(row("1"), row("2"))
    shelf.land(row("2"), source="school")
    shelf.book(row("a", owner_id="2"), row("b", owner_id="nobody"), row("c"), kind=kind)
    if not owner_first:
        assert shelf.owner("a", kind) is None
        shelf.land(row("1"), row("2"), source="reseller")
        assert shelf.owner("a", kind) is None, "another source's customer of this id is somebody else"
        shelf.land(row("1"), row("2"))
    assert shelf.owner("a", kind) == shelf.record("2").id
    assert shelf.owner("b", kind) is shelf.owner("c", kind) is None


def test_an_activity_follows_the_owner_that_it_names(shelf: Shelf) -> None:
    shelf.land(row("1"), row("2"))
    shelf.book(row("a", owner_id="1"))
    shelf.empty_queue()
    shelf.book(row("a", owner_id="2"))
    assert shelf.owner("a") == shelf.record("2").id
    assert shelf.record("1").id in shelf.queued()
    shelf.book(row("a", "x"))
    assert shelf.owner("a") == shelf.record("2").id, "to name nobody takes nothing back"
    shelf.book(row("a", owner_id="3"))
    assert shelf.owner("a") is None
    shelf.land(row("3"))
    assert shelf.owner("a") == shelf.record("3").id


def test_an_activity_that_changes_and_stays_queues_nobody_here(shelf: Shelf) -> None:
    shelf.land(row("1"))
    shelf.book(row("a", owner_id="1"))
    shelf.empty_queue()
    shelf.book(row("a", "x", owner_id="1"))
    assert shelf.queued() == []


def test_a_catalogue_has_no_owners(shelf: Shelf) -> None:
    shelf.land(row("c", owner_id="1"), stream="courses", kind="course", owner_stream=None)
    shelf.land(row("1"))
    assert shelf.record("c", "courses").owner_record_id is None


def test_a_flag_is_written_down_each_time_it_changes(shelf: Shelf) -> None:
    for number, value in enumerate((None, True, True, False, None, True)):
        shelf.land(row("1", str(number), flags={"email": value, "sms": None}))
    assert shelf.flags("1") == [("email", True), ("email", False), ("email", None), ("email", True)]


def test_a_flag_of_a_new_row_is_written_down_unless_it_says_nothing(shelf: Shelf) -> None:
    shelf.land(row("1", flags={"email": None, "sms": False}), row("2", flags={"email": True, "sms": None}))
    assert (shelf.flags("1"), shelf.flags("2")) == ([("sms", False)], [("email", True)])


def test_quarantine_holds_a_row_until_it_is_understood(shelf: Shelf) -> None:
    landed = shelf.reject("1", "row-x")
    assert (landed.quarantined, landed.new) == (2, 0)
    first = shelf.rows(select(table(Quarantine)).where(table(Quarantine).c.key == "1"))[0]
    assert (first.column, first.file, first.row, first.origin_id, first.run_id) == ("Nimi", "a.csv", 7, 1, "run")
    shelf.reject("1", reason="no date")
    assert shelf.quarantine() == [("1", "no date"), ("row-x", "no name")]
    again = shelf.rows(select(table(Quarantine)).where(table(Quarantine).c.key == "1"))[0]
    assert (again.id, again.first_seen_at) == (first.id, first.first_seen_at)
    shelf.land(row("1"), stream="others")
    assert len(shelf.quarantine()) == 2, "another stream's row of this id is another row"
    shelf.land(row("1"), row("2"))
    assert shelf.quarantine() == [("row-x", "no name")]


def test_a_row_refused_twice_in_a_page_waits_once_and_counts_twice(shelf: Shelf) -> None:
    assert shelf.reject("1", "1").quarantined == 2
    assert shelf.quarantine() == [("1", "no name")]


def held(shelf: Shelf) -> Standing:
    with writing(shelf.engine) as connection:
        return standing(connection, "salon", "people")


def test_a_checkpoint_keeps_the_cursor_of_the_last_page_and_the_newest_time(shelf: Shelf) -> None:
    assert held(shelf) == Standing()
    shelf.land(row("1"), cursor="page 1")
    assert held(shelf) == Standing("page 1")
    later = START + timedelta(days=2, microseconds=1)
    shelf.land(row("2", updated_at=START), row("3", updated_at=later), cursor="page 2")
    shelf.land(row("4", updated_at=START), cursor="page 3")
    assert held(shelf) == Standing("page 3", later)
    shelf.land(row("5"), cursor=None)
    assert held(shelf) == Standing(None, later)


def test_rows_from_quarantine_move_no_checkpoint(shelf: Shelf) -> None:
    shelf.land(row("1"), cursor="page 1")
    shelf.land(row("2", updated_at=START), checkpoint=False)
    assert held(shelf) == Standing("page 1")


def test_a_file_is_in_with_its_last_page(shelf: Shelf) -> None:
    for name in ("a.csv", "copy of a.csv"):
        shelf.land(row("1"), file=FileMark(name, "f" * 64, 1))
    with writing(shelf.engine) as connection:
        assert imported_files(connection, "salon") == imported_files(connection, "salon", "people") == {"f" * 64}
        assert imported_files(connection, "salon", "others") == imported_files(connection, "school") == frozenset()
    assert [found.name for found in shelf.rows(select(table(ImportedFile)))] == ["a.csv"]


def test_what_breaks_in_a_page_leaves_nothing_of_it(shelf: Shelf) -> None:
    batch = shelf.batch(row("1", keys=(MAIL,), flags={"email": True}), cursor="page 1")
    with pytest.raises(ZeroDivisionError), writing(shelf.engine) as connection:
        land(connection, batch)
        1 / 0  # noqa: B018
    counts = [shelf.rows(select(func.count()).select_from(table(model)))[0][0] for model in (SourceRecord, MatchKey)]
    assert (counts, shelf.queued(), held(shelf)) == ([0, 0], [], Standing())
    shelf.land(row("1"))
    assert shelf.record("1").id == 1, "not even an id was used up"


def test_an_empty_page_moves_the_checkpoint_alone(shelf: Shelf) -> None:
    landed = shelf.land(cursor="page 9")
    assert (landed.new, landed.changed, landed.unchanged, landed.quarantined) == (0, 0, 0, 0)
    assert held(shelf) == Standing("page 9")


def as_they_came(shelf: Shelf, **digests: str) -> set[str]:
    with reading(shelf.engine) as connection:
        return held_as_they_came(
            connection, "salon", "people", {id_.lstrip("_"): told for id_, told in digests.items()}
        )


def test_a_live_row_is_known_by_the_digest_that_it_came_with(shelf: Shelf) -> None:
    shelf.land(row("1", digest="a"), row("2", digest="b"), row("3"), row("4", digest="d", deleted=True))
    assert as_they_came(shelf, _1="a", _2="another", _3="c", _4="d", _5="e") == {"1"}


def test_a_row_that_changes_in_another_way_is_not_known_by_what_it_was(shelf: Shelf) -> None:
    shelf.land(row("1", digest="a"))
    shelf.land(row("1", '{"name":"x"}'), checkpoint=False)
    assert as_they_came(shelf, _1="a") == set()


def test_a_row_that_differs_in_what_makes_no_difference_is_known_and_not_changed(shelf: Shelf) -> None:
    shelf.land(row("1", digest="a"), row("2"))
    before = shelf.record("1")
    shelf.empty_queue()
    landed = shelf.land(row("1", digest="b"), row("2", digest="c"), run_id="later")
    assert (landed.changed, landed.unchanged) == (0, 2)
    assert as_they_came(shelf, _1="b", _2="c") == {"1", "2"}
    assert (shelf.record("1").run_id, shelf.record("1").retrieved_at) == (before.run_id, before.retrieved_at)
    assert shelf.queued() == []


def test_what_came_as_it_is_held_is_counted_and_waits_no_longer_in_quarantine(shelf: Shelf) -> None:
    shelf.land(row("1", digest="a"))
    shelf.reject("1", "2")
    landed = shelf.land(unchanged=["1"], cursor="after it")
    assert (landed.new, landed.changed, landed.unchanged) == (0, 0, 1)
    assert [key for key, _ in shelf.quarantine()] == ["2"]
    with reading(shelf.engine) as connection:
        assert standing(connection, "salon", "people").cursor == "after it"
