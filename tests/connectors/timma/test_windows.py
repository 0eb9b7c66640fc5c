"""Which part of a stream is asked for next."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Position
from connectors.timma.windows import Paging, Plan, Step, months, plan_bookings, plan_clients, rounds

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RECENTLY = NOW - timedelta(days=1)
HISTORY = date(2015, 1, 1)


def names(plan: Plan) -> list[str]:
    return [window.name for window in plan.windows if window]


def test_months_meet_without_gap_or_overlap() -> None:
    windows = months(date(2025, 11, 30), date(2026, 2, 1))
    assert [window.name for window in windows] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [window.end for window in windows[:-1]] == [window.start for window in windows[1:]]
    assert windows[0].params() == {"start": "2025-11-01T00:00:00.000Z", "end": "2025-12-01T00:00:00.000Z"}


def test_the_first_read_of_bookings_covers_history_to_a_year_ahead() -> None:
    plan = plan_bookings(Position(now=NOW), HISTORY)
    assert plan.sweep
    assert (names(plan)[0], names(plan)[-1]) == ("2015-01", "2027-11")
    assert len(plan.windows) == 12 * 12 + 11


def test_later_reads_begin_two_months_back() -> None:
    plan = plan_bookings(Position(now=NOW, swept_at=RECENTLY), HISTORY)
    assert not plan.sweep
    assert (names(plan)[0], names(plan)[-1], len(plan.windows)) == ("2026-09", "2027-11", 15)


def test_a_short_history_is_never_overstepped() -> None:
    assert names(plan_bookings(Position(now=NOW, swept_at=RECENTLY), date(2026, 10, 5)))[0] == "2026-10"
    assert names(plan_bookings(Position(now=NOW), date(2030, 1, 1)))[0] == "2026-11"


@pytest.mark.parametrize(
    "position",
    [
        Position(now=NOW, swept_at=NOW - timedelta(days=7)),
        Position(now=NOW, swept_at=RECENTLY, full=True),
        Position(now=NOW, swept_at=None, newest=NOW),
    ],
)
def test_everything_is_read_again_weekly_and_when_asked_for(position: Position) -> None:
    assert plan_bookings(position, HISTORY).sweep
    assert plan_clients(position, changed_since=True) == Plan(sweep=True)


def test_clients_are_all_read_unless_the_platform_knows_a_filter() -> None:
    position = Position(now=NOW, swept_at=RECENTLY)
    assert plan_clients(position, changed_since=False) == Plan(sweep=True)
    assert plan_clients(position, changed_since=True) == Plan(sweep=False, since=RECENTLY - timedelta(hours=48))


def test_a_cut_read_is_finished_as_what_it_was() -> None:
    swept = Position(now=NOW)
    plan = plan_bookings(swept, HISTORY)
    cursor = plan.cursor(Step(plan.windows[7], 2))
    later = plan_bookings(Position(now=NOW, cursor=cursor, swept_at=RECENTLY), HISTORY)
    assert later == Plan(sweep=True, windows=plan.windows, after=("2015-08", 2))

    since = Plan(sweep=False, since=RECENTLY)
    cursor = since.cursor(Step(None, 3))
    assert plan_clients(Position(now=NOW, cursor=cursor, swept_at=NOW), changed_since=True) == Plan(
        sweep=False, since=RECENTLY, after=("-", 3)
    )


def test_a_part_that_was_cut_gives_way_to_a_sweep_that_is_due() -> None:
    plan = plan_bookings(Position(now=NOW, swept_at=RECENTLY), HISTORY)
    cursor = plan.cursor(Step(plan.windows[3], 0))
    assert plan_bookings(Position(now=NOW, cursor=cursor, full=True), HISTORY).after is None


@pytest.mark.parametrize("cursor", ["all/2015-08/2", "all/-/2", "recent/2026-10/0"])
def test_a_full_read_begins_at_the_beginning(cursor: str) -> None:
    position = Position(now=NOW, cursor=cursor, full=True, swept_at=RECENTLY)
    for plan in (plan_bookings(position, HISTORY), plan_clients(position, changed_since=True)):
        assert plan.sweep
        assert plan.after is None


@pytest.mark.parametrize("cursor", ["", "x", "all/2015-08/x", "recent/-", "file|abc:5"])
def test_a_strange_cursor_begins_at_the_beginning(cursor: str) -> None:
    plan = plan_bookings(Position(now=NOW, cursor=cursor, swept_at=RECENTLY), HISTORY)
    assert plan.after is None
    assert next(iter(rounds(plan)))[1:] == (0, None)


@given(st.integers(0, 14), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_a_cut_read_wraps_round_to_what_came_before(at: int, page: int) -> None:
    whole = plan_bookings(Position(now=NOW, swept_at=RECENTLY), HISTORY)
    cut = Plan(sweep=False, windows=whole.windows, after=(names(whole)[at], page))
    read = {(window.name, number) for window, begin, end in rounds(cut) if window for number in range(begin, end or 9)}
    assert read == {(name, number) for name in names(whole) for number in range(9)}
    first = next(iter(rounds(cut)))
    assert first[0] == whole.windows[at]
    assert first[1] == page + 1


def ids(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last)]


def test_a_list_ends_with_an_empty_or_a_repeated_page() -> None:
    assert not Paging(5).goes_on([])
    paging = Paging(5)
    assert paging.goes_on(ids(0, 5))
    assert paging.goes_on(ids(5, 10))
    assert not paging.goes_on(ids(0, 5))
    assert not paging.fresh


def test_a_page_with_something_new_goes_on() -> None:
    paging = Paging(5)
    assert paging.goes_on(ids(0, 5))
    assert paging.goes_on(ids(4, 9))
    assert not paging.goes_on(ids(8, 12))
    assert paging.fresh


def test_only_the_first_short_page_of_an_endpoint_asks_once_more() -> None:
    first = Paging(100)
    assert first.goes_on(ids(0, 42))
    assert not first.goes_on([])
    assert not Paging(100, first.longest).goes_on(ids(100, 141))
    assert Paging(100, first.longest).goes_on(ids(100, 142))


def test_a_row_that_stands_twice_makes_no_other_page_seem_short() -> None:
    paging = Paging(100)
    assert paging.goes_on([*ids(0, 25), "0"])
    assert paging.goes_on(ids(25, 50))


@given(st.integers(1, 30), st.lists(st.integers(0, 80), min_size=1, max_size=6), st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_whatever_a_platform_gives_a_page_every_list_is_read_to_its_end(cap: int, lists: list[int], limit: int) -> None:
    longest = 0
    for size in lists:
        paging = Paging(limit, longest)
        rows, step, page = ids(0, size), min(cap, limit), 0
        while paging.goes_on(rows[page * step :][:step]):
            page += 1
        assert len(paging.seen) == size
        longest = paging.longest
