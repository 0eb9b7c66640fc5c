"""`rekisteri request`: what the people in the registry ask for (GDPR Art. 12 to 22), from receipt to answer."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli import applying
from sync.cli.acting import tell
from sync.cli.erase import erase
from sync.cli.opening import MOST, Desk, actor, opened, readable
from sync.cli.package import package
from sync.cli.program import complain
from sync.cli.requested import (
    Number,
    Outcome,
    Type,
    Way,
    act,
    outlined,
    show_list,
    show_one,
    show_tasks,
    stepped,
    tasked,
    worded,
)
from sync.cli.showing import AsJson, day, document, lines, local
from sync.wording import quantity

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from privacy.requests import By
    from store.requests import Request

request = typer.Typer(name="request", rich_markup_mode=None, no_args_is_help=True)


@request.callback()
def _about() -> None:
    """Answer what people ask for about their data.

    Each request is due a month after it was received. Every step is written down.
    """


@request.command("open")
def open_(
    ctx: typer.Context,
    type_: Annotated[Type, typer.Option("--type", help="What the person asks for.")],
    customer: Annotated[
        str, typer.Option(metavar="ID", callback=readable, help="A customer's or record's id, or SOURCE:EXTERNAL_ID.")
    ],
    received: Annotated[
        str | None, typer.Option(metavar="DATE", help="When it came, as 2026-11-24; today by default.")
    ] = None,
    channel: Annotated[Way, typer.Option(help="How it came.")] = Way.EMAIL,
    as_json: AsJson = False,
) -> None:
    """Open a request, and say when it is due.

    \b
    Example:
      rekisteri request open --type access --customer thinkific:1001
      rekisteri request open --type objection --customer thinkific:1001 --received 2026-11-20 --channel phone
    """
    from privacy import requests
    from sync.cli.when import past_day, today

    day_ = today() if received is None else past_day(received, "--received")
    asked = requests.Asked(type_.value, customer, day_, channel.value)
    others: list[int] = []

    def deed(_desk: Desk, connection: "Connection", by: "By") -> "Request":
        begun = requests.begin(connection, asked, by)
        others.extend(requests.alike(connection, begun))
        return begun

    done = act(ctx, "open", deed)
    tell(done, *_opened(done), as_json=as_json)
    for other in others:
        complain(f"request {other} of the same person asks for {type_.value} too, and is open still")


def _opened(done: Mapping[str, Any]) -> Iterator[str]:
    id_, type_ = done["id"], done["type"]
    overdue = ", which is over already" if done["overdue"] else ""
    yield f"Request {id_} is open. It is due on {day(done['due_at'])}{overdue}."
    ways = {
        "objection": f"rekisteri request apply {id_} --scope SCOPE",
        "withdrawal": f"rekisteri request apply {id_}",
    }
    yield f"Next: {ways.get(type_, f'rekisteri request identify {id_} --method TEXT')}"


@request.command("list")
def list_(
    ctx: typer.Context,
    every: Annotated[
        bool, typer.Option("--all/--open", help="Closed requests too, or only the open ones, as by default.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the requests, what is due soonest first.

    \b
    Example:
      rekisteri request list
      rekisteri request list --all --json
    """
    from datetime import UTC, datetime

    from privacy.requests import By
    from store import audit, requests
    from store.engine import reading, writing

    with opened(ctx) as desk:
        by = By(actor(), datetime.now(UTC))
        with reading(desk.engine) as connection:
            found = [
                outlined(one, requests.known_as(connection, one), by.today)
                for one in requests.every(connection, closed=every)
            ]
            names = requests.names(connection, [one["customer_id"] for one in found])
        with writing(desk.engine) as connection:
            audit.note(connection, by.now, by.actor, "request.list", UPKEEP, detail={"requests": len(found)})
    if as_json:
        document({"requests": found})
    elif found:
        show_list(found, names)
    else:
        lines("No request was ever opened." if every else "No request is open.")


@request.command()
def show(ctx: typer.Context, id_: Number, as_json: AsJson = False) -> None:
    """Show one request: its life, its tasks, and what is in force because of it.

    \b
    Example:
      rekisteri request show 12
    """
    from datetime import UTC, datetime

    from privacy.requests import By, there
    from store import audit, requests
    from store.engine import writing

    with opened(ctx) as desk, writing(desk.engine) as connection:
        by = By(actor(), datetime.now(UTC))
        found = there(connection, id_)
        person = requests.known_as(connection, found)
        shown = outlined(found, person, by.today) | {
            "tasks": [tasked(task) for task in requests.tasks(connection, id_)],
            "in_force": applying.in_force(connection, id_),
            "steps": [stepped(step) for step in requests.steps(connection, id_)],
        }
        name = requests.names(connection, [person]).get(person)
        detail = {"request": id_}
        audit.note(connection, by.now, by.actor, "request.show", UPKEEP, customer_id=person, detail=detail)
    if as_json:
        document(shown)
    else:
        show_one(shown, name)


@request.command()
def identify(
    ctx: typer.Context,
    id_: Number,
    method: Annotated[str, typer.Option(metavar="TEXT", help="How it was checked; never an identity code.")],
    as_json: AsJson = False,
) -> None:
    """Note how the identity of the person was checked.

    \b
    Example:
      rekisteri request identify 12 --method "called back on the number in the registry"
    """
    from privacy import requests
    from store.times import stamp

    text = worded("--method", method)
    before: list[str | None] = []

    def deed(_desk: Desk, connection: "Connection", by: "By") -> "Request":
        before.append(stamp(requests.there(connection, id_).identified_at))
        return requests.identify(connection, id_, text, by)

    done = act(ctx, "identify", deed)
    said = [f"Request {id_}: the identity is checked."]
    if before[0]:
        said.append(f"It was checked before, {local(before[0])}; this check takes its place.")
    tell(done, *said, as_json=as_json)


@request.command()
def extend(
    ctx: typer.Context,
    id_: Number,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it takes longer; the person is told it.")],
    as_json: AsJson = False,
) -> None:
    """Take two months more, once, within the first month.

    The request must be complex, or one of many, and the person must be told within the first month, with the reason
    (GDPR Art. 12(3)).

    \b
    Example:
      rekisteri request extend 12 --reason "records of ten years on paper"
    """
    from privacy import requests

    text = worded("--reason", reason)
    done = act(ctx, "extend", lambda _desk, connection, by: requests.extend(connection, id_, text, by))
    said = f"Request {id_} is due on {day(done['due_at'])} now. Tell the person so, with the reason."
    tell(done, said, as_json=as_json)


@request.command()
def close(
    ctx: typer.Context,
    id_: Number,
    outcome: Annotated[Outcome, typer.Option(help="How it ended.")],
    justification: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Why not, or not all of it; or how it was answered outside the program. The person is told it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a request for good. What it declared can be lifted later, its tasks done.

    Fulfilled is only what was carried out here, or else with a justification that says how it was answered.

    \b
    Example:
      rekisteri request close 12 --outcome fulfilled
      rekisteri request close 13 --outcome refused --justification "the identity could not be established"
    """
    from config.errors import ConfigError
    from privacy import requests

    if justification is None and outcome in requests.JUSTIFIED:
        raise ConfigError(f"is missing; say why the request is {outcome.replace('_', ' ')}", "--justification")
    text = None if justification is None else worded("--justification", justification)
    done = act(ctx, "close", lambda _desk, connection, by: requests.close(connection, id_, outcome.value, text, by))
    waiting = sum(task["done_at"] is None for task in done["tasks"])
    said = [f"Request {id_} is closed: {outcome.replace('_', ' ')}."]
    if outcome in requests.JUSTIFIED:
        said.append("Tell the person why, and that they may complain to the supervisory authority (GDPR Art. 12(4)).")
    if waiting:
        said.append(f"{quantity(waiting, 'task')} still to do: `rekisteri request tasks {id_}`")
    tell(done, *said, as_json=as_json)


@request.command()
def tasks(ctx: typer.Context, id_: Number, as_json: AsJson = False) -> None:
    """List who has to be told, and who was.

    \b
    Example:
      rekisteri request tasks 12
    """
    from privacy import requests

    done = act(ctx, "tasks", lambda _desk, connection, _by: requests.there(connection, id_))
    if as_json:
        document({"request": id_, "tasks": done["tasks"]})
    elif done["tasks"]:
        show_tasks(done["tasks"])
    else:
        lines(f"Request {id_} has no tasks.")


@request.command("task-done")
def task_done(
    ctx: typer.Context,
    id_: Number,
    task: Annotated[int, typer.Argument(metavar="TASK", min=1, max=MOST, help="The task's number.")],
    proof: Annotated[str, typer.Option(metavar="TEXT", help="What shows that it was done.")],
    as_json: AsJson = False,
) -> None:
    """Note that a task was done, and what shows it.

    \b
    Example:
      rekisteri request task-done 12 3 --proof "corrected in the calendar on 24.11., confirmed by mail"
    """
    from privacy import requests

    text = worded("--proof", proof)
    done = act(ctx, "task_done", lambda _desk, connection, by: requests.finish_task(connection, id_, task, text, by))
    tell(done, f"Task {task} of request {id_} is done.", as_json=as_json)


request.command()(applying.apply)
request.command()(applying.lift)
request.command()(package)
request.command()(erase)
