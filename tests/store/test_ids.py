"""Ids of customers: UUIDs of version 7."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from store.ids import new_id, new_ids

NOW = datetime(2026, 1, 1, 9, 0, 0, 250_000, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_that_bears_its_time() -> None:
    id_ = UUID(new_id(NOW))
    assert (id_.version, id_.variant, str(id_)) == (7, "specified in RFC 4122", str(id_))
    assert id_.int >> 80 == int(NOW.timestamp() * 1000)


def test_ids_sort_by_time_and_none_comes_twice() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=number)) for number in range(50)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(1000)}) == 1000


def test_an_id_sorts_behind_the_one_before_it_though_the_clock_was_set_back() -> None:
    before = new_id(NOW)
    ids = [before := new_id(NOW - timedelta(hours=number), after=before) for number in range(5)]
    assert ids == sorted(ids)
    assert min(ids) > new_id(NOW - timedelta(milliseconds=1))
    assert new_id(NOW + timedelta(days=1), after=before)[:12] == new_id(NOW + timedelta(days=1))[:12]


def test_ids_that_are_made_together_are_as_good_as_those_made_one_by_one() -> None:
    ids = new_ids(NOW, 1000)
    assert len(set(ids)) == 1000
    assert {(UUID(id_).version, UUID(id_).variant, id_[:13]) for id_ in ids} == {
        (7, "specified in RFC 4122", new_id(NOW)[:13])
    }
    assert new_ids(NOW, 0) == []
