"""Landing against the obvious: a dictionary."""

import shutil
from itertools import count
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.tables import SourceRecord, table
from tests.store.shelf import Shelf, row

rows = st.tuples(st.sampled_from("1234"), st.sampled_from("ab"), st.booleans())
numbers = count()


@settings(max_examples=20)
@given(pages=st.lists(st.lists(rows, max_size=6), max_size=5))
def test_what_is_held_is_the_last_that_came_and_every_row_is_counted(
    pages: list[list[tuple[str, str, bool]]], sqlite_template: Path
) -> None:
    path = shutil.copy(sqlite_template, sqlite_template.with_name(f"{next(numbers)}.db"))
    shelf = Shelf.open(f"sqlite:///{path}")
    last: dict[str, tuple[str, bool]] = {}
    for page in pages:
        before = dict(last)
        last |= {id_: (text, deleted) for id_, text, deleted in page}
        landed = shelf.land(*(row(id_, text, deleted=deleted) for id_, text, deleted in page))
        assert landed.new == len(last.keys() - before.keys())
        assert landed.new + landed.changed + landed.unchanged == len(page)
        assert len(landed.changed_ids) == sum(last[id_] != before[id_] for id_ in before)
        assert landed.vanished == sum(last[id_][1] and not before[id_][1] for id_ in before)
    record = table(SourceRecord)
    found = {each.external_id: (each.payload, each.vanished_at is not None) for each in shelf.rows(select(record))}
    assert found == last
    shelf.engine.dispose()
