"""Whose it is what hangs on a record, where records are joined, taken apart and removed; on both databases."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from store import cases, contacts, direct_marketing, hanging, requests
from store.direct_marketing import Move
from store.engine import reading, writing
from store.tables import CaseFile, ContactEvent, table
from tests.store.test_requests import asked
from tests.sync.engine import START, Registry

HERS, HIS = "school:9", "salon:1"
EMAIL = "aino@example.com"


def person(email: str = EMAIL, **fields: Any) -> dict[str, Any]:
    return {"first_name": "Aino", "last_name": "Malli", "email": email} | fields


@pytest.fixture
def together(registry: Registry) -> Registry:
    """Two records that were taken for one person from the beginning, and a namesake."""
    registry.land("salon", {"1": person(), "2": person("other@example.com")})
    registry.land("school", {"9": person()})
    registry.reconcile()
    assert registry.customer_of(HERS) == registry.customer_of(HIS)
    return registry


def hang(registry: Registry, record: str) -> None:
    """Something of each kind."""
    customer = registry.customer_of(record)
    with writing(registry.engine) as connection:
        id_ = registry.id_of(connection, *record.split(":"))
        named = {"record_id": id_, "customer_id": customer}
        case = {
            "type": "claim", "channel": "letter", "received_on": date(2026, 1, 2), "subject": "x", "state": "open",
            "hold": True, "opened_at": START, "opened_by": "tester",
        }  # fmt: skip
        contact = {
            "channel": "phone", "direction": "in", "at": START, "purpose": "feedback", "summary": "x",
            "recorded_at": START, "recorded_by": "tester",
        }  # fmt: skip
        connection.execute(insert(table(CaseFile)).values(case | named))
        connection.execute(insert(table(ContactEvent)).values(contact | named))
        direct_marketing.enter(connection, id_, Move(date(2026, 1, 1), "moved away", None, "tester", START))
    asked(registry, record)


def held(registry: Registry, customer: str) -> set[str]:
    """The kinds of what hangs on a customer."""
    with reading(registry.engine) as connection:
        found = {
            "case": cases.of_customer(connection, customer),
            "contact": contacts.of_customer(connection, customer),
            "request": requests.of_customer(connection, customer),
            "entry": direct_marketing.of_customer(connection, customer),
        }
    return {kind for kind, rows in found.items() if rows}


ALL = {"case", "contact", "request", "entry"}


def test_after_a_split_what_hangs_on_a_record_that_is_removed_is_nobodys(together: Registry) -> None:
    hang(together, HERS)
    together.split(together.customer_of(HIS), HERS)
    assert (held(together, together.customer_of(HERS)), held(together, together.customer_of(HIS))) == (ALL, set())
    hers = together.customer_of(HERS)
    together.vanish("school", "9")
    together.reconcile()
    assert held(together, together.customer_of(HIS)) == set()
    with reading(together.engine) as connection:
        request = requests.every(connection)[0]
        assert requests.customer_of(connection, request) is None
        assert requests.known_as(connection, request) == hers != request.customer_id
        record = together.id_of(connection, "school", "9")
        assert requests.records_of(connection, request) == [record]
        assert hanging.whose(connection, [record]) == {}
        assert hanging.customers_of(connection, cases.cases(connection)) == {}
    together.land("school", {"9": person()})
    together.reconcile()
    assert held(together, together.customer_of(HERS)) == ALL, "it comes back with its record"


@pytest.mark.parametrize(("gone", "stays"), [(HERS, HIS), (HIS, HERS)])
def test_what_left_as_the_same_customer_stays_with_who_stays(together: Registry, gone: str, stays: str) -> None:
    hang(together, gone)
    together.vanish(*gone.split(":"))
    together.reconcile()
    assert held(together, together.customer_of(stays)) == ALL
    with reading(together.engine) as connection:
        both = [together.id_of(connection, *record.split(":")) for record in (stays, gone)]
        assert hanging.ever_of(connection, together.customer_of(stays)) == both
    together.rebuild()
    assert held(together, together.customer_of(stays)) == ALL


def test_a_record_that_went_to_somebody_else_by_itself_leads_there(together: Registry) -> None:
    """It bore an id of its own before; without a decision, in one step, it goes from one customer to another."""
    together.land("school", {"9": person("third@example.com")})
    together.reconcile()
    together.land("school", {"9": person()})
    together.reconcile()
    hang(together, HERS)
    together.land("school", {"9": person("other@example.com")})
    together.reconcile()
    assert together.customer_of(HERS) == together.customer_of("salon:2")
    together.vanish("school", "9")
    together.reconcile()
    assert (held(together, together.customer_of(HIS)), held(together, together.customer_of("salon:2"))) == (set(), ALL)


def test_of_a_customer_who_left_as_a_whole_all_records_are_known(together: Registry) -> None:
    hang(together, HIS)
    together.vanish("salon", "1")
    together.reconcile()
    together.vanish("school", "9")
    together.reconcile()
    with reading(together.engine) as connection:
        request = requests.every(connection)[0]
        both = [together.id_of(connection, *record.split(":")) for record in (HIS, HERS)]
        assert requests.customer_of(connection, request) is None
        assert requests.records_of(connection, request) == both
