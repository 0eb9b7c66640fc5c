"""Feedback and claims: what may follow on what, whose they are, and the line of time in which they stand."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row

from config.register import load_register
from privacy import cases, contacts
from privacy.cases import Came
from privacy.contacts import Contact, Moment, timeline
from privacy.errors import NotPossibleError
from privacy.gate import Reason
from privacy.requests import Asked, By, begin
from store.engine import reading, writing
from tests.sync.declaring import consent, declare
from tests.sync.engine import Registry

REGISTER = load_register(None)
MARKETING = "communication_and_marketing"
DAY = date(2026, 1, 1)


@pytest.fixture
def salon(registry: Registry) -> Registry:
    """Somebody of the salon and the school, and another."""
    registry.land("salon", {"1": {"first_name": "Aino", "last_name": "Malli", "email": "aino@example.com"}})
    registry.land("school", {"s1": {"first_name": "Aino", "last_name": "Malli", "email": "aino@example.com"}})
    registry.land("salon", {"2": {"first_name": "Eero", "last_name": "Muu", "email": "eero@example.com"}})
    registry.reconcile()
    return registry


def by(registry: Registry) -> By:
    act = registry.act()
    return By(act.actor, act.now)


def came(record_id: int | None = None, **fields: Any) -> Came:
    given: dict[str, Any] = {
        "type": "claim", "record_id": record_id, "customer_id": None, "brand": None, "channel": "letter",
        "received_on": DAY, "subject": "wants money back", "hold": True,
    }  # fmt: skip
    return Came(**given | fields)


def opened(registry: Registry, record: str | None = None, **fields: Any) -> int:
    """A case of whoever has this record; its id."""
    with writing(registry.engine) as connection:
        if record:
            fields |= {"customer_id": registry.customer_of(record)}
        id_ = registry.id_of(connection, *record.split(":")) if record else None
        return int(cases.begin(connection, came(id_, **fields), by(registry)).id)


def test_a_contact_is_about_a_case_of_the_same_person_or_of_nobody(salon: Registry) -> None:
    hers, nobodys = opened(salon, "salon:1"), opened(salon)
    spoke(salon, "school:s1", case_id=hers)
    spoke(salon, "salon:2", case_id=nobodys)
    with pytest.raises(NotPossibleError, match=f"case {hers} is another customer's"):
        spoke(salon, "salon:2", case_id=hers)
    with pytest.raises(NotPossibleError, match="no case 99"):
        spoke(salon, "salon:2", case_id=99)
    salon.vanish("salon", "1")
    salon.vanish("school", "s1")
    salon.reconcile()
    with pytest.raises(NotPossibleError, match="another customer's"):
        spoke(salon, "salon:2", case_id=hers)


def spoke(registry: Registry, record: str, **fields: Any) -> int:
    """A contact with whoever has this record; its id."""
    given: dict[str, Any] = {
        "channel": "phone", "direction": "in", "at": registry.clock, "brand": None, "purpose": "feedback",
        "summary": "called",
    }  # fmt: skip
    with writing(registry.engine) as connection:
        given |= {
            "record_id": registry.id_of(connection, *record.split(":")),
            "customer_id": registry.customer_of(record),
        }
        contact = Contact(**given | fields)
        return contacts.add(connection, contact, by(registry))


def line(registry: Registry, record: str) -> list[Moment]:
    with reading(registry.engine) as connection:
        return timeline(connection, registry.customer_of(record))


def kinds(registry: Registry, record: str) -> list[tuple[str, str]]:
    return [(one.kind, one.what) for one in line(registry, record)]


def test_a_case_is_answered_closed_and_reopened_and_nothing_of_it_is_lost(registry: Registry) -> None:
    id_ = opened(registry)
    with writing(registry.engine) as connection:
        for text in ("sorry", "paid"):
            answered = cases.answer(connection, id_, text, by(registry))
            closed = cases.close(connection, id_, f"ended: {text}", by(registry))
            again = cases.reopen(connection, id_, f"not so {text}", by(registry))
    assert [row.state for row in (answered, closed, again)] == ["answered", "closed", "open"]
    assert (again.answer, again.outcome) == ("sorry\npaid", "ended: sorry\nended: paid")
    assert again.reopen_reason == "not so sorry\nnot so paid"
    assert again.opened_at < again.answered_at < again.closed_at < again.reopened_at


def test_a_claim_that_nobody_answered_needs_an_outcome_and_feedback_none(registry: Registry) -> None:
    claim, praise = opened(registry), opened(registry, type="feedback", hold=False)
    with writing(registry.engine) as connection:
        with pytest.raises(NotPossibleError, match="--outcome"):
            cases.close(connection, claim, None, by(registry))
        assert cases.close(connection, claim, "withdrawn", by(registry)).state == "closed"
        assert cases.close(connection, praise, None, by(registry)).outcome is None
        answered = opened_and_answered(connection, registry)
        assert cases.close(connection, answered, None, by(registry)).state == "closed"


def opened_and_answered(connection: Connection, registry: Registry) -> int:
    id_ = int(cases.begin(connection, came(), by(registry)).id)
    cases.answer(connection, id_, "paid", by(registry))
    return id_


def test_what_its_state_does_not_allow_is_refused_with_the_way_out(registry: Registry) -> None:
    id_ = opened(registry)
    acts: list[tuple[Any, str]] = [
        (lambda connection: cases.reopen(connection, id_, "x", by(registry)), "open already"),
        (lambda connection: cases.there(connection, 99), "case list --all"),
        (lambda connection: cases.begin(connection, came(received_on=DAY + timedelta(9)), by(registry)), "to come"),
    ]
    with writing(registry.engine) as connection:
        for act, text in acts:
            with pytest.raises(NotPossibleError, match=text):
                act(connection)
        cases.answer(connection, id_, "paid", by(registry))
        with pytest.raises(NotPossibleError, match=f"case reopen {id_}"):
            cases.answer(connection, id_, "again", by(registry))
        cases.close(connection, id_, None, by(registry))
        with pytest.raises(NotPossibleError, match=f"case reopen {id_}"):
            cases.answer(connection, id_, "x", by(registry))
        with pytest.raises(NotPossibleError, match=f"case reopen {id_}"):
            cases.close(connection, id_, "x", by(registry))


def whose(registry: Registry, case: int) -> str | None:
    with reading(registry.engine) as connection:
        found: Row[Any] = cases.there(connection, case)
        return cases.customer_of(connection, found)


def test_cases_and_contacts_hang_on_records_through_merges_and_splits(salon: Registry) -> None:
    aino, eero = salon.customer_of("salon:1"), salon.customer_of("salon:2")
    first, second = opened(salon, "school:s1"), opened(salon, "salon:2")
    spoke(salon, "salon:1", summary="of the salon")
    assert (whose(salon, first), whose(salon, second), whose(salon, opened(salon))) == (aino, eero, None)
    decision = salon.decide("same", "salon:1", "salon:2")
    both = salon.customer_of("salon:1")
    assert whose(salon, first) == whose(salon, second) == both
    assert len(line(salon, "salon:2")) == 3
    salon.undo(decision)
    assert (whose(salon, first), whose(salon, second)) == (aino, eero)
    salon.split(aino, "school:s1")
    assert whose(salon, first) == salon.customer_of("school:s1") != salon.customer_of("salon:1")
    assert [kinds(salon, record) for record in ("salon:1", "school:s1", "salon:2")] == [
        [("contact", "contact")], [("case", "claim came")], [("case", "claim came")],
    ]  # fmt: skip


def test_what_hangs_on_a_record_that_left_the_registry_is_the_persons_still(salon: Registry) -> None:
    case = opened(salon, "school:s1")
    spoke(salon, "school:s1")
    salon.vanish("school", "s1")
    salon.reconcile()
    assert whose(salon, case) == salon.customer_of("salon:1")
    assert kinds(salon, "salon:1") == [("case", "claim came"), ("contact", "contact")]
    assert kinds(salon, "salon:2") == []


def test_one_line_of_time_holds_contacts_cases_requests_and_consents(salon: Registry) -> None:
    later = salon.clock + timedelta(days=1)
    spoke(salon, "school:s1", at=later, channel="letter", brand="artsport")
    case = opened(salon, "salon:1", brand="hieromo")
    with writing(salon.engine) as connection:
        cases.answer(connection, case, "paid", by(salon))
        begin(connection, Asked("access", "salon:1", DAY, "phone"), by(salon))
    consent(salon, "salon:1", "granted")
    declare(salon, "salon:1", "objection", scope="genealogy")
    assert kinds(salon, "salon:1") == [
        ("case", "claim came"), ("request", "access asked for"), ("case", "claim answered"), ("consent", "granted"),
        ("objection", "genealogy"), ("contact", "contact"),
    ]  # fmt: skip
    assert [one.brand for one in line(salon, "salon:1")] == ["hieromo", None, "hieromo", None, None, "artsport"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"purpose": MARKETING, "channel": "email", "brand": "hieromo"}, Reason.UNKNOWN),
        ({"purpose": MARKETING, "channel": "sms"}, Reason.UNKNOWN),
        ({"purpose": MARKETING, "channel": "letter"}, None),
        ({"purpose": MARKETING, "channel": "email", "direction": "in"}, None),
        ({"purpose": "customer_relationship", "channel": "email"}, None),
    ],
)
def test_marketing_by_a_channel_that_needs_consent_is_told_of(
    salon: Registry, fields: dict[str, Any], why: Reason | None
) -> None:
    assert judged(salon, **fields) == why


def judged(registry: Registry, **fields: Any) -> Reason | None:
    given: dict[str, Any] = {"direction": "out", "at": datetime.now(), "brand": None, "summary": "x"} | fields
    with reading(registry.engine) as connection:
        given |= {"record_id": registry.id_of(connection, "salon", "1"), "customer_id": registry.customer_of("salon:1")}
        return contacts.not_allowed(connection, REGISTER, Contact(**given), str)


def test_consent_objection_and_restriction_bear_on_what_is_said_of_a_contact(salon: Registry) -> None:
    consent(salon, "salon:1", "granted", brand="hieromo")
    advert = {"purpose": MARKETING, "channel": "email", "brand": "hieromo"}
    assert judged(salon, **advert) is None
    consent(salon, "salon:1", "withdrawn")
    assert judged(salon, **advert) is Reason.WITHDRAWN
    declare(salon, "salon:1", "objection", scope="direct_advertising")
    assert judged(salon, **advert | {"channel": "letter"}) is Reason.OBJECTED
    assert judged(salon, purpose="customer_relationship", channel="letter") is None
    declare(salon, "salon:1", "restriction")
    assert judged(salon, purpose="customer_relationship", channel="letter") is Reason.RESTRICTED
