"""Nothing of other people is in an answer: families on one phone, wrong merges, doubtful pairs, bookings for others."""

from datetime import date
from typing import Any

from privacy.package.contents import free_texts
from privacy.requests import Asked, begin, close, identify
from store import decisions, disclosures
from store.engine import writing
from tests.privacy.package.desk import Desk, members, written

PHONE = "+358400000103"
MOTHER = {"first_name": "Aino", "last_name": "Perhe", "name": "Aino Perhe", "phone": PHONE}
CHILD = {"first_name": "Veikko", "last_name": "Perhe", "name": "Veikko Perhe", "phone": PHONE}


def family(desk: Desk, **child: Any) -> None:
    desk.registry.land("salon", {"mother": MOTHER, "child": CHILD | child})
    desk.registry.reconcile()
    assert desk.registry.customer_of("salon:mother") != desk.registry.customer_of("salon:child")


def test_a_mother_and_a_child_on_one_phone_are_told_nothing_of_each_other(desk: Desk) -> None:
    family(desk, email="veikko@example.com", street="Mallikatu 9")
    assert desk.registry.pairs("apart"), "the registry notes a family"
    mother, child = written(desk.answer("salon:mother")), written(desk.answer("salon:child"))
    child_id, mother_id = desk.registry.customer_of("salon:child"), desk.registry.customer_of("salon:mother")
    for other in ("Veikko", "veikko@example.com", "Mallikatu", "salon: child", child_id):
        assert other not in mother, other
    for other in ("Aino", "salon: mother", mother_id):
        assert other not in child, other
    assert PHONE in mother
    assert PHONE in child


def test_a_shared_phone_is_not_said_to_be_shared(desk: Desk) -> None:
    family(desk)
    desk.registry.land("school", {"mother": MOTHER | {"email": "aino@example.com"}})
    desk.registry.land("salon", {"mother": MOTHER | {"email": "aino@example.com"}})
    desk.registry.reconcile()
    document = desk.answer("salon:mother")
    reasons = {reason for record in document["records"] for reason in record["joined"]["reasons"]}
    assert "same phone" in reasons
    assert not any("others" in reason or "family" in reason for reason in reasons)


def test_a_booking_for_somebody_else_names_nobody_and_keeps_their_notes_back(desk: Desk) -> None:
    family(desk)
    desk.book("mother", "own", notes="firm hand", client_name="Aino Perhe", client_phone=PHONE, service="Hieronta 60")
    desk.book(
        "mother", "for-another", notes="a sore back", client_name="Ville Vieras", client_phone="+358400000777",
        client_email="ville@example.com", service="Hieronta 30", employee="Malli Hieroja",
    )  # fmt: skip
    document = desk.answer("salon:mother")
    own, other = document["bookings"] if document["bookings"][0]["external_id"] == "own" else document["bookings"][::-1]
    assert (own["notes"], own["payload"]["client_name"], own["withheld"]) == ("firm hand", "Aino Perhe", [])
    assert other["withheld"] == ["client_name", "client_email", "client_phone", "notes"]
    assert (other["service"], other["employee"]) == ("Hieronta 30", "Malli Hieroja")
    assert document["package"]["withheld"] == 4
    text = written(document)
    for secret in ("Ville", "Vieras", "400000777", "ville@", "sore back"):
        assert secret not in text, secret
    assert "toista henkilöä koskeva tieto on jätetty pois" in text


def test_a_contact_that_somebody_else_has_stays_out_of_ones_own_booking(desk: Desk) -> None:
    family(desk, email="veikko@example.com")
    desk.book("mother", "b", client_name="Aino Perhe", client_email="Veikko@example.com")
    desk.book("mother", "c", client_name="Aino Perhe", client_email="work@example.com")
    document = desk.answer("salon:mother")
    assert {one["external_id"]: one["withheld"] for one in document["bookings"]} == {"b": ["client_email"], "c": []}


def test_notes_name_nobody_else_of_the_family(desk: Desk) -> None:
    family(desk)
    text = "Tulee Veikon kanssa; veikkokin on käynyt Veikolla? Ainon polvi, Perheen alennus. Kaikki hyvin."
    desk.note("salon", "mother", text, **MOTHER)
    desk.registry.reconcile()
    document = desk.answer("salon:mother")
    assert document["records"][0]["notes"] == (
        "Tulee […] kanssa; […] on käynyt […]? Ainon polvi, Perheen alennus. Kaikki hyvin."
    )
    assert document["package"]["withheld"] == 1


def test_what_was_written_of_requests_and_disclosures_names_nobody_else_and_is_counted(desk: Desk) -> None:
    family(desk)
    with writing(desk.registry.engine) as connection:
        mother = decisions.records_of(connection, desk.registry.customer_of("salon:mother"))
        to = disclosures.approve(
            connection,
            {"name": "Poliisi", "kind": "authority", "country": "FI", "purposes": '["service"]', "reason": "x",
             "approved_at": desk.registry.clock, "approved_by": "tester"},
        )  # fmt: skip
        values = {
            "at": desk.registry.clock, "actor": "tester", "recipient_id": to, "recipient": "Poliisi", "country": "FI",
            "kind": "authority", "purpose": "service", "basis": "eu-gdpr:A6-1-c", "fields": '["name"]', "people": 1,
            "format": "csv", "file_sha256": "0" * 64, "dropped": "{}", "statute": "PolL 4:3, Veikko",
            "document": "of Veikko",
        }  # fmt: skip
        disclosures.write(connection, values, mother)
    before = free_texts(desk.answer("salon:mother"))
    with writing(desk.registry.engine) as connection:
        id_ = begin(connection, Asked("erasure", "salon:mother", date(2026, 1, 1), "phone"), desk.by()).id
        identify(connection, id_, "Veikko answered the phone", desk.by())
        close(connection, id_, "refused", "Veikko asked, and not she", desk.by())
    document = desk.answer("salon:mother")
    assert "Veikko" not in written(document)
    assert members(document["disclosures"], "statute", "document") == [("PolL 4:3, […]", "of […]")]
    (refused,) = [one for one in document["requests"] if one["outcome"] == "refused"]
    assert (refused["identity_method"], refused["justification"]) == (
        "[…] answered the phone",
        "[…] asked, and not she",
    )
    assert free_texts(document) == before + 2, "the one that was refused, and the one that asks now"


def two_that_were_one(desk: Desk) -> None:
    """Two people whom somebody joined by mistake; what was said meanwhile was said by the first."""
    desk.registry.land("salon", {"anna": {"first_name": "Anna", "last_name": "Eka", "phone": "+358400000201"}})
    desk.registry.land("school", {"bo": {"first_name": "Bo", "last_name": "Toka", "email": "bo@example.com"}})
    desk.registry.reconcile()
    anna, bo = desk.registry.customer_of("salon:anna"), desk.registry.customer_of("school:bo")
    desk.registry.decide("same", anna, bo)
    desk.say("salon:anna", "correction", field="address", value='"Annankatu 1, 00100 Helsinki"', reason="Anna moved")
    desk.say("salon:anna", "consent", channel="sms", state="withdrawn", method="Anna called", evidence="note of Anna")
    desk.look(desk.registry.customer_of("salon:anna"), purpose="analysis")
    desk.registry.split(desk.registry.customer_of("salon:anna"), "school:bo")
    assert desk.registry.customer_of("salon:anna") != desk.registry.customer_of("school:bo")


def test_records_merged_and_split_again_take_nothing_of_each_other_along(desk: Desk) -> None:
    two_that_were_one(desk)
    anna, bo = desk.answer("salon:anna"), desk.answer("school:bo")
    anna_id, bo_id = desk.registry.customer_of("salon:anna"), desk.registry.customer_of("school:bo")
    for document, others in ((anna, ("Bo", "Toka", "bo@", bo_id)), (bo, ("Anna", "Eka", "+358400000201", anna_id))):
        text = written(document)
        for other in others:
            assert other not in text, other
        assert members(document["history"], "event") == [("merged",), ("split",)]
    assert members(anna["corrections"], "value", "reason") == [("Annankatu 1, 00100 Helsinki", "Anna moved")]
    assert members(bo["corrections"], "value", "reason") == [(None, None)]
    assert members(bo["marketing"]["history"], "state", "method") == [("withdrawn", None)]


def test_a_look_at_two_that_were_one_was_a_look_at_both(desk: Desk) -> None:
    two_that_were_one(desk)
    desk.look(desk.registry.customer_of("salon:anna"), purpose="service")
    assert members(desk.answer("salon:anna")["look_ups"], "purpose") == [("analysis",), ("service",)]
    assert members(desk.answer("school:bo")["look_ups"], "purpose") == [("analysis",)]


def test_of_a_doubtful_pair_only_that_it_waits_is_said(desk: Desk) -> None:
    desk.registry.land("salon", {"kaisa": {"first_name": "Kaisa", "last_name": "Epävarma", "phone": "+358400000104"}})
    other = {"first_name": "Kaisa-Liisa", "last_name": "Epävarma", "phone": "+358400000104", "email": "kl@example.com"}
    desk.registry.land("school", {"liisa": other})
    desk.registry.reconcile()
    assert desk.registry.pairs("review")
    document = desk.answer("salon:kaisa")
    assert document["comparisons_waiting"] == 1
    text = written(document)
    for secret in ("Liisa", "kl@example.com", "school: liisa", desk.registry.customer_of("school:liisa")):
        assert secret not in text, secret


def test_the_request_of_somebody_else_is_not_ones_own(desk: Desk) -> None:
    family(desk)
    desk.ask("salon:child", "erasure")
    assert members(desk.answer("salon:mother")["requests"], "type") == [("access",)]
