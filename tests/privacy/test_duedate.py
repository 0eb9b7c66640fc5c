"""Due dates, against a table that was made by stepping day by day over a list of holidays written by hand."""

import csv
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.duedate import due, extended

DAYS = st.dates(date(2018, 5, 25), date(2100, 1, 1))


def table() -> Iterator[tuple[date, date, date]]:
    with Path(__file__).with_name("due_dates.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            yield (
                date.fromisoformat(row["received"]),
                date.fromisoformat(row["due"]),
                date.fromisoformat(row["extended"]),
            )


def test_four_hundred_requests_are_due_as_the_table_says() -> None:
    rows = list(table())
    assert len(rows) >= 400
    assert [row for row in rows if (row[0], due(row[0]), extended(row[0])) != row] == []


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-03-16", "2026-04-16"),  # the same number, the day of receipt not counted
        ("2026-01-31", "2026-03-02"),  # the end of February, a Saturday
        ("2028-01-31", "2028-02-29"),  # a leap year
        ("2026-03-03", "2026-04-07"),  # Good Friday to Easter Monday
        ("2026-04-01", "2026-05-04"),  # May Day, a Friday
        ("2026-04-14", "2026-05-15"),  # Ascension Day
        ("2026-05-19", "2026-06-22"),  # Midsummer Eve
        ("2025-10-01", "2025-11-03"),  # All Saints' Day
        ("2027-11-06", "2027-12-07"),  # Independence Day
        ("2026-11-24", "2026-12-28"),  # Christmas Eve, and the weekend behind
        ("2026-12-01", "2027-01-04"),  # New Year's Day
        ("2025-12-06", "2026-01-07"),  # Epiphany
    ],
)
def test_a_holiday_or_weekend_rolls_on_to_the_next_working_day(received: str, expected: str) -> None:
    assert due(date.fromisoformat(received)).isoformat() == expected


@given(DAYS)
def test_nothing_is_due_on_a_weekend_nor_before_the_month_is_over(received: date) -> None:
    for months, found in ((1, due(received)), (3, extended(received))):
        number = received.month - 1 + months
        year, month = received.year + number // 12, number % 12 + 1
        plain = date(year, month, min(received.day, monthrange(year, month)[1]))
        assert plain <= found <= plain + timedelta(days=5)  # Christmas Eve on a Wednesday, then a weekend
        assert found.weekday() < 5


@given(DAYS, st.integers(0, 400))
def test_who_asks_later_is_due_no_earlier(received: date, days: int) -> None:
    later = received + timedelta(days=days)
    assert due(received) <= due(later)
    assert extended(received) <= extended(later)
    assert due(received) < extended(received)
