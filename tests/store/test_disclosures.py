"""Disclosures hang on records: who is joined has them all, who is parted their own; on both databases."""

from typing import Any

from sqlalchemy import select

from store import decisions, disclosures, hanging
from store.engine import reading, writing
from store.tables import DisclosureRecord, table
from tests.sync.engine import START, Registry


def disclosed(registry: Registry, *records: str, name: str = "Kumppani Oy", kind: str = "partner") -> int:
    """Something left of the customers with these records."""
    with writing(registry.engine) as connection:
        to = disclosures.approve(
            connection,
            {"name": name, "kind": kind, "country": "FI", "purposes": '["service"]', "approved_at": START,
             "approved_by": "tester", "reason": "agreed"},
        )  # fmt: skip
        mine = decisions.records_by_customer(connection, [registry.customer_of(record) for record in records])
        values: dict[str, Any] = {
            "at": START, "actor": "tester", "recipient_id": to, "recipient": name, "kind": kind, "country": "FI",
            "purpose": "service", "basis": "eu-gdpr:A6-1-b", "fields": '["name"]', "format": "csv",
            "file_sha256": "0" * 64, "people": len(mine), "dropped": "{}",
        }  # fmt: skip
        return disclosures.write(connection, values, [record for ids in mine.values() for record in ids])


def of(registry: Registry, record: str) -> list[int]:
    with reading(registry.engine) as connection:
        mine = decisions.records_of(connection, registry.customer_of(record))
        return [row.id for row in disclosures.of_records(connection, mine)]


def test_a_merge_takes_the_union_and_a_split_gives_each_its_own(registry: Registry) -> None:
    registry.land("salon", {"a": {"first_name": "Maija", "phone": "+358405550001"}})
    registry.land("school", {"b": {"first_name": "Onni", "phone": "+358405550002"}})
    registry.reconcile()
    first, second = disclosed(registry, "salon:a"), disclosed(registry, "school:b", name="Toinen Oy")
    both = disclosed(registry, "salon:a", "school:b", name="Kolmas Oy")
    assert (of(registry, "salon:a"), of(registry, "school:b")) == ([first, both], [second, both])
    decision = registry.decide("same", "salon:a", "school:b")
    assert of(registry, "salon:a") == of(registry, "school:b") == [first, second, both]
    registry.rebuild()
    assert of(registry, "salon:a") == [first, second, both]
    registry.undo(decision)
    assert (of(registry, "salon:a"), of(registry, "school:b")) == ([first, both], [second, both])


def test_what_left_of_a_customer_with_two_records_stays_with_either(registry: Registry) -> None:
    registry.land("salon", {"a": {"first_name": "Maija", "phone": "+358405550001"}})
    registry.land("school", {"b": {"first_name": "Maija", "phone": "+358405550001"}})
    registry.reconcile()
    id_ = disclosed(registry, "salon:a")
    registry.split(registry.customer_of("salon:a"), "school:b")
    assert of(registry, "salon:a") == of(registry, "school:b") == [id_]


def test_a_record_that_vanishes_and_comes_back_has_its_disclosures(registry: Registry) -> None:
    person = {"a": {"first_name": "Maija", "phone": "+358405550001"}}
    registry.land("salon", person)
    registry.reconcile()
    id_ = disclosed(registry, "salon:a")
    registry.vanish("salon", "a")
    registry.reconcile()
    with reading(registry.engine) as connection:
        assert [row.id for row in disclosures.disclosures(connection)] == [id_]
        assert len(connection.execute(select(table(DisclosureRecord))).all()) == 1
    registry.land("salon", person)
    registry.reconcile()
    assert of(registry, "salon:a") == [id_]


def test_recipients_are_listed_in_order_and_revoked_ones_on_demand(registry: Registry) -> None:
    registry.land("salon", {"a": {"first_name": "Maija"}})
    registry.reconcile()
    for name in ("B Oy", "A Oy"):
        disclosed(registry, "salon:a", name=name)
    with writing(registry.engine) as connection:
        first = disclosures.recipients(connection)[0]
        disclosures.revoke(connection, first.id, "it ended", "tester", START)
        assert [row.name for row in disclosures.recipients(connection)] == ["A Oy"]
        assert [row.name for row in disclosures.recipients(connection, revoked=True)] == ["B Oy", "A Oy"]
    assert of(registry, "salon:a") == [1, 2]


def test_what_left_of_somebody_is_known_when_the_record_is_removed_by_its_platform(registry: Registry) -> None:
    registry.land("salon", {"a": {"first_name": "Maija", "phone": "+358405550001"}})
    registry.land("school", {"b": {"first_name": "Maija", "phone": "+358405550001"}})
    registry.reconcile()
    registry.split(registry.customer_of("salon:a"), "school:b")
    id_ = disclosed(registry, "salon:a")
    registry.decide("same", "salon:a", "school:b")
    registry.vanish("salon", "a")
    registry.reconcile()
    with reading(registry.engine) as connection:
        mine = hanging.ever_of(connection, registry.customer_of("school:b"))
        assert [row.id for row in disclosures.of_records(connection, mine)] == [id_]
