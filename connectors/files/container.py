"""From a file's bytes to rows of texts: encodings, delimiters, quotes, sheets.

Nothing is loaded whole but the sheet of a workbook, which its format forces. Every row comes as (line, cells), line 1
being the first of the file. What cannot be read raises `UnreadableFile`, whose reason tells the way out.
"""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.files.headings import HEADING_ROWS, known
from connectors.files.unreadable import UnreadableFile
from connectors.files.workbook import Row, count_sheets, lacks_results, sheet_rows

DELIMITERS = (";", ",", "\t")
READ_BYTES = 1 << 18
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
TEXTS = (".csv", ".txt")

LONG_CELL = f"a cell of more than {csv.field_size_limit():,} characters"
LONG_OR_UNCLOSED = f"{LONG_CELL}, or a quote that is never closed"
UNCLOSED = "a quote is never closed, so the rows after it cannot be told apart"


@dataclass(frozen=True, slots=True)
class Content:
    """What one streaming look over a file's bytes tells. `encoding` is `None` for a workbook."""

    sha256: str
    encoding: str | None
    nuls: bool


@dataclass(frozen=True, slots=True)
class Form:
    """How a file's rows are cut. `first_line`: line of the first row, 2 after a `sep=` line. `no_result`: a workbook
    holds formulas without saved results."""

    path: Path
    encoding: str | None
    delimiter: str | None
    first_line: int = 1
    sheets: int = 1
    no_result: bool = False


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, hex, by streaming."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_by_name(path: Path) -> None:
    """Raise for files that are no table of ours by their ending."""
    ending = path.suffix.lower()
    if ending == ".xls":
        raise UnreadableFile("an old Excel file (.xls): open it and save it as .xlsx")
    if ending not in (*TEXTS, ".xlsx"):
        raise UnreadableFile("not a .csv, .txt or .xlsx file", broken=False)


def inspect(path: Path) -> Content:
    """Digest, encoding and damage of a file. The encoding is decided on the whole file: BOM, UTF-8, Windows-1252."""
    digest = hashlib.sha256()
    utf8 = codecs.getincrementaldecoder("utf-8")("strict")
    encoding, nuls, size, head = "utf-8", 0, 0, b""
    with path.open("rb") as file:
        while chunk := file.read(READ_BYTES):
            head = head or chunk
            digest.update(chunk)
            size += len(chunk)
            nuls += chunk.count(0)
            encoding = encoding if encoding == "cp1252" or _decodes(utf8, chunk) else "cp1252"
    if encoding == "utf-8" and not _decodes(utf8, b"", final=True):
        encoding = "cp1252"
    return Content(digest.hexdigest(), *_judge(path, head, encoding, nuls, size))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _judge(path: Path, head: bytes, encoding: str, nuls: int, size: int) -> tuple[str | None, bool]:
    if not size:
        raise UnreadableFile("empty file", broken=False)
    if head.startswith(_OLE):
        raise UnreadableFile("an old or password-protected Excel file: save it as .xlsx without a password")
    if path.suffix.lower() == ".xlsx":
        if not head.startswith(_ZIP):
            raise UnreadableFile("no workbook inside, though it is named .xlsx")
        return None, False
    if head.startswith(_ZIP):
        raise UnreadableFile("a workbook or archive, though it is named as text: rename it to .xlsx")
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, False
    if nuls > size // 10:
        raise UnreadableFile("no text inside: save it again as CSV in UTF-8")
    return encoding, nuls > 0


def form_of(path: Path, content: Content, configured: Mapping[str, str]) -> Form:
    """How to cut the file's rows. The delimiter is the one that gives most known headings, else most columns."""
    if content.encoding is None:
        return Form(path, None, None, sheets=count_sheets(path), no_result=lacks_results(path))
    with path.open(encoding=content.encoding, errors="replace", newline="") as file:
        head = [line.replace("\0", "") for line in islice(file, 200)]
    stated = head[0].strip().strip('"') if head else ""
    if stated.lower().startswith("sep=") and len(stated) == 5:
        return Form(path, content.encoding, stated[4], first_line=2)
    if stated.lower() == "sep=":
        return Form(path, content.encoding, "\t", first_line=2)
    return Form(path, content.encoding, max(DELIMITERS, key=lambda sign: _score(head, sign, configured)))


def _score(head: list[str], delimiter: str, configured: Mapping[str, str]) -> tuple[int, int]:
    try:
        rows = list(islice(csv.reader(head, delimiter=delimiter), HEADING_ROWS))
    except csv.Error:
        return 0, 0
    return max((known(row, configured) for row in rows), default=0), max(map(len, rows), default=0)


def read_rows(form: Form) -> Iterator[Row]:
    """The rows with their lines; wholly blank ones are left out."""
    rows = sheet_rows(form.path) if form.encoding is None else _text_rows(form)
    return ((line, cells) for line, cells in rows if any(cell and not cell.isspace() for cell in cells))


def head_rows(form: Form) -> list[Row]:
    """The first rows, in which the headings must stand; blank ones count. Damage further down comes later."""
    rows = sheet_rows(form.path) if form.encoding is None else _text_rows(form)
    head: list[Row] = []
    try:
        head.extend(islice(rows, HEADING_ROWS))
    except UnreadableFile:
        if not head:
            raise
    return head


class _Lines:
    """The lines of a text file without NULs, which counts them, keeps the last, and knows whether it was asked for one
    beyond the end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last = ""
        self.count = 0
        self.exhausted = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.exhausted = True
            raise StopIteration
        self.count += 1
        self.last = line.replace("\0", "") if "\0" in line else line
        return self.last


def _text_rows(form: Form) -> Iterator[Row]:
    with form.path.open(encoding=form.encoding, errors="replace", newline="") as file:
        lines = _Lines(islice(file, form.first_line - 1, None))
        delimiter = form.delimiter or ";"
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            begins = lines.count
            try:
                cells = next(reader, None)
            except csv.Error as error:
                if reason := _damage(lines, begins, str(error)):
                    raise UnreadableFile(reason, begins + form.first_line) from None
                # Quotes within a quoted cell, not doubled: odd, but it ends where its line ends.
                cells = next(csv.reader([lines.last], delimiter=delimiter))
            if cells is None:
                return
            yield begins + form.first_line, cells


def _damage(lines: _Lines, begins: int, error: str) -> str | None:
    """What is wrong with a row that `csv` refuses; `None` where it may be read without strictness."""
    if "field limit" in error:
        return LONG_CELL if lines.count - begins == 1 else LONG_OR_UNCLOSED
    return UNCLOSED if _unclosed(lines, begins) else None


def _unclosed(lines: _Lines, begins: int) -> bool:
    """Whether a row of bad quotes swallowed what is not its own: further lines or cells, or the file's end."""
    odd = lines.last.count('"') % 2 == 1
    return lines.exhausted or lines.count - begins > 1 or odd or len(lines.last) > csv.field_size_limit()
