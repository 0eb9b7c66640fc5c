"""The record of processing, and what of the origin of records and transfers it and every record show."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.register import SHIPPED
from tests.postgres import Postgres
from tests.scenarios.privacy.house import CONTACT, NOTE, House, build

RESELLER = '[[processing]]\nparty = "course_reseller"'
STATED = {
    "origin_country": "CA", "storage_country": "CA", "direction": "outbound", "exporter": "hieromo",
    "importer": "course_reseller", "mechanism_stated": "eu-gdpr:A46-2-c", "mechanism_assessed": "eu-gdpr:A45-3",
    "instrument": "2002/2/EC", "module": "two", "document": "folder 4, page 2", "verified_by": "the owner",
}  # fmt: skip


def abroad() -> str:
    """The owner's register, in which the school is a firm in Canada and the transfer to it was looked into."""
    text = SHIPPED.read_text("utf-8").replace('contact = ""', f'contact = "{CONTACT}"')
    text = text.replace('name = "Muu kurssien jälleenmyyjä"', 'name = "Kanadan Kurssit Inc."\ncountry = "CA"')
    text = text.replace(
        'state = "described"\nevidence = "ArtSportin', 'state = "described"\nnotice_url = "https://example.com/dpa"\n'
        'evidence = "ArtSportin',
    )  # fmt: skip
    before, _, rest = text.partition(RESELLER)
    entry, _, after = rest.partition("[processing.transfer]")
    _, _, after = after.partition("\n[[processing]]")
    transfer = "".join(f'{name} = "{value}"\n' for name, value in STATED.items())
    days = "verified_on = 2026-01-12\nreview_on = 2027-01-12\n"
    lia = 'lia = "Tasapainotesti 12.1.2026, kansio 4"\n'
    return f"{before}{RESELLER}{entry}{lia}[processing.transfer]\n{transfer}{days}\n[[processing]]{after}"


DATABASES = ("sqlite", "postgresql")


@contextmanager
def built(kind: str, server: Postgres, folder: Path) -> Iterator[House]:
    """The house with the owner's register in a database of this kind."""
    if kind == "sqlite":
        yield build(folder, abroad())
    else:
        with server.database() as url:
            yield build(folder, abroad(), f'[database]\nurl = "{url}"\n')


@pytest.fixture(params=DATABASES)
def salon(request: pytest.FixtureRequest, postgres_server: Postgres, tmp_path: Path) -> Iterator[House]:
    """A house for one test."""
    with built(request.param, postgres_server, tmp_path) as house:
        yield house


@pytest.fixture(params=DATABASES, scope="module")
def looked_at(
    request: pytest.FixtureRequest, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house in which nothing is done."""
    with built(request.param, postgres_server, tmp_path_factory.mktemp("house")) as house:
        yield house


def table(house: House, language: str = "en") -> dict[str, dict[str, str]]:
    """The record as its table, by activity."""
    words = ("record-of-processing", "--format", "csv", "--lang", language, "--output")
    house.run(*words, str(house.folder / "record.csv"))
    with (house.folder / "record.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return {next(iter(row.values())): row for row in rows}


def graph(house: House, customer: str) -> dict[str, dict[str, Any]]:
    told = json.loads(house.run("customers", "show", customer, "--format", "jsonld").stdout)
    return {node["@id"]: node for node in told["@graph"]}


def test_r59_the_record_of_processing_is_made_from_the_live_tables(salon: House) -> None:
    before = table(salon)
    bookings = before["Booking and sale of massages: Timma Oy"]
    assert (bookings["In use"], bookings["Data now"].splitlines()[:2]) == (
        "yes",
        ["customer records: 3", "bookings: 2"],
    )
    assert before["Sale and delivery of online courses: Thinkific Labs Inc."]["In use"] == "no", "it is not switched on"
    assert before["Direct marketing by e-mail"]["In use"] == "no"
    assert CONTACT in bookings["a) Name and contact details of the controller"]
    assert "undefined" in bookings["f) Time limits for erasure of the categories of data"]
    salon.grant("timma:1", "email", "hieromo")
    salon.run("retention", "set", "bookings", "--after", "2y", "--from", "created", "--basis", "our own need")
    salon.run("measure", "add", "Encrypted disk", "--kind", "technical", "--term", "dpv:EncryptionAtRest",
              "--since", "2026-01-01")  # fmt: skip
    salon.run("agreement", "add", "timma", "--type", "dpv:ControllerProcessorAgreement", "--review", "2027-05-01")
    salon.ask("access", "timma:1")
    after = table(salon)
    bookings = after["Booking and sale of massages: Timma Oy"]
    assert "Bookings: 2 years" in bookings["f) Time limits for erasure of the categories of data"]
    assert "Encrypted disk" in bookings["g) Technical and organisational security measures"]
    assert "to be reviewed 1 May 2027" in bookings["Agreement"]
    assert after["Direct marketing by e-mail"]["In use"] == after["Requests of data subjects"]["In use"] == "yes"
    assert "Käsittelyn tarkoitukset" in "".join(next(iter(table(salon, "fi").values())))
    for form in ("html", "csv", "jsonld"):
        said = salon.run("record-of-processing", "--format", form, "--output", "-").stdout
        assert not {"Aino", "Eero", "Ilona", NOTE} & set(said.split()), "it is of processing, not of people"


def test_r41_a_transfer_is_stated_and_assessed_apart_with_its_document_and_review(looked_at: House) -> None:
    lines = table(looked_at)["Other customer register kept as files: Kanadan Kurssit Inc."][
        "e) Transfers to a third country or an international organisation, and safeguards"
    ].splitlines()
    assert lines == [
        "Kanadan Kurssit Inc.: country of origin: Canada; kept in: Canada; data are transferred out of the EU or EEA",
        "exporter: Hieromo Hyvinvointipalvelut; importer: Kanadan Kurssit Inc.",
        "mechanism as stated: standard clauses of the European Commission (Article 46(2)(c))",
        "mechanism as assessed: adequacy decision (Article 45)",
        "instrument: 2002/2/EC; module: two (controller to processor); document: folder 4, page 2",
        "verified by: the owner; on: 12 January 2026; to be reviewed: 12 January 2027",
    ]


def test_r42_records_from_canada_carry_it_and_the_decision_that_was_found_to_hold(looked_at: House) -> None:
    (record,) = [one for one in looked_at.show("school:s2")["records"] if one["source"] == "school"]
    assert (record["transfer"]["origin_country"], record["transfer"]["instrument"]) == ("CA", "2002/2/EC")
    told = graph(looked_at, "school:s2")
    (node,) = [one for one in told.values() if one.get("source") == "school"]
    assert node["transfers"]["third_countries"] == ["loc:CA"]
    assert "legal-eu:Adequacy-EU-CA" in node["legal_basis"]
    assert node["transfers"]["stated_mechanism"] == {"@id": "eu-gdpr:A46-2-c"}
    (own,) = [one for one in graph(looked_at, "timma:2").values() if one.get("source") == "timma"]
    assert "legal-eu:Adequacy-EU-CA" not in own["legal_basis"]


def test_r08_a_record_shows_its_handlers_own_notice(looked_at: House) -> None:
    card = looked_at.run("customers", "show", "timma:1").stdout
    assert "Timma Oy: https://varaa.timma.fi/dataprotection/locks" in card
    assert "Kanadan Kurssit Inc.: https://example.com/dpa" in card
    parties = {one["name"]: one for one in graph(looked_at, "timma:1").values() if "prov:Agent" in one["@type"]
               and "name" in one}  # fmt: skip
    assert parties["Kanadan Kurssit Inc."]["notice_url"] == "https://example.com/dpa"


def test_r10_the_balancing_test_is_on_file_with_the_basis(looked_at: House) -> None:
    record = table(looked_at)
    school = record["Other customer register kept as files: Kanadan Kurssit Inc."]
    assert school["Balancing test (legitimate interest)"] == "Tasapainotesti 12.1.2026, kansio 4"
    assert record["Booking and sale of massages: Timma Oy"]["Balancing test (legitimate interest)"] == "none recorded"
