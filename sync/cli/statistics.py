"""`rekisteri statistics`: how much was booked, missed, studied and bought, never by whom."""

import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from sync.cli.exporting import Cell, put, write_sheet
from sync.cli.exporting import Format as Sheet
from sync.cli.opening import Desk, actor, opened
from sync.cli.showing import lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import date

    from privacy.statistics import Shown

PURPOSE = "channel_statistics"


class By(StrEnum):
    """What figures are grouped by."""

    MONTH = "month"
    BRAND = "brand"
    SERVICE = "service"
    COURSE = "course"
    CHANNEL = "channel"


class Form(StrEnum):
    """How statistics look."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def statistics(
    ctx: typer.Context,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day, as 2026-01-01.")] = None,
    to: Annotated[str | None, typer.Option(metavar="DATE", help="The last day, as 2026-12-31.")] = None,
    by: Annotated[By | None, typer.Option(help="Group them; without it all is one group.")] = None,
    format_: Annotated[
        Form | None, typer.Option("--format", help="A table to read, or CSV or JSON; by default what the name says.")
    ] = None,
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write; - is standard output.")] = "-",
) -> None:
    """Count what was booked, missed, studied and bought.

    New customers too, and nobody by name.

    A figure with fewer than five people behind it is shown as <5, and totals are sums of what is shown. Whose data are
    restricted is not counted.

    \b
    Example:
      rekisteri statistics --from 2026-01-01 --to 2026-12-31 --by month
      rekisteri statistics --by service --format csv --output palvelut.csv
    """
    from config.errors import ConfigError
    from sync.cli.when import any_day

    form = format_ or _by_ending(output)
    if form is Form.TABLE and output != "-":
        raise ConfigError("a table is for the screen; choose csv or json for a file", "--format")
    first = any_day(from_, "--from") if from_ else None
    last = any_day(to, "--to") if to else None
    if first and last and last < first:
        raise ConfigError("is before --from", "--to")
    group = by.value if by else "all"
    with opened(ctx) as desk:
        shown = _counted(desk, group, first, last)
    if form is Form.TABLE:
        _show(shown, group)
    else:
        put(output, _writing(shown, group, form, (first, last)), desk.settings)
        if output != "-":
            lines(*_told(shown), f"Written to {output}")


def _by_ending(output: str) -> Form:
    if output == "-":
        return Form.TABLE
    return Form.JSON if Path(output).suffix.lower() == ".json" else Form.CSV


def _counted(desk: Desk, by: str, first: "date | None", last: "date | None") -> "Shown":
    """The figures; that they were made is audited before they are shown. Raises `ConfigError`."""
    from datetime import UTC, datetime

    from config.errors import ConfigError
    from config.register import load_register
    from privacy.statistics import count, show
    from store import audit, declarations
    from store.engine import reading, writing
    from store.statistics import happened

    register = load_register(desk.settings.processing.register_path)
    if PURPOSE not in register.purposes:
        raise ConfigError(f"there is no purpose {PURPOSE}, for which statistics are made", "processing.register")
    now = datetime.now(UTC)
    with reading(desk.engine) as connection:
        restricted = declarations.reserved(connection).restricted
        rows = happened(connection, now)
        shown = show(count(rows, by, first=first, last=last, restricted=restricted), by)
    detail: dict[str, str | int] = {"by": by, "groups": len(shown.groups), "unnamed": shown.unnamed}
    with writing(desk.engine) as connection:
        audit.note(connection, now, actor(), "statistics.make", PURPOSE, detail=detail)
    return shown


def _show(shown: "Shown", by: str) -> None:
    headings = [name.replace("_", " ") for name in shown.counted]
    rows: list[tuple[Cell, ...]] = list(_rows(shown))
    if by != "all":
        rows.append(("total of what is shown", *(shown.totals[what] for what in shown.counted)))
    table("", (by if by != "all" else "", *headings), rows, right=headings)
    lines(*_told(shown))


def _rows(shown: "Shown") -> Iterator[tuple[Cell, ...]]:
    for group, figures in shown.groups.items():
        yield group, *(figures[what] for what in shown.counted)


def _told(shown: "Shown") -> Iterator[str]:
    from privacy.statistics import FEWEST, HIDDEN

    if shown.unnamed:
        yield f"{quantity(shown.unnamed, 'group')} with fewer than {FEWEST} people not shown."
    if any(HIDDEN in figures.values() for figures in shown.groups.values()):
        yield f"{HIDDEN}: fewer than {FEWEST} people are behind it, so it is not told and in no total."


def _writing(
    shown: "Shown", by: str, form: Form, bounds: "tuple[date | None, date | None]"
) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        if form is Form.CSV:
            write_sheet(Sheet.CSV, "tilasto", (by, *shown.counted), _rows(shown), file)
            return
        first, last = (day and day.isoformat() for day in bounds)
        groups = [{"group": group, **figures} for group, figures in shown.groups.items()]
        told = {"by": by, "from": first, "to": last, "groups": groups, "totals": shown.totals, "unnamed": shown.unnamed}
        file.write((json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())

    return write
