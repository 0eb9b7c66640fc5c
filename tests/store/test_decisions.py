"""The references by which people name records, and decisions as they are kept."""

import pytest
from sqlalchemy import select

from store import decisions
from store.decisions import Named
from store.engine import reading, writing
from store.ids import new_id
from store.matching import rulings
from store.tables import CustomerAlias, Decision, SourceRecord, table
from tests.sync.engine import START, Registry


def named(registry: Registry, reference: str) -> Named | None:
    with reading(registry.engine) as connection:
        return decisions.record_named(connection, reference)


def id_of(registry: Registry, reference: str) -> int:
    source, external_id = reference.split(":")
    with reading(registry.engine) as connection:
        return registry.id_of(connection, source, external_id)


def birth_of(registry: Registry, reference: str) -> str:
    record = table(SourceRecord)
    with reading(registry.engine) as connection:
        query = select(record.c.birth_id).where(record.c.id == id_of(registry, reference))
        return str(connection.execute(query).scalar_one())


@pytest.fixture
def people(registry: Registry) -> Registry:
    """Maija of the salon and the school, and Onni."""
    registry.land("salon", {"1": {"first_name": "Maija", "email": "a@example.com"}, "2": {"first_name": "Onni"}})
    registry.land("school", {"1": {"first_name": "Maija", "email": "a@example.com"}})
    registry.reconcile()
    return registry


def test_a_record_is_named_by_birth_id_source_or_stream(people: Registry) -> None:
    maija = people.customer_of("salon:1")
    school = Named(id_of(people, "school:1"), maija)
    assert named(people, birth_of(people, "school:1")) == school
    assert named(people, "school:1") == named(people, "school:people:1") == school


def test_a_customer_id_stands_for_its_earliest_record(people: Registry) -> None:
    maija = people.customer_of("school:1")
    assert named(people, maija) == Named(id_of(people, "salon:1"), maija)


@pytest.mark.parametrize(
    "reference", ["", "nobody", "salon:9", "salon:", ":1", "salon:others:1", "moon:1", "salon:1:2"]
)
def test_what_names_nobody_finds_nobody(people: Registry, reference: str) -> None:
    assert named(people, reference) is None


def test_an_external_id_may_have_a_colon(people: Registry) -> None:
    people.land("salon", {"a:b": {"first_name": "Kerttu"}})
    people.reconcile()
    expected = Named(id_of_colon(people), people.customer_of("salon:a:b"))
    assert named(people, "salon:a:b") == named(people, "salon:people:a:b") == expected


def id_of_colon(registry: Registry) -> int:
    with reading(registry.engine) as connection:
        return registry.id_of(connection, "salon", "a:b")


def test_a_record_that_vanished_is_named_no_more(people: Registry) -> None:
    people.vanish("school", "1")
    people.reconcile()
    assert named(people, "school:1") is None
    people.vanish("salon", "1")
    birth = birth_of(people, "salon:1")
    people.reconcile()
    assert named(people, birth) is named(people, "salon:1") is None


def test_a_retired_id_leads_on_through_several_merges(registry: Registry) -> None:
    mail = [f"{letter}@example.com" for letter in "abc"]
    registry.land("salon", {id_: {"first_name": "Maija", "email": mail[2 - int(id_)]} for id_ in "012"})
    registry.reconcile()
    first, second, third = (registry.customer_of(f"salon:{id_}") for id_ in "012")
    registry.decide("same", second, third)
    registry.decide("same", first, third)
    with reading(registry.engine) as connection:
        assert [decisions.customer_named(connection, id_) for id_ in (third, second, first)] == [first] * 3
        alias = table(CustomerAlias)
        assert connection.execute(select(alias.c.new_id).where(alias.c.old_id == third)).scalar() == second
    assert named(registry, second) == Named(id_of(registry, "salon:1"), first), "its own record bears it still"


def test_a_circle_of_retired_ids_ends(people: Registry) -> None:
    ids = [new_id(START) for _ in range(3)]
    with writing(people.engine) as connection:
        for old, new in zip(ids, ids[1:] + ids[:1], strict=True):
            connection.execute(table(CustomerAlias).insert().values(old_id=old, new_id=new))
        assert decisions.customer_named(connection, ids[0]) is None


def test_a_decision_is_kept_with_its_date_when_it_is_taken_back(people: Registry) -> None:
    a, b = id_of(people, "salon:1"), id_of(people, "salon:2")
    with writing(people.engine) as connection:
        id_ = decisions.write(connection, "different", [(b, a)], "tester", START)
        later = decisions.write(connection, "same", [(a, b)], "tester", START)
        assert id_ < later
        assert [found.pairs for found in rulings(connection, [a])] == [((a, b),)] * 2
        assert decisions.take_back(connection, id_, "other", people.clock) == [(a, b)]
        assert decisions.take_back(connection, id_, "other", people.clock) is None
        assert decisions.take_back(connection, 99, "other", people.clock) is None
        assert [found.id for found in rulings(connection, [b])] == [later]
        kept = connection.execute(select(table(Decision)).where(table(Decision).c.id == id_)).one()
    assert (kept.decided_by, kept.undone_by, kept.undone_at) == ("tester", "other", people.clock)
