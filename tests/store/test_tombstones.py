"""Tombstones as they are kept: looked up by digest, counted, released, decided about."""

from datetime import UTC, datetime, timedelta

import pytest

from store import heads, tombstones
from store.engine import reading, writing
from tests.store.shelf import Shelf

NOW = datetime(2026, 11, 1, tzinfo=UTC)
A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


def stone(shelf: Shelf, *keys: tuple[str, str], at: datetime = NOW) -> int:
    with writing(shelf.engine) as connection:
        return tombstones.write(connection, "request", at, keys)


def known(shelf: Shelf, *digests: str) -> tombstones.Hits:
    with reading(shelf.engine) as connection:
        return tombstones.hits(connection, digests)


def test_a_digest_is_known_by_every_tombstone_that_has_it(shelf: Shelf) -> None:
    one = stone(shelf, ("email", A), ("phone", B), ("email", A))
    other = stone(shelf, ("phone", B), ("record", C), at=NOW + timedelta(days=1))
    found = known(shelf, A, B, D)
    assert found.keys.keys() == {A, B}
    assert found.keys[A] == [(one, NOW)]
    assert sorted(found.keys[B]) == [(one, NOW), (other, NOW + timedelta(days=1))]


def test_what_a_family_shares_stops_nobody_by_itself(shelf: Shelf) -> None:
    stone(shelf, ("phone+first", A), ("shared", B))
    found = known(shelf, A, B)
    assert (set(found.keys), set(found.shared)) == ({A}, {B})


def test_a_released_one_stops_nobody(shelf: Shelf) -> None:
    id_ = stone(shelf, ("email", A))
    with writing(shelf.engine) as connection:
        assert tombstones.release(connection, id_, "came back", "tester", NOW)
        assert not tombstones.release(connection, id_, "again", "other", NOW)
        found = tombstones.get(connection, id_)
    assert found
    assert (found.released_at, found.released_by, found.release_reason) == (NOW, "tester", "came back")
    assert not known(shelf, A).keys


@pytest.mark.parametrize("read", [True, False])
def test_all_of_them_may_be_read_at_once_or_some_looked_up(shelf: Shelf, read: bool) -> None:
    other = "0123456789abcdef" * 2
    stone(shelf, ("email", A))
    stone(shelf, ("record", other), ("shared", C))

    def known_among(*asked: str) -> bool:
        with reading(shelf.engine) as connection:
            if not read:
                return tombstones.any_among(connection, asked)
            return heads.read(connection).know_any([bytes.fromhex(digest + "f" * 32) for digest in asked])

    assert all(known_among(B, digest, D) for digest in (A, C, other))
    assert not known_among(B, D, "f" * 32)
    assert not known_among()


def test_without_any_nothing_is_known(shelf: Shelf) -> None:
    with reading(shelf.engine) as connection:
        assert not heads.read(connection).know_any([bytes.fromhex(A + B)])
        assert tombstones.standing(connection) == (0, False, None)
        assert not tombstones.there_are_any(connection)
        assert tombstones.hits(connection, [A]) == tombstones.Hits()


def test_dropped_rows_are_counted(shelf: Shelf) -> None:
    one, other = stone(shelf, ("email", A)), stone(shelf, ("email", B))
    with writing(shelf.engine) as connection:
        tombstones.struck(connection, {one: 2}, NOW)
        tombstones.struck(connection, {one: 1}, NOW + timedelta(hours=1))
    with reading(shelf.engine) as connection:
        found = tombstones.every(connection)
    assert [(it.id, it.hits, it.last_hit_at) for it in found] == [(one, 3, NOW + timedelta(hours=1)), (other, 0, None)]


def test_of_what_was_decided_about_a_row_the_last_counts(shelf: Shelf) -> None:
    id_ = stone(shelf, ("email", A))
    with writing(shelf.engine) as connection:
        for verdict, digest, at in (("admit", A, 0), ("refuse", A, 1), ("admit", B, 2)):
            tombstones.decide(connection, id_, digest, verdict, "why", "tester", NOW + timedelta(hours=at))
        assert tombstones.standing(connection)[:2] == (id_, True)
        found = tombstones.decided(connection, [A, B, C])
    assert found == {A: ("refuse", id_, NOW + timedelta(hours=1)), B: ("admit", id_, NOW + timedelta(hours=2))}
