"""Nothing is lost (invariant 1): what a platform returned is landed or quarantined, and the numbers add up."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from connectors.errors import HoldSource, RetryLater
from store import runs, status
from store.engine import reading
from store.tables import Quarantine, SourceRecord, table
from sync.report import RunReport, SourceReport, StreamReport, worst
from tests.sync.engine import Registry
from tests.sync.platform import Platform, pull
from tests.sync.test_engine_properties import folder, fresh

__all__ = ["folder"]

FIVE: dict[str, str | None] = {str(number): f"Testi {number}" for number in range(5)}


def size(registry: Registry, model: type[SourceRecord] | type[Quarantine]) -> int:
    with reading(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table(model))).scalar_one())


def counted(stream: StreamReport) -> tuple[int, int, int, int, int]:
    assert stream.fetched == stream.new + stream.changed + stream.unchanged + stream.quarantined
    return stream.fetched, stream.new, stream.changed, stream.unchanged, stream.quarantined


def cursor(registry: Registry) -> str | None:
    with reading(registry.engine) as connection:
        return runs.standing(connection, "salon", "people").cursor


def test_the_numbers_of_a_run_say_what_became_of_every_row(registry: Registry) -> None:
    assert counted(pull(registry, Platform({**FIVE, "5": None})).streams["people"]) == (6, 5, 0, 0, 1)
    report = pull(registry, Platform({**FIVE, "0": "Toinen Testi", "5": None, "6": "Kuudes"}))
    assert counted(report.streams["people"]) == (7, 1, 1, 4, 1)
    assert (report.requests, report.retries, report.waited_s) == (3, 1, 0.5)
    (problem,) = report.problems
    assert "quarantined" in problem.reason
    assert "no name" in problem.reason


def test_a_quarantined_row_lands_once_the_mapping_understands_it(registry: Registry) -> None:
    pull(registry, Platform({"0": None, "1": "Testi"}))
    assert (size(registry, Quarantine), size(registry, SourceRecord)) == (1, 1)
    still = pull(registry, Platform({"0": None, "1": "Testi"}))
    assert counted(still.streams["people"]) == (2, 0, 0, 1, 1)
    learnt = pull(registry, Platform({"1": "Testi"}, total=9, mapping=True))
    assert (size(registry, Quarantine), size(registry, SourceRecord)) == (0, 2)
    stream = learnt.streams["people"]
    assert stream.new == 1
    counted(stream)


def test_what_landed_before_a_failure_stays_and_the_next_run_goes_on_from_there(registry: Registry) -> None:
    broken = Platform(FIVE, fails=(2, RetryLater("the platform does not answer")))
    report = pull(registry, broken)
    assert (report.outcome, report.error) == ("failed", "the platform does not answer")
    assert counted(report.streams["people"]) == (4, 4, 0, 0, 0)
    assert (size(registry, SourceRecord), cursor(registry)) == (4, "after 4")
    again = Platform(FIVE)
    assert pull(registry, again).outcome == "ok"
    assert again.positions[0].cursor == "after 4"
    assert (size(registry, SourceRecord), cursor(registry)) == (5, None)


def test_a_source_that_is_held_says_why(registry: Registry) -> None:
    report = pull(registry, Platform(FIVE, fails=(0, HoldSource("look at the key"))))
    assert (report.outcome, report.error) == ("failed", "look at the key")
    with reading(registry.engine) as connection:
        assert status.held(connection, "salon").held_reason == "look at the key"


def test_an_error_that_nobody_foresaw_ends_the_source_and_says_nothing_personal(registry: Registry) -> None:
    report = pull(registry, Platform(FIVE, fails=(1, ValueError("Maija Testaaja"))))
    assert report.outcome == "failed"
    assert report.error is not None
    assert report.error.startswith("internal error: ValueError")
    assert "Maija" not in report.error
    assert size(registry, SourceRecord) == 2


def test_a_run_that_is_asked_to_stop_keeps_the_page_in_hand(registry: Registry) -> None:
    report = pull(registry, Platform(FIVE, stops=True))
    assert (report.outcome, report.streams["people"].outcome) == ("partial", "partial")
    assert 2 <= size(registry, SourceRecord) < 5
    assert cursor(registry) is not None


rows = st.dictionaries(st.sampled_from("01234"), st.sampled_from(("Testi", "Toinen", None)), max_size=5)


@settings(max_examples=15)
@given(states=st.lists(st.tuples(rows, st.booleans()), min_size=1, max_size=4))
def test_whatever_a_platform_lists_is_landed_or_waits(
    states: list[tuple[dict[str, str | None], bool]], folder: object
) -> None:
    registry = fresh(folder, 50)  # type: ignore[arg-type]
    for people, mapping in states:
        stream = pull(registry, Platform(people, mapping=mapping)).streams["people"]
        counted(stream)
        with reading(registry.engine) as connection:
            record, waiting = table(SourceRecord), table(Quarantine)
            held = set(connection.execute(select(record.c.external_id).where(record.c.vanished_at.is_(None))).scalars())
            held |= set(connection.execute(select(waiting.c.key)).scalars())
        assert people.keys() <= held
    registry.engine.dispose()


def test_the_worst_of_several_outcomes() -> None:
    assert worst([]) == worst(["ok", "ok"]) == "ok"
    assert worst(["ok", "failed"]) == worst(["partial", "failed"]) == worst(["ok", "partial"]) == "partial"
    assert worst(["failed", "failed"]) == "failed"


def test_a_report_is_the_document_of_the_contract() -> None:
    report = RunReport(
        "id", datetime(2026, 1, 1, tzinfo=UTC), sources={"a": SourceReport(streams={"s": StreamReport()})}
    )
    shown = report.as_dict()
    assert list(shown) == ["run_id", "started_at", "finished_at", "outcome", "sources", "registry"]
    assert (shown["started_at"], shown["finished_at"]) == ("2026-01-01T00:00:00.000Z", None)
    stated = {"outcome", "complete", "fetched", "new", "changed", "unchanged", "vanished", "held", "quarantined"}
    assert stated <= set(shown["sources"]["a"]["streams"]["s"])
    assert set(shown["sources"]["a"]) == {
        "outcome", "error", "requests", "retries", "waited_s", "streams", "problems",
    }  # fmt: skip
