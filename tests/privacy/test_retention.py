"""For how long data are kept: periods, days and what is over, decided without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from privacy.retention import (
    CATEGORIES,
    TRIGGERS,
    Holds,
    Item,
    Rule,
    acted,
    began,
    day_of,
    horizon,
    in_words,
    is_over,
    judge,
    last_day,
    limit,
    period_of,
    trigger_of,
)

TODAY = date(2026, 11, 24)
periods = st.builds(
    lambda years, months, days: f"P{years}Y{months}M{days}D",
    st.integers(0, 60), st.integers(0, 500), st.integers(1, 2000),
)  # fmt: skip
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def rule(period: str | None, trigger: str = "created", basis: str = "own need") -> Rule:
    return Rule("bookings", period, trigger, basis)


@pytest.mark.parametrize(
    ("text", "period", "words"),
    [
        ("6y", "P6Y", "6 years"),
        ("24m", "P24M", "24 months"),
        ("30d", "P30D", "30 days"),
        (" 1 Y ", "P1Y", "1 year"),
        ("P1Y6M", "P1Y6M", "1 year 6 months"),
        ("p2y0m10d", "P2Y10D", "2 years 10 days"),
        ("120y", "P120Y", "120 years"),
        ("undefined", None, "undefined"),
        ("Undefined", None, "undefined"),
    ],
)
def test_a_period_is_written_short_or_as_iso_8601(text: str, period: str | None, words: str) -> None:
    assert period_of(text) == period
    assert in_words(period) == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("six years", "write it as 6y, 24m, 30d or P1Y6M"),
        ("", "write it as"),
        ("P", "write it as"),
        ("-1y", "write it as"),
        ("PT12H", "write it as"),
        ("0d", "shorter than a day"),
        ("P0Y0M", "shorter than a day"),
        ("121y", "longer than 120 years"),
        ("99999d", "longer than 120 years"),
        ("1.5y", "write it as"),
    ],
)
def test_any_other_period_is_refused_with_the_way_out(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        period_of(text)
    assert error.value.setting == "--after"


@pytest.mark.parametrize(
    ("period", "trigger", "start", "last"),
    [
        ("P1M", "created", date(2026, 1, 31), date(2026, 2, 28)),
        ("P1M", "created", date(2024, 1, 31), date(2024, 2, 29)),
        ("P1Y", "created", date(2024, 2, 29), date(2025, 2, 28)),
        ("P4Y", "created", date(2024, 2, 29), date(2028, 2, 29)),
        ("P13M", "created", date(2025, 11, 30), date(2026, 12, 30)),
        ("P30D", "created", date(2026, 2, 1), date(2026, 3, 3)),
        ("P1M1D", "created", date(2026, 1, 31), date(2026, 3, 1)),
        ("P6Y", "year_end", date(2020, 1, 1), date(2026, 12, 31)),
        ("P6Y", "year_end", date(2020, 12, 31), date(2026, 12, 31)),
        ("P6Y", "created", date(9998, 1, 1), None),
        ("P1D", "created", date(9999, 12, 31), None),
        (None, "created", date(1990, 1, 1), None),
    ],
)
def test_the_last_day(period: str | None, trigger: str, start: date, last: date | None) -> None:
    assert last_day(rule(period, trigger), start) == last
    if last is not None:
        assert not is_over(rule(period, trigger), start, last)
        assert is_over(rule(period, trigger), start, last + timedelta(days=1))


@given(days, periods, days)
def test_what_is_over_stays_over_and_what_began_earlier_is_over_too(start: date, period: str, today: date) -> None:
    for trigger in ("created", "year_end"):
        if is_over(rule(period, trigger), start, today):
            assert is_over(rule(period, trigger), start, today + timedelta(days=1))
            assert is_over(rule(period, trigger), start - timedelta(days=1), today)
            assert start < horizon(rule(period, trigger), today)
        if is_over(rule(period, "year_end"), start, today):
            assert is_over(rule(period, "created"), start, today)


@given(days, periods, days)
def test_the_limit_parts_what_is_over_from_what_is_not(start: date, period: str, today: date) -> None:
    for trigger in ("created", "year_end"):
        last = limit(rule(period, trigger), today)
        assert is_over(rule(period, trigger), start, today) is (last is not None and start <= last)


@given(days, days)
def test_undefined_erases_nothing_ever(start: date, today: date) -> None:
    assert not is_over(None, start, today)
    assert not is_over(rule(None), start, today)
    assert not is_over(rule(None, basis="law: the Accounting Act"), start, today)


@given(days, st.integers(1, 40000))
def test_days_are_counted_as_days(start: date, number: int) -> None:
    assert last_day(rule(f"P{number}D"), start) == start + timedelta(days=number)


def test_each_category_has_its_triggers_and_any_other_is_named() -> None:
    assert {trigger for one in CATEGORIES.values() for trigger in one.triggers} == TRIGGERS.keys()
    assert trigger_of("customers", None) == "last_activity"
    assert trigger_of("orders", "year_end") == "year_end"
    with pytest.raises(ConfigError, match="--from: customers have no trigger created; known: last_activity, year_end"):
        trigger_of("customers", "created")
    with pytest.raises(ConfigError, match="did you mean bookings"):
        trigger_of("booking", None)
    with pytest.raises(ConfigError, match=r"CATEGORY: there is no category x; known: customers, bookings, "):
        trigger_of("x", None)


def test_days_are_those_of_finland_s_clocks() -> None:
    assert day_of(datetime(2025, 12, 31, 22, 30, tzinfo=UTC)) == date(2026, 1, 1)
    assert began("booking", {"starts_at": "2025-12-31T22:30:00Z"}, datetime(2020, 1, 1, tzinfo=UTC)) == date(2026, 1, 1)
    assert began("order", {}, datetime(2020, 1, 1, tzinfo=UTC)) == date(2020, 1, 1)


def test_the_last_activity_is_the_latest_that_a_row_states() -> None:
    studied = {"created_at": "2020-01-01T09:00:00Z", "updated_at": "2022-03-01T09:00:00Z"}
    assert acted("enrollment", studied, None) == date(2022, 3, 1)
    assert acted("customer", {"last_visit_on": "2021-05-05"}, None) == date(2021, 5, 5)
    assert acted("customer", {}, datetime(2023, 1, 2, tzinfo=UTC)) == date(2023, 1, 2)
    assert acted("customer", {}, None) is None


@pytest.mark.parametrize(
    ("basis", "duty"), [("law: Accounting Act 2:10", True), ("Claim: case 12", True), ("the law says so", False)]
)
def test_a_basis_of_law_or_a_claim_is_a_duty(basis: str, duty: bool) -> None:
    assert rule("P6Y", basis=basis).duty is duty


def test_who_is_held_back_is_named_with_the_reason_and_the_oldest_comes_first() -> None:
    old, older, kept, marked, young = (
        Item(1, date(2020, 1, 2), "a"), Item(2, date(2019, 1, 2), "b"), Item(3, date(2019, 1, 2), "c"),
        Item(4, date(2019, 1, 2), None, frozenset({77})), Item(5, TODAY, "c"),
    )  # fmt: skip
    holds = Holds({"c": "restriction"}, {77: "open request"})
    found = judge("bookings", rule("P1Y"), [old, older, kept, marked, young], holds, TODAY)
    assert found.over == (older, old)
    assert found.held == ((kept, "restriction"), (marked, "open request"))
    assert found.oldest == date(2019, 1, 2)
