"""An erasure takes from what others wrote, and from what is kept about others, the person alone."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from store.engine import reading, writing
from store.erasing.names import is_theirs
from store.erasing.texts import Told
from store.erasing.traces import Traces
from store.tables import (
    Agreement,
    CaseFile,
    Declaration,
    Disclosure,
    DisclosureRecord,
    Measure,
    Recipient,
    RequestTask,
    RetentionRule,
    RightsRequest,
    Segment,
    table,
)
from tests.privacy.erasing import erase
from tests.privacy.searching import forms, in_tables
from tests.sync.declaring import declare
from tests.sync.engine import START, Registry

HERS = "Maijastiina Qvarnberg"
FAMILY = "+358405550001"
FIRM = "Tilitoimisto Maijastiina Qvarnberg"


@pytest.fixture
def house(registry: Registry) -> Registry:
    """Maijastiina, who is to go; Veeti on her phone; Bertil, who has nothing to do with them."""
    registry.land(
        "salon",
        {
            "1": {"first_name": "Maijastiina", "last_name": "Qvarnberg", "phone": FAMILY, "email": "maija@example.com",
                  "street": "Mallikatu 5"},
            "2": {"first_name": "Bertil", "last_name": "Toinen", "email": "bertil@example.com"},
            "3": {"first_name": "Veeti", "last_name": "Qvarnberg", "phone": FAMILY},
        },
    )  # fmt: skip
    registry.reconcile()
    return registry


def write(registry: Registry, model: Any, **values: Any) -> int:
    of = table(model)
    with writing(registry.engine) as connection:
        return int(connection.execute(insert(of).values(values).returning(of.c.id)).scalar_one())


def rows(registry: Registry, model: Any) -> list[Any]:
    of = table(model)
    with reading(registry.engine) as connection:
        return list(connection.execute(select(of).order_by(of.c.id)).all())


def claim(registry: Registry, record: str, subject: str) -> None:
    with reading(registry.engine) as connection:
        id_ = registry.id_of(connection, *record.split(":"))
    write(
        registry, CaseFile, type="claim", record_id=id_, customer_id=registry.customer_of(record), channel="letter",
        received_on=date(2026, 1, 2), subject=subject, state="open", hold=True, opened_at=START, opened_by="tester",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "left"),
    [
        (
            "Bertil wants 500 euros: burnt by the stone on 3.5., Maijastiina Qvarnberg was a witness",
            "Bertil wants 500 euros: burnt by the stone on 3.5., […] was a witness",
        ),
        ("QVARNBERG, MAIJASTIINA saw it; ask Maijastiinalta.", "[…] saw it; ask […]."),
        ("Veeti Qvarnberg saw it, Maijastiina Qvarnberg too", "Veeti Qvarnberg saw it, […] too"),
        ("seen by maija@example.com of Mallikatu 5", "seen by […] of […]"),
        ("Maijastiina, 040 555 0001, was there", "[…], 040 555 0001, was there"),
        ("Maijastiina Toinen saw Maijastiina Qvarnberg", "Maijastiina Toinen saw […]"),
        ("Maijastiina Toinen, 040 555 0001, saw it", "Maijastiina Toinen, […], saw it"),
        ("Maijastiina was rude", "Maijastiina was rude"),
        ("call 040 555 0001", "call 040 555 0001"),
        (HERS, "[erased]"),
    ],
)
def test_a_claim_of_another_keeps_all_but_the_person(house: Registry, subject: str, left: str) -> None:
    claim(house, "salon:2", subject)
    erase(house, "salon:1")
    (case,) = rows(house, CaseFile)
    assert (case.subject, case.state, case.hold) == (left, "open", True)


def test_what_is_json_stays_json(house: Registry) -> None:
    declare(house, "salon:2", "correction", field="discounts", value=f'["10 %, as {HERS} has", "x"]')
    declare(house, "salon:2", "correction", field="first_name", value=f'"{HERS}"')
    erase(house, "salon:1")
    assert [row.value for row in rows(house, Declaration)] == ['["10 %, as […] has", "x"]', '"[erased]"']


def approve(registry: Registry, name: str, kind: str) -> int:
    return write(
        registry, Recipient, name=name, kind=kind, country="FI", purposes='["service"]', approved_at=START,
        approved_by="tester", reason=f"asked by {HERS}", contact="maija@example.com",
    )  # fmt: skip


def disclose(registry: Registry, recipient: int, name: str, kind: str, *records: str) -> None:
    id_ = write(
        registry, Disclosure, at=START, actor="tester", recipient_id=recipient, recipient=name, kind=kind, country="FI",
        purpose="service", basis="eu-gdpr:A6-1-f", fields='["name"]', format="csv", file_sha256="x", people=1,
        dropped="{}", statute=f"§ 3, for {HERS}", document=f"letter of {HERS}",
    )  # fmt: skip
    with writing(registry.engine) as connection:
        ids = [registry.id_of(connection, *record.split(":")) for record in records]
        connection.execute(insert(table(DisclosureRecord)), [{"disclosure_id": id_, "record_id": one} for one in ids])


def ask(registry: Registry, record: str, *parties: str) -> None:
    with reading(registry.engine) as connection:
        anchor = registry.id_of(connection, *record.split(":"))
    id_ = write(
        registry, RightsRequest, type="restriction", customer_id=registry.customer_of(record), anchor_record_id=anchor,
        received_on=date(2026, 1, 2), channel="email", opened_at=START, opened_by="tester", due_on=date(2026, 2, 2),
        status="open",
    )  # fmt: skip
    for party in parties:
        write(registry, RequestTask, request_id=id_, party=party, what="tell them", created_at=START)


def test_a_firm_keeps_its_name_for_everybody_whose_data_it_got(house: Registry) -> None:
    disclose(house, approve(house, FIRM, "partner"), FIRM, "partner", "salon:1", "salon:2")
    ask(house, "salon:1", FIRM)
    ask(house, "salon:2", FIRM)
    assert erase(house, "salon:1").recipients == (FIRM,), "it has to be told"
    assert [(row.name, row.reason, row.contact) for row in rows(house, Recipient)] == [
        (FIRM, "asked by […]", "[erased]")
    ]
    told = [(row.recipient, row.statute, row.document) for row in rows(house, Disclosure)]
    assert told == [(FIRM, "§ 3, for […]", "letter of […]")]
    assert [row.party for row in rows(house, RequestTask)] == [FIRM, FIRM]


def test_a_recipient_who_is_the_person_loses_the_name(house: Registry) -> None:
    disclose(house, approve(house, HERS, "person"), HERS, "person", "salon:1")
    ask(house, "salon:1", HERS)
    ask(house, "salon:2", HERS, "Veeti Qvarnberg")
    assert erase(house, "salon:1").recipients == ()
    assert [row.name for row in rows(house, Recipient)] == ["[erased]"]
    assert [row.recipient for row in rows(house, Disclosure)] == ["[erased]"]
    assert [row.party for row in rows(house, RequestTask)] == ["[erased]", "[erased]", "Veeti Qvarnberg"]


def test_a_firm_of_the_very_name_keeps_it_beside_a_person(house: Registry) -> None:
    approve(house, HERS, "person")
    approve(house, HERS, "partner")
    ask(house, "salon:2", HERS)
    erase(house, "salon:1")
    assert {row.kind: row.name for row in rows(house, Recipient)} == {"person": HERS, "partner": HERS}
    assert [row.party for row in rows(house, RequestTask)] == [HERS]


def test_only_a_recipient_who_is_a_person_can_be_the_person() -> None:
    told = Told(True, Traces(names=[HERS]), *[Traces()] * 3, *[frozenset()] * 3)
    assert [is_theirs(told, HERS, kind) for kind in ("person", "partner", "authority")] == [True, False, False]


def test_no_column_with_words_of_people_keeps_the_person(house: Registry) -> None:
    write(
        house, Agreement, party="timma", type="dpv:ControllerProcessorAgreement", note=f"signed by {HERS}",
        url="https://example.com/maija@example.com", recorded_at=START, recorded_by="tester",
    )  # fmt: skip
    write(
        house, Measure, kind="technical", term="dpv:EncryptionAtRest", name=f"locked box of {HERS}", note=HERS,
        since=date(2026, 1, 1), recorded_at=START, recorded_by="tester",
    )  # fmt: skip
    write(
        house, RetentionRule, category="orders", period="P6Y", trigger="year_end", basis=f"law: {HERS} said so",
        set_at=START, set_by="tester",
    )  # fmt: skip
    erase(house, "salon:1")
    assert in_tables(house.engine, forms("Maijastiina", "maija@example.com", "Mallikatu 5")) == {}
    assert [(row.url, row.note) for row in rows(house, Agreement)] == [("https://example.com/[…]", "signed by […]")]
    assert [(row.name, row.note) for row in rows(house, Measure)] == [("locked box of […]", "[erased]")]
    assert [row.basis for row in rows(house, RetentionRule)] == ["law: […] said so"], "a duty is one still"


def test_a_segment_gets_a_name_that_nobody_has_and_loses_a_rule_that_spoke_of_the_person(house: Registry) -> None:
    named = {"purpose": "analysis", "author": "tester", "created_at": START}
    for name, rule in (
        ("kanta", "bookings >= 3"),
        ("maijastiina-qvarnberg", "bookings >= 1"),
        ("maijastiina-qvarnberg", f'service is "{HERS} hieronta"'),
        ("erased-2", "bookings >= 2"),
    ):
        write(house, Segment, name=name, rule=rule, **named)
    erase(house, "salon:1")
    assert [(row.name, row.rule) for row in rows(house, Segment)] == [
        ("kanta", "bookings >= 3"), ("erased-2-2", "bookings >= 1"), ("erased-2-2", "[erased]"),
        ("erased-2", "bookings >= 2"),
    ]  # fmt: skip
