"""Whose rows go: vanished records of the person and what they did, and nobody else's."""

from typing import Any

import pytest
from sqlalchemy import select

from connectors.base import Stream
from connectors.records import Booking, Kind, SourceRecord
from privacy.erasure import erase as erase_records
from store.engine import reading, writing
from store.tables import CustomerAlias, CustomerEvent, TombstoneKey, table
from store.tables import SourceRecord as Stored
from tests.privacy.erasing import DIGESTS, erase
from tests.privacy.searching import forms, in_tables
from tests.sync.declaring import consent, declare, state
from tests.sync.engine import Registry

PHONE, OTHER = "+358401112223", "+358401112224"
LIISA = {"first_name": "Liisa", "last_name": "Malli", "phone": PHONE}
"""The one who goes."""


def left(registry: Registry, kind: str = "customer") -> set[str]:
    """Source records of a kind, vanished ones too."""
    stored = table(Stored)
    with reading(registry.engine) as connection:
        rows = connection.execute(select(stored.c.source, stored.c.external_id).where(stored.c.kind == kind)).all()
    return {f"{source}:{id_}" for source, id_ in rows}


def kinds(registry: Registry) -> list[str]:
    """Kinds of the keys by which somebody is known again; with a first name once, however it may be said."""
    key = table(TombstoneKey)
    with reading(registry.engine) as connection:
        found = connection.execute(select(key.c.kind).where(key.c.kind != "shared")).scalars().all()
    named = {kind for kind in found if kind.endswith("+first")}
    return sorted([*named, *(kind for kind in found if kind not in named)])


def land(registry: Registry, **people: dict[str, Any]) -> None:
    """Records by `source_id`."""
    for name, fields in people.items():
        source, _, id_ = name.partition("_")
        registry.land(source, {id_: fields})
    registry.reconcile()


def vanish(registry: Registry, *records: str) -> None:
    for record in records:
        registry.vanish(*record.split(":"))
        registry.reconcile()


def test_a_vanished_record_goes_with_its_contact_and_first_name(registry: Registry) -> None:
    land(registry, salon_1=LIISA, school_1={"name": "Malli Liisa", "phone": PHONE}, school_2=LIISA | {"phone": OTHER})
    vanish(registry, "school:1", "school:2")
    erase(registry, "salon:1")
    assert left(registry) == {"school:2"}, "the same name alone is not the same person"


def test_a_vanished_record_that_led_to_the_customer_goes_whatever_it_says(registry: Registry) -> None:
    land(registry, salon_1=LIISA, school_1=LIISA)
    land(registry, salon_1=LIISA | {"first_name": "Elisabet", "phone": OTHER})
    registry.decide("same", "salon:1", "school:1")
    vanish(registry, "salon:1")
    erase(registry, "school:1")
    assert left(registry) == set()
    with reading(registry.engine) as connection:
        assert connection.execute(select(table(CustomerAlias))).all() == []
        assert connection.execute(select(table(CustomerEvent))).all() == []


def test_whom_a_person_decided_to_be_somebody_else_stays(registry: Registry) -> None:
    land(registry, salon_1=LIISA, school_1=LIISA)
    registry.decide("different", "salon:1", "school:1")
    vanish(registry, "school:1")
    erase(registry, "salon:1")
    assert left(registry) == {"school:1"}


def test_a_vanished_record_that_may_be_somebody_elses_who_stays_stays(registry: Registry) -> None:
    """Two namesakes on one phone, whom a person has kept apart."""
    land(registry, salon_1=LIISA, school_1=LIISA | {"last_name": "Toinen"}, reseller_1=LIISA)
    registry.decide("different", "salon:1", "school:1")
    vanish(registry, "reseller:1")
    erase(registry, "salon:1")
    assert left(registry) >= {"school:1"}
    assert registry.people() == {frozenset({"school:1"})}


@pytest.mark.parametrize("how", ["vanished", "vanished when it came", "waits"])
def test_a_record_with_a_namesakes_contact_too_goes_only_where_nobody_can_lose_it(registry: Registry, how: str) -> None:
    """Its address is the one's who goes, its phone that of a namesake who stays."""
    mail = "liisa@example.com"
    land(registry, salon_1=LIISA | {"phone": None, "email": mail}, school_1=LIISA | {"last_name": "Toinen"})
    both = {"1": LIISA | {"email": mail}}
    if how == "vanished":
        registry.decide("different", "salon:1", "school:1")
        registry.land("reseller", both)
        registry.reconcile()
        vanish(registry, "reseller:1")
    else:
        registry.land("reseller", both, deleted=["1"] if how == "vanished when it came" else ())
    erase(registry, "salon:1")
    assert left(registry) == {"school:1", *(["reseller:1"] if how == "waits" else [])}


def test_a_child_that_vanished_is_not_the_mother(registry: Registry) -> None:
    land(registry, salon_1=LIISA, salon_2=LIISA | {"first_name": "Veikko"})
    vanish(registry, "salon:2")
    erase(registry, "salon:1")
    assert left(registry) == {"salon:2"}


def test_what_has_landed_and_waits_to_be_reconciled_goes_too(registry: Registry) -> None:
    land(registry, salon_1=LIISA)
    registry.land("school", {"1": LIISA, "2": LIISA | {"first_name": "Veikko"}, "3": {"name": "Liisa", "phone": PHONE}})
    erase(registry, "salon:1")
    registry.reconcile()
    assert left(registry) == {"school:2"}
    assert kinds(registry) == ["phone+first", "record", "record", "record"]


def test_a_row_that_had_vanished_when_it_came_goes_too(registry: Registry) -> None:
    land(registry, salon_1=LIISA)
    registry.land("school", {"1": LIISA, "2": LIISA | {"first_name": "Veikko"}}, deleted=["1", "2"])
    registry.reconcile()
    erase(registry, "salon:1")
    assert left(registry) == {"school:2"}


def test_bookings_without_an_owner_go_by_contact_and_by_name(registry: Registry) -> None:
    land(registry, salon_1=LIISA, salon_2=LIISA | {"first_name": "Veikko"}, school_1=LIISA | {"phone": OTHER})
    bookings = {
        "hers": {"client_name": "L. Malli", "client_phone": OTHER},
        "of both": {"client_name": "Liisa", "client_phone": PHONE},
        "the child's": {"client_name": "Veikko", "client_phone": PHONE},
        "nobody knows": {"client_phone": PHONE},
        "a namesake's": {"client_name": "Liisa Toinen"},
        "by name": {"client_name": "Malli, Liisa"},
    }
    registry.decide("same", "salon:1", "school:1")
    for source in ("reseller",):  # where none of them is a customer
        registry.book(source, bookings)
    erase(registry, "salon:1")
    assert left(registry, "booking") == {
        "reseller:the child's", "reseller:nobody knows", "reseller:a namesake's",
    }  # fmt: skip


def test_an_activity_that_names_the_record_before_it_came_goes(registry: Registry) -> None:
    land(registry, salon_1=LIISA)
    stream = Stream(name="enrollments", kind=Kind.ENROLLMENT, activity="x")
    early = SourceRecord(external_id="e", kind=Kind.ENROLLMENT, payload=Booking(), owner_id="1")
    registry._land("salon", stream, [early])
    registry._land("school", stream, [early])
    erase(registry, "salon:1")
    assert left(registry, "enrollment") == {"school:e"}, "the school's 1 is somebody else"


def ids(registry: Registry, *records: str) -> list[int]:
    with reading(registry.engine) as connection:
        return [registry.id_of(connection, *record.split(":")) for record in records]


def erase_rows(registry: Registry, *records: str) -> tuple[int, ...]:
    found = ids(registry, *records)
    with writing(registry.engine) as connection:
        done = erase_records(connection, found, basis="vanished", now=registry.clock, pseudonyms=DIGESTS)
    return done.queued


def test_of_a_customer_who_stays_only_the_named_records_go(registry: Registry) -> None:
    land(registry, salon_1=LIISA, school_1=LIISA)
    consent(registry, "salon:1", "withdrawn")
    vanish(registry, "salon:1")
    before = registry.customer_of("school:1")
    erase_rows(registry, "salon:1")
    registry.reconcile()
    assert left(registry) == {"school:1"}
    assert registry.customer_of("school:1") == before
    assert kinds(registry) == ["record"], "a contact would keep out who is here"
    assert state(registry, "school:1") == "withdrawn"


def test_of_a_person_who_vanished_everywhere_contacts_are_known_again(registry: Registry) -> None:
    land(registry, salon_1=LIISA, salon_2=LIISA | {"first_name": "Veikko"})
    vanish(registry, "salon:1")
    erase_rows(registry, "salon:1")
    assert kinds(registry) == ["phone+first", "record"]
    vanish(registry, "salon:2")
    erase_rows(registry, "salon:2")
    assert kinds(registry) == ["phone", "phone+first", "record", "record"]


def test_a_booking_goes_by_itself_and_its_owner_is_counted_again(registry: Registry) -> None:
    land(registry, salon_1=LIISA)
    registry.book("salon", {"a": {"state": "no_show"}, "b": {"state": "no_show"}}, owner_id="1")
    registry.reconcile()
    assert registry.golden("salon:1", "no_show_count") == [(2, "counted_from_bookings")]
    assert erase_rows(registry, "salon:a") == tuple(ids(registry, "salon:1"))
    registry.reconcile()
    assert left(registry, "booking") == {"salon:b"}
    assert registry.golden("salon:1", "no_show_count") == [(1, "counted_from_bookings")]
    assert kinds(registry) == ["record"]


@pytest.mark.parametrize(("kind", "said", "stays"), [
    ("objection", {"scope": "genealogy"}, True),
    ("consent", {"channel": "email", "state": "withdrawn", "method": "form"}, True),
    ("consent", {"channel": "email", "state": "granted", "method": "form", "evidence": "binder"}, False),
    ("correction", {"field": "last_name", "value": '"Oikea"'}, False),
])  # fmt: skip
def test_what_was_said_for_two_stays_with_the_other_unless_it_loosens_or_corrects(
    registry: Registry, kind: str, said: dict[str, Any], stays: bool
) -> None:
    """It was declared while they were taken for one."""
    land(registry, salon_1=LIISA, school_1=LIISA | {"phone": OTHER, "email": "liisa@example.com"})
    registry.decide("same", "salon:1", "school:1")
    declare(registry, "salon:1", kind, **said)
    registry.decide("different", "salon:1", "school:1")
    erase(registry, "salon:1")
    assert (in_tables(registry.engine, ["tester"]).get("declaration") is not None) == stays
    assert in_tables(registry.engine, forms(PHONE)) == {}
    registry.rebuild()
    if kind == "consent":
        assert state(registry, "school:1") == ("withdrawn" if stays else "unknown")
