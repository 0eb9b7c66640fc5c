"""`rekisteri contact`: what was written, said and sent, with all else that went to and fro with a person."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.opening import MOST, actor, opened, optional, readable
from sync.cli.program import complain
from sync.cli.requested import said
from sync.cli.showing import AsJson, day, document, joined, lines, local, table

if TYPE_CHECKING:
    from config.register import ProcessingRegister
    from privacy.contacts import Moment

contact = typer.Typer(name="contact", rich_markup_mode=None, no_args_is_help=True)

Customer = Annotated[
    str,
    typer.Argument(metavar="CUSTOMER", callback=readable, help="A customer's or record's id, or SOURCE:EXTERNAL_ID."),
]


class Way(StrEnum):
    """How people are in contact."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"


class Direction(StrEnum):
    """Whether they came to us or we to them."""

    IN = "in"
    OUT = "out"


@contact.callback()
def _about() -> None:
    """Keep the history of contacts.

    One line of time for each person over all brands: messages, calls, letters and talks, with cases, requests and
    consents.
    """


@contact.command()
def add(  # noqa: PLR0913, PLR0917 - its options
    ctx: typer.Context,
    customer: Customer,
    channel: Annotated[Way, typer.Option(help="How.")],
    direction: Annotated[Direction, typer.Option(help="In: from the customer; out: to them.")],
    summary: Annotated[
        str, typer.Option(metavar="TEXT", help="What it was about; - reads it from input. Never an identity code.")
    ],
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When, as 2026-11-24 or 2026-11-24T09:30; now by default.")
    ] = None,
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", callback=optional, help="One brand of the register; none means all.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(
            metavar="PURPOSE",
            callback=optional,
            help="What for: a purpose of the register; the case's, else customer_relationship.",
        ),
    ] = None,
    case: Annotated[
        int | None, typer.Option(metavar="CASE", min=1, max=MOST, help="The number of the case that it is about.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write down a message, call, letter or talk that took place.

    It is kept as it was. Where the person forbids it, or it was marketing without the consent that it needs, a line
    says so.

    \b
    Example:
      rekisteri contact add thinkific:1001 --channel phone --direction in --summary "asked for a later time"
      rekisteri contact add thinkific:1001 --channel letter --direction out --summary "sent the refund form" --case 3
    """
    from datetime import UTC

    from config.register import load_register
    from privacy import cases, contacts
    from privacy.gate import WORDS
    from privacy.naming import named
    from privacy.requests import By
    from store import audit
    from store.engine import writing
    from sync.cli.listing import mailboxes
    from sync.cli.when import past_moment

    text = said("--summary", summary)
    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        _known(register, purpose, brand)
        with writing(desk.engine) as connection:
            by = By(actor(), datetime.now(UTC))
            person = named(connection, customer)
            who = person.customer_id
            about = cases.there(connection, case) if case is not None else None
            new = contacts.Contact(
                record_id=person.record_id,
                customer_id=who,
                channel=channel.value,
                direction=direction.value,
                at=by.now if at is None else past_moment(at, "--at", by.now),
                brand=brand,
                purpose=purpose or (cases.PURPOSES[about.type] if about else contacts.PURPOSE),
                summary=text,
                case_id=case,
            )
            why = contacts.not_allowed(connection, register, new, mailboxes())
            id_ = contacts.add(connection, new, by)
            detail = {"contact": id_, "not_allowed": int(why is not None)}
            audit.note(connection, by.now, by.actor, "contact.add", new.purpose, customer_id=who, detail=detail)
    if why is not None:
        complain(f"it is written down, but it was not allowed: {WORDS[why]}")
    if as_json:
        document({"id": id_, "customer_id": who, "not_allowed": why.value if why else None})
    else:
        lines(f"Contact {id_} with customer {who} is written down.")


def _known(register: "ProcessingRegister", purpose: str | None, brand: str | None) -> None:
    """Raises `ConfigError` for a purpose or brand that the register does not have."""
    from privacy.contacts import PURPOSE
    from privacy.uses import use_for

    use_for(register, purpose or PURPOSE, brand=brand)


@contact.command("list")
def list_(ctx: typer.Context, customer: Customer, as_json: AsJson = False) -> None:
    """Show all that went to and fro with a customer, in the order of time.

    Contacts, cases, requests, consents and objections, over all brands.

    \b
    Example:
      rekisteri contact list thinkific:1001
      rekisteri contact list thinkific:1001 --json
    """
    from datetime import UTC

    from privacy.contacts import PURPOSE, timeline
    from privacy.naming import named
    from store import audit
    from store.engine import reading, writing

    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            who = named(connection, customer).customer_id
            found = [_shown(one) for one in timeline(connection, who)]
        with writing(desk.engine) as connection:
            detail = {"moments": len(found)}
            audit.note(connection, datetime.now(UTC), actor(), "contact.list", PURPOSE, customer_id=who, detail=detail)
    if as_json:
        document({"customer_id": who, "timeline": found})
    elif found:
        _show(found)
    else:
        lines("No contact with this customer is written down.")


def _shown(one: "Moment") -> dict[str, Any]:
    from store.times import stamp

    return {
        "kind": one.kind,
        "id": one.id,
        "at": stamp(one.at) if isinstance(one.at, datetime) else one.at.isoformat(),
        "what": one.what,
        "channel": one.channel,
        "direction": one.direction,
        "brand": one.brand,
        "purpose": one.purpose,
        "case": one.case_id,
        "text": one.text,
        "by": one.by,
    }


def _show(found: "list[dict[str, Any]]") -> None:
    table(
        "",
        ("when", "what", "how", "brand", "about"),
        [(_when(one["at"]), _what(one), _how(one), one["brand"] or "all", one["text"]) for one in found],
    )


def _when(at: str) -> str | None:
    return local(at) if "T" in at else day(at)


def _what(one: Mapping[str, Any]) -> str:
    number = f"{one['kind']} {one['id']}"
    return number if one["what"] == one["kind"] else f"{number}: {one['what'].replace('_', ' ')}"


def _how(one: Mapping[str, Any]) -> str | None:
    return joined((one["channel"] and one["channel"].replace("_", " "), one["direction"]), ", ")
