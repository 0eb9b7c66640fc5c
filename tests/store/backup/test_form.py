"""The lines of a backup: what goes in comes out, and what does not fit is refused."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.backup import form
from store.backup.errors import UnreadableError
from store.backup.form import Block, Head, Shelf

KEY, FINGERPRINT = b"k" * 32, "f" * 32
Tables = dict[str, list[list[Any]]]


@dataclass
class Taker:
    """Keeps what it gets."""

    tables: Tables = field(default_factory=dict)
    head: Head | None = None

    def begin(self, head: Head) -> None:
        self.head = head

    @contextmanager
    def table(self, table: Shelf) -> Iterator[Callable[[Block], None]]:
        rows = self.tables.setdefault(table.name, [])
        yield lambda block: rows.extend(list(row) for row in block)


def head_of(tables: Tables) -> Head:
    shelves = tuple(Shelf(name, ("a", "b"), len(rows)) for name, rows in tables.items())
    return Head("0007", "2026-01-01T09:00:00+00:00", FINGERPRINT, 3, shelves)


def lines(tables: Tables, key: bytes = KEY, head: Head | None = None, block: int = 2) -> list[bytes]:
    def blocks(shelf: Shelf) -> Iterable[Block]:
        rows = tables[shelf.name]
        return (rows[start : start + block] for start in range(0, len(rows), block))

    return list(form.written(head or head_of(tables), key, blocks))


def take(given: Iterable[bytes]) -> Taker:
    """What is taken in. Raises `UnreadableError` also where it ends too early."""
    taker = Taker()
    reading = form.taken(KEY, FINGERPRINT, taker)
    next(reading)
    try:
        for line in given:
            reading.send(line)
    except StopIteration as end:
        assert end.value == taker.head
        return taker
    raise UnreadableError("ends too early")


PEOPLE: Tables = {"people": [[1, "Aino"], [2, None], [3, 'a "quoted"\nname']], "empty": [], "links": [[1, 2.5]]}
values = st.none() | st.integers(-(2**53), 2**53) | st.text() | st.floats(allow_nan=False, allow_infinity=False)
rows = st.lists(st.lists(values, min_size=2, max_size=2), max_size=7)


@given(st.dictionaries(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1), rows), st.integers(1, 3))
def test_what_goes_in_comes_out(tables: Tables, block: int) -> None:
    assert take(lines(tables, block=block)).tables == tables


def test_every_line_is_json() -> None:
    assert [json.loads(line) for line in lines(PEOPLE)]


def test_no_line_may_be_missing_moved_or_repeated() -> None:
    whole = lines(PEOPLE)
    for place in range(len(whole)):
        with pytest.raises(UnreadableError):
            take(whole[:place] + whole[place + 1 :])
    for place in range(len(whole) - 1):
        with pytest.raises(UnreadableError):
            take([*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]])
        with pytest.raises(UnreadableError):
            take([*whole[: place + 1], *whole[place:]])


def test_a_value_that_was_changed_is_noticed() -> None:
    with pytest.raises(UnreadableError, match="is damaged"):
        take([line.replace(b"Aino", b"Aimo") for line in lines(PEOPLE)])


def test_who_has_only_the_recipient_can_make_no_backup() -> None:
    with pytest.raises(UnreadableError, match="is damaged"):
        take(lines(PEOPLE, key=b"o" * 32))


def test_fewer_rows_than_were_counted_are_no_backup() -> None:
    more = replace(head_of(PEOPLE), tables=(Shelf("people", ("a", "b"), 4),))
    with pytest.raises(UnreadableError, match="is damaged"):
        take(lines({"people": PEOPLE["people"]}, head=more))


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b"hello\n", "is no backup of rekisteri"),
        (b'{"a":1}\n', "is no backup of rekisteri"),
        (b"[]\n", "is no backup of rekisteri"),
        (b'{"rekisteri_backup":2}\n', "newer version"),
        (b'{"rekisteri_backup":1}\n', "is damaged"),
        (lines({}, head=replace(head_of({}), key="other"))[0], "another key"),
    ],
)
def test_the_first_line_tells_what_it_is(first: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        take([first])
