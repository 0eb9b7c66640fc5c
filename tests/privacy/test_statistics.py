"""Statistics say how much, and never of so few people that one of them could be meant."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Stream
from connectors.records import Booking, BookingState, Course, Enrollment, Kind, Order, SourceRecord
from privacy.statistics import COUNTED, FEWEST, GROUPINGS, HIDDEN, NO_SHOWS, Count, Counts, count, show
from store.engine import reading
from store.statistics import Happened, happened
from tests.sync.engine import Registry

PEOPLE = [f"person-{number}" for number in range(9)]
WHEN = datetime(2026, 3, 31, 20, 59, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)
"""Midnight in Finland lies between them."""


def row(person: str | None = None, **fields: Any) -> Happened:
    """A completed massage, unless told otherwise."""
    usual: dict[str, Any] = {
        "kind": "booking", "at": WHEN, "brand": "hieromo", "source": "salon", "service": "Hieronta", "course": None,
        "state": "completed",
    }  # fmt: skip
    return Happened(person=person, **usual | fields)


HAPPENED = st.builds(
    row,
    person=st.one_of(st.none(), st.sampled_from(PEOPLE)),
    kind=st.sampled_from(["booking", "booking", "enrollment", "order", "customer"]),
    at=st.sampled_from([WHEN, NEXT_DAY, None]),
    brand=st.sampled_from(["hieromo", "artsport"]),
    service=st.sampled_from(["Hieronta", "Maijan oma", None]),
    course=st.sampled_from(["Uni", None]),
    state=st.sampled_from(["completed", "no_show", "cancelled", None]),
)
BY = st.sampled_from(sorted(GROUPINGS))


@given(rows=st.lists(HAPPENED, max_size=80), by=BY)
def test_no_figure_is_shown_of_fewer_than_five_people(rows: list[Happened], by: str) -> None:
    counts = count(rows, by)
    shown = show(counts, by)
    for group, figures in shown.groups.items():
        assert tuple(figures) == GROUPINGS[by]
        for what, figure in figures.items():
            if isinstance(figure, int) and figure:
                assert len(counts[group][what].people) >= FEWEST
                assert figure == counts[group][what].number
        missed = figures.get(NO_SHOWS)
        if missed != HIDDEN and missed:
            came = {one.person for one in rows if one.state == "completed" and _in(one, group, by)} - {None}
            assert not came or len(came) >= FEWEST, "what is left of the bookings is of few people"
    assert not {name for name in PEOPLE if name in repr(shown)}


def _in(one: Happened, group: str, by: str) -> bool:
    return one.kind == "booking" and set(count([one], by)) == {group}


FEW = st.builds(Count, st.integers(1, 99), st.sets(st.sampled_from(PEOPLE), max_size=FEWEST - 1))
MANY = st.builds(Count, st.integers(9, 99), st.just(set(PEOPLE)))
COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.dictionaries(st.sampled_from(COUNTED), FEW | MANY, min_size=1))


@given(counts=COUNTS, data=st.data())
def test_nothing_that_is_shown_depends_on_what_is_hidden(counts: Counts, data: st.DataObject) -> None:
    """So no subtraction brings a hidden figure back: all hidden ones are replaced, and the same is shown."""
    other = {
        group: {what: one if len(one.people) >= FEWEST else data.draw(FEW) for what, one in mine.items()}
        for group, mine in counts.items()
    }
    assert show(other, "month") == show(counts, "month")


def test_groups_of_few_are_not_named_and_totals_are_of_what_is_shown() -> None:
    many = [row(person) for person in PEOPLE]
    few = [row(person, service="Maijan oma") for person in PEOPLE[:4]] * 3
    shown = show(count(many + few, "service"), "service")
    assert shown.groups == {"Hieronta": {"bookings": 9, "no_shows": 0}}
    assert (shown.totals, shown.unnamed) == ({"bookings": 9, "no_shows": 0}, 1)


@pytest.mark.parametrize(("came", "missed"), [(0, 6), (1, HIDDEN), (4, HIDDEN), (5, 6)])
def test_no_shows_are_hidden_where_few_came(came: int, missed: int | str) -> None:
    """Bookings less no-shows are those who came."""
    rows = [row(person, state="no_show") for person in PEOPLE[:6]] + [row(person) for person in PEOPLE[:came]]
    assert show(count(rows, "all"), "all").groups["all"][NO_SHOWS] == missed


def test_all_in_one_is_shown_even_where_it_is_of_few() -> None:
    shown = show(count([row("person-1")], "all"), "all")
    assert shown.groups == {"all": {"bookings": HIDDEN} | dict.fromkeys(COUNTED[1:], 0)}
    assert show(count([], "all"), "all").groups == {"all": dict.fromkeys(COUNTED, 0)}


def test_bookings_of_nobody_known_add_to_the_number_and_to_no_people() -> None:
    nobody = [row() for _ in range(20)]
    assert show(count(nobody, "all"), "all").groups["all"]["bookings"] == HIDDEN
    assert show(count(nobody + [row(one) for one in PEOPLE], "all"), "all").groups["all"]["bookings"] == 29


def test_days_are_finlands_and_both_bounds_belong_to_it() -> None:
    rows = [row(person, at=at) for person in PEOPLE for at in (WHEN, NEXT_DAY, None)]
    last = date(2026, 3, 31)
    assert show(count(rows, "month"), "month").groups.keys() == {"2026-03", "2026-04", "not stated"}
    assert show(count(rows, "month", first=last, last=last), "month").groups.keys() == {"2026-03"}
    assert count(rows, "all", first=date(2026, 4, 1))["all"]["bookings"].number == len(PEOPLE)


def test_whose_data_are_restricted_is_not_counted() -> None:
    rows = [row(person) for person in PEOPLE]
    assert count(rows, "all", restricted={"person-0"})["all"]["bookings"].number == len(PEOPLE) - 1


def test_what_was_cancelled_is_no_booking() -> None:
    assert count([row("person-1", state="cancelled")], "all") == {}


def land(registry: Registry, kind: Kind, *records: dict[str, Any]) -> None:
    stream = Stream(name=kind.value, kind=kind, activity="x")
    registry._land("salon", stream, [SourceRecord(kind=kind, **record) for record in records])


def test_everything_is_counted_once_with_whose_it_is(registry: Registry) -> None:
    person = {"first_name": "Maija", "last_name": "Malli", "phone": "+358405550001"}
    registry.land("salon", {"one": person | {"created_at": WHEN}})
    registry.land("school", {"one": person})
    registry.book("salon", {"b": {"starts_at": WHEN, "service": "Hieronta", "state": BookingState.NO_SHOW}}, "one")
    gone = {"external_id": "gone", "owner_id": "one", "payload": Booking(starts_at=WHEN), "deleted": True}
    land(registry, Kind.BOOKING, gone, {"external_id": "nobody", "payload": Booking(starts_at=WHEN)})
    land(registry, Kind.COURSE, {"external_id": "5", "payload": Course(name="Uni")})
    studied = Enrollment(course_id="5", started_at=WHEN)
    land(registry, Kind.ENROLLMENT, {"external_id": "e", "owner_id": "one", "payload": studied})
    land(registry, Kind.ORDER, {"external_id": "o", "owner_id": "one", "payload": Order(created_at=WHEN)})
    registry.reconcile()
    maija = registry.customer_of("school:one")
    with reading(registry.engine) as connection:
        found = sorted(happened(connection, WHEN), key=lambda one: (one.kind, one.person or ""))
    told: dict[str, Any] = {
        "at": WHEN,
        "brand": "artsport",
        "source": "salon",
        "service": None,
        "course": None,
        "state": None,
    }
    assert found == [
        Happened(kind="booking", person=None, **told | {"state": "unknown"}),
        Happened(kind="booking", person=maija, **told | {"service": "Hieronta", "state": "no_show"}),
        Happened(kind="customer", person=maija, **told),
        Happened(kind="enrollment", person=maija, **told | {"course": "Uni"}),
        Happened(kind="order", person=maija, **told),
    ]


@pytest.mark.parametrize("by", sorted(GROUPINGS))
def test_every_grouping_counts_something(by: str) -> None:
    rows = [row(one, kind=kind, course="Uni") for one in PEOPLE for kind in ("booking", "enrollment")]
    assert sum(show(count(rows, by), by).totals.values()) > 0
