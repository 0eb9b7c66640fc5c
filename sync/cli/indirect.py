"""`rekisteri indirect`: people whose data came from others, and whether they were told of it (GDPR Art. 14)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.acting import Deed, Noted, act, tell
from sync.cli.opening import actor, opened, readable
from sync.cli.showing import AsJson, document, joined, lines, table
from sync.cli.showing import day as written
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import date

    from privacy.indirect import Person

indirect = typer.Typer(name="indirect", rich_markup_mode=None, no_args_is_help=True)

Customer = Annotated[
    str,
    typer.Argument(metavar="CUSTOMER", callback=readable, help="A customer's or record's id, or SOURCE:EXTERNAL_ID."),
]
_SHOWN = 50
_STATES = {"told": "told", "exempt": "exempt", "unknown": "not known from whom"}


class Letter(StrEnum):
    """Of GDPR Art. 14(5)."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


@indirect.callback()
def _about() -> None:
    """Tell people that their data came from others.

    Whose data a third party brought is told of it within a month, and at the latest with the first message to them or
    the first disclosure (GDPR Art. 14).
    """


@indirect.command("list")
def list_(
    ctx: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="Only those who have still to be told.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the people whose data came from others, and until when they are to be told.

    Of whom nobody knows where their data came from stands apart, and is not due.

    \b
    Example:
      rekisteri indirect list
      rekisteri indirect list --due --json
    """
    from datetime import UTC, datetime

    from privacy import indirect as clock
    from store import audit, requests
    from store.engine import reading, writing
    from sync.cli.when import today

    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            every = clock.people(connection)
            found = [one for one in every if one.state != clock.UNKNOWN and (not due or one.state == clock.TO_TELL)]
            unknown = [] if due else [one for one in every if one.state == clock.UNKNOWN]
            names = requests.names(connection, [one.customer_id for one in (*found, *unknown)])
        with writing(desk.engine) as connection:
            detail = {"customers": len(found) + len(unknown)}
            audit.note(connection, datetime.now(UTC), actor(), "indirect.list", UPKEEP, detail=detail)
    day = today()
    shown = {
        "people": [_outlined(one, names, day) for one in found],
        "unknown": [_outlined(one, names, day) for one in unknown],
    }
    if as_json:
        document(shown)
    else:
        _show(shown)


def _outlined(one: "Person", names: Mapping[str, str], day: "date") -> dict[str, Any]:
    from store.times import stamp

    told = one.told
    return {
        "customer_id": one.customer_id,
        "name": names.get(one.customer_id),
        "state": one.state,
        "records": list(one.records),
        "parties": list(one.parties),
        "since": one.since.isoformat(),
        "due_on": one.due_on and one.due_on.isoformat(),
        "overdue": one.due_on is not None and one.due_on < day,
        "used_on": one.used_on and one.used_on.isoformat(),
        "told_on": told.on.isoformat() if told and not told.exemption else None,
        "exemption": told.exemption if told else None,
        "method": told.method if told else None,
        "recorded_at": stamp(told.recorded_at) if told else None,
        "recorded_by": told.recorded_by if told else None,
    }


def _show(shown: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    people, unknown = shown["people"], shown["unknown"]
    if not people:
        lines("Nobody's data came from others, as far as the processing register says, or all of it is settled.")
    _rows("", people)
    if unknown:
        said = quantity(len(unknown), "customer")
        lines(f"Of {said} nobody knows from whom the data came: say it in the processing register (collected_from).")
        _rows("From whom is not known", unknown)


def _rows(title: str, found: Sequence[Mapping[str, Any]]) -> None:
    table(
        title,
        ("who", "records", "from", "since", "stands"),
        [
            (
                joined((one["name"], one["customer_id"]), "\n"),
                joined(one["records"], "\n"),
                joined(one["parties"], "\n"),
                one["since"],
                _stands(one),
            )
            for one in found[:_SHOWN]
        ],
    )
    if len(found) > _SHOWN:
        lines(f"and {len(found) - _SHOWN} more, see `rekisteri indirect list --json`")


def _stands(one: Mapping[str, Any]) -> str:
    if one["due_on"]:
        used = f", written to or disclosed on {written(one['used_on'])}" if one["used_on"] else ""
        return f"to be told by {written(one['due_on'])}{', overdue' if one['overdue'] else ''}{used}"
    if one["exemption"]:
        return f"exempt, Art. 14(5)({one['exemption']}): {one['method']}"
    return f"told on {written(one['told_on'])}: {one['method']}" if one["told_on"] else _STATES[one["state"]]


@indirect.command()
def told(
    ctx: typer.Context,
    customer: Customer,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day, as 2026-11-24.")],
    method: Annotated[str, typer.Option(metavar="TEXT", help="How: by letter, by e-mail with the notice.")],
    as_json: AsJson = False,
) -> None:
    """Write down that a person was told.

    \b
    Example:
      rekisteri indirect told partner:1207 --on 2026-07-01 --method "e-mail with the privacy notice"
    """
    from privacy import indirect as clock
    from sync.cli.requested import worded
    from sync.cli.when import past_day

    day, how = past_day(on, "--on"), worded("--method", method)
    _settle(ctx, "told", lambda _desk, connection, by: clock.tell(connection, customer, day, how, by), as_json=as_json)


def _settle(ctx: typer.Context, verb: str, deed: Deed[tuple[str, int]], *, as_json: bool) -> None:
    customer, records = act(ctx, f"indirect.{verb}", deed, lambda done: Noted({"records": done[1]}, done[0]))
    said = f"Written down of customer {customer}, for {quantity(records, 'record')} that came from others."
    tell({"customer_id": customer, "records": records}, said, as_json=as_json)


@indirect.command()
def exempt(
    ctx: typer.Context,
    customer: Customer,
    letter: Annotated[Letter, typer.Option(help="Of Art. 14(5): known already, impossible, by law, secrecy.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever asks later.")],
    as_json: AsJson = False,
) -> None:
    """Write down why a person need not be told.

    \b
    Example:
      rekisteri indirect exempt partner:1207 --letter a --reason "the partner told them, form of 2026-06-12"
    """
    from privacy import indirect as clock
    from sync.cli.requested import worded

    why = worded("--reason", reason)
    _settle(
        ctx,
        "exempt",
        lambda _desk, connection, by: clock.exempt(connection, customer, letter.value, why, by),
        as_json=as_json,
    )
