"""Every golden value knows its record and the rule that chose it (invariant 5), in the registry itself."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from store import registry as reader
from store.engine import reading
from store.tables import GoldenValue, SourceRecord, table
from tests.sync.engine import Registry

MAIL = "a@example.com"


def published(registry: Registry) -> set[tuple[str, Any, str, str]]:
    """(field, value, the record it came from, rule)."""
    value, record = table(GoldenValue), table(SourceRecord)
    query = select(
        value.c.field, value.c.value, record.c.source, value.c.rule, value.c.observed_at, record.c.retrieved_at
    )
    with reading(registry.engine) as connection:
        rows = connection.execute(query.join(record, record.c.id == value.c.record_id)).all()
    assert all(row.observed_at == row.retrieved_at for row in rows), "a value was seen when its record was"
    return {(row.field, json.loads(row.value), row.source, row.rule) for row in rows}


def test_each_value_names_the_record_that_it_came_from(registry: Registry) -> None:
    registry.land("school", {"9": {"first_name": "Maija", "last_name": "Testaaja", "email": MAIL, "city": "Oulu"}})
    registry.land("salon", {"1": {"name": "Maija", "first_name": "Maija", "email": MAIL, "phone": "+358400000101"}})
    registry.reconcile()
    assert published(registry) == {
        ("name", "Maija Testaaja", "school", "fuller_name"),
        ("first_name", "Maija", "school", "fuller_name"),
        ("last_name", "Testaaja", "school", "fuller_name"),
        ("emails", MAIL, "salon", "all"),
        ("phones", "+358400000101", "salon", "all"),
        ("address", "Oulu", "school", "only_value"),
        ("brands", "artsport", "salon", "all"),
    }


def test_a_value_goes_with_its_record(registry: Registry) -> None:
    registry.land("salon", {"1": {"first_name": "Maija", "email": MAIL}})
    registry.land("school", {"9": {"first_name": "Maija", "email": MAIL, "city": "Oulu"}})
    registry.reconcile()
    assert registry.golden("salon:1", "address") == [("Oulu", "only_value")]
    registry.land("school", {"9": {"first_name": "Maija", "email": MAIL, "city": "Turku"}})
    registry.reconcile()
    assert registry.golden("salon:1", "address") == [("Turku", "only_value")]
    registry.vanish("school", "9")
    registry.reconcile()
    assert registry.golden("salon:1", "address") == []


def test_a_customer_is_as_old_as_its_oldest_record_and_changes_only_with_it(registry: Registry) -> None:
    def shown() -> dict[str, Any]:
        with reading(registry.engine) as connection:
            (customer,) = reader.every(connection, reader.View(datetime(2027, 1, 1, tzinfo=UTC)))
        return customer

    registry.land("salon", {"1": {"first_name": "Maija", "email": MAIL}})
    registry.reconcile()
    first = shown()
    registry.land("salon", {"1": {"first_name": "Maija", "email": MAIL}})
    registry.reconcile()
    registry.rebuild()
    assert shown() == first
    registry.land("school", {"9": {"first_name": "Maija", "email": MAIL}})
    registry.reconcile()
    after = shown()
    assert (after["created_at"], after["updated_at"] > first["updated_at"]) == (first["created_at"], True)
