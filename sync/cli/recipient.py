"""`rekisteri recipient`: third parties who may get data, each approved by name and for purposes."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.acting import Noted, act, tell
from sync.cli.opening import Desk, actor, opened, readable
from sync.cli.requested import worded
from sync.cli.showing import AsJson, document, lines, local, table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from privacy.requests import By

recipient = typer.Typer(name="recipient", rich_markup_mode=None, no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="NAME", callback=readable, help="The recipient's name, as it is approved.")
]


class Kind(StrEnum):
    """What a recipient is."""

    PARTNER = "partner"
    PROCESSOR = "processor"
    AUTHORITY = "authority"
    PERSON = "person"


@recipient.callback()
def _about() -> None:
    """Approve who may get data of customers, and end it.

    Nobody gets anything by this alone: `rekisteri disclose` is the one way by which data leave.
    """


@recipient.command()
def approve(  # noqa: PLR0913, PLR0917 - each says a thing that the law asks for
    ctx: typer.Context,
    name: Name,
    kind: Annotated[Kind, typer.Option(help="A partner, a processor, an authority, or whom a customer chose.")],
    country: Annotated[str, typer.Option(metavar="CODE", help="Where they are: an ISO code such as FI.")],
    purpose: Annotated[
        list[str], typer.Option(metavar="PURPOSE", help="For which purpose of the register; may be repeated.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they may have data, for whoever asks later.")],
    business_id: Annotated[str | None, typer.Option(metavar="ID", help="In Finland the Y-tunnus.")] = None,
    contact: Annotated[str | None, typer.Option(metavar="TEXT", help="Whom to turn to there.")] = None,
    safeguard: Annotated[
        str | None,
        typer.Option(metavar="TERM", help="What carries a transfer outside the EU/EEA, such as eu-gdpr:A46-2-c."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Approve somebody, by name, for purposes of the processing register.

    It is written to the audit trail. Outside the EU/EEA it takes a safeguard.

    \b
    Example:
      rekisteri recipient approve "Tilit Oy" --kind processor --country FI --purpose refunds_and_claims --reason "books"
      rekisteri recipient approve "Kumppani Oy" --kind partner --country FI --purpose analysis --reason "joint course"
    """
    from config.register import load_register
    from privacy import recipients

    wanted = recipients.Approval(
        name=worded("NAME", name),
        kind=kind.value,
        country=country.strip().upper(),
        purposes=purpose,
        reason=worded("--reason", reason),
        business_id=recipients.UNKNOWN if business_id is None else worded("--business-id", business_id),
        contact=None if contact is None else worded("--contact", contact),
        safeguard=safeguard,
    )

    def deed(desk: Desk, connection: "Connection", by: "By") -> dict[str, Any]:
        register = load_register(desk.settings.processing.register_path)
        return _shown(_found(connection, recipients.approve(connection, register, wanted, by)))

    done = act(ctx, "recipient.approve", deed, _noted)
    said = f"Approved as recipient {done['id']}, for {', '.join(done['purposes'])}. Nobody's data have left by this."
    tell(done, said, as_json=as_json)


def _noted(done: Mapping[str, Any]) -> Noted:
    return Noted({"recipient": done["id"]})


@recipient.command("list")
def list_(
    ctx: typer.Context,
    everybody: Annotated[bool, typer.Option("--all", help="Add those whose approval was revoked.")] = False,
    as_json: AsJson = False,
) -> None:
    """List who is approved, for what and since when.

    \b
    Example:
      rekisteri recipient list
      rekisteri recipient list --all --json
    """
    from store import audit, disclosures
    from store.engine import writing

    with opened(ctx) as desk, writing(desk.engine) as connection:
        shown = [_shown(row) for row in disclosures.recipients(connection, revoked=everybody)]
        detail = {"recipients": len(shown)}
        audit.note(connection, datetime.now(UTC), actor(), "recipient.list", UPKEEP, detail=detail)
    if as_json:
        document({"recipients": shown})
    elif shown:
        _show(shown)
    else:
        lines("Nobody is approved to get data.")


@recipient.command()
def revoke(
    ctx: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it ends.")],
    as_json: AsJson = False,
) -> None:
    """End an approval: nothing more leaves for them. What left before stays noted.

    \b
    Example:
      rekisteri recipient revoke "Kumppani Inc." --reason "the course has ended"
    """
    from privacy import recipients

    why = worded("--reason", reason)

    def deed(_desk: Desk, connection: "Connection", by: "By") -> dict[str, Any]:
        return _shown(_found(connection, recipients.revoke(connection, name, why, by)))

    done = act(ctx, "recipient.revoke", deed, _noted)
    said = f"Recipient {done['id']} is approved no more. What they got, `rekisteri disclosures list` tells."
    tell(done, said, as_json=as_json)


def _found(connection: "Connection", id_: int) -> "Row[Any]":
    from store import disclosures

    return next(row for row in disclosures.recipients(connection, revoked=True) if row.id == id_)


def _shown(row: "Row[Any]") -> dict[str, Any]:
    from store.times import stamp

    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "business_id": row.business_id,
        "country": row.country,
        "safeguard": row.safeguard,
        "contact": row.contact,
        "purposes": json.loads(row.purposes),
        "reason": row.reason,
        "approved_at": stamp(row.approved_at),
        "approved_by": row.approved_by,
        "revoked_at": stamp(row.revoked_at),
        "revoked_by": row.revoked_by,
        "revoke_reason": row.revoke_reason,
    }


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    table(
        "Recipients",
        ("id", "name", "kind", "country", "purposes", "approved", "revoked"),
        [
            (
                one["id"],
                "\n".join(filter(None, (one["name"], one["contact"]))),
                one["kind"],
                one["country"] if one["safeguard"] == "none" else f"{one['country']}\n{one['safeguard']}",
                "\n".join(one["purposes"]),
                f"{local(one['approved_at'])}, {one['approved_by']}: {one['reason']}",
                f"{local(one['revoked_at'])}, {one['revoked_by']}: {one['revoke_reason']}" if one["revoked_at"] else "",
            )
            for one in found
        ],
        right=("id",),
    )
