"""One line when a source is lost, and one when it is back, however many runs fail in between."""

import pytest
from structlog.testing import capture_logs

from connectors.errors import HoldSource, RetryLater
from store import status
from store.engine import reading
from tests.sync.machine_desk import MAIJA, Desk
from tests.sync.machine_platforms import Trouble


def lines(desk: Desk, error: Exception | None) -> list[tuple[str, str, str]]:
    """(level, line, source) that a run says about a source; each of its streams fails by `error`."""
    desk.school.trouble = {name: Trouble(fails=(0, error)) for name in ("people", "enrollments")} if error else {}
    with capture_logs() as told:
        desk.run()
    return [(line["log_level"], line["event"], line["source"]) for line in told if line["event"].startswith("a source")]


@pytest.mark.parametrize("error", [RetryLater("no answer"), HoldSource("look at the key"), KeyError("a bug")])
def test_a_source_is_lost_once_and_back_once(desk: Desk, error: Exception) -> None:
    desk.has("1", **MAIJA)
    assert lines(desk, None) == []
    first = [line for line in lines(desk, error) if line[1] == "a source is lost"]
    assert first == [("warning", "a source is lost", "thinkific")]
    for _ in range(2):
        again = lines(desk, error)
        assert ("debug", "a source is still lost", "thinkific") in again
        assert not any(line[1] == "a source is lost" for line in again)
    with reading(desk.engine) as connection:
        held = status.held(connection, "thinkific")
        assert (held.failures, held.lost_since is not None) == (3, True)
        assert status.held(connection, "timma").failures == 0
    assert lines(desk, None) == [("info", "a source is back", "thinkific")]
    assert lines(desk, None) == []
    with reading(desk.engine) as connection:
        held = status.held(connection, "thinkific")
        assert (held.failures, held.lost_since, held.held_since) == (0, None, None)


def test_a_run_that_holds_something_back_is_no_failure(desk: Desk) -> None:
    for id_ in range(8):
        desk.has(str(id_), first_name="Testi")
    desk.run()
    desk.school.rows["people"].clear()
    assert lines(desk, None) == []
    assert desk.run().sources["thinkific"].outcome == "partial"
    with reading(desk.engine) as connection:
        assert status.held(connection, "thinkific").failures == 0
