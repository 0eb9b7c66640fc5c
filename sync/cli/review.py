"""`rekisteri review`: pairs that wait for a person's decision, and the decisions."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import MOST, actor, opened, readable
from sync.cli.showing import AsJson, document, joined, lines, local, table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.reconciling import Act, Rules

review = typer.Typer(name="review", rich_markup_mode=None, no_args_is_help=True)

Reference = Annotated[
    str, typer.Argument(callback=readable, help="A customer id, a record's id, or SOURCE:EXTERNAL_ID.")
]


@review.callback()
def _about() -> None:
    """Decide about pairs that may be one.

    Pairs of records that may be one person wait for your decision, and every later sync respects it.
    """


@review.command("list")
def list_(
    ctx: typer.Context,
    families: Annotated[
        bool, typer.Option("--families", help="Show the pairs kept apart as a family on one contact instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the pairs that wait for a decision, why they do, and the decisions in force.

    \b
    Example:
      rekisteri review list
      rekisteri review list --json
    """
    from datetime import UTC, datetime

    from store import audit, pairs
    from store.engine import reading, writing

    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            found = {
                "pairs": pairs.pairs(connection, "apart" if families else "review"),
                "decisions": pairs.decisions(connection),
            }
        with writing(desk.engine) as connection:
            detail = {"pairs": len(found["pairs"])}
            audit.note(connection, datetime.now(UTC), actor(), "review.list", UPKEEP, detail=detail)
    if as_json:
        document(found)
    else:
        _show(found, families=families)


def _show(found: Mapping[str, Any], *, families: bool) -> None:
    if not found["pairs"]:
        lines("No family is noted." if families else "No pair waits for a decision.")
    title = "Kept apart as a family on one contact" if families else "Perhaps one person"
    table(title, ("a", "b", "score", "why"), [_row(pair) for pair in found["pairs"]], right=("score",))
    if found["pairs"]:
        pair = found["pairs"][0]
        both = f"{_reference(pair['a_record'])} {_reference(pair['b_record'])}"
        lines(f"Decide with: rekisteri review same {both}", f"         or: rekisteri review different {both}")
    table(
        "Decisions in force",
        ("id", "verdict", "records", "by", "at"),
        [
            (
                one["id"],
                one["verdict"],
                "\n".join(f"{a} {b}" for a, b in one["records"]),
                one["decided_by"],
                local(one["decided_at"]),
            )
            for one in found["decisions"]
        ],
    )


def _row(pair: Mapping[str, Any]) -> tuple[Any, ...]:
    return person(pair, "a"), person(pair, "b"), f"{pair['score']:.1f}", "\n".join(pair["reasons"])


def person(pair: Mapping[str, Any], side: str) -> str:
    """One side of a pair: name, contacts and reference, a line each."""
    record = pair[f"{side}_record"]
    return joined((record["name"] or "no name", record["email"], record["phone"], _reference(record)), "\n") or ""


def _reference(record: Mapping[str, Any]) -> str:
    return f"{record['source']}:{record['external_id']}"


@review.command()
def same(ctx: typer.Context, a: Reference, b: Reference, as_json: AsJson = False) -> None:
    """Decide that A and B are one person: they become one customer at once.

    \b
    Example:
      rekisteri review same timma:5f1d7f3a thinkific:1001
    """
    from sync import decisions

    _decide(ctx, "same", lambda connection, **how: decisions.same(connection, a, b, **how), as_json=as_json)


@review.command()
def different(ctx: typer.Context, a: Reference, b: Reference, as_json: AsJson = False) -> None:
    """Decide that A and B are two people: they come apart at once, and never meet again.

    \b
    Example:
      rekisteri review different timma:5f1d7f3a thinkific:1001
    """
    from sync import decisions

    _decide(ctx, "different", lambda connection, **how: decisions.different(connection, a, b, **how), as_json=as_json)


@review.command()
def split(
    ctx: typer.Context,
    customer: Annotated[
        str, typer.Argument(callback=readable, help="A customer id, or whatever names one of its records.")
    ],
    record: Reference,
    as_json: AsJson = False,
) -> None:
    """Take a record out of a customer: it is different from every record that stays.

    \b
    Example:
      rekisteri review split 019ab2c4-77aa-7000-8000-000000000001 thinkific:1001
    """
    from sync import decisions

    _decide(
        ctx,
        "split",
        lambda connection, **how: decisions.split(connection, customer, record, **how),
        as_json=as_json,
    )


@review.command()
def undo(
    ctx: typer.Context,
    decision: Annotated[int, typer.Argument(min=1, max=MOST, help="Its id, as `rekisteri review list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Take a decision back: the rules judge its records again.

    \b
    Example:
      rekisteri review undo 12
    """
    from sync import decisions

    def take_back(connection: "Connection", *, rules: "Rules", act: "Act") -> int:
        decisions.undo(connection, decision, rules=rules, act=act)
        return decision

    _decide(ctx, "undo", take_back, as_json=as_json)


def _decide(ctx: typer.Context, verdict: str, deed: Callable[..., int], *, as_json: bool) -> None:
    """Decide, apply, audit, all in one transaction, and say what came of it."""
    from datetime import UTC, datetime

    from store import audit, pairs
    from store.engine import writing
    from sync.models import active
    from sync.reconciling import Act
    from sync.run import rules_of

    with opened(ctx) as desk, writing(desk.engine) as connection:
        act = Act(actor(), datetime.now(UTC))
        decision = deed(connection, rules=rules_of(desk.settings, active(connection, desk.settings)), act=act)
        after = pairs.customers_of_decision(connection, decision)
        audit.note(connection, act.now, act.actor, f"review.{verdict}", UPKEEP, detail={"decision": decision})
    done = {"decision": decision, "verdict": verdict, "customers": after}
    if as_json:
        document(done)
    else:
        lines(*_said(done))


def _said(done: Mapping[str, Any]) -> Iterator[str]:
    customers = joined(done["customers"]) or "nobody"
    if done["verdict"] == "undo":
        yield f"Decision {done['decision']} is taken back. Its records now belong to: {customers}"
    else:
        yield f"Decision {done['decision']}: {done['verdict']}. The records now belong to: {customers}"
