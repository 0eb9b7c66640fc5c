"""Whichever way an erased person's row comes, it is known: a sweep, an event, another mapping. Without the key no row
comes at all."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from config.errors import ConfigError
from connectors.errors import RetryLater
from connectors.records import Kind
from privacy import readmission
from privacy.key import for_erasing
from privacy.requests import By
from store import returned, tombstones
from store.decisions import records_of
from store.engine import reading, writing
from store.tables import PlatformEvent, Quarantine, Run, SourceRecord, StreamRun, StreamState, table
from sync.erasing import erase_and_reconcile
from sync.pull import Orders, Pull
from sync.recognising import Recognition
from sync.reconciling import Act
from sync.run import rules_of
from tests.sync.engine import Registry
from tests.sync.machine_desk import MAIJA, Desk
from tests.sync.machine_platforms import Trouble
from tests.sync.platform import NOW, Platform

PEKKA = {"first_name": "Pekka", "last_name": "Muu", "email": "pekka@example.com"}


def erase(desk: Desk, record: str) -> None:
    """The customer with this record is erased."""
    customer = Registry(desk.engine).customer_of(record)
    now = datetime.now(UTC)
    with writing(desk.engine) as connection:
        key = for_erasing(connection, desk.settings.privacy.key_file)
        mine, rules = records_of(connection, customer), rules_of(desk.settings)
        erase_and_reconcile(connection, mine, basis="request", pseudonyms=key, rules=rules, act=Act("tester", now))


@pytest.fixture
def gone(desk: Desk) -> Desk:
    """Maija was erased, with what she did; Pekka stays."""
    desk.has("1", **MAIJA)
    desk.has("2", **PEKKA)
    desk.has("e1", "enrollments", "1", course_id="c")
    desk.run()
    erase(desk, "thinkific:1")
    return desk


def people(desk: Desk) -> Any:
    """The newest numbers of the people."""
    return max(desk.rows(StreamRun, stream="people"), key=lambda row: row.run_id)


def waiting(desk: Desk) -> list[str]:
    """External ids of what waits for a decision."""
    return [row.key for row in desk.rows(Quarantine) if row.tombstone_id]


def held(desk: Desk) -> set[str]:
    return {row.external_id for row in desk.rows(SourceRecord)}


def test_a_sweep_drops_and_is_complete_all_the_same(gone: Desk) -> None:
    gone.has("3", **{**MAIJA, "first_name": "Maj"}, created_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    report = gone.run(full=True)
    stream = report.sources["thinkific"].streams["people"]
    assert (stream.fetched, stream.unchanged, stream.quarantined, stream.erased) == (2, 1, 1, 1)
    assert (stream.complete, stream.vanished) == (True, 0)
    assert report.sources["thinkific"].streams["enrollments"].erased == 1
    assert report.as_dict()["sources"]["thinkific"]["streams"]["people"]["erased"] == 1
    assert (people(gone).erased, people(gone).fetched) == (1, 2)
    assert (held(gone), waiting(gone)) == ({"2"}, ["3"])


def test_what_waits_goes_when_its_platform_lists_it_no_more(gone: Desk) -> None:
    gone.has("3", **{**MAIJA, "last_name": "Uusi"}, created_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    gone.run(full=True)
    assert waiting(gone) == ["3"]
    del gone.school.rows["people"]["3"]
    gone.run(full=True)
    assert (waiting(gone), held(gone)) == ([], {"2"})


def test_an_event_is_dropped_or_waits_and_leaves_no_id(gone: Desk) -> None:
    gone.send("1")
    gone.has("4", **{**MAIJA, "email": "uusi@example.com", "phone": "+358400000101"})
    gone.has("e2", "enrollments", "1", created_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    gone.send("e2", "enrollments.changed")
    gone.send("4")
    assert gone.work() == {"dropped": 1, "landed": 1, "refused": 1}
    events = {row.event_id: row for row in gone.rows(PlatformEvent)}
    assert (events["e1"].state, events["e1"].external_id, events["e1"].fields) == ("dropped", None, None)
    assert waiting(gone) == ["e2"]
    assert held(gone) == {"2", "4"}


def test_a_mapping_that_has_learnt_brings_nobody_back(gone: Desk) -> None:
    gone.has("5", bad=True, **{**MAIJA, "first_name": "Maj"})
    gone.run(full=True)
    assert waiting(gone) == ["5"], "her address stands in it"
    gone.school.learnt = True
    gone.school.rows["people"].pop("5")
    gone.has("6", bad=True, first_name="Maija")
    gone.run(full=True)
    assert held(gone) == {"2", "6"}


def test_a_row_in_quarantine_that_is_hers_is_dropped_when_it_can_be_read(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.has("7", bad=True, **{**MAIJA, "email": "Maija@EXAMPLE.com"})
    desk.run()
    quarantine = desk.rows(Quarantine)
    assert [row.tombstone_id for row in quarantine] == [None]
    with writing(desk.engine) as connection:
        key = for_erasing(connection, desk.settings.privacy.key_file)
        tombstones.write(connection, "request", datetime.now(UTC), [("email", key.email("maija@example.com"))])
    desk.school.rows["people"].pop("7")
    desk.school.learnt = True
    report = desk.run()
    stream = report.sources["thinkific"].streams["people"]
    assert (stream.erased, stream.new, stream.quarantined) == (1, 0, 0)
    assert desk.rows(Quarantine) == []
    assert held(desk) == {"1"}


def test_one_that_has_to_wait_when_it_can_be_read_stays_in_quarantine(desk: Desk) -> None:
    desk.has("7", bad=True, **MAIJA, phone="+358400000101")
    desk.run()
    with writing(desk.engine) as connection:
        key = for_erasing(connection, desk.settings.privacy.key_file)
        tombstones.write(connection, "request", datetime.now(UTC), [("email", key.email("maija@example.com"))])
    desk.school.learnt = True
    desk.school.trouble["people"] = Trouble(fails=(0, RetryLater("no answer")))
    desk.run(sources=("thinkific",))
    assert waiting(desk) == ["7"]
    assert [row.fields for row in desk.rows(Quarantine)] == ['{"id": "7"}']


@pytest.mark.parametrize("text", [None, "cd" * 32])
def test_without_the_key_no_run_begins_and_events_wait(gone: Desk, text: str | None) -> None:
    path = gone.settings.privacy.key_file
    kept = path.read_text()
    path.unlink()
    if text:
        path.write_text(text)
    runs = len(gone.rows(Run))
    gone.send("1")
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: "):
        gone.run()
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: "):
        gone.work()
    assert len(gone.rows(Run)) == runs
    assert [(row.state, row.tries) for row in gone.rows(PlatformEvent)] == [("waiting", 0)]
    path.write_text(kept)
    assert gone.work() == {"dropped": 1}
    assert held(gone) == {"2"}


def test_a_key_that_goes_while_a_run_reads_fails_its_source(registry: Registry, tmp_path: Path) -> None:
    """The first erasure is written while the run reads, and its key is lost at once."""
    path = tmp_path / "rekisteri.key"

    def meanwhile(*_: Any) -> None:
        with writing(registry.engine) as connection:
            key = for_erasing(connection, path)
            tombstones.write(connection, "request", datetime.now(UTC), [("record", key.record("x", "y", "z"))])
        path.unlink()

    platform = Platform({str(number): f"Testi {number}" for number in range(6)})  # three pages
    orders = Orders("run", NOW, False, False, 0.2, platform.stop, meanwhile, Recognition(path))
    report = Pull(registry.engine, "salon", platform, {Kind.CUSTOMER: registry.origin}, orders).run()
    assert (report.outcome, report.streams["people"].fetched) == ("failed", 2)
    assert (report.error or "").startswith("privacy.key_file: ")


def test_who_is_let_in_is_asked_for_with_the_next_run(gone: Desk) -> None:
    back = {**MAIJA, "created_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    gone.has("3", **back)
    gone.run(full=True)
    state = table(StreamState)
    with writing(gone.engine) as connection:
        connection.execute(update(state).values(newest=datetime.now(UTC), cursor="x"))
        key = for_erasing(connection, gone.settings.privacy.key_file)
        (row,) = returned.every(connection)
        done = readmission.admit(connection, row.id, "is back", key, By("tester", datetime.now(UTC)))
    assert done.released
    with reading(gone.engine) as connection:
        found = connection.execute(table(StreamState).select()).all()
    assert {(row.newest, row.cursor, row.swept_at) for row in found} == {(None, None, None)}
    assert all(row.began_at for row in found if row.stream == "people")
    gone.run()
    assert (held(gone), waiting(gone)) == ({"1", "2", "3", "e1"}, [])
