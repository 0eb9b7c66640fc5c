"""`rekisteri measure`: how customers' data are protected, as data that the record of processing takes up."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.acting import Noted, act, tell
from sync.cli.opening import MOST, opened, readable
from sync.cli.showing import AsJson, document, lines, table
from sync.cli.showing import day as written

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Row

    from privacy.requests import By
    from sync.cli.opening import Desk

measure = typer.Typer(name="measure", rich_markup_mode=None, no_args_is_help=True)

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, max=MOST, help="Its number, as `rekisteri measure list` shows it.")
]


class Kind(StrEnum):
    """The two kinds of GDPR Art. 32."""

    TECHNICAL = "technical"
    ORGANISATIONAL = "organisational"


@measure.callback()
def _about() -> None:
    """Keep the measures that protect customers' data.

    What is done by machines and what by people (GDPR Art. 32); the record of processing takes it up.
    """


@measure.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", callback=readable, help="What is done, in a few words.")],
    kind: Annotated[Kind, typer.Option(help="By machines, or by people and rules.")],
    term: Annotated[str, typer.Option(metavar="TERM", help="Its term, as dpv:EncryptionAtRest.")],
    since: Annotated[str, typer.Option(metavar="DATE", help="Since when, as 2026-11-24.")],
    review: Annotated[str | None, typer.Option(metavar="DATE", help="When to look at it again.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What else there is to say.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a measure of protection down.

    \b
    Example:
      rekisteri measure add "encrypted backups" --kind technical --term dpv:EncryptionAtRest --since 2026-01-15
      rekisteri measure add "yearly training" --kind organisational --term dpv:DataProtectionTraining --since 2025-09-01
    """
    from privacy import measures
    from sync.cli.requested import worded
    from sync.cli.when import any_day, past_day

    protection = measures.Protection(
        name=worded("NAME", name),
        kind=kind.value,
        term=term,
        since=past_day(since, "--since"),
        review_on=any_day(review, "--review") if review else None,
        note=worded("--note", note) if note else None,
    )

    def deed(_desk: "Desk", connection: "Connection", by: "By") -> int:
        return measures.add(connection, protection, by)

    number = act(ctx, "measure.add", deed, _noted)
    tell({"id": number}, f"Measure {number} is kept.", as_json=as_json)


def _noted(number: int) -> Noted:
    return Noted({"measure": number})


@measure.command("list")
def list_(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those too that ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the measures of protection, and whose review is due.

    \b
    Example:
      rekisteri measure list
      rekisteri measure list --all --json
    """
    from store import upkeep
    from store.engine import reading
    from sync.cli.when import today

    with opened(ctx) as desk, reading(desk.engine) as connection:
        found = upkeep.measures(connection, ended=every)
    day = today()
    shown = [_outlined(one, day) for one in found]
    if as_json:
        document({"measures": shown})
    elif shown:
        _show(shown)
    else:
        lines("No measure is kept yet. Begin with `rekisteri measure add`.")


def _outlined(one: "Row[Any]", day: "date") -> dict[str, Any]:
    from store.times import stamp

    return {
        "id": one.id,
        "kind": one.kind,
        "term": one.term,
        "name": one.name,
        "since": one.since.isoformat(),
        "until": one.until and one.until.isoformat(),
        "review_on": one.review_on and one.review_on.isoformat(),
        "review_due": one.until is None and one.review_on is not None and one.review_on <= day,
        "note": one.note,
        "recorded_at": stamp(one.recorded_at),
        "recorded_by": one.recorded_by,
    }


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    table(
        "",
        ("no.", "measure", "kind", "term", "since", "until", "review", "note"),
        [
            (
                one["id"],
                one["name"],
                one["kind"],
                one["term"],
                one["since"] and written(one["since"]),
                one["until"] and written(one["until"]),
                one["review_on"] and written(one["review_on"]) + (", due" if one["review_due"] else ""),
                one["note"],
            )
            for one in found
        ],
        right=("no.",),
    )


@measure.command()
def review(
    ctx: typer.Context,
    number: Number,
    again: Annotated[str, typer.Option("--next", metavar="DATE", help="When to look at it again.")],
    as_json: AsJson = False,
) -> None:
    """Say that a measure was looked at, and when to do so again.

    \b
    Example:
      rekisteri measure review 1 --next 2027-09-01
    """
    from privacy import measures
    from sync.cli.when import coming_day

    day = coming_day(again, "--next")

    def deed(_desk: "Desk", connection: "Connection", _by: "By") -> int:
        measures.review(connection, number, day)
        return number

    act(ctx, "measure.review", deed, _noted)
    done = {"id": number, "review_on": day.isoformat()}
    tell(done, f"Measure {number} is to be looked at again on {written(day.isoformat())}.", as_json=as_json)


@measure.command()
def end(
    ctx: typer.Context,
    number: Number,
    on: Annotated[str, typer.Option(metavar="DATE", help="Until when, as 2026-11-24.")],
    as_json: AsJson = False,
) -> None:
    """Say until when a measure was in force. It stays in the list with --all.

    \b
    Example:
      rekisteri measure end 1 --on 2026-06-30
    """
    from privacy import measures
    from sync.cli.when import past_day

    day = past_day(on, "--on")

    def deed(_desk: "Desk", connection: "Connection", _by: "By") -> int:
        measures.end(connection, number, day)
        return number

    act(ctx, "measure.end", deed, _noted)
    tell(
        {"id": number, "until": day.isoformat()},
        f"Measure {number} ended on {written(day.isoformat())}.",
        as_json=as_json,
    )
