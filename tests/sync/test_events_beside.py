"""Deletions that a platform tells, poison, and events beside a run."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as listen

from connectors.errors import HoldSource, RetryLater
from connectors.hooks import Delivery
from store import events, locks
from store.engine import reading
from store.tables import PlatformEvent, Quarantine, ReconcileQueue, Run, StreamRun
from store.tables import SourceRecord as Stored
from sync.events import TRIES, accept, work_off
from tests.sync.engine import Registry
from tests.sync.machine_desk import MAIJA, Desk
from tests.sync.machine_platforms import Fact, MadeReceiver, Trouble

NUMBERS = ("fetched", "new", "changed", "unchanged", "quarantined", "vanished", "masked")


def test_a_deletion_that_the_platform_confirms(desk: Desk) -> None:
    desk.salon.rows["clients"]["1"] = Fact(MAIJA)
    desk.has("7", **MAIJA)
    desk.run()
    assert desk.people() == {frozenset({"thinkific:7", "timma:1"})}
    del desk.school.rows["people"]["7"]
    desk.send("7", "people.deleted")
    desk.send("8", "people.deleted")
    assert desk.work() == {"landed": 1, "unchanged": 1}
    assert desk.school.asked == ["7", "8"]
    assert desk.record("7").vanished_at is not None
    assert desk.people() == {frozenset({"timma:1"})}
    (stream,) = desk.rows(StreamRun, run_id=desk.rows(Run, trigger="event")[0].id)
    assert tuple(getattr(stream, name) for name in NUMBERS) == (1, 0, 1, 0, 0, 1, 0)
    assert desk.rows(ReconcileQueue) == []


def test_a_deletion_of_a_study_leaves_its_person_alone(desk: Desk) -> None:
    class Receiver(MadeReceiver):
        def read(self, body: bytes) -> Delivery:
            return super().read(body).model_copy(update={"stream": "enrollments", "external_id": "70"})

    desk.has("7", **MAIJA)
    desk.has("70", "enrollments", owner_id="7", progress=0.5)
    desk.run()
    del desk.school.rows["enrollments"]["70"]
    desk.school.clock = datetime.now(UTC)
    accept(desk.engine, "thinkific", Receiver(desk.school), desk.school.delivery("people.deleted", "70", 1))
    assert desk.work() == {"landed": 1}
    assert desk.record("70", "enrollments").vanished_at is not None
    assert desk.people() == {frozenset({"thinkific:7"})}
    assert desk.rows(ReconcileQueue) == []


def test_what_waits_in_quarantine_goes_with_its_row(desk: Desk) -> None:
    """Else a mapping that has learnt would bring back somebody who is gone."""
    desk.has("7", **MAIJA)
    desk.run()
    desk.has("7", bad=True)
    desk.has("8", bad=True)
    desk.send("7")
    desk.send("8")
    assert desk.work() == {"refused": 2}
    desk.school.rows["people"].clear()
    desk.send("7", "people.deleted")
    desk.send("8", "people.deleted")
    assert desk.work() == {"landed": 1, "unchanged": 1}
    assert desk.rows(Quarantine) == []


def test_a_deletion_that_the_platform_denies_is_stale(desk: Desk) -> None:
    desk.has("7", **MAIJA)
    desk.run()
    desk.send("7", "people.deleted")
    assert desk.work() == {"stale": 1}
    assert desk.record("7").vanished_at is None


@pytest.mark.parametrize(
    "silence", [RetryLater("no answer"), HoldSource("look at the key"), KeyError("nobody foresaw this")]
)
def test_a_deletion_that_the_platform_does_not_answer_for_waits_and_holds_nobody_up(
    desk: Desk, silence: Exception
) -> None:
    desk.has("7", **MAIJA)
    desk.run()
    desk.school.silent = silence
    desk.send("7", "people.deleted")
    desk.has("8", first_name="Kaisa")
    desk.send("8")
    assert desk.work() == {"postponed": 1, "landed": 1}
    assert desk.record("7").vanished_at is None
    (event,) = desk.rows(PlatformEvent, state="waiting")
    assert (event.tries, event.try_at > datetime.now(UTC)) == (1, True)
    assert desk.work() == {}, "it is not due yet"
    desk.due()
    del desk.school.rows["people"]["7"]
    desk.school.silent = None
    assert desk.work() == {"landed": 1}
    assert desk.record("7").vanished_at is not None


def test_a_poisonous_event_stops_no_other_and_is_given_up_in_the_end(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.has("1", first_name="Testi")
    desk.has("2", first_name="Testi", explode=True)
    desk.has("3", first_name="Testi")
    for id_ in "123":
        desk.send(id_)
    assert desk.work() == {"landed": 2, "postponed": 1}
    assert desk.events() == {"e1": "landed", "e2": "waiting", "e3": "landed"}
    assert desk.record("2") is None
    desk.due(tries=TRIES - 2)
    assert desk.work() == {"postponed": 1}
    desk.due()
    assert desk.work() == {"failed": 1}
    (event,) = desk.rows(PlatformEvent, event_id="e2")
    assert (event.state, event.tries, event.fields, event.processed_at is not None) == ("failed", TRIES, None, True)
    assert "Maija Testaaja" not in "".join(capsys.readouterr())
    desk.due()
    assert desk.work() == {}


def test_pauses_grow_up_to_an_hour(desk: Desk) -> None:
    desk.has("1", explode=True)
    desk.send("1")
    pauses = []
    for _ in range(9):
        before = datetime.now(UTC)
        assert desk.work() == {"postponed": 1}
        (event,) = desk.rows(PlatformEvent)
        pauses.append(round((event.try_at - before) / timedelta(minutes=1)))
        desk.due()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_events_of_a_source_that_is_off_are_kept_and_not_taken(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.send("1")
    desk.send("1", "people.deleted")
    off = desk.settings.model_copy(update={"thinkific": type(desk.settings.thinkific)()})
    assert work_off(desk.engine, off, threading.Event()) == {("thinkific", "kept"): 2}
    assert desk.record("1") is None


def test_asked_to_stop_it_takes_no_more(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.send("1")
    stop = threading.Event()
    stop.set()
    assert work_off(desk.engine, desk.settings, stop) == {}
    assert desk.events() == {"e1": "waiting"}


def test_events_are_taken_beside_a_run_that_is_in_progress(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.send("1")
    with locks.holding(desk.engine, "run"):
        assert desk.work() == {"landed": 1}
    assert desk.people() == {frozenset({"thinkific:1"})}


def test_an_event_between_two_pages_of_a_sweep_is_neither_overwritten_nor_missed(desk: Desk) -> None:
    for id_ in range(1, 6):
        desk.has(str(id_), first_name=f"Testi {id_}")
    desk.run()

    def meanwhile(page: int) -> None:
        if page == 2:  # the first two pages have landed, the third is made up: it holds the fifth row as it was
            desk.has("5", first_name="Uusi")
            desk.has("6", first_name="Kuudes")
            del desk.school.rows["people"]["1"]
            for id_, topic in (("5", "people.changed"), ("6", "people.changed"), ("1", "people.deleted")):
                desk.send(id_, topic)
            assert desk.work() == {"landed": 3}

    desk.school.trouble["people"] = Trouble(meanwhile=meanwhile)
    report = desk.run().sources["thinkific"]
    assert (report.outcome, report.streams["people"].complete) == ("ok", True)
    assert report.streams["people"].vanished == 0
    assert "Uusi" in desk.record("5").payload
    assert desk.record("6").vanished_at is None, "the sweep, whole as it was, says nothing of it"
    assert desk.record("1").vanished_at is not None
    desk.has("5", first_name="Uudempi")
    del desk.school.rows["people"]["6"]
    assert desk.run().sources["thinkific"].streams["people"].vanished == 1
    assert "Uudempi" in desk.record("5").payload
    assert desk.record("6").vanished_at is not None, "the next one does"


def test_what_an_event_put_in_quarantine_while_a_sweep_went_on_stays_there(desk: Desk) -> None:
    desk.has("1", first_name="Testi")

    def meanwhile(page: int) -> None:
        desk.has("2", bad=True)
        desk.send("2")
        assert desk.work() == {"refused": 1}
        del desk.school.rows["people"]["2"]

    desk.school.trouble["people"] = Trouble(meanwhile=meanwhile)
    assert desk.run().sources["thinkific"].streams["people"].complete
    assert [row.key for row in desk.rows(Quarantine)] == ["2"]
    desk.run()
    assert desk.rows(Quarantine) == [], "the next sweep did not see it"


class Killed(BaseException):
    """The process dies."""


def test_killed_between_landing_and_reconciling_it_waits_as_if_nothing_had_been(desk: Desk) -> None:
    desk.has("1", **MAIJA)
    desk.send("1")

    def kill(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM match_feature" in statement:
            raise Killed

    listen.listen(desk.engine, "before_cursor_execute", kill)
    with pytest.raises(Killed):
        desk.work()
    listen.remove(desk.engine, "before_cursor_execute", kill)
    assert desk.events() == {"e1": "waiting"}
    assert (desk.record("1"), desk.rows(Run), desk.rows(ReconcileQueue)) == (None, [], [])
    assert desk.work() == {"landed": 1}
    assert desk.people() == {frozenset({"thinkific:1"})}


def test_events_wait_for_the_run_that_rebuilds_under_other_rules(desk: Desk) -> None:
    """A daemon whose settings are older than those of the last run must not publish by them."""
    desk.has("1", **MAIJA)
    desk.run()
    older = desk.settings
    desk.settings = older.model_copy(update={"thinkific": older.thinkific.model_copy(update={"consent_grantee": None})})
    desk.run()
    desk.has("1", **MAIJA, email_marketing=True)
    desk.send("1")
    assert work_off(desk.engine, older, threading.Event()) == {("thinkific", "landed"): 1}
    assert [row.record_id for row in desk.rows(ReconcileQueue)] == [desk.record("1").id]
    desk.run()
    assert desk.rows(ReconcileQueue) == []
    assert Registry(desk.engine).golden("thinkific:1", "marketing.email") == []


def test_many_at_once_are_all_taken(desk: Desk) -> None:
    for number in range(120):
        desk.has(str(number), first_name=f"Testi {number}")
        desk.send(str(number))
    assert desk.work() == {"landed": 120}
    assert len(desk.rows(Stored)) == 120
    with reading(desk.engine) as connection:
        assert events.standing(connection) == {"thinkific": {"landed": 120}}
        assert events.waiting_since(connection) is None
