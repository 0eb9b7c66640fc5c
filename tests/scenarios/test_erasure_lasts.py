"""An erased person does not come back (invariant 10): not with the next sync, nor with other data, a full rebuild or a
second registry's worth of news; and nobody else goes with them."""

from datetime import UTC, datetime
from typing import Any

from privacy.key import for_erasing
from store.engine import writing
from sync.erasing import erase_and_reconcile, follow_up
from sync.reconciling import Act
from sync.run import rules_of
from tests.scenarios.conftest import THOROUGH
from tests.scenarios.world import World, people

CUSTOMERS = 5_000 if THOROUGH else 80
EVERY = 10
SHARE = 0.05
STREAMS = ("users", "enrollments", "orders", "clients", "bookings")

Ids = set[tuple[str, str]]


class Gone:
    """Who was erased: ids by stream as the sources have them, and contacts that nobody else had."""

    def __init__(self, world: World) -> None:
        everyone = world.customers()
        victims = everyone[::EVERY]
        self.customers = [customer["id"] for customer in victims]
        self.people = {(record["stream"], record["external_id"]) for one in victims for record in one["records"]}
        staying = [one for one in everyone if one["id"] not in set(self.customers)]
        self.contacts = _contacts(victims) - _contacts(staying)
        self.staying = {one["id"] for one in staying}

    def erase(self, world: World) -> None:
        """All of them, each in a transaction of its own."""
        settings = world.settings
        for customer in self.customers:
            act = Act("tester", datetime.now(UTC))
            with writing(world.engine) as connection:
                key = for_erasing(connection, settings.privacy.key_file)
                records = _records(world, customer)
                erase_and_reconcile(
                    connection, records, basis="request", pseudonyms=key, rules=rules_of(settings), act=act
                )
        assert follow_up(world.engine, settings.privacy.key_file)


def _contacts(customers: list[dict[str, Any]]) -> set[str]:
    return {contact for one in customers for contact in (*map(str.casefold, one["emails"]), *one["phones"])}


def _records(world: World, customer: str) -> list[int]:
    return [row.record_id for row in world.ask("SELECT record_id FROM link WHERE customer_id = :id", id=customer)]


def _rows(world: World) -> dict[tuple[str, str], str | None]:
    """Every live row by stream and external id, with its owner's, be it named or found by contact."""
    rows = world.ask(
        "SELECT mine.stream, mine.external_id, coalesce(owner.external_id, mine.owner_id) AS owner"
        " FROM source_record mine LEFT JOIN source_record owner ON owner.id = mine.owner_record_id"
        " WHERE mine.vanished_at IS NULL"
    )
    return {(row.stream, row.external_id): row.owner for row in rows if row.stream in STREAMS}


def nobody_came_back(world: World, control: World, gone: Gone) -> None:
    """What is missing here is the erased people's, and all else is as in a registry in which nobody was erased."""
    ours, theirs = _rows(world), _rows(control)
    assert not ours.keys() & gone.people
    assert not _contacts(world.customers()) & gone.contacts
    assert not ours.keys() - theirs.keys()
    ids = {external_id for _, external_id in gone.people}
    for stream, external_id in theirs.keys() - ours.keys():
        owner = theirs[stream, external_id]
        assert (stream, external_id) in gone.people or owner in ids, "somebody else is lost"


def test_whom_the_platforms_still_send_stays_away(any_world: World, calm_world: World) -> None:
    population = people(customers=CUSTOMERS)
    any_world.platforms.calm(population)
    any_world.run()
    calm_world.run()
    gone = Gone(any_world)
    assert len(gone.customers) >= CUSTOMERS / EVERY / 2
    gone.erase(any_world)
    assert {customer["id"] for customer in any_world.customers()} == gone.staying
    nobody_came_back(any_world, calm_world, gone)
    for step, full in enumerate((False, True, False)):
        any_world.run(full=full)
        calm_world.run(full=full)
        nobody_came_back(any_world, calm_world, gone)
        any_world.platforms.calm(people(customers=CUSTOMERS).change(step, SHARE))
    dropped = any_world.ask("SELECT sum(erased) AS number FROM stream_run")[0].number
    assert dropped >= len(gone.people), "what was dropped is counted"
    waiting = any_world.ask("SELECT fields FROM quarantine WHERE tombstone_id IS NOT NULL")
    assert all(contact not in row.fields.casefold() for row in waiting for contact in gone.contacts)
