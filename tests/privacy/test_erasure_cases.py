"""Cases and contacts when their person goes: nobody is left in them, and an open claim keeps what it needs."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from privacy.holding import Activity, held_by_claims
from privacy.overdue import review
from privacy.retention import day_of
from store import retention
from store.engine import reading, writing
from store.erasing import space
from store.tables import CaseFile, ContactEvent, HeldRecord, table
from sync.erasing import erase_and_reconcile
from tests.privacy.erasing import DIGESTS, EMAIL, FIRST, LAST, VALUES, erase, populate, speak_of
from tests.privacy.searching import forms, in_files, in_tables
from tests.sync.engine import START, Registry

WANTED = forms(*VALUES)
HERS = "salon:kuutamo-17"
MATTER = "massage of 2.3. hurt, wants 60 euros"


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry in which every table tells something of the person."""
    populate(registry)
    speak_of(registry)
    return registry


def case(registry: Registry, record: str, subject: str, **fields: Any) -> int:
    given: dict[str, Any] = {
        "type": "claim", "channel": "letter", "received_on": date(2026, 1, 2), "subject": subject, "state": "open",
        "hold": True, "opened_at": START, "opened_by": "tester",
    }  # fmt: skip
    return write(registry, CaseFile, record, given | fields)


def contact(registry: Registry, record: str, summary: str, **fields: Any) -> int:
    given = {
        "channel": "phone", "direction": "in", "at": START, "purpose": "feedback", "summary": summary,
        "recorded_at": START, "recorded_by": "tester",
    }  # fmt: skip
    return write(registry, ContactEvent, record, given | fields)


def write(registry: Registry, model: Any, record: str, values: dict[str, Any]) -> int:
    of = table(model)
    with writing(registry.engine) as connection:
        mine = registry.id_of(connection, *record.split(":")), registry.customer_of(record)
        given = values | dict(zip(("record_id", "customer_id"), mine, strict=True))
        return int(connection.execute(insert(of).values(given).returning(of.c.id)).scalar_one())


def rows(registry: Registry, model: Any) -> list[Any]:
    with reading(registry.engine) as connection:
        return list(connection.execute(select(table(model)).order_by(table(model).c.id)).all())


def test_nothing_of_the_person_is_left_in_cases_and_contacts_in_any_byte(full: Registry, tmp_path: Path) -> None:
    told = f"{FIRST} {LAST}, 040 198 7654, {EMAIL}, {LAST}n lasku varaus-kuutamo: {MATTER}"
    case(full, HERS, told, answer=f"wrote to {FIRST.upper()}, {FIRST}lle", reopen_reason=LAST, outcome=EMAIL)
    case(full, "school:kuutamo-koulu", f"{FIRST} is glad", type="feedback", hold=False)
    case(full, "salon:mother", f"brought {FIRST} {LAST} along", hold=False)
    contact(full, HERS, f"{FIRST} called", case_id=1)
    contact(full, "salon:mother", f"asked for {EMAIL}", case_id=3)
    assert in_tables(full.engine, WANTED).keys() >= {"case_file", "contact_event"}
    done = erase(full, HERS)
    assert space.clean(full.engine)
    assert in_tables(full.engine, WANTED) == {}
    assert in_files(tmp_path, WANTED) == {}
    assert (done.counts["case_file"], done.counts["contact_event"]) == (3, 2)
    claim, praise, mothers = rows(full, CaseFile)
    assert claim.subject.endswith(f": {MATTER}"), "what it is about is needed"
    assert (praise.subject, praise.type, praise.state) == ("[erased]", "feedback", "open")
    assert [row.record_id is None and row.customer_id is None for row in (claim, praise, mothers)] == [
        True,
        True,
        False,
    ]
    assert [(row.summary, row.case_id) for row in rows(full, ContactEvent)] == [("asked for […]", 3)]
    assert mothers.subject == "brought […] along", "it is the mother's"


def test_an_open_claim_keeps_itself_and_what_was_done_without_the_person(full: Registry) -> None:
    id_ = case(full, HERS, MATTER)
    done = erase(full, HERS)
    assert [(one.category, one.basis, one.until, one.kind) for one in done.held] == [
        ("claims", f"claim: case {id_}", None, "case"), ("claims", f"claim: case {id_}", None, "booking"),
        ("claims", f"claim: case {id_}", None, "booking"),
    ]  # fmt: skip
    kept = [json.loads(row.payload) for row in rows(full, HeldRecord)]
    assert all(payload["cases"] == [id_] for payload in kept)
    assert {name for payload in kept for name in payload} <= {"cases", "state", "service", "starts_at", "created_at"}
    assert rows(full, CaseFile)[0].subject == MATTER


@pytest.mark.parametrize("fields", [{"hold": False}, {"state": "closed"}])
def test_a_case_that_holds_nothing_back_keeps_nothing(full: Registry, fields: dict[str, Any]) -> None:
    case(full, HERS, MATTER, answer="paid", **fields)
    case(full, "salon:mother", MATTER)
    assert erase(full, HERS).held == ()
    mine, mothers = rows(full, CaseFile)
    assert (mine.subject, mine.answer, mine.outcome) == ("[erased]", "[erased]", None)
    assert mothers.subject == MATTER


def over(registry: Registry) -> list[int]:
    with reading(registry.engine) as connection:
        return [item.id for item in review(connection, day_of(registry.clock))["held"].over]


def state(registry: Registry, ids: Iterable[int], state: str) -> None:
    of = table(CaseFile)
    with writing(registry.engine) as connection:
        connection.execute(of.update().where(of.c.id.in_(list(ids))).values(state=state))


def test_once_every_claim_is_closed_what_was_held_is_over_and_goes_with_what_was_written(full: Registry) -> None:
    first, second = case(full, HERS, MATTER), case(full, HERS, "another")
    erase(full, HERS)
    held = {row.id: json.loads(row.payload)["cases"] for row in rows(full, HeldRecord)}
    assert sorted(held.values()) == [[first], [first, second], [first, second], [second]]
    assert over(full) == []
    state(full, [first], "closed")
    assert over(full) == [id_ for id_, claims in held.items() if claims == [first]]
    state(full, [second], "answered")
    assert len(over(full)) == 1, "an answered claim is not over yet"
    state(full, [second], "closed")
    assert sorted(over(full)) == sorted(held)
    state(full, [first], "open")
    assert len(over(full)) == 1, "a claim that is open again holds again"
    with writing(full.engine) as connection:
        retention.drop_held(connection, over(full))
    assert [row.subject for row in rows(full, CaseFile)] == [MATTER, "[erased]"]


def test_of_somebody_who_stays_cases_and_contacts_pass_to_a_record_that_stays(full: Registry) -> None:
    case(full, "school:kuutamo-koulu", MATTER)
    contact(full, "school:kuutamo-koulu", "called")
    with writing(full.engine) as connection:
        school = full.id_of(connection, "school", "kuutamo-koulu")
        salon = full.id_of(connection, "salon", "kuutamo-17")
    with writing(full.engine) as connection:
        done = erase_and_reconcile(
            connection, [school], basis="vanished", pseudonyms=DIGESTS, rules=full.rules, act=full.act()
        )
    assert done.held == ()
    assert [(row.record_id, row.subject) for row in rows(full, CaseFile)] == [(salon, MATTER)]
    assert [(row.record_id, row.summary) for row in rows(full, ContactEvent)] == [(salon, "called")]
    assert len(erase(full, HERS).held) == 3, "and the claim holds when she goes altogether"


def test_what_hangs_on_a_record_that_vanished_goes_with_the_person(full: Registry) -> None:
    case(full, "school:kuutamo-koulu", f"{FIRST} is cross")
    contact(full, "school:kuutamo-koulu", f"{FIRST} called")
    full.land("school", {"kuutamo-koulu": {"name": "Nobody Known"}})
    full.vanish("school", "kuutamo-koulu")
    full.reconcile()
    erase(full, HERS)
    assert [(row.record_id, row.subject) for row in rows(full, CaseFile)] == [(None, "[…] is cross")]
    assert rows(full, ContactEvent) == []


def test_claims_keep_rows_narrowed_and_none_without_a_claim() -> None:
    payload = {"service": "Hieronta", "client_name": "Aino Malli", "client_phone": "+358400000501", "price_cents": 6000}
    rows = [Activity("booking", "salon", payload, START)]
    assert list(held_by_claims(rows, [], "register")) == []
    kept = list(held_by_claims(rows, [3, 5], "register"))
    assert [(one.kind, one.basis, one.source) for one in kept] == [
        ("case", "claim: case 3", "register"), ("case", "claim: case 5", "register"),
        ("booking", "claim: case 3, 5", "salon"),
    ]  # fmt: skip
    assert kept[-1].payload == {"cases": [3, 5], "service": "Hieronta", "price_cents": 6000}
