"""The audit trail as a hash chain."""

import json
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from privacy.chain import judge
from store import audit
from store.bulk import insert_rows, moment
from store.chain import ERASED, ORIGIN, RETIRED, Cause, digest_of, hash_of
from store.engine import reading, writing
from store.tables import AuditEvent, AuditPayload, table
from tests.sync.engine import START, Registry
from tests.tree import ROOT

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


@given(
    st.lists(st.text(st.characters(codec="utf-8")), min_size=5, max_size=5),
    st.none() | st.text(st.characters(codec="utf-8")),
)
def test_the_form_is_the_one_of_the_contract(texts: list[str], person: str | None) -> None:
    """Held to what docs/contract.md says, so that a chain can be checked by others."""

    def digest(before: str, value: list[object]) -> str:
        return sha256((before + json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()).hexdigest()

    actor, action, purpose, salt, detail = texts
    assert digest_of(salt, person, detail) == digest(salt, [person, detail])
    event = [7, "2026-01-01T09:00:00.000000+00:00", actor, action, purpose, "d", "b"]
    assert hash_of(7, START, actor, action, purpose, "d", "b") == digest("", event)


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


@pytest.mark.parametrize("id_", [-1, 0, 1, 2, 3, 5, 99])
@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE"])
def test_the_database_takes_an_event_at_the_end_alone(registry: Registry, verb: str, id_: int) -> None:
    """SQLite's REPLACE deletes what is there, and no trigger of a deletion hears of it."""
    if verb != "INSERT" and registry.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL knows no REPLACE")
    _noted(registry)
    columns = f"{id_}, at, 'nobody', action, purpose, digest, hash"
    copied = text(f"{verb} INTO audit_event SELECT {columns} FROM audit_event WHERE id = 2")
    with pytest.raises(DBAPIError, match="at its end alone"), writing(registry.engine) as connection:
        connection.execute(copied)


def test_the_database_takes_no_second_payload_of_an_event(registry: Registry) -> None:
    verb = "INSERT" if registry.engine.dialect.name == "postgresql" else "INSERT OR REPLACE"
    _noted(registry)
    for statement in ("(2, 's', NULL, '{}')", "(4, 's', NULL, '{}'), (4, 's', NULL, '{}')"):
        with pytest.raises(DBAPIError, match="is never changed"), writing(registry.engine) as connection:
            connection.execute(text(f"{verb} INTO audit_payload VALUES {statement}"))


def test_many_events_at_once_are_taken_where_they_go_on(registry: Registry) -> None:
    """As a restore brings them."""
    _noted(registry)
    with writing(registry.engine) as connection:
        columns = [column.name for column in _event.c]
        found = connection.execute(select(_event).where(_event.c.id == 1)).one()
        many = [(id_, moment(connection, found.at), *found[2:]) for id_ in range(4, 1_000)]
        insert_rows(connection, _event, columns, many)
        assert audit.newest(connection) == 999


def test_postgresql_refuses_to_empty_the_table_at_once(registry: Registry) -> None:
    if registry.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    _noted(registry)
    with pytest.raises(DBAPIError, match="is never"), writing(registry.engine) as connection:
        connection.execute(text("TRUNCATE audit_event CASCADE"))


def test_what_is_emptied_is_named_by_an_event_that_stays(registry: Registry) -> None:
    _noted(registry, 5)
    with writing(registry.engine) as connection:
        now, run = registry.clock, Cause(RETIRED, 8)
        assert audit.empty(connection, [1, 2, 4, 99], now, "tester", "register_upkeep", cause=run) == 3
        assert audit.empty(connection, [6], now, "tester", "register_upkeep", cause=run) == 0
        left = connection.execute(select(_payload.c.event_id, _payload.c.detail).order_by(_payload.c.event_id)).all()
        assert audit.newest(connection) == 6
    said = '{"events": "1-2,4", "number": 3, "retention_run": 8}'
    assert [tuple(row) for row in left] == [(3, "{}"), (5, "{}"), (6, said)]


NOTE = """
import sys
from datetime import UTC, datetime
from store import audit
from store.engine import make_engine, writing
engine = make_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
other, number = False, 0
while number < 100 or not other:
    with writing(engine) as connection:
        other = other or any(row.actor == sys.argv[3] for row in audit.trail(connection, limit=1))
        audit.note(connection, datetime.now(UTC), sys.argv[2], "customers.show", "service", detail={"number": number})
    number += 1
print(number)
engine.dispose()
"""


def test_two_processes_that_note_at_once_make_one_chain_without_a_gap(registry: Registry) -> None:
    url = registry.engine.url.render_as_string(hide_password=False)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    both = [
        subprocess.Popen([sys.executable, "-c", NOTE, url, actor, peer], **pipes)
        for actor, peer in (("one", "other"), ("other", "one"))
    ]
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    noted = [int(process.communicate(timeout=60)[0]) for process in both]
    with reading(registry.engine) as connection:
        assert judge(audit.links(connection), {}).broken is None
        actors = [row.actor for row in audit.trail(connection)]
    assert [actors.count(actor) for actor in ("one", "other")] == noted


def test_the_trail_is_told_by_actor_and_time_the_last_so_many(registry: Registry) -> None:
    _noted(registry, 2)
    later = registry.clock + timedelta(minutes=5)
    with writing(registry.engine) as connection:
        audit.note(connection, later, "other", "backup", "register_upkeep", detail={"rows": 3})
        audit.empty(connection, [1], later, "other", "register_upkeep", cause=Cause(ERASED, 1))

        def told(**wanted: Any) -> list[int]:
            return [row.id for row in audit.trail(connection, **wanted)]

        assert (told(), told(actor="tester"), told(actor="nobody")) == ([1, 2, 3, 4], [1, 2], [])
        assert (told(since=later), told(limit=2), told(actor="tester", limit=1)) == ([3, 4], [3, 4], [2])
        first, second, *_ = audit.trail(connection)
    assert (first.customer_id, first.detail, second.customer_id, second.detail) == (None, None, "c1", "{}")
