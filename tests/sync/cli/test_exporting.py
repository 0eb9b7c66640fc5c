"""Export files: whole or not there, private, and harmless in a spreadsheet."""

import csv
import io
import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from config.settings import Settings
from sync.cli.exporting import Format, export_to, harmless
from tests.sync.cli.conftest import Desk


def test_json_lines_hold_each_customer_whole(people: Desk) -> None:
    file = people.folder / "all.jsonl"
    done = people.run("customers", "export", "--output", str(file))
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (done.exit_code, done.stdout) == (0, "")
    assert lines == people.json("customers", "list")["customers"]


@pytest.mark.parametrize(("name", "begins"), [("all.csv", b"\xef\xbb\xbfid;"), ("all.xlsx", b"PK"), ("all", b"{")])
def test_a_file_has_the_form_that_its_name_says(people: Desk, name: str, begins: bytes) -> None:
    assert people.run("customers", "export", "--output", str(people.folder / name)).exit_code == 0
    assert (people.folder / name).read_bytes().startswith(begins)


def test_a_file_is_private_and_leaves_nothing_beside_it(people: Desk) -> None:
    file = people.folder / "all.jsonl"
    file.write_text("an older export")
    file.chmod(0o644)
    before = set(people.folder.iterdir())
    assert people.run("customers", "export", "--output", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(people.folder.iterdir()) == before


@pytest.mark.parametrize("form", list(Format))
def test_what_breaks_off_leaves_the_older_file(tmp_path: Path, form: Format) -> None:
    def breaking() -> object:
        raise RuntimeError
        yield {}

    file = tmp_path / "all"
    file.write_text("older")
    with pytest.raises(RuntimeError):
        export_to(breaking(), str(file), form, Settings(), with_notes=False)  # type: ignore[arg-type]
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("all", "older")]


def test_what_a_killed_export_left_goes_with_the_next_one_to_the_same_file(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    own, living = os.getpid(), os.getppid()
    for name in (f".a[1].{gone.pid}.part", f".a[1].{own}.part", f".a[1].{living}.part", f".b.{gone.pid}.part"):
        (tmp_path / name).write_text("half")
    export_to([], str(tmp_path / "a[1]"), Format.JSONL, Settings(), with_notes=False)
    assert {path.name for path in tmp_path.iterdir()} == {"a[1]", f".a[1].{living}.part", f".b.{gone.pid}.part"}


def test_no_export_gives_a_terminal_anything_to_obey(desk: Desk) -> None:
    desk.registry.land("salon", {"1": {"name": "Eeva \x1b[31mMalli\x07", "phone": "+358405550001"}})
    desk.registry.reconcile()
    for form in ("csv", "jsonl"):
        done = desk.run("customers", "export", "--format", form, "--output", "-")
        assert "Eeva" in done.stdout
        assert not set(done.stdout) & {"\x1b", "\x07"}


def test_csv_opens_in_finnish_excel(people: Desk) -> None:
    done = people.run("customers", "export", "--format", "csv", "--output", "-")
    assert done.stdout_bytes.startswith(b"\xef\xbb\xbfid;name;")
    rows = list(csv.DictReader(io.StringIO(done.stdout_bytes.decode("utf-8-sig"), newline=""), delimiter=";"))
    maija = next(row for row in rows if row["name"] == "Maija Äijälä")
    assert (maija["phones"], maija["brands"], maija["bookings"]) == ("+358400000101", "artsport", "3")
    assert maija["sources"] == "salon:both, school:both"
    assert len(rows) == 9


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("-2", "'-2"), ("@x", "'@x"), ("\tx", "'\tx"), ("+1+cmd", "'+1+cmd"),
     ("＝1+1", "'＝1+1"), ("＋1", "'＋1"), ("－2", "'－2"), ("＠x", "'＠x"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"),
     ("\x1b]0;x\x07y", " ]0;x y"), ("\x07=1", " =1"), ("a\x9b31mb\x7f", "a 31mb "), ("a\tb\n", "a\tb\n"),
     ("x＝1", "x＝1"), ("a=b", "a=b"), ("", ""),
     ("+358400000101", "+358400000101"), ("+358400000101, +358400000102", "+358400000101, +358400000102")],
)  # fmt: skip
def test_a_cell_is_no_formula_unless_it_is_a_phone_number(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_a_workbook_holds_texts_where_a_formula_is_written(desk: Desk) -> None:
    desk.registry.land("salon", {"1": {"name": '=HYPERLINK("x")\x01', "phone": "+358400000101"}})
    desk.registry.reconcile()
    file = desk.folder / "all.xlsx"
    assert desk.run("customers", "export", "--format", "xlsx", "--output", str(file)).exit_code == 0
    headings, row = load_workbook(file)["asiakkaat"].iter_rows()
    cells = {str(heading.value): cell for heading, cell in zip(headings, row, strict=True)}
    assert (cells["name"].data_type, cells["name"].value) == ("s", '=HYPERLINK("x") ')
    assert cells["phones"].value == "+358400000101"
    assert cells["no_show_count"].value == 0


def test_notes_are_added_on_demand(people: Desk) -> None:
    words = ("customers", "export", "--output", "-", "--format")
    for form in ("csv", "jsonl"):
        assert "note of" not in people.run(*words, form).stdout
        assert "note of a person" in people.run(*words, form, "--with-notes").stdout


@pytest.mark.parametrize("output", ["missing/all.jsonl", "."])
def test_a_place_that_takes_no_file_is_status_1(people: Desk, output: str) -> None:
    done = people.run("customers", "export", "--output", str(people.folder / output))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
