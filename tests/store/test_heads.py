"""Keys of tombstones in memory say of each digest what the database would."""

from random import Random

from store import heads, tombstones
from store.engine import reading, writing
from tests.store.shelf import Shelf
from tests.store.test_tombstones import NOW

DIGESTS = [Random(number).randbytes(32) for number in range(3000)]
KNOWN, MORE, STRANGERS = DIGESTS[:1000], DIGESTS[1000:1010], DIGESTS[1010:]


def test_each_that_is_a_key_is_known_and_no_other(shelf: Shelf) -> None:
    keys = [("record", digest[:16].hex()) for digest in KNOWN]
    with writing(shelf.engine) as connection:
        tombstones.write(connection, "request", NOW, keys)
    with reading(shelf.engine) as connection:
        found = heads.read(connection)
    assert all(found.know_any([digest]) for digest in KNOWN)
    assert not found.know_any(STRANGERS)
    assert found.know_any([*STRANGERS, KNOWN[7]])
    assert not found.know_any([])


def test_one_more_is_known_from_then_on(shelf: Shelf) -> None:
    with reading(shelf.engine) as connection:
        found = heads.read(connection)
    for digest in MORE:
        assert not found.know_any([digest])
        found.add(digest)
        assert found.know_any([digest])
    assert all(found.know_any([digest]) for digest in MORE)
    assert not found.know_any(STRANGERS)


def test_whoever_has_read_them_all_is_told_of_a_further_key(shelf: Shelf) -> None:
    with writing(shelf.engine) as connection:
        id_ = tombstones.write(connection, "request", NOW, [("record", "a" * 32)])
        before = tombstones.standing(connection)
        tombstones.struck(connection, {id_: 1}, NOW)
        assert tombstones.standing(connection) == before
        tombstones.add_keys(connection, id_, [("record", "b" * 32)])
        assert tombstones.standing(connection).keys != before.keys
