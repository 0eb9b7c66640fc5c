"""`rekisteri breach`: breaches of personal data, who has to be told of them, and by when."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.acting import Deed, Noted, act, tell
from sync.cli.opening import MOST, actor, opened
from sync.cli.showing import AsJson, document, lines, local, table

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

breach = typer.Typer(name="breach", rich_markup_mode=None, no_args_is_help=True)

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, max=MOST, help="Its number, as `rekisteri breach list` shows it.")
]
People = Annotated[int | None, typer.Option(metavar="N", min=0, max=MOST, help="About how many people it concerns.")]


class Risk(StrEnum):
    """To the rights and freedoms of the people concerned."""

    NONE = "none"
    RISK = "risk"
    HIGH = "high"


class Whom(StrEnum):
    """Who is told of a breach."""

    AUTHORITY = "authority"
    PEOPLE = "people"


_RISKS = {"none": "no risk", "risk": "a risk", "high": "a high risk"}


@breach.callback()
def _about() -> None:
    """Keep the register of breaches of personal data.

    The authority is told within 72 hours unless there is no risk; at a high risk the people too (GDPR Art. 33, 34).
    """


@breach.command("open")
def open_(
    ctx: typer.Context,
    nature: Annotated[str, typer.Option(metavar="TEXT", help="What happened; name nobody.")],
    categories: Annotated[
        str, typer.Option(metavar="LIST", help="What data, with commas: customers,bookings and so on.")
    ],
    risk: Annotated[Risk, typer.Option(help="To the people concerned.")],
    discovered: Annotated[str, typer.Option(metavar="TIME", help="When you learnt of it, as 2026-11-24T09:30.")],
    occurred: Annotated[str | None, typer.Option(metavar="TIME", help="When it happened, if known.")] = None,
    people: People = None,
    as_json: AsJson = False,
) -> None:
    """Write a breach down, and say who has to be told by when.

    \b
    Example:
      rekisteri breach open --nature "a laptop with an export was stolen" --categories customers,bookings \\
        --risk risk --discovered 2026-07-01T09:30 --people 1200
    """
    from datetime import UTC, datetime

    from privacy import breaches
    from sync.cli.requested import worded
    from sync.cli.when import past_moment

    now = datetime.now(UTC)
    found = breaches.Found(
        nature=worded("--nature", nature),
        categories=breaches.categories_of(categories),
        risk=risk.value,
        discovered_at=past_moment(discovered, "--discovered", now),
        occurred_at=past_moment(occurred, "--occurred", now) if occurred else None,
        people=people,
    )
    _carry_out(ctx, "open", lambda _desk, connection, by: breaches.begin(connection, found, by), as_json=as_json)


def _carry_out(ctx: typer.Context, verb: str, deed: "Deed[Row[Any]]", *, as_json: bool) -> None:
    from datetime import UTC, datetime

    done = act(ctx, f"breach.{verb}", deed, lambda row: Noted({"breach": row.id}))
    shown = _outlined(done, datetime.now(UTC))
    tell(shown, f"Breach {shown['id']} is {shown['state']}.", *_duties(shown), *_next(shown), as_json=as_json)


def _outlined(row: "Row[Any]", now: "datetime") -> dict[str, Any]:
    from privacy.breaches import duties
    from store.times import stamp

    return {
        "id": row.id,
        "state": "closed" if row.closed_at else "open",
        "nature": row.nature,
        "categories": row.categories.split(", "),
        "risk": row.risk,
        "people": row.people,
        "occurred_at": stamp(row.occurred_at),
        "discovered_at": stamp(row.discovered_at),
        "consequences": row.consequences,
        "measures": row.measures,
        "to_tell": [
            {"whom": duty.whom, "due_at": stamp(duty.due_at), "overdue": duty.overdue(now)} for duty in duties(row)
        ],
        "authority_told_at": stamp(row.authority_told_at),
        "delay_reason": row.delay_reason,
        "people_told_at": stamp(row.people_told_at),
        "no_notice_reason": row.no_notice_reason,
        "recorded_at": stamp(row.recorded_at),
        "recorded_by": row.recorded_by,
        "closed_at": stamp(row.closed_at),
        "closed_by": row.closed_by,
    }


def _duties(shown: Mapping[str, Any]) -> Iterator[str]:
    """Who has still to be told, a line each."""
    for duty in shown["to_tell"]:
        if duty["due_at"] is None:
            yield "The people must be told without undue delay (GDPR Art. 34)."
        elif duty["overdue"]:
            yield f"The authority should have been told by {local(duty['due_at'])}: tell it now, and why it is late."
        else:
            yield f"The authority must be told by {local(duty['due_at'])} (GDPR Art. 33)."


def _next(shown: Mapping[str, Any]) -> Iterator[str]:
    """What to type next, while the breach is open."""
    missing = [name for name in ("consequences", "measures") if not shown[name]]
    if shown["to_tell"]:
        yield f"Once told: rekisteri breach told {shown['id']} --whom {shown['to_tell'][0]['whom']} --at TIME"
    elif shown["state"] == "open" and missing:
        options = " ".join(f"--{name} TEXT" for name in missing)
        yield f"Next: rekisteri breach update {shown['id']} {options}"
    elif shown["state"] == "open":
        yield f"Once it is dealt with: rekisteri breach close {shown['id']}"


@breach.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List every breach, and who has still to be told.

    \b
    Example:
      rekisteri breach list
      rekisteri breach list --json
    """
    from datetime import UTC, datetime

    from store import audit, upkeep
    from store.engine import writing

    now = datetime.now(UTC)
    with opened(ctx) as desk, writing(desk.engine) as connection:
        found = upkeep.breaches(connection)
        audit.note(connection, now, actor(), "breach.list", UPKEEP, detail={"breaches": len(found)})
    shown = [_outlined(row, now) for row in found]
    if as_json:
        document({"breaches": shown})
    elif shown:
        _show_list(shown)
    else:
        lines("No breach was ever written down.")


def _show_list(found: Sequence[Mapping[str, Any]]) -> None:
    table(
        "",
        ("no.", "what happened", "risk", "people", "discovered", "stands"),
        [
            (
                one["id"],
                one["nature"],
                _RISKS[one["risk"]],
                one["people"],
                local(one["discovered_at"]),
                "\n".join((one["state"], *_duties(one))),
            )
            for one in found
        ],
        right=("no.", "people"),
    )


@breach.command()
def show(ctx: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """Show all that is written down of a breach.

    \b
    Example:
      rekisteri breach show 1
    """
    from datetime import UTC, datetime

    from privacy import breaches
    from store import audit
    from store.engine import writing

    now = datetime.now(UTC)
    with opened(ctx) as desk, writing(desk.engine) as connection:
        found = breaches.there(connection, number)
        audit.note(connection, now, actor(), "breach.show", UPKEEP, detail={"breach": number})
    shown = _outlined(found, now)
    if as_json:
        document(shown)
    else:
        lines(*_told(shown))


def _told(one: Mapping[str, Any]) -> Iterator[str]:
    many = "how many is not known" if one["people"] is None else f"about {one['people']} people"
    yield f"Breach {one['id']}, {one['state']}: {one['nature']}"
    yield f"Data: {', '.join(one['categories'])}; {many}; {_RISKS[one['risk']]}"
    occurred = f", happened {local(one['occurred_at'])}" if one["occurred_at"] else ""
    yield f"Discovered {local(one['discovered_at'])}{occurred}; written down by {one['recorded_by']}"
    yield f"Consequences: {one['consequences'] or 'not written down yet'}"
    yield f"Done about it: {one['measures'] or 'not written down yet'}"
    if one["authority_told_at"]:
        late = f", late: {one['delay_reason']}" if one["delay_reason"] else ""
        yield f"The authority was told {local(one['authority_told_at'])}{late}"
    if one["people_told_at"]:
        yield f"The people were told {local(one['people_told_at'])}"
    if one["no_notice_reason"]:
        yield f"Why not everybody was told: {one['no_notice_reason']}"
    yield from _duties(one)
    if one["closed_at"]:
        yield f"Closed {local(one['closed_at'])} by {one['closed_by']}"


@breach.command()
def update(
    ctx: typer.Context,
    number: Number,
    consequences: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What it leads to, or is likely to lead to.")
    ] = None,
    measures: Annotated[str | None, typer.Option(metavar="TEXT", help="What was done about it, and will be.")] = None,
    people: People = None,
    risk: Annotated[Risk | None, typer.Option(help="To the people, as it is judged by now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take in what is known by now.

    \b
    Example:
      rekisteri breach update 1 --measures "the account was closed, all passwords are new" --risk high
    """
    from privacy import breaches
    from sync.cli.requested import worded

    said: dict[str, str | int | None] = {
        "consequences": worded("--consequences", consequences) if consequences is not None else None,
        "measures": worded("--measures", measures) if measures is not None else None,
        "people": people,
        "risk": risk.value if risk else None,
    }
    _carry_out(ctx, "update", lambda _desk, connection, _by: breaches.update(connection, number, said), as_json=as_json)


@breach.command()
def told(
    ctx: typer.Context,
    number: Number,
    whom: Annotated[Whom, typer.Option(help="Who was told.")],
    at: Annotated[str, typer.Option(metavar="TIME", help="When, as 2026-11-24T09:30.")],
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why the authority was told later than 72 hours.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write down that the authority, or the people, were told.

    \b
    Example:
      rekisteri breach told 1 --whom authority --at 2026-07-02T15:00
      rekisteri breach told 1 --whom authority --at 2026-07-06T10:00 --reason "known in full only on Monday"
    """
    from datetime import UTC, datetime

    from privacy import breaches
    from sync.cli.requested import worded
    from sync.cli.when import past_moment

    moment = past_moment(at, "--at", datetime.now(UTC))
    why = worded("--reason", reason) if reason is not None else None
    _carry_out(
        ctx,
        "told",
        lambda _desk, connection, _by: breaches.told(connection, number, whom.value, moment, why),
        as_json=as_json,
    )


@breach.command()
def close(
    ctx: typer.Context,
    number: Number,
    no_notice_reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why somebody who would be told was not.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a breach. Refused while somebody has to be told, unless there is a reason why not.

    What it led to and what was done about it must be written down (`breach update`).

    \b
    Example:
      rekisteri breach close 1
      rekisteri breach close 2 --no-notice-reason "the disk is encrypted and the key was not with it"
    """
    from privacy import breaches
    from sync.cli.requested import worded

    why = worded("--no-notice-reason", no_notice_reason) if no_notice_reason is not None else None
    _carry_out(ctx, "close", lambda _desk, connection, by: breaches.close(connection, number, why, by), as_json=as_json)
