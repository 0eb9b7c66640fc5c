"""From a connector's page to what lands. No identity code gets past here; the one below names a day that is none."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import ImportedFile, Page, Rejected, Stream
from connectors.minimise import IDENTITY_CODE
from connectors.records import Booking, Course, Customer, Enrollment, Kind, Order, Payload, SourceRecord
from store.batch import Batch, Matching
from sync.prepare import Landing, customer_matching, prepare, to_row

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
CODE = "310290-1239"  # shaped like one; there is no such day, so nobody's
MASKED = "[masked]"


def customer(notes: str | None = None, **fields: Any) -> SourceRecord:
    return SourceRecord(external_id="1", kind=Kind.CUSTOMER, payload=Customer(**fields), notes=notes)


def booking(owner_id: str | None = None, **fields: Any) -> SourceRecord:
    return SourceRecord(external_id="b", kind=Kind.BOOKING, payload=Booking(**fields), owner_id=owner_id)


def prepared(*records: SourceRecord, kind: Kind = Kind.CUSTOMER, names_help: bool = True, **page: Any) -> Batch:
    stream = Stream(name="rows", kind=kind, activity="x")
    landing = Landing("salon", stream, "run", 7, "people", names_help)
    return prepare(Page(stream="rows", retrieved_from="a page", records=records, **page), landing, NOW)[0]


def test_the_code_of_these_tests_is_no_valid_one() -> None:
    assert IDENTITY_CODE.fullmatch(CODE)
    with pytest.raises(ValueError, match="day"):
        datetime(1990, int(CODE[2:4]), int(CODE[:2]))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": f"Maija Testaaja {CODE}"},
        {"first_name": f"Maija ({CODE})"},
        {"last_name": CODE},
        {"street": f"Esimerkkikatu 1, {CODE}"},
        {"city": CODE},
        {"regular_employee": f"Testi {CODE}"},
        {"discounts": ("10 %", f"Senior {CODE}")},
        {"email": f"{CODE}@example.com"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_an_identity_code_is_masked_wherever_it_stands(fields: dict[str, Any]) -> None:
    row, masked = to_row(customer(**fields), names_help=True)
    assert masked == 1
    assert CODE not in row.payload
    assert MASKED in json.dumps(json.loads(row.payload))


def test_codes_in_notes_and_fields_are_all_counted() -> None:
    row, masked = to_row(customer(f"{CODE} and {CODE}", name=f"Maija {CODE}"), names_help=True)
    assert masked == 3
    assert row.notes == f"{MASKED} and {MASKED}"


def test_codes_of_a_booking_are_masked_too() -> None:
    row, masked = to_row(booking(client_name=f"Maija {CODE}", service=f"Hieronta {CODE}"), names_help=True)
    assert (masked, CODE in row.payload) == (2, False)


@pytest.mark.parametrize("names_help", [True, False])
def test_no_code_gets_into_a_match_key(names_help: bool) -> None:
    rows = [
        to_row(customer(name=f"Maija {CODE}", email=f"{CODE}@example.com"), names_help=names_help)[0],
        to_row(booking(client_name=f"Maija {CODE}", client_email=f"{CODE}@example.com"), names_help=names_help)[0],
    ]
    keys = [key for row in rows for key in row.matching().keys]
    features = [value for row in rows for value in row.matching().features or ()]
    assert [value for _, value in keys if CODE[:6] in value] == []
    assert [value for value in features if value and CODE[:6] in value] == []
    assert keys == [], "a mailbox or a name that was masked is nobody's"


def test_what_is_masked_is_counted_with_what_the_page_masked_already() -> None:
    stream = Stream(name="rows", kind=Kind.CUSTOMER, activity="x")
    page = Page(stream="rows", retrieved_from="a page", records=(customer(name=CODE),), masked=4)
    assert prepare(page, Landing("salon", stream, "run", 7, "people", True), NOW)[1] == 5


def test_a_payload_is_the_fields_that_are_known_in_their_order() -> None:
    row, masked = to_row(customer(name="Äijä", email="A@Example.com", past_visits=0), names_help=False)
    assert row.payload == '{"name":"Äijä","email":"A@Example.com","past_visits":0}'
    assert (masked, row.sha256) == (0, hashlib.sha256(row.payload.encode()).hexdigest())


def test_payload_notes_and_owner_each_change_the_hash_and_nothing_else_does() -> None:
    enrollment = SourceRecord(external_id="e", kind=Kind.ENROLLMENT, payload=Enrollment(course_id="5"), owner_id="1")
    records = [
        enrollment,
        enrollment.model_copy(update={"owner_id": "2"}),
        enrollment.model_copy(update={"owner_id": None}),
        enrollment.model_copy(update={"notes": "1"}),
        enrollment.model_copy(update={"notes": "a note"}),
        enrollment.model_copy(update={"payload": Enrollment(course_id="6")}),
    ]
    assert len({to_row(record, names_help=True)[0].sha256 for record in records}) == len(records)
    alike = [enrollment.model_copy(update={"row": 9}), enrollment.model_copy(update={"updated_at": NOW})]
    assert {to_row(record, names_help=True)[0].sha256 for record in alike} == {
        to_row(enrollment, names_help=True)[0].sha256
    }


def test_customers_bring_keys_and_flags_and_bookings_their_state() -> None:
    row, _ = to_row(customer(name="Maija", phone="+358400000101", email_marketing=True), names_help=True)
    assert row.matching().keys == (("phone", "+358400000101"), ("name", "maija"))
    assert row.matching().features == ("maija|", None, None, "+358400000101")
    assert (row.flags, row.state) == ({"email": True, "sms": None}, None)
    row, _ = to_row(booking(state="no_show", client_phone="+358400000101"), names_help=True)
    assert row.matching() == Matching((("owner:phone", "+358400000101"),))
    assert (row.flags, row.state) == ({}, "no_show")


def test_a_booking_that_names_its_customer_looks_for_nobody() -> None:
    row, _ = to_row(booking("1", client_phone="+358400000101"), names_help=True)
    assert (row.matching(), row.owner_id) == (Matching(), "1")


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.ORDER, Order(product="Kurssi")),
        (Kind.ENROLLMENT, Enrollment(course="Kurssi")),
        (Kind.COURSE, Course(name="Kurssi")),
    ],
)
def test_other_kinds_bring_neither(kind: Kind, payload: Payload) -> None:
    row, _ = to_row(SourceRecord(external_id="1", kind=kind, payload=payload), names_help=True)
    assert (row.matching(), row.flags, row.state) == (Matching(), {}, None)


def test_names_are_keys_only_where_bookings_may_need_them() -> None:
    assert to_row(customer(name="Maija"), names_help=False)[0].matching().keys == ()


def test_a_customer_is_compared_by_name_address_mailbox_and_phone() -> None:
    spoken = customer(first_name="Maija", last_name="Äijälä", street="Esimerkkikatu 1", email="M+x@Example.com")
    assert to_row(spoken, names_help=False)[0].matching().features == (
        "maija|aijala", "esimerkkikatu 1", "m@example.com", None,
    )  # fmt: skip


def test_what_is_matched_by_is_made_of_what_is_kept() -> None:
    row, _ = to_row(customer(name=f"Maija Testaaja {CODE}", phone="+358400000101"), names_help=True)
    assert row.matching() == customer_matching(json.loads(row.payload), with_name=True)


def test_a_batch_says_all_that_its_page_said() -> None:
    record = customer(name="Maija").model_copy(update={"updated_at": NOW, "deleted": True})
    batch = prepared(record, cursor="next", file=ImportedFile(name="a.csv", sha256="f" * 64, rows=3))
    (row,) = batch.rows
    assert (row.external_id, row.updated_at, row.deleted) == ("1", NOW, True)
    assert (batch.source, batch.stream, batch.kind, batch.run_id, batch.origin_id) == (
        "salon", "rows", "customer", "run", 7,
    )  # fmt: skip
    assert (batch.cursor, batch.now, batch.owner_stream, batch.retrieved_from) == ("next", NOW, "people", "a page")
    assert batch.file is not None
    assert (batch.file.name, batch.file.sha256, batch.file.rows) == ("a.csv", "f" * 64, 3)
    assert prepared().file is None


def test_a_rejected_row_is_known_by_its_id_else_by_its_fields() -> None:
    rejected = [
        Rejected(external_id="9", fields={"b": "ä", "a": "1"}, reason="no date", column="Alku", file="a.csv", row=4),
        Rejected(external_id=None, fields={"a": "1", "b": "2"}, reason="no name"),
        Rejected(external_id=None, fields={"b": "2", "a": "1"}, reason="no name"),
        Rejected(external_id=None, fields={"b": "3"}, reason="no name"),
    ]
    first, second, again, other = prepared(rejected=tuple(rejected)).rejected
    assert (first.key, first.fields, first.reason) == ("9", '{"a": "1", "b": "ä"}', "no date")
    assert (first.column, first.file, first.row) == ("Alku", "a.csv", 4)
    assert second.key == again.key != other.key
    assert second.key.startswith("row-")


def test_a_row_bears_the_digest_of_its_page_unless_something_was_masked_in_it() -> None:
    digests = {"1": "d" * 32}
    assert [row.digest for row in prepared(customer(name="Maija"), digests=digests).rows] == ["d" * 32]
    assert [row.digest for row in prepared(customer(name=CODE), digests=digests).rows] == [None]
    assert [row.digest for row in prepared(customer(CODE), digests=digests).rows] == [None]
    assert prepared(digests=digests, unchanged=("7",)).unchanged == ("7",)
