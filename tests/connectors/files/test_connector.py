"""The connector over files: the contract of the seam, and its own promises."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from config.sections import FilesOptions
from config.settings import Source
from connectors.base import Connector, Page, Position
from connectors.errors import HoldSource, RejectRow, StopRun
from connectors.files import connect, preview
from connectors.files.container import fingerprint
from connectors.files.reading import SAME_ID
from connectors.files.unreadable import CANNOT_OPEN
from connectors.records import Customer, Kind
from tests.connectors.contract import ConnectorContract, ids_of
from tests.connectors.files.conftest import NOW, Inbox, stopped

Customers = Callable[[int], list[list[str]]]


class TestFiles(ConnectorContract):
    makes_requests = False

    @pytest.fixture
    def filled(self, inbox: Inbox, customers: Customers) -> Inbox:
        inbox.write("a.csv", [*customers(1_100), ["", "", ""], ["", "-", "12"]])
        inbox.write("b.csv", [["Asiakasnumero", "Nimi", "Puhelin"], ["b1", "Toinen Tiedosto", ""]])
        heading = ["Varausnumero", "Asiakas", "Pvm", "Klo", "Palvelu"]
        inbox.write("c.csv", [heading, *([f"v{n}", f"Testi {n}", "1.7.2026", "14.30", "Hieronta"] for n in range(600))])
        for age, name in enumerate(("c.csv", "b.csv", "a.csv")):
            os.utime(inbox.folder / name, (1_000_000 - age, 1_000_000 - age))
        return inbox

    @pytest.fixture
    def make(self, filled: Inbox) -> Callable[[], Connector]:
        return filled.connector

    @pytest.fixture
    def truth(self) -> Mapping[str, set[str]]:
        return {"clients": {f"a{n}" for n in range(1_100)} | {"b1"}, "bookings": {f"v{n}" for n in range(600)}}

    @pytest.fixture
    def refused(self, tmp_path: Path) -> Connector:
        return Inbox(tmp_path / "nowhere").connector()


def test_a_page_holds_at_most_five_hundred_rows_and_the_last_names_the_file(inbox: Inbox, customers: Customers) -> None:
    inbox.write("asiakkaat.csv", customers(1_200))
    pages = inbox.pages()
    assert [len(page.records) for page in pages] == [500, 500, 200]
    assert [page.file is not None for page in pages] == [False, False, True]
    assert pages[-1].file is not None
    assert (pages[-1].file.name, pages[-1].file.rows) == ("asiakkaat.csv", 1_200)
    assert {page.retrieved_from for page in pages} == {"asiakkaat.csv"}
    assert {page.sweep for page in pages} == {False}


def test_each_stream_reads_files_of_its_kind_alone(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", customers(1))
    inbox.write("b.csv", [["Varausnumero", "Alkaa", "Palvelu"], ["v1", "1.7.2026 14.30", "Hieronta"]])
    assert ids_of(inbox.pages("clients")) == ["a0"]
    assert ids_of(inbox.pages("bookings")) == ["v1"]


def test_the_same_content_is_nothing_new_whatever_its_name(inbox: Inbox, customers: Customers) -> None:
    first = inbox.write("a.csv", customers(3))
    digest = inbox.pages()[-1].file
    assert digest is not None
    first.rename(inbox.folder / "uusi nimi.csv")
    assert inbox.pages(position={"imported": frozenset({digest.sha256})}) == []
    assert len(ids_of(inbox.pages(position={"imported": frozenset({digest.sha256}), "full": True}))) == 3


def test_one_content_under_two_names_is_read_once_and_put_away_twice(inbox: Inbox, customers: Customers) -> None:
    for name in ("a.csv", "b.csv"):
        inbox.write(name, customers(2))
    connector = inbox.connector(after_import="archive")
    pages = list(connector.read("clients", Position(now=NOW)))
    assert len(ids_of(pages)) == 2
    assert pages[-1].file is not None
    connector.close(frozenset({pages[-1].file.sha256}))
    assert sorted(path.name for path in (inbox.folder / "archive").iterdir()) == ["a.csv", "b.csv"]


def test_only_what_is_in_the_registry_is_put_away(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", customers(2))
    connector = inbox.connector(after_import="delete")
    list(connector.read("clients", Position(now=NOW)))
    connector.close(frozenset())
    assert (inbox.folder / "a.csv").exists()


def test_a_cut_read_goes_on_in_the_middle_of_the_file(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", customers(1_200))
    cursor = inbox.pages()[0].cursor
    rest = inbox.pages(position={"cursor": cursor})
    assert ids_of(rest) == [f"a{number}" for number in range(500, 1_200)]
    assert rest[-1].file is not None
    assert rest[-1].file.rows == 1_200


def test_a_cut_read_of_a_file_that_is_gone_begins_again(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", customers(700))
    assert len(ids_of(inbox.pages(position={"cursor": "0" * 64 + ":501"}))) == 700
    assert len(ids_of(inbox.pages(position={"cursor": "nonsense"}))) == 700


def put(inbox: Inbox, name: str, age: int, *rows: list[str]) -> str:
    """A list of customers of an age in seconds; its digest."""
    path = inbox.write(name, [["ID", "Nimi", "Sähköpostimarkkinointi"], *rows])
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return fingerprint(path)


def said(pages: list[Page]) -> dict[str, bool | None]:
    """The flag of each id that came; each at most once."""
    records = [record for page in pages for record in page.records]
    flags = {r.external_id: r.payload.email_marketing for r in records if isinstance(r.payload, Customer)}
    assert len(flags) == len(records)
    return flags


def test_a_full_read_lands_of_each_id_what_the_newest_file_says_and_nothing_else(inbox: Inbox) -> None:
    old = put(inbox, "vanha.csv", 9, ["1", "Maija", "Ei"], ["2", "Kalle", "Ei"], ["2", "Toinen", "x"])
    new = put(inbox, "uusi.csv", 0, ["1", "Maija", "Kyllä"], ["3", "Liisa", "?"])
    for position in ({"full": True, "imported": frozenset({old, new})}, {}):
        pages = inbox.pages(position=position)
        assert [page.retrieved_from for page in pages] == ["uusi.csv", "vanha.csv"]
        assert said(pages) == {"1": True, "2": False, "3": None}
        assert [(page.skipped, len(page.rejected)) for page in pages] == [(0, 0), (1, 1)]
        assert all(page.file for page in pages)


def test_an_older_file_that_comes_later_says_nothing_of_whom_a_newer_one_holds(inbox: Inbox) -> None:
    new = put(inbox, "uusi.csv", 0, ["1", "Maija", "Kyllä"])
    put(inbox, "vanha.csv", 9, ["1", "Maija", "Ei"], ["2", "Kalle", "Ei"])
    (page,) = inbox.pages(position={"imported": frozenset({new})})
    assert (said([page]), page.skipped, page.retrieved_from) == ({"2": False}, 1, "vanha.csv")
    assert page.file is not None
    assert page.file.rows == 2


def test_a_copy_made_later_is_no_newer(inbox: Inbox) -> None:
    for name, age in (("vanha.csv", 9), ("kopio.csv", 0)):
        put(inbox, name, age, ["1", "Maija", "Ei"])
    put(inbox, "uusi.csv", 5, ["1", "Maija", "Kyllä"])
    assert said(inbox.pages(position={"full": True})) == {"1": True}


def test_a_newer_file_of_the_other_kind_stands_in_nobodys_way(inbox: Inbox) -> None:
    put(inbox, "vanha.csv", 9, ["1", "Maija", "Ei"])
    inbox.write("v.csv", [["Varausnumero", "Alkaa", "Palvelu"], ["1", "1.7.2026 14.30", "Hieronta"]])
    assert (ids_of(inbox.pages()), ids_of(inbox.pages("bookings"))) == (["1"], ["1"])


def test_a_cut_read_of_several_files_begins_again(inbox: Inbox) -> None:
    put(inbox, "vanha.csv", 9, *([str(n), f"Testi {n}", "Ei"] for n in range(1_200)))
    new = put(inbox, "uusi.csv", 0, ["1", "Testi 1", "Kyllä"])
    whole = inbox.pages(position={"full": True})
    for page in whole:
        assert inbox.pages(position={"full": True, "cursor": page.cursor}) == whole
    rest = inbox.pages(position={"imported": frozenset({new}), "cursor": whole[1].cursor})
    assert rest == whole[2:]


def test_newer_files_are_not_put_away_before_an_older_one_is_in(inbox: Inbox) -> None:
    old = put(inbox, "vanha.csv", 9, ["1", "Maija", "Ei"])
    new = put(inbox, "uusi.csv", 0, ["1", "Maija", "Kyllä"])
    for imported, left in (({new}, {"vanha.csv", "uusi.csv"}), ({old, new}, set())):
        connector = inbox.connector(after_import="delete")
        list(connector.read("clients", Position(now=NOW)))
        connector.close(frozenset(imported))
        assert {path.name for path in inbox.folder.iterdir()} == left


def test_a_name_that_is_no_text_or_holds_a_code_does_no_harm(inbox: Inbox) -> None:
    for name, told in ((b"lat\xe4.csv", "lat\ufffd.csv"), (b"010190-999X.csv", "[masked].csv")):
        path = inbox.folder / os.fsdecode(name)
        path.write_text("Nimi;Puhelin;Muu\nMaija;12;\n;;x\n")
        page = inbox.page()
        assert page.file is not None
        assert page.retrieved_from == page.file.name == page.rejected[0].file == told
        assert {problem.file for problem in page.problems} == {told}
        assert preview(path).file == told
        page.model_dump_json()
        connector = inbox.connector(after_import="archive")
        list(connector.read("clients", Position(now=NOW)))
        connector.close(frozenset({page.file.sha256}))
        assert (inbox.folder / "archive" / path.name).exists()


def test_a_file_that_may_not_be_opened_is_told_by_name(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError

    for name in ("a.csv", "b.csv"):
        inbox.write(name, [["Nimi", "Puhelin"], ["Maija", ""]])
    monkeypatch.setattr("connectors.files.inbox.fingerprint", refuse)  # root may open any
    pages = inbox.pages()
    assert {(p.file, p.reason) for page in pages for p in page.problems} == {
        ("a.csv", CANNOT_OPEN), ("b.csv", CANNOT_OPEN),
    }  # fmt: skip
    assert all(page.broken and not page.records for page in pages)
    assert inbox.pages("bookings") == []


def test_doubles_are_noticed_across_a_cut(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", [*customers(600), ["a0", "Aivan Toinen", ""]])
    rest = inbox.pages(position={"cursor": inbox.pages()[0].cursor})
    assert [row.reason for page in rest for row in page.rejected] == [SAME_ID]


def test_of_two_rows_with_one_id_the_first_stands_and_the_other_is_set_aside(inbox: Inbox) -> None:
    rows = [["ID", "Nimi", "Puhelin"], ["1", "Maija", ""], ["1", "Kalle", ""], ["1", "Maija", ""]]
    page = inbox.page() if inbox.write("a.csv", rows) else None
    assert page is not None
    assert [record.payload.name for record in page.records if isinstance(record.payload, Customer)] == ["Maija"]
    assert [(row.row, row.reason, row.file) for row in page.rejected] == [(3, SAME_ID, "a.csv")]
    assert page.skipped == 1


def test_every_row_is_a_record_a_reject_or_skipped(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", [*customers(40), *customers(20), ["", "", "x"], ["a0", "Toinen", ""], ["", "", ""]])
    page = inbox.page()
    assert page.file is not None
    assert len(page.records) + len(page.rejected) + page.skipped == page.file.rows == 63


def test_a_rejected_row_keeps_its_phone_and_loses_its_codes(inbox: Inbox) -> None:
    rows = [
        ["ID", "Nimi", "Puhelin", "Hetu"],
        ["1", "Maija", "040123-4567", "x"],
        ["1", "010190-123O", "040123-4567", "x"],
    ]
    inbox.write("a.csv", rows)
    page = inbox.page()
    fields = dict(page.rejected[0].fields)
    assert fields.pop("refused") == SAME_ID
    assert fields == {"source_id": "1", "full_name": "[masked]", "phone": "040123-4567"}
    assert page.masked == 3


def test_problems_name_file_row_and_column_and_no_value(inbox: Inbox) -> None:
    inbox.write("a.csv", [["Nimi", "Puhelinnumero"], ["Maija", "3,58401E+11"]])
    (problem,) = inbox.page().problems
    assert problem.model_dump() == {
        "reason": "damaged by a spreadsheet", "file": "a.csv", "row": 2, "column": "Puhelinnumero",
    }  # fmt: skip


def test_a_flood_of_problems_ends_in_a_summary(inbox: Inbox) -> None:
    inbox.write("a.csv", [["Nimi", "Puhelin", "Email"], *([f"Testi {n}", "12", "x"] for n in range(1_000))])
    problems = [problem for page in inbox.pages() for problem in page.problems]
    assert len(problems) == 42
    assert [(p.column, p.row, p.reason) for p in problems[-2:]] == [
        ("Puhelin", None, "not a phone number (1000 rows in all)"),
        ("Email", None, "not an e-mail address (1000 rows in all)"),
    ]


@pytest.mark.parametrize("damage", ["Ã„ijÃ¤lÃ¤", "Mets\ufffd", "PÃ¶yry"])
def test_damaged_letters_are_told_once_a_column(inbox: Inbox, damage: str) -> None:
    inbox.write("a.csv", [["Nimi", "Kaupunki"], ["Maija", damage], ["Kalle", damage], [damage, "Oulu"]])
    told = [(problem.column, problem.row) for problem in inbox.page().problems]
    assert told == [("Kaupunki", 2), ("Nimi", 4)]


def test_a_column_without_a_heading_is_told(inbox: Inbox) -> None:
    inbox.write("a.csv", [["Nimi", "", "Puhelin"], ["Maija", "jotain", ""], ["Kalle", "", ""]])
    assert [(p.column, p.reason) for p in inbox.page().problems] == [
        ("column 2", "a column without a heading, dropped")
    ]


def test_a_file_of_neither_kind_is_told_each_time_in_one_stream(inbox: Inbox) -> None:
    inbox.write("a.csv", [["Tuote", "Varasto"], ["Öljy", "3"]])
    (page,) = inbox.pages("clients")
    assert page.file is None
    assert "Tuote" not in page.problems[0].reason
    assert "`rekisteri check FILE`" in page.problems[0].reason
    assert page.broken is False
    assert inbox.pages("bookings") == []


def test_identity_columns_are_counted_and_gone(inbox: Inbox) -> None:
    inbox.write("a.csv", [["Nimi", "Puhelin", "Henkilötunnus"], ["Maija", "", "010190-123O"], ["Kalle", "", ""]])
    page = inbox.page(notes=True)
    assert page.masked == 1
    assert "010190" not in page.model_dump_json()


def test_a_row_tried_again_gives_what_the_file_gave(inbox: Inbox) -> None:
    fields = {"source_id": "1", "full_name": "Maija Testaaja", "phone": "040 000 0001"}
    record = inbox.connector().map_row("clients", fields)
    assert record.external_id == "1"
    assert isinstance(record.payload, Customer)
    assert record.payload.phone == "+358400000001"


@pytest.mark.parametrize("row", [["a0", "Toinen", ""], ["a1", "Kalle", "nuorempi", "0400000001"]])
def test_a_row_refused_for_what_stands_around_it_is_not_let_in_by_its_cells(
    inbox: Inbox, customers: Customers, row: list[str]
) -> None:
    inbox.write("a.csv", [*customers(1), row])
    connector = inbox.connector()
    (page,) = connector.read("clients", Position(now=NOW))
    with pytest.raises(RejectRow, match=page.rejected[0].reason):
        connector.map_row("clients", page.rejected[0].fields)


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_whole(inbox: Inbox, customers: Customers) -> None:
    path = inbox.write("a.csv", customers(700))
    pages = inbox.connector().read("clients", Position(now=NOW))
    next(pages)
    with path.open("a") as file:
        file.write("x")
    (last,) = pages
    assert last.file is None
    assert last.broken
    assert last.problems[-1].reason == "the file changed while it was read; it is read again at the next run"


def test_a_file_that_is_gone_before_its_turn_is_told(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", customers(1))
    second = inbox.write("b.csv", [["Nimi", "Puhelin"], ["Maija", ""]])
    os.utime(second, (1, 1))
    pages = inbox.connector().read("clients", Position(now=NOW))
    next(pages)
    second.unlink()
    (last,) = pages
    assert [problem.reason for problem in last.problems] == [CANNOT_OPEN]
    assert last.broken


def test_the_second_look_waits_a_second_for_new_files_alone(inbox: Inbox, customers: Customers) -> None:
    inbox.write("a.csv", customers(1))
    connector = inbox.connector()
    connector._stop = threading.Event()
    began = time.monotonic()
    assert len(ids_of(list(connector.read("clients", Position(now=NOW))))) == 1
    assert list(connector.read("bookings", Position(now=NOW))) == []
    assert 0.9 < time.monotonic() - began < 1.8


def test_rows_are_read_as_they_are_asked_for(inbox: Inbox, customers: Customers) -> None:
    path = inbox.write("a.csv", customers(30_000))
    began = time.monotonic()
    next(inbox.connector().read("clients", Position(now=NOW)))
    one = time.monotonic() - began
    assert path.stat().st_size > 500_000
    began = time.monotonic()
    assert len(inbox.pages()) == 61
    assert one < (time.monotonic() - began) / 3


def source(inbox: Path | None, **options: Any) -> Source:
    return Source(
        name="reseller", platform="files", party="course_reseller", brand="artsport", notes=False, consent_grantee=None,
        schedule="*/15 * * * *", options=FilesOptions(inbox=inbox, **options),
    )  # fmt: skip


class TestConfigured:
    headings: ClassVar[list[str]] = ["Ken", "Minne soittaa"]

    def test_a_source_is_connected_with_its_columns(self, inbox: Inbox) -> None:
        inbox.write("a.csv", [self.headings, ["Maija", "0400000001"]])
        connector = connect(source(inbox.folder, columns={"full_name": "Ken", "phone": "Minne soittaa"}), stopped())
        (page,) = connector.read("clients", Position(now=NOW))
        assert connector.name == "reseller"
        assert isinstance(page.records[0].payload, Customer)
        assert page.records[0].payload.phone == "+358400000001"

    def test_a_missing_inbox_names_its_setting(self, tmp_path: Path) -> None:
        with pytest.raises(StopRun, match=r"files\.reseller\.inbox"):
            connect(source(None))
        with pytest.raises(HoldSource, match=r"files\.reseller\.inbox"):
            connect(source(tmp_path / "nowhere")).check()

    def test_check_counts_the_files(self, inbox: Inbox, customers: Customers) -> None:
        inbox.write("a.csv", customers(1))
        assert connect(source(inbox.folder)).check() == "1 file in the inbox"

    def test_a_preview_reads_as_the_source_would(self, inbox: Inbox) -> None:
        path = inbox.write("a.csv", [self.headings, ["Maija", "0400000001"]])
        assert preview(path).kind is None
        shown = preview(path, source(None, columns={"full_name": "Ken", "phone": "Minne soittaa"}))
        assert (shown.kind, shown.records) == (Kind.CUSTOMER, 1)

    def test_a_preview_names_the_notes_setting_of_its_own_source(self, inbox: Inbox) -> None:
        path = inbox.write("a.csv", [["Nimi", "Puhelin", "Huomiot"], ["Maija", "0400000001", ""]])
        assert "files.reseller.notes" in (preview(path, source(inbox.folder)).columns[2].reason or "")
        assert "`notes` of the source" in (preview(path).columns[2].reason or "")
