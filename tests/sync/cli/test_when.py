"""Days and times as a person types them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from config.errors import ConfigError
from sync.cli.when import any_day, any_moment, coming_day, past_day, past_moment, today

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-24", datetime(2026, 11, 23, 22, tzinfo=UTC)),
        ("2026-07-01T09:30", datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
        (" 2026-07-01T09:30Z ", datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        ("2026-11-25T12:00+02:00", NOW),
    ],
)
def test_a_time_without_a_zone_is_of_finlands_clocks(text: str, found: datetime) -> None:
    assert past_moment(text, "--at", NOW) == any_moment(text, "--at") == found


def test_a_time_that_is_not_over_is_refused_with_its_option() -> None:
    with pytest.raises(ConfigError, match=r"^--at: is still to come"):
        past_moment("2026-11-25T12:01", "--at", NOW)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yesterday", r"^--on: is no (date|time); write it as 2026-11-24"),
        ("24.11.2026", r"^--on: is no (date|time); write it as 2026-11-24"),
        ("", r"^--on: is no (date|time); write it as 2026-11-24"),
        ("0001-01-01", "^--on: is more than a hundred years away"),
        ("9999-12-31", "^--on: is more than a hundred years away"),
    ],
)
def test_what_is_no_day_and_no_time_names_the_option_and_the_form(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        any_day(text, "--on")
    with pytest.raises(ConfigError, match=says):
        any_moment(text, "--on")


def test_today_has_begun_and_tomorrow_is_still_to_come() -> None:
    now, tomorrow = today(), today() + timedelta(days=1)
    assert (past_day(now.isoformat(), "--on"), coming_day(tomorrow.isoformat(), "--on")) == (now, tomorrow)
    with pytest.raises(ConfigError, match=r"^--on: is still to come"):
        past_day(tomorrow.isoformat(), "--on")
    with pytest.raises(ConfigError, match=r"^--on: is over"):
        coming_day(now.isoformat(), "--on")
    assert any_day(" 2026-11-24 ", "--on") == date(2026, 11, 24)
