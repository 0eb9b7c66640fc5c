"""A small registry to try the engine on: land, vanish, decide and reconcile without platforms."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from config.register import load_register
from connectors.base import Page, Stream
from connectors.records import Booking, Customer, Kind, SourceRecord
from store import absence, origins, runs
from store.batch import Landed, Recognise
from store.engine import reading, writing
from store.landing import land
from store.tables import GoldenValue, Link, MasterCustomer, MatchPair, table
from store.tables import SourceRecord as Stored
from sync import decisions
from sync.attach import attach, find_owners
from sync.prepare import Landing, prepare
from sync.rebuild import rebuild
from sync.reconcile.candidates import LIMITS
from sync.reconcile.model import Model, shipped
from sync.reconciling import Act, Rules, Tally, reconcile
from sync.rematch import preview, rematch
from sync.whole import Difference
from tests.tables import kept

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
SOURCES = ("salon", "school", "reseller")
BRANDS = ("hieromo", "artsport")


@dataclass
class Registry:
    """A registry with three made-up sources. Each call is a minute later than the one before."""

    engine: Engine
    common: int = 50
    grantees: Mapping[str, str | None] = field(default_factory=dict)
    model: Model = field(default_factory=shipped)
    clock: datetime = START
    origin: int = 0
    recognise: Recognise | None = None

    @classmethod
    def open(cls, url: str, **options: Any) -> "Registry":
        """A fresh registry in the database at `url`."""
        registry = cls(kept(url), **options)
        register = load_register(None)
        with writing(registry.engine) as connection:
            origin = register.origin("thinkific", "online_courses", "customer")
            version = origins.register_version(connection, register.digest, "{}", origin.notice_version, START)
            registry.origin = origins.origin_id(
                connection,
                version,
                origin,
                source="school",
                activity="online_courses",
                kind="customer",
                brand="artsport",
            )
            runs.begin(connection, "run", START, full=False)
        return registry

    @property
    def rules(self) -> Rules:
        """Survivorship with the sources in their order."""
        limits = {**LIMITS, **dict.fromkeys(("email", "phone", "address"), self.common)}
        return Rules({name: place for place, name in enumerate(SOURCES)}, self.grantees, self.model, limits, BRANDS)

    def act(self) -> Act:
        """A person's act, a minute later."""
        self.clock += timedelta(minutes=1)
        return Act("tester", self.clock)

    def land(self, source: str, people: Mapping[str, Mapping[str, Any]], *, deleted: Sequence[str] = ()) -> Landed:
        """Land customer records by external id."""
        records = [
            SourceRecord(external_id=id_, kind=Kind.CUSTOMER, payload=Customer(**fields), deleted=id_ in deleted)
            for id_, fields in people.items()
        ]
        return self._land(source, Stream(name="people", kind=Kind.CUSTOMER, activity="x"), records)

    def book(self, source: str, bookings: Mapping[str, Mapping[str, Any]], owner_id: str | None = None) -> Landed:
        """Land bookings by external id."""
        records = [
            SourceRecord(external_id=id_, kind=Kind.BOOKING, payload=Booking(**fields), owner_id=owner_id)
            for id_, fields in bookings.items()
        ]
        return self._land(source, Stream(name="bookings", kind=Kind.BOOKING, activity="x"), records)

    def _land(self, source: str, stream: Stream, records: Sequence[SourceRecord]) -> Landed:
        self.clock += timedelta(minutes=1)
        page = Page(stream=stream.name, retrieved_from="test", records=tuple(records))
        landing = Landing(source, stream, "run", self.origin, "people", names_help=True)
        batch, _ = prepare(page, landing, self.clock)
        with writing(self.engine) as connection:
            landed = land(connection, batch, self.recognise)
            attach(connection, batch, landed)
        return landed

    def vanish(self, source: str, external_id: str) -> None:
        """The platform no longer has this record."""
        self.clock += timedelta(minutes=1)
        with writing(self.engine) as connection:
            ids = [self.id_of(connection, source, external_id)]
            find_owners(connection, source, absence.vanish(connection, ids, self.clock))

    def id_of(self, connection: Connection, source: str, external_id: str) -> int:
        """Record id."""
        stored = table(Stored)
        query = select(stored.c.id).where(stored.c.source == source, stored.c.external_id == external_id)
        return int(connection.execute(query).scalar_one())

    def reconcile(self, part: int = 2000) -> Tally:
        """Work off the queue."""
        return reconcile(self.engine, self.rules, self.act(), part=part)

    def rebuild(self, part: int = 2000) -> Tally:
        """Rebuild everything."""
        rebuild(self.engine, self.rules, forced=True)
        return self.reconcile(part)

    def difference(self) -> Difference:
        """In what the registry differs from what would be decided over all of it at once."""
        return preview(self.engine, self.rules)

    def rematch(self, model: Model) -> Difference:
        """Take another match model."""
        self.model = model
        found = self.difference()
        rematch(self.engine, self.rules, self.act())
        return found

    def decide(self, verdict: str, a: str, b: str) -> int:
        """A person decides."""
        with writing(self.engine) as connection:
            decide = decisions.same if verdict == "same" else decisions.different
            return decide(connection, a, b, rules=self.rules, act=self.act())

    def split(self, customer: str, record: str) -> int:
        """A person splits."""
        with writing(self.engine) as connection:
            return decisions.split(connection, customer, record, rules=self.rules, act=self.act())

    def undo(self, decision: int) -> None:
        """A person takes a decision back."""
        with writing(self.engine) as connection:
            decisions.undo(connection, decision, rules=self.rules, act=self.act())

    def customers(self) -> dict[str, set[str]]:
        """Customer id → its records as `source:external id`."""
        link, stored = table(Link), table(Stored)
        query = select(link.c.customer_id, stored.c.source, stored.c.external_id).join(
            stored, stored.c.id == link.c.record_id
        )
        found: dict[str, set[str]] = {}
        with reading(self.engine) as connection:
            for customer, source, external_id in connection.execute(query):
                found.setdefault(customer, set()).add(f"{source}:{external_id}")
        return found

    def people(self) -> set[frozenset[str]]:
        """Who is who, without ids."""
        return {frozenset(records) for records in self.customers().values()}

    def customer_of(self, record: str) -> str:
        """The id of the customer that has this record."""
        return next(id_ for id_, records in self.customers().items() if record in records)

    def pairs(self, verdict: str = "review") -> set[frozenset[str]]:
        """Pairs of records that share a contact and stay in two customers."""
        pair, stored = table(MatchPair), table(Stored)
        with reading(self.engine) as connection:
            names = {
                id_: f"{source}:{external_id}"
                for id_, source, external_id in connection.execute(
                    select(stored.c.id, stored.c.source, stored.c.external_id)
                )
            }
            rows = connection.execute(select(pair).where(pair.c.verdict == verdict)).all()
        return {frozenset((names[row.a_record_id], names[row.b_record_id])) for row in rows}

    def golden(self, record: str, name: str) -> list[tuple[Any, str]]:
        """Golden values of a field of the customer that has this record, with their rules."""
        value = table(GoldenValue)
        query = select(value.c.value, value.c.rule).where(
            value.c.customer_id == self.customer_of(record), value.c.field == name
        )
        with reading(self.engine) as connection:
            rows = connection.execute(query.order_by(value.c.ordinal)).all()
        return [(json.loads(text), rule) for text, rule in rows]

    def snapshot(self) -> dict[str, str]:
        """Everything that is published, but for the times at which it was written."""
        link, customer, value, pair = table(Link), table(MasterCustomer), table(GoldenValue), table(MatchPair)
        queries = {
            "links": select(
                link.c.record_id, link.c.customer_id, link.c.method, link.c.score, link.c.reasons, link.c.decided_by
            ),
            "customers": select(customer.c.id, customer.c.content_sha256, customer.c.created_at),
            "golden": select(value),
            "pairs": select(pair.c.a_record_id, pair.c.b_record_id, pair.c.verdict, pair.c.score, pair.c.reasons),
        }
        with reading(self.engine) as connection:
            return {
                name: "\n".join(sorted(str(tuple(row)) for row in connection.execute(query)))
                for name, query in queries.items()
            }


def digest(text: str) -> str:
    """A short stable text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
