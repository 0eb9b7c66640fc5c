"""`rekisteri match`: a match model of the registry's own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import actor, opened
from sync.cli.program import NOT_ALL, complain
from sync.cli.showing import AsJson, document, lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from sync.training import Learnt

match = typer.Typer(name="match", rich_markup_mode=None, no_args_is_help=True)


@match.callback()
def _about() -> None:
    """Learn how records of one person look here."""


@match.command()
def train(
    ctx: typer.Context,
    output: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write the model to this new file; else nothing is written.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn a match model from the registry itself.

    Weights come from all records and, where there are enough, from your decisions. The model is compared with the one
    in force, which stays: nothing changes until a configuration names the new file and `rekisteri rematch` takes it.

    \b
    Example:
      rekisteri match train
      rekisteri match train --output my-model.json
    """
    from datetime import UTC, datetime

    from store import audit
    from store.engine import reading, writing
    from sync.models import active
    from sync.run import rules_of
    from sync.training import TooSmallError, evidence, learn, require_new, write_model

    now = datetime.now(UTC)
    target = output.absolute() if output else None
    with opened(ctx) as desk:
        if target:
            require_new(target)
        with reading(desk.engine) as connection:
            rules = rules_of(desk.settings, active(connection, desk.settings))
            found = evidence(connection, rules.limits)
        with writing(desk.engine) as connection:
            detail = {"records": len(found.persons), "pairs": len(found.pairs[0]), "labels": len(found.told)}
            audit.note(connection, now, actor(), "match.train", UPKEEP, detail=detail)
    try:
        made = learn(found, rules.model, now)
    except TooSmallError as error:
        complain(str(error))
        raise typer.Exit(NOT_ALL) from None
    if target:
        write_model(made.model, target)
    if as_json:
        document(_document(made, target))
    else:
        _show(made, target)


def _document(made: "Learnt", output: Path | None) -> dict[str, Any]:
    return {
        "records": made.records,
        "pairs": made.pairs,
        "labels": {"found": made.found, "used": made.used},
        "names": "registry" if made.own_names else "shipped",
        "weights": made.weights,
        "outcomes": made.outcomes,
        "output": str(output) if output else None,
    }


def _show(made: "Learnt", output: Path | None) -> None:
    lines(*_said(made))
    weights = [
        (comparison, level, f"{both['old']:+.2f}", f"{both['new']:+.2f}")
        for comparison, levels in made.weights.items()
        for level, both in levels.items()
    ]
    table("Weights in bits", ("compared", "level", "in force", "learnt"), weights, right=("in force", "learnt"))
    counts = ("join", "review", "apart")
    table(
        "What the pairs would be",
        ("model", *counts),
        [
            (label, *(made.outcomes[which][count] for count in counts))
            for label, which in (("in force", "old"), ("learnt", "new"))
        ],
        right=counts,
    )
    lines(*_next(output))


def _said(made: "Learnt") -> Iterator[str]:
    from sync.training import ENOUGH_DECISIONS, OWN_NAMES

    yield f"Learnt from {quantity(made.records, 'record')}, of which {quantity(made.pairs, 'pair')} share something."
    decided = f"You decided about {quantity(made.found, 'such pair')}"
    few = f"{decided}: not used, {ENOUGH_DECISIONS} are needed."
    yield f"{decided}: all are used." if made.used else few
    yield (
        "How often a name occurs was counted in this registry."
        if made.own_names
        else f"How often a name occurs is taken from the shipped model: below {OWN_NAMES} records it cannot be counted."
    )


def _next(output: Path | None) -> Iterator[str]:
    if output is None:
        yield "Nothing was changed or written. With --output PATH the learnt model becomes a file."
        return
    # A TOML string is written like one of JSON.
    yield f"The learnt model is in {output}; nothing else was changed."
    yield f"To take it, set match.model = {json.dumps(str(output), ensure_ascii=False)},"
    yield "then look at what would change: rekisteri rematch --dry-run"
