"""Rows written past the statement compiler are stored as the compiler would store them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from store.among import among
from store.bulk import insert_rows, moment, rows_among
from store.engine import open_database, reading, writing
from store.tables import Counter, FlagObservation, MatchKey, SourceRecord, table
from tests.store.shelf import Shelf, row

TIMES = (
    datetime(2026, 1, 1, 9, tzinfo=UTC),
    datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=3))),
    datetime(2026, 12, 31, 23, 59, 59, 1000, tzinfo=UTC),
)
TEXTS = ("Äijälä", "a\tb\nc\\N\\.", "", "'quoted\" %s :x ?", "😀")


def raw(connection: Connection, of: Table, order: str) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them, without types of ours."""
    return [tuple(found) for found in connection.exec_driver_sql(f'SELECT * FROM "{of.name}" ORDER BY {order}')]


def both_ways(shelf: Shelf, of: Table, rows: list[dict[str, Any]], order: str) -> Iterator[list[tuple[Any, ...]]]:
    """The table's raw rows, written by the compiler and written in bulk."""
    columns = list(rows[0])
    for bulk in (False, True):
        with writing(shelf.engine) as connection:
            if bulk:
                tuples = [
                    tuple(moment(connection, cell) if isinstance(cell, datetime) else cell for cell in each.values())
                    for each in rows
                ]
                insert_rows(connection, of, columns, tuples)
            else:
                connection.execute(insert(of), rows)
            yield raw(connection, of, order)
            connection.execute(of.delete())


def test_times_texts_and_nothing_are_stored_alike(shelf: Shelf) -> None:
    shelf.land(row("1"))
    stored = table(SourceRecord)
    (template,) = [dict(found._mapping) for found in shelf.rows(select(stored))]
    with writing(shelf.engine) as connection:
        connection.execute(table(MatchKey).delete())
        connection.execute(text("DELETE FROM reconcile_queue"))
        connection.execute(stored.delete())
    rows = [
        template
        | {"id": number, "external_id": str(number), "birth_id": None, "payload": words, "notes": words or None}
        | {
            "retrieved_at": TIMES[number % 3],
            "first_seen_at": TIMES[0],
            "source_updated_at": (None, *TIMES)[number % 4],
        }
        for number, words in enumerate(TEXTS)
    ]
    compiled, bulk = both_ways(shelf, stored, rows, "id")
    assert bulk == compiled
    assert len(bulk) == len(TEXTS)


def test_a_yes_a_no_and_neither_are_stored_alike_in_any_number_of_rows(shelf: Shelf) -> None:
    shelf.land(row("1"))
    rows = [
        {
            "id": number,
            "record_id": 1,
            "channel": "email",
            "value": (True, False, None)[number % 3],
            "observed_at": TIMES[number % 3],
            "run_id": "run",
        }
        for number in range(1, 602)
    ]
    compiled, bulk = both_ways(shelf, table(FlagObservation), rows, "id")
    assert bulk == compiled
    assert len(bulk) == 601


def test_what_is_written_in_bulk_is_read_as_it_was(shelf: Shelf) -> None:
    shelf.land(row("1"))
    flag = table(FlagObservation)
    seen = list(zip((True, False, None), TIMES, strict=True))
    with writing(shelf.engine) as connection:
        cells = [(1, "sms", value, moment(connection, time), "run") for value, time in seen]
        insert_rows(connection, flag, ("record_id", "channel", "value", "observed_at", "run_id"), cells)
        assert moment(connection, None) is None
    found = shelf.rows(select(flag.c.value, flag.c.observed_at).order_by(flag.c.id))
    assert [tuple(each) for each in found] == seen


def test_a_key_that_is_there_already_is_an_error_and_nothing_is_kept(shelf: Shelf) -> None:
    counter = table(Counter)
    with pytest.raises(IntegrityError), writing(shelf.engine) as connection:
        insert_rows(connection, counter, ("name", "value"), [("a", "1"), ("b", "1"), ("a", "2")])
    assert shelf.rows(select(counter)) == []


def test_no_rows_are_no_statement(shelf: Shelf) -> None:
    with writing(shelf.engine) as connection:
        insert_rows(connection, table(Counter), ("no such column",), [])


@pytest.mark.parametrize("values", [[], ["1"], ["3", "1", "1"], ["'", '"', "\\", "{1,2}", "ä", "NULL", ""]])
def test_a_condition_over_many_values_finds_exactly_those(shelf: Shelf, values: list[str]) -> None:
    everybody = ["1", "2", "3", "'", '"', "\\", "{1,2}", "ä", "NULL", ""]
    shelf.land(*(row(id_) for id_ in everybody))
    record = table(SourceRecord)
    with reading(shelf.engine) as connection:
        found = connection.execute(select(record.c.external_id).where(among(connection, record.c.external_id, values)))
        assert sorted(found.scalars()) == sorted(set(values))


def test_a_condition_over_more_values_than_a_statement_has_parameters(shelf: Shelf) -> None:
    shelf.land(row("1"), row("2"))
    record = table(SourceRecord)
    with reading(shelf.engine) as connection:
        many = among(connection, record.c.id, range(2, 40_000))
        assert connection.execute(select(record.c.id).where(many)).scalars().all() == [2]


def test_an_error_that_comes_with_a_later_row_is_no_error_of_the_driver(sqlite_url: str) -> None:
    """As a disk that cannot be read any more."""
    engine = open_database(sqlite_url)
    least = -(2**63)
    numbers = f"(SELECT 1 AS value UNION ALL SELECT {least + 1} - 1)"
    with pytest.raises(OperationalError), reading(engine) as connection:
        rows_among(connection, f"SELECT abs(value) FROM {numbers} WHERE value {{among}}", [1, least])
    engine.dispose()
