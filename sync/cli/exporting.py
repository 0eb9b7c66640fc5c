"""Export files: JSON lines with everything, CSV and Excel with one row a customer. Never half a file, mode 0600."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sync.cli.program import NotThereError
from sync.cli.whole_file import whole_file

if TYPE_CHECKING:
    from config.settings import Settings

Customer = Mapping[str, Any]
Cell = str | int | None

HEADINGS = (
    "id", "name", "first_name", "last_name", "emails", "phones", "address", "marketing_email", "marketing_sms",
    "objections", "restricted", "no_show_count", "regular_employee", "discounts", "brands", "bookings", "enrollments",
    "orders", "sources", "created_at", "updated_at",
)  # fmt: skip
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Full-width signs too: a spreadsheet with East Asian settings takes them for their narrow twins."""
_SQLITE = b"SQLite format 3\0"
"""How a database begins (sqlite.org/fileformat2.html, 1.3)."""
_PHONES = re.compile(r"\+\d{5,15}(, \+\d{5,15})*")


class Format(StrEnum):
    """The forms of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


def export_to(
    customers: Iterable[Customer], output: str, form: Format, settings: "Settings", *, with_notes: bool
) -> None:
    """Write customers to the file `output`, or to standard output for `-`. Raises `NotThereError`, `ConfigError`."""

    def write(file: BinaryIO) -> None:
        if form is Format.JSONL:
            write_jsonl(customers, file)
        else:
            rows = (_row(customer, with_notes) for customer in customers)
            write_sheet(form, "asiakkaat", _headings(with_notes), rows, file)

    put(output, write, settings)


def by_ending(output: str, otherwise: Format = Format.CSV) -> Format:
    """The form that a file's name says, else `otherwise`."""
    ending = Path(output).suffix.lower().removeprefix(".")
    return Format(ending) if ending in {form.value for form in Format} else otherwise


def rendered(form: Format, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A whole file of rows: as JSON lines, each an object by the headings, or as `write_sheet` makes it."""
    file = io.BytesIO()
    if form is Format.JSONL:
        write_jsonl((dict(zip(headings, row, strict=True)) for row in rows), file)
    else:
        write_sheet(form, name, headings, rows, file)
    return file.getvalue()


def put(output: str, write: Callable[[BinaryIO], None], settings: "Settings") -> None:
    """Let `write` fill the file `output`, which stands there once it is whole, or standard output for `-`.

    Raises `NotThereError`, before anything is written too where `output` is a file that the registry lives by.
    """
    if output == "-":
        sys.stdout.flush()
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    try:
        _spare(path, settings)
        with whole_file(path) as file:
            write(file)
    except OSError as error:
        raise NotThereError(
            f"{output} cannot be written ({error.strerror}); name a file in a folder that is there"
        ) from None


def _spare(path: Path, settings: "Settings") -> None:
    """Raise `NotThereError` for what is no file, for a file of the registry's own, however it is named, for any other
    database, and for a place in an inbox, where the next run would read it as a platform's."""
    from config.own_files import own_files
    from store.backup.sidecar import beside

    if path.exists() and not path.is_file():
        # A device or pipe would be replaced by a file of that name.
        raise NotThereError(f"{path} is no plain file; name another, or - for standard output")
    own = (*own_files(settings), beside(settings.privacy.key_file))
    if any(_is_same(path, one) for one in own):
        raise NotThereError(f"{path} is a file that the registry itself lives by; name another")
    if _place(path).parent in {source.inbox.resolve() for source in settings.sources() if source.inbox}:
        raise NotThereError(f"{path} lies in an inbox, whose files are read as a platform's; name another folder")
    # Our own database is known by then: to open and close it would take our locks off it (`store.engine`).
    if path.is_file() and _begins(path, _SQLITE):
        raise NotThereError(f"{path} is a database; name another file")


def _is_same(one: Path, other: Path) -> bool:
    if _place(one) == _place(other):
        return True
    return one.exists() and other.exists() and one.samefile(other)


def _place(path: Path) -> Path:
    return path.absolute().parent.resolve() / path.name


def _begins(path: Path, text: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(text)) == text


def write_jsonl(items: Iterable[Mapping[str, Any]], file: BinaryIO) -> None:
    """Write one JSON object a line."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for item in items:
        file.write(f"{encode(item)}\n".encode(errors="replace"))


def write_sheet(
    form: Format, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], file: BinaryIO
) -> None:
    """Write headings and rows as CSV for Finnish Excel, or as a workbook with a sheet of this name.

    Raises `ConfigError` where workbooks cannot be written.
    """
    if form is Format.XLSX:
        _write_xlsx(name, headings, rows, file)
    else:
        _write_csv(headings, rows, file)


def _write_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]], file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([harmless(str(cell)) if cell is not None else "" for cell in row])
    text.detach()


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: such a text gets an apostrophe before it (OWASP, CSV injection).
    Phone numbers in E.164 begin with `+` and are left as they are: digits compute nothing. Control characters, which
    a terminal would obey, become spaces."""
    text = _CONTROLS.sub(" ", text)
    if text.startswith(_BEGIN_FORMULAS) and not _PHONES.fullmatch(text):
        return f"'{text}"
    return text


def _write_xlsx(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], file: BinaryIO) -> None:
    try:
        from openpyxl import Workbook
    except ImportError:
        from config.errors import ConfigError

        raise ConfigError("xlsx needs openpyxl; install rekisteri[xlsx], or export csv", "--format") from None
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.append(list(headings))
    try:
        for row in rows:
            sheet.append([_xlsx_cell(sheet, value) for value in row])
    except BaseException:
        sheet.close()
        raise
    book.save(file)


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    """A cell without control characters, most of which XML cannot hold; a text that begins with `=` is text."""
    from openpyxl.cell import WriteOnlyCell

    text = _CONTROLS.sub(" ", value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, text)
    if cell.data_type == "f":
        cell.data_type = "s"
    return cell


def _headings(with_notes: bool) -> list[str]:
    return [*HEADINGS, *(["notes"] if with_notes else [])]


def _row(customer: Customer, with_notes: bool) -> list[Cell]:
    row: list[Cell] = []
    for heading in HEADINGS:
        match heading:
            case "emails" | "phones" | "discounts" | "brands" | "objections":
                row.append(", ".join(customer[heading]))
            case "marketing_email" | "marketing_sms":
                row.append(customer["marketing"][heading.removeprefix("marketing_")])
            case "restricted":
                row.append("yes" if customer[heading] else "")
            case "bookings" | "enrollments" | "orders":
                row.append(len(customer[heading]))
            case "sources":
                row.append(", ".join(f"{record['source']}:{record['external_id']}" for record in customer["records"]))
            case _:
                row.append(customer[heading])
    if with_notes:
        row.append("\n".join(record["notes"] for record in customer["records"] if record["notes"]))
    return row
