"""The card of a customer: what it tells, what it leaves out, and that it fits the screen."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from privacy.requests import Asked, By, begin, close
from store.declarations import Said
from store.direct_marketing import Move, enter, leave
from store.engine import writing
from sync.cli.card import Part
from sync.cli.person_life import life
from sync.declaring import declare, lift
from tests.sync.cli.conftest import Desk

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
Say = Callable[..., int]


@pytest.fixture
def say(people: Desk) -> Say:
    """Declare something for a customer of the small registry."""

    def said(record: str, **what: Any) -> int:
        act = people.registry.act()
        fixed = {"controller": "hieromo", "grantee": "hieromo", "notice_version": "2021-03-22"}
        declared = Said(**{"at": NOW, **fixed, "recorded_at": act.now, "recorded_by": act.actor, **what})
        with writing(people.registry.engine) as connection:
            customer = people.registry.customer_of(record)
            return declare(connection, declared, customer, rules=people.registry.rules, act=act)

    return said


def card(desk: Desk, record: str, width: int | None = None) -> str:
    """The card; into a pipe its lines are long, so that what stands together is found together."""
    words = ("customers", "show", record)
    done = desk.run(*words, env={"COLUMNS": str(width)} if width else None)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def parts(text: str) -> dict[str, str]:
    """Heading → lines of each part."""
    found = (part.partition("\n") for part in text.strip().split("\n\n"))
    return {heading.strip(): lines for heading, _, lines in found}


def test_a_card_begins_with_who_it_is_and_tells_each_value_with_its_record(people: Desk) -> None:
    found = parts(card(people, "salon:both"))
    assert next(iter(found)) == "Maija Äijälä"
    assert people.registry.customer_of("salon:both") in found["Maija Äijälä"]
    values = [" ".join(line.split()) for line in found["Values"].splitlines()]
    assert values == [
        "E-mail Maija.Aijala@example.com from school",
        "Phone +358400000101 from salon",
        "Address Mallikatu 1, 00100 Helsinki from school, the only one",
        "Regular of Testi Hieroja from salon, the only one",
        "Discount 10 % from salon",
    ]


def test_bookings_are_told_the_next_first_with_how_many_there_are_of_each_kind(people: Desk) -> None:
    found = parts(card(people, "salon:both"))
    lines = found["Bookings: 1 no-show, 1 coming, 1 past unconfirmed"].splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["next", "latest"]
    assert [line.rstrip().rpartition("  ")[2] for line in lines] == ["booked", "past unconfirmed", "no show"]
    assert "25%" in found["Courses"]
    assert "20.00" in found["Orders"]


def test_a_card_says_where_records_come_from_and_why_they_are_one_person(people: Desk) -> None:
    found = parts(card(people, "salon:both"))
    records = found["Records and their origins"]
    assert records.index("salon:both") < records.index("school:both")
    assert "Thinkific Labs Inc.: stated processor+controller, not assessed" in records
    assert records.count("notice 2021-03-22") == 1, "what all records share is told once"
    assert found["Why they are one customer"].strip().startswith("same phone, first names agree")


def test_what_there_is_nothing_of_is_left_out(people: Desk) -> None:
    found = parts(card(people, "school:school"))
    assert list(found) == ["Pekka Kurssi", "Values", "Marketing", "Records and their origins"]
    assert "unknown, so none is allowed" in found["Marketing"]


def test_merges_are_told_with_their_reasons(people: Desk) -> None:
    people.registry.decide("same", "salon:doubt", "school:doubt")
    found = parts(card(people, "salon:doubt"))
    assert "took in" in found["Merges and splits"]
    assert "by tester" in found["Merges and splits"]


def test_restrictions_and_objections_stand_above_everything_else_until_they_are_lifted(people: Desk, say: Say) -> None:
    restricted = say("salon:both", kind="restriction", reason="the address is contested")
    say("salon:both", kind="objection", scope="direct_advertising")
    found = parts(card(people, "salon:both"))
    assert list(found)[:3] == ["Maija Äijälä", "! RESTRICTED: stored, and not to be used", "! OBJECTS to"]
    assert "the address is contested" in found["! RESTRICTED: stored, and not to be used"]
    assert "direct advertising" in found["! OBJECTS to"]
    with writing(people.registry.engine) as connection:
        lift(connection, restricted, "settled", rules=people.registry.rules, act=people.registry.act())
    assert list(parts(card(people, "salon:both")))[:2] == ["Maija Äijälä", "! OBJECTS to"]


def test_marketing_is_told_by_channel_and_brand_with_what_it_is_due_to(people: Desk, say: Say) -> None:
    consent = {"kind": "consent", "channel": "email", "method": "paper form", "evidence": "folder 3"}
    say("salon:both", state="granted", brand="artsport", **consent)
    lines = [line.split() for line in parts(card(people, "salon:both"))["Marketing"].splitlines()]
    assert " ".join(lines[0]) == "E-mail artsport granted declared 2.3.2026, paper form, with evidence"
    assert lines[1] == ["SMS", "artsport", "unknown"]


def test_a_correction_is_told_with_its_reason_and_so_is_a_value_that_was_taken_away(people: Desk, say: Say) -> None:
    say("salon:both", kind="correction", field="address", value='"Uusikatu 2, 00100 Helsinki"', reason="has moved")
    values = parts(card(people, "salon:both"))["Values"]
    assert "Uusikatu 2, 00100 Helsinki  corrected 2.3.2026, has moved" in values
    assert "Mallikatu" not in values
    say("salon:both", kind="correction", field="phones", value="[]", reason="is somebody else's")
    assert "Phone       –" in parts(card(people, "salon:both"))["Values"]


def test_a_corrected_name_says_so_at_the_top_and_of_several_phones_the_correction_is_told_once(
    people: Desk, say: Say
) -> None:
    say("salon:both", kind="correction", field="last_name", value='"Oikea"', reason="has married")
    say("salon:both", kind="correction", field="phones", value='["+358400000901", "+358400000902"]', reason="has two")
    found = parts(card(people, "salon:both"))
    assert "name corrected 2.3.2026, has married" in found["Maija Oikea"]
    assert [line.split()[-1] for line in found["Values"].splitlines() if "+358" in line] == ["two", "+358400000902"]


def ask(desk: Desk, record: str, received: date) -> int:
    with writing(desk.registry.engine) as connection:
        asked = Asked("access", record, received, "email")
        return begin(connection, asked, By("tester", datetime.now(UTC))).id


def test_open_requests_are_told_with_their_day_and_loudly_once_they_are_overdue(people: Desk) -> None:
    today = datetime.now(UTC).date()
    in_time = ask(people, "salon:both", today - timedelta(days=3))
    assert f"request {in_time}  access  is due" in parts(card(people, "salon:both"))["Open requests"]
    late = ask(people, "salon:both", today - timedelta(days=70))
    lines = parts(card(people, "salon:both"))["! Open requests, OVERDUE"].splitlines()
    assert [f"request {id_}" in line for id_, line in zip((late, in_time), lines, strict=True)] == [True, True]
    with writing(people.registry.engine) as connection:
        for id_ in (late, in_time):
            close(connection, id_, "fulfilled", "by letter", By("tester", datetime.now(UTC)))
    assert "request" not in card(people, "salon:both")


def test_the_end_of_the_relationship_is_told_with_the_direct_marketing_register(people: Desk) -> None:
    move = Move(date(2026, 1, 31), "moved abroad", None, "tester", NOW)
    with writing(people.registry.engine) as connection:
        entry = enter(connection, people.registry.id_of(connection, "salon", "both"), move)
    told = parts(card(people, "school:both"))["Relationship ended"]
    assert "31.1.2026, all brands  in the direct-marketing register since 2.3.2026" in told
    with writing(people.registry.engine) as connection:
        leave(connection, [entry], "asked for it", "tester", NOW)
    assert "left the direct-marketing register 2.3.2026" in parts(card(people, "salon:both"))["Relationship ended"]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("record", ["salon:both", "school:school", "school:child"])
def test_a_card_fits_the_screen(people: Desk, say: Say, record: str, width: int) -> None:
    say(record, kind="restriction", reason="a long reason that does not end soon " * 5)
    say(record, kind="objection", scope="market_opinion_research", reason="does not want to be asked " * 5)
    assert max(map(len, card(people, record, width).splitlines())) <= width


def test_text_of_a_platform_cannot_steer_the_terminal(people: Desk) -> None:
    people.registry.land("salon", {"steering": {"first_name": "Ann\x1b[2Ja", "last_name": "\x9b31mTest"}})
    people.registry.reconcile()
    shown = card(people, "salon:steering")
    assert "Test" in shown
    assert not {"\x1b", "\x9b"} & set(shown)


def customer(**lists: Any) -> dict[str, Any]:
    return {"bookings": [], "enrollments": [], "orders": [], "no_show_count": 0} | lists


def booking(days: int, state: str) -> dict[str, Any]:
    starts_at = (NOW + timedelta(days=days)).isoformat()
    return {"starts_at": starts_at, "service": f"{days}", "employee": None, "state": state}


def shown(found: dict[str, Any], most: int) -> list[Part]:
    return list(life(found, NOW, most))


def test_only_the_next_and_the_latest_are_shown_and_all_are_counted() -> None:
    states = [booking(days, "completed") for days in range(-9, 0)] + [booking(days, "booked") for days in range(1, 9)]
    (part,) = shown(customer(bookings=states, no_show_count=1), 2)
    assert part.title == "Bookings: 9 visits, 1 no-show, 8 coming"
    assert [(row[0], row[2]) for row in part.rows] == [("next", "1"), (None, "2"), ("latest", "-1"), (None, "-2")]


def test_no_shows_that_the_source_counts_and_does_not_list_are_told() -> None:
    (part,) = shown(customer(no_show_count=2), 2)
    assert part == Part("Bookings: 2 no-shows", [])
    assert shown(customer(), 2) == []


def test_a_payment_that_waits_for_what_is_over_is_not_coming() -> None:
    (part,) = shown(customer(bookings=[booking(-1, "pending_payment"), booking(1, "pending_payment")]), 2)
    assert part.title == "Bookings: 1 coming, 1 pending payment"


def test_the_latest_courses_come_first_and_the_heading_says_how_many_there_are() -> None:
    courses = [
        {"course": f"{day}", "course_id": "1", "progress": None, "completed": day == 3, "updated_at": f"2026-01-0{day}"}
        for day in (1, 3, 2)
    ]
    (part,) = shown(customer(enrollments=courses), 2)
    assert part.title == "Courses: 3, the latest 2"
    assert [row[:2] for row in part.rows] == [("3", "completed"), ("2", "no progress known")]
