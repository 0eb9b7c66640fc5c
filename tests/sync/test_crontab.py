"""When a source is read: crontab expressions over both clock changes, patience with failures, lateness."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.place import HELSINKI
from sync.crontab import Crontab, Jitter, following, interval_of, is_late, latest, not_before, pause_after

MINUTE = timedelta(minutes=1)
SPRING, AUTUMN, NEXT_AUTUMN = (2027, 3, 28), (2026, 10, 25), (2027, 10, 31)
CHANGES = [SPRING, AUTUMN, NEXT_AUTUMN]


def at(*parts: int, fold: int = 0) -> datetime:
    """A time of Finland's clocks, in UTC."""
    return datetime(*parts, tzinfo=HELSINKI, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def fires(trigger: Crontab, since: datetime, until: datetime) -> Iterator[datetime]:
    """What the scheduler does: it asks for the run after the previous one."""
    found = trigger.get_next_fire_time(None, since)
    while found < until:
        yield found
        found = trigger.get_next_fire_time(found, found)


def around(day: tuple[int, int, int]) -> tuple[datetime, datetime]:
    """From noon of the day before until noon."""
    noon = at(*day, 12)
    return at(*day, 0) - timedelta(hours=12), noon


@pytest.mark.parametrize("day", CHANGES)
@pytest.mark.parametrize(("expression", "apart"), [("0 * * * *", 60), ("*/15 * * * *", 15)])
def test_runs_of_the_day_keep_their_distance_over_a_clock_change(
    day: tuple[int, int, int], expression: str, apart: int
) -> None:
    since, until = around(day)
    found = list(fires(Crontab(expression), since - MINUTE, until))
    assert found[0] == since
    assert {b - a for a, b in pairwise(found)} == {apart * MINUTE}
    assert until - found[-1] == apart * MINUTE


@pytest.mark.parametrize(
    ("day", "fired"),
    [(SPRING, at(*SPRING, 4)), (AUTUMN, at(*AUTUMN, 3, 30)), (NEXT_AUTUMN, at(*NEXT_AUTUMN, 3, 30))],
)
def test_a_nightly_run_comes_once_on_the_night_of_a_clock_change(day: tuple[int, int, int], fired: datetime) -> None:
    """Half past three does not exist in spring and comes twice in autumn."""
    assert list(fires(Crontab("30 3 * * *"), *around(day))) == [fired]


@pytest.mark.parametrize("day", [AUTUMN, NEXT_AUTUMN])
def test_asked_in_the_second_pass_of_an_autumn_hour_a_nightly_run_is_over(day: tuple[int, int, int]) -> None:
    """A restart between the two half past threes runs nothing again, and never names a time that is over."""
    second_pass = at(*day, 3, 10, fold=1)
    tomorrow = at(*day, 3, 30) + timedelta(hours=25)
    assert Crontab("30 3 * * *").get_next_fire_time(None, second_pass) == tomorrow
    assert latest("30 3 * * *", second_pass) == at(*day, 3, 30)


def test_two_times_that_the_spring_pushes_together_are_one_run() -> None:
    assert list(fires(Crontab("0,30 3,4 * * *"), *around(SPRING))) == [at(*SPRING, 4), at(*SPRING, 4, 30)]


@pytest.mark.parametrize("weekday", range(8))
def test_weekdays_are_numbered_from_sunday_and_seven_is_sunday_too(weekday: int) -> None:
    found = list(fires(Crontab(f"0 12 * * {weekday}"), at(2026, 12, 1), at(2026, 12, 15)))
    assert [moment.astimezone(HELSINKI).isoweekday() % 7 for moment in found] == [weekday % 7] * 2


# -- against stepping through every minute ------------------------------------------------------------------------


def numbers(field: str, low: int, high: int) -> set[int]:
    """The numbers of one field, read as plainly as can be."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        bounds = (low, high) if span == "*" else (int(first), int(last or first))
        found |= set(range(bounds[0], bounds[1] + 1, int(step or 1)))
    return found


def true_at(expression: str, local: datetime) -> bool:
    """Whether a time on the wall fits."""
    minute, hour, day, month, weekday = expression.split()
    days = local.day in numbers(day, 1, 31)
    weekdays = local.isoweekday() % 7 in {number % 7 for number in numbers(weekday, 0, 7)}
    return (
        local.minute in numbers(minute, 0, 59)
        and local.hour in numbers(hour, 0, 23)
        and local.month in numbers(month, 1, 12)
        and (days and weekdays if "*" in (day, weekday) else days or weekdays)
    )


def every_minute(expression: str, since: datetime, until: datetime) -> list[datetime]:
    """Every run after `since` and before `until`.

    Where minute and hour are both given, a time that comes twice counts once, and what the spring leaves out comes
    after the gap.
    """
    given_times = not any(field.startswith("*") for field in expression.split()[:2])
    found = []
    moment = since.replace(second=0, microsecond=0)
    while (moment := moment + MINUTE) < until:
        local = moment.astimezone(HELSINKI)
        before = (moment - MINUTE).astimezone(HELSINKI).replace(tzinfo=None)
        jumped = int((local.replace(tzinfo=None) - before) / MINUTE) - 1
        skipped = [before + (step + 1) * MINUTE for step in range(max(jumped, 0))] if given_times else []
        twice = given_times and local.fold
        if (true_at(expression, local) and not twice) or any(true_at(expression, wall) for wall in skipped):
            found.append(moment)
    return found


EXPRESSIONS = st.builds(
    "{} {} {} * {}".format,
    st.sampled_from(["*", "*/15", "*/7", "0", "30", "59", "0,30", "5-10"]),
    st.sampled_from(["*", "*/2", "3", "2", "3,4", "2-4", "8-17", "0", "23"]),
    st.sampled_from(["*", "*", "25", "28-31", "1"]),
    st.sampled_from(["*", "*", "0", "7", "1", "1-5", "6,7"]),
)
MOMENTS = st.builds(
    lambda day, minutes: at(*day) + minutes * MINUTE,
    st.sampled_from([*CHANGES, (2026, 12, 31)]),
    st.integers(-1440, 2880),
)


@given(EXPRESSIONS, MOMENTS)
@example("30 3 * * *", at(*AUTUMN, 3, 10, fold=1))
@example("0,30 3,4 * * *", at(*SPRING, 2))
def test_every_run_that_stepping_through_the_minutes_finds_comes_once_and_in_order(
    expression: str, since: datetime
) -> None:
    until = since + timedelta(hours=30)
    assert list(fires(Crontab(expression), since, until)) == every_minute(expression, since, until)


@given(EXPRESSIONS, MOMENTS)
@example("30 3 * * *", at(*AUTUMN, 3, 10, fold=1))
@example("30 3 * * *", at(*AUTUMN, 3, 29))
@example("*/15 * * * *", at(*AUTUMN, 3, 29, fold=1))
def test_the_last_time_is_the_one_that_nothing_comes_after(expression: str, moment: datetime) -> None:
    found = latest(expression, moment)
    assert found <= moment < following(expression, found)
    assert following(expression, found - MINUTE) == found


@given(EXPRESSIONS, MOMENTS, st.floats(0, 1), st.integers(0, 12))
def test_jitter_and_pauses_only_ever_delay(expression: str, now: datetime, share: float, failures: int) -> None:
    jitter = Jitter(share, now).of(expression)
    held = not_before(expression, now, failures)
    found = Crontab(expression, jitter, held).get_next_fire_time(None, now)
    assert timedelta(0) <= jitter <= timedelta(seconds=30)
    assert found > now
    assert found - jitter == latest(expression, found - jitter)
    assert held is None or found - jitter >= held
    assert held is None or held - now <= timedelta(hours=6)


# -- how far apart, how long to wait ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "now", "hours"),
    [
        ("*/15 * * * *", at(2026, 11, 25, 12, 5), 0.25),
        ("0 3 * * *", at(2026, 11, 25, 12), 24),
        ("0 8-17 * * 1-5", at(2026, 11, 25, 12), 1),
        ("0 8-17 * * 1-5", at(2026, 11, 25, 22), 15),
        ("0 8-17 * * 1-5", at(2026, 11, 28, 12), 63),
        ("0 8-17 * * 1-5", at(2026, 11, 30, 8, 30), 63),
    ],
)
def test_the_interval_is_the_longest_gap_nearby(expression: str, now: datetime, hours: float) -> None:
    assert interval_of(expression, now) == timedelta(hours=hours)


def test_pauses_double_up_to_six_hours_and_are_never_shorter_than_the_interval() -> None:
    quarter, day = timedelta(minutes=15), timedelta(days=1)
    assert [pause_after(failures, quarter) / quarter for failures in range(9)] == [1, 1, 2, 4, 8, 16, 24, 24, 24]
    assert pause_after(10_000, quarter) == timedelta(hours=6)
    assert pause_after(5, day) == day


@pytest.mark.parametrize(
    ("expression", "began", "failures", "came"),
    [
        ("*/15 * * * *", at(2026, 11, 25, 12, 0), 0, at(2026, 11, 25, 12, 15)),
        ("*/15 * * * *", at(2026, 11, 25, 12, 0), 1, at(2026, 11, 25, 12, 15)),
        ("*/15 * * * *", at(2026, 11, 25, 12, 14), 2, at(2026, 11, 25, 12, 30)),
        ("*/15 * * * *", at(2026, 11, 25, 12, 0), 3, at(2026, 11, 25, 13, 0)),
        ("*/15 * * * *", at(2026, 11, 25, 12, 0), 9, at(2026, 11, 25, 18, 0)),
        ("30 3 * * *", at(2026, 11, 25, 3, 30), 9, at(2026, 11, 26, 3, 30)),
        ("30 3 * * *", at(2027, 3, 27, 3, 30), 9, at(*SPRING, 4)),
        ("0 8-17 * * 1-5", at(2026, 11, 28, 12), 1, at(2026, 11, 30, 8)),
        ("0 8-17 * * 1-5", at(2026, 11, 25, 9), 2, at(2026, 11, 25, 11)),
    ],
)
def test_a_source_that_fails_is_asked_less_often_and_never_loses_a_rare_turn(
    expression: str, began: datetime, failures: int, came: datetime
) -> None:
    trigger = Crontab(expression, not_before=not_before(expression, began, failures))
    assert trigger.get_next_fire_time(None, began + timedelta(seconds=40)) == came


def test_what_never_went_well_or_longer_ago_than_its_interval_is_late() -> None:
    now, hour = at(2026, 11, 25, 12), timedelta(hours=1)
    assert is_late(None, hour, now)
    assert is_late(now - hour - MINUTE, hour, now)
    assert not is_late(now - hour, hour, now)


def test_sources_on_one_expression_are_delayed_alike() -> None:
    jitter = Jitter(0.5, at(2026, 11, 25, 12))
    assert jitter.of("*/15 * * * *") == timedelta(seconds=15)
    assert jitter.of("* * * * *") == timedelta(seconds=3)
    assert str(Crontab("0 3 * * *", jitter.of("0 3 * * *"))) == "0 3 * * *"
