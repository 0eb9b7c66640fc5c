"""A small store to land pages in, without connectors and without reconciling."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy import Row as Found

from config.register import load_register
from store import origins, runs
from store.batch import Batch, Landed, Matching, RejectedRow, Row
from store.engine import open_database, reading, writing
from store.landing import land
from store.tables import FlagObservation, MatchKey, Quarantine, ReconcileQueue, SourceRecord, table

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def row(external_id: str, text: str = "{}", **options: Any) -> Row:
    """A row whose hash covers all that it says."""
    digest = hashlib.sha256(f"{text} {options.get('notes')} {options.get('owner_id')}".encode()).hexdigest()
    keys = options.pop("keys", ())
    return Row(external_id, text, digest, matching=lambda: Matching(keys), **options)


def origin_of(connection: Connection, kind: str = "customer", source: str = "salon") -> int:
    """An origin of records of this kind, under the register as it is shipped."""
    register = load_register(None)
    origin = register.origin("thinkific", "online_courses", kind)
    version = origins.register_version(connection, register.digest, register.canonical, origin.notice_version, START)
    return origins.origin_id(connection, version, origin, source=source, activity="x", kind=kind, brand="artsport")


@dataclass
class Shelf:
    """Landed records. Each page comes a minute after the one before."""

    engine: Engine
    origin: int
    clock: datetime = START

    @classmethod
    def open(cls, url: str) -> "Shelf":
        """An empty one in the database at `url`, with the runs `run` and `later` begun."""
        engine = open_database(url)
        with writing(engine) as connection:
            for run in ("run", "later"):
                runs.begin(connection, run, START, full=False)
            return cls(engine, origin_of(connection))

    def batch(self, *rows: Row, **options: Any) -> Batch:
        """A page of customers of the salon, unless said otherwise."""
        self.clock += timedelta(minutes=1)
        defaults: dict[str, Any] = {
            "source": "salon",
            "stream": "people",
            "kind": "customer",
            "run_id": "run",
            "now": self.clock,
            "origin_id": self.origin,
            "retrieved_from": "a page",
            "owner_stream": "people",
        }
        return Batch(rows=rows, **defaults | options)

    def land(self, *rows: Row, **options: Any) -> Landed:
        """Land a page."""
        batch = self.batch(*rows, **options)
        with writing(self.engine) as connection:
            return land(connection, batch)

    def book(self, *rows: Row, kind: str = "booking", **options: Any) -> Landed:
        """Land a page of activities."""
        return self.land(*rows, kind=kind, stream=f"{kind}s", **options)

    def reject(self, *keys: str, reason: str = "no name") -> Landed:
        """Land a page on which nothing could be mapped."""
        return self.land(rejected=[RejectedRow(key, "{}", reason, "Nimi", "a.csv", 7) for key in keys])

    def record(self, external_id: str, stream: str = "people", source: str = "salon") -> Found[Any]:
        """A record as it is stored."""
        stored = table(SourceRecord)
        mine = (stored.c.external_id == external_id, stored.c.stream == stream, stored.c.source == source)
        with reading(self.engine) as connection:
            return connection.execute(select(stored).where(*mine)).one()

    def owner(self, external_id: str, kind: str = "booking") -> int | None:
        """Record id of an activity's owner."""
        found: int | None = self.record(external_id, f"{kind}s").owner_record_id
        return found

    def keys(self, external_id: str) -> dict[tuple[str, str], bool]:
        """Match keys of a customer record, and whether each is a present one."""
        key = table(MatchKey)
        query = select(key.c.kind, key.c.value, key.c.current).where(key.c.record_id == self.record(external_id).id)
        return {(found.kind, found.value): found.current for found in self.rows(query)}

    def flags(self, external_id: str) -> list[tuple[str, bool | None]]:
        """Flag observations of a customer record in their order."""
        flag = table(FlagObservation)
        query = select(flag.c.channel, flag.c.value).where(flag.c.record_id == self.record(external_id).id)
        return [(found.channel, found.value) for found in self.rows(query.order_by(flag.c.id))]

    def queued(self) -> list[int]:
        """Record ids that wait for reconciling."""
        queue = table(ReconcileQueue)
        return [found.record_id for found in self.rows(select(queue.c.record_id).order_by(queue.c.record_id))]

    def empty_queue(self) -> None:
        """As if everything was reconciled."""
        with writing(self.engine) as connection:
            connection.execute(table(ReconcileQueue).delete())

    def quarantine(self) -> list[tuple[str, str]]:
        """(key, reason) of what waits there."""
        waiting = table(Quarantine)
        return [(found.key, found.reason) for found in self.rows(select(waiting).order_by(waiting.c.key))]

    def rows(self, query: Any) -> Sequence[Found[Any]]:
        """What a query finds."""
        with reading(self.engine) as connection:
            return connection.execute(query).all()

    def insert(self, model: Any, *values: dict[str, Any]) -> None:
        """Insert rows of a table as they are."""
        with writing(self.engine) as connection:
            connection.execute(insert(table(model)), list(values))
