"""Requests of people in the store, on both databases: order, steps, tasks, and who the person is now."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from store import requests
from store.engine import reading, writing
from store.health import facts
from store.requests import Step
from tests.sync.engine import START, Registry

TYPE, STATUS = "access", "dpv:RequestInitiated"


@pytest.fixture
def people(registry: Registry) -> Registry:
    """One person with two records that are two customers yet, and another one."""
    registry.land("salon", {"one": {"first_name": "Maija", "last_name": "Malli", "phone": "+358400000101"}})
    registry.land("school", {"one": {"first_name": "Maija", "last_name": "Malli", "email": "maija@example.com"}})
    registry.land("school", {"two": {"first_name": "Aino", "last_name": "Toinen", "email": "aino@example.com"}})
    registry.reconcile()
    return registry


def asked(registry: Registry, record: str, due: date = date(2026, 2, 2), **values: Any) -> int:
    """A request of the customer who has this record; its id."""
    source, _, external_id = record.partition(":")
    with writing(registry.engine) as connection:
        row = {
            "type": TYPE,
            "customer_id": registry.customer_of(record),
            "anchor_record_id": registry.id_of(connection, source, external_id),
            "received_on": date(2026, 1, 2),
            "channel": "email",
            "opened_at": START,
            "opened_by": "tester",
            "due_on": due,
            "status": STATUS,
        }
        return requests.add(connection, row | values)


def person(registry: Registry, request_id: int) -> str | None:
    with reading(registry.engine) as connection:
        return requests.customer_of(connection, request(connection, request_id))


def request(connection: Connection, request_id: int) -> requests.Request:
    found = requests.get(connection, request_id)
    assert found is not None
    return found


def test_what_is_due_soonest_comes_first_and_what_is_closed_last(people: Registry) -> None:
    late = asked(people, "salon:one", date(2026, 3, 2))
    closed = asked(people, "salon:one", date(2026, 1, 2), closed_at=START)
    soon = asked(people, "school:two", date(2026, 2, 2))
    with reading(people.engine) as connection:
        assert [one.id for one in requests.every(connection)] == [soon, late]
        assert [one.id for one in requests.every(connection, closed=True)] == [soon, late, closed]
        assert requests.get(connection, 99) is None
        found = facts(connection)
    assert sorted(found.due) == [date(2026, 2, 2), date(2026, 3, 2)]
    assert [found.overdue(day) for day in (date(2026, 2, 2), date(2026, 2, 3), date(2026, 3, 3))] == [0, 1, 2]


def test_a_step_changes_the_request_and_is_kept(people: Registry) -> None:
    id_ = asked(people, "salon:one")
    step = Step(START + timedelta(hours=1), "tester", "extend", "dpv:RequestActionDelayed", {"due_at": "2026-04-02"})
    with writing(people.engine) as connection:
        requests.take(connection, id_, step, {"due_on": date(2026, 4, 2)})
        requests.take(connection, id_, Step(START + timedelta(hours=2), "other", "note", STATUS, {}))
    with reading(people.engine) as connection:
        found = request(connection, id_)
        assert (found.due_on, found.status, found.opened_at) == (date(2026, 4, 2), STATUS, START)
        assert requests.steps(connection, id_)[0] == step
        assert [one.what for one in requests.steps(connection, id_)] == ["extend", "note"]


def test_a_task_waits_once_and_is_done_once(people: Registry) -> None:
    id_, other = asked(people, "salon:one"), asked(people, "school:two")
    todo = [("Firm", "correct phones"), ("Firm", "correct phones"), ("Other firm", "correct phones")]
    with writing(people.engine) as connection:
        requests.add_tasks(connection, id_, todo, START)
        requests.add_tasks(connection, id_, todo, START)
        first, second = requests.tasks(connection, id_)
        assert not requests.finish(connection, other, first.id, START, "tester", "a mail")
        assert requests.finish(connection, id_, first.id, START, "tester", "a mail")
        assert not requests.finish(connection, id_, first.id, START, "tester", "another mail")
        requests.add_tasks(connection, id_, todo[:1], START)  # it has to be done again
    with reading(people.engine) as connection:
        done, waiting, again = requests.tasks(connection, id_)
        assert requests.tasks(connection, other) == []
    assert (done.party, done.what, done.done_by, done.proof, done.done_at) == (
        "Firm", "correct phones", "tester", "a mail", START,
    )  # fmt: skip
    assert (waiting.id, waiting.done_at) == (second.id, None)
    assert (again.party, again.done_at) == ("Firm", None)


def test_a_request_follows_its_person_through_merges_and_splits(people: Registry) -> None:
    mine, other = asked(people, "school:one"), asked(people, "school:two")
    before = people.customer_of("school:one")
    people.decide("same", "salon:one", "school:one")
    together = people.customer_of("salon:one")
    assert person(people, mine) == together != before
    people.split(together, "school:one")
    assert person(people, mine) == people.customer_of("school:one") != people.customer_of("salon:one")
    assert person(people, other) == people.customer_of("school:two")
    with reading(people.engine) as connection:
        found = {id_: requests.of_customer(connection, id_) for id_ in people.customers()}
    assert {id_: [one.id for one in each] for id_, each in found.items()} == {
        people.customer_of("school:one"): [mine],
        people.customer_of("school:two"): [other],
        people.customer_of("salon:one"): [],
    }


def test_where_the_record_is_gone_the_id_leads_on(people: Registry) -> None:
    mine = asked(people, "school:one")
    people.decide("same", "salon:one", "school:one")
    people.vanish("school", "one")
    people.reconcile()
    assert person(people, mine) == people.customer_of("salon:one")
    with reading(people.engine) as connection:
        assert [one.id for one in requests.of_customer(connection, people.customer_of("salon:one"))] == [mine]
    people.vanish("salon", "one")
    people.reconcile()
    assert person(people, mine) is None


def test_the_handlers_of_a_customers_records_are_named_once(people: Registry) -> None:
    people.decide("same", "salon:one", "school:one")
    customer = people.customer_of("salon:one")
    with reading(people.engine) as connection:
        assert requests.handlers(connection, customer) == ["Thinkific Labs Inc."]
        assert requests.handlers(connection, "nobody") == []
        assert requests.names(connection, [customer, "nobody"]) == {customer: "Maija Malli"}


def test_times_come_back_aware(people: Registry) -> None:
    id_ = asked(people, "salon:one", identified_at=START)
    with reading(people.engine) as connection:
        found = request(connection, id_)
    assert isinstance(found.identified_at, datetime) and found.identified_at.tzinfo is not None
    assert type(found.received_on) is date
