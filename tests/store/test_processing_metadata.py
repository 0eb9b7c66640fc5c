"""Every record knows its origin, under the register that was in force when it was retrieved (invariant 4)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from config.entries import KINDS
from config.register import SHIPPED, ProcessingRegister, load_register
from store import origins
from store.engine import writing
from store.tables import Origin, RegisterVersion, SourceRecord, table
from tests.store.shelf import START, Shelf, origin_of, row

origin = table(Origin)
record = table(SourceRecord)


def of_record(shelf: Shelf, external_id: str) -> dict[str, Any]:
    query = select(origin).join(record, record.c.origin_id == origin.c.id).where(record.c.external_id == external_id)
    (found,) = shelf.rows(query)
    return dict(found._mapping)


def register_of(shelf: Shelf, register: ProcessingRegister, kind: str = "customer") -> int:
    """The origin id of the school's records under this register."""
    found = register.origin("thinkific", "online_courses", kind)
    with writing(shelf.engine) as connection:
        version = origins.register_version(connection, register.digest, register.canonical, found.notice_version, START)
        return origins.origin_id(
            connection, version, found, source="school", activity="online_courses", kind=kind, brand="artsport"
        )


def edited(folder: Path, before: str, after: str) -> ProcessingRegister:
    """The shipped register as an owner might edit it."""
    text = SHIPPED.read_text("utf-8")
    assert before in text
    path = folder / "processing.toml"
    path.write_text(text.replace(before, after), "utf-8")
    return load_register(path)


@pytest.mark.parametrize("kind", KINDS)
def test_records_of_every_kind_know_their_whole_origin(shelf: Shelf, kind: str) -> None:
    with writing(shelf.engine) as connection:
        id_ = origin_of(connection, kind)
    shelf.land(row("1"), kind=kind, origin_id=id_)
    found = of_record(shelf, "1")
    assert None not in found.values()
    assert "" not in found.values()
    assert (found["kind"], found["controller"], found["brand"]) == (kind, "Hieromo Hyvinvointipalvelut", "artsport")
    assert found["role_stated"] == "processor+controller"
    assert found["notice_version"] == "2021-03-22"
    stored = shelf.record("1")
    assert None not in (stored.retrieved_at, stored.retrieved_from, stored.run_id, stored.first_seen_at)


def test_the_database_itself_takes_no_record_without_them(shelf: Shelf) -> None:
    columns = inspect(shelf.engine).get_columns("origin")
    assert [column["name"] for column in columns if column["nullable"]] == []
    assert len(columns) >= 26
    needed = {"origin_id", "retrieved_from", "retrieved_at", "run_id", "first_seen_at", "payload_sha256"}
    nullable = {column["name"] for column in inspect(shelf.engine).get_columns("source_record") if column["nullable"]}
    assert nullable & needed == set()
    shelf.land(row("1"))
    with pytest.raises(IntegrityError), writing(shelf.engine) as connection:
        connection.execute(record.update().values(origin_id=99))
    with pytest.raises(IntegrityError), writing(shelf.engine) as connection:
        connection.execute(record.update().values(origin_id=None))


def test_the_register_that_was_read_is_kept_word_for_word_and_once(shelf: Shelf) -> None:
    register = load_register(None)
    assert register_of(shelf, register) == register_of(shelf, register)
    (version,) = shelf.rows(select(table(RegisterVersion)))
    assert (version.sha256, version.notice_version, version.valid_from) == (register.digest, "2021-03-22", START)
    assert ProcessingRegister.model_validate_json(version.document).digest == register.digest
    assert tomllib.loads(SHIPPED.read_text("utf-8"))["controller"] == register.controller


def test_old_records_keep_their_origin_when_the_register_changes(shelf: Shelf, tmp_path: Path) -> None:
    old = register_of(shelf, load_register(None))
    shelf.land(row("1"), row("2"), origin_id=old)
    new = register_of(shelf, edited(tmp_path, 'storage_country = "US"', 'storage_country = "CA"'))
    assert new != old
    landed = shelf.land(row("1"), row("2", "changed"), row("3"), origin_id=new)
    assert (landed.unchanged, landed.changed, landed.new) == (1, 1, 1)
    assert [of_record(shelf, id_)["storage_country"] for id_ in "123"] == ["US", "CA", "CA"]
    versions = [of_record(shelf, id_)["register_version_id"] for id_ in "123"]
    assert versions[0] != versions[1] == versions[2]
    assert len(shelf.rows(select(table(RegisterVersion)))) == 2


def test_an_edit_that_says_nothing_about_these_records_makes_a_version_and_no_origin(
    shelf: Shelf, tmp_path: Path
) -> None:
    old = register_of(shelf, load_register(None))
    other = edited(tmp_path, "Campaign Monitor", "Campaign Monitor Oy")
    assert register_of(shelf, other) == old
    assert len(shelf.rows(select(table(RegisterVersion)))) == 2


def test_sources_activities_kinds_and_brands_have_origins_of_their_own(shelf: Shelf) -> None:
    register = load_register(None)
    found = register.origin("thinkific", "online_courses", "customer")
    names = [("a", "x", "customer", "b"), ("c", "x", "customer", "b"), ("a", "y", "customer", "b")]
    names += [("a", "x", "order", "b"), ("a", "x", "customer", "d")]
    with writing(shelf.engine) as connection:
        version = origins.register_version(connection, register.digest, "{}", found.notice_version, START)
        ids = {
            origins.origin_id(connection, version, found, source=source, activity=activity, kind=kind, brand=brand)
            for source, activity, kind, brand in names
        }
    assert len(ids) == len(names)
