"""Requests of the people in the registry (GDPR Art. 12 to 22): opened, identified, extended, carried out, closed.

Statuses are those of the Data Privacy Vocabulary (`privacy.terms.REQUEST_STATUSES`). Every step is written down, and
what is closed is not changed any more, but that what it declared can be lifted and its tasks done.
Call what changes something inside `store.engine.writing`. Raises `NotPossibleError` with the way out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from config.place import HELSINKI, written
from privacy import duedate
from privacy.errors import NotPossibleError
from privacy.naming import named
from privacy.tasks import OVERTAKEN, after_lift, overtaken
from store import requests
from store.decisions import records_of
from store.requests import Request, Step

ACCESS, RECTIFICATION, ERASURE, OBJECTION = "access", "rectification", "erasure", "objection"
RESTRICTION, PORTABILITY, WITHDRAWAL = "restriction", "portability", "withdrawal"
TYPES = (ACCESS, RECTIFICATION, ERASURE, OBJECTION, RESTRICTION, PORTABILITY, WITHDRAWAL)

WITHOUT_IDENTITY = (OBJECTION, WITHDRAWAL)
"""What is as easy as it was to be asked: no proof of identity (GDPR Art. 7(3), 21(2)). Who wrongly gets no advertising
loses little."""

FULFILLED, PARTLY_FULFILLED, REFUSED, WITHDRAWN = "fulfilled", "partly_fulfilled", "refused", "withdrawn"
OUTCOMES = (FULFILLED, PARTLY_FULFILLED, REFUSED, WITHDRAWN)
JUSTIFIED = (PARTLY_FULFILLED, REFUSED)
"""Outcomes whose reasons the person is told (GDPR Art. 12(4))."""

ANSWERED = (FULFILLED, PARTLY_FULFILLED)
"""Outcomes that say that something was done."""
_CARRYING_OUT = ("apply", "package", "erase")
_WAYS: Mapping[str, str] = {
    ACCESS: "package {} --output FILE.zip",
    PORTABILITY: "package {} --output FILE.zip",
    ERASURE: "erase {}",
    OBJECTION: "apply {} --scope SCOPE",
    RECTIFICATION: "apply {} --field FIELD --value VALUE",
}
"""What carries out a request of each type; the others `apply` alone."""

INITIATED, IDENTIFIED = "dpv:RequestInitiated", "dpv:RequestRequiredActionPerformed"
DELAYED, ACCEPTED = "dpv:RequestActionDelayed", "dpv:RequestAccepted"
CLOSED: Mapping[str, str] = {
    FULFILLED: "dpv:RequestFulfilled",
    PARTLY_FULFILLED: "dpv:RequestFulfilled",
    REFUSED: "dpv:RequestRejected",
    WITHDRAWN: "dpv:RequestUnfulfilled",
}
"""Status of each outcome; DPV has none for a part."""


@dataclass(frozen=True, slots=True)
class By:
    """On whose behalf, and when."""

    actor: str
    now: datetime

    @property
    def today(self) -> date:
        """The day in Finland."""
        return self.now.astimezone(HELSINKI).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. `customer`: what names a record or a customer."""

    type: str
    customer: str
    received: date
    channel: str


def begin(connection: Connection, asked: Asked, by: By) -> Request:
    """Open a request: it is due a month after it was received."""
    who = named(connection, asked.customer)
    if asked.received > by.today:
        raise NotPossibleError(
            f"a request cannot have been received on {written(asked.received)}, which is still to come"
        )
    due = duedate.due(asked.received)
    id_ = requests.add(
        connection,
        {
            "type": asked.type,
            "customer_id": who.customer_id,
            "anchor_record_id": who.record_id,
            "received_on": asked.received,
            "channel": asked.channel,
            "opened_at": by.now,
            "opened_by": by.actor,
            "due_on": due,
            "status": INITIATED,
        },
    )
    return _take(connection, id_, by, "open", INITIATED, detail={"due_at": due.isoformat()})


def alike(connection: Connection, request: Request) -> list[int]:
    """Other requests of the same person that ask for the same and are open."""
    person = requests.customer_of(connection, request)
    mine = requests.of_customer(connection, person) if person else []
    return [one.id for one in mine if one.type == request.type and one.closed_at is None and one.id != request.id]


def there(connection: Connection, request_id: int) -> Request:
    """A request, open or closed."""
    found = requests.get(connection, request_id)
    if found is None:
        raise NotPossibleError(f"no request {request_id}; see `rekisteri request list --all`")
    return found


def still_open(connection: Connection, request_id: int) -> Request:
    """A request that is not closed."""
    found = there(connection, request_id)
    if found.closed_at is not None:
        day = written(found.closed_at)
        raise NotPossibleError(f"request {request_id} was closed on {day} and is not changed any more; open a new one")
    return found


def ready(connection: Connection, request_id: int) -> Request:
    """An open request that may be carried out: where it takes an identity, that was checked."""
    found = still_open(connection, request_id)
    if found.type not in WITHOUT_IDENTITY and found.identified_at is None:
        raise NotPossibleError(
            f"request {request_id} asks for {found.type}, which takes a checked identity: "
            f"`rekisteri request identify {request_id} --method TEXT`"
        )
    return found


def person_of(connection: Connection, request: Request) -> str:
    """The customer who the person is now."""
    found = requests.customer_of(connection, request)
    if found is None:
        raise NotPossibleError(_gone(request))
    return found


def to_erase(connection: Connection, request: Request) -> list[int]:
    """The customer records with which an erasure begins: the person's live ones; of one who is in the registry no more,
    what a platform removed."""
    person = requests.customer_of(connection, request)
    found = records_of(connection, person) if person else requests.records_of(connection, request)
    if not found:
        raise NotPossibleError(_gone(request))
    return found


def _gone(request: Request) -> str:
    if request.anchor_record_id is None:
        return f"the person of request {request.id} is erased"
    return (
        f"the person of request {request.id} is in the registry no more, for a platform removed their record; "
        "what it left behind only a request for erasure reaches"
    )


def identify(connection: Connection, request_id: int, method: str, by: By) -> Request:
    """Note how the person's identity was checked; a later check takes the place of an earlier one."""
    still_open(connection, request_id)
    changed = {"identity_method": method, "identified_at": by.now, "identified_by": by.actor}
    return _take(connection, request_id, by, "identify", IDENTIFIED, changed)


def extend(connection: Connection, request_id: int, reason: str, by: By) -> Request:
    """Two months more, once, as long as the first month lasts: by then the person must be told, with the reason."""
    found = still_open(connection, request_id)
    first = duedate.due(found.received_on)
    if found.extended_at is not None:
        raise NotPossibleError(
            f"request {request_id} was extended already, until {written(found.due_on)}; that is done once"
        )
    if by.today > first:
        raise NotPossibleError(
            f"request {request_id} could be extended until {written(first)}, within the first month only"
        )
    due = duedate.extended(found.received_on)
    changed = {"extended_at": by.now, "extension_reason": reason, "due_on": due}
    return _take(connection, request_id, by, "extend", DELAYED, changed, {"due_at": due.isoformat()})


def carried_out(
    connection: Connection, request: Request, declarations: Sequence[int], todo: Iterable[tuple[str, str]], by: By
) -> Request:
    """Note what carried a request out, and what a person has to do elsewhere because of it, as (party, what)."""
    _set_to(connection, request, list(todo), by)
    return _take(connection, request.id, by, "apply", ACCEPTED, detail={"declarations": list(declarations)})


def lifted(connection: Connection, request: Request, declarations: Collection[int], by: By) -> Request:
    """Note that what carried a request out was lifted, and what others have to be told of it. Its status stays."""
    _set_to(connection, request, after_lift(requests.tasks(connection, request.id)), by)
    return _take(connection, request.id, by, "lift", request.status, detail={"declarations": sorted(declarations)})


def _set_to(connection: Connection, request: Request, todo: list[tuple[str, str]], by: By) -> None:
    """Write tasks down, and close those that they overtake."""
    for task in overtaken(requests.tasks(connection, request.id), todo):
        requests.finish(connection, request.id, task.id, by.now, by.actor, OVERTAKEN)
    requests.add_tasks(connection, request.id, todo, by.now)


def finish_task(connection: Connection, request_id: int, task_id: int, proof: str, by: By) -> Request:
    """Note that a task was done, and what shows it; of a closed request too."""
    found = there(connection, request_id)
    if not requests.finish(connection, request_id, task_id, by.now, by.actor, proof):
        raise NotPossibleError(
            f"request {request_id} has no task {task_id} to do; see `rekisteri request tasks {request_id}`"
        )
    return _take(connection, request_id, by, "task_done", found.status, detail={"task": task_id})


def close(connection: Connection, request_id: int, outcome: str, justification: str | None, by: By) -> Request:
    """Close a request for good. As fulfilled only where something was done about it, or the `justification` says how it
    was answered outside the program."""
    found = still_open(connection, request_id)
    if outcome in ANSWERED and justification is None and not _carried_out(connection, found):
        way = _WAYS.get(found.type, "apply {}").format(request_id)
        raise NotPossibleError(
            f"request {request_id} asks for {found.type}, and nothing was done about it yet: "
            f"`rekisteri request {way}`; where it was answered outside the program, say how with --justification TEXT"
        )
    changed = {"closed_at": by.now, "closed_by": by.actor, "outcome": outcome, "justification": justification}
    return _take(connection, request_id, by, "close", CLOSED[outcome], changed, {"outcome": outcome})


def _carried_out(connection: Connection, request: Request) -> bool:
    """Whether a step carried the request out. Who asks to be erased may be gone by another request already."""
    if request.type == ERASURE and request.anchor_record_id is None:
        return True
    return any(step.what in _CARRYING_OUT for step in requests.steps(connection, request.id))


def _take(
    connection: Connection,
    request_id: int,
    by: By,
    what: str,
    status: str,
    changed: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Request:
    requests.take(connection, request_id, Step(by.now, by.actor, what, status, detail or {}), changed)
    return there(connection, request_id)
