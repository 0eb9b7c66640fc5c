"""One page that fails, one id that nobody confirms, one crash: none of them hides anything else."""

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import OperationalError

from connectors.base import Absence, Page, Position
from connectors.errors import RetryLater, StopRun
from store import status
from store.batch import Batch, FileMark, RejectedRow
from store.checkpoint import checkpoint, settle_quarantine
from store.engine import reading, writing
from store.faults import database_fault
from store.tables import Origin, Quarantine, SourceRecord, table
from sync.prepare import customer_matching
from sync.reconcile.keys import owner_keys
from tests.sync.engine import Registry
from tests.sync.platform import Platform, pull

FIVE: dict[str, str | None] = {str(number): f"Testi {number}" for number in range(5)}


def test_a_page_that_never_comes_keeps_what_lies_before_it_from_nobody(registry: Registry) -> None:
    broken = RetryLater("GET /people: status 500")
    pull(registry, Platform(FIVE, fails=(1, broken)))
    stuck = Platform(FIVE, fails=(0, broken))
    pull(registry, stuck)
    assert stuck.positions[0].cursor == "after 2"
    after = Platform(FIVE)
    pull(registry, after)
    assert after.positions[0].cursor is None


def test_a_stop_in_the_middle_of_a_wait_is_no_failure_and_keeps_the_place(registry: Registry) -> None:
    pull(registry, Platform(FIVE, fails=(1, RetryLater("GET /people: status 500"))))
    stopped = Platform(FIVE, fails=(0, RetryLater("stopped while waiting")))
    platform_read = stopped.read

    def read(stream: str, position: Position) -> object:
        stopped.stop.set()
        return platform_read(stream, position)

    stopped.read = read  # type: ignore[method-assign,assignment]
    report = pull(registry, stopped)
    assert (report.outcome, report.streams["people"].outcome) == ("partial", "partial")
    after = Platform(FIVE)
    pull(registry, after)
    assert after.positions[0].cursor == "after 2"


def test_a_stream_that_fails_stops_no_other_and_fails_its_source(registry: Registry) -> None:
    platform = Platform(FIVE)
    (people,) = platform.streams
    platform.streams = (people.model_copy(update={"name": "broken"}), people)
    read = platform.read

    def failing(stream: str, position: Position) -> object:
        if stream == "broken":
            raise RetryLater("GET /broken: status 500")
        return read(stream, position)

    platform.read = failing  # type: ignore[method-assign,assignment]
    report = pull(registry, platform)
    assert (report.outcome, report.error) == ("failed", "GET /broken: status 500")
    assert report.streams["broken"].outcome == "failed"
    assert report.streams["people"].new == 5


def test_two_streams_in_a_row_that_fail_are_enough(registry: Registry) -> None:
    platform = Platform(FIVE, fails=(0, RetryLater("GET /people: no connection")))
    (people,) = platform.streams
    platform.streams = tuple(people.model_copy(update={"name": f"people{number}"}) for number in range(4))
    report = pull(registry, platform)
    assert list(report.streams) == ["people0", "people1"]


def test_what_stops_the_run_is_raised_and_asks_the_other_sources_to_stop(registry: Registry) -> None:
    platform = Platform(FIVE, fails=(0, StopRun("the configuration is wrong")))
    with pytest.raises(StopRun):
        pull(registry, platform)
    assert platform.stop.is_set()


def test_where_the_platform_confirms_nothing_a_missing_row_stays_and_the_run_goes_on(registry: Registry) -> None:
    pull(registry, Platform(FIVE))
    platform = Platform({"0": "Testi 0", "1": "Testi 1", "2": "Testi 2"}, absence=Absence.CONFIRMED)

    def silent(stream: str, external_id: str) -> bool:
        platform.asked.append(external_id)
        raise RetryLater("GET /people/…: a 404 that is not the platform's own")

    platform.confirm_gone = silent  # type: ignore[method-assign]
    report = pull(registry, platform)
    assert len(platform.asked) == 1
    assert (report.outcome, report.streams["people"].vanished) == ("ok", 0)
    assert any("does not say whether" in problem.reason for problem in report.problems)


def test_what_a_complete_sweep_no_longer_sends_leaves_quarantine(registry: Registry) -> None:
    pull(registry, Platform({"0": "Testi", "1": None}))
    with writing(registry.engine) as connection:
        connection.execute(table(Quarantine).update().values(run_id="an earlier one"))
    pull(registry, Platform({"0": "Testi"}, sweep=False))
    assert waiting(registry.engine) == 1
    pull(registry, Platform({"0": "Testi"}))
    assert waiting(registry.engine) == 0


def test_a_row_that_lands_from_quarantine_keeps_its_own_retrieval_and_origin(registry: Registry) -> None:
    pull(registry, Platform({"0": None}))
    quarantine, origin, record = table(Quarantine), table(Origin), table(SourceRecord)
    with writing(registry.engine) as connection:
        first = connection.execute(select(origin)).mappings().one()
        later = {**first, "id": first["id"] + 1, "sha256": "later"}
        connection.execute(insert(origin).values(later))
        before = connection.execute(select(quarantine.c.retrieved_at)).scalar_one()
    registry.origin = later["id"]
    pull(registry, Platform({}, total=9, mapping=True))
    with reading(registry.engine) as connection:
        landed = connection.execute(select(record)).one()
    assert (landed.origin_id, landed.retrieved_from, landed.retrieved_at) == (first["id"], "GET /people", before)


def test_a_stream_of_which_something_could_not_be_read_is_partial(registry: Registry) -> None:
    platform = Platform({})
    platform.read = lambda *_: iter([Page(stream="people", retrieved_from="file", broken=True)])  # type: ignore[method-assign]
    report = pull(registry, platform)
    assert (report.outcome, report.streams["people"].outcome) == ("partial", "partial")


def file_batch(registry: Registry, sha256: str, run_id: str, *, rejected: tuple[str, ...], ends: bool) -> Batch:
    """A page of a file, its last one where it `ends`."""
    return Batch(
        source="salon",
        stream="people",
        kind="customer",
        run_id=run_id,
        now=registry.act().now,
        origin_id=registry.origin,
        retrieved_from="a.csv",
        rows=(),
        rejected=[RejectedRow(key, "{}", "no name", file="a.csv") for key in rejected],
        file=FileMark("a.csv", sha256, 3) if ends else None,
    )


def take_in(registry: Registry, batch: Batch) -> None:
    with writing(registry.engine) as connection:
        settle_quarantine(connection, batch, ())
        checkpoint(connection, batch)


def test_quarantine_survives_a_crash_in_the_middle_of_a_file_and_not_its_mending(registry: Registry) -> None:
    take_in(registry, file_batch(registry, "one", "first", rejected=("r1",), ends=False))
    take_in(registry, file_batch(registry, "one", "after the crash", rejected=("r2",), ends=True))
    assert waiting(registry.engine) == 2
    take_in(registry, file_batch(registry, "two", "mended", rejected=("r3",), ends=True))
    assert waiting(registry.engine) == 1


def waiting(engine: Engine) -> int:
    with reading(engine) as connection:
        return sum(sum(reasons.values()) for reasons in status.quarantined(connection).values())


@pytest.mark.parametrize("address", ["info@example.com", "Toimisto@example.fi", "asiakaspalvelu+x@example.com"])
def test_an_office_address_is_nobodys_key(address: str) -> None:
    office = {"email": address, "phone": "+358400000001"}
    assert customer_matching(office, with_name=False).keys == (("phone", "+358400000001"),)
    assert owner_keys({"client_email": address}) == ()
    person = customer_matching({"email": "informa@example.com"}, with_name=False)
    assert person.keys == (("email", "informa@example.com"),)


def test_a_name_too_long_for_an_index_is_no_key() -> None:
    assert customer_matching({"name": "x" * 20_000}, with_name=True).keys == ()
    assert owner_keys({"client_name": "x" * 20_000}) == ()
    long = customer_matching({"name": "x " * 20_000, "street": "1 " * 20_000}, with_name=True)
    assert max(len(value) for _, value in long.keys) <= 200
    assert max(len(value) for value in long.features or () if value) <= 200


def test_sqlite_says_in_its_own_words_what_is_wrong_with_it(light_registry: Registry) -> None:
    with pytest.raises(OperationalError) as raised, writing(light_registry.engine) as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert database_fault(raised.value) == "no such table: nowhere"
