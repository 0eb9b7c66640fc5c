"""The rows of an xlsx workbook's first visible sheet, every cell as the text that a person would type.

calamine reads dates by the cells' formats. It holds the sheet in memory, in Rust, and gives the rows one by one.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.files.unreadable import UnreadableFile

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Row = tuple[int, list[str]]
Cell = int | float | str | bool | time | date | datetime | timedelta

# Excel saves the result "" as `t="str"` with an empty `<v>`: that is one.
_NO_RESULT = re.compile(
    rb"""<c(?:\s(?![^>]*\bt="str")[^>]*)?>\s*(?:<f(?:\s[^>]*)?/>|<f(?:\s[^>]*)?>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v>\s*</v>)"""
)
# A formula has up to 8,192 characters.
_CELL_BYTES = 1 << 14
_SCANNED_BYTES = 1 << 18
UNPACKED_BYTES = 1 << 29


def sheet_rows(path: Path) -> Iterator[Row]:
    """The rows with their lines (1 = the sheet's first), blank ones included. Raises `UnreadableFile`."""
    workbook, names = _open(path)
    if not names:
        raise UnreadableFile("the workbook has no visible sheet")
    from python_calamine import CalamineError

    try:
        sheet = workbook.get_sheet_by_name(names[0])
    except CalamineError:
        raise UnreadableFile("the workbook is damaged: save it again") from None
    # Blank rows above the first cell come too, so that lines are the sheet's own.
    try:
        for line, cells in enumerate(sheet.iter_rows(), start=1):
            yield line, [as_text(cell) for cell in cells]
    except CalamineError:
        raise UnreadableFile("the workbook is damaged: save it again") from None


def count_sheets(path: Path) -> int:
    """How many visible sheets there are."""
    return len(_open(path)[1])


def lacks_results(path: Path) -> bool:
    """Whether a sheet holds a formula whose result was never saved, as programs write that do not calculate. calamine
    gives such a cell as an empty one. Raises `UnreadableFile`."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [
                name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")
            ]
            return any(_finds_no_result(archive, name) for name in sheets)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, RuntimeError):
        raise UnreadableFile("the workbook is damaged: save it again") from None


def _finds_no_result(archive: zipfile.ZipFile, name: str) -> bool:
    tail = b""
    with archive.open(name) as file:
        while chunk := file.read(_SCANNED_BYTES):
            if _NO_RESULT.search(tail + chunk):
                return True
            tail = (tail + chunk)[-_CELL_BYTES:]
    return False


def _open(path: Path) -> "tuple[CalamineWorkbook, list[str]]":
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES:
                raise UnreadableFile("the workbook is too large unpacked: save it as CSV in UTF-8")
        workbook = CalamineWorkbook.from_path(path)
    except (zipfile.BadZipFile, NotImplementedError, CalamineError):
        raise UnreadableFile("the workbook is damaged: save it again") from None
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
    ]
    return workbook, names


def as_text(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, dates in ISO form, spans as `h:mm:ss`."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return _whole_second(cell).isoformat(sep=" ")
    if isinstance(cell, time):
        return _whole_second(datetime.combine(date(2000, 1, 1), cell)).time().isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def _whole_second(moment: datetime) -> datetime:
    """A spreadsheet's time is a fraction of a day, so that 14:30 may come as 14:29:59.999."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
