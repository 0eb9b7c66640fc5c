"""A registry over the made-up platforms, with all that is asked of events."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from config.settings import Settings
from store.engine import reading, writing
from store.tables import PlatformEvent, table
from store.tables import SourceRecord as Stored
from sync.events import accept, work_off
from sync.report import RunReport
from sync.run import Wish, run
from tests.sync.engine import Registry
from tests.sync.machine_platforms import Fact, Made, MadeReceiver, salon, school

MAIJA = {"first_name": "Maija", "last_name": "Testaaja", "email": "maija@example.com"}


@dataclass
class Desk:
    """A registry over both platforms. Events happen now."""

    engine: Engine
    settings: Settings
    school: Made = field(default_factory=school)
    salon: Made = field(default_factory=salon)
    sent: int = 0

    def has(self, id_: str, stream: str = "people", owner_id: str | None = None, **fields: Any) -> None:
        """The school has this row now."""
        changed = fields.pop("updated_at", None)
        self.school.rows[stream][id_] = Fact(fields, owner_id, changed)

    def send(self, id_: str, topic: str = "people.changed", *, ago_s: float = 0.0) -> str:
        """The school sends an event of what it has, and it is taken or was seen."""
        self.sent += 1
        self.school.clock = datetime.now(UTC) - timedelta(seconds=ago_s)
        return self.receive(self.school.delivery(topic, id_, self.sent))

    def receive(self, body: bytes) -> str:
        """A delivery comes."""
        return accept(self.engine, "thinkific", MadeReceiver(self.school), body)

    def work(self, **options: Any) -> Counter[str]:
        """What became of events."""
        outcomes = work_off(self.engine, self.settings, threading.Event(), **options)
        return Counter({outcome: number for (_, outcome), number in outcomes.items()})

    def run(self, **wish: Any) -> RunReport:
        """A run of both sources."""
        wish.setdefault("progress", self.landed)
        return run(self.engine, self.settings, Wish(**wish))

    def landed(self, source: str, stream: str, fetched: int, total: int | None) -> None:
        """A page has landed."""
        (self.school if source == "thinkific" else self.salon).told(stream)

    def rows(self, model: Any, **where: Any) -> list[Any]:
        """Rows of a table."""
        found = table(model)
        conditions = [found.c[name] == value for name, value in where.items()]
        with reading(self.engine) as connection:
            return list(connection.execute(select(found).where(*conditions)).all())

    def record(self, id_: str, stream: str = "people") -> Any:
        """A record as it is stored, `None` where it is not."""
        return next(iter(self.rows(Stored, external_id=id_, stream=stream)), None)

    def people(self) -> set[frozenset[str]]:
        """Who is who."""
        return Registry(self.engine).people()

    def events(self) -> dict[str, str]:
        """Event id → state."""
        return {row.event_id: row.state for row in self.rows(PlatformEvent)}

    def due(self, **changes: Any) -> None:
        """As if the time to try again had come."""
        event = table(PlatformEvent)
        changes["try_at"] = datetime.now(UTC) - timedelta(1)
        with writing(self.engine) as connection:
            connection.execute(event.update().where(event.c.state == "waiting").values(changes))
