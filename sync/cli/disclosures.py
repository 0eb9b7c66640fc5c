"""`rekisteri disclosures`: what left, about whom, to whom, when, why and on what basis."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import actor, opened, readable
from sync.cli.showing import AsJson, document, lines, local, table

if TYPE_CHECKING:
    from sqlalchemy import Row

disclosures = typer.Typer(name="disclosures", rich_markup_mode=None, no_args_is_help=True)


@disclosures.callback()
def _about() -> None:
    """Look at what was disclosed to third parties."""


@disclosures.command("list")
def list_(
    ctx: typer.Context,
    customer: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only of this person: a customer's or record's id, or SOURCE:EXTERNAL_ID."),
    ] = None,
    recipient: Annotated[str | None, typer.Option(metavar="NAME", help="Only to this recipient.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what left, the latest last.

    \b
    Example:
      rekisteri disclosures list
      rekisteri disclosures list --customer timma:5f1d7f3a
      rekisteri disclosures list --recipient "Tilit Oy" --json
    """
    from privacy.naming import named
    from privacy.recipients import same_name
    from store import audit, hanging
    from store import disclosures as held
    from store.engine import writing
    from sync.cli.program import NotThereError

    with opened(ctx) as desk, writing(desk.engine) as connection:
        person: str | None = None
        if customer is None:
            rows = held.disclosures(connection)
        else:
            person = named(connection, readable(customer)).customer_id
            rows = held.of_records(connection, hanging.ever_of(connection, person))
        if recipient is not None:
            wanted = readable(recipient)
            if not any(same_name(one.name, wanted) for one in held.recipients(connection, revoked=True)):
                raise NotThereError("there is no recipient of this name; see `rekisteri recipient list --all`")
            rows = [row for row in rows if same_name(row.recipient, wanted)]
        shown = [_shown(row) for row in rows]
        now, detail = datetime.now(UTC), {"disclosures": len(shown)}
        audit.note(connection, now, actor(), "disclosure.list", UPKEEP, customer_id=person, detail=detail)
    if as_json:
        document({"disclosures": shown})
    elif shown:
        _show(shown)
    else:
        lines("Nothing was disclosed.")


def _shown(row: "Row[Any]") -> dict[str, Any]:
    from store.times import stamp

    plain = (
        "actor", "recipient", "kind", "country", "purpose", "basis", "brand", "channel", "format", "file_sha256",
        "people", "statute", "document", "reason",
    )  # fmt: skip
    return {
        "id": row.id,
        "at": stamp(row.at),
        **{name: getattr(row, name) for name in plain},
        "fields": json.loads(row.fields),
        "dropped": json.loads(row.dropped),
    }


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    table(
        "Disclosures",
        ("id", "when", "to whom", "what for", "basis", "what", "people", "by"),
        [
            (
                one["id"],
                local(one["at"]),
                f"{one['recipient']}\n{one['kind']}, {one['country']}",
                one["purpose"],
                "\n".join(filter(None, (one["basis"], one["channel"], one["statute"], one["document"], one["reason"]))),
                ", ".join(one["fields"]),
                one["people"],
                one["actor"],
            )
            for one in found
        ],
        right=("id", "people"),
    )
