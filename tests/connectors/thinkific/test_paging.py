"""Paging and the plan of a read: every page exactly once, and never in circles."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Position
from connectors.errors import RetryLater
from connectors.thinkific.paging import Meta, Plan, listing, plan, walk

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def _pages_asked(count: int, after: int) -> list[int]:
    """The pages that a walk asks a stream of so many pages for."""
    asked: list[int] = []
    steps = walk(after)
    number = next(steps)
    try:
        while True:
            asked.append(number)
            number = steps.send(Meta(number, number + 1 if number < count else None, None))
    except StopIteration:
        return asked


@given(st.integers(1, 40), st.integers(0, 60))
def test_every_page_is_read_exactly_once_from_any_resume_point(count: int, after: int) -> None:
    asked = _pages_asked(count, after)

    within = [page for page in asked if page <= count]
    assert sorted(within) == list(range(1, count + 1))
    # Past the end at most one question is asked, to learn where the end is.
    assert len(asked) - len(within) <= 1
    assert asked[0] == after + 1


@pytest.mark.parametrize("next_page", [1, 2, 0, -1])
def test_a_next_page_that_is_not_ahead_is_an_error(next_page: int) -> None:
    steps = walk()
    next(steps)
    steps.send(Meta(1, 2, None))

    with pytest.raises(RetryLater, match=f"page 2 names page {next_page} as the next"):
        steps.send(Meta(2, next_page, None))


def test_another_page_than_asked_for_is_an_error() -> None:
    steps = walk(4)
    next(steps)

    with pytest.raises(RetryLater, match="asked for page 5, got page 1"):
        steps.send(Meta(1, 2, None))


def test_a_walk_without_end_has_a_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.thinkific.paging.PAGE_CEILING", 20)
    steps = walk()
    number = next(steps)

    with pytest.raises(RetryLater, match="no end after page 20"):
        for _ in range(30):
            number = steps.send(Meta(number, number + 1, None))


def _answer(**pagination: Any) -> dict[str, Any]:
    return {"items": [{"id": 1}], "meta": {"pagination": pagination}}


@pytest.mark.parametrize("two", [2, 2.0, "2"])
def test_numbers_of_the_meta_may_come_in_any_dress(two: object) -> None:
    read = listing(_answer(current_page=1, next_page=two, total_items=two))

    assert read.meta == Meta(1, 2, 2)


@pytest.mark.parametrize("none", [None, 0, 0.0, "0", False, ""])
def test_the_last_page_may_say_in_any_dress_that_none_follows(none: object) -> None:
    assert listing(_answer(current_page=1, next_page=none, total_items=1)).meta.next is None


def test_a_short_page_is_no_end() -> None:
    assert listing(_answer(current_page=1, next_page=2, total_items=500)).meta.next == 2


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ([], "no object"),
        ({"items": []}, "meta.pagination.next_page"),
        ({"items": [], "meta": None}, "meta.pagination.next_page"),
        ({"items": [], "meta": {"pagination": {"current_page": 1}}}, "meta.pagination.next_page"),
        ({"meta": {"pagination": {"next_page": None}}}, "no items"),
        ({"items": {}, "meta": {"pagination": {"next_page": None}}}, "no items"),
        ({"items": [], "meta": {"pagination": {"next_page": 2}}}, "without items"),
        ({"items": [], "meta": {"pagination": {"next_page": "two"}}}, "next_page is no number"),
        ({"items": [], "meta": {"pagination": {"next_page": None, "total_items": [1]}}}, "total_items is no number"),
    ],
)
def test_an_answer_with_a_hole_is_named_and_never_taken_for_the_end(value: object, named: str) -> None:
    with pytest.raises(RetryLater, match=named):
        listing(value)


def _position(**told: Any) -> Position:
    usual = {"now": NOW, "newest": NOW - timedelta(hours=3), "swept_at": NOW - timedelta(days=1)}
    return Position(**{**usual, **told})


def test_changes_are_asked_for_with_two_days_overlap() -> None:
    planned = plan(_position(newest=datetime(2026, 11, 23, 12, 0, 0, 999000, UTC)), filtered=True)

    assert planned == Plan(since=datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert planned.params(3) == {"page": 3, "limit": 250, "query[updated_after]": "2026-11-21T12:00:00Z"}
    assert not planned.sweep


@pytest.mark.parametrize(
    "told",
    [
        {"full": True},
        {"newest": None},
        {"swept_at": None},
        {"swept_at": NOW - WEEK},
        {"swept_at": NOW - WEEK, "cursor": "3@2026-11-21T12:00:00Z"},
        {"full": True, "cursor": "3@2026-11-21T12:00:00Z"},
        {"full": True, "cursor": "3"},
    ],
)
def test_a_whole_sweep_is_due(told: dict[str, Any]) -> None:
    planned = plan(_position(**told), filtered=True)

    assert planned == Plan()
    assert planned.sweep
    assert planned.params(1) == {"page": 1, "limit": 250}


def test_a_sweep_is_not_due_before_a_week_is_over() -> None:
    assert not plan(_position(swept_at=NOW - WEEK + timedelta(seconds=1)), filtered=True).sweep


def test_a_stream_without_a_filter_is_always_swept() -> None:
    assert plan(_position(), filtered=False) == Plan()
    assert plan(_position(cursor="7"), filtered=False) == Plan(after=7)
    assert plan(_position(cursor="7", full=True), filtered=False) == Plan()


def test_a_cut_incremental_read_goes_on_under_its_own_filter() -> None:
    first = plan(_position(newest=NOW - timedelta(days=6)), filtered=True)

    resumed = plan(_position(newest=NOW, cursor=first.cursor(4)), filtered=True)

    assert resumed == Plan(after=4, since=first.since)


def test_a_cut_sweep_goes_on_as_a_sweep_though_none_is_due() -> None:
    assert plan(_position(cursor=Plan().cursor(9)), filtered=True) == Plan(after=9)


@pytest.mark.parametrize(
    "cursor", ["", "nine", "-3", "9@yesterday", "9@0001-01-01T00:00:00Z", "9@0001-01-01T00:00:00+05:00"]
)
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    begun_anew = plan(_position(), filtered=True)

    assert plan(_position(cursor=cursor), filtered=True) == begun_anew
    assert begun_anew.after == 0


@pytest.mark.parametrize("year", [1, 1970, 1999])
def test_a_change_before_any_platform_states_none(year: int) -> None:
    long_ago = datetime(year, 1, 1, tzinfo=UTC)

    assert plan(_position(newest=long_ago), filtered=True) == Plan()
    assert not Plan(since=NOW).is_outside(long_ago)


def test_a_row_from_the_future_does_not_hide_later_changes() -> None:
    swept_at = NOW - timedelta(days=3)

    planned = plan(_position(newest=NOW + timedelta(days=900), swept_at=swept_at), filtered=True)

    assert planned.since == swept_at - timedelta(hours=48)


def test_a_row_is_outside_only_beyond_any_granularity_and_time_zone() -> None:
    planned = Plan(since=NOW)

    assert planned.is_outside(NOW - timedelta(hours=49))
    assert not planned.is_outside(NOW - timedelta(hours=38))
    assert not planned.is_outside(None)
    assert not Plan().is_outside(NOW - timedelta(days=900))
