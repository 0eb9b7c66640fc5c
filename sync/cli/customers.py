"""`rekisteri customers`: the controller's own view of the master registry. Every look is written to the audit trail."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.exporting import Format, by_ending, export_to
from sync.cli.opening import Desk, actor, opened, readable
from sync.cli.person import card_of, show_person
from sync.cli.showing import AsJson, document, joined, lines, long_document, table
from sync.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

customers = typer.Typer(name="customers", rich_markup_mode=None, no_args_is_help=True)

SHOWN = 50


class Linked(StrEnum):
    """The form of one customer for other programs to reason with."""

    JSONLD = "jsonld"


Purpose = Annotated[
    str, typer.Option(metavar="PURPOSE", help="What for: a purpose of the processing register.", show_default=True)
]
WithNotes = Annotated[bool, typer.Option("--with-notes", help="Add the free texts, where they are kept.")]


@customers.callback()
def _about() -> None:
    """Look at the master registry.

    The controller's own view: complete, not filtered by consent. Every look is written to the audit trail.
    """


@customers.command("list")
def list_(
    ctx: typer.Context,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many; a table shows 50 by default, --json all.")
    ] = None,
    purpose: Purpose = UPKEEP,
    as_json: AsJson = False,
) -> None:
    """List the customers of the registry, by id.

    \b
    Example:
      rekisteri customers list --limit 20
      rekisteri customers list --json
    """
    from store import registry
    from store.engine import reading

    if limit is None and not as_json:
        limit = SHOWN
    with opened(ctx) as desk, reading(desk.engine) as connection:
        now, total = _now(), registry.count(connection)
        number = total if limit is None else min(limit, total)
        _note(desk, "customers.list", purpose, now, detail={"customers": number})
        every = registry.every(connection, registry.View(now), limit)
        if as_json:
            long_document({"total": total}, "customers", every)
        else:
            _show_list(every)
            lines(f"{number} of {quantity(total, 'customer')}" + ("; --limit N shows more" if number < total else ""))


@customers.command()
def show(
    ctx: typer.Context,
    id_: Annotated[
        str,
        typer.Argument(metavar="ID", callback=readable, help="A customer's or record's id, or SOURCE:EXTERNAL_ID."),
    ],
    with_notes: WithNotes = False,
    purpose: Purpose = UPKEEP,
    format_: Annotated[
        Linked | None, typer.Option("--format", help="Instead of the card where all of it is from, as linked data.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one customer as a card, with all origins.

    What the person forbids and asks for comes first, then values, marketing, bookings, courses, orders and records.
    ID may be one that was merged away: it leads to the customer that holds its records now.

    \b
    Example:
      rekisteri customers show 019ab2c4-77aa-7000-8000-000000000001
      rekisteri customers show thinkific:1001 --json
      rekisteri customers show thinkific:1001 --format jsonld > origin.jsonld
    """
    from privacy.naming import nobody
    from store import decisions, registry
    from store.engine import reading

    if format_:
        _show_linked(ctx, id_, purpose, alone=not (as_json or with_notes))
        return
    with opened(ctx) as desk, reading(desk.engine) as connection:
        named = decisions.record_named(connection, id_)
        now = _now()
        found = registry.customers(connection, [named.customer_id] if named else (), registry.View(now, with_notes))
        detail = {"with_notes": int(with_notes), "customers": len(found)}
        borne = named.customer_id if named else None
        _note(desk, "customers.show", purpose, now, customer_id=borne, detail=detail)
        cards = [card_of(connection, customer, now, _notices(desk)) for customer in found]
    if not found:
        raise nobody()
    if as_json:
        document(found[0])
    else:
        show_person(cards[0])


def _show_linked(ctx: typer.Context, id_: str, purpose: str, *, alone: bool) -> None:
    """Where all that is held of one customer is from, in the terms of PROV-O and DPV."""
    from config.errors import ConfigError
    from config.register import load_register
    from privacy.naming import nobody
    from privacy.provenance import provenance
    from store import decisions, runs
    from store.engine import reading
    from store.person import read_dossier

    if not alone:
        raise ConfigError("is a form of its own, without free texts; leave out --json and --with-notes", "--format")
    with opened(ctx) as desk, reading(desk.engine) as connection:
        register = load_register(desk.settings.processing.register_path)
        named, now = decisions.record_named(connection, id_), _now()
        found = read_dossier(connection, named.customer_id, now) if named else None
        borne = named.customer_id if named else None
        detail: dict[str, str | int] = {"customers": int(found is not None), "format": Linked.JSONLD.value}
        _note(desk, "customers.show", purpose, now, customer_id=borne, detail=detail)
        if found is None:
            raise nobody()
        rows = [*found.records, *(one.row for one in found.activities)]
        document(provenance(found, register, runs.spans(connection, {row.run_id for row in rows})))


def _notices(desk: Desk) -> dict[str, str]:
    """Where each party of the processing register has its own privacy notice."""
    from config.register import load_register

    parties = load_register(desk.settings.processing.register_path).parties
    return {name: party.notice_url for name, party in parties.items() if party.notice_url not in ("unknown", "none")}


@customers.command()
def find(
    ctx: typer.Context,
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT", help="Name, e-mail, phone in any spelling, or id; - reads it from input."),
    ],
    purpose: Purpose = UPKEEP,
    as_json: AsJson = False,
) -> None:
    """Find by name, e-mail, phone or id.

    Words may be parts: each begins a word of the name, in any order, with or without the dots of å, ä and ö. With -
    the text is read from standard input, out of the shell's history.

    \b
    Example:
      rekisteri customers find meikalainen maija
      echo 0401234567 | rekisteri customers find -
    """
    from store import registry
    from store.engine import reading
    from sync.finding import find as search

    wanted = sys.stdin.buffer.readline().decode(errors="replace") if text == ["-"] else " ".join(text)
    with opened(ctx) as desk, reading(desk.engine) as connection:
        now, ids = _now(), search(connection, readable(wanted))
        _note(desk, "customers.find", purpose, now, detail={"customers": len(ids)})
        found = registry.customers(connection, ids, registry.View(now))
    if as_json:
        document({"customers": found})
    elif found:
        _show_list(found)
    else:
        lines("Nobody is found. A platform's own number takes its source before it, SOURCE:ID.")


@customers.command()
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write; - is standard output.")],
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="JSON lines, CSV or Excel; by default what the name says, else JSON lines."),
    ] = None,
    with_notes: WithNotes = False,
    purpose: Purpose = UPKEEP,
) -> None:
    """Export the whole registry.

    The file gets mode 0600 and stands there only once it is whole. CSV is made for Finnish Excel (semicolons, UTF-8
    with BOM); CSV and Excel hold one row a customer, without records.

    \b
    Example:
      rekisteri customers export --output asiakkaat.xlsx
      rekisteri customers export --format csv --output - > asiakkaat.csv
    """
    from store import registry
    from store.engine import reading

    form = format_ or by_ending(output, Format.JSONL)
    with opened(ctx) as desk, reading(desk.engine) as connection:
        now, number = _now(), registry.count(connection)
        detail = {"customers": number, "format": form.value, "with_notes": int(with_notes)}
        _note(desk, "customers.export", purpose, now, detail=detail)
        found = registry.every(connection, registry.View(now, with_notes))
        export_to(found, output, form, desk.settings, with_notes=with_notes)
    if output != "-":
        typer.echo(f"{quantity(number, 'customer')} written to {Path(output)}", err=True)


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _note(
    desk: Desk,
    action: str,
    purpose: str,
    now: "datetime",
    *,
    customer_id: str | None = None,
    detail: Mapping[str, str | int],
) -> None:
    """Audit before anything is shown. Raises `ConfigError` for a purpose that the register does not have."""
    from config.errors import ConfigError
    from config.keys import meant
    from config.register import load_register
    from store import audit
    from store.engine import writing

    known = load_register(desk.settings.processing.register_path).purpose_ids
    if purpose not in known:
        raise ConfigError(f"the register has no purpose {purpose}; {meant(purpose, known)}", "--purpose")
    with writing(desk.engine) as connection:
        audit.note(connection, now, actor(), action, purpose, customer_id=customer_id, detail=detail)


def _show_list(found: "Iterable[Mapping[str, Any]]") -> None:
    table(
        "",
        ("id", "name", "e-mail", "phone", "brands", "records", "no-shows"),
        [
            (
                customer["id"],
                customer["name"],
                joined(customer["emails"], "\n"),
                joined(customer["phones"], "\n"),
                joined(customer["brands"]),
                len(customer["records"]),
                customer["no_show_count"] or "",
            )
            for customer in found
        ],
        right=("records", "no-shows"),
    )
