"""`rekisteri status`: how everything stands, and what to do about it."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from sync.cli.opening import opened
from sync.cli.running import SHOWN_PROBLEMS, describe_problem
from sync.cli.showing import AsJson, counted, day, document, lines, local, span, table
from sync.wording import quantity

_HEADLINES = {"pass": "All is well.", "warn": "Something waits for you:", "fail": "This needs your attention:"}
_SAID_BELOW = ("held", "quarantine", "review")
"""Reasons of which the lines about sources, rows and pairs say more."""


def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show how the sources stand, what waits.

    The last and next run of each source, the age of its data, rows in quarantine, pairs that wait for a decision,
    requests of people and what is to be done because of them.

    \b
    Example:
      rekisteri status
      rekisteri status --json
    """
    from datetime import UTC, datetime

    from store import locks, trial
    from store.engine import reading
    from sync.standing import standing

    with opened(ctx) as desk:
        running, daemon = locks.is_held(desk.engine, "run"), locks.is_held(desk.engine, "instance")
        refusal, now = trial.refusal_of(desk.engine), datetime.now(UTC)
        with reading(desk.engine) as connection:
            found = standing(connection, desk.settings, now, running=running, daemon=daemon, refusal=refusal)
    if as_json:
        document(found)
    else:
        _show(found)


def _show(found: Mapping[str, Any]) -> None:
    table(
        "Sources",
        ("source", "last run", "outcome", "age of data", "next run due", "quarantined"),
        [(name, *_row(source)) for name, source in found["sources"].items()],
        right=("quarantined",),
    )
    registry = found["registry"]
    lines(f"Registry: {quantity(registry['customers'], 'customer')} of {quantity(registry['records'], 'record')}")
    lines("The daemon is running." if found["daemon"] else "No daemon is running: nothing is read by itself.")
    if found["running"]:
        lines("A run is in progress.")
    elif registry["pending"]:
        lines(f"{quantity(registry['pending'], 'record')} landed, not in the registry yet; the next run takes them in.")
    headline = [_HEADLINES[found["health"]["status"]]] if found["sources"] else []
    lines(*headline, *_advice(found))


def _row(source: Mapping[str, Any]) -> tuple[Any, ...]:
    run = source["last_run"] or {}
    outcome = "held" if source["held_since"] else run.get("outcome", "never run")
    age = None if source["age_s"] is None else span(source["age_s"])
    return local(run.get("started_at")), outcome, age, local(source["next_run_at"]), source["quarantine"]["rows"]


def _advice(found: Mapping[str, Any]) -> Iterator[str]:
    if not found["sources"]:
        yield "No source is configured. Set one, see docs/configuration.md, then `rekisteri check`."
    for check in found["health"]["checks"].values():
        if check["reason"] not in (None, *_SAID_BELOW):
            yield f"{check['output'][:1].upper()}{check['output'][1:]}. {check['advice']}"
    for name, source in found["sources"].items():
        yield from _of_source(name, source)
    if found["registry"]["review"]:
        yield f"{quantity(found['registry']['review'], 'pair', 'wait')} for your decision: `rekisteri review list`."
    yield from _of_requests(found["requests"])


def _of_requests(requests: Mapping[str, Any]) -> Iterator[str]:
    if requests["open"]:
        many, due = quantity(requests["open"], "request", "wait"), day(requests["next_due"])
        yield f"{many} for your answer, the next by {due}: `rekisteri request list`."
    if tasks := requests["tasks"]:
        many, of = quantity(sum(tasks.values()), "task", "wait"), ", ".join(tasks)
        yield f"{many} to be done elsewhere, of request {of}: `rekisteri request tasks {next(iter(tasks))}`."


def _of_source(name: str, source: Mapping[str, Any]) -> Iterator[str]:
    run = source["last_run"]
    if not source["configured"]:
        yield f"{name}: not configured any more; its rows stay."
    if source["held_since"]:
        since = local(source["held_since"])
        yield f"{name}: held since {since}: {source['held_reason']}. Mend it, then `rekisteri sync {name}`."
    elif run and run["error"]:
        yield f"{name}: {run['error']}"
    if run and run["problems"]:
        yield f"{name}: its last run wants you to look at:"
    for problem in run["problems"][:SHOWN_PROBLEMS] if run else ():
        yield f"  {describe_problem(problem)}"
    if run and len(run["problems"]) > SHOWN_PROBLEMS:
        yield f"  and {len(run['problems']) - SHOWN_PROBLEMS} more, see `rekisteri status --json`"
    if source["quarantine"]["rows"]:
        rows = source["quarantine"]["rows"]
        yield f"{name}: {quantity(rows, 'row', 'wait')} in quarantine; to be mended at the source:"
        yield from (f"  {text}" for text in counted(source["quarantine"]["reasons"]))
