"""`rekisteri marketing-list`: whom a message may be sent to. People come by `privacy.marketing`, and so by the gate."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.exporting import Cell, Format, by_ending, put, rendered
from sync.cli.listing import HEADINGS, Channel, mailboxes, named_brand
from sync.cli.opening import Desk, actor, opened
from sync.cli.showing import AsJson, document, lines
from sync.wording import quantity

if TYPE_CHECKING:
    from privacy.gate import Use
    from privacy.marketing import MarketingList, Recipient


def marketing_list(
    ctx: typer.Context,
    channel: Annotated[Channel, typer.Option(help="What the message would be sent by.")],
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write; - is standard output.")],
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", help="For which brand; needed where the register has several.")
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="CSV, JSON lines or Excel; by default what the file's name says.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List whom marketing may be sent to.

    Those who consent on the channel for the brand and whom nothing else stops, each address once; and how many were
    left out, by reason. The file gets mode 0600 and stands there only once it is whole. With - the counts go to
    standard error.

    \b
    Example:
      rekisteri marketing-list --channel email --brand hieromo --output uutiskirje.csv
      rekisteri marketing-list --channel sms --brand artsport --format jsonl --output - > viestit.jsonl
    """
    from config.register import load_register
    from privacy import marketing
    from privacy.uses import use_for
    from store.engine import reading

    form = format_ or by_ending(output)
    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        use = use_for(register, marketing.PURPOSE, channel=channel.value, brand=named_brand(register, brand))
        with reading(desk.engine) as connection:
            found = marketing.marketing_list(connection, use, mailboxes())
        content = rendered(form, "markkinointi", HEADINGS, map(_row, found.recipients))
        _note(desk, use, found, {"format": form.value, "sha256": sha256(content).hexdigest()})

    def write(file: Any) -> None:
        file.write(content)

    put(output, write, desk.settings)
    _tell(found, output, as_json=as_json)


def _note(desk: Desk, use: "Use", found: "MarketingList", file: dict[str, str | int]) -> None:
    """Audit before anything is written."""
    from datetime import UTC, datetime

    from store import audit
    from store.engine import writing

    counts = {"customers": found.customers, "listed": found.listed, "addresses": len(found.recipients), **found.dropped}
    detail = {"channel": use.channel or "", "brand": use.brand or "", **counts, **file}
    with writing(desk.engine) as connection:
        audit.note(connection, datetime.now(UTC), actor(), "marketing.list", use.purpose, detail=detail)


def _row(one: "Recipient") -> tuple[Cell, ...]:
    from store.times import stamp

    return one.name, one.address, one.brand, one.customer_id, stamp(one.consented_at), one.consent_from


def _tell(found: "MarketingList", output: str, *, as_json: bool) -> None:
    """The counts, on standard error where the list itself is on standard output."""
    aside = output == "-"
    if as_json:
        counts = {
            "listed": found.listed,
            "dropped": found.dropped,
            "customers": found.customers,
            "addresses": len(found.recipients),
        }
        if aside:
            typer.echo(json.dumps(counts), err=True)
        else:
            document(counts)
    elif aside:
        typer.echo("\n".join(_said(found)), err=True)
    else:
        lines(*_said(found), f"Written to {output}")


def _said(found: "MarketingList") -> Iterator[str]:
    from privacy.gate import WORDS

    addresses = f"{len(found.recipients)} {'address' if len(found.recipients) == 1 else 'addresses'}"
    yield f"{found.listed} of {quantity(found.customers, 'customer')}, {addresses}"
    for reason, number in found.dropped.items():
        if number:
            yield f"{number:>6} left out: {WORDS[reason]}"
    if found.dropped.get("unknown"):
        yield "A consent that you can prove: `rekisteri consent record`. The platforms' own flags: `consent_grantee`."
