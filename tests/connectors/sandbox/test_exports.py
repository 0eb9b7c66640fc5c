"""The salon's own export files, as a program on a Finnish Windows writes them."""

import csv
import io
import re
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.timma.sandbox import export_files
from tests.connectors.sandbox.conftest import PEOPLE

LISTED = [row for row in PEOPLE.clients if row.deleted_on is None]


def table(path: Path, encoding: str = "utf-8-sig", delimiter: str = ";") -> list[dict[str, str]]:
    text = path.read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_customers_and_bookings_are_written(tmp_path: Path) -> None:
    customers, bookings = export_files(PEOPLE, tmp_path)
    assert (customers.name, bookings.name) == ("asiakkaat.csv", "varaukset.csv")
    assert [row["Asiakasnumero"] for row in table(customers)] == [row.id for row in LISTED]
    appointments = [row.id for row in PEOPLE.bookings if row.client_id]
    assert [row["Varausnumero"] for row in table(bookings)] == appointments


def test_only_what_is_asked_for_is_written(tmp_path: Path) -> None:
    assert [path.name for path in export_files(PEOPLE, tmp_path, what=["customers"])] == ["asiakkaat.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["asiakkaat.csv"]


def test_lines_end_as_on_windows_and_the_file_begins_with_its_mark(tmp_path: Path) -> None:
    content = export_files(PEOPLE, tmp_path)[1].read_bytes()
    assert content.startswith(b"\xef\xbb\xbfVarausnumero;")
    assert content.count(b"\r\n") == content.count(b"\n")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_other_encodings_and_delimiters_say_the_same(tmp_path: Path, encoding: str, delimiter: str) -> None:
    usual = table(export_files(PEOPLE, tmp_path)[0])
    (path, _) = export_files(PEOPLE, tmp_path, encoding=encoding, delimiter=delimiter)  # type: ignore[arg-type]
    assert table(path, encoding, delimiter) == usual
    assert any("ä" in row["Nimi"] for row in usual)


def test_without_ids_the_first_column_is_left_out(tmp_path: Path) -> None:
    customers, bookings = export_files(PEOPLE, tmp_path, ids=False)
    assert next(iter(table(customers)[0])) == "Nimi"
    assert next(iter(table(bookings)[0])) == "Asiakas"


def test_dates_times_money_and_flags_are_finnish(tmp_path: Path) -> None:
    customers, bookings = (table(path) for path in export_files(PEOPLE, tmp_path))
    for row in bookings:
        assert re.fullmatch(r"[1-9]\d?\.[1-9]\d?\.20\d\d", row["Päivämäärä"])
        assert re.fullmatch(r"\d{1,2}\.\d\d", row["Kello"])
        assert re.fullmatch(r"\d+,\d\d", row["Hinta (€)"])
    assert {row["Sähköpostimarkkinointi"] for row in customers} == {"Kyllä", "Ei", ""}
    assert {row["Tila"] for row in bookings} == {"Toteutunut", "Peruttu", "Ei saapunut", "Varattu", "Odottaa maksua"}


def test_times_are_those_of_helsinki_in_summer_and_winter(tmp_path: Path) -> None:
    rows = {row["Varausnumero"]: row for row in table(export_files(PEOPLE, tmp_path)[1])}
    hours_ahead = set()
    for booking in PEOPLE.bookings:
        if booking.id in rows:
            written = rows[booking.id]["Kello"].split(".")
            minutes = int(written[0]) * 60 + int(written[1])
            hours_ahead.add((minutes - booking.starts_at // 60_000 % 1440) % 1440)
    assert hours_ahead == {120, 180}


def test_a_note_may_hold_a_line_break_or_look_like_a_formula(tmp_path: Path) -> None:
    notes = {row["Lisätiedot"] for row in table(export_files(PEOPLE, tmp_path)[0])}
    assert any("\n" in note for note in notes)
    assert any(note.startswith("=") for note in notes)


def test_a_spreadsheet_has_cells_of_their_own_kinds(tmp_path: Path) -> None:
    customers, bookings = export_files(PEOPLE, tmp_path, form="xlsx")
    with closing(load_workbook(bookings, read_only=True)) as workbook:
        rows = list(workbook["Taulukko1"].iter_rows(values_only=True))
    first = dict(zip(rows[0], rows[1], strict=True))
    assert type(first["Päivämäärä"]).__name__ == "datetime"
    assert isinstance(first["Hinta (€)"], int | float)
    assert len(rows) == 1 + len([row for row in PEOPLE.bookings if row.client_id])
    with closing(load_workbook(customers, read_only=True)) as workbook:
        notes = [row[9] for row in workbook["Taulukko1"].iter_rows(values_only=True)]
    assert "=maksaa lahjakortilla" in notes
