"""`rekisteri case`: feedback and claims, from the day on which they came to what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.acting import Deed, Noted, act, tell
from sync.cli.opening import MOST, Desk, actor, given, opened, optional
from sync.cli.requested import said
from sync.cli.showing import AsJson, day, document, joined, lines, local, table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from privacy.requests import By

case = typer.Typer(name="case", rich_markup_mode=None, no_args_is_help=True)

Number = Annotated[
    int,
    typer.Argument(metavar="CASE", min=1, max=MOST, help="The case's number, as `rekisteri case list` shows it."),
]
_MOMENTS = ("opened", "answered", "reopened", "closed")


class Type(StrEnum):
    """What came."""

    FEEDBACK = "feedback"
    CLAIM = "claim"


class Way(StrEnum):
    """How a case came."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"
    WEB = "web"


@case.callback()
def _about() -> None:
    """Keep feedback and claims until they are dealt with.

    An open claim holds back an erasure: what it needs is kept, without the person's name and contacts, until it is
    closed.
    """


@case.command("open")
def open_(  # noqa: PLR0913, PLR0917 - its options
    ctx: typer.Context,
    type_: Annotated[Type, typer.Option("--type", help="Feedback, or a claim for a refund or compensation.")],
    channel: Annotated[Way, typer.Option(help="How it came.")],
    subject: Annotated[
        str, typer.Option(metavar="TEXT", help="What it is about; - reads it from input. Never an identity code.")
    ],
    customer: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            callback=given,
            help="A customer's or record's id, or SOURCE:EXTERNAL_ID; none: nobody.",
        ),
    ] = None,
    received: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it came, as 2026-11-24; today by default.")
    ] = None,
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", callback=optional, help="One brand of the register; none means all.")
    ] = None,
    hold: Annotated[
        bool | None,
        typer.Option("--hold/--no-hold", help="Hold back an erasure while it is open; by default a claim does."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write down what a customer complained of, praised or claimed.

    \b
    Example:
      rekisteri case open --type feedback --customer thinkific:1001 --channel email --subject "the second video stops"
      cat claim.txt | rekisteri case open --type claim --customer thinkific:1001 --channel letter --subject -
    """
    from config.register import load_register
    from privacy.cases import CLAIM, Came, begin
    from privacy.naming import named
    from sync.cli.when import past_day

    text = said("--subject", subject)
    came_on = None if received is None else past_day(received, "--received")

    def deed(desk: Desk, connection: "Connection", by: "By") -> "Row[Any]":
        if brand is not None:
            load_register(desk.settings.processing.register_path).require_brand(brand, "--brand")
        who = None if customer is None else named(connection, customer)
        came = Came(
            type=type_.value,
            record_id=who.record_id if who else None,
            customer_id=who.customer_id if who else None,
            brand=brand,
            channel=channel.value,
            received_on=came_on or by.today,
            subject=text,
            hold=type_.value == CLAIM if hold is None else hold,
        )
        return begin(connection, came, by)

    done = _act(ctx, "open", deed)
    holds = " It holds back an erasure until it is closed." if done["hold"] else ""
    tell(done, f"Case {done['id']} is open.{holds}", as_json=as_json)


@case.command("list")
def list_(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed cases too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the cases that are not closed, in the order in which they were opened.

    \b
    Example:
      rekisteri case list
      rekisteri case list --all --json
    """
    from datetime import UTC, datetime

    from store import audit, cases, requests
    from store.engine import reading, writing
    from store.hanging import customers_of

    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            rows = cases.cases(connection, closed=everything)
            whose = customers_of(connection, rows)
            found = [_outlined(row, whose.get(row.id)) for row in rows]
            names = requests.names(connection, [one["customer_id"] for one in found if one["customer_id"]])
        with writing(desk.engine) as connection:
            audit.note(connection, datetime.now(UTC), actor(), "case.list", UPKEEP, detail={"cases": len(found)})
    if as_json:
        document({"cases": found})
    elif found:
        _show_list(found, names)
    else:
        lines("No case was ever opened." if everything else "No case is open.")


@case.command()
def show(ctx: typer.Context, id_: Number, as_json: AsJson = False) -> None:
    """Show one case with what became of it, and the contacts about it.

    \b
    Example:
      rekisteri case show 3
    """
    from privacy.cases import there

    done = _act(ctx, "show", lambda _desk, connection, _by: there(connection, id_), contacts=True)
    if as_json:
        document(done)
    else:
        _show_one(done)


@case.command()
def answer(
    ctx: typer.Context,
    id_: Number,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="What was answered; - reads it from input.")],
    as_json: AsJson = False,
) -> None:
    """Write down what was answered. To send it is yours.

    \b
    Example:
      rekisteri case answer 3 --text "apologised, the video was put right on 26.11."
    """
    from privacy import cases

    answered = said("--text", text)
    done = _act(ctx, "answer", lambda _desk, connection, by: cases.answer(connection, id_, answered, by))
    tell(done, f"Case {id_} is answered. When nothing more comes: rekisteri case close {id_}", as_json=as_json)


@case.command()
def close(
    ctx: typer.Context,
    id_: Number,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What came of it; a claim that nobody answered needs it. - reads input."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a case. From then on it holds nothing back.

    \b
    Example:
      rekisteri case close 3 --outcome "refunded 60 euros on 27.11."
    """
    from privacy import cases

    came = None if outcome is None else said("--outcome", outcome)
    done = _act(ctx, "close", lambda _desk, connection, by: cases.close(connection, id_, came, by))
    held = " `rekisteri retention run` offers what it held back." if done["hold"] and not done["customer_id"] else ""
    tell(done, f"Case {id_} is closed.{held}", as_json=as_json)


@case.command()
def reopen(
    ctx: typer.Context,
    id_: Number,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; - reads it from input.")],
    as_json: AsJson = False,
) -> None:
    """Open a case again that was answered or closed.

    \b
    Example:
      rekisteri case reopen 3 --reason "the refund did not arrive"
    """
    from privacy import cases

    why = said("--reason", reason)
    done = _act(ctx, "reopen", lambda _desk, connection, by: cases.reopen(connection, id_, why, by))
    holds = ", and holds back an erasure" if done["hold"] else ""
    tell(done, f"Case {id_} is open again{holds}.", as_json=as_json)


def _act(ctx: typer.Context, action: str, deed: "Deed[Row[Any]]", *, contacts: bool = False) -> dict[str, Any]:
    """Do something about a case; the case as it is then."""
    from privacy.cases import PURPOSES, customer_of

    def whole(desk: Desk, connection: "Connection", by: "By") -> dict[str, Any]:
        row = deed(desk, connection, by)
        done = _outlined(row, customer_of(connection, row))
        return done | ({"contacts": _contacts(connection, row.id)} if contacts else {})

    def noted(done: Mapping[str, Any]) -> Noted:
        return Noted({"case": done["id"]}, done["customer_id"], PURPOSES[done["type"]])

    return act(ctx, f"case.{action}", whole, noted)


def _outlined(row: "Row[Any]", customer_id: str | None) -> dict[str, Any]:
    """A case as JSON. `customer_id`: of whom the person is now."""
    from store.times import stamp

    moments = {f"{what}_at": stamp(getattr(row, f"{what}_at")) for what in _MOMENTS}
    actors = {f"{what}_by": getattr(row, f"{what}_by") for what in _MOMENTS}
    return {
        "id": row.id,
        "type": row.type,
        "state": row.state,
        "hold": row.hold,
        "customer_id": customer_id,
        "brand": row.brand,
        "channel": row.channel,
        "received_at": row.received_on.isoformat(),
        "subject": row.subject,
        "answer": row.answer,
        "outcome": row.outcome,
        "reopen_reason": row.reopen_reason,
        **moments,
        **actors,
    }


def _contacts(connection: "Connection", case_id: int) -> list[dict[str, Any]]:
    from store import contacts
    from store.times import stamp

    return [
        {"id": row.id, "at": stamp(row.at), "channel": row.channel, "direction": row.direction, "summary": row.summary}
        for row in contacts.of_case(connection, case_id)
    ]


def _show_list(found: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> None:
    table(
        "",
        ("case", "type", "who", "received", "stands", "about"),
        [
            (
                one["id"],
                one["type"],
                joined((names.get(one["customer_id"] or "", "no name"), one["customer_id"]), "\n")
                if one["customer_id"]
                else "nobody in the registry",
                day(one["received_at"]),
                _stands(one),
                one["subject"],
            )
            for one in found
        ],
        right=("case",),
    )


def _stands(one: Mapping[str, Any]) -> str:
    return f"{one['state']}, holds" if one["hold"] and one["state"] != "closed" else str(one["state"])


def _show_one(found: Mapping[str, Any]) -> None:
    lines(f"Case {found['id']}: {found['type']}, {_stands(found)}", *_facts(found))
    table(
        "Contacts about it",
        ("contact", "when", "how", "what"),
        [
            (one["id"], local(one["at"]), f"{one['channel'].replace('_', ' ')} {one['direction']}", one["summary"])
            for one in found["contacts"]
        ],
        right=("contact",),
    )


def _facts(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"Who: {found['customer_id'] or 'nobody in the registry'}, {found['brand'] or 'all brands'}"
    yield f"Received {day(found['received_at'])} by {found['channel'].replace('_', ' ')}: {found['subject']}"
    texts = {"answered": "answer", "reopened": "reopen_reason", "closed": "outcome"}
    for what in sorted((one for one in texts if found[f"{one}_at"]), key=lambda one: str(found[f"{one}_at"])):
        told = f": {found[texts[what]]}" if found[texts[what]] else ""
        yield f"{what.capitalize()} {local(found[f'{what}_at'])}, {found[f'{what}_by']}{told}"
