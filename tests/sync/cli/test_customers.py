"""The controller's own view: the shape of a customer, ids, search, audit."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.sync.cli.conftest import Desk

RECORD = {
    "source", "stream", "external_id", "controller", "processor", "processor_id", "role_stated", "role_assessed",
    "legal_basis", "purpose", "data_categories", "collected_from", "brand", "transfer", "notice_version",
    "retrieved_from", "retrieved_at", "first_seen_at", "run_id", "payload_sha256", "link",
}  # fmt: skip
TRANSFER = {
    "origin_country", "storage_country", "direction", "exporter", "importer", "mechanism_stated", "mechanism_assessed",
    "instrument",
}  # fmt: skip


def test_a_customer_has_the_keys_of_the_contract_and_no_other(people: Desk) -> None:
    shown = people.json("customers", "show", "salon:both")
    assert list(shown) == [
        "id", "name", "first_name", "last_name", "emails", "phones", "address", "marketing", "no_show_count",
        "regular_employee", "discounts", "brands", "objections", "restricted", "created_at", "updated_at", "fields",
        "records", "bookings", "enrollments", "orders",
    ]  # fmt: skip
    assert shown["marketing"].keys() == {"email", "sms"}
    assert all(record.keys() == RECORD for record in shown["records"])
    assert all(record["transfer"].keys() == TRANSFER for record in shown["records"])
    assert all(
        record["link"].keys() == {"method", "score", "reasons", "decided_by", "decided_at"}
        for record in shown["records"]
    )
    value = shown["fields"]["phones"][0]
    assert value.keys() == {"value", "source", "external_id", "rule", "observed_at"}


def test_a_customer_of_two_sources_is_one_with_both_origins(people: Desk) -> None:
    shown = people.json("customers", "show", "salon:both")
    assert (shown["name"], shown["emails"], shown["phones"]) == (
        "Maija Äijälä", ["Maija.Aijala@example.com"], ["+358400000101"],
    )  # fmt: skip
    assert (shown["address"], shown["regular_employee"]) == ("Mallikatu 1, 00100 Helsinki", "Testi Hieroja")
    assert shown["discounts"] == ["10 %"]
    assert [(record["source"], record["external_id"]) for record in shown["records"]] == [
        ("salon", "both"), ("school", "both"),
    ]  # fmt: skip
    assert shown["records"][0]["link"]["reasons"][:2] == ["same phone", "first names agree"]
    assert shown["records"][0]["legal_basis"] == ["eu-gdpr:A6-1-f"]


def test_what_is_not_known_is_null_or_empty_and_marketing_is_unknown(people: Desk) -> None:
    shown = people.json("customers", "show", "school:school")
    assert (shown["phones"], shown["address"], shown["no_show_count"]) == ([], None, 0)
    assert shown["marketing"] == {"email": "unknown", "sms": "unknown"}
    assert (shown["bookings"], shown["enrollments"], shown["orders"]) == ([], [], [])


def test_bookings_are_in_order_of_time_without_those_that_vanished(people: Desk) -> None:
    shown = people.json("customers", "show", "salon:both")
    assert [(row["external_id"], row["state"]) for row in shown["bookings"]] == [
        ("missed", "no_show"), ("past", "past_unconfirmed"), ("later", "booked"),
    ]  # fmt: skip
    assert shown["bookings"][0].keys() == {"external_id", "starts_at", "ends_at", "service", "employee", "state"}
    assert shown["no_show_count"] == 1


def test_courses_and_products_are_named_by_the_catalogue_where_the_row_names_none(people: Desk) -> None:
    shown = people.json("customers", "show", "school:both")
    (course,), (order,) = shown["enrollments"], shown["orders"]
    assert (course["course_id"], course["course"], course["progress"], course["completed"]) == (
        "501", "Hyvän unen kurssi", 0.25, False,
    )  # fmt: skip
    assert order["product"] == "Kurssipaketti"
    assert order.keys() == {"external_id", "product", "amount_cents", "status", "created_at"}


def test_times_are_utc_with_milliseconds(people: Desk) -> None:
    shown = people.json("customers", "show", "salon:both")
    times = [
        shown["created_at"], shown["updated_at"], shown["bookings"][0]["starts_at"], shown["orders"][0]["created_at"],
        shown["records"][0]["retrieved_at"], shown["enrollments"][0]["updated_at"],
    ]  # fmt: skip
    assert [time[-5] + time[-1] for time in times] == [".Z"] * len(times)
    assert all(datetime.fromisoformat(time).tzinfo for time in times)


@pytest.mark.parametrize("notes", [False, True])
def test_free_text_is_shown_on_demand_alone(people: Desk, notes: bool) -> None:
    words = ("customers", "show", "salon:salon", *(["--with-notes"] if notes else []))
    assert ("note of a person" in json.dumps(people.json(*words))) is notes
    assert ("note of a person" in people.run(*words).stdout) is notes


def test_an_id_that_was_merged_away_leads_to_the_customer(people: Desk) -> None:
    old = people.registry.customer_of("school:doubt")
    people.registry.decide("same", "salon:doubt", "school:doubt")
    shown = people.json("customers", "show", old)
    assert shown["id"] == people.registry.customer_of("salon:doubt") != old
    assert {record["external_id"] for record in shown["records"]} == {"doubt"}


def test_a_records_own_id_leads_to_its_customer(people: Desk) -> None:
    pair = people.json("review", "list")["pairs"][0]
    assert people.json("customers", "show", pair["a"])["id"] == pair["a_customer"]


def test_nobody_of_that_id_is_status_1_in_one_line_that_does_not_repeat_it(people: Desk) -> None:
    done = people.run("customers", "show", "maija@example.com")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "maija" not in done.stderr


def test_a_list_is_complete_and_in_order_of_ids(people: Desk) -> None:
    found = people.json("customers", "list")
    ids = [customer["id"] for customer in found["customers"]]
    assert found["total"] == len(ids) == 9
    assert ids == sorted(people.registry.customers())
    assert people.json("customers", "list", "--limit", "2")["customers"] == found["customers"][:2]


def test_a_table_says_how_many_it_leaves_out(people: Desk) -> None:
    assert "2 of 9 customers" in people.run("customers", "list", "--limit", "2").stdout


def found(desk: Desk, *text: str) -> list[str]:
    return sorted(customer["name"] for customer in desk.json("customers", "find", *text)["customers"])


@pytest.mark.parametrize(
    "text",
    ["maija äijälä", "aijala", "ÄIJÄLÄ", "äij mai", "0400000101", "+358 40 000 0101", "00358400000101", "040-0000101",
     "000101", "maija.aijala@EXAMPLE.com", "maija.aijala+news@example.com", "aijala@exam", "school:both"],
)  # fmt: skip
def test_somebody_is_found_by_any_spelling(people: Desk, text: str) -> None:
    assert found(people, text) == ["Maija Äijälä"]


def test_all_who_fit_are_found(people: Desk) -> None:
    assert found(people, "liisa", "korhonen") == ["Liisa Korhonen", "Liisa Korhonen"]
    assert found(people, "0400000103") == ["Aino Perhe", "Veikko Perhe"]
    assert found(people, "@example.com") == ["Liisa Korhonen", "Liisa Korhonen", "Maija Äijälä", "Pekka Kurssi"]
    assert found(people, "nobody") == found(people, " ") == []


def test_a_dash_reads_the_text_from_standard_input(people: Desk) -> None:
    shown = people.json("customers", "find", "-", stdin="äijälä\n".encode())
    assert [customer["name"] for customer in shown["customers"]] == ["Maija Äijälä"]


def test_text_that_is_no_utf_8_finds_nobody(people: Desk) -> None:
    assert found(people, "\udcff\udcfe") == []
    assert people.json("customers", "find", "-", stdin=b"\xff\x00\xfe")["customers"] == []
    assert people.run("customers", "show", "salon:\udcff").exit_code == 1
    assert people.run("review", "same", "salon:both", "\udcff").exit_code == 1


def test_every_look_is_audited_without_what_was_searched_for(people: Desk) -> None:
    customer = people.json("customers", "show", "salon:both")["id"]
    people.run("customers", "list", "--limit", "2", "--purpose", "feedback")
    people.run("customers", "find", "äijälä")
    people.run("customers", "export", "--output", str(people.folder / "all.csv"), "--format", "csv")
    people.run("customers", "show", "nobody")
    assert people.audit() == [
        ("customers.show", "register_upkeep", customer, {"customers": 1, "with_notes": 0}),
        ("customers.list", "feedback", None, {"customers": 2}),
        ("customers.find", "register_upkeep", None, {"customers": 1}),
        ("customers.export", "register_upkeep", None, {"customers": 9, "format": "csv", "with_notes": 0}),
        ("customers.show", "register_upkeep", None, {"customers": 0, "with_notes": 0}),
    ]


@pytest.mark.parametrize("words", [("list",), ("show", "salon:both"), ("find", "maija"), ("export", "--output", "-")])
def test_a_purpose_that_the_register_does_not_have_shows_nothing(people: Desk, words: tuple[str, ...]) -> None:
    done = people.run("customers", *words, "--purpose", "feedbak")
    assert (done.exit_code, done.stdout, people.audit()) == (2, "", [])
    assert "--purpose" in done.stderr
    assert "feedback?" in done.stderr


def test_nothing_personal_goes_to_standard_error(people: Desk, tmp_path: Path) -> None:
    for words in (("list",), ("show", "salon:both"), ("find", "äijälä"), ("export", "--output", str(tmp_path / "x"))):
        assert "ij" not in people.run("customers", *words).stderr.replace(str(tmp_path), "")
