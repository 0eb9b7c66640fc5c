"""Cases and contacts in an answer: all of the person's, in words, and nobody else's."""

from datetime import date, timedelta
from typing import Any

import pytest

from privacy.cases import CHANNELS as WAYS_OF_CASES
from privacy.contacts import CHANNELS as WAYS_OF_CONTACTS
from privacy.package.contents import free_texts
from privacy.package.held import portable
from privacy.package.words import tables
from store.cases import ANSWERED, CLOSED, OPEN
from store.engine import reading
from store.tables import CaseFile, ContactEvent
from tests.privacy.package.desk import STAFF, Desk, members, written


@pytest.fixture
def family(desk: Desk) -> Desk:
    """A mother of the salon and the school, and her child on her phone."""
    mother = {"first_name": "Aino", "last_name": "Malli", "phone": "+358400000501"}
    desk.registry.land(
        "salon", {"1": mother, "2": {"first_name": "Otso", "last_name": "Lapsi"} | {"phone": mother["phone"]}}
    )
    desk.registry.land("school", {"s1": mother})
    desk.registry.reconcile()
    return desk


def hang(desk: Desk, record: str) -> dict[str, Any]:
    with reading(desk.registry.engine) as connection:
        id_ = desk.registry.id_of(connection, *record.split(":"))
    return {"record_id": id_, "customer_id": desk.registry.customer_of(record)}


def case(desk: Desk, record: str, subject: str, **fields: Any) -> None:
    given = {
        "type": "claim", "channel": "letter", "received_on": date(2026, 1, 2), "subject": subject, "state": "open",
        "hold": True, "opened_at": desk.registry.clock, "opened_by": STAFF,
    }  # fmt: skip
    desk.insert(CaseFile, **given | hang(desk, record) | fields)


def contact(desk: Desk, record: str, summary: str, **fields: Any) -> None:
    given = {
        "channel": "phone", "direction": "in", "at": desk.registry.clock, "purpose": "analysis", "summary": summary,
        "recorded_at": desk.registry.clock, "recorded_by": STAFF,
    }  # fmt: skip
    desk.insert(ContactEvent, **given | hang(desk, record) | fields)


def test_both_brands_cases_and_contacts_are_told_and_nobody_elses(family: Desk) -> None:
    later = family.registry.clock + timedelta(hours=1)
    case(
        family, "salon:1", "wants 60 euros back", state="answered", answer="paid", answered_at=later, answered_by=STAFF
    )
    case(family, "salon:2", "the child's own matter")
    contact(family, "school:s1", "asked for a certificate", at=later, direction="out", brand="artsport", case_id=1)
    contact(family, "salon:1", "called about Otso")
    contact(family, "salon:2", "the child's own talk")
    document = family.answer("salon:1")
    assert members(document["cases"], "type", "state", "subject", "answer", "holds_back") == [
        ("claim", "answered", "wants 60 euros back", "paid", True)
    ]
    assert members(document["contacts"], "sender", "brand", "summary", "case") == [
        ("person", None, "called about […]", None), ("controller", "artsport", "asked for a certificate", 1),
    ]  # fmt: skip
    assert document["package"]["withheld"] == 1
    assert free_texts(document) == 4, "the case, the contacts, and how the identity was checked"
    assert "analysis" in [one["id"] for one in document["purposes"]]
    text = written(document)
    assert "own matter" not in text and "own talk" not in text
    assert STAFF not in text, "not which of the staff"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", ("hyvitys- tai korvausvaatimus", "sinulta", "puhelu", "vastattu")),
        ("en", ("claim", "from you", "phone call", "answered")),
    ],
)
def test_page_and_tables_say_it_in_words(family: Desk, language: str, words: tuple[str, ...]) -> None:
    case(family, "salon:1", "<b>wants</b> money", state="answered", answered_at=family.registry.clock, answer="=1+1")
    contact(family, "salon:1", "called")
    text = written(family.answer("salon:1", language))
    assert all(word in text for word in words)
    assert "&lt;b&gt;wants&lt;/b&gt; money" in text


def test_it_is_no_part_of_what_is_portable_and_is_empty_where_there_is_none(family: Desk) -> None:
    assert family.answer("salon:1")["cases"] == family.answer("salon:1")["contacts"] == []
    case(family, "salon:1", "wants money")
    contact(family, "salon:1", "called")
    assert not {"cases", "contacts"} & portable(family.answer("salon:1")).keys()


def test_every_code_has_words() -> None:
    assert {*WAYS_OF_CASES, *WAYS_OF_CONTACTS} == tables()["way"].keys()
    assert {OPEN, ANSWERED, CLOSED} == tables()["case_state"].keys()
