"""By what a row is known that came as it is held: all that its mapping rests on, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Page, Position
from connectors.http import HttpClient
from connectors.thinkific.connector import ThinkificConnector
from connectors.thinkific.digests import MAPPING, Digests, others
from connectors.thinkific.mapping import OWN, OWN_ID, Doubts, Mapper, OwnFields
from tests.connectors.clocks import FakeClock

BASE = "https://api.thinkific.com/api/public/v1"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWN_FIELDS = OwnFields(phone="101", address="103", email_marketing="102")
USER: Mapping[str, Any] = {
    "id": 1,
    "first_name": "Aino",
    "last_name": "Testaaja",
    "full_name": "Aino Testaaja",
    "email": "aino@example.com",
    "created_at": "2026-08-28T11:05:23.961Z",
    "bio": "about Aino",
    "company": None,
    "roles": [],
    OWN: [
        {"id": 7, OWN_ID: 101, "value": "0400000101", "label": "Puhelin"},
        {"id": 8, OWN_ID: 999, "value": "likes tea", "label": "Muu"},
    ],
}
ORDER: Mapping[str, Any] = {
    "id": 2,
    "user_id": 1,
    "product_id": 903,
    "product_name": "Kurssi",
    "amount_cents": 3900,
    "amount_dollars": "39.0",
    "subscription": False,
    "status": "complete",
    "created_at": "2024-01-26T11:21:41.438Z",
    "coupon_code": None,
    "items": [{"product_id": 903, "product_name": "Kurssi", "amount_cents": 3900, "text": "long"}],
}
ROWS = {"users": USER, "orders": ORDER}


def digest(row: Mapping[str, Any], stream: str = "users", own: OwnFields = OWN_FIELDS, **options: Any) -> str | None:
    return Digests(Mapper(own, **options)).of(stream, [row]).get(str(row["id"]))


def with_own(**changed: Any) -> Mapping[str, Any]:
    return {**USER, OWN: [{**USER[OWN][0], **changed}, USER[OWN][1]]}


def mapped(stream: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What becomes of a row, and whether anything in it could not be read."""
    doubts = Doubts()
    record = Mapper(OWN_FIELDS).map(stream, row, doubts)
    return record.payload, record.owner_id, record.updated_at, bool(doubts.ids())


@pytest.mark.parametrize(
    "row",
    [
        {**USER, "bio": "something else", "company": "Yritys", "roles": ["admin"], "new_key": {"a": [1]}},
        {**USER, OWN: [*USER[OWN][:1], {**USER[OWN][1], "value": "likes coffee"}]},
        {**USER, OWN: [*USER[OWN], {OWN_ID: 101, "value": "a second phone"}]},
        with_own(label="Puhelinnumero"),
        dict(reversed(USER.items())),
    ],
    ids=["dropped fields", "another own field", "a second value", "a label", "order of keys"],
)
def test_what_is_not_read_is_no_part_of_it(row: Mapping[str, Any]) -> None:
    assert digest(row) == digest(USER)


@pytest.mark.parametrize(
    "row",
    [
        {**USER, "first_name": "Aina"},
        {**USER, "first_name": None},
        {**USER, "email": "aino@example.org"},
        {**USER, "created_at": "2026-08-28T11:05:23.962Z"},
        with_own(value="0400000102"),
        with_own(**{OWN_ID: 103}),
        {**USER, OWN: []},
    ],
    ids=["name", "no name", "mail", "time", "own field", "which own field", "no own field"],
)
def test_what_is_read_is_a_part_of_it(row: Mapping[str, Any]) -> None:
    assert digest(row) != digest(USER)


def test_the_settings_of_the_mapping_are_a_part_of_it() -> None:
    made = digest(USER)
    assert digest(USER, own=OwnFields(phone="101", address="103")) != made
    assert digest(USER, own=OwnFields(phone="101", address="103", sms_marketing="102")) != made
    assert digest(USER, notes=True) != made
    assert digest({**USER, "bio": "more"}, notes=True) != digest(USER, notes=True)


def test_orders_go_by_what_is_read_of_their_items() -> None:
    item = ORDER["items"][0]
    for same in (
        {"items": [item, {"product_id": 5}]},
        {"amount_dollars": "40.0"},
        {"created at": "2020-01-01T00:00:00Z"},
    ):
        assert digest({**ORDER, **same}, "orders") == digest(ORDER, "orders")
    nameless = {**ORDER, "product_id": None, "product_name": " "}
    assert digest({**nameless, "items": [None, item]}, "orders") != digest(nameless, "orders")
    assert digest({**ORDER, "items": [{**item, "text": "short"}]}, "orders") == digest(ORDER, "orders")
    assert digest({**ORDER, "items": [{**item, "product_id": 904}]}, "orders") == digest(ORDER, "orders")
    assert digest({**nameless, "items": [{**item, "product_id": 904}]}, "orders") != digest(nameless, "orders")


@pytest.mark.parametrize("row", [{"first_name": "x"}, {"id": True}, {"id": []}, [], None, {**USER, "email": ["a"]}])
def test_a_row_that_must_be_looked_at_has_none(row: Any) -> None:
    assert Digests(Mapper(OWN_FIELDS)).of("users", [row]) == {}


def test_of_rows_with_one_id_none_has_one() -> None:
    again = {**USER, "id": "1.0", "first_name": "Aina"}
    unread = {**USER, "id": 4, "email": ["a"]}
    rows = [USER, {**USER, "id": 3}, again, {**USER, "id": 4}, unread]
    assert set(Digests(Mapper(OWN_FIELDS)).of("users", rows)) == {"3"}


def test_streams_that_are_seldom_swept_have_none() -> None:
    assert Digests(Mapper(OWN_FIELDS)).of("enrollments", [USER]) == {}


def test_the_others_keep_their_order_and_rows_without_an_id() -> None:
    rows = [{"id": 3}, {}, {"id": "1"}, {"id": 2.0}, None]
    assert others(rows, {"1", "2"}) == [{"id": 3}, {}, None]


values = st.sampled_from(
    (
        None, "", "Aino", " Aino ", "a@example.com", 0, 1, 1.0, "1", "1.0", 39.5, "39.50", True, False, "kyllä",
        "complete", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "0400000101", [], {}, ["x"],
        {"a": 1}, "\ud800", 10**400,
    )
)  # fmt: skip
nested = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys((OWN_ID, "value", "label", "product_id", "product_name"), values))
    | values,
    max_size=2,
)


@given(st.data(), st.sampled_from(sorted(ROWS)))
def test_rows_that_are_known_again_map_alike(data: st.DataObject, stream: str) -> None:
    base = ROWS[stream]
    names = st.sampled_from([name for name in (*base, "created at", "unknown") if name != "id"])
    a = base | data.draw(st.dictionaries(names, values | nested, max_size=2))
    b = a | data.draw(st.dictionaries(names, values | nested, max_size=1))
    if mapped(stream, a) != mapped(stream, b):
        assert digest(a, stream) is None or digest(a, stream) != digest(b, stream)


def test_who_changes_what_a_row_becomes_counts_the_mapping_up() -> None:
    """Else rows that came as they are held stay as mapped before. So count it up, and put the new pair here."""
    became = "".join(repr(mapped(stream, row)) for stream, row in sorted(ROWS.items()))
    assert (MAPPING, sha256(became.encode()).hexdigest()[:12]) == (1, "714d8ab93810")


@pytest.fixture
def read() -> Iterator[Callable[..., Page]]:
    """Reads one page of users with these rows, which may be told apart."""
    client = HttpClient(BASE, headers={}, settings_hint="", clock=FakeClock())
    made = ThinkificConnector("thinkific", client, Mapper(OwnFields()))

    def page(*rows: Any, told_apart: bool = True) -> Page:
        pagination = {"current_page": 1, "next_page": None, "total_items": len(rows)}
        with respx.mock(base_url=BASE) as api:
            api.get("/users").respond(json={"items": list(rows), "meta": {"pagination": pagination}})
            (found,) = made.read("users", Position(now=NOW, told_apart=told_apart))
        return found

    yield page
    made.close(frozenset())


def ids(page: Page) -> list[str]:
    return [record.external_id for record in page.records]


def test_rows_that_are_held_as_they_came_are_counted_and_not_mapped(read: Callable[..., Page]) -> None:
    page = read({"id": 1}, {"id": "2.0"}, {"id": 3, "created_at": "soon"}, {}, {"id": 4})
    assert ([*ids(page), *page.unchanged], set(page.digests), len(page.rejected)) == ([], {"1", "2", "3", "4"}, 1)
    whole = page.without({"2", "4"})
    assert (ids(whole), sorted(whole.unchanged)) == (["1", "3"], ["2", "4"])
    assert set(whole.digests) == {"1"}, "what is doubtful is doubtful each time"
    assert (len(whole.rejected), [problem.column for problem in whole.problems]) == (1, ["created_at"])
    assert (whole.total, whole.sweep, whole.cursor, whole.rest) == (5, True, page.cursor, None)


def test_of_a_row_that_comes_twice_on_a_page_both_are_mapped_in_their_order(read: Callable[..., Page]) -> None:
    page = read({"id": 1, "first_name": "a"}, {"id": 2}, {"id": 1, "first_name": "b"})
    assert (ids(page), set(page.digests)) == (["1", "1"], {"2"})
    assert (ids(page.without({"2"})), page.without({"2"}).unchanged) == (["1", "1"], ("2",))


def test_rows_that_need_not_be_told_apart_are_all_mapped_and_have_their_digests(read: Callable[..., Page]) -> None:
    page = read({"id": 1}, {"id": 2, "created_at": "soon"}, told_apart=False)
    assert (ids(page), set(page.digests)) == (["1", "2"], {"1"})
    assert page.without({"1"}) is page
