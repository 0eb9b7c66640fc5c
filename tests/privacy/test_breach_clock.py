"""Who must be told of a breach, and by when."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from privacy.breach_clock import AUTHORITY, HIGH, NO_RISK, PEOPLE, RISK, is_late, open_duties

FOUND = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


class Known(NamedTuple):
    """A breach."""

    risk: str
    authority_told_at: datetime | None = None
    people_told_at: datetime | None = None
    discovered_at: datetime = FOUND


@pytest.mark.parametrize(
    ("breach", "owed"),
    [
        (Known(NO_RISK), []),
        (Known(RISK), [AUTHORITY]),
        (Known(HIGH), [AUTHORITY, PEOPLE]),
        (Known(HIGH, FOUND), [PEOPLE]),
        (Known(HIGH, None, FOUND), [AUTHORITY]),
        (Known(RISK, FOUND), []),
        (Known(HIGH, FOUND, FOUND), []),
    ],
)
def test_the_authority_is_told_of_a_risk_and_the_people_of_a_high_one(breach: Known, owed: list[str]) -> None:
    assert [duty.whom for duty in open_duties(breach)] == owed


def test_the_authority_has_72_hours_to_the_second_and_over_a_change_of_clocks() -> None:
    (duty,) = open_duties(Known(RISK))
    assert duty.due_at == DUE
    assert [duty.overdue(DUE + step) for step in (-AN_HOUR, 0 * AN_HOUR, AN_HOUR)] == [False, False, True]
    spring = datetime(2026, 3, 27, 12, tzinfo=UTC)
    (over,) = open_duties(Known(RISK, discovered_at=spring))
    assert over.due_at is not None and over.due_at - spring == timedelta(hours=72)


def test_the_people_are_told_at_once_which_no_hour_makes_overdue() -> None:
    duty = open_duties(Known(HIGH, FOUND))[0]
    assert (duty.due_at, duty.overdue(FOUND + timedelta(days=99))) == (None, False)


def test_late_is_after_the_72_hours() -> None:
    assert [is_late(FOUND, DUE + step) for step in (0 * AN_HOUR, timedelta(seconds=1))] == [False, True]
