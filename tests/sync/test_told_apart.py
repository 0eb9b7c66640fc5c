"""Rows that a connector tells apart by digests are mapped only where they are not held as they came, which is found out
when their page lands."""

from collections.abc import Collection, Iterator
from functools import partial

import pytest
from sqlalchemy import select

from connectors.base import Page, Position
from store.engine import reading
from store.tables import SourceRecord, table
from tests.sync.engine import Registry
from tests.sync.platform import Platform, pull

Named = tuple[str, str]
"""Id and name of a row. The name is its digest too."""


class Telling(Platform):
    """Lists pages of rows; `mapped` are those that were mapped since it was asked last."""

    def __init__(self, *pages: list[Named]) -> None:
        super().__init__({id_: name for page in pages for id_, name in page})
        self.pages = pages
        self.mapped: list[Named] = []

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """The pages; a row that comes twice is told apart on each."""
        self.mapped = []
        for rows in self.pages:
            rest = partial(self._rest, rows)
            page = Page(
                stream=stream,
                retrieved_from="GET /people",
                sweep=True,
                total=len(self.people),
                digests=dict(rows),
                rest=rest,
            )
            yield page if position.told_apart else page.without(())

    def _rest(self, rows: list[Named], same: Collection[str]) -> Page:
        left = [row for row in rows if row[0] not in same]
        self.mapped += left
        records = tuple(self.map_row("people", {"id": id_, "name": name}) for id_, name in left)
        return Page(stream="people", retrieved_from="GET /people", records=records, digests=dict(left))


def names(registry: Registry) -> dict[str, str]:
    stored = table(SourceRecord)
    with reading(registry.engine) as connection:
        rows = connection.execute(select(stored.c.external_id, stored.c.payload)).all()
    return {id_: payload.split('"')[3] for id_, payload in rows}


def numbers(registry: Registry, platform: Telling, *, full: bool = False) -> tuple[int, int, int, int]:
    stream = pull(registry, platform, full=full).streams["people"]
    assert (stream.complete, stream.vanished) == (True, 0)
    return stream.fetched, stream.new, stream.changed, stream.unchanged


def test_only_what_is_not_held_as_it_came_is_mapped(registry: Registry) -> None:
    before = Telling([("1", "a"), ("2", "b")], [("3", "c")])
    assert (numbers(registry, before), len(before.mapped)) == ((3, 3, 0, 0), 3)
    after = Telling([("1", "a"), ("2", "new")], [("3", "c"), ("4", "d")])
    assert (numbers(registry, after), after.mapped) == ((4, 1, 1, 2), [("2", "new"), ("4", "d")])
    assert names(registry) == {"1": "a", "2": "new", "3": "c", "4": "d"}
    assert (numbers(registry, after), after.mapped) == ((4, 0, 0, 4), [])


def test_to_read_everything_is_to_map_everything(registry: Registry) -> None:
    platform = Telling([("1", "a"), ("2", "b")])
    numbers(registry, platform)
    assert (numbers(registry, platform, full=True), len(platform.mapped)) == ((2, 0, 0, 2), 2)


@pytest.mark.parametrize("last", ["a", "another"])
def test_of_a_row_that_slides_over_a_pages_end_the_last_word_stands(registry: Registry, last: str) -> None:
    """The first page shows it changed; the second, read ahead, changed back or once more."""
    numbers(registry, Telling([("1", "a")]))
    fetched, new, changed, unchanged = numbers(registry, Telling([("1", "for a moment")], [("1", last)]))
    assert (fetched, new, changed, unchanged) == (2, 0, 2, 0)
    assert names(registry) == {"1": last}
