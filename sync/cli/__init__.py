"""The command line. What it promises stands in docs/contract.md, what each command does in docs/commands.md.

Everything heavy (store, HTTP, settings, tables) is imported inside the commands: `rekisteri --help` is asked often and
must answer within a quarter of a second.
"""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from sync.cli.agreement import agreement
from sync.cli.audit import audit
from sync.cli.backup import backup, restore
from sync.cli.breach import breach
from sync.cli.case import case
from sync.cli.checking import check, init
from sync.cli.consent import consent
from sync.cli.contact import contact
from sync.cli.customers import customers
from sync.cli.daemon import daemon
from sync.cli.demo import demo
from sync.cli.direct_marketing import direct_marketing
from sync.cli.disclosing import disclose
from sync.cli.disclosures import disclosures
from sync.cli.erased import erased
from sync.cli.indirect import indirect
from sync.cli.marketing import marketing_list
from sync.cli.match import match
from sync.cli.measure import measure
from sync.cli.notice import notice
from sync.cli.program import Program
from sync.cli.recipient import recipient
from sync.cli.record_of_processing import record_of_processing
from sync.cli.rematch import rematch
from sync.cli.request import request
from sync.cli.retention import retention
from sync.cli.review import review
from sync.cli.running import sync
from sync.cli.sandbox import sandbox
from sync.cli.segment import segment
from sync.cli.statistics import statistics
from sync.cli.status import status
from sync.cli.webhooks import webhooks

__all__ = ["app", "main"]

app = typer.Typer(
    cls=Program,
    name="rekisteri",
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (init, check, sync, status, daemon, rematch, marketing_list, disclose, backup, restore, demo, sandbox):
    app.command()(command)
app.command()(record_of_processing)
app.command()(statistics)
app.add_typer(customers)
app.add_typer(review)
app.add_typer(consent)
app.add_typer(case)
app.add_typer(contact)
app.add_typer(direct_marketing)
app.add_typer(segment)
app.add_typer(recipient)
app.add_typer(disclosures)
app.add_typer(request)
app.add_typer(erased)
app.add_typer(retention)
app.add_typer(indirect)
app.add_typer(agreement)
app.add_typer(measure)
app.add_typer(breach)
app.add_typer(notice)
app.add_typer(audit)
app.add_typer(match)
app.add_typer(webhooks)


def _version(wanted: bool) -> None:
    if wanted:
        from config.version import installed_version

        found = installed_version()
        typer.echo(f"rekisteri {found}" if found else "rekisteri, not installed")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The configuration file, instead of ./rekisteri.toml.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback acts
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Keep one master customer registry of what the booking and course platforms know, with the origin of every record.

    Begin with `rekisteri demo`, or with `rekisteri init`, `rekisteri check` and `rekisteri sync`.
    """
    ctx.obj = config


def main() -> None:
    """The console script. SIGTERM ends a command as tidily as Ctrl-C does, so that no half-written file is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    app()
