"""One file from its first row to its last: layout, rows as records, rejects and problems."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.base import Problem, Rejected
from connectors.contacts import to_e164
from connectors.errors import RejectRow
from connectors.files.columns import NOTES, PHONES
from connectors.files.container import Form, form_of, head_rows, inspect, read_rows, refuse_by_name
from connectors.files.headings import DAMAGED_LETTERS, MOJIBAKE, Layout, lay_out
from connectors.files.inbox import told_name
from connectors.files.rows import Rules, map_fields
from connectors.files.unreadable import CANNOT_OPEN, UnreadableFile
from connectors.minimise import mask_fields
from connectors.records import Kind, SourceRecord

SAID_OFTEN = 20
MORE_CELLS = "more cells than headings: a separator stands inside a cell without quotes"
SAME_ID = "same id as an earlier row of the file, other content"
# A reason that lies in the file and not in the row's cells: mapping the cells again must not let the row in.
REFUSED = "refused"
NO_HEADING = "a column without a heading, dropped"
NULS = "zero bytes in the text, dropped: the file may be damaged"
NO_RESULT = "a formula without a saved result is read as an empty cell: open the workbook in a spreadsheet and save it"
ONE_SHEET = "only the first visible sheet is read"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file will be read. `layout.kind` is `None` where it will not be; `broken`: since it is damaged."""

    name: str
    form: Form | None
    layout: Layout
    broken: bool = False

    @property
    def kind(self) -> Kind | None:
        """Customers, bookings, or neither."""
        return self.layout.kind


def plan_file(path: Path, configured: Mapping[str, str]) -> Plan:
    """Look at a file without reading its rows. What is wrong with it stands in the layout's problems."""
    name = told_name(path)
    try:
        refuse_by_name(path)
        content = inspect(path)
        form = form_of(path, content, configured)
        layout = lay_out(head_rows(form), configured, name)
    except UnreadableFile as error:
        return _unread(name, error)
    except OSError:
        return unopened(path)
    odd = {NULS: content.nuls, ONE_SHEET: form.sheets > 1, NO_RESULT: form.no_result}
    notes = (Problem(file=name, reason=reason) for reason, there in odd.items() if there)
    return Plan(name, form, replace(layout, problems=(*layout.problems, *notes)))


def unopened(path: Path) -> Plan:
    """The plan of a file that cannot be opened."""
    return _unread(told_name(path), UnreadableFile(CANNOT_OPEN))


def _unread(name: str, error: UnreadableFile) -> Plan:
    problem = Problem(file=name, row=error.row, reason=error.reason)
    return Plan(name, None, Layout(None, 0, (), (problem,)), error.broken)


@dataclass(slots=True)
class Step:
    """What one row of a file gave: a record, a reject, or neither (a repeated row or heading)."""

    row: int
    record: SourceRecord | None = None
    rejected: Rejected | None = None
    problems: tuple[Problem, ...] = ()
    masked: int = 0
    skipped: bool = False


@dataclass(slots=True)
class FileReading:
    """Reads a planned file row by row, in constant memory but for a number per id (so that doubles are noticed).

    `newer`: hashes of the ids that newer files hold, whose rows here are skipped. `broken` is set where the file ends
    in damage: its rows so far stand, but it is not wholly read.
    """

    plan: Plan
    rules: Rules
    newer: Set[int] = frozenset()
    broken: bool = False
    rows: int = 0
    _said: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    _seen: dict[int, int] = field(default_factory=dict)

    @property
    def ids(self) -> Set[int]:
        """Hashes of the ids of the records so far."""
        return self._seen.keys()

    def steps(self) -> Iterator[Step]:
        """A step for each row below the headings, then a last one with summaries where problems were many."""
        kind, form = self.plan.kind, self.plan.form
        if kind is None or form is None:
            return
        rules = replace(self.rules, units=self.plan.layout.units)
        line = self.plan.layout.row
        try:
            for line, cells in read_rows(form):
                if line > self.plan.layout.row:
                    self.rows += 1
                    yield self._step(kind, line, cells, rules)
        except UnreadableFile as error:
            self.broken = True
            yield Step(line, problems=(Problem(file=self.plan.name, row=error.row, reason=error.reason),))
        except OSError:
            self.broken = True
            yield Step(line, problems=(Problem(file=self.plan.name, reason=CANNOT_OPEN),))
        yield Step(line, problems=tuple(self._summaries()))

    def _step(self, kind: Kind, line: int, cells: list[str], rules: Rules) -> Step:
        if cells[: len(self.plan.layout.headings)] == list(self.plan.layout.headings):
            return Step(line, skipped=True)
        odd: list[tuple[str | None, str]] = []
        fields, masked = self._fields(cells, odd)
        step = Step(line, masked=masked)
        try:
            self._refuse_shifted(cells)
            mapped = map_fields(kind, fields, rules, line)
            step.masked += mapped.masked
            odd += [(self._heading(name), reason) for name, reason in mapped.odd]
            self._place(step, mapped.record)
        except RejectRow as error:
            step.rejected, found = self._reject(line, fields, error)
            step.masked = masked + found
        # What is wrong in a row that is not taken concerns nobody; of equal rows the first has told it.
        step.problems = () if step.skipped else tuple(self._told(line, odd))
        return step

    def _refuse_shifted(self, cells: list[str]) -> None:
        if any(cell.strip() for cell in cells[len(self.plan.layout.columns) :]):
            raise RejectRow(MORE_CELLS)

    def _place(self, step: Step, record: SourceRecord) -> None:
        """Two equal rows are one; of two different rows with one id the first stands, whatever the file's order. A row
        that a newer file has, too, is none."""
        key = hash(record.external_id)
        content = hash((record.payload, record.owner_id, record.notes))
        if key in self.newer:
            step.skipped = True
        elif key not in self._seen:
            self._seen[key] = content
            step.record = record
        elif self._seen[key] != content:
            raise RejectRow(SAME_ID)
        else:
            step.skipped = True

    def _reject(self, line: int, fields: Mapping[str, str], error: RejectRow) -> tuple[Rejected, int]:
        phones = [name for name in PHONES if to_e164(fields.get(name, ""))]
        kept, masked = mask_fields(fields, keep=phones)
        if error.reason in (MORE_CELLS, SAME_ID):
            kept[REFUSED] = error.reason
        column = self._heading(error.column) if error.column else None
        reason, file = error.reason, self.plan.name
        return Rejected(external_id=None, fields=kept, reason=reason, column=column, file=file, row=line), masked

    def _fields(self, cells: list[str], odd: list[tuple[str | None, str]]) -> tuple[dict[str, str], int]:
        """The mapped cells by field, and how many identity codes were dropped with their columns."""
        fields: dict[str, str] = {}
        masked = 0
        for column, cell in zip(self.plan.layout.columns, cells, strict=False):
            if not cell:
                continue
            if column.identity:
                masked += bool(cell.strip())
            elif column.field and (self.rules.notes or column.field not in NOTES):
                fields[column.field] = cell
                if ("Ã" in cell or "\ufffd" in cell) and MOJIBAKE.search(cell):
                    odd.append((column.heading, DAMAGED_LETTERS))
            elif not column.heading and cell.strip():
                odd.append((f"column {column.index + 1}", NO_HEADING))
        return fields, masked

    def _heading(self, name: str) -> str:
        return next((column.heading for column in self.plan.layout.columns if column.field == name), name)

    def _told(self, line: int, odd: list[tuple[str | None, str]]) -> Iterator[Problem]:
        """Each as a problem, until one was said often; letters and headings concern the whole column, so once."""
        for column, reason in odd:
            self._said[column, reason] += 1
            if self._said[column, reason] <= (1 if reason in (DAMAGED_LETTERS, NO_HEADING) else SAID_OFTEN):
                yield Problem(file=self.plan.name, row=line, column=column, reason=reason)

    def _summaries(self) -> Iterator[Problem]:
        for (column, reason), count in self._said.items():
            if count > SAID_OFTEN and reason not in (DAMAGED_LETTERS, NO_HEADING):
                more = f"{reason} ({count} rows in all)"
                yield Problem(file=self.plan.name, column=column, reason=more)
