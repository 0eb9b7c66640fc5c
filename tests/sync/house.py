"""A registry that keeps erased people out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from privacy import key, readmission
from privacy.pseudonym import Pseudonyms
from privacy.requests import By
from store import returned, tombstones
from store.batch import Landed
from store.decisions import records_of
from store.engine import reading, writing
from store.returned import Returned
from store.tables import SourceRecord, table
from store.tombstones import Stone
from sync.erasing import erase_and_reconcile
from sync.recognising import Recognition
from tests.store.shelf import origin_of
from tests.sync.engine import Registry


class House:
    """A registry with its key."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry, self.key_file = registry, folder / "rekisteri.key"
        with writing(registry.engine) as connection:
            self.digests: Pseudonyms = key.for_erasing(connection, self.key_file)
            self.of_bookings = origin_of(connection, "booking")
        self.begin_run()

    def begin_run(self) -> None:
        """What a run has read of the tombstones is read anew."""
        self.registry.recognise = Recognition(self.key_file)

    def land(self, source: str = "salon", **people: Mapping[str, Any]) -> Landed:
        """Customer rows by external id."""
        return self.registry.land(source, people)

    def book(self, source: str = "salon", owner: str | None = None, **bookings: Mapping[str, Any]) -> Landed:
        """Bookings by external id."""
        people, self.registry.origin = self.registry.origin, self.of_bookings
        try:
            return self.registry.book(source, bookings, owner)
        finally:
            self.registry.origin = people

    def erase(self, *records: str) -> None:
        """The customers with these records are erased, as `source:external id`."""
        self.registry.reconcile()
        for record in records:
            with writing(self.registry.engine) as connection:
                mine = records_of(connection, self.registry.customer_of(record))
                pseudonyms = key.for_erasing(connection, self.key_file)
                act, rules = self.registry.act(), self.registry.rules
                erase_and_reconcile(connection, mine, basis="request", pseudonyms=pseudonyms, rules=rules, act=act)

    def held(self) -> set[str]:
        """Every row that is held, as `stream:external id`."""
        return {f"{stream}:{external_id}" for stream, _, external_id in self.rows()}

    def rows(self) -> set[tuple[str, str, str]]:
        """Every row that is held: stream, source, external id."""
        record = table(SourceRecord)
        with reading(self.registry.engine) as connection:
            found = connection.execute(select(record.c.stream, record.c.source, record.c.external_id)).all()
        return {(stream, source, external_id) for stream, source, external_id in found}

    def returned(self) -> list[Returned]:
        """Rows that wait for a decision."""
        with reading(self.registry.engine) as connection:
            return returned.every(connection)

    def waiting(self) -> dict[str, Returned]:
        """The same, by external id."""
        return {row.external_id: row for row in self.returned()}

    def stones(self) -> list[Stone]:
        """All tombstones."""
        with reading(self.registry.engine) as connection:
            return tombstones.every(connection)

    def admit(self, row: Returned, *, person: bool | None = None) -> bool:
        """A person lets a row in; whether the tombstone is released."""
        by = By("tester", self.registry.act().now)
        with writing(self.registry.engine) as connection:
            return readmission.admit(connection, row.id, "why", self.digests, by, person=person).released

    def refuse(self, row: Returned) -> None:
        """A person keeps a row out."""
        by = By("tester", self.registry.act().now)
        with writing(self.registry.engine) as connection:
            readmission.refuse(connection, row.id, "why", self.digests, by)
