"""The language of segments: what is read is what was written, who fits is who fits by hand, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from privacy.package.words import LANGUAGES, Words
from privacy.segment_rule import (
    COUNTS,
    DATES,
    DEEPEST,
    FIELDS,
    LONGEST,
    NAMES,
    OPERATORS,
    REFUSED,
    Ago,
    Compared,
    Either,
    Every,
    Not,
    Rule,
    fields_of,
    fitting,
    folded,
    parsed,
    written,
)
from privacy.segment_words import in_words

TODAY = date(2026, 3, 2)
PEOPLE = frozenset("abcdef")
WORDS = ("Uni", "uni", "Hyvän unen kurssi", "and", "not", "days ago", 'of "x"', "it's", "(1)", "≥ 3")

SIGNS = {">=": (0, 1), ">": (1,), "<=": (0, -1), "<": (-1,), "=": (0,), "!=": (-1, 1)}

days = st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=5))
values = {
    **dict.fromkeys(COUNTS, st.integers(0, 4)),
    **dict.fromkeys(DATES, days | st.integers(0, 40).map(Ago)),
    **dict.fromkeys(NAMES, st.sampled_from(WORDS)),
}
comparison = st.sampled_from(FIELDS).flatmap(
    lambda field: st.builds(Compared, st.just(field), st.sampled_from(OPERATORS[field]), values[field])
)
rules = st.recursive(
    comparison,
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=2, max_size=3).map(tuple).map(Every)
        | st.lists(inner, min_size=2, max_size=3).map(tuple).map(Either)
    ),
    max_leaves=8,
)


somebody = st.sampled_from(sorted(PEOPLE))


def knowing(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(somebody, values, max_size=6)


facts = st.fixed_dictionaries(
    {
        **dict.fromkeys(COUNTS, knowing(st.integers(1, 4))),
        **dict.fromkeys(DATES, knowing(days)),
        **dict.fromkeys(NAMES, st.dictionaries(st.sampled_from(WORDS).map(folded), st.sets(somebody))),
    }
)


@given(rules)
def test_a_rule_that_is_written_and_read_is_the_same(rule: Rule) -> None:
    text = written(rule)
    assert parsed(text) == rule
    assert written(parsed(text.replace(" ", "  "))) == written(parsed(text.replace(" ", "\n")))


def by_hand(rule: Rule, customer: str, facts: dict[str, dict[str, Any]]) -> bool:
    """Whether a rule holds one customer, as one would say it aloud."""
    match rule:
        case Not(rule=inner):
            return not by_hand(inner, customer, facts)
        case Every(rules=inner):
            return all(by_hand(one, customer, facts) for one in inner)
        case Either(rules=inner):
            return any(by_hand(one, customer, facts) for one in inner)
        case Compared(field=field, operator=operator, value=value) if field in COUNTS:
            return (facts[field].get(customer, 0) > value) - (facts[field].get(customer, 0) < value) in SIGNS[operator]
        case Compared(field=field, operator=operator, value=value) if field in DATES:
            known = facts[field].get(customer)
            day = date.fromordinal(TODAY.toordinal() - value.days) if isinstance(value, Ago) else value
            return known is not None and (known < day if operator == "before" else known > day)
        case Compared(field=field, operator=operator, value=value):
            has = customer in facts[field].get(folded(str(value)), ())
            return has is (operator == "is")
    raise AssertionError(rule)


@given(rules, facts)
def test_who_fits_is_who_fits_by_hand(rule: Rule, facts: dict[str, dict[str, Any]]) -> None:
    needed = {field: facts[field] for field in fields_of(rule)}
    fits = fitting(rule, PEOPLE, needed, TODAY)
    assert fits == {one for one in PEOPLE if by_hand(rule, one, facts)}
    assert fitting(rule, frozenset("a"), facts, TODAY) == fits & {"a"}, "nobody fits who was not asked about"


def test_not_binds_closest_then_and_then_or() -> None:
    a, b, c = (Compared("bookings", "=", number) for number in (1, 2, 3))
    assert parsed("bookings = 1 or bookings = 2 and not bookings = 3") == Either((a, Every((b, Not(c)))))
    assert parsed("(bookings = 1 or bookings = 2) and bookings = 3") == Every((Either((a, b)), c))
    assert parsed("BOOKINGS = 1 AND Bookings = 2") == Every((a, b))


def test_a_day_itself_is_neither_before_nor_after_it_and_who_has_none_is_in_neither() -> None:
    known = {"last_booking": {"a": date(2026, 1, 1), "b": date(2025, 12, 31), "c": date(2026, 1, 2)}}
    four = frozenset("abcd")
    assert fitting(parsed("last_booking before 2026-01-01"), four, known, TODAY) == {"b"}
    assert fitting(parsed("last_booking after 2026-01-01"), four, known, TODAY) == {"c"}
    assert fitting(parsed("last_booking before 60 days ago"), four, known, TODAY) == {"b"}
    assert fitting(parsed("not last_booking before 2026-01-01"), four, known, TODAY) == {"a", "c", "d"}


@pytest.mark.parametrize("field", sorted(REFUSED))
def test_what_must_not_group_people_is_refused_by_name_with_the_reason(field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parsed(f"bookings > 1 and {field.upper()} is x")
    assert str(refused.value) == f"--rule: {field} cannot be used in a rule: {REFUSED[field]}"


def test_what_people_wrote_how_they_are_reached_and_what_judges_them_is_refused() -> None:
    unwanted = {
        "notes",
        "no_show_count",
        "regular_employee",
        "address",
        "first_name",
        "emails",
        "phones",
        "health",
        "score",
    }
    assert unwanted <= REFUSED.keys()
    assert REFUSED.keys() & set(FIELDS) == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at its end the rule wants a field"),
        ("boookings > 3", "a rule knows no such field; did you mean bookings?"),
        ("bookings", "at its end the rule wants a comparison of bookings"),
        ("bookings is 3", "bookings is compared by `>=`, `>`, `<=`, `<`, `=` or `!=`"),
        ("bookings >= many", "as in `bookings >= 3`"),
        ("bookings >= -1", "as in `bookings >= 3`"),
        ("bookings >= 1 bookings", "at word 4 the rule wants `and`, `or` or the end"),
        ("(bookings >= 1", "at its end the rule wants `)`"),
        ("bookings >= 1)", "at word 4"),
        ("last_booking > 3", "last_booking is compared by `before` or `after`"),
        ("last_booking before 2026-02-30", "as 2026-01-01 or `90 days ago`"),
        ("last_booking before 90 days", "as 2026-01-01 or `90 days ago`"),
        ("last_booking before 99999 days ago", "as 2026-01-01 or `90 days ago`"),
        ("course is not and", "put it in quotes"),
        ("course is ''", "the name of the course is empty"),
        ("course is 'x", "close every quote"),
        ("not " * (DEEPEST + 1) + "bookings > 1", "at most 20 within each other"),
        ("(" * 400 + "bookings > 1", "at most 20 within each other"),
        ("bookings > 1 or " * 100, f"at most {LONGEST} characters"),
    ],
)
def test_what_cannot_be_meant_is_one_line_that_says_the_way_out(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        parsed(text)
    assert str(wrong.value).startswith("--rule: ")
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


@given(st.text(alphabet="bookings course not and or is before ago 09-()\"'<>=!\nä", max_size=60))
def test_no_text_is_read_with_another_error(text: str) -> None:
    try:
        rule = parsed(text)
    except ConfigError:
        return
    assert parsed(written(rule)) == rule


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("field", FIELDS)
def test_every_comparison_has_words(field: str, language: str) -> None:
    written = (dict.fromkeys(NAMES, "'Uni'") | dict.fromkeys(DATES, "9 days ago")).get(field, "9")
    said = "Uni" if field in NAMES else "9"
    sentences = [in_words(parsed(f"{field} {how} {written}"), Words(language), {}) for how in OPERATORS[field]]
    assert len({*sentences}) == len(OPERATORS[field])
    assert all(said in sentence and not {"{", "}", "_"} & set(sentence) for sentence in sentences)


def test_rules_are_said_as_people_say_them() -> None:
    rule = parsed(
        'bookings >= 3 and last_booking before 90 days ago and not (course is "Hyvän unen kurssi" or brand is artsport)'
    )
    assert in_words(rule, Words("en"), {"artsport": "ArtSport"}) == (
        "bookings at least 3 and the last booking more than 90 days ago and not "
        "(on the course “Hyvän unen kurssi” or a customer of ArtSport)"
    )
    assert in_words(rule, Words("fi"), {}) == (
        "varauksia vähintään 3 ja viimeinen varaus yli 90 päivää sitten ja ei päde "
        "(on kurssilla ”Hyvän unen kurssi” tai on brändin artsport asiakas)"
    )
    assert (
        in_words(parsed("customer_since before 2026-01-02"), Words("fi"), {})
        == "asiakkuuden alku ennen päivää 2.1.2026"
    )
