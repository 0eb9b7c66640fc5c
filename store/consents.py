"""What is held about the consents of customers: published states, platforms' flags, declarations, and the records that
all of it came from.

Call everything here inside `store.engine.reading` or `store.engine.writing`: batches are then one view of the registry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, select

from store import declarations
from store.among import among, chunks
from store.declarations import Declared
from store.tables import FlagObservation, GoldenValue, Link, MasterCustomer, Origin, SourceRecord, table

BATCH = 500
FIELD = "marketing."

_customer = table(MasterCustomer)
_link = table(Link)
_record = table(SourceRecord)
_origin = table(Origin)
_golden = table(GoldenValue)
_flag = table(FlagObservation)


@dataclass(frozen=True, slots=True)
class Holding:
    """A live record of a customer, and what its origin says about where it lies and who handled it."""

    record_id: int
    source: str
    external_id: str
    brand: str
    processor_id: str
    role_stated: str
    collected_from: str
    storage_country: str
    notice_version: str

    @property
    def name(self) -> str:
        """The record as people name it."""
        return f"{self.source}:{self.external_id}"


@dataclass(frozen=True, slots=True)
class Published:
    """A marketing state that stands, the record and the rule that it is due to; `at`: of a declaration, when it was
    made."""

    state: str
    record_id: int
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FlagSeen:
    """A platform's flag as it was seen, each time it changed; `value`: `None` = it says nothing."""

    record_id: int
    channel: str
    value: bool | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Consenting:
    """A customer as far as consents go. `published`: by `CHANNEL` and `CHANNEL.BRAND`, what is not there is unknown.
    `flags`: in the order in which they were seen; `declared`: all that reaches the customer, in the order of recording,
    objections and restrictions too."""

    customer_id: str
    known_since: datetime
    records: Mapping[int, Holding]
    published: Mapping[str, Published]
    flags: Sequence[FlagSeen]
    declared: Sequence[Declared]


def consents_of(connection: Connection, customer_id: str) -> Consenting | None:
    """One customer, `None` where nobody bears this id."""
    rows = connection.execute(select(_customer).where(_customer.c.id == customer_id)).all()
    return next(_assembled(connection, rows), None)


def every(connection: Connection) -> Iterator[Consenting]:
    """All customers by id. Memory does not grow with their number."""
    last = ""
    while True:
        query = select(_customer).where(_customer.c.id > last).order_by(_customer.c.id).limit(BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from _assembled(connection, rows)
        last = rows[-1].id


def _assembled(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Consenting]:
    ids = [row.id for row in rows]
    records = _records(connection, ids)
    owners = {record: id_ for id_, group in records.items() for record in group}
    published = _published(connection, ids)
    flags = _flags(connection, owners)
    declared: dict[str, list[Declared]] = defaultdict(list)
    for one in declarations.reaching(connection, list(owners)):
        for id_ in {owners[record] for record in one.reached if record in owners}:
            declared[id_].append(one)
    for row in rows:
        yield Consenting(
            row.id, row.created_at, records[row.id], published[row.id], flags[row.id], tuple(declared[row.id])
        )


def _records(connection: Connection, ids: Sequence[str]) -> dict[str, dict[int, Holding]]:
    query = (
        select(
            _link.c.customer_id, _record.c.id, _record.c.source, _record.c.external_id, _origin.c.brand,
            _origin.c.processor_id, _origin.c.role_stated, _origin.c.collected_from, _origin.c.storage_country,
            _origin.c.notice_version,
        )
        .join(_record, _record.c.id == _link.c.record_id)
        .join(_origin, _origin.c.id == _record.c.origin_id)
        .where(among(connection, _link.c.customer_id, ids), _record.c.vanished_at.is_(None))
        .order_by(_record.c.id)
    )  # fmt: skip
    found: dict[str, dict[int, Holding]] = defaultdict(dict)
    for customer, record, *rest in connection.execute(query).all():
        found[customer][record] = Holding(record, *rest)
    return found


def _published(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Published]]:
    query = select(_golden).where(among(connection, _golden.c.customer_id, ids), _golden.c.field.like(f"{FIELD}%"))
    found: dict[str, dict[str, Published]] = defaultdict(dict)
    for row in connection.execute(query).all():
        state = Published(from_json(row.value), row.record_id, row.rule, row.observed_at)
        found[row.customer_id][row.field.removeprefix(FIELD)] = state
    return found


def _flags(connection: Connection, owners: Mapping[int, str]) -> dict[str, list[FlagSeen]]:
    found: dict[str, list[FlagSeen]] = defaultdict(list)
    for batch in chunks(owners):
        query = select(_flag.c.record_id, _flag.c.channel, _flag.c.value, _flag.c.observed_at)
        rows: Iterable[Any] = connection.execute(
            query.where(among(connection, _flag.c.record_id, batch)).order_by(_flag.c.id)
        ).all()
        for row in rows:
            found[owners[row.record_id]].append(FlagSeen(*row))
    return found
