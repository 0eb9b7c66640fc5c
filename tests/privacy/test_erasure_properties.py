"""Whatever happened before: who is erased is gone, and who stays is published as if they had never been there."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from store.engine import reading
from tests.privacy.erasing import erase, populate, speak_of
from tests.privacy.searching import everything
from tests.sync.engine import SOURCES, Registry
from tests.sync.test_engine_properties import Story, folder, fresh, payloads, steps

__all__ = ["folder"]


@settings(max_examples=25)
@given(
    people=st.fixed_dictionaries({f"{source}:{id_}": payloads for source in SOURCES for id_ in range(2)}),
    story=st.lists(steps, max_size=12),
    common=st.sampled_from((2, 3, 50)),
    who=st.integers(0, 5),
)
def test_who_stays_is_as_a_rebuild_has_them(
    people: dict[str, dict[str, Any]],
    story: list[tuple[Any, ...]],
    common: int,
    who: int,
    folder: Path,
) -> None:
    registry = fresh(folder, common)
    teller = Story(registry)
    for reference, payload in people.items():
        teller.land(reference, payload)
    registry.reconcile()
    for step in story:
        teller.take(step)
    registry.reconcile()
    customers = sorted(registry.customers())
    if customers:
        going = customers[who % len(customers)]
        done = erase(registry, min(registry.customers()[going]))
        assert going in done.customers
        assert going not in registry.customers()
        assert orphans(registry) == [], "every value has its record"
        assert registry.difference().records == [], "decided over all at once it is the same"
        grown = registry.snapshot()
        tally = registry.rebuild()
        assert registry.snapshot() == grown
        assert (tally.created, tally.merged, tally.split) == (0, 0, 0)
    registry.engine.dispose()


def orphans(registry: Registry) -> list[Any]:
    """Published values whose record is gone."""
    query = "SELECT field FROM golden_value WHERE record_id NOT IN (SELECT id FROM source_record)"
    with reading(registry.engine) as connection:
        return list(connection.execute(text(query)).all())


def statements(registry: Registry, record: str, stop_at: int | None = None) -> int:
    """Erase, and count the statements; one of them fails where told."""
    number = 0

    def count(*_: Any) -> None:
        nonlocal number
        number += 1
        if number == stop_at:
            raise CutError

    event.listen(registry.engine, "before_cursor_execute", count)
    try:
        erase(registry, record)
    finally:
        event.remove(registry.engine, "before_cursor_execute", count)
    return number


class CutError(Exception):
    """As if the program ended here."""


def test_a_crash_at_any_statement_leaves_the_person_whole(registry: Registry) -> None:
    populate(registry)
    speak_of(registry)
    before = everything(registry.engine)
    at = 1
    while True:
        try:
            statements(registry, "salon:kuutamo-17", at)
        except CutError:
            assert everything(registry.engine) == before
            at += 7 if registry.engine.dialect.name == "postgresql" else 3
        else:
            break
    assert at > 60, "it was cut at many places"
    assert everything(registry.engine) != before
