"""How an export file would be read, without reading it into anything: headings, fields, refusals by row. No cells
but those of the first row that may be headings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.base import Problem
from connectors.files.columns import NOTES
from connectors.files.headings import UNMATCHED, Column, shown_heading
from connectors.files.reading import FileReading, plan_file
from connectors.files.rows import Rules
from connectors.records import Kind


@dataclass(frozen=True, slots=True)
class ColumnPreview:
    """A heading, the field that it carries (`None`: not read, and why), and the lines of its cells that were refused
    or doubtful by reason, the first twenty of each."""

    heading: str
    field: str | None
    reason: str | None
    refusals: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What `rekisteri check FILE` shows.

    `kind` is `None` where the file would not be read at all; `problems` then says why. `delimiter` and `encoding` are
    `None` for a workbook. `heading_row`: line of the headings, 1 = the first. `rows`: rows below them; `records` of
    them would be taken, `rejected` gives the lines of those that would go to quarantine by reason, and `skipped`
    counts repeated ones. `masked`: personal identity codes dropped or masked.
    """

    file: str
    encoding: str | None
    delimiter: str | None
    heading_row: int
    kind: Kind | None
    columns: tuple[ColumnPreview, ...] = ()
    rows: int = 0
    records: int = 0
    skipped: int = 0
    rejected: Mapping[str, tuple[int, ...]] | None = None
    masked: int = 0
    problems: tuple[Problem, ...] = ()


def preview_file(path: Path, configured: Mapping[str, str], rules: Rules, section: str | None = None) -> Preview:
    """Read a file as a run would and tell what came of it. Raises nothing: an unreadable file is a preview too.

    `section`: the source's settings (`files.reseller`), so that what a setting would change can name it.
    """
    plan = plan_file(path, configured)
    reading = FileReading(plan, rules)
    tally = _Tally(list(plan.layout.problems))
    for step in reading.steps():
        tally.masked += step.masked
        tally.records += step.record is not None
        tally.skipped += step.skipped
        if step.rejected:
            tally.rejected.setdefault(step.rejected.reason, []).append(step.row)
        for problem in step.problems:
            tally.note(problem)
    form = plan.form
    return Preview(
        file=plan.name,
        encoding=form.encoding if form else None,
        delimiter=form.delimiter if form else None,
        heading_row=plan.layout.row,
        kind=plan.kind,
        columns=tuple(
            ColumnPreview(column.heading, *_fate(column, rules, section), tally.of_column(column.heading))
            for column in plan.layout.columns or _first_row(plan.layout.headings)
        ),
        rows=reading.rows,
        records=tally.records,
        skipped=tally.skipped,
        rejected={reason: tuple(rows) for reason, rows in tally.rejected.items()},
        masked=tally.masked,
        problems=tuple(tally.problems),
    )


def _first_row(cells: tuple[str, ...]) -> list[Column]:
    """The row that holds no headings that we know, so that its owner sees what to configure."""
    return [Column(index, shown_heading(cell), reason=UNMATCHED) for index, cell in enumerate(cells) if cell.strip()]


def _fate(column: Column, rules: Rules, section: str | None) -> tuple[str | None, str | None]:
    """The field that a column is read as, and why it is not: free text is known by its heading but may be dropped."""
    if rules.notes or column.field not in NOTES:
        return column.field, column.reason
    setting = f"{section}.notes = true" if section else "`notes` of the source"
    return None, f"free text, dropped; {setting} keeps it"


class _Tally:
    """Counts of a preview."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.records = self.skipped = self.masked = 0
        self.rejected: dict[str, list[int]] = {}
        self._cells: dict[str, dict[str, list[int]]] = {}

    def note(self, problem: Problem) -> None:
        """A cell's problem goes to its column, any other to the file."""
        if problem.column and problem.row:
            self._cells.setdefault(problem.column, {}).setdefault(problem.reason, []).append(problem.row)
        else:
            self.problems.append(problem)

    def of_column(self, heading: str) -> dict[str, tuple[int, ...]]:
        """Refusals of a column by reason."""
        return {reason: tuple(rows) for reason, rows in self._cells.get(heading, {}).items()}
