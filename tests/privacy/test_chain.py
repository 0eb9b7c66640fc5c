"""Whatever single thing somebody does to the audit chain is found, and found at its place."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.chain import Emptied, Head
from privacy.trail import head_of, verify
from store import audit
from store.chain import ERASED, ORIGIN, RETIRED, Cause, Link, Payload, cause_of, emptied_by, spans
from store.engine import reading, writing
from tests.privacy.tampering import WHOLE, Tamperer, chain, erased, retired, tampering
from tests.sync.engine import START, Registry

EVENTS = 9
PRESENT = sorted(set(range(1, EVENTS + 1)) - {1, 3, 7})
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
IDS = st.integers(1, EVENTS)
FEW = settings.default.max_examples // 8
DB_SETTINGS = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def _of_no_cause(_connection: Any) -> None:
    return None


def _of_no_erasure(_connection: Any) -> Cause:
    return Cause(ERASED, 7)


def _of_no_run(_connection: Any) -> Cause:
    return Cause(RETIRED, 7)


def _of_an_erasure_at_another_time(connection: Any) -> Cause:
    return erased(connection, START - timedelta(microseconds=1))


def _of_an_erasure_that_emptied_already(_connection: Any) -> Cause:
    return Cause(ERASED, 1)


def _of_a_run_at_another_time(connection: Any) -> Cause:
    return retired(connection, (2, 4, 6, 9), START + timedelta(seconds=1))


def _of_a_run_that_took_others(connection: Any) -> Cause:
    return retired(connection, (2, 4, 6), START)


CAUSES = (
    _of_no_cause, _of_no_erasure, _of_no_run, _of_an_erasure_at_another_time, _of_an_erasure_that_emptied_already,
    _of_a_run_at_another_time, _of_a_run_that_took_others,
)  # fmt: skip


@pytest.fixture
def gone(registry: Registry) -> dict[int, dict[str, Any]]:
    """The chain of nine events; the payloads that were deleted from it."""
    return chain(registry.engine, START)


def other(draw: st.DrawFn, value: Any) -> Any:
    """A value that is not this one."""
    if isinstance(value, str) or value is None:
        return draw(TEXTS.filter(lambda text: text != value))
    return value + draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=9999)))


def change(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_, column = draw(IDS), draw(st.sampled_from(WHOLE))
    by.change(id_, {column: other(draw, by.event(id_)[column])})
    return {id_}, {"changed"}, None


def renumber(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_, new = draw(IDS), draw(st.integers(-3, 20).filter(lambda new: not 1 <= new <= EVENTS))
    by.change(id_, {"id": new})
    return ({new}, {"inserted"}, None) if new < 1 else ({id_}, {"removed"}, None)


def change_payload(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_, column = draw(st.sampled_from(PRESENT)), draw(st.sampled_from(("salt", "customer_id", "detail")))
    payload = by.payload(id_)
    assert payload
    by.change_payload(id_, {column: other(draw, payload[column])})
    return {id_}, {"payload_changed"}, None


def move_payload(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_ = draw(st.sampled_from(PRESENT))
    new = draw(st.integers(-3, 20).filter(lambda new: new not in PRESENT))
    by.change_payload(id_, {"event_id": new})
    if new < 1:
        return {new}, {"inserted"}, None
    return {id_, new, EVENTS + 1}, {"payload_missing", "payload_changed", "removed"}, None


def remove(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_, payload = draw(st.integers(1, EVENTS - 1)), draw(st.booleans())
    by.remove(id_, payload=payload)
    return {id_}, {"removed"}, None


def cut(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    first = draw(IDS)
    for id_ in range(first, EVENTS + 1):
        by.remove(id_)
    return {first}, {"cut"}, by.head


def remove_payload(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_ = draw(st.sampled_from(PRESENT))
    by.remove_payload(id_)
    return {id_}, {"payload_missing"}, None


def insert(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    id_ = draw(st.integers(1, EVENTS + 1))
    hashed = id_ <= EVENTS and draw(st.booleans())
    by.insert(id_, draw(TEXTS), hashed=hashed)
    if hashed or id_ > EVENTS:
        return {id_, id_ + 1}, {"changed", "payload_missing"}, None
    return {id_}, {"inserted"}, None


def swap(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    a, b = sorted(draw(st.lists(IDS, min_size=2, max_size=2, unique=True)))
    by.swap(a, b, payloads=draw(st.booleans()))
    return {a}, {"reordered"}, None


def put_back(draw: st.DrawFn, by: Tamperer, gone: dict[int, dict[str, Any]]) -> Any:
    id_ = draw(st.sampled_from(sorted(gone)))
    by.put_back(id_, gone[id_] if draw(st.booleans()) else gone[id_] | {"customer_id": "c9"})
    return {id_}, {"payload_changed"}, None


def rewrite(draw: st.DrawFn, by: Tamperer, _gone: Any) -> Any:
    by.rewrite(draw(IDS), draw(TEXTS.filter(lambda text: text not in ("maija", "pekka", "rekisteri"))))
    assert by.found() is None, "a chain that was written anew looks whole by itself"
    return {EVENTS}, {"cut"}, by.head


DEEDS = (
    change, renumber, change_payload, move_payload, remove, cut, remove_payload, insert, swap, put_back, rewrite,
)  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_any_single_tampering_is_found_at_its_place(
    registry: Registry, gone: dict[int, dict[str, Any]], deed: Any
) -> None:
    @settings(DB_SETTINGS, max_examples=FEW)
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        with tampering(registry.engine) as by:
            assert by.found(by.head) is None
            places, words, head = deed(data.draw, by, gone)
            found = by.found(head)
            assert found is not None
            assert found.id in places, found
            assert found.what in words, found
            assert str(found.id) in found.says

    attempt()


@settings(DB_SETTINGS, max_examples=2 * FEW)
@given(st.lists(st.one_of(st.none(), st.sets(st.integers(1, 12), max_size=5)), max_size=12))
def test_an_untouched_chain_is_whole_whatever_was_deleted_from_it(
    light_registry: Registry, acts: list[set[int] | None]
) -> None:
    with tampering(light_registry.engine) as by:
        for act in acts:
            if act is None:
                audit.note(by.connection, START, "maija", "customers.show", "service", customer_id="c1")
            else:
                audit.empty(by.connection, act, START, "rekisteri", "upkeep", cause=erased(by.connection, START))
        assert verify(by.connection, head_of(by.connection)).broken is None
        assert audit.count(by.connection) == head_of(by.connection).id


def test_nothing_is_a_whole_chain_too(registry: Registry) -> None:
    with reading(registry.engine) as connection:
        found = verify(connection, Head(0, ORIGIN))
    assert (found.events, found.head, found.broken) == (0, Head(0, ORIGIN), None)
    assert (sum(found.emptied), sum(found.since_head or (1,))) == (0, 0)


def test_it_is_told_how_many_events_were_emptied_and_by_what(registry: Registry, gone: Any) -> None:
    with writing(registry.engine) as connection:
        head = head_of(connection)
        assert verify(connection).emptied == Emptied(2, 1, 1, 1)
        assert verify(connection).since_head is None
        for ids in ((2, 4), (6,)):
            audit.empty(connection, ids, START, "rekisteri", "upkeep", cause=retired(connection, ids, START))
        found = verify(connection, head)
    assert (found.broken, found.emptied, found.since_head) == (None, Emptied(2, 1, 4, 3), Emptied(0, 0, 3, 2))


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_an_emptying_without_an_erasure_or_run_of_its_own_is_found(registry: Registry, gone: Any, cause: Any) -> None:
    """Whoever writes a deletion down that never was must forge what proves it too."""
    with tampering(registry.engine) as by:
        by.note_emptied((2, 4, 6, 9), cause(by.connection), START)
        found = by.found(by.head)
    assert found is not None
    assert (found.id, found.what) == (EVENTS + 1, "unfounded")


def test_an_emptying_is_held_to_what_its_own_run_took(registry: Registry, gone: Any) -> None:
    with tampering(registry.engine) as by:
        by.note_emptied((2, 4), retired(by.connection, (2, 4, 6), START), START)
        by.note_emptied((6,), erased(by.connection, START), START)
        assert by.found(by.head) is None


def test_a_head_of_another_chain_is_told_where_it_should_be(registry: Registry, gone: Any) -> None:
    with reading(registry.engine) as connection:
        for head, place in ((Head(4, "ab" * 32), 4), (Head(30, "ab" * 32), 10)):
            broken = verify(connection, head).broken
            assert broken is not None
            assert (broken.id, broken.what) == (place, "cut")


def test_what_no_program_ever_wrote_breaks_the_chain_and_nothing_else(light_registry: Registry) -> None:
    """SQLite takes anything in any column."""
    chain(light_registry.engine, START)
    for column in WHOLE:
        for value in ("x'ff00fe'", "'2026'", "''", "12", "x''"):
            with tampering(light_registry.engine) as by:
                by.connection.exec_driver_sql(f"UPDATE audit_event SET {column} = {value} WHERE id = 4")
                found = by.found()
                assert found is not None
                assert (found.id, found.what) == (4, "changed"), (column, value)


@pytest.mark.parametrize("at", ["infinity", "-infinity", "2026-01-01 09:00:00+00 BC", "20026-01-01 09:00:00+00"])
def test_a_time_beyond_all_bounds_breaks_the_chain_and_nothing_else(registry: Registry, gone: Any, at: str) -> None:
    if registry.engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps times as texts")
    with tampering(registry.engine) as by:
        by.connection.exec_driver_sql(f"UPDATE audit_event SET at = '{at}' WHERE id = 4")
        found = by.found()
    assert found is not None
    assert (found.id, found.what) == (4, "changed")


def test_an_event_among_the_emptied_that_reads_otherwise_names_nobody(light_registry: Registry) -> None:
    with writing(light_registry.engine) as connection:
        for said in ("1-", "x", "-", "1-99999999999999", "5"):
            audit.note(connection, START, "maija", "audit.emptied", "upkeep", detail={"events": said})
        audit.note(connection, START, "maija", "audit.emptied", "upkeep", detail={"events": 7})
        found = [sorted(emptied_by(link)) for link in audit.links(connection)]
    assert found == [[], [], [], [1, 2, 3], [], []]


@pytest.mark.parametrize(
    "detail",
    ["{}", "[]", "7", '"tombstone"', '["tombstone"]', '{"tombstone": "7"}', '{"tombstone": true}', '{"tombstone": [7]}',
     '{"retention_run": null}', '{"tombstone": 7, "retention_run": 7}', "{"],
)  # fmt: skip
def test_an_event_among_the_emptied_that_names_no_cause_has_none(detail: str) -> None:
    assert cause_of(Link(9, "", "", "", "", "", "", Payload("s", None, detail))) is None
    assert cause_of(Link(9, "", "", "", "", "", "", Payload("s", None, '{"tombstone": 7}'))) == Cause(ERASED, 7)


@given(st.sets(st.integers(1, 60)))
def test_ids_are_told_as_spans_and_read_again(ids: set[int]) -> None:
    said = Payload("s", None, f'{{"events": "{spans(ids)}"}}')
    link = Link(100, "", "", "", "", "", "", said)
    assert set(emptied_by(link)) == ids
