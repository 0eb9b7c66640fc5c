"""`rekisteri audit`: who looked at whom and did what, and whether that trail is whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import MOST, actor, given, opened
from sync.cli.program import NOT_ALL
from sync.cli.showing import AsJson, document, lines, local, long_document, table
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from privacy.chain import Emptied
    from privacy.trail import Verdict

audit = typer.Typer(name="audit", rich_markup_mode=None, no_args_is_help=True)

SHOWN = 50


@audit.callback()
def _about() -> None:
    """See who did what with people's data.

    Every act and every look is an event of a chain: who changes, removes or adds one later breaks it there.
    """


@audit.command()
def verify(
    ctx: typer.Context,
    head: Annotated[
        str | None,
        typer.Option(metavar="ID:HASH", help="A head that you kept elsewhere, as `rekisteri audit head` printed it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the whole chain, and name the first broken link.

    A chain whose end was cut off, or that was written anew as a whole, looks whole by itself: only a head that was kept
    elsewhere shows it.

    \b
    Example:
      rekisteri audit verify
      rekisteri audit verify --head 4711:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    """
    from privacy.trail import head_named
    from privacy.trail import verify as walk
    from store.engine import reading

    kept = None if head is None else head_named(head, "--head")
    with opened(ctx) as desk, reading(desk.engine) as connection:
        found = walk(connection, kept)
    if as_json:
        document(_verdict(found))
    else:
        lines(*_told(found))
    if found.broken:
        raise typer.Exit(NOT_ALL)


def _verdict(found: "Verdict") -> dict[str, Any]:
    return {
        "ok": found.broken is None,
        "events": found.events,
        "head": str(found.head),
        "emptied": found.emptied._asdict(),
        "since_head": found.since_head._asdict() if found.since_head else None,
        "broken": found.broken._asdict() if found.broken else None,
    }


def _told(found: "Verdict") -> Iterator[str]:
    if found.broken:
        yield f"The chain is broken: {found.broken.says}. It has {quantity(found.events, 'event')}."
        yield "What that means and what to do stands in docs/operations.md, under “The audit chain”."
        return
    yield f"The chain is whole: {quantity(found.events, 'event')}, its head is {found.head}"
    yield f"What was said of somebody was deleted from {_deleted(found.emptied)}."
    if found.since_head is not None:
        yield f"Of these, since that head: from {_deleted(found.since_head)}. Does that fit what you know of?"
        return
    yield "Whether its end was cut off or events were emptied, a head that you kept elsewhere shows: --head ID:HASH"


def _deleted(emptied: "Emptied") -> str:
    acts = []
    if emptied.erasures:
        acts.append(f"{emptied.by_erasures} by {quantity(emptied.erasures, 'erasure')}")
    if emptied.retention_runs:
        acts.append(f"{emptied.by_retention} by {quantity(emptied.retention_runs, 'run')} of retention")
    events = quantity(emptied.by_erasures + emptied.by_retention, "event")
    return f"{events}: {', '.join(acts)}" if acts else "no event"


@audit.command()
def head(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Print the chain's head, to be kept elsewhere.

    On paper, in a mail, on another disk: out of reach of whoever can write to the database.

    \b
    Example:
      rekisteri audit head
      rekisteri audit head --json
    """
    from privacy.trail import head_of
    from store import audit as trail
    from store.engine import reading
    from store.times import stamp

    with opened(ctx) as desk, reading(desk.engine) as connection:
        found, last = head_of(connection), trail.last(connection)
    at = stamp(last.at) if last else None
    if as_json:
        document({"head": str(found), "id": found.id, "hash": found.hash, "at": at})
    else:
        lines(f"{found}  {local(at) or 'nothing was noted yet'}")


@audit.command()
def show(
    ctx: typer.Context,
    customer: Annotated[
        str | None,
        typer.Option(
            metavar="ID", callback=given, help="About one: a customer's or record's id, or SOURCE:EXTERNAL_ID."
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--actor", metavar="NAME", callback=given, help="What this user did.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Not before this, as 2026-11-24 or 2026-11-24T09:30.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, help="The last so many; a table shows 50 by default, --json all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who did what and looked at whom, the newest last.

    About a customer it shows what was done under every id that they had, and what went through the whole registry. It
    is a look itself, and noted.

    \b
    Example:
      rekisteri audit show --customer thinkific:1001
      rekisteri audit show --actor maija --since 2026-11-01
    """
    from datetime import UTC, datetime

    from privacy.naming import named
    from store import audit as trail
    from store.engine import reading, writing
    from sync.cli.when import any_moment

    begun = None if since is None else any_moment(since, "--since")
    most = SHOWN if limit is None and not as_json else limit
    with opened(ctx) as desk:
        with writing(desk.engine) as connection:
            id_ = None if customer is None else named(connection, customer).customer_id
            detail = {"limit": most or "all"}
            trail.note(connection, datetime.now(UTC), actor(), "audit.show", UPKEEP, customer_id=id_, detail=detail)
        with reading(desk.engine) as connection:
            if id_ is None:
                found: Iterable[Any] = trail.trail(connection, actor=by, since=begun, limit=most)
            else:
                found = _about_one(connection, id_, by, begun)[-(most or 0) :]
            shown = map(_event, found)
            if as_json:
                long_document({"customer_id": id_}, "events", shown)
            else:
                _show(list(shown), most)


def _about_one(connection: "Connection", customer_id: str, by: str | None, since: "datetime | None") -> list[Any]:
    from store.surroundings import looks_at

    return [
        event
        for event in looks_at(connection, customer_id)
        if by in (None, event.actor) and (since is None or event.at >= since)
    ]


def _event(event: Any) -> dict[str, Any]:
    import json

    from store.times import stamp

    return {
        "id": event.id,
        "at": stamp(event.at),
        "actor": event.actor,
        "action": event.action,
        "purpose": event.purpose,
        "customer_id": event.customer_id,
        "detail": None if event.detail is None else json.loads(event.detail),
        "hash": event.hash,
    }


def _show(events: list[Mapping[str, Any]], most: int | None) -> None:
    table(
        "",
        ("event", "when", "who", "what", "for", "customer", "detail"),
        [
            (
                one["id"],
                local(one["at"]),
                one["actor"],
                one["action"],
                one["purpose"],
                one["customer_id"],
                "deleted" if one["detail"] is None else _said(one["detail"]),
            )
            for one in events
        ],
        right=("event",),
    )
    if not events:
        lines("Nothing was noted.")
    elif len(events) == most:
        lines(f"The last {quantity(most, 'event')}; --limit N shows more.")


def _said(detail: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in detail.items())
