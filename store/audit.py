"""The audit trail: who looked at people, what for, how many; exports, decisions, grants. Never what was searched for.

Events are links of a hash chain (`store.chain` has its form), and writers come one at a time (`store.engine.writing`).
Whoever changes, removes, adds or moves an event breaks the chain there; who cuts its tail, breaks it against a head
that was kept elsewhere. `privacy.chain` looks.
"""

import json
import secrets
from collections.abc import Collection, Generator, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from store.among import among, chunks
from store.bulk import blocks_of
from store.chain import EMPTIED, ORIGIN, Cause, Link, Payload, digest_of, hash_of, spans
from store.tables import AuditEvent, AuditPayload, table

_event = table(AuditEvent)
_payload = table(AuditPayload)

_BLOCK = 1000
_ODD = "backslashreplace"
"""What becomes of bytes that are no text: no event was hashed over such a text."""
_LINKS = """
SELECT e.id, {at}, {actor}, {action}, {purpose}, {digest}, {hash}, p.event_id, {salt}, {customer_id}, {detail}
FROM audit_event e LEFT JOIN audit_payload p ON p.event_id = e.id ORDER BY e.id
"""
_TEXTS = {
    **{name: f"e.{name}" for name in ("actor", "action", "purpose", "digest", "hash")},
    **{name: f"p.{name}" for name in ("salt", "customer_id", "detail")},
}
_AT = "CASE WHEN e.at > 'epoch' THEN to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"') END"


def note(
    connection: Connection,
    now: datetime,
    actor: str,
    action: str,
    purpose: str,
    *,
    customer_id: str | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> int:
    """Write one event down; its id. Call inside `store.engine.writing`, before what it speaks of is shown."""
    former = last(connection)
    id_, before = (former.id + 1, former.hash) if former else (1, ORIGIN)
    salt, text = secrets.token_hex(16), json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    digest = digest_of(salt, customer_id, text)
    event = {"id": id_, "at": now, "actor": actor, "action": action, "purpose": purpose, "digest": digest}
    hashed = hash_of(id_, now, actor, action, purpose, digest, before)
    connection.execute(insert(_event).values(event | {"hash": hashed}))
    connection.execute(insert(_payload).values(event_id=id_, salt=salt, customer_id=customer_id, detail=text))
    return int(id_)


def empty(
    connection: Connection, ids: Collection[int], now: datetime, actor: str, purpose: str, *, cause: Cause
) -> int:
    """Delete payloads of these events, and note in the chain which, and because of what; how many there were. The act
    of emptying itself is never emptied. `now` is the time that the tombstone or the proof of the cause has. Call inside
    `store.engine.writing`, once for each erasure."""
    kept = select(_event.c.id).where(_event.c.action == EMPTIED)
    query = select(_payload.c.event_id).where(_payload.c.event_id.not_in(kept))
    there = sorted(
        id_
        for batch in chunks(ids)
        for id_ in connection.execute(query.where(among(connection, _payload.c.event_id, batch))).scalars()
    )
    if there:
        for batch in chunks(there):
            connection.execute(delete(_payload).where(among(connection, _payload.c.event_id, batch)))
        detail: dict[str, str | int] = {"events": spans(there), "number": len(there), cause.kind: cause.id}
        note(connection, now, actor, EMPTIED, purpose, detail=detail)
    return len(there)


def newest(connection: Connection) -> int:
    """The id of the last event, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(_event.c.id), 0))).scalar_one())


def count(connection: Connection) -> int:
    """How many events there are."""
    return int(connection.execute(select(func.count()).select_from(_event)).scalar_one())


def last(connection: Connection) -> Row[Any] | None:
    """The last event, `None` where there is none."""
    return connection.execute(select(_event).order_by(_event.c.id.desc()).limit(1)).one_or_none()


def links(connection: Connection) -> Generator[Link, None, None]:
    """The whole chain by id, as it stands there, never all of it in memory. Somebody may have put anything into a
    column: what is no time or no text is read as something that no event was hashed over."""
    if connection.dialect.name == "postgresql":
        texts = {"at": _AT, **_TEXTS}
    else:
        texts = {"at": "replace(e.at, ' ', 'T') || '+00:00'", **_TEXTS}
        texts = {name: f"CAST({text} AS BLOB)" for name, text in texts.items()}
    for block in blocks_of(connection, _LINKS.format_map(texts), _BLOCK):
        for row in block:
            whole: list[Any] = [value.decode(errors=_ODD) if value.__class__ is bytes else value for value in row]
            id_, at, actor, action, purpose, digest, hash_, there, *said = whole
            yield Link(id_, at, actor, action, purpose, digest, hash_, None if there is None else Payload(*said))


def stray(connection: Connection) -> int | None:
    """The lowest id of a payload without its event."""
    its = select(_event.c.id).where(_event.c.id == _payload.c.event_id)
    found: int | None = connection.execute(select(func.min(_payload.c.event_id)).where(~its.exists())).scalar()
    return found


def trail(
    connection: Connection, *, actor: str | None = None, since: datetime | None = None, limit: int | None = None
) -> Iterator[Row[Any]]:
    """Events with `customer_id` and `detail` of their payloads (`None` where those are gone), newest last: by
    this actor, not before `since`, the last `limit`. Never all of them in memory."""
    wanted = select(_event.c.id)
    if actor is not None:
        wanted = wanted.where(_event.c.actor == actor)
    if since is not None:
        wanted = wanted.where(_event.c.at >= since)
    chosen = wanted.order_by(_event.c.id.desc()).limit(limit).subquery()
    query = select(_event, _payload.c.customer_id, _payload.c.detail)
    query = query.join(chosen, chosen.c.id == _event.c.id).outerjoin(_payload, _payload.c.event_id == _event.c.id)
    yield from connection.execute(query.order_by(_event.c.id).execution_options(yield_per=_BLOCK))
