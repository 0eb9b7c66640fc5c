"""Whoever can write to the database, and what they might do to the audit chain."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update

from privacy.chain import Broken, Head
from privacy.trail import head_of, verify
from store import audit, retention, tombstones
from store.chain import EMPTIED, ERASED, RETIRED, Cause, hash_of, spans
from store.engine import writing
from store.tables import AuditEvent, AuditPayload, table

EVENT, PAYLOAD = table(AuditEvent), table(AuditPayload)
WHOLE = ("at", "actor", "action", "purpose", "digest", "hash")
"""Columns of an event but its id."""


class _TakenBackError(Exception):
    """Everything was only tried."""


@contextmanager
def tampering(engine: Engine) -> Iterator["Tamperer"]:
    """The chain without the database's own guards; afterwards it is as it was."""
    with suppress(_TakenBackError), writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            for name in ("audit_event", "audit_payload"):
                connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        else:
            triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield Tamperer(connection)
        raise _TakenBackError


class Tamperer:
    """Acts on rows as they please."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.head: Head = head_of(connection)

    def found(self, head: Head | None = None) -> Broken | None:
        """What a look at the whole chain says."""
        return verify(self.connection, head).broken

    def event(self, id_: int) -> dict[str, Any]:
        """An event's columns."""
        return dict(self.connection.execute(select(EVENT).where(EVENT.c.id == id_)).one()._mapping)

    def payload(self, id_: int) -> dict[str, Any] | None:
        """A payload's columns; none where it is gone."""
        row = self.connection.execute(select(PAYLOAD).where(PAYLOAD.c.event_id == id_)).one_or_none()
        return None if row is None else dict(row._mapping)

    def change(self, id_: int, values: Mapping[str, Any]) -> None:
        """Change columns of an event."""
        self.connection.execute(update(EVENT).where(EVENT.c.id == id_).values(dict(values)))

    def change_payload(self, id_: int, values: Mapping[str, Any]) -> None:
        """Change columns of a payload."""
        self.connection.execute(update(PAYLOAD).where(PAYLOAD.c.event_id == id_).values(dict(values)))

    def remove(self, id_: int, *, payload: bool = True) -> None:
        """Take an event out."""
        self.connection.execute(delete(EVENT).where(EVENT.c.id == id_))
        if payload:
            self.remove_payload(id_)

    def remove_payload(self, id_: int) -> None:
        """Take a payload out."""
        self.connection.execute(delete(PAYLOAD).where(PAYLOAD.c.event_id == id_))

    def insert(self, id_: int, actor: str, *, hashed: bool) -> None:
        """Put an event in at this place, and let those after it move on; with the hash that fits there, or another."""
        for old in range(self.head.id, id_ - 1, -1):
            self.change(old, {"id": old + 1})
            self.change_payload(old, {"event_id": old + 1})
        before = "0" * 64 if id_ == 1 else self.event(id_ - 1)["hash"]
        row = self.event(id_ + 1 if id_ <= self.head.id else id_ - 1) | {"id": id_, "actor": actor}
        right = hash_of(id_, row["at"], actor, row["action"], row["purpose"], row["digest"], before)
        self.connection.execute(insert(EVENT).values(row | {"hash": right if hashed else "ab" * 32}))

    def swap(self, a: int, b: int, *, payloads: bool) -> None:
        """Let two events take each other's place."""
        one, other = self.event(a), self.event(b)
        self.change(a, {name: other[name] for name in WHOLE})
        self.change(b, {name: one[name] for name in WHOLE})
        if payloads:
            for old, new in ((a, 0), (b, a), (0, b)):
                self.change_payload(old, {"event_id": new})

    def put_back(self, id_: int, values: Mapping[str, Any]) -> None:
        """Write a payload."""
        self.connection.execute(insert(PAYLOAD).values({"event_id": id_} | dict(values)))

    def note_emptied(self, ids: Collection[int], cause: Cause | None, now: Any) -> None:
        """Take payloads out, and write down a deletion that never was, as the program would."""
        for id_ in ids:
            self.remove_payload(id_)
        detail: dict[str, str | int] = {"events": spans(ids), "number": len(ids)}
        detail |= {cause.kind: cause.id} if cause else {}
        audit.note(self.connection, now, "rekisteri", EMPTIED, "upkeep", detail=detail)

    def rewrite(self, first: int, actor: str) -> None:
        """Change an event, and make every hash from there on anew."""
        self.change(first, {"actor": actor})
        before = "0" * 64 if first == 1 else self.event(first - 1)["hash"]
        for id_ in range(first, self.head.id + 1):
            row = self.event(id_)
            before = hash_of(id_, row["at"], row["actor"], row["action"], row["purpose"], row["digest"], before)
            self.change(id_, {"hash": before})


def chain(engine: Engine, now: Any) -> dict[int, dict[str, Any]]:
    """Nine events: looks at three people, two of whom are forgotten meanwhile. The payloads that are gone."""
    gone: dict[int, dict[str, Any]] = {}
    with writing(engine) as connection:
        for number in range(4):
            audit.note(connection, now, "maija", "customers.show", "service", customer_id=f"c{number % 2}")
        gone |= _forget(connection, (1, 3), now)
        audit.note(connection, now, "pekka", "customers.list", "upkeep", detail={"customers": 7})
        audit.note(connection, now, "pekka", "customers.show", "service", customer_id="c2")
        gone |= _forget(connection, (7,), now)
        audit.note(connection, now, "maija", "backup", "upkeep", detail={"rows": 12})
        assert connection.execute(select(func.count()).select_from(EVENT)).scalar_one() == 9
    return gone


def erased(connection: Connection, now: Any) -> Cause:
    """Somebody's erasure."""
    return Cause(ERASED, tombstones.write(connection, "request", now, ()))


def retired(connection: Connection, ids: Collection[int], now: Any) -> Cause:
    """A run of retention that took what these events said."""
    proof = retention.begin_proof(connection, now, "rekisteri")
    retention.tell_proof(connection, proof, {"audit": len(ids)}, {"audit": list(ids)})
    return Cause(RETIRED, proof)


def _forget(connection: Connection, ids: tuple[int, ...], now: Any) -> dict[int, dict[str, Any]]:
    rows = connection.execute(select(PAYLOAD).where(PAYLOAD.c.event_id.in_(ids))).all()
    cause = erased(connection, now) if len(ids) > 1 else retired(connection, ids, now)
    audit.empty(connection, ids, now, "rekisteri", "upkeep", cause=cause)
    return {row.event_id: {"salt": row.salt, "customer_id": row.customer_id, "detail": row.detail} for row in rows}
