"""Requests of people, on a screen and as JSON; and what all commands about them begin with."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli import acting
from sync.cli.acting import Deed, Noted
from sync.cli.opening import MOST, Desk, readable
from sync.cli.program import complain
from sync.cli.showing import day, lines, local, table

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from privacy.requests import By
    from store.requests import Request, Step, Task

LONGEST = 10_000  # characters of a free text: about four pages
Number = Annotated[
    int,
    typer.Argument(metavar="ID", min=1, max=MOST, help="The request's number, as `rekisteri request list` shows it."),
]

_STATES = {
    "dpv:RequestInitiated": "open",
    "dpv:RequestRequiredActionPerformed": "identity checked",
    "dpv:RequestActionDelayed": "extended",
    "dpv:RequestAccepted": "carried out",
}


class Type(StrEnum):
    """What a person may ask for."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    WITHDRAWAL = "withdrawal"


class Way(StrEnum):
    """How a request came."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"


class Outcome(StrEnum):
    """How a request ended."""

    FULFILLED = "fulfilled"
    PARTLY_FULFILLED = "partly_fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def worded(option: str, text: str) -> str:
    """A free text that is kept. Raises `ConfigError` where it says nothing, is too long, or holds a personal identity
    code."""
    from config.errors import ConfigError
    from connectors.minimise import mask

    clean = " ".join(readable(of_length(option, text).replace("\n", " ")).split())
    if not clean:
        raise ConfigError("is empty; say it in a few words", option)
    if mask(clean)[1]:
        raise ConfigError("holds a personal identity code, which is never kept; leave it out", option)
    return clean


def said(option: str, text: str) -> str:
    """A free text that is kept, as `worded`; `-` reads it from standard input, out of the shell's history."""
    return worded(option, sys.stdin.buffer.read().decode(errors="replace") if text == "-" else text)


def of_length(option: str, text: str) -> str:
    """A text that people will read, and that an erasure reads through while nobody else can write. Raises `ConfigError`
    where it is longer than a few pages."""
    from config.errors import ConfigError

    if len(text) > LONGEST:
        raise ConfigError(f"is longer than {LONGEST} characters; say what matters, and keep the paper itself", option)
    return text


def act(ctx: typer.Context, action: str, deed: Deed["Request"]) -> dict[str, Any]:
    """Do something about a request; the request as it is then."""
    from store import requests

    def whole(desk: Desk, connection: "Connection", by: "By") -> dict[str, Any]:
        request = deed(desk, connection, by)
        tasks = [tasked(task) for task in requests.tasks(connection, request.id)]
        return outlined(request, requests.known_as(connection, request), by.today) | {"tasks": tasks}

    def noted(done: Mapping[str, Any]) -> Noted:
        return Noted({"request": done["id"]}, done["customer_id"])

    then = let_be_known if action in ("apply", "lift") else None
    return acting.act(ctx, f"request.{action}", whole, noted, then=then)


def let_be_known(desk: Desk) -> None:
    """After a declaration is committed: a restore is to do it again. What stops that is said in a line."""
    from sync.obeying import tell_declared

    problem = tell_declared(desk.engine, desk.settings)
    if problem is not None:
        complain(f"it is in force, but a restore does not know it yet: {problem}; the next sync or backup tells it")


def outlined(request: "Request", customer_id: str, today: "date") -> dict[str, Any]:
    """A request as JSON. `customer_id`: of whom the person is now."""
    from store.times import stamp

    return {
        "id": request.id,
        "type": request.type,
        "customer_id": customer_id,
        "channel": request.channel,
        "status": request.status,
        "received_at": request.received_on.isoformat(),
        "due_at": request.due_on.isoformat(),
        "overdue": request.closed_at is None and request.due_on < today,
        "opened_at": stamp(request.opened_at),
        "identity_method": request.identity_method,
        "identified_at": stamp(request.identified_at),
        "extension_reason": request.extension_reason,
        "extended_at": stamp(request.extended_at),
        "outcome": request.outcome,
        "justification": request.justification,
        "closed_at": stamp(request.closed_at),
        "package_sha256": request.package_sha256,
        "packaged_at": stamp(request.packaged_at),
    }


def tasked(task: "Task") -> dict[str, Any]:
    """A task as JSON."""
    from store.times import stamp

    return {
        "id": task.id,
        "party": task.party,
        "what": task.what,
        "created_at": stamp(task.created_at),
        "done_at": stamp(task.done_at),
        "done_by": task.done_by,
        "proof": task.proof,
    }


def stepped(step: "Step") -> dict[str, Any]:
    """A step in the life of a request as JSON."""
    from store.times import stamp

    return {
        "at": stamp(step.at),
        "actor": step.actor,
        "what": step.what,
        "status": step.status,
        "detail": dict(step.detail),
    }


def standing(request: Mapping[str, Any]) -> str:
    """How a request stands, in a word or two."""
    stands = request["outcome"] or _STATES.get(request["status"], request["status"])
    return str(stands).replace("_", " ")


def show_list(found: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> None:
    """Requests, a line each."""
    table(
        "",
        ("id", "asks for", "who", "received", "due", "stands"),
        [
            (
                one["id"],
                one["type"],
                f"{names.get(one['customer_id'], 'no name')}\n{one['customer_id']}",
                day(one["received_at"]),
                day(one["due_at"]) + (", overdue" if one["overdue"] else ""),
                standing(one),
            )
            for one in found
        ],
        right=("id",),
    )


def show_one(found: Mapping[str, Any], name: str | None) -> None:
    """One request with its life, its tasks and what it brought about."""
    lines(f"Request {found['id']}: {found['type']}, {standing(found)}", *_facts(found, name))
    show_tasks(found["tasks"])
    table(
        "In force because of it",
        ("declaration", "what", "since"),
        [(one["id"], one["what"], local(one["at"])) for one in found["in_force"]],
        right=("declaration",),
    )
    table(
        "Steps",
        ("when", "what", "by"),
        [(local(step["at"]), step["what"].replace("_", " "), step["actor"]) for step in found["steps"]],
    )


def _facts(found: Mapping[str, Any], name: str | None) -> Iterator[str]:
    yield f"Who: {name or 'no name'}, customer {found['customer_id']}"
    overdue = ", overdue" if found["overdue"] else ""
    yield f"Received {day(found['received_at'])} by {found['channel']}, due {day(found['due_at'])}{overdue}"
    if found["identified_at"]:
        yield f"Identity checked {local(found['identified_at'])}: {found['identity_method']}"
    if found["extended_at"]:
        yield f"Extended {local(found['extended_at'])}: {found['extension_reason']}"
    if found["packaged_at"]:
        yield f"Package made {local(found['packaged_at'])}, SHA-256 {found['package_sha256']}"
    if found["closed_at"]:
        why = f": {found['justification']}" if found["justification"] else ""
        yield f"Closed {local(found['closed_at'])}, {found['outcome']}{why}"


def show_tasks(found: Sequence[Mapping[str, Any]]) -> None:
    """What is to be done elsewhere, and what was."""
    table(
        "Tasks",
        ("task", "party", "what", "done", "proof"),
        [(one["id"], one["party"], one["what"], local(one["done_at"]), one["proof"]) for one in found],
        right=("task",),
    )
