"""Ids of customers are stable (invariant 3): they come from records, and one that is retired leads on for ever."""

import pytest
from sqlalchemy import select

from store import decisions
from store.engine import reading
from store.history import history
from store.tables import CustomerEvent, MasterCustomer, SourceRecord, table
from sync.reconciling import Tally
from tests.sync.engine import Registry

A, B, C = (f"{letter}@example.com" for letter in "abc")


def maija(*emails: str, phone: str | None = None) -> dict[str, dict[str, str | None]]:
    """Records 0, 1, … of one first name, with these mailboxes."""
    return {str(number): {"first_name": "Maija", "email": email, "phone": phone} for number, email in enumerate(emails)}


def birth(registry: Registry, record: str) -> str:
    source, external_id = record.split(":")
    stored = table(SourceRecord)
    with reading(registry.engine) as connection:
        query = select(stored.c.birth_id).where(stored.c.source == source, stored.c.external_id == external_id)
        return str(connection.execute(query).scalar_one())


def leads_to(registry: Registry, id_: str) -> str | None:
    with reading(registry.engine) as connection:
        return decisions.customer_named(connection, id_)


def events(registry: Registry) -> list[tuple[str, str, str]]:
    event = table(CustomerEvent)
    with reading(registry.engine) as connection:
        rows = connection.execute(select(event).order_by(event.c.id)).all()
    return [(row.event, row.customer_id, row.other_id) for row in rows]


def moved(tally: Tally) -> tuple[int, int, int]:
    return tally.created, tally.merged, tally.split


def test_a_customer_bears_the_birth_id_of_its_earliest_record(registry: Registry) -> None:
    registry.land("school", maija(A))
    registry.land("salon", maija(A, B))
    assert moved(registry.reconcile()) == (2, 0, 0)
    assert registry.customers() == {
        birth(registry, "school:0"): {"school:0", "salon:0"},
        birth(registry, "salon:1"): {"salon:1"},
    }


def test_a_merge_retires_the_later_id_and_a_split_gives_it_back(registry: Registry) -> None:
    registry.land("salon", maija(A, B))
    registry.reconcile()
    first, second = birth(registry, "salon:0"), birth(registry, "salon:1")
    registry.land("salon", maija(A, A))
    assert moved(registry.reconcile()) == (0, 1, 0)
    assert registry.customers() == {first: {"salon:0", "salon:1"}}
    assert leads_to(registry, second) == first
    registry.land("salon", maija(A, B))
    assert moved(registry.reconcile()) == (0, 0, 1)
    assert registry.customers() == {first: {"salon:0"}, second: {"salon:1"}}
    assert (leads_to(registry, first), leads_to(registry, second)) == (first, second)
    assert events(registry) == [("merged", first, second), ("split", second, first)]


def test_an_earlier_customer_that_joins_takes_the_later_one_in(registry: Registry) -> None:
    registry.land("salon", maija(A, B, B))
    registry.reconcile()
    first, second = birth(registry, "salon:0"), birth(registry, "salon:1")
    registry.land("salon", {"0": maija(B)["0"]})
    assert moved(registry.reconcile()) == (0, 1, 0)
    assert set(registry.customers()) == {first}
    assert leads_to(registry, second) == first


def test_an_id_passes_on_when_the_earliest_record_vanishes_and_comes_back_with_it(registry: Registry) -> None:
    registry.land("salon", maija(A, A))
    registry.reconcile()
    first, second = birth(registry, "salon:0"), birth(registry, "salon:1")
    registry.vanish("salon", "0")
    assert moved(registry.reconcile()) == (0, 0, 0), "neither a merge nor a split nor anybody new"
    assert registry.customers() == {second: {"salon:1"}}
    assert leads_to(registry, first) == second
    registry.land("salon", {"0": maija(A)["0"]})
    assert moved(registry.reconcile()) == (0, 0, 0)
    assert registry.customers() == {first: {"salon:0", "salon:1"}}
    assert (leads_to(registry, first), leads_to(registry, second)) == (first, first)
    assert events(registry) == []


def test_who_is_gone_and_comes_back_is_the_same_customer(registry: Registry) -> None:
    registry.land("salon", maija(A))
    registry.reconcile()
    first = birth(registry, "salon:0")
    registry.vanish("salon", "0")
    registry.reconcile()
    assert registry.customers() == {}
    assert leads_to(registry, first) is None
    with reading(registry.engine) as connection:
        assert connection.execute(select(table(MasterCustomer))).all() == []
    registry.land("salon", maija(A))
    assert moved(registry.reconcile()) == (1, 0, 0)
    assert registry.customers() == {first: {"salon:0"}}


def test_a_retired_id_follows_its_record_through_later_merges(registry: Registry) -> None:
    registry.land("salon", maija(A, B, C))
    registry.reconcile()
    first, second, third = (birth(registry, f"salon:{number}") for number in range(3))
    registry.land("salon", maija(A, B, B))
    registry.reconcile()
    registry.land("salon", maija(A, A, A))
    assert moved(registry.reconcile()) == (0, 1, 0)
    assert [leads_to(registry, id_) for id_ in (first, second, third)] == [first] * 3
    registry.rebuild()
    assert [leads_to(registry, id_) for id_ in (first, second, third)] == [first] * 3


def test_when_the_middle_of_a_chain_goes_the_ends_part_with_their_own_ids(registry: Registry) -> None:
    registry.land("salon", {"0": {"first_name": "Maija", "email": A}})
    registry.land("salon", {"1": {"first_name": "Maija", "email": A, "phone": "+358400000101"}})
    registry.land("salon", {"2": {"first_name": "Maija", "phone": "+358400000101"}})
    registry.reconcile()
    first, third = birth(registry, "salon:0"), birth(registry, "salon:2")
    assert set(registry.customers()) == {first}
    registry.vanish("salon", "1")
    assert moved(registry.reconcile()) == (0, 0, 1)
    assert registry.customers() == {first: {"salon:0"}, third: {"salon:2"}}
    assert leads_to(registry, birth(registry, "salon:1")) == first


def test_a_family_on_one_phone_stays_apart_with_a_note(registry: Registry) -> None:
    phone = "+358400000101"
    registry.land("salon", {"0": {"first_name": "Maija", "phone": phone}, "1": {"first_name": "Onni", "phone": phone}})
    assert moved(registry.reconcile()) == (2, 0, 0)
    assert registry.people() == {frozenset({"salon:0"}), frozenset({"salon:1"})}
    assert registry.pairs("apart") == {frozenset({"salon:0", "salon:1"})}
    assert registry.pairs("review") == set()


@pytest.mark.parametrize("part", [1, 2, 2000])
def test_the_size_of_the_parts_does_not_matter(registry: Registry, part: int) -> None:
    registry.land("salon", maija(A, B, A, C))
    registry.land("school", maija(C, B))
    tally = registry.reconcile(part)
    assert registry.people() == {
        frozenset({"salon:0", "salon:2"}),
        frozenset({"salon:1", "school:1"}),
        frozenset({"salon:3", "school:0"}),
    }
    assert tally.created == 3
    assert set(registry.customers()) == {birth(registry, f"salon:{number}") for number in (0, 1, 3)}
    before = registry.snapshot()
    registry.rebuild(part)
    assert registry.snapshot() == before


def why(registry: Registry) -> list[tuple[str, tuple[str, ...]]]:
    with reading(registry.engine) as connection:
        ids = {row.customer_id for row in connection.execute(select(table(CustomerEvent))).all()}
        rows = {(row["at"], row["event"], *row["reasons"]) for id_ in ids for row in history(connection, id_)}
    return [(event, tuple(reasons)) for _, event, *reasons in sorted(rows)]


def test_a_merge_and_a_split_say_why(registry: Registry) -> None:
    registry.land("salon", maija(A, B))
    registry.reconcile()
    registry.land("salon", maija(A, A))
    registry.reconcile()
    registry.land("salon", maija(A, B))
    registry.reconcile()
    (merged, joined), (split, parted) = why(registry)
    assert (merged, split, parted) == ("merged", "split", ("nothing joins their records any more",))
    assert any("mail" in reason or "phone" in reason for reason in joined)


def test_a_merge_and_a_split_by_a_person_say_that_it_was_a_person(registry: Registry) -> None:
    registry.land("salon", maija(A, B))
    registry.reconcile()
    registry.decide("same", "salon:0", "salon:1")
    registry.decide("different", "salon:0", "salon:1")
    assert why(registry) == [
        ("merged", ("a person decided that they are the same",)),
        ("split", ("a person decided that they are different",)),
    ]
