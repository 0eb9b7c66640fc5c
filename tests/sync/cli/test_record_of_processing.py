"""`rekisteri record-of-processing` and `rekisteri customers show --format jsonld`: forms, files, the audit trail."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.sync.cli.conftest import Desk


def test_the_form_follows_the_files_ending_and_the_file_is_private(people: Desk, tmp_path: Path) -> None:
    begins = {
        "seloste.html": b"<!doctype html>",
        "seloste.csv": "\ufeffKäsittelytoimi;".encode(),
        "seloste.jsonld": b"{",
        "seloste.xlsx": b"PK",
        "seloste": b"<!doctype html>",
    }
    for name, first in begins.items():
        done = people.run("record-of-processing", "--output", str(tmp_path / name))
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr.startswith("the record of processing (12 activities, ")
        assert (tmp_path / name).read_bytes().startswith(first)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_an_ending_that_is_no_form_is_refused_and_named(people: Desk, tmp_path: Path) -> None:
    path = tmp_path / "rec.pdf"
    done = people.run("record-of-processing", "--output", str(path))
    assert (done.exit_code, path.exists()) == (2, False)
    assert "--output: ends in none of .html, .csv, .xlsx, .jsonld" in done.stderr
    assert people.run("record-of-processing", "--output", str(path), "--format", "csv").exit_code == 0


def test_csv_and_workbook_say_the_same_in_either_language(people: Desk) -> None:
    people.run("customers", "list")  # from now on the audit trail is in use
    for language, first in (("fi", "Käsittelytoimi"), ("en", "Processing activity")):
        words = ("record-of-processing", "--lang", language, "--output", "-", "--format")
        text = people.run(*words, "csv").stdout_bytes.decode("utf-8-sig")
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=";"))
        sheet = load_workbook(BytesIO(people.run(*words, "xlsx").stdout_bytes)).active
        assert sheet is not None
        assert rows[0][0] == first
        found = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
        audited = rows[0].index({"fi": "Tietoja nyt", "en": "Data now"}[language])  # each command is an event more
        assert [row[:audited] for row in found] == [row[:audited] for row in rows]
        assert len(rows) == 13


def test_what_cannot_be_written_or_is_no_form_is_said_in_a_line(people: Desk, tmp_path: Path) -> None:
    lost = people.run("record-of-processing", "--output", str(tmp_path / "nowhere" / "seloste.html"))
    assert (lost.exit_code, lost.stderr.count("\n")) == (1, 1)
    for words in (("--format", "pdf"), ("--lang", "sv")):
        wrong = people.run("record-of-processing", "--output", "-", *words)
        assert (wrong.exit_code, wrong.stdout) == (2, "")
        assert words[0] in wrong.stderr


def test_it_is_audited_with_the_form_alone(people: Desk) -> None:
    people.run("record-of-processing", "--output", "-")
    action, purpose, customer, detail = people.audit()[-1]
    assert (action, purpose, customer) == ("record_of_processing", "register_upkeep", None)
    assert detail == {"activities": 12, "format": "html", "lang": "fi"}


def test_one_customer_as_linked_data_is_a_look_like_any_other(people: Desk) -> None:
    shown = people.run("customers", "show", "salon:both", "--format", "jsonld", "--purpose", "service")
    told = json.loads(shown.stdout)
    assert {"@context", "@graph"} == told.keys()
    action, purpose, customer, detail = people.audit()[-1]
    assert (action, purpose, customer) == ("customers.show", "service", told["@graph"][0]["identifier"])
    assert detail == {"customers": 1, "format": "jsonld"}
    assert "note of" not in shown.stdout, "free text is no part of it"


@pytest.mark.parametrize("other", ["--json", "--with-notes"])
def test_linked_data_is_a_form_of_its_own(people: Desk, other: str) -> None:
    refused = people.run("customers", "show", "salon:both", "--format", "jsonld", other)
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "--format" in refused.stderr


def test_nobody_is_shown_where_nobody_is(people: Desk) -> None:
    done = people.run("customers", "show", "salon:nobody", "--format", "jsonld")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert people.audit()[-1][3] == {"customers": 0, "format": "jsonld"}


def test_the_card_shows_each_handlers_own_notice(people: Desk) -> None:
    assert "Thinkific Labs Inc.: https://www.thinkific.com/dpa/" in people.run("customers", "show", "salon:both").stdout
