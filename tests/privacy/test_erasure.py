"""An erased person is in no table and in no byte any more, and everybody else is as before."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from store import requests
from store.engine import reading, writing
from store.erasing import space
from store.tables import (
    DecisionPair,
    Declaration,
    PlatformEvent,
    Quarantine,
    RightsRequest,
    RunProblem,
    Tombstone,
    TombstoneKey,
    table,
)
from tests.privacy.erasing import (
    DIGESTS,
    EMAIL,
    FIRST,
    NEW_EMAIL,
    OLD_PHONE,
    PHONE,
    SHARED,
    VALUES,
    erase,
    populate,
    speak_of,
)
from tests.privacy.searching import everything, forms, in_files, in_tables
from tests.sync.declaring import shown
from tests.sync.engine import Registry

WANTED = forms(*VALUES)


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry in which every table tells something of the person."""
    populate(registry)
    speak_of(registry)
    return registry


def rows(registry: Registry, model: Any) -> list[Any]:
    with reading(registry.engine) as connection:
        of = table(model)
        return list(connection.execute(select(of).order_by(*of.primary_key.columns)).all())


def keys(registry: Registry) -> set[tuple[str, str]]:
    return {(row.kind, row.digest) for row in rows(registry, TombstoneKey)}


def test_nothing_of_the_person_is_left_in_any_table_or_file(full: Registry, tmp_path: Path) -> None:
    told = in_tables(full.engine, WANTED)
    assert told.keys() >= {
        "source_record", "match_key", "match_feature", "golden_value", "quarantine", "run_problem", "platform_event",
        "imported_file", "rights_request", "request_task", "declaration", "declaration_contact", "audit_payload",
        "direct_marketing_entry",
    }, "each of these is searched for something that is there"  # fmt: skip
    assert {form for found in told.values() for form in found} >= {*VALUES, "kuutamoaari", "0501876543"[1:]}
    done = erase(full, "salon:kuutamo-17")
    assert space.clean(full.engine)
    assert in_tables(full.engine, WANTED) == {}
    assert in_files(tmp_path, WANTED) == {}
    assert done.counts["source_record"] == 5, "three records, one of them vanished, and two bookings"


def test_everybody_else_is_as_before(full: Registry) -> None:
    others = ("salon:mother", "salon:child", "salon:other")
    before = {record: shown(full, record) for record in others}
    erase(full, "salon:kuutamo-17")
    assert {record: shown(full, record) for record in others} == before
    assert {one.reason for one in rows(full, RunProblem)} == {"people: 3 rows came twice"}
    assert {one.key for one in rows(full, Quarantine)} == {"row-2"}
    assert len(rows(full, DecisionPair)) == 1
    assert [(one.kind, one.evidence) for one in rows(full, Declaration)] == [("consent", "binder 3")]
    grown = full.snapshot()
    full.rebuild()
    assert full.snapshot() == grown
    assert full.difference().records == []


def test_requests_stay_as_proof_without_what_was_written_of_the_person(full: Registry) -> None:
    erase(full, "salon:kuutamo-17", request_id=1)
    held = {row.id: row for row in rows(full, RightsRequest)}
    assert [(row.type, row.identity_method, row.extension_reason) for row in held.values()] == [
        ("erasure", "[erased]", "[erased]"),
        ("access", "[erased]", "[erased]"),
        ("access", "passport shown", "much paper"),
    ]
    assert [held[id_].anchor_record_id is None for id_ in (1, 2, 3)] == [True, True, False]
    with reading(full.engine) as connection:
        assert [requests.tasks(connection, id_)[0].proof for id_ in (1, 2, 3)] == ["[erased]"] * 2 + ["passport shown"]
        assert requests.customer_of(connection, requests.get(connection, 1) or pytest.fail()) is None
    assert [(row.basis, row.request_id) for row in rows(full, Tombstone)] == [("request", 1)]


def test_the_tombstone_knows_every_contact_and_id_and_none_in_clear(full: Registry) -> None:
    erase(full, "salon:kuutamo-17")
    wanted = {
        ("email", DIGESTS.email(EMAIL.casefold())), ("email", DIGESTS.email(NEW_EMAIL)),
        ("phone", DIGESTS.phone(PHONE)), ("phone", DIGESTS.phone(OLD_PHONE)),
        ("record", DIGESTS.record("salon", "people", "kuutamo-17")),
        ("record", DIGESTS.record("school", "people", "kuutamo-koulu")),
        ("record", DIGESTS.record("reseller", "people", "kuutamo-17")),
        ("record", DIGESTS.record("salon", "bookings", "varaus-kuutamo")),
        ("record", DIGESTS.record("reseller", "bookings", "varaus-kuutamo-2")),
        ("record", DIGESTS.record("salon", "people", "row-1")),
    }  # fmt: skip
    assert keys(full) == wanted


def test_events_are_known_still_and_hold_nothing(full: Registry) -> None:
    erase(full, "salon:kuutamo-17")
    told = {row.event_id: (row.state, row.external_id, row.fields) for row in rows(full, PlatformEvent)}
    assert told == {"e1": ("landed", None, None), "e2": ("dropped", None, None), "e3": ("waiting", "else", "{}")}


@pytest.mark.parametrize(("who", "stays", "first"), [("child", "mother", "veikko"), ("mother", "child", "aino")])
def test_of_a_family_one_goes_and_the_other_keeps_the_phone(
    registry: Registry, who: str, stays: str, first: str
) -> None:
    populate(registry)
    before = shown(registry, f"salon:{stays}")
    erase(registry, f"salon:{who}")
    assert shown(registry, f"salon:{stays}") == before
    assert SHARED in before["phones"]
    phones = {key for key in keys(registry) if key[0].startswith("phone")}
    less = {f"~{first[:length]}" for length in (1, *range(3, len(first)))} | {"|perhe"}
    assert phones == {("phone+first", DIGESTS.phone_of(SHARED, said)) for said in {first, *less}}
    assert in_tables(registry.engine, forms("Veikko" if who == "child" else "Aino")) == {}


def test_who_is_the_last_on_a_contact_takes_it_along(registry: Registry) -> None:
    populate(registry)
    erase(registry, "salon:child")
    erase(registry, "salon:mother")
    assert ("phone", DIGESTS.phone(SHARED)) in keys(registry)
    assert in_tables(registry.engine, forms(SHARED)) == {}


def test_an_erasure_that_is_taken_back_changes_nothing(full: Registry) -> None:
    before = everything(full.engine)

    class StoppedError(Exception):
        pass

    from store.decisions import records_of
    from sync.erasing import erase_and_reconcile

    with pytest.raises(StoppedError), writing(full.engine) as connection:
        records = records_of(connection, full.customer_of("salon:kuutamo-17"))
        erase_and_reconcile(connection, records, basis="request", pseudonyms=DIGESTS, rules=full.rules, act=full.act())
        raise StoppedError
    assert everything(full.engine) == before


def test_what_is_told_of_the_erasure_is_counts_and_ids(full: Registry) -> None:
    done = erase(full, "salon:kuutamo-17")
    assert in_tables(full.engine, [FIRST]) == {}
    assert json.dumps([done.tombstone, done.counts, done.customers, done.records, done.queued, done.parties])
    assert not {form for form in WANTED if form in repr(done)}


def test_an_office_address_and_a_name_of_a_file_take_nobody_else_along(full: Registry) -> None:
    """Both stand in rows of other people too."""
    full.land("school", {"office": {"first_name": "Ilona", "last_name": "Toimisto", "email": "info@example.org"}})
    full.reconcile()
    row = {name: value for name, value in rows(full, Quarantine)[0]._asdict().items() if name != "id"}
    told = {"fields": '{"Sähköposti": "INFO@example.org"}', "file": "Ilona Toimisto.csv"}
    with writing(full.engine) as connection:
        for key in ("x-1", "x-2"):
            connection.execute(insert(table(Quarantine)).values(row | told | {"key": key}))
    erase(full, "school:office")
    left = {one.key: one.file for one in rows(full, Quarantine)}
    assert (left["x-1"], left["x-2"]) == ("[…].csv", "[…].csv")
    assert not {kind for kind, _ in keys(full)} & {"email", "email+first"}
