"""People's decisions, and the references by which people name records and customers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from store.among import among, chunks
from store.tables import CustomerAlias, Decision, DecisionPair, Link, MasterCustomer, SourceRecord, table

_record = table(SourceRecord)
_link = table(Link)
_customer = table(MasterCustomer)
_alias = table(CustomerAlias)
_decision = table(Decision)
_pair = table(DecisionPair)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Named:
    """What a reference names: a live customer record and the customer that it belongs to."""

    record_id: int
    customer_id: str


def record_named(connection: Connection, reference: str) -> Named | None:
    """The live customer record that a reference names.

    A reference is a record's birth id, `source:external_id` or `source:stream:external_id`, else a customer id, present
    or retired, which stands for the customer's earliest record.
    """
    own = select(_link.c.record_id, _link.c.customer_id).join(_record, _record.c.id == _link.c.record_id)
    row = connection.execute(own.where(_record.c.birth_id == reference)).one_or_none()
    source, _, rest = reference.partition(":")
    if row is None and rest:
        stream, _, external_id = rest.partition(":")
        row = connection.execute(
            own.where(
                _record.c.source == source,
                or_(
                    _record.c.external_id == rest,
                    (_record.c.stream == stream) & (_record.c.external_id == external_id),
                ),
            ).limit(1)
        ).one_or_none()
    if row is not None:
        return Named(*row)
    customer = customer_named(connection, reference)
    return Named(records_of(connection, customer)[0], customer) if customer else None


def customer_named(connection: Connection, reference: str) -> str | None:
    """The customer that bears this id now, or to whom a retired id leads (invariant 3)."""
    seen: set[str] = set()
    while reference not in seen:
        seen.add(reference)
        if connection.execute(select(_customer.c.id).where(_customer.c.id == reference)).scalar():
            return reference
        following = connection.execute(select(_alias.c.new_id).where(_alias.c.old_id == reference)).scalar()
        if following is None:
            return None
        reference = following
    return None


def records_of(connection: Connection, customer_id: str) -> list[int]:
    """The live records of a customer, earliest first."""
    query = select(_link.c.record_id).where(_link.c.customer_id == customer_id).order_by(_link.c.record_id)
    return list(connection.execute(query).scalars())


def records_by_customer(connection: Connection, customer_ids: Collection[str]) -> dict[str, list[int]]:
    """The live customer records of these customers."""
    found: dict[str, list[int]] = {}
    for batch in chunks(customer_ids):
        query = select(_link.c.customer_id, _link.c.record_id).where(among(connection, _link.c.customer_id, batch))
        for customer, record in connection.execute(query.order_by(_link.c.record_id)).all():
            found.setdefault(customer, []).append(record)
    return found


def write(connection: Connection, verdict: str, pairs: Sequence[Pair], actor: str, now: datetime) -> int:
    """Write a decision down; its id."""
    values = {"verdict": verdict, "decided_by": actor, "decided_at": now}
    id_ = int(connection.execute(insert(_decision).values(values).returning(_decision.c.id)).scalar_one())
    connection.execute(
        insert(_pair), [{"decision_id": id_, "a_record_id": min(pair), "b_record_id": max(pair)} for pair in pairs]
    )
    return id_


def take_back(connection: Connection, decision_id: int, actor: str, now: datetime) -> list[Pair] | None:
    """Take a decision back; the pairs that it spoke of, or `None` where no such decision is in force."""
    mine = (_decision.c.id == decision_id, _decision.c.undone_at.is_(None))
    if connection.execute(update(_decision).where(*mine).values(undone_at=now, undone_by=actor)).rowcount == 0:
        return None
    query = select(_pair.c.a_record_id, _pair.c.b_record_id).where(_pair.c.decision_id == decision_id)
    return [(a, b) for a, b in connection.execute(query).all()]
