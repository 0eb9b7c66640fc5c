"""`rekisteri erased`: what is left of people who were erased, and whether what may be theirs comes in again."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import MOST, Desk, actor, opened
from sync.cli.program import NOT_ALL, complain
from sync.cli.requested import worded
from sync.cli.showing import AsJson, document, lines, local, table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from privacy.pseudonym import Pseudonyms
    from privacy.readmission import Outcome
    from privacy.requests import By
    from store.returned import Returned
    from store.tombstones import Stone

erased = typer.Typer(name="erased", rich_markup_mode=None, no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ROW", min=1, max=MOST, help="The row's number in `erased list`.")]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the decision.")]
Decide = Callable[["Connection", "Pseudonyms", "By"], "Outcome"]


@erased.callback()
def _about() -> None:
    """Decide about rows that may be of erased people.

    What a platform still sends of an erased person is dropped and counted. What is new of them, or only in part theirs,
    waits here: they may have come back, or it is somebody else.
    """


@erased.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List what keeps erased people out, and the rows that wait for a decision.

    \b
    Example:
      rekisteri erased list
      rekisteri erased list --json
    """
    from datetime import UTC, datetime

    from store import audit, returned, tombstones
    from store.engine import reading, writing

    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            stones, rows = tombstones.every(connection), returned.every(connection)
        with writing(desk.engine) as connection:
            detail = {"tombstones": len(stones), "rows": len(rows)}
            audit.note(connection, datetime.now(UTC), actor(), "erased.list", UPKEEP, detail=detail)
    shown = {"tombstones": [_stone(one, rows) for one in stones], "waiting": [_row(one) for one in rows]}
    if as_json:
        document(shown)
    else:
        _show(shown)


def _stone(stone: "Stone", rows: "list[Returned]") -> dict[str, Any]:
    from store.times import stamp

    return {
        "id": stone.id,
        "basis": stone.basis,
        "effective_at": stamp(stone.effective_at),
        "request": stone.request_id,
        "review_on": stone.review_on.isoformat() if stone.review_on else None,
        "hits": stone.hits,
        "last_hit_at": stamp(stone.last_hit_at),
        "released_at": stamp(stone.released_at),
        "released_by": stone.released_by,
        "release_reason": stone.release_reason,
        "waiting": sum(row.tombstone_id == stone.id for row in rows),
    }


def _row(row: "Returned") -> dict[str, Any]:
    from privacy.readmission import ADMITTED
    from store.times import stamp

    return {
        "id": row.id,
        "tombstone": row.tombstone_id,
        "source": row.source,
        "stream": row.stream,
        "external_id": row.external_id,
        "created_at": row.created_at,
        "since": stamp(row.since),
        "admitted": row.reason == ADMITTED,
    }


def _show(shown: Mapping[str, Any]) -> None:
    stones, rows = shown["tombstones"], shown["waiting"]
    if not stones:
        lines("Nobody was erased yet.")
        return
    table(
        "People who were erased",
        ("tombstone", "why", "since", "request", "dropped", "last", "waiting", "released"),
        [
            (
                one["id"],
                one["basis"],
                local(one["effective_at"]),
                one["request"],
                one["hits"],
                local(one["last_hit_at"]),
                one["waiting"],
                local(one["released_at"]),
            )
            for one in stones
        ],
        right=("tombstone", "request", "dropped", "waiting"),
    )
    if not rows:
        lines("No row waits for a decision.")
        return
    table(
        "Rows that may be theirs",
        ("row", "tombstone", "source", "stream", "their id there", "made", "here since", "decided"),
        [
            (
                one["id"],
                one["tombstone"],
                one["source"],
                one["stream"],
                one["external_id"],
                local(one["created_at"]),
                local(one["since"]),
                "admitted" if one["admitted"] else None,
            )
            for one in rows
        ],
        right=("row", "tombstone"),
    )
    lines("Look at the platform who it is, then: `rekisteri erased admit ROW --reason TEXT`, or `refuse`")


@erased.command()
def admit(
    ctx: typer.Context,
    row: Number,
    reason: Why,
    person: Annotated[
        bool | None,
        typer.Option(
            "--person/--alone",
            help="Let in all that the tombstone keeps out, or this row alone; by default a customer's row brings the"
            " person, and any other comes alone.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a row come in with the next read of its source.

    With --person it is the erased person, who came back: the tombstone is released, and whatever the platforms have of
    them comes in again. With --alone it is this row only, as when somebody else has their number now.

    \b
    Example:
      rekisteri erased admit 3 --reason "is a customer again, signed up on 20.11."
      rekisteri erased admit 4 --alone --reason "another person, who has this number now"
    """
    from privacy import readmission

    text = worded("--reason", reason)
    done = _decided(ctx, lambda connection, key, by: readmission.admit(connection, row, text, key, by, person=person))
    said = [f"Row {row} lands when {done['source']} sends it again; the next run asks for everything."]
    said.append(f"Of a file that is in already: `rekisteri sync {done['source']} --full`")
    if done["released"]:
        said.append(f"Tombstone {done['tombstone']} keeps nobody out any more.")
    _tell(done, said, as_json=as_json)


@erased.command()
def refuse(ctx: typer.Context, row: Number, reason: Why, as_json: AsJson = False) -> None:
    """Keep a row out, now and whenever it is sent again.

    \b
    Example:
      rekisteri erased refuse 3 --reason "an old booking, entered late"
    """
    from privacy import readmission

    text = worded("--reason", reason)
    done = _decided(ctx, lambda connection, key, by: readmission.refuse(connection, row, text, key, by))
    _tell(done, [f"Row {row} stays out, and what it owns too; nobody is asked again."], as_json=as_json)


def _decided(ctx: typer.Context, decide: Decide) -> dict[str, Any]:
    """Decide and audit it in one transaction, and let a restore know of it."""
    from datetime import UTC, datetime

    from privacy import key
    from privacy.errors import NotPossibleError
    from privacy.requests import By
    from store import audit
    from store.engine import writing

    with opened(ctx) as desk:
        with writing(desk.engine) as connection:
            by = By(actor(), datetime.now(UTC))
            pseudonyms = key.for_landing(connection, desk.settings.privacy.key_file)
            if pseudonyms is None:
                raise NotPossibleError("nobody was erased yet, so no row waits for a decision")
            done = decide(connection, pseudonyms, by)
            detail = {"row": done.row.id, "tombstone": done.row.tombstone_id}
            audit.note(connection, by.now, by.actor, f"erased.{done.verdict}", UPKEEP, detail=detail)
        shown = {
            "row": done.row.id,
            "tombstone": done.row.tombstone_id,
            "source": done.row.source,
            "verdict": done.verdict,
            "released": done.released,
        }
        return shown | {"told": _told(desk)}


def _told(desk: Desk) -> bool:
    """Let the sidecar know, so that a restore decides alike; what stops that is said in a line."""
    from privacy.telling import tell
    from store.backup.errors import SidecarError
    from store.engine import reading

    try:
        with reading(desk.engine) as connection:
            tell(connection, desk.settings.privacy.key_file)
    except SidecarError as error:
        complain(f"it is decided, but a restore does not know it yet: {error}; the next erasure or backup tells it")
        return False
    return True


def _tell(done: dict[str, Any], said: list[str], *, as_json: bool) -> None:
    told = done.pop("told")
    if as_json:
        document(done)
    else:
        lines(*said)
    if not told:
        raise typer.Exit(NOT_ALL)
