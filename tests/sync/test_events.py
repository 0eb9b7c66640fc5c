"""What platforms send by themselves: on disk at once, then landed, reconciled and let go of."""

from datetime import UTC, datetime, timedelta

import pytest

from config.keyfile import key_of, make_key
from connectors.hooks import NotAnEventError
from privacy.pseudonym import Pseudonyms
from store.backup import sidecar
from store.backup.entries import Declared, Saying
from store.tables import (
    AuditEvent,
    Declaration,
    DeclarationRecord,
    PlatformEvent,
    Quarantine,
    ReconcileQueue,
    Run,
    SourceRun,
    StreamRun,
)
from tests.sync.machine_desk import MAIJA, Desk
from tests.sync.machine_platforms import Fact

NUMBERS = ("fetched", "new", "changed", "unchanged", "quarantined", "vanished", "masked")


def test_a_delivery_is_kept_once_however_often_it_comes(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    body = desk.school.delivery("people.changed", "1", 1)
    assert [desk.receive(body) for _ in range(3)] == ["taken", "seen", "seen"]
    assert desk.work() == {"landed": 1}
    assert desk.receive(body) == "seen", "also when it is processed"
    assert desk.work() == {}
    assert desk.events() == {"e1": "landed"}


def test_what_is_no_envelope_is_not_kept(desk: Desk) -> None:
    with pytest.raises(NotAnEventError):
        desk.receive(b"nonsense")
    assert desk.events() == {}


def test_an_event_lands_is_reconciled_and_let_go_of(desk: Desk) -> None:
    desk.salon.rows["clients"]["1"] = Fact({**MAIJA, "phone": "+358400000101"})
    desk.run()
    desk.has("7", **MAIJA)
    desk.send("7")
    assert "maija@example.com" in desk.rows(PlatformEvent)[0].fields
    assert desk.work() == {"landed": 1}
    record, (event,) = desk.record("7"), desk.rows(PlatformEvent)
    assert desk.people() == {frozenset({"thinkific:7", "timma:1"})}
    assert (record.retrieved_from, record.run_id) == ("event people.changed", event.run_id)
    assert (event.fields, event.tries, event.processed_at is not None) == (None, 0, True)
    assert desk.rows(ReconcileQueue) == []


def test_what_was_forbidden_before_a_restore_holds_once_an_event_brings_the_person(desk: Desk) -> None:
    key_file, now = desk.settings.privacy.key_file, datetime.now(UTC)
    digests, path = Pseudonyms(make_key(key_file)), sidecar.beside(key_file)
    which = Saying("restriction", None, None, None, None, now, now)
    said = Declared(which, "hieromo", "hieromo", "2021-03-22", (digests.record("thinkific", "people", "7"),), ())
    sidecar.start(path, key_of(key_file))
    sidecar.append(path, key_of(key_file), [said])
    desk.run()
    assert desk.rows(Declaration) == []
    for id_ in ("8", "7"):
        desk.has(id_, **{**MAIJA, "email": f"maija{id_}@example.com"})
        desk.send(id_)
        assert desk.work() == {"landed": 1}
    (declaration,) = desk.rows(Declaration)
    (hung,) = desk.rows(DeclarationRecord)
    assert (declaration.kind, hung.record_id) == ("restriction", desk.record("7").id)
    assert desk.rows(ReconcileQueue) == []


def test_a_register_that_an_event_is_the_first_to_meet_is_noted_as_the_events_doing(desk: Desk) -> None:
    desk.has("7", **MAIJA)
    for _ in range(2):
        desk.send("7")
        desk.work()
    (noted,) = desk.rows(AuditEvent)
    assert (noted.action, noted.actor) == ("register.changed", "rekisteri (event)")


def test_the_run_of_an_event_is_written_down_and_adds_up(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.has("2", bad=True)
    desk.has("3", first_name="Osto 131052-308T")
    for id_ in "1231":
        desk.send(id_)
    assert desk.work() == {"landed": 2, "refused": 1, "unchanged": 1}
    (written,) = desk.rows(Run)
    (source,) = desk.rows(SourceRun)
    (stream,) = desk.rows(StreamRun)
    assert (written.trigger, written.outcome, source.outcome, source.requests) == ("event", "ok", "ok", 0)
    assert written.started_at == written.finished_at
    assert (source.run_id, stream.run_id, stream.stream) == (written.id, written.id, "people")
    assert tuple(getattr(stream, name) for name in NUMBERS) == (4, 2, 0, 1, 1, 0, 1)


def test_an_unknown_topic_is_kept_without_what_it_says(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.send("1", "lessons.completed")
    assert desk.events() == {"e1": "kept"}
    (event,) = desk.rows(PlatformEvent)
    assert (event.topic, event.fields, event.stream, event.external_id) == ("lessons.completed", None, None, None)
    assert desk.work() == {}


def test_events_are_taken_in_the_order_in_which_they_happened(desk: Desk) -> None:
    bodies = []
    for number, email in enumerate(("first@example.com", "second@example.com", "third@example.com")):
        desk.has("1", first_name="Maija", email=email)
        desk.school.clock = datetime.now(UTC) + timedelta(milliseconds=number)
        bodies.append(desk.school.delivery("people.changed", "1", number))
    for body in reversed(bodies):
        desk.receive(body)
    assert desk.work() == {"landed": 3}
    assert "third@" in desk.record("1").payload


def test_an_event_that_comes_after_a_later_one_is_stale(desk: Desk) -> None:
    desk.has("1", first_name="Maija", email="first@example.com")
    desk.school.clock = datetime.now(UTC)
    late = desk.school.delivery("people.changed", "1", 98)
    desk.has("1", first_name="Maija", email="second@example.com")
    desk.send("1")
    assert desk.work() == {"landed": 1}
    desk.receive(late)
    assert desk.work() == {"stale": 1}
    assert "second@" in desk.record("1").payload
    assert desk.rows(PlatformEvent, event_id="e98")[0].fields is None


def test_what_an_event_does_not_speak_of_stays(desk: Desk) -> None:
    desk.has("1", **MAIJA, phone="+358400000101")
    desk.run()
    desk.has("1", **{**MAIJA, "last_name": "Uusi"}, phone="+358400000199")
    desk.send("1")
    assert desk.work() == {"landed": 1}
    assert '"last_name":"Uusi"' in desk.record("1").payload
    assert "+358400000101" in desk.record("1").payload


def test_an_event_from_before_the_last_reading_is_stale(desk: Desk) -> None:
    desk.has("1", first_name="Vanha")
    desk.school.clock = datetime.now(UTC)
    late = desk.school.delivery("people.changed", "1", 1)
    desk.has("1", first_name="Uusi")
    desk.run()
    desk.receive(late)
    assert desk.work() == {"stale": 1}
    assert "Uusi" in desk.record("1").payload


def test_an_event_about_somebody_whom_a_sweep_did_not_see_any_more_is_stale(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.school.clock = datetime.now(UTC)
    late = desk.school.delivery("people.changed", "1", 1)
    del desk.school.rows["people"]["1"]
    desk.run()
    desk.receive(late)
    assert desk.work() == {"stale": 1}
    assert desk.record("1") is None


def test_a_study_of_somebody_unknown_adds_them_too_and_changes_nobody_known(desk: Desk) -> None:
    desk.has("7", **MAIJA, phone="+358400000101")
    desk.has("70", "enrollments", owner_id="7", course="Hieronta", progress=0.5)
    desk.send("70", "enrollments.changed")
    assert desk.work() == {"landed": 1}
    person, study = desk.record("7"), desk.record("70", "enrollments")
    assert person.payload == '{"first_name":"Maija","last_name":"Testaaja","email":"maija@example.com"}'
    assert study.owner_record_id == person.id
    assert desk.people() == {frozenset({"thinkific:7"})}
    numbers = {row.stream: (row.fetched, row.new) for row in desk.rows(StreamRun)}
    assert numbers == {"people": (1, 1), "enrollments": (1, 1)}

    desk.has("7", **{**MAIJA, "first_name": "Toinen"})
    desk.has("70", "enrollments", owner_id="7", course="Hieronta", progress=1.0)
    desk.send("70", "enrollments.changed")
    assert desk.work() == {"landed": 1}
    assert desk.record("7") == person, "an aside"
    assert '"progress":1.0' in desk.record("70", "enrollments").payload


def test_what_cannot_be_mapped_waits_in_quarantine_until_the_mapping_has_learnt(desk: Desk) -> None:
    desk.has("1", bad=True, first_name="Maija")
    desk.send("1")
    assert desk.work() == {"refused": 1}
    (waiting,) = desk.rows(Quarantine)
    assert (waiting.key, waiting.stream, waiting.reason, waiting.column) == ("1", "people", "cannot be read", "bad")
    assert waiting.retrieved_from == "event people.changed"
    assert desk.rows(PlatformEvent)[0].fields is None
    desk.school.learnt = True
    desk.run()
    assert desk.rows(Quarantine) == []
    assert "Maija" in desk.record("1").payload


def test_what_cannot_be_mapped_and_is_old_is_stale(desk: Desk) -> None:
    desk.has("1", bad=True)
    desk.school.clock = datetime.now(UTC)
    late = desk.school.delivery("people.changed", "1", 1)
    desk.has("1", **MAIJA)
    desk.run()
    desk.receive(late)
    assert desk.work() == {"stale": 1}
    assert desk.rows(Quarantine) == []
