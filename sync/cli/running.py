"""`rekisteri sync`: one run, its progress on standard error, its report on standard output."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.opening import actor, opened
from sync.cli.program import DONE, NOT_ALL
from sync.cli.showing import AsJson, document, joined, lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from sync.pull import Progress

ALWAYS = ("fetched", "new", "changed", "unchanged")
RARE = ("vanished", "held", "quarantined", "erased")
SHOWN_PROBLEMS = 20


def sync(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Configured sources; none means all.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Pull everything and map every row again, read the inbox again, rebuild the registry."
        ),
    ] = False,
    accept_vanished: Annotated[
        bool, typer.Option("--accept-vanished", help="Believe it when very many rows are gone at a platform.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Pull, land, reconcile, report: one run.

    Beside a run in progress it waits up to 60 seconds.
    A first Ctrl-C finishes the page in hand and reports, a second one ends at once; the next run goes on from there.

    \b
    Example:
      rekisteri sync
      rekisteri sync timma --json
    """
    from config.settings import require_folders
    from sync.run import Wish, run

    # One thread maps the next page while another lands the last one. Nothing here has to answer within milliseconds, so
    # they need not take turns every five: that costs a tenth of a first load.
    sys.setswitchinterval(0.05)
    stop = threading.Event()
    with stopping(stop), progress() as told, opened(ctx) as desk:
        require_folders(desk.settings)
        wish = Wish(tuple(sources or ()), full, accept_vanished, stop, told, actor=actor())
        report = run(desk.engine, desk.settings, wish).as_dict()
    if as_json:
        document(report)
    else:
        show_run(report)
    raise typer.Exit(DONE if report["outcome"] == "ok" else NOT_ALL)


@contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """SIGINT and SIGTERM ask to stop once; the same signal again ends the process, which harms nothing."""

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress() -> Iterator["Progress"]:
    """A bar a stream on a terminal's standard error; nothing elsewhere."""
    from sync.run import no_progress

    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[tuple[str, str], Any] = {}
        lock = threading.Lock()

        def told(source: str, stream: str, fetched: int, total: int | None) -> None:
            with lock:
                if (source, stream) not in tasks:
                    tasks[source, stream] = bars.add_task(f"{source} {stream}", total=total)
            bars.update(tasks[source, stream], completed=fetched, total=total)

        yield told


def show_run(report: Mapping[str, Any]) -> None:
    """The report of a run for people."""
    streams = [
        (f"{source} {name}", stream)
        for source, told in report["sources"].items()
        for name, stream in told["streams"].items()
    ]
    counts = (*ALWAYS, *(name for name in RARE if any(stream[name] for _, stream in streams)))
    table(
        f"Run {report['run_id']}: {report['outcome']}",
        ("stream", "outcome", *counts),
        [(name, stream["outcome"], *(stream[count] for count in counts)) for name, stream in streams],
        right=counts,
    )
    for source, told in report["sources"].items():
        _show_source(source, told)
    registry = report["registry"]
    if registry:
        lines(
            f"Registry: {quantity(registry['customers'], 'customer')} of {quantity(registry['records'], 'record')}; "
            f"{registry['created']} created, {registry['merged']} merged, {registry['split']} split; "
            f"{quantity(registry['review'], 'pair', 'wait')} for review"
            + (", see `rekisteri review list`" * bool(registry["review"]))
        )
        if common := registry.get("common_contacts"):
            lines(f"{quantity(common, 'contact')} met in this run stood on too many records to be a person's")
        if stopped_early(report):
            lines("What landed since the last reconcile is taken in by the next run, see `rekisteri status`")


def stopped_early(report: Mapping[str, Any]) -> bool:
    """Whether the run was asked to stop, so that landed records may wait to be reconciled."""
    return any((told["error"] or "").startswith("stopped") for told in report["sources"].values())


def _show_source(source: str, told: Mapping[str, Any]) -> None:
    requests = quantity(told["requests"], "request") if told["requests"] else None
    again = f"{told['retries']} of them tried again" if told["retries"] else None
    waited = f"waited {told['waited_s']:.0f} s" if told["waited_s"] >= 1 else None
    lines(f"{source}: {joined((told['outcome'], requests, again, waited))}")
    if told["error"]:
        lines(f"  {told['error']}")
    for problem in told["problems"][:SHOWN_PROBLEMS]:
        lines(f"  {describe_problem(problem)}")
    if len(told["problems"]) > SHOWN_PROBLEMS:
        lines(f"  and {len(told['problems']) - SHOWN_PROBLEMS} more, see `rekisteri status --json`")


def describe_problem(problem: Mapping[str, Any]) -> str:
    """`asiakkaat.csv, row 7, Puhelinnumero: damaged by a spreadsheet`."""
    row = f"row {problem['row']}" if problem.get("row") else None
    place = joined((problem.get("file"), row, problem.get("column")))
    return f"{place}: {problem['reason']}" if place else str(problem["reason"])
