"""Requests of the people in the registry, the steps in their lives, and the tasks that come of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, func, insert, select, update

from store.among import among, chunks
from store.hanging import ever_of, left_with, whose
from store.tables import (
    Declaration,
    GoldenValue,
    Link,
    Origin,
    RequestEvent,
    RequestTask,
    RightsRequest,
    SourceRecord,
    table,
)

_request = table(RightsRequest)
_event = table(RequestEvent)
_task = table(RequestTask)
_link = table(Link)
_record = table(SourceRecord)
_origin = table(Origin)
_golden = table(GoldenValue)
_declaration = table(Declaration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request; fields as in `store.tables.RightsRequest`."""

    id: int
    type: str
    customer_id: str
    anchor_record_id: int | None
    received_on: date
    channel: str
    opened_at: datetime
    opened_by: str
    due_on: date
    status: str
    identity_method: str | None = None
    identified_at: datetime | None = None
    identified_by: str | None = None
    extended_at: datetime | None = None
    extension_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = None
    justification: str | None = None
    package_sha256: str | None = None
    packaged_at: datetime | None = None


_COLUMNS = tuple(_request.c[field.name] for field in fields(Request))


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of a request: `what` was done, and the `status` that it led to."""

    at: datetime
    actor: str
    what: str
    status: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """What a person has to do elsewhere, and the proof once it is done."""

    id: int
    party: str
    what: str
    created_at: datetime
    done_at: datetime | None = None
    done_by: str | None = None
    proof: str | None = None


_TASK_COLUMNS = tuple(_task.c[field.name] for field in fields(Task))


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write a new request down; its id. Call everything that writes inside `store.engine.writing`."""
    return int(connection.execute(insert(_request).values(values).returning(_request.c.id)).scalar_one())


def get(connection: Connection, request_id: int) -> Request | None:
    """One request."""
    row = connection.execute(select(*_COLUMNS).where(_request.c.id == request_id)).one_or_none()
    return None if row is None else Request(**row._mapping)


def every(connection: Connection, *, closed: bool = False) -> list[Request]:
    """The open requests, what is due soonest first; then, where asked for, the `closed` ones."""
    query = select(*_COLUMNS).order_by(_request.c.closed_at.is_not(None), _request.c.due_on, _request.c.id)
    if not closed:
        query = query.where(_request.c.closed_at.is_(None))
    return [Request(**row._mapping) for row in connection.execute(query).all()]


def of_customer(connection: Connection, customer_id: str) -> list[Request]:
    """All requests of the person who is this customer now, in the order in which they were opened."""
    mine = among(connection, _request.c.anchor_record_id, ever_of(connection, customer_id))
    query = select(*_COLUMNS).where(mine).order_by(_request.c.id)
    return [Request(**row._mapping) for row in connection.execute(query).all()]


def customer_of(connection: Connection, request: Request) -> str | None:
    """The customer who the person is now, by the record on which the request was opened (`store.hanging`); `None` where
    nobody is there any more."""
    anchor = request.anchor_record_id
    return None if anchor is None else whose(connection, [anchor]).get(anchor)


def known_as(connection: Connection, request: Request) -> str:
    """The id of the customer who the person is now; of one who is there no more the own id of that record, which leads
    to nobody else."""
    own = select(_record.c.birth_id).where(_record.c.id == request.anchor_record_id)
    return customer_of(connection, request) or connection.execute(own).scalar() or request.customer_id


def records_of(connection: Connection, request: Request) -> list[int]:
    """All customer records of the person, those too that have left the registry; of one who is there no more the record
    on which the request was opened, with what left as the same customer."""
    person = customer_of(connection, request)
    if person is not None:
        return ever_of(connection, person)
    return [] if request.anchor_record_id is None else left_with(connection, request.anchor_record_id)


def take(connection: Connection, request_id: int, step: Step, changed: Mapping[str, Any] | None = None) -> None:
    """A step in the life of a request: its status, what else changes of it, and the event."""
    values = {"status": step.status, **(changed or {})}
    connection.execute(update(_request).where(_request.c.id == request_id).values(values))
    connection.execute(
        insert(_event).values(
            request_id=request_id,
            at=step.at,
            actor=step.actor,
            what=step.what,
            status=step.status,
            detail=json.dumps(step.detail, ensure_ascii=False, sort_keys=True),
        )
    )


def steps(connection: Connection, request_id: int) -> list[Step]:
    """The life of a request, from its opening on."""
    query = select(_event).where(_event.c.request_id == request_id).order_by(_event.c.id)
    return [
        Step(row.at, row.actor, row.what, row.status, from_json(row.detail)) for row in connection.execute(query).all()
    ]


def add_tasks(connection: Connection, request_id: int, todo: Iterable[tuple[str, str]], now: datetime) -> None:
    """Write down what is to be done, as (party, what). What waits to be done already is not written twice."""
    waiting = {(task.party, task.what) for task in tasks(connection, request_id) if task.done_at is None}
    rows = [
        {"request_id": request_id, "party": party, "what": what, "created_at": now}
        for party, what in dict.fromkeys(todo)
        if (party, what) not in waiting
    ]
    if rows:
        connection.execute(insert(_task), rows)


def tasks(connection: Connection, request_id: int) -> list[Task]:
    """What is to be done because of a request, and what was."""
    query = select(*_TASK_COLUMNS).where(_task.c.request_id == request_id).order_by(_task.c.id)
    return [Task(*row) for row in connection.execute(query).all()]


def undone(connection: Connection) -> dict[int, int]:
    """How many tasks of each request are to be done still, closed ones included; requests that have none are left
    out."""
    query = select(_task.c.request_id, func.count()).where(_task.c.done_at.is_(None)).group_by(_task.c.request_id)
    return dict(connection.execute(query.order_by(_task.c.request_id)).all())


def finish(connection: Connection, request_id: int, task_id: int, now: datetime, actor: str, proof: str) -> bool:
    """Mark a task as done; `False` where the request has no such task to do."""
    mine = (_task.c.id == task_id, _task.c.request_id == request_id, _task.c.done_at.is_(None))
    values = {"done_at": now, "done_by": actor, "proof": proof}
    return connection.execute(update(_task).where(*mine).values(values)).rowcount == 1


def declared(connection: Connection, request_id: int) -> list[int]:
    """Ids of the declarations that carried a request out and are in force, in the order of recording."""
    lifting = select(_declaration.c.lifts).where(_declaration.c.lifts.is_not(None))
    query = select(_declaration.c.id).where(_declaration.c.request_id == request_id, _declaration.c.lifts.is_(None))
    return list(
        connection.execute(query.where(_declaration.c.id.not_in(lifting)).order_by(_declaration.c.id)).scalars()
    )


def handlers(connection: Connection, customer_id: str) -> list[str]:
    """Names of the parties that handle the customer's records for the controller, sorted."""
    query = (
        select(_origin.c.processor)
        .distinct()
        .join(_record, _record.c.origin_id == _origin.c.id)
        .join(_link, _link.c.record_id == _record.c.id)
        .where(_link.c.customer_id == customer_id, _origin.c.processor_id != "none")
    )
    return sorted(connection.execute(query).scalars())


def names(connection: Connection, customer_ids: Sequence[str]) -> dict[str, str]:
    """Published names by customer."""
    found: dict[str, str] = {}
    for batch in chunks(customer_ids):
        query = select(_golden.c.customer_id, _golden.c.value).where(_golden.c.field == "name", _golden.c.ordinal == 0)
        mine = query.where(among(connection, _golden.c.customer_id, batch))
        found.update({id_: from_json(value) for id_, value in connection.execute(mine).all()})
    return found
