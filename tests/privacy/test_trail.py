"""The audit chain holds through what is done to a registry for good: erasure, retention, backup and restore."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from privacy.chain import Emptied, Head
from privacy.trail import Verdict, head_of, verify
from store import audit, tombstones
from store.engine import reading, writing
from tests.privacy.erasing import erase, populate, speak_of
from tests.privacy.vault import Vault, opened
from tests.sync.engine import START, Registry


def look(registry: Registry, *records: str) -> None:
    """Look at the customers who have these records."""
    for record in records:
        with writing(registry.engine) as connection:
            person = registry.customer_of(record)
            audit.note(connection, registry.clock, "tester", "customers.show", "service", customer_id=person)


def whole(engine: Engine, kept: Head | None = None) -> Verdict:
    """The verdict about a chain that is whole."""
    with reading(engine) as connection:
        found = verify(connection, kept)
    assert found.broken is None
    return found


def told(engine: Engine) -> list[tuple[str, Any]]:
    """What was done, and whether it still says to whom."""
    with reading(engine) as connection:
        return [(row.action, row.detail is not None) for row in audit.trail(connection)]


def test_an_erasure_takes_what_was_noted_of_the_person_and_keeps_the_chain(registry: Registry, vault: Vault) -> None:
    populate(registry)
    speak_of(registry)
    look(registry, "salon:kuutamo-17", "salon:mother", "salon:kuutamo-17")
    kept = whole(registry.engine).head
    vault.erase(registry, "salon:kuutamo-17")
    found = whole(registry.engine, kept)
    assert found.events == kept.id + 1
    assert told(registry.engine)[-4:] == [
        ("customers.show", False), ("customers.show", True), ("customers.show", False), ("audit.emptied", True),
    ]  # fmt: skip


def test_a_restored_chain_is_whole_and_goes_on_with_the_restore(
    registry: Registry, vault: Vault, target_url: str
) -> None:
    populate(registry)
    look(registry, "salon:kuutamo-17", "salon:mother", "salon:other")
    vault.erase(registry, "salon:kuutamo-17")
    before = whole(registry.engine).head
    vault.back_up(registry)
    vault.erase(registry, "salon:other")
    vault.restore(target_url, registry)
    with opened(target_url) as engine:
        found = whole(engine, before)
        assert (found.emptied, found.since_head) == (Emptied(2, 2, 0, 0), Emptied(1, 1, 0, 0))
        actions = [action for action, _ in told(engine)]
        assert actions[before.id :] == ["restore", "audit.emptied", "erasures.replayed"]
        with writing(engine) as connection:
            audit.note(connection, START, "tester", "customers.list", "service")
            head = head_of(connection)
        assert whole(engine, found.head).head == head == Head(found.events + 1, head.hash)
        with pytest.raises(DBAPIError, match="is never"), writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM audit_event")


def test_a_chain_is_restored_in_its_order_wherever_its_rows_stand(
    registry: Registry, vault: Vault, target_url: str
) -> None:
    populate(registry)
    look(registry, "salon:kuutamo-17", "salon:mother")
    vault.erase(registry, "salon:kuutamo-17")
    with writing(registry.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
            connection.exec_driver_sql("UPDATE audit_event SET actor = actor WHERE id = 1")
            connection.exec_driver_sql("ALTER TABLE audit_event ENABLE TRIGGER USER")
    vault.back_up(registry)
    vault.restore(target_url, registry)
    with opened(target_url) as engine:
        whole(engine)


def test_an_erasure_done_again_stands_under_the_id_that_the_chain_names(
    registry: Registry, vault: Vault, target_url: str
) -> None:
    populate(registry)
    look(registry, "salon:kuutamo-17", "salon:mother", "salon:other")
    vault.back_up(registry)
    vault.erase(registry, "salon:other")
    with writing(registry.engine) as connection:
        tombstones.write(connection, "request", registry.clock, (), stone=40)
    erase(registry, "salon:kuutamo-17")
    with writing(registry.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tombstone WHERE id = 40")  # a number that was never given here
    vault.tell(registry)
    vault.restore(target_url, registry)
    with opened(target_url) as engine:
        assert whole(engine).emptied == Emptied(2, 2, 0, 0)
        with writing(engine) as connection:
            assert [stone.id for stone in tombstones.every(connection)] == [1, 41]
            assert [tombstones.write(connection, "request", START, (), stone=stone) for stone in (41, 42)] == [42, 43]
