"""The audit trail: who looked at people, what for, how many; exports, decisions, grants. Never what was searched for.

Events are links of a hash chain:

1. The payload, `[customer id, detail]` as JSON, stands apart with a salt of its own. Its digest is the SHA-256 of the
   salt and the payload, so that a digest whose payload was deleted cannot be guessed back.
2. An event's hash is the SHA-256 of `[id, at, actor, action, purpose, digest, hash of the event before]` as JSON;
   before the first event stand 64 zeros.
3. Ids count from 1 without a gap, and writers come one at a time (`store.engine.writing`).

Whoever changes, removes, adds or moves an event breaks the chain there; who cuts its tail, breaks it against a head
that was kept elsewhere.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, func, insert, select

from store.among import among, chunks
from store.tables import AuditEvent, AuditPayload, table

_event = table(AuditEvent)
_payload = table(AuditPayload)

ORIGIN = "0" * 64
"""The hash before the first event."""
EMPTIED = "audit.emptied"
"""The act that names events whose payloads were deleted; its own never is."""


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
    last = connection.execute(select(_event.c.id, _event.c.hash).order_by(_event.c.id.desc()).limit(1)).one_or_none()
    id_, before = (last.id + 1, last.hash) if last else (1, ORIGIN)
    salt, text = secrets.token_hex(16), json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    digest = digest_of(salt, customer_id, text)
    event = {"id": id_, "at": now, "actor": actor, "action": action, "purpose": purpose, "digest": digest}
    hashed = hash_of(id_, now, actor, action, purpose, digest, before)
    connection.execute(insert(_event).values(event | {"hash": hashed}))
    connection.execute(insert(_payload).values(event_id=id_, salt=salt, customer_id=customer_id, detail=text))
    return int(id_)


def digest_of(salt: str, customer_id: str | None, detail: str) -> str:
    """The digest of a payload, 64 hex characters."""
    return sha256(salt.encode() + _canonical([customer_id, detail])).hexdigest()


def hash_of(id_: int, at: datetime, actor: str, action: str, purpose: str, digest: str, before: str, /) -> str:
    """The hash of an event after the one whose hash is `before`, 64 hex characters."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return sha256(_canonical([id_, moment, actor, action, purpose, digest, before])).hexdigest()


def _canonical(value: list[object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def empty(connection: Connection, ids: Collection[int], now: datetime, actor: str, purpose: str) -> int:
    """Delete payloads of these events, and note in the chain which; how many there were. The act of emptying itself is
    never emptied. Call inside `store.engine.writing`."""
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
        note(connection, now, actor, EMPTIED, purpose, detail={"events": spans(there), "number": len(there)})
    return len(there)


def spans(ids: Collection[int]) -> str:
    """Ids as a text, neighbours together: `3-5,9`."""
    found: list[list[int]] = []
    for id_ in sorted(ids):
        if found and found[-1][1] == id_ - 1:
            found[-1][1] = id_
        else:
            found.append([id_, id_])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def newest(connection: Connection) -> int:
    """The id of the last event, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(_event.c.id), 0))).scalar_one())
