"""`rekisteri retention`: for how long data are kept, what is over its time, and letting it go."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import Desk, actor, opened, readable
from sync.cli.program import NOT_ALL, complain
from sync.cli.retaining import outlined, show_review, show_status, standing
from sync.cli.showing import AsJson, document, lines
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import datetime

    from privacy.overdue import Review

retention = typer.Typer(name="retention", rich_markup_mode=None, no_args_is_help=True)


@retention.callback()
def _about() -> None:
    """Say for how long data are kept, and let them go.

    The privacy notice sets no time. Until you do, a category is undefined, and nothing of it is ever erased by age.
    """


@retention.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every category with its rule, and how many rows are over it now.

    \b
    Example:
      rekisteri retention status
      rekisteri retention status --json
    """
    from store import retention as rules
    from store.engine import reading
    from sync.retention import found_now

    now = _now()
    with opened(ctx) as desk:
        found = found_now(desk.engine, now)
        with reading(desk.engine) as connection:
            stands = standing(rules.rulings(connection), found, rules.proofs(connection))
    if as_json:
        document(stands)
    else:
        show_status(stands)


@retention.command("set")
def set_(
    ctx: typer.Context,
    category: Annotated[
        str, typer.Argument(metavar="CATEGORY", callback=readable, help="As `retention status` lists.")
    ],
    after: Annotated[
        str, typer.Option(metavar="PERIOD", callback=readable, help="6y, 24m, 30d or P1Y6M; undefined takes it away.")
    ],
    from_: Annotated[
        str | None, typer.Option("--from", metavar="TRIGGER", help="From when it counts; see `retention status`.")
    ] = None,
    basis: Annotated[str | None, typer.Option(metavar="TEXT", help="Why for so long: the law, your own need.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say for how long a category is kept, from when it counts, and on what basis.

    A basis that begins with law: or claim: is a duty to keep. It also holds such rows of bookings, enrollments and
    orders back from an erasure, narrowed and without contacts; and a claim, as long as it lasts, holds back the whole
    person from erasure by age. With undefined as the period, a duty has no end.

    \b
    Example:
      rekisteri retention set customers --after 5y --from last_activity --basis "our own need ends by then"
      rekisteri retention set orders --after 6y --from year_end --basis "law: Accounting Act 2:10"
      rekisteri retention set notes --after undefined
    """
    from privacy.retention import in_words, period_of, trigger_of
    from store import audit
    from store import retention as rules
    from store.engine import writing

    trigger = trigger_of(category, None if from_ is None else readable(from_))
    period = period_of(after)
    why = _basis(basis, needed=period is not None)
    if from_ is None and period is not None:
        from config.errors import ConfigError
        from privacy.retention import category_of

        raise ConfigError(f"is missing; known of {category}: {', '.join(category_of(category).triggers)}", "--from")
    ruling = rules.Ruling(category, period, trigger, why, _now(), actor())
    with opened(ctx) as desk, writing(desk.engine) as connection:
        nothing = period is None and basis is None and category not in rules.rulings(connection)
        if not nothing:
            rules.set_rule(connection, ruling)
            detail = {"category": category, "period": period or "undefined", "trigger": trigger}
            audit.note(connection, ruling.set_at, ruling.set_by, "retention.set", UPKEEP, detail=detail)
    if as_json:
        document(outlined(category, None if nothing else ruling))
    elif nothing:
        lines(f"How long {category} are kept was never set: it is undefined already, and nothing was changed.")
    elif period is None:
        lines(f"How long {category} are kept is undefined now. None of it is erased by age.")
    else:
        lines(
            f"{category.capitalize()} are kept for {in_words(period)} from {trigger}.",
            "See what is over: `rekisteri retention run --dry-run`",
        )


def _basis(text: str | None, *, needed: bool) -> str:
    """Raises `ConfigError`."""
    from config.errors import ConfigError
    from sync.cli.requested import worded

    if text is None and needed:
        raise ConfigError('is missing; say why for so long, as in --basis "law: Accounting Act 2:10"', "--basis")
    return "none is set" if text is None else worded("--basis", text)


@retention.command()
def run(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what is over, and erase nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is over its time, and erase it for good.

    People go as in any erasure: the next sync does not bring them back. Who has an open request, a restriction, an open
    claim or a place in the direct-marketing register is held back, and named. What is undefined stays.

    \b
    Example:
      rekisteri retention run --dry-run
      rekisteri retention run --yes
    """
    from sync.retention import found_now

    now = _now()
    with opened(ctx) as desk:
        found = found_now(desk.engine, now)
        told = _reviewed(desk, found, now)
        number = sum(len(judged.over) for judged in found.values())
        if not as_json:
            show_review(told)
        asked = bool(number) and not dry_run
        if asked and not yes:
            _ask(told, as_json=as_json)
        if asked:
            told["done"] = _carry_out(desk, found, now)
        clean = dry_run or _clean_up(desk)
    if as_json:
        document(told)
    else:
        lines(*_said(told["done"], number))
    if not clean:
        raise typer.Exit(NOT_ALL)


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _reviewed(desk: Desk, found: "Review", now: "datetime") -> dict[str, Any]:
    """The review list; that somebody saw it is audited."""
    from store import audit
    from store import retention as rules
    from store.engine import writing
    from sync.cli.retaining import reviewed

    with writing(desk.engine) as connection:
        rulings = rules.rulings(connection)
        detail = {name: len(judged.over) for name, judged in found.items() if judged.over}
        audit.note(connection, now, actor(), "retention.review", UPKEEP, detail=detail)
    return reviewed(rulings, found)


def _ask(told: Mapping[str, Any], *, as_json: bool) -> None:
    """Ask the person at the keyboard; without one nothing goes."""
    if as_json or not sys.stdin.isatty():
        if as_json:
            document(told)
        complain("nothing was erased: `rekisteri retention run --yes` does it without asking")
        raise typer.Exit(NOT_ALL)
    if not typer.confirm("Erase it? Nothing brings it back."):
        raise typer.Exit(NOT_ALL)


def _carry_out(desk: Desk, found: "Review", now: "datetime") -> dict[str, Any]:
    from store import audit
    from store.engine import writing
    from sync.reconciling import Act
    from sync.retention import Retiring

    done = Retiring(desk.engine, desk.settings, Act(actor(), now)).carry_out(found)
    counts = {name: number for name, number in done.counts.items() if number}
    with writing(desk.engine) as connection:
        audit.note(connection, now, actor(), "retention.run", UPKEEP, detail=counts)
    return {"counts": counts, "passed": done.passed, "parties": sorted(done.parties)}


def _clean_up(desk: Desk) -> bool:
    """What comes after. Whatever of it cannot be done is said in a line; what went is gone."""
    from sqlalchemy.exc import SQLAlchemyError

    from store.backup.errors import SidecarError
    from store.faults import database_fault
    from sync.retention import clean_up

    again = "`rekisteri retention run` or the next erasure does it"
    try:
        if clean_up(desk.engine, desk.settings):
            return True
        complain(f"it is erased; the database's files hold remains, since others are reading them: {again}")
    except SidecarError as error:
        complain(f"it is erased, but a restore does not know it yet: {error}; then {again}")
    except SQLAlchemyError as error:
        complain(f"it is erased; the database's files hold remains ({database_fault(error)}): {again}")
    return False


def _said(done: Mapping[str, Any] | None, number: int) -> list[str]:
    if done is None:
        return ["Nothing was erased."] if number else ["Nothing is over its time."]
    said = ["Erased: " + (", ".join(f"{count} of {name}" for name, count in done["counts"].items()) or "nothing") + "."]
    if done["passed"]:
        said.append(f"{quantity(done['passed'], 'row', 'change')}d or went meanwhile, or asked to stay.")
    if done["parties"]:
        said.append(f"Whoever went is still at {' and '.join(done['parties'])}: delete them there too.")
    return said
