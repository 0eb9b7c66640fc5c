"""People whose data are asked for, and the answers that they get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert

from config.register import load_register
from connectors.base import Stream
from connectors.records import Booking, Customer, Kind, SourceRecord
from privacy.package.answering import answer, asker
from privacy.package.archive import files
from privacy.requests import Asked, By, begin, identify
from store import audit
from store.declarations import Said
from store.engine import reading, writing
from store.tables import table
from sync.cli.exporting import harmless
from sync.cli.listing import mailboxes
from sync.declaring import declare
from tests.sync.engine import Registry

REGISTER = load_register(None)
STAFF = "Testi Työntekijä"


@dataclass
class Desk:
    """A registry over which somebody answers requests."""

    registry: Registry

    def note(self, source: str, external_id: str, notes: str, **fields: Any) -> None:
        """Land a customer record with notes."""
        record = SourceRecord(external_id=external_id, kind=Kind.CUSTOMER, payload=Customer(**fields), notes=notes)
        self.registry._land(source, Stream(name="people", kind=Kind.CUSTOMER, activity="x"), [record])

    def book(self, owner: str, external_id: str, notes: str | None = None, **fields: Any) -> None:
        """Land a booking of the salon."""
        booking = SourceRecord(
            external_id=external_id, kind=Kind.BOOKING, payload=Booking(**fields), owner_id=owner, notes=notes
        )
        self.registry._land("salon", Stream(name="bookings", kind=Kind.BOOKING, activity="x"), [booking])

    def insert(self, model: Any, **values: Any) -> None:
        """Write a row as it is."""
        with writing(self.registry.engine) as connection:
            connection.execute(insert(table(model)).values(values))

    def by(self) -> By:
        """A member of staff, a minute later."""
        return By(STAFF, self.registry.act().now)

    def say(self, record: str, kind: str, **said: Any) -> int:
        """What the customer with this record declares."""
        act = self.registry.act()
        fields: dict[str, Any] = {
            "controller": "hieromo", "grantee": "hieromo", "notice_version": "2021-03-22", "at": act.now,
            "recorded_at": act.now, "recorded_by": STAFF,
        }  # fmt: skip
        with writing(self.registry.engine) as connection:
            customer = self.registry.customer_of(record)
            return declare(connection, Said(kind=kind, **fields | said), customer, rules=self.registry.rules, act=act)

    def look(self, customer_id: str | None, action: str = "customers.show", purpose: str = "feedback") -> None:
        """Somebody looks."""
        by = self.by()
        with writing(self.registry.engine) as connection:
            audit.note(connection, by.now, by.actor, action, purpose, customer_id=customer_id)

    def ask(self, record: str, type_: str = "access") -> int:
        """A request of the customer with this record, identity checked; its id."""
        by = self.by()
        with writing(self.registry.engine) as connection:
            id_ = begin(connection, Asked(type_, record, date(2026, 1, 1), "email"), by).id
            identify(connection, id_, "passport shown", by)
        return id_

    def answer(self, record: str, language: str = "fi") -> dict[str, Any]:
        """The document that the customer with this record gets."""
        id_, by = self.ask(record), self.by()
        with reading(self.registry.engine) as connection:
            return answer(connection, asker(connection, id_), REGISTER, by, language, mailboxes())


def written(document: Mapping[str, Any]) -> str:
    """All that an answer says, but for its schema."""
    return "\n".join(
        content.decode("utf-8-sig") for name, content in files(document, harmless) if name != "schema.json"
    )


def members(parts: Sequence[Mapping[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some members of each part."""
    return [tuple(part[name] for name in names) for part in parts]
