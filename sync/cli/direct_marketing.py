"""`rekisteri direct-marketing`: the register of people who may be written to after their relationship has ended."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.opening import actor, opened, readable
from sync.cli.requested import worded
from sync.cli.showing import AsJson, day, document, joined, lines, local, table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from store.direct_marketing import Entry

direct_marketing = typer.Typer(name="direct-marketing", rich_markup_mode=None, no_args_is_help=True)

Customer = Annotated[
    str,
    typer.Argument(metavar="CUSTOMER", callback=readable, help="A customer's or record's id, or SOURCE:EXTERNAL_ID."),
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever asks later.")]


@direct_marketing.callback()
def _about() -> None:
    """Keep the direct-marketing register.

    People whose relationship has ended may be written to only if they were moved into it, and consent as before.
    """


@direct_marketing.command()
def move(
    ctx: typer.Context,
    customer: Customer,
    relationship_ended: Annotated[str, typer.Option(metavar="DATE", help="The day on which the relationship ended.")],
    reason: Reason,
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", help="With which brand it ended; without it, with all of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Move somebody whose relationship has ended into the register.

    Refused where the use of their data is restricted or they object to direct marketing.

    \b
    Example:
      rekisteri direct-marketing move timma:5f1d7f3a --relationship-ended 2026-06-30 --reason "moved to Oulu"
    """
    from config.register import load_register
    from privacy import marketing
    from privacy.uses import use_for
    from store.direct_marketing import Move
    from store.engine import writing
    from sync.cli.when import past_day

    ended_on = past_day(relationship_ended, "--relationship-ended")
    now = _now()
    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        use = use_for(register, marketing.PURPOSE, brand=brand)
        how = Move(ended_on, worded("--reason", reason), brand, actor(), now)
        with writing(desk.engine) as connection:
            entry, borne = marketing.move(connection, customer, use, how)
            _note(connection, "direct_marketing.move", now, borne, {"entry": entry})
    done = {"entry": entry, "customer_id": borne, "brand": brand, "relationship_ended_on": ended_on.isoformat()}
    if as_json:
        document(done)
    else:
        lines(f"Customer {borne} is in the direct-marketing register, entry {entry}. Consent is needed as before.")


@direct_marketing.command()
def remove(
    ctx: typer.Context,
    customer: Customer,
    reason: Reason,
    relationship_resumed: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day since which they are a customer again."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take somebody out of the register.

    From then on no marketing goes to them, unless they are a customer again: --relationship-resumed says so, also of
    one who left the register before.

    \b
    Example:
      rekisteri direct-marketing remove timma:5f1d7f3a --reason "kept for two years"
      rekisteri direct-marketing remove timma:5f1d7f3a --reason "booked again" --relationship-resumed 2026-11-02
    """
    from privacy import marketing
    from store.engine import writing
    from sync.cli.when import past_day

    resumed_on = None if relationship_resumed is None else past_day(relationship_resumed, "--relationship-resumed")
    now = _now()
    with opened(ctx) as desk, writing(desk.engine) as connection:
        entries, borne = marketing.remove(
            connection, customer, worded("--reason", reason), resumed_on=resumed_on, actor=actor(), now=now
        )
        detail = {"entries": len(entries), "resumed": int(resumed_on is not None)}
        _note(connection, "direct_marketing.remove", now, borne, detail)
    if as_json:
        document({"entries": entries, "customer_id": borne})
    else:
        since = f", and a customer again since {day(resumed_on.isoformat())}" if resumed_on else ""
        lines(f"Customer {borne} is not in the direct-marketing register any more{since}.")


@direct_marketing.command("list")
def list_(
    ctx: typer.Context,
    everybody: Annotated[bool, typer.Option("--all", help="Add those who left the register.")] = False,
    as_json: AsJson = False,
) -> None:
    """List who is in the register, since when and why.

    \b
    Example:
      rekisteri direct-marketing list
      rekisteri direct-marketing list --all --json
    """
    from privacy import marketing
    from store.engine import reading, writing

    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            found = marketing.register(connection, former=everybody)
        with writing(desk.engine) as connection:
            _note(connection, "direct_marketing.list", _now(), None, {"entries": len(found)})
    shown = [_shown(entry, name) for entry, name in found]
    if as_json:
        document({"entries": shown})
    elif shown:
        _show(shown)
    else:
        lines("Nobody is in the direct-marketing register.")


def _shown(entry: "Entry", name: str | None) -> dict[str, Any]:
    from store.times import stamp

    return {
        "id": entry.id,
        "customer_id": entry.customer_id,
        "name": name,
        "brand": entry.brand,
        "relationship_ended_on": entry.relationship_ended_on.isoformat(),
        "reason": entry.reason,
        "entered_at": stamp(entry.entered_at),
        "entered_by": entry.entered_by,
        "left_at": stamp(entry.left_at),
        "left_by": entry.left_by,
        "left_reason": entry.left_reason,
        "relationship_resumed_on": entry.resumed_on.isoformat() if entry.resumed_on else None,
    }


def _show(entries: Sequence[Mapping[str, Any]]) -> None:
    table(
        "Direct-marketing register",
        ("entry", "who", "brand", "relationship ended", "why", "entered", "left"),
        [
            (
                one["id"],
                joined((one["name"], one["customer_id"]), "\n") or "not in the registry any more",
                one["brand"] or "all",
                day(one["relationship_ended_on"]),
                one["reason"],
                f"{local(one['entered_at'])}, {one['entered_by']}",
                f"{local(one['left_at'])}, {one['left_by']}: {one['left_reason']}" if one["left_at"] else "",
            )
            for one in entries
        ],
    )


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _note(
    connection: "Connection", action: str, now: "datetime", customer_id: str | None, detail: Mapping[str, str | int]
) -> None:
    from privacy.marketing import PURPOSE
    from store import audit

    audit.note(connection, now, actor(), action, PURPOSE, customer_id=customer_id, detail=detail)
