"""`rekisteri init` and `rekisteri check`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.opening import settings_of
from sync.cli.program import DONE, NOT_ALL, USAGE, NotThereError
from sync.cli.running import describe_problem
from sync.cli.showing import AsJson, document, joined, lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from sync.checks import Finding

SHOWN_ROWS = 10


def init(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder, or a file ending in .toml.", show_default=False)
    ] = Path(),
) -> None:
    """Write a commented rekisteri.toml.

    To PATH, by default into this folder. Never overwrites.

    \b
    Example:
      rekisteri init
      rekisteri init /etc/rekisteri
    """
    from config.template import write_template

    written = write_template(path)
    lines(
        f"{written} is written. Fill in one source, then try it with `rekisteri --config {written} check`."
        if path != Path()
        else f"{written} is written. Fill in one source, then try it with `rekisteri check`."
    )


def check(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An export file to look at instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try what is configured, say what to do.

    Validates the configuration and the processing register, opens the database, makes one cheap call to each
    platform, and says what to do about each failure.

    With FILE, an export of the salon or of another register, show how its columns would be read and what would be
    refused. Nothing is read into the registry, and no cell of the file is shown.

    \b
    Example:
      rekisteri check
      rekisteri check asiakkaat.csv
    """
    if file is not None:
        raise typer.Exit(_check_file(ctx, file, as_json=as_json))
    from sync.checks import FAILED, WRONG, findings, worst

    found = list(findings(settings_of(ctx)))
    if as_json:
        document({"outcome": worst(found), "findings": [finding.as_dict() for finding in found]})
    else:
        _show(found)
    raise typer.Exit({WRONG: USAGE, FAILED: NOT_ALL}.get(worst(found), DONE))


def _show(found: Sequence["Finding"]) -> None:
    table("", ("what", "", "says"), [(finding.what, finding.outcome, finding.text) for finding in found])


def _check_file(ctx: typer.Context, file: Path, *, as_json: bool) -> int:
    from sync.fitting import as_dict, fit

    settings = settings_of(ctx)
    if not file.is_file():
        raise NotThereError(f"{file} is not there, or is no file")
    shown = as_dict(*fit(file, settings.sources()))
    if as_json:
        document(shown)
    else:
        _show_file(shown)
    return DONE if shown["would_be_read"] else NOT_ALL


def _show_file(shown: Mapping[str, Any]) -> None:
    by = f"by the source {shown['source']}" if shown["source"] else "by the headings that are known without a source"
    what = f"read as a list of {shown['kind']}s {by}" if shown["kind"] else "not read"
    form = joined((shown["encoding"], shown["delimiter"] and f"columns divided by {shown['delimiter']!r}"))
    lines(f"{shown['file']}: {what}" + (f" ({form})" if form else ""))
    table(
        f"Headings on line {shown['heading_row']}",
        ("heading", "read as", "remark"),
        [
            (column["heading"], column["field"] or "not read", joined(_remarks(column), "; ") or "")
            for column in shown["columns"]
        ],
    )
    lines(*_totals(shown))


def _remarks(column: Mapping[str, Any]) -> Iterator[str]:
    if column["reason"]:
        yield column["reason"]
    for reason, rows in column["refusals"].items():
        yield f"{reason} ({_rows(rows)})"


def _rows(rows: Sequence[int]) -> str:
    more = ", …" if len(rows) > SHOWN_ROWS else ""
    return ("row " if len(rows) == 1 else "rows ") + ", ".join(map(str, rows[:SHOWN_ROWS])) + more


def _totals(shown: Mapping[str, Any]) -> Iterator[str]:
    if shown["would_be_read"]:
        masked = f", {quantity(shown['masked'], 'identity code')} masked or dropped" if shown["masked"] else ""
        repeated = f"{shown['skipped']} repeated{masked}"
        yield f"{shown['records']} of {quantity(shown['rows'], 'row')} would be taken, {repeated}."
    for reason, rows in shown["rejected"].items():
        yield f"To quarantine: {reason} ({_rows(rows)})"
    for problem in shown["problems"]:
        yield describe_problem(problem)
