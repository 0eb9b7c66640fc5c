"""Which value wins, from which record, and by which rule (invariant 5)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.names import whole_name
from sync.reconcile.survivorship import Golden, Member, golden_values

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def member(id_: int, *, day: int | None = None, precedence: int = 0, **options: Any) -> Member:
    """A record whose source says that it changed on a day of March, if it says anything."""
    defaults: dict[str, Any] = {
        "external_id": f"x{id_}",
        "brand": "hieromo",
        "observed_at": DAY + timedelta(days=id_),
        "no_shows": None,
    }
    flags = {channel: (state, DAY) for channel, state in options.pop("marketing", {}).items()}
    kept = {name: options.pop(name, value) for name, value in defaults.items()}
    stated = None if day is None else DAY + timedelta(days=day)
    return Member(id_, precedence=precedence, payload=options, stated_at=stated, flags=flags, **kept)


def of(field: str, *members: Member) -> list[tuple[Any, int, str]]:
    """(value, record, rule) of a field, in order."""
    values = [value for value in golden_values(members) if value.field == field]
    assert [value.ordinal for value in values] == list(range(len(values)))
    return [(json.loads(value.value), value.record_id, value.rule) for value in values]


@pytest.mark.parametrize(
    ("rule", "winner", "loser"),
    [
        (
            "fuller_name",
            {"first_name": "Maija", "last_name": "Testaaja", "precedence": 1},
            {"first_name": "Maija", "day": 9},
        ),
        ("fuller_name", {"first_name": "Maija", "last_name": "Testaaja"}, {"name": "Maija Testaaja", "day": 9}),
        ("most_recent", {"first_name": "Maija", "day": 9, "precedence": 1}, {"first_name": "Maja", "day": 2}),
        ("most_recent", {"first_name": "Maija", "day": 2, "precedence": 1}, {"first_name": "Maja"}),
        ("source_precedence", {"first_name": "Maija", "day": 2}, {"first_name": "Maja", "day": 2, "precedence": 1}),
        ("source_precedence", {"first_name": "Maija"}, {"first_name": "Maja", "precedence": 1}),
        ("external_id", {"first_name": "Maija", "external_id": "a"}, {"first_name": "Maja", "external_id": "b"}),
    ],
)
def test_the_name_of_one_record_wins_by_a_rule(rule: str, winner: dict[str, Any], loser: dict[str, Any]) -> None:
    for members in ((member(1, **winner), member(2, **loser)), (member(2, **loser), member(1, **winner))):
        assert of("first_name", *members) == [("Maija", 1, rule)]
        assert [(record, by) for _, record, by in of("name", *members)] == [(1, rule)]


def test_all_parts_of_a_name_come_from_one_record() -> None:
    full = member(1, name="Testaaja Maija", first_name="Maija", last_name="Testaaja")
    other = member(2, first_name="Maia", last_name="Testinen", day=5)
    assert of("name", full, other) == [("Maia Testinen", 2, "most_recent")]
    assert of("last_name", full, other) == [("Testinen", 2, "most_recent")]
    assert of("last_name", full, member(3, first_name="Maija", day=5)) == [("Testaaja", 1, "fuller_name")]
    assert of("last_name", member(3, first_name="Maija", day=5)) == []


def test_the_only_name_is_said_to_be_the_only_one() -> None:
    assert of("name", member(1, name="Maija"), member(2, day=5)) == [("Maija", 1, "only_value")]
    assert of("name", member(1), member(2)) == []


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"name": "Testaaja Maija", "first_name": "Maija"}, "Testaaja Maija"),
        ({"first_name": "Maija", "last_name": "Testaaja"}, "Maija Testaaja"),
        ({"last_name": "Testaaja"}, "Testaaja"),
        ({}, None),
    ],
)
def test_a_name_is_shown_as_its_source_gives_it(payload: dict[str, str], name: str | None) -> None:
    assert whole_name(payload) == name


@pytest.mark.parametrize(
    ("address", "line"),
    [
        (("Esimerkkikatu 1 A 2", "00100", "Helsinki", None), "Esimerkkikatu 1 A 2, 00100 Helsinki"),
        (("Esimerkkikatu 1", None, "Helsinki", "FI"), "Esimerkkikatu 1, Helsinki, FI"),
        ((None, "00100", None, None), "00100"),
        ((None, None, "Helsinki", None), "Helsinki"),
        (("Esimerkkikatu 1", None, None, None), "Esimerkkikatu 1"),
    ],
)
def test_an_address_is_one_line(address: tuple[str | None, ...], line: str) -> None:
    fields: dict[str, Any] = dict(zip(("street", "postal_code", "city", "country"), address, strict=True))
    assert of("address", member(1, **fields)) == [(line, 1, "only_value")]


def test_a_country_alone_is_no_address() -> None:
    assert of("address", member(1, country="FI")) == []
    assert of("address", member(1, country="FI", day=5), member(2, city="Turku")) == [("Turku", 2, "only_value")]


@pytest.mark.parametrize(
    ("rule", "winner", "loser"),
    [
        ("most_recent", {"day": 9, "precedence": 1}, {"day": 2}),
        ("most_recent", {"day": 2, "precedence": 1}, {}),
        ("source_precedence", {}, {"precedence": 1}),
        ("external_id", {"external_id": "a"}, {"external_id": "b"}),
    ],
)
@pytest.mark.parametrize(("field", "column"), [("address", "city"), ("regular_employee", "regular_employee")])
def test_one_value_wins_by_time_then_source_then_id(
    field: str, column: str, rule: str, winner: dict[str, Any], loser: dict[str, Any]
) -> None:
    members = member(7, **loser | {column: "Toinen"}), member(8, **winner | {column: "Ensimmäinen"})
    assert of(field, *members) == of(field, *reversed(members)) == [("Ensimmäinen", 8, rule)]


def test_of_records_with_one_external_id_the_earlier_wins() -> None:
    first, second = (member(id_, external_id="same", regular_employee=f"Testi{id_}") for id_ in (3, 4))
    assert of("regular_employee", second, first) == [("Testi3", 3, "external_id")]


def test_every_distinct_value_stands_once_by_source_precedence() -> None:
    school = member(1, precedence=1, email="a@example.com", phone="+358400000101", brand="artsport", day=9)
    salon = member(2, email="B@Example.com", phone="+358400000101", discounts=("10 %", "Senior"))
    again = member(3, precedence=2, email="b@example.com", phone="+358400000102", discounts=("Senior",), brand="x")
    people = (school, again, salon)
    assert of("emails", *people) == [("B@Example.com", 2, "all"), ("a@example.com", 1, "all")]
    assert of("phones", *people) == [("+358400000101", 2, "all"), ("+358400000102", 3, "all")]
    assert of("discounts", *people) == [("10 %", 2, "all"), ("Senior", 2, "all")]
    assert of("brands", *people) == [("hieromo", 2, "all"), ("artsport", 1, "all"), ("x", 3, "all")]


STATES = ("withdrawn", "refused", "granted", "unknown")


@pytest.mark.parametrize("mine", STATES)
@pytest.mark.parametrize("theirs", STATES)
def test_the_strictest_marketing_state_stands(mine: str, theirs: str) -> None:
    first, second = member(1, marketing={"email": mine}), member(2, marketing={"email": theirs, "sms": "refused"})
    strictest = min(mine, theirs, key=STATES.index)
    record = 1 if STATES.index(mine) <= STATES.index(theirs) else 2
    expected = [] if strictest == "unknown" else [(strictest, record, "strictest")]
    assert of("marketing.email", first, second) == expected
    assert of("marketing.sms", first, second) == [("refused", 2, "strictest")]


def test_no_flag_is_no_state() -> None:
    assert [value.field for value in golden_values([member(1)]) if value.field.startswith("marketing")] == []


def test_no_shows_are_counted_where_bookings_are_and_stated_where_not() -> None:
    counted = member(1, precedence=1, no_shows=2, no_show_count=9)
    stated = member(2, precedence=2, no_show_count=3)
    assert of("no_show_count", counted) == [(2, 1, "counted_from_bookings")]
    assert of("no_show_count", stated) == [(3, 2, "stated_by_source")]
    assert of("no_show_count", stated, counted) == [(5, 1, "counted_from_bookings")]
    assert of("no_show_count", stated, member(3, no_shows=0, no_show_count=7)) == [(3, 2, "stated_by_source")]
    assert of("no_show_count", member(3, no_shows=0, no_show_count=7)) == []


def test_a_value_bears_the_time_at_which_its_record_was_seen() -> None:
    (value,) = [value for value in golden_values([member(4, city="Oulu"), member(5)]) if value.field == "address"]
    assert value == Golden("address", 0, '"Oulu"', 4, "only_value", DAY + timedelta(days=4))


def test_a_time_of_another_zone_is_compared_as_the_moment_that_it_is() -> None:
    helsinki = datetime.fromisoformat("2026-03-02T01:00+02:00")  # 23:00 UTC on the first
    early = Member(1, "a", 0, {"city": "Oulu"}, "b", DAY, helsinki)
    late = Member(2, "b", 0, {"city": "Turku"}, "b", DAY, datetime.fromisoformat("2026-03-01T23:30+00:00"))
    assert of("address", early, late) == [("Turku", 2, "most_recent")]


members = st.lists(
    st.builds(
        lambda day, precedence, payload, marketing, no_shows: (day, precedence, payload, marketing, no_shows),
        st.none() | st.integers(0, 2),
        st.integers(0, 1),
        st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from(("Maija Testaaja", "Maija")),
                "first_name": st.sampled_from(("Maija", "Maia")),
                "last_name": st.just("Testaaja"),
                "email": st.sampled_from(("a@example.com", "A@example.com", "b@example.com")),
                "city": st.sampled_from(("Oulu", "Turku")),
                "discounts": st.sampled_from((("10 %",), ("10 %", "Senior"))),
            },
        ),
        st.dictionaries(st.sampled_from(("email", "sms")), st.sampled_from(STATES)),
        st.none() | st.integers(0, 3),
    ),
    min_size=1,
    max_size=5,
)


@given(members, st.data())
def test_the_order_of_records_never_matters(found: list[Any], data: st.DataObject) -> None:
    people = [
        member(id_, day=day, precedence=precedence, marketing=marketing, no_shows=no_shows, **payload)
        for id_, (day, precedence, payload, marketing, no_shows) in enumerate(found)
    ]
    values = golden_values(people)
    assert golden_values(data.draw(st.permutations(people))) == values
    later = [
        Member(m.record_id, m.external_id, m.precedence, m.payload, m.brand, DAY, m.stated_at, m.flags, m.no_shows)
        for m in people
    ]
    assert [value[:5] for value in golden_values(later)] == [value[:5] for value in values], "retrieval says nothing"
