"""`rekisteri rematch`: decide anew who is who, by another match model, after a look at what that would do."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.opening import actor, opened
from sync.cli.program import DONE, NOT_ALL
from sync.cli.showing import AsJson, document, lines
from sync.wording import quantity

if TYPE_CHECKING:
    from sync.whole import Difference

EXAMPLES = 10


def rematch(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide anew who is who, by the model configured.

    Says what would join, come apart and wait for a decision, then asks. Decisions of people stand, whatever the model
    says. With --json it does not ask: give --dry-run or --yes.

    \b
    Example:
      rekisteri rematch --dry-run
      rekisteri rematch --yes
    """
    from datetime import UTC, datetime

    from store import locks
    from sync import rematch as act_of
    from sync.models import configured
    from sync.reconciling import Act
    from sync.run import LOCK_WAIT_S, rules_of

    if as_json and not (dry_run or yes):
        raise typer.BadParameter("--json asks nobody: give --dry-run or --yes")
    with opened(ctx) as desk:
        model = configured(desk.settings)
        rules = rules_of(desk.settings, model)
        with locks.holding(desk.engine, "run", wait_s=LOCK_WAIT_S):
            found = act_of.preview(desk.engine, rules)
            told = report(found, model.version, model.fingerprint)
            if not as_json:
                show(told)
            if not dry_run and not yes and not typer.confirm("Do it?"):
                raise typer.Exit(NOT_ALL)
            if not dry_run:
                act = Act(actor(), datetime.now(UTC))
                tally = act_of.rematch(desk.engine, rules, act)
                told["done"] = {"created": tally.created, "merged": tally.merged, "split": tally.split}
    if as_json:
        document(told)
    elif dry_run:
        lines("Nothing was changed.")
    else:
        lines("Done.")
    raise typer.Exit(DONE)


def report(found: "Difference", version: str, fingerprint: str) -> dict[str, Any]:
    """What was found, with some examples by id and no personal data."""
    return {
        "model": {"version": version, "fingerprint": fingerprint},
        "records": len(found.records),
        "joins": {"count": len(found.joins), "examples": [list(ids) for ids in found.joins[:EXAMPLES]]},
        "splits": {"count": len(found.splits), "examples": [list(ids) for ids in found.splits[:EXAMPLES]]},
        "review": {
            "count": len(found.reviews),
            "examples": [list(ids) for ids in found.reviews[:EXAMPLES]],
            "settled": found.settled,
            "waiting": found.waiting,
        },
        "done": None,
    }


def show(told: dict[str, Any]) -> None:
    """The report for a person."""
    lines(
        f"Match model {told['model']['version']} ({told['model']['fingerprint']}); "
        f"{quantity(told['records'], 'record')} would be linked otherwise or be explained anew.",
        f"Would join: {quantity(told['joins']['count'], 'customer')} into another.",
        *(f"  {old} into {new}" for new, old in told["joins"]["examples"]),
        f"Would come apart: {quantity(told['splits']['count'], 'customer')} from another.",
        *(f"  {new} from {old}" for old, new in told["splits"]["examples"]),
        f"Would newly wait for a decision: {quantity(told['review']['count'], 'pair')}, "
        f"and {told['review']['settled']} no longer; {told['review']['waiting']} in all.",
        *(f"  {a} and {b}" for a, b in told["review"]["examples"]),
    )
