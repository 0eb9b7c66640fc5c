"""Every column with text is accounted for: whoever adds one says what an erasure does to it."""

from typing import Any

import pytest
from sqlalchemy import Column, String, Table, Text
from sqlmodel import AutoString, SQLModel

from store.erasing.scope import GONE, JSON, NAMES, NOBODY, WHOLE, WRITTEN
from store.tables import table

TABLES = {name: of for name, of in SQLModel.metadata.tables.items() if name != "alembic_version"}


def plain(type_: Any) -> Any:
    """The type in the database; times are text in some, and are none here."""
    return type_.impl_instance if isinstance(type_, AutoString) else type_


def texts(of: Table) -> set[str]:
    return {column.name for column in of.columns if isinstance(plain(column.type), String)}


def said(name: str) -> set[str]:
    return {
        column for columns in (WRITTEN, WHOLE, NAMES, NOBODY) for model, names in columns.items()
        if table(model).name == name for column in names
    }  # fmt: skip


def unaccounted(of: Table) -> set[str]:
    """Columns with text of which nobody said what becomes of them."""
    return set() if of.name in {table(model).name for model in GONE} else texts(of) - said(of.name)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_it_is_said_of_every_column_with_text_what_becomes_of_it(name: str) -> None:
    assert unaccounted(TABLES[name]) == set()
    assert said(name) <= texts(TABLES[name]), "and of none that there is not"


def test_a_further_column_or_table_would_be_seen() -> None:
    of = TABLES["rights_request"].to_metadata(type(SQLModel.metadata)())
    of.append_column(Column("nickname", String))
    assert unaccounted(of) == {"nickname"}
    assert unaccounted(Table("friend", of.metadata, Column("name", Text))) == {"name"}


def test_json_stays_json_where_it_is_said_to_be() -> None:
    assert {name for names in WRITTEN.values() for name in names} >= JSON
