"""Whom the controller must tell of data from others, by when; over merges, splits, messages and disclosures."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from config.place import HELSINKI
from privacy import duedate, indirect
from privacy.errors import NotPossibleError
from privacy.indirect import EXEMPT, TO_TELL, TOLD, UNKNOWN, Person
from privacy.requests import By
from store import indirect as stored
from store.engine import reading, writing
from store.health import facts
from store.indirect import Untold
from store.tables import ContactEvent, Disclosure, DisclosureRecord, Recipient, table
from tests.privacy.outsiders import arrive
from tests.sync.engine import START, Registry

MAIJA = {"first_name": "Maija", "last_name": "Malli", "phone": "+358405550001"}
AINO = {"first_name": "Aino", "last_name": "Toinen", "email": "aino@example.com"}
EERO = {"first_name": "Eero", "last_name": "Kolmas", "email": "eero@example.com"}
TODAY = date(2026, 1, 20)


@pytest.fixture
def people(registry: Registry) -> Registry:
    """Maija, of the salon and from a third party; Aino, from the third party alone; Eero, of the salon alone."""
    registry.land("salon", {"maija": MAIJA, "eero": EERO})
    arrive(registry, {"maija": MAIJA, "aino": AINO})
    return registry


def by(registry: Registry) -> By:
    return By("tester", registry.act().now)


def found(registry: Registry) -> dict[str, Person]:
    """Everybody with data from others, by the first of the records that count."""
    with reading(registry.engine) as connection:
        return {one.records[0]: one for one in indirect.people(connection)}


def waiting(registry: Registry, today: date) -> int:
    """As `/health` counts: people who should have been told by now."""
    with reading(registry.engine) as connection:
        return indirect.overdue(facts(connection).untold, today)


def tell(registry: Registry, who: str) -> tuple[str, int]:
    with writing(registry.engine) as connection:
        return indirect.tell(connection, who, TODAY, "by letter", by(registry))


def test_whoever_came_from_a_third_party_is_told_within_a_month(people: Registry) -> None:
    all_ = found(people)
    assert all_.keys() == {"reseller:maija", "reseller:aino"}, "Eero came himself"
    aino = all_["reseller:aino"]
    day = START.astimezone(HELSINKI).date()
    assert (aino.state, aino.since, aino.due_on) == (TO_TELL, day, duedate.due(day))
    assert aino.parties == ("Muu ulkoinen tietolähde",)
    assert [waiting(people, duedate.due(day) + timedelta(days=step)) for step in (0, 1)] == [0, 2]


def test_who_was_told_waits_no_more_and_is_told_once(people: Registry) -> None:
    assert tell(people, "salon:maija") == (people.customer_of("salon:maija"), 1), "known by any record of hers"
    assert found(people)["reseller:maija"].state == TOLD
    assert waiting(people, date(2027, 1, 1)) == 1
    with pytest.raises(NotPossibleError, match=r"written down already, since 1\.1\.2026"):
        tell(people, "reseller:maija")
    with pytest.raises(NotPossibleError, match=r"nothing of customer .* came from others"):
        tell(people, "salon:eero")
    with pytest.raises(NotPossibleError, match="no customer or record"):
        tell(people, "salon:nobody")


def test_who_need_not_be_told_has_a_letter_and_a_reason(people: Registry) -> None:
    with writing(people.engine) as connection:
        indirect.exempt(connection, "reseller:aino", "a", "the partner told her", by(people))
    aino = found(people)["reseller:aino"]
    assert aino.told is not None
    assert (aino.state, aino.told.exemption, aino.told.method) == (EXEMPT, "a", "the partner told her")
    assert waiting(people, date(2027, 1, 1)) == 1


def test_what_is_told_hangs_on_the_record_over_a_merge_and_a_split(people: Registry) -> None:
    tell(people, "reseller:aino")
    people.decide("same", "reseller:aino", "salon:eero")
    people.decide("same", "reseller:maija", "salon:eero")
    (one,) = found(people).values()
    assert (one.state, one.records) == (TO_TELL, ("reseller:maija",)), "of Maija's data the person was not told"
    assert waiting(people, date(2027, 1, 1)) == 1
    people.split(people.customer_of("salon:eero"), "reseller:aino")
    states = {record: one.state for record, one in found(people).items()}
    assert states == {"reseller:aino": TOLD, "reseller:maija": TO_TELL}


def test_of_whom_nobody_knows_where_they_came_from_no_clock_runs(people: Registry) -> None:
    arrive(people, {"new": {"first_name": "Uusi", "email": "uusi@example.com"}}, collected_from="unknown")
    new = found(people)["reseller:new"]
    assert (new.state, new.due_on) == (UNKNOWN, None)
    assert waiting(people, date(2027, 1, 1)) == 2
    tell(people, "reseller:new")
    assert found(people)["reseller:new"].state == TOLD


def contact(registry: Registry, record: str, at: datetime, direction: str) -> None:
    source, _, external_id = record.partition(":")
    with writing(registry.engine) as connection:
        values: dict[str, Any] = {
            "record_id": registry.id_of(connection, source, external_id),
            "customer_id": registry.customer_of(record),
            "channel": "email",
            "direction": direction,
            "at": at,
            "purpose": "service",
            "summary": "a message",
            "recorded_at": at,
            "recorded_by": "tester",
        }
        connection.execute(insert(table(ContactEvent)).values(values))


def test_the_first_message_since_is_the_last_moment(people: Registry) -> None:
    contact(people, "salon:maija", START - timedelta(days=9), "out")
    contact(people, "salon:maija", START + timedelta(days=2), "in")
    assert found(people)["reseller:maija"].used_on is None, "before it came, and what she wrote herself, is no use"
    for days in (6, 4):
        contact(people, "salon:maija", START + timedelta(days=days), "out")
    maija, day = found(people)["reseller:maija"], (START + timedelta(days=4)).date()
    assert (maija.used_on, maija.due_on) == (day, day)
    assert [waiting(people, day + timedelta(days=step)) for step in (0, 1)] == [0, 1]


def test_the_first_disclosure_is_the_last_moment(people: Registry) -> None:
    at = START + timedelta(days=3)
    with writing(people.engine) as connection:
        to = {"name": "Example Oy", "kind": "partner", "country": "FI", "purposes": "[]", "approved_at": at,
              "approved_by": "tester", "reason": "a contract"}  # fmt: skip
        recipient = connection.execute(
            insert(table(Recipient))
            .values(business_id="unknown", safeguard="none", **to)
            .returning(table(Recipient).c.id)
        ).scalar_one()
        values = {"at": at, "actor": "tester", "recipient_id": recipient, "recipient": "Example Oy", "kind": "partner",
                  "country": "FI", "purpose": "service", "basis": "eu-gdpr:A6-1-f", "fields": "[]", "format": "csv",
                  "file_sha256": "0", "people": 1, "dropped": "{}"}  # fmt: skip
        id_ = connection.execute(
            insert(table(Disclosure)).values(values).returning(table(Disclosure).c.id)
        ).scalar_one()
        record = people.id_of(connection, "reseller", "aino")
        connection.execute(insert(table(DisclosureRecord)).values(disclosure_id=id_, record_id=record))
    assert found(people)["reseller:aino"].due_on == at.date()
    assert [waiting(people, at.date() + timedelta(days=step)) for step in (0, 1)] == [0, 1]


def test_where_everybody_came_themselves_nobody_is_gone_through(registry: Registry) -> None:
    registry.land("salon", {"eero": EERO})
    registry.reconcile()
    with reading(registry.engine) as connection:
        assert stored.untold(connection) == ()


@pytest.mark.parametrize(
    ("obtained", "last"), [(date(2026, 11, 24), date(2026, 12, 28)), (date(2027, 1, 31), date(2027, 3, 1))]
)
def test_the_month_ends_as_that_of_a_request(obtained: date, last: date) -> None:
    """24 December is no working day and 31 January has no namesake in February, of which the 28th is a Sunday."""
    since = datetime(obtained.year, obtained.month, obtained.day, 12, tzinfo=HELSINKI)
    assert indirect.due_on(since, None, None) == last
    untold = (Untold(since, None, None, 3),)
    assert [indirect.overdue(untold, last + timedelta(days=step)) for step in (0, 1)] == [0, 3]
