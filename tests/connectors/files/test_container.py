"""Files as programs and spreadsheets write them: encodings, delimiters, quotes, damage."""

import random
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.files.reading import NO_RESULT
from connectors.records import Customer
from tests.connectors.files.conftest import Inbox

HEAD = ["Nimi", "Puhelinnumero", "Sähköposti", "Postitoimipaikka"]
ROW = ["Östen Äijälä", "040 000 0001", "osten@example.com", "Hämeenlinna"]


def names(inbox: Inbox, **options: Any) -> list[str | None]:
    return [
        record.payload.name
        for page in inbox.pages(**options)
        for record in page.records
        if isinstance(record.payload, Customer)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
@pytest.mark.parametrize("name", ["asiakkaat.csv", "ASIAKKAAT.TXT"])
def test_every_encoding_and_delimiter_gives_the_same_person(inbox: Inbox, encoding: str, sign: str, name: str) -> None:
    inbox.write(name, [HEAD, ROW], encoding=encoding, sign=sign)
    page = inbox.page()
    payload = page.records[0].payload
    assert isinstance(payload, Customer)
    assert (payload.name, payload.phone, payload.city) == ("Östen Äijälä", "+358400000001", "Hämeenlinna")
    assert page.problems == ()


def test_big_endian_utf_16_by_its_mark(inbox: Inbox) -> None:
    inbox.text("a.csv", "\ufeff" + ";".join(HEAD) + "\n" + ";".join(ROW), "utf-16-be")
    assert names(inbox) == ["Östen Äijälä"]


def test_the_encoding_is_decided_on_the_whole_file(inbox: Inbox) -> None:
    plain = [["Maija Testaaja", "", f"m{number}@example.com", "Oulu"] for number in range(9_000)]
    inbox.write("a.csv", [[*HEAD[:2], "Email", "Kaupunki"], *plain, ROW], encoding="cp1252")
    assert names(inbox)[-1] == "Östen Äijälä"


def test_a_letter_cut_by_a_read_is_no_damage(inbox: Inbox) -> None:
    from connectors.files.container import READ_BYTES, inspect

    path = inbox.text("a.csv", "x" * (READ_BYTES - 1) + "ä")
    assert inspect(path).encoding == "utf-8"
    path.write_bytes(b"x" * (READ_BYTES - 1) + "ä".encode()[:1])
    assert inspect(path).encoding == "cp1252"


def test_a_sep_line_names_the_delimiter_and_counts_as_a_line(inbox: Inbox) -> None:
    inbox.text("a.csv", "sep=|\r\nNimi|Puhelin\r\nMaija; Testaaja|0400000001\r\n")
    (record,) = inbox.page().records
    assert isinstance(record.payload, Customer)
    assert (record.payload.name, record.row) == ("Maija; Testaaja", 3)


def test_the_delimiter_is_found_behind_title_rows(inbox: Inbox) -> None:
    inbox.text(
        "a.csv", "Asiakkaat, kaikki, aakkosjärjestyksessä, tulostettu\r\n\r\nNimi;Puhelin\r\nMaija;0400000001\r\n"
    )
    assert names(inbox) == ["Maija"]


def test_quotes_hold_delimiters_quotes_and_line_breaks(inbox: Inbox) -> None:
    inbox.text(
        "a.csv",
        'Nimi;Osoite;Lisätiedot;Puhelin\r\n"Testaaja; Maija";"Kuja ""Y"" 1";"toivoo iltaa;\r\nei aamua";0400000001\r\n'
        "Kalle;;;0400000002\r\n",
    )
    first, second = inbox.page(notes=True).records
    assert isinstance(first.payload, Customer)
    assert (first.payload.name, first.payload.street, first.notes) == (
        "Testaaja; Maija",
        'Kuja "Y" 1',
        "toivoo iltaa;\nei aamua",
    )
    assert (first.row, second.row) == (2, 4)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(inbox: Inbox, end: str) -> None:
    inbox.text("a.csv", end.join(["Nimi;Puhelin", "Maija;0400000001", "Kalle;0400000002"]))
    assert names(inbox) == ["Maija", "Kalle"]


def test_blank_rows_and_short_rows_do_no_harm(inbox: Inbox) -> None:
    inbox.text("a.csv", "Nimi;Puhelin;Email\n\n;;\nMaija\nKalle;0400000002;;\n \n")
    assert names(inbox) == ["Maija", "Kalle"]
    assert inbox.page().rejected == ()


def test_a_row_with_too_many_cells_is_set_aside(inbox: Inbox) -> None:
    inbox.text("a.csv", "Nimi;Puhelin\nMaija;0400000001\nKalle; nuorempi;0400000002\n")
    page = inbox.page()
    assert len(page.records) == 1
    assert [(row.row, row.reason) for row in page.rejected] == [
        (3, "more cells than headings: a separator stands inside a cell without quotes")
    ]


def test_a_quote_that_is_never_closed_is_told_and_the_file_stays_open(inbox: Inbox) -> None:
    inbox.text("a.csv", 'Nimi;Puhelin\nMaija;0400000001\n"Kalle;0400000002\nLiisa;0400000003\n')
    page = inbox.page()
    assert len(page.records) == 1
    assert [(p.row, p.reason) for p in page.problems] == [
        (3, "a quote is never closed, so the rows after it cannot be told apart")
    ]
    assert page.file is None
    assert page.broken


@pytest.mark.parametrize(
    "rest",
    [
        '"Kalle;0400000002;',
        '"Kalle;0400000002;\n',
        'Kalle;"0400000002\n',
        '"Kalle;"0400000002"\nLiisa;0400000003\n',
        '"Kalle;0400000002\n"Liisa";0400000003\n',
    ],
    ids=["last line", "last line ended", "last cell", "closed within its line", "closed by the next row"],
)
def test_a_quote_that_is_never_closed_lets_no_row_in_wherever_it_stands(inbox: Inbox, rest: str) -> None:
    inbox.text("a.csv", "Nimi;Puhelin;Email\nMaija;0400000001;\n" + rest)
    page = inbox.page()
    assert [record.row for record in page.records] == [2]
    assert [(p.row, p.reason) for p in page.problems] == [
        (3, "a quote is never closed, so the rows after it cannot be told apart")
    ]


def test_quotes_within_a_quoted_cell_stop_nothing(inbox: Inbox) -> None:
    inbox.text("a.csv", 'Nimi;Osoite\nMaija;"Kuja "Y" 1"\nKalle;\n')
    assert names(inbox) == ["Maija", "Kalle"]
    assert inbox.reasons() == []


def test_a_lone_quote_sign_is_no_damage(inbox: Inbox) -> None:
    inbox.text("a.csv", 'Nimi;Osoite\nMaija;hylly 5" vasen\nKalle;"a\nb"\n')
    page = inbox.page()
    assert len(page.records) == 2
    assert page.file is not None


def test_a_swallowed_rest_beyond_the_cell_limit_is_told(inbox: Inbox) -> None:
    inbox.text("a.csv", 'Nimi;Puhelin\n"Kalle;0400000002\n' + "Liisa;0400000003\n" * 9_000)
    (reason,) = inbox.reasons()
    assert reason == "a cell of more than 131,072 characters, or a quote that is never closed"


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_beyond_the_limit_is_told_as_that(inbox: Inbox, quote: str) -> None:
    inbox.text("a.csv", f"Nimi;Osoite\nMaija;x\nKalle;{quote}{'x' * 131_073}{quote}\n")
    page = inbox.page()
    assert [(p.row, p.reason) for p in page.problems] == [(3, "a cell of more than 131,072 characters")]
    assert (len(page.records), page.broken, page.file) == (1, True, None)


def test_a_formula_without_a_saved_result_is_told(inbox: Inbox) -> None:
    workbook(inbox.folder / "a.xlsx", [["Nimi", "Puhelin"], ["Maija", '="040" & "0000001"']])
    page = inbox.page()
    assert [p.reason for p in page.problems] == [NO_RESULT]
    assert len(page.records) == 1


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("<c r='B2'><f>1+1</f><v>400000001</v></c>", False),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', False),
        ('<c r="B2"><f t="shared" si="0"/><v>400000001</v></c>', False),
        ('<c r="B2"><f t="shared" si="0"/></c>', True),
        ('<c r="B2" s="1"><f>1+1</f><v/></c>', True),
    ],
)
def test_only_a_formula_without_its_result_is_told(inbox: Inbox, tmp_path: Path, cell: str, *, told: bool) -> None:
    workbook(tmp_path / "a.xlsx", [["Nimi", "Puhelin"], ["Maija", 12345]])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(inbox.folder / "a.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(r'<c r="B2".*?</c>', cell, old.read(name).decode()))
    assert (NO_RESULT in inbox.reasons()) is told


def test_stray_zero_bytes_are_dropped_and_told(inbox: Inbox) -> None:
    inbox.text("a.csv", "Nimi;Puhelin\nMai\0ja;0400000001\n")
    assert names(inbox) == ["Maija"]
    assert inbox.reasons() == ["zero bytes in the text, dropped: the file may be damaged"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "empty file"),
        ("a.xlsx", b"", "empty file"),
        ("a.csv", b"\r\n \r\n", "empty file"),
        ("a.csv", bytes(2000), "no text inside: save it again as CSV in UTF-8"),
        ("a.xls", b"x", "an old Excel file (.xls): open it and save it as .xlsx"),
        ("a.pdf", b"x", "not a .csv, .txt or .xlsx file"),
        ("a.xlsx", b"Nimi;Puhelin", "no workbook inside, though it is named .xlsx"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 100, "the workbook is damaged: save it again"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
            "an old or password-protected Excel file: save it as .xlsx without a password",
        ),
        ("a.csv", b"PK\x03\x04rest", "a workbook or archive, though it is named as text: rename it to .xlsx"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_way_out(inbox: Inbox, name: str, content: bytes, reason: str) -> None:
    (inbox.folder / name).write_bytes(content)
    page = inbox.page()
    assert [problem.reason for problem in page.problems] == [reason]
    assert (page.records, page.file) == ((), None)
    assert page.broken is (reason not in ("empty file", "not a .csv, .txt or .xlsx file"))


def test_a_zip_that_is_no_workbook_is_told(inbox: Inbox) -> None:
    with zipfile.ZipFile(inbox.folder / "a.xlsx", "w") as archive:
        archive.writestr("x.txt", "x")
    assert inbox.reasons() == ["the workbook is damaged: save it again"]


def test_a_cut_workbook_is_told(inbox: Inbox, tmp_path: Path) -> None:
    workbook(tmp_path / "whole.xlsx", [HEAD, ROW])
    whole = (tmp_path / "whole.xlsx").read_bytes()
    (inbox.folder / "a.xlsx").write_bytes(whole[: len(whole) // 2])
    assert inbox.reasons() == ["the workbook is damaged: save it again"]


def test_headings_alone_are_a_file_without_rows(inbox: Inbox) -> None:
    inbox.write("a.csv", [HEAD])
    page = inbox.page()
    assert page.file is not None
    assert (page.file.rows, page.records, page.problems) == (0, (), ())


def workbook(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)


def test_a_workbooks_cells_are_read_by_their_kind(inbox: Inbox) -> None:
    workbook(
        inbox.folder / "a.xlsx",
        [
            ["Asiakkaat 2026"],
            [],
            [
                "Asiakasnumero",
                "Nimi",
                "Puhelin",
                "Viimeisin käynti",
                "Käyntikerrat",
                "Sallii sähköpostimarkkinoinnin",
                "Luotu",
            ],
            [1001, "Maija Testaaja", 358400000001, date(2026, 3, 1), 7, True, datetime(2025, 7, 1, 14, 30)],
        ],
    )
    page = inbox.page()
    (record,) = page.records
    assert isinstance(record.payload, Customer)
    assert (record.external_id, record.row, record.payload.phone) == ("1001", 4, "+358400000001")
    assert (record.payload.last_visit_on, record.payload.past_visits) == (date(2026, 3, 1), 7)
    assert record.payload.email_marketing is True
    assert record.payload.created_at is not None
    assert record.payload.created_at.isoformat() == "2025-07-01T11:30:00+00:00"
    assert [problem.reason for problem in page.problems] == ["lost leading + restored"]


def test_a_workbooks_bookings(inbox: Inbox) -> None:
    workbook(
        inbox.folder / "a.xlsx",
        [
            ["Varausnumero", "Asiakas", "Pvm", "Klo", "Kesto", "Hinta"],
            ["b1", "Maija", date(2026, 7, 1), time(14, 30), timedelta(hours=1, minutes=30), 65.5],
        ],
    )
    payload = inbox.page("bookings").records[0].payload.model_dump()
    assert payload["starts_at"].isoformat() == "2026-07-01T11:30:00+00:00"
    assert payload["ends_at"] - payload["starts_at"] == timedelta(minutes=90)
    assert payload["price_cents"] == 6550


def test_a_damaged_phone_in_a_workbook_stays_damaged(inbox: Inbox) -> None:
    workbook(inbox.folder / "a.xlsx", [["Nimi", "Puhelin"], ["Maija", "3,58401E+11"], ["Kalle", 400000001]])
    assert inbox.reasons() == ["damaged by a spreadsheet", "lost leading zero restored"]


def test_only_the_first_visible_sheet_is_read_and_that_is_told(inbox: Inbox) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.sheet_state = "hidden"
    for name in ("Maija", "Kalle"):
        sheet = book.create_sheet()
        sheet.append(["Nimi", "Puhelin"])
        sheet.append([name, "0400000001"])
    book.save(inbox.folder / "a.xlsx")
    assert names(inbox) == ["Maija"]
    assert inbox.reasons() == ["only the first visible sheet is read"]


def test_any_bytes_at_all_end_in_a_page_not_a_crash(inbox: Inbox) -> None:
    chance = random.Random(7)
    for _ in range(60):
        head = chance.choice([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"Nimi;Puhelin\n", b'Nimi;Puhelin\n"'])
        name = chance.choice(["a.csv", "a.txt", "a.xlsx"])
        path = inbox.folder / name
        path.write_bytes(head + chance.randbytes(chance.randint(0, 400)))
        for stream in ("clients", "bookings"):
            inbox.pages(stream)
        path.unlink()
    assert not list(inbox.folder.iterdir())
