"""How an export file would be read, without anybody's data in what is shown."""

from connectors.files.preview import Preview, preview_file
from connectors.files.rows import Rules
from connectors.files.unreadable import CANNOT_OPEN
from connectors.records import Kind
from tests.connectors.files.conftest import Inbox


def shown(inbox: Inbox, *rows: list[str], encoding: str = "cp1252") -> Preview:
    return preview_file(inbox.write("a.csv", rows, encoding=encoding), {}, Rules())


def test_a_preview_tells_how_the_file_would_be_read(inbox: Inbox) -> None:
    found = shown(
        inbox,
        ["Asiakkaat"],
        ["Nimi", "Puhelinnumero", "Lempiväri", "Hetu"],
        ["Maija Testaaja", "0400000001", "sininen", ""],
        ["Kalle Testaaja", "3,58401E+11", "vihreä", "010190-123O"],
        ["Maija Testaaja", "0400000001", "sininen", ""],
        ["", "", "punainen", ""],
    )
    assert (found.encoding, found.delimiter, found.heading_row, found.kind) == ("cp1252", ";", 2, Kind.CUSTOMER)
    assert [(column.heading, column.field) for column in found.columns] == [
        ("Nimi", "full_name"), ("Puhelinnumero", "phone"), ("Lempiväri", None), ("Hetu", None),
    ]  # fmt: skip
    assert found.columns[1].refusals == {"damaged by a spreadsheet": (4,)}
    assert found.columns[2].reason == "unmatched heading, dropped"
    assert (found.rows, found.records, found.skipped, found.masked) == (4, 2, 1, 1)
    assert found.rejected == {"neither id, phone, e-mail nor name": (6,)}


def test_a_preview_shows_nobody(inbox: Inbox) -> None:
    found = shown(inbox, ["Nimi", "Puhelin", "Email"], ["Maija Testaaja", "0400000", "maija@@example.com"])
    assert not any(part in repr(found) for part in ("Maija", "0400000", "example"))


def test_a_file_that_would_not_be_read_says_why(inbox: Inbox) -> None:
    found = shown(inbox, ["Tuote", "Varasto"], ["Öljy", "3"])
    assert (found.kind, found.records) == (None, 0)
    assert [(column.heading, column.field) for column in found.columns] == [("Tuote", None), ("Varasto", None)]
    assert "Tuote" not in found.problems[0].reason
    assert "Öljy" not in repr(found)
    missing = preview_file(inbox.folder / "puuttuu.csv", {}, Rules())
    assert [problem.reason for problem in missing.problems] == [CANNOT_OPEN]


def test_notes_that_are_dropped_are_shown_as_not_read_with_the_setting_that_keeps_them(inbox: Inbox) -> None:
    path = inbox.write("a.csv", [["Nimi", "Puhelin", "Lisätiedot"], ["Maija", "0400000001", "toivoo iltaa"]])
    column = preview_file(path, {}, Rules(), "files.reseller").columns[2]
    assert (column.field, column.reason) == (None, "free text, dropped; files.reseller.notes = true keeps it")
    kept = preview_file(path, {}, Rules(notes=True), "files.reseller").columns[2]
    assert (kept.field, kept.reason) == ("notes", None)
