"""Cells as Finnish programs and spreadsheets write them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.place import HELSINKI
from connectors.files import values
from connectors.files.values import Refused

quick = settings(max_examples=200, deadline=None)


@pytest.mark.parametrize("word", ["Kyllä", "K", "x", "1", "true", "TOSI", "Yes", "Sallittu", "Annettu", " kyllä\u00a0"])
def test_words_for_yes(word: str) -> None:
    assert values.read_flag(word) is True


@pytest.mark.parametrize("word", ["Ei", "E", "0", "false", "epätosi", "No", "Kielletty"])
def test_words_for_no(word: str) -> None:
    assert values.read_flag(word) is False


@pytest.mark.parametrize("word", ["ehkä", "2", "ei tiedossa", "kyllä ja ei", "?"])
def test_any_other_word_is_neither(word: str) -> None:
    with pytest.raises(Refused, match="neither yes nor no"):
        values.read_flag(word)


@pytest.mark.parametrize(
    "text",
    ["1.3.2026", "01.03.2026", "1. 3. 2026", "2026-03-01", "2026-03-01T10:00:00Z", "su 1.3.2026", "1.3.2026 14.30"],
)
def test_dates(text: str) -> None:
    assert values.read_day(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.3.26", "two-digit year"),
        ("3/14/2026", "date with slashes: day and month cannot be told apart"),
        ("14/3/2026", "date with slashes: day and month cannot be told apart"),
        ("31.2.2026", "no such day in the calendar"),
        ("1.13.2026", "no such day in the calendar"),
        ("1.3.20261", "not a date"),
        ("1.1.0026", "not a plausible year"),
        ("46082", "not a date"),
        ("eilen", "not a date"),
    ],
)
def test_dates_that_are_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        values.read_day(text)
    assert refused.value.reason == reason
    assert text not in reason


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
@quick
def test_every_day_is_read_back_in_every_form(day: date) -> None:
    forms = [day.isoformat(), f"{day.day}.{day.month}.{day.year}", f"{day.day:02}.{day.month:02}.{day.year}"]
    assert {values.read_day(form) for form in forms} == {day}


@pytest.mark.parametrize("text", ["14.30", "14:30", "klo 14.30", "Klo 14:30", "14:30:00", "klo. 14.30"])
def test_times(text: str) -> None:
    assert values.read_clock(text) == time(14, 30)


@pytest.mark.parametrize("text", ["25.00", "14.60", "14", "kello", "14.3", "24:00"])
def test_times_that_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        values.read_clock(text)


def test_a_span_of_times() -> None:
    assert values.read_clocks("14.30–15.45") == (time(14, 30), time(15, 45))
    assert values.read_clocks("14:30 - 15:45") == (time(14, 30), time(15, 45))
    assert values.read_clocks("klo 9.05") == (time(9, 5), None)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1.3.2026 14.30", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("1.7.2026 klo 14.30", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("2026-07-01 14:30:00", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("2026-07-01T14:30", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("2026-07-01T14:30:00.000Z", datetime(2026, 7, 1, 14, 30, tzinfo=UTC)),
        ("2026-07-01T14:30:00+05:00", datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        ("2026-07-01 14:30:00+03:00", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("1.7.2026", datetime(2026, 6, 30, 21, 0, tzinfo=UTC)),
    ],
)
def test_date_times_are_finnish_unless_they_say_otherwise(text: str, at: datetime) -> None:
    assert values.read_moment(text) == values.Moment(at)


def test_a_time_that_the_clocks_skip_is_flagged() -> None:
    assert values.read_moment("29.3.2026 3.30").flag == values.GAP
    assert values.read_moment("29.3.2026 4.00").flag is None
    assert values.read_moment("29.3.2026 2.59").flag is None


def test_a_time_that_comes_twice_is_flagged_and_the_earlier_taken() -> None:
    assert values.read_moment("25.10.2026 3.30") == values.Moment(
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), values.FOLD
    )
    assert values.read_moment("25.10.2026 4.00").flag is None


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
@quick
def test_a_local_time_without_a_flag_comes_back_the_same(local: datetime) -> None:
    local = local.replace(second=0, microsecond=0)
    moment = values.in_helsinki(local.date(), local.time())
    back = moment.at.astimezone(HELSINKI).replace(tzinfo=None)
    assert (back == local) == (moment.flag != values.GAP)


@pytest.mark.parametrize(
    ("text", "unit", "minutes"),
    [
        ("60", "min", 60),
        ("60 min", "min", 60),
        ("1 h 30 min", "min", 90),
        ("1h", "min", 60),
        ("1,5 h", "min", 90),
        ("1:30", "min", 90),
        ("1:30:00", "min", 90),
        ("1 t 15 min", "min", 75),
        ("90 minuuttia", "min", 90),
        ("1,5", "h", 90),
    ],
)
def test_durations(text: str, unit: str, minutes: int) -> None:
    assert values.read_duration(text, unit) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["tunti", "-60", "1,5", "h"])
def test_durations_that_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="not a duration"):
        values.read_duration(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("65", "65"),
        ("65,50", "65.50"),
        ("65.50 €", "65.50"),
        ("65,00 EUR", "65"),
        ("1 234,50", "1234.5"),
        ("1\u00a0234,50", "1234.5"),
        ("1\u202f234,50\u00a0€", "1234.5"),
        ("1.234,50", "1234.5"),
        ("1,234.50", "1234.5"),
        ("1.234.567", "1234567"),
        ("\u221212,5", "-12.5"),
        ("-12,5", "-12.5"),
        ("10 %", "10"),
        ("0,125", "0.125"),
    ],
)
def test_numbers(text: str, number: str) -> None:
    assert values.read_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345 €", "-1.234"])
def test_one_separator_before_three_digits_is_ambiguous(text: str) -> None:
    with pytest.raises(Refused, match="ambiguous"):
        values.read_cents(text)


@pytest.mark.parametrize("text", ["ilmainen", "1.2.3", "12,34.56,78", "1,2.3", "--5", "€", "1e5", "1234.56,7"])
def test_numbers_that_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="not a number"):
        values.read_number(text)


@given(st.integers(min_value=-(10**9), max_value=10**9))
@quick
def test_every_amount_is_read_back_from_every_way_of_writing(cents: int) -> None:
    sign, (euros, rest) = "-" if cents < 0 else "", divmod(abs(cents), 100)
    spaced = f"{euros:,}".replace(",", "\u00a0")
    pointed = f"{euros:,}".replace(",", ".")
    for text in (
        f"{sign}{euros},{rest:02}",
        f"{sign}{euros}.{rest:02} €",
        f"{sign}{spaced},{rest:02}",
        f"{sign}{pointed},{rest:02}",
    ):
        assert values.read_cents(text) == cents


def test_an_amount_has_two_decimals() -> None:
    with pytest.raises(Refused, match="more than two decimals"):
        values.read_cents("1,2345")
    with pytest.raises(Refused, match="not a plausible amount"):
        values.read_cents("99999999999999")


@pytest.mark.parametrize(("text", "count"), [("7", 7), ("7,0", 7), ("7 kpl", 7), ("0", 0), ("1 234", 1234)])
def test_counts(text: str, count: int) -> None:
    assert values.read_count(text) == count


@pytest.mark.parametrize("text", ["-1", "7,5", "monta", "99999999999"])
def test_counts_that_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        values.read_count(text)


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("10 %", "", "10 %"),
        ("10%", "", "10 %"),
        ("7,50 %", "", "7,5 %"),
        ("10", "%", "10 %"),
        ("10", "", "10"),
        ("Kanta-asiakas", "%", "Kanta-asiakas"),
    ],
)
def test_discounts(text: str, unit: str, said: str) -> None:
    assert values.read_discount(text, unit) == said


readers = [
    values.read_flag, values.read_day, values.read_moment, values.read_clock, values.read_clocks, values.read_duration,
    values.read_number, values.read_cents, values.read_count,
]  # fmt: skip


@given(st.text(max_size=20) | st.text(alphabet="0123456789.,:-/ €%TZklohmin", max_size=20), st.sampled_from(readers))
@settings(max_examples=500, deadline=None)
def test_no_text_makes_a_reader_stumble(text: str, read: object) -> None:
    try:
        read(text)  # type: ignore[operator]
    except Refused as refused:
        assert refused.reason
