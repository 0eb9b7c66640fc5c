"""Which column carries which field: the rules for headings. Pure.

Matching trims, drops byte order marks and no-break spaces, ignores case, collapses spaces, drops a trailing `:`, `*`
or bracketed unit, keeps å ä ö and also tries the form without them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.base import Problem
from connectors.files import columns
from connectors.minimise import DROP_INVISIBLE, is_identity_key, mask
from connectors.records import Kind

HEADING_ROWS = 10
MOJIBAKE = re.compile("Ã[¤¶¥…„–\u0084\u0085\u0096]|\ufffd")
TABLES: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {Kind.CUSTOMER: columns.CUSTOMER, Kind.BOOKING: columns.BOOKING}

UNMATCHED = "unmatched heading, dropped"
_CHECK = "`rekisteri check FILE` shows how the file is read"
NO_HEADINGS = (
    f"neither customers nor bookings: no row with two known headings within the first {HEADING_ROWS} rows; {_CHECK}"
)
NEITHER = f"neither customers nor bookings by its headings; {_CHECK}"
IDENTITY = "identity codes are never read"
DAMAGED_LETTERS = "damaged letters (Ã¤, Ã¶ or \ufffd): save the file again as UTF-8"

_TAIL = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|[:*])\s*$")
_UNIT = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DATA = re.compile(r"[\d@]")
_SPACES = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file. `field` is `None` where it is not read, and `reason` then says why."""

    index: int
    heading: str
    field: str | None = None
    reason: str | None = None
    identity: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read: its kind, the line of its headings (1 = the first), its columns, and what is odd about it."""

    kind: Kind | None
    row: int
    columns: tuple[Column, ...]
    problems: tuple[Problem, ...] = ()
    headings: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)


def normal(heading: str) -> str:
    """The form in which headings are compared."""
    text = _SPACES.sub(" ", heading.translate(DROP_INVISIBLE)).strip().casefold()
    while (shorter := _TAIL.sub("", text)) != text and shorter:
        text = shorter
    return text


def folded(text: str) -> str:
    """Without marks on letters (ä → a), lower case."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


@lru_cache(maxsize=8)
def _synonyms(kind: Kind) -> Mapping[str, str]:
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for name, headings in TABLES[kind].items():
        for heading in (*headings, name):
            exact.setdefault(normal(heading), name)
            loose.setdefault(folded(normal(heading)), name)
    return {**loose, **exact}


def field_of(heading: str, kind: Kind, configured: Mapping[str, str]) -> str | None:
    """The field that a heading carries in a file of this kind, the owner's configuration first."""
    text = normal(heading)
    if not text:
        return None
    for name, wanted in configured.items():
        if name in TABLES[kind] and normal(wanted) == text:
            return name
    found = _synonyms(kind)
    return found.get(text) or found.get(folded(text))


def known(cells: Sequence[str], configured: Mapping[str, str]) -> int:
    """How many of the cells are headings that we know, for customers or for bookings."""
    return sum(any(field_of(cell, kind, configured) for kind in TABLES) for cell in cells)


def recognise(fields: Mapping[Kind, Iterable[str]]) -> Kind | None:
    """Whether the fields that a heading row carries make a list of bookings, of customers, or neither."""
    booking = set(fields[Kind.BOOKING])
    anchors = booking & columns.BOOKING_ANCHORS
    if anchors and any(booking & columns.BOOKING_SIGNS - {anchor} for anchor in anchors):
        return Kind.BOOKING
    return Kind.CUSTOMER if columns.CUSTOMER_SIGNS & set(fields[Kind.CUSTOMER]) else None


def lay_out(rows: Iterable[tuple[int, Sequence[str]]], configured: Mapping[str, str], file: str) -> Layout:
    """The layout of a file from its first rows (line, cells). `kind` is `None` where the file is neither kind."""
    head = list(rows)[:HEADING_ROWS]
    for line, cells in head:
        if known(cells, configured) >= 2:
            return _with_headings(line, cells, configured, file)
    first = next((pair for pair in head if any(cell.strip() for cell in pair[1])), None)
    return _unknown(first[0], first[1], file) if first else Layout(None, 0, (), (_nothing(file),))


def _nothing(file: str) -> Problem:
    return Problem(file=file, reason="empty file")


def _unknown(line: int, cells: Sequence[str], file: str) -> Layout:
    # No cell is told: the row may hold a person instead of headings, and nothing tells a name from a heading.
    return Layout(None, line, (), (Problem(file=file, row=line, reason=NO_HEADINGS),), tuple(cells))


def shown_heading(text: str) -> str:
    """A heading as it may be shown in a report: trimmed, shortened, identity codes masked."""
    return _SPACES.sub(" ", mask(text)[0].translate(DROP_INVISIBLE)).strip()[:60]


def _with_headings(line: int, cells: Sequence[str], configured: Mapping[str, str], file: str) -> Layout:
    kind = recognise({kind: [name for cell in cells if (name := field_of(cell, kind, configured))] for kind in TABLES})
    if kind is None:
        return Layout(None, line, (), (Problem(file=file, row=line, reason=NEITHER),), tuple(cells))
    found = match(cells, kind, configured)
    problems = [
        Problem(file=file, row=line, column=column.heading or None, reason=column.reason)
        for column in found
        if column.reason and column.heading
    ]
    problems += [
        Problem(file=file, row=line, column=column.heading, reason=DAMAGED_LETTERS)
        for column in found
        if MOJIBAKE.search(column.heading)
    ]
    problems += _missing(cells, kind, configured, file)
    units = {column.field: _unit(column.heading) for column in found if column.field}
    return Layout(kind, line, found, tuple(problems), tuple(cells), units)


def match(cells: Sequence[str], kind: Kind, configured: Mapping[str, str]) -> tuple[Column, ...]:
    """A column for each heading. Configured headings take their fields first; then the first column of a field wins."""
    wanted = {normal(heading): name for name, heading in configured.items() if name in TABLES[kind]}
    taken: dict[str, int] = {}
    for by_configuration in (True, False):
        for index, cell in enumerate(cells):
            name = wanted.get(normal(cell)) if by_configuration else field_of(cell, kind, configured)
            if name and index not in taken.values() and not is_identity_key(normal(cell)):
                taken.setdefault(name, index)
    return tuple(_column(index, cell, taken, field_of(cell, kind, configured)) for index, cell in enumerate(cells))


def _column(index: int, cell: str, taken: Mapping[str, int], name: str | None) -> Column:
    heading = shown_heading(cell)
    if is_identity_key(normal(cell)):
        return Column(index, heading, reason=IDENTITY, identity=True)
    mine = next((field for field, where in taken.items() if where == index), None)
    if mine:
        return Column(index, heading, mine)
    if name:
        return Column(index, heading, reason=f"another column carries {name}, dropped")
    # What stands here may be a person's cell, where a row of data was taken for the headings.
    return Column(index, f"column {index + 1}" if _DATA.search(heading) else heading, reason=UNMATCHED)


def _missing(cells: Sequence[str], kind: Kind, configured: Mapping[str, str], file: str) -> list[Problem]:
    there = {normal(cell) for cell in cells}
    return [
        Problem(file=file, column=shown_heading(heading), reason=f"configured heading of {name} is not in the file")
        for name, heading in configured.items()
        if name in TABLES[kind] and normal(heading) not in there
    ]


def _unit(heading: str) -> str:
    """What a heading says about its unit: the bracketed part, or `%`."""
    if "%" in heading or "prosentti" in heading.casefold():
        return "%"
    found = _UNIT.search(heading)
    return found[1].strip().casefold() if found else ""
