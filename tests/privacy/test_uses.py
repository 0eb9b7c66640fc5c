"""Who may be used for a purpose, by all that the registry holds of them, on both databases."""

from datetime import date

import pytest

from privacy.gate import DIRECT_MARKETING, Use
from privacy.uses import allowed
from store import direct_marketing
from store.decisions import records_of
from store.direct_marketing import Move
from store.engine import reading, writing
from tests.sync.declaring import consent
from tests.sync.engine import Registry

MAIJA, MARI = "salon:1", "school:9"


def move(registry: Registry, record: str) -> int:
    """Move somebody into the direct-marketing register."""
    act = registry.act()
    with writing(registry.engine) as connection:
        records = records_of(connection, registry.customer_of(record))
        return direct_marketing.enter(
            connection, records[0], Move(date(2025, 12, 31), "moved away", None, act.actor, act.now)
        )


def leave(registry: Registry, entry: int) -> None:
    """Take somebody out of it."""
    act = registry.act()
    with writing(registry.engine) as connection:
        direct_marketing.leave(connection, [entry], "asked", act.actor, act.now)


def written_to(registry: Registry) -> set[str]:
    """E-mail addresses to which a message may be sent."""
    use = Use("communication_and_marketing", DIRECT_MARKETING, "email")
    with reading(registry.engine) as connection:
        passed = allowed(connection, use, str).passed
    return {contact.written for contacts in passed.values() for contact in contacts}


@pytest.mark.parametrize("again", [False, True])
def test_who_left_the_register_has_left_it_after_a_merge_too(registry: Registry, again: bool) -> None:
    registry.land("salon", {"1": {"first_name": "Maija", "last_name": "Testaaja", "email": "a@example.com"}})
    registry.land("school", {"9": {"first_name": "Mari", "last_name": "Malli", "email": "b@example.com"}})
    registry.reconcile()
    for record in (MAIJA, MARI):
        consent(registry, record, "granted")
    entry = move(registry, MAIJA)
    if not again:
        move(registry, MARI)
    leave(registry, entry)
    if again:
        move(registry, MARI)
    assert written_to(registry) == {"b@example.com"}
    registry.decide("same", MAIJA, MARI)
    assert written_to(registry) == ({"a@example.com", "b@example.com"} if again else set())
