"""The audit trail as a hash chain."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from store import audit
from store.chain import ORIGIN, digest_of, hash_of
from store.engine import writing
from store.tables import AuditEvent, AuditPayload, table
from tests.sync.engine import Registry

_event, _payload = table(AuditEvent), table(AuditPayload)


def _noted(registry: Registry, number: int = 3) -> None:
    with writing(registry.engine) as connection:
        for each in range(number):
            audit.note(connection, registry.clock, "tester", "customers.show", "service", customer_id=f"c{each}")


def test_each_event_is_linked_to_the_one_before(registry: Registry) -> None:
    _noted(registry)
    with writing(registry.engine) as connection:
        events = connection.execute(select(_event).order_by(_event.c.id)).all()
        payloads = {row.event_id: row for row in connection.execute(select(_payload)).all()}
    assert [row.id for row in events] == [1, 2, 3]
    before = ORIGIN
    for row in events:
        salted = payloads[row.id]
        assert row.digest == digest_of(salted.salt, salted.customer_id, salted.detail)
        assert row.hash == hash_of(row.id, row.at, row.actor, row.action, row.purpose, row.digest, before)
        before = row.hash
    assert len({row.salt for row in payloads.values()}) == 3


@pytest.mark.parametrize(
    "statement",
    [
        update(_event).where(_event.c.id == 2).values(actor="somebody else"),
        delete(_event).where(_event.c.id == 2),
        update(_payload).where(_payload.c.event_id == 2).values(customer_id="c9"),
    ],
)
def test_the_database_refuses_to_change_what_was_noted(registry: Registry, statement: object) -> None:
    _noted(registry)
    with pytest.raises(DBAPIError, match="is never"), writing(registry.engine) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def test_postgresql_refuses_to_empty_the_table_at_once(registry: Registry) -> None:
    if registry.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    _noted(registry)
    with pytest.raises(DBAPIError, match="is never"), writing(registry.engine) as connection:
        connection.execute(text("TRUNCATE audit_event CASCADE"))


def test_what_is_emptied_is_named_by_an_event_that_stays(registry: Registry) -> None:
    _noted(registry, 5)
    with writing(registry.engine) as connection:
        assert audit.empty(connection, [1, 2, 4, 99], registry.clock, "tester", "register_upkeep") == 3
        assert audit.empty(connection, [6], registry.clock, "tester", "register_upkeep") == 0
        left = connection.execute(select(_payload.c.event_id, _payload.c.detail).order_by(_payload.c.event_id)).all()
        assert audit.newest(connection) == 6
    assert [tuple(row) for row in left] == [(3, "{}"), (5, "{}"), (6, '{"events": "1-2,4", "number": 3}')]
