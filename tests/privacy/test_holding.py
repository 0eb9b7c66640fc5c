"""What a duty keeps after an erasure: narrowed, until its time is over, and nothing without a duty."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from connectors.base import Stream
from connectors.records import Kind, Order, Product, SourceRecord
from privacy.holding import Activity, Duty, ends, held
from store.engine import reading, writing
from store.tables import HeldRecord, RetentionRule, table
from tests.privacy.erasing import erase
from tests.sync.engine import Registry

SEEN = datetime(2026, 1, 1, tzinfo=UTC)
LAW = "law: Accounting Act 1336/1997 2:10"


def order(created: str | None, **payload: Any) -> Activity:
    return Activity("order", "school", {"created_at": created, "amount_cents": 100} | payload, SEEN)


def duty(period: str | None = "P6Y", trigger: str = "created", category: str = "orders") -> Duty:
    return Duty(category, period, trigger, LAW)


@pytest.mark.parametrize(
    ("period", "trigger", "began", "until"),
    [
        ("P6Y", "created", date(2020, 2, 29), date(2026, 2, 28)),
        ("P6Y", "year_end", date(2020, 3, 1), date(2026, 12, 31)),
        ("P1M", "created", date(2026, 1, 31), date(2026, 2, 28)),
        ("P13M", "created", date(2025, 12, 15), date(2027, 1, 15)),
        ("P1Y2M3D", "created", date(2025, 1, 1), date(2026, 3, 4)),
        ("P30D", "created", date(2025, 12, 15), date(2026, 1, 14)),
        (None, "created", date(2025, 12, 15), None),
    ],
)
def test_a_duty_ends_by_the_calendar(period: str | None, trigger: str, began: date, until: date | None) -> None:
    assert ends(duty(period, trigger), began) == until


@pytest.mark.parametrize("period", ["P", "6y", "PT6H", "P6", "P2W"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        ends(duty(period), date(2026, 1, 1))


def test_a_row_is_kept_by_its_own_duty_until_its_last_day() -> None:
    rows = [order("2020-06-01T23:30:00Z"), Activity("booking", "salon", {}, SEEN)]
    kept = list(held(rows, [duty()], date(2026, 6, 2)))
    assert [(one.kind, one.until) for one in kept] == [("order", date(2026, 6, 2))], "by the clock of Helsinki"
    assert list(held(rows, [duty()], date(2026, 6, 3))) == []
    assert list(held(rows, [], date(2026, 6, 2))) == []


def test_where_a_row_says_nothing_of_its_time_it_is_when_it_was_first_seen() -> None:
    assert [one.until for one in held([order(None)], [duty("P1Y")], date(2026, 1, 2))] == [date(2027, 1, 1)]


@pytest.fixture
def buyer(registry: Registry) -> Registry:
    """Somebody who bought something and booked something."""
    registry.land("school", {"1": {"first_name": "Ilona", "last_name": "Näyte", "email": "ilona@example.com"}})
    product = SourceRecord(external_id="9", kind=Kind.PRODUCT, payload=Product(name="Kurssi", currency="EUR"))
    registry._land("school", Stream(name="products", kind=Kind.PRODUCT, activity="x"), [product])
    bought = Order(product_id="9", amount_cents=2000, status="complete", created_at=SEEN)
    row = SourceRecord(external_id="o1", kind=Kind.ORDER, payload=bought, owner_id="1")
    registry._land("school", Stream(name="orders", kind=Kind.ORDER, activity="x"), [row])
    registry.book("school", {"b1": {"service": "Hieronta", "client_name": "Ilona Näyte"}}, owner_id="1")
    registry.reconcile()
    return registry


def rule(registry: Registry, basis: str, period: str | None = "P6Y", category: str = "orders") -> None:
    values = {"category": category, "period": period, "trigger": "created", "basis": basis, "set_by": "tester"}
    with writing(registry.engine) as connection:
        connection.execute(insert(table(RetentionRule)).values(values | {"set_at": registry.clock}))


def kept(registry: Registry) -> list[Any]:
    with reading(registry.engine) as connection:
        return list(connection.execute(select(table(HeldRecord))).all())


def test_an_order_is_kept_for_the_books_and_names_nobody(buyer: Registry) -> None:
    rule(buyer, LAW)
    done = erase(buyer, "school:1")
    (row,) = kept(buyer)
    assert json.loads(row.payload) == {
        "product": "Kurssi", "product_id": "9", "amount_cents": 2000, "currency": "EUR", "status": "complete",
        "created_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    assert (row.category, row.basis, row.hold_until, row.tombstone_id) == (
        "orders", LAW, date(2032, 1, 1), done.tombstone,
    )  # fmt: skip
    assert [(one.category, one.kind, one.until) for one in done.held] == [("orders", "order", date(2032, 1, 1))]


@pytest.mark.parametrize(
    ("rules", "number"),
    [
        ([], 0),
        ([("our own wish", "P6Y", "orders")], 0),
        ([("Law: as everybody writes it", "P6Y", "orders")], 1),
        ([("claim: a dispute of 2026", None, "bookings"), (LAW, "P6Y", "orders")], 2),
        ([(LAW, "P6Y", "orders"), ("no longer", "P6Y", "orders")], 0),
        ([(LAW, "P1D", "orders")], 1),
    ],
)
def test_nothing_is_kept_without_a_duty_in_force(
    buyer: Registry, rules: list[tuple[str, str | None, str]], number: int
) -> None:
    for basis, period, category in rules:
        rule(buyer, basis, period, category)
    erase(buyer, "school:1")
    assert len(kept(buyer)) == number
