"""What is due is read: together, once, again after whatever went wrong."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from config.errors import ConfigError
from config.logging import configure
from config.settings import Settings, load
from connectors.errors import StopRun
from store import runs, schedule, status
from store.engine import open_database, reading, writing
from store.ids import new_id
from store.locks import LockedError
from sync.daemon import runner as module
from sync.daemon.runner import Runner
from sync.report import RunReport, SourceReport
from sync.run import Wish
from sync.web.host import Totals
from tests.waiting import until

NOW = datetime.now(UTC)
CONFIGURATION = """
[thinkific]
subdomain = "school"
api_key = "key"
[timma]
inbox = "."
[schedule]
thinkific = "0 3 1 1 *"
timma = "0 3 1 1 *"
"""
BOTH = ("thinkific", "timma")


@dataclass
class Runs:
    """Stands in for a run: notes what it was asked, and does what it is told, one thing a run, else nothing."""

    asked: list[Wish] = field(default_factory=list)
    deeds: list[Callable[[Wish], object]] = field(default_factory=list)

    def __call__(self, _engine: Engine, _settings: Settings, wish: Wish) -> RunReport:
        self.asked.append(wish)
        if self.deeds:
            self.deeds.pop(0)(wish)
        return RunReport(new_id(NOW), NOW, NOW, sources={name: SourceReport() for name in wish.sources})

    @property
    def sources(self) -> list[tuple[str, ...]]:
        """What each run was asked to read."""
        return [tuple(wish.sources) for wish in self.asked]


@dataclass
class Desk:
    """A runner over an empty registry, whose runs are made up."""

    engine: Engine
    runner: Runner
    runs: Runs
    log: StringIO
    settings: list[Settings]

    def logged(self) -> list[dict[str, Any]]:
        """The lines so far, but for those that tell of a run that has ended."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in lines if line["event"] != "a run has ended"]

    def held(self, source: str) -> status.Held:
        """How a source stands."""
        with reading(self.engine) as connection:
            return status.held(connection, source)

    def went_well(self) -> None:
        """Both sources were read a moment ago, so that nothing is late."""
        with writing(self.engine) as connection:
            for source in BOTH:
                runs.release_source(connection, source, datetime.now(UTC))


def raising(error: Exception) -> Callable[[Wish], object]:
    """A run that fails as a whole."""

    def deed(_wish: Wish) -> object:
        raise error

    return deed


def _meet(going: threading.Event, go_on: threading.Event) -> None:
    going.set()
    go_on.wait(60)


@pytest.fixture
def desk(tmp_path: Path, sqlite_url: str) -> Iterator[Desk]:
    """Not started; stopped at the end."""
    (tmp_path / "rekisteri.toml").write_text(CONFIGURATION)
    (tmp_path / "rekisteri.toml").chmod(0o600)
    log = StringIO()
    configure("info", "json", log)
    settings = [load(tmp_path / "rekisteri.toml", env={})]
    engine, made_up = open_database(sqlite_url), Runs()
    runner = Runner(engine, lambda: settings[0], Totals(), made_up)
    yield Desk(engine, runner, made_up, log, settings)
    runner.stop()
    assert runner.join(10)
    engine.dispose()
    configure()


def test_what_is_late_is_read_at_once_and_together(desk: Desk) -> None:
    desk.runner.start()
    until(lambda: desk.runs.asked)
    until(lambda: not desk.runner.running)
    assert desk.runs.sources == [BOTH]
    assert desk.runs.asked[0].trigger == "schedule"
    assert desk.runs.asked[0].actor == "rekisteri (schedule)"
    assert all(desk.held(source).next_run_at for source in BOTH)


def test_what_is_not_late_waits_for_its_time(desk: Desk) -> None:
    desk.went_well()
    desk.runner.start()
    desk.runner.due("timma")
    until(lambda: desk.runs.asked)
    assert desk.runs.sources == [("timma",)]


def test_asked_twice_while_it_waits_a_source_is_read_once(desk: Desk) -> None:
    desk.went_well()
    desk.runner.start()
    for source in ("timma", "thinkific", "timma"):
        desk.runner.due(source)
    until(lambda: desk.runs.asked)
    time.sleep(2 * module.TOGETHER_S)
    assert desk.runs.sources == [BOTH]


def test_asked_while_it_is_read_a_source_is_read_again_afterwards(desk: Desk) -> None:
    desk.went_well()
    going, go_on = threading.Event(), threading.Event()
    desk.runs.deeds.append(lambda _: _meet(going, go_on))
    desk.runner.start()
    desk.runner.due("timma")
    assert going.wait(60)
    assert desk.runner.running == ("timma",)
    desk.runner.due("timma")
    time.sleep(2 * module.TOGETHER_S)
    assert desk.runs.sources == [("timma",)]
    go_on.set()
    until(lambda: len(desk.runs.asked) == 2)


def test_what_has_to_wait_stays_due_and_says_so_once(desk: Desk) -> None:
    desk.went_well()
    locked, away = LockedError("somebody holds it"), OperationalError("", None, Exception("away"))
    desk.runs.deeds = [raising(error) for error in (locked, locked, away, away)]
    usual, module.AGAIN_S = module.AGAIN_S, 0.05
    try:
        desk.runner.start()
        desk.runner.due("timma")
        until(lambda: len(desk.runs.asked) == 5)
    finally:
        module.AGAIN_S = usual
    assert desk.runs.sources == [("timma",)] * 5
    assert len(desk.logged()) == 2
    assert desk.held("timma").failures == 0


@pytest.mark.parametrize(
    "error", [ConfigError("is wrong", "processing.register"), StopRun("no"), KeyError("a bug"), RecursionError()]
)
def test_a_run_that_fails_as_a_whole_counts_against_its_sources_and_ends_nothing(desk: Desk, error: Exception) -> None:
    desk.went_well()
    desk.runs.deeds.append(raising(error))
    desk.runner.start()
    desk.runner.due("timma")
    until(lambda: desk.held("timma").failures)
    desk.runner.due("thinkific")
    until(lambda: len(desk.runs.asked) == 2)
    assert desk.runner.alive
    assert desk.held("thinkific").failures == 0
    (line,) = desk.logged()
    assert line["sources"] == ["timma"]
    assert "a bug" not in line["error"]


def test_a_run_that_stops_itself_stops_none_after_it(desk: Desk) -> None:
    desk.went_well()
    desk.runs.deeds.append(lambda wish: wish.stop.set())
    desk.runner.start()
    desk.runner.due("timma")
    until(lambda: desk.runs.asked)
    desk.runner.due("timma")
    until(lambda: len(desk.runs.asked) == 2)
    assert not desk.runs.asked[1].stop.is_set()


def test_a_stop_reaches_the_run_in_progress(desk: Desk) -> None:
    desk.runs.deeds.append(lambda wish: wish.stop.wait(60))
    desk.runner.start()
    until(lambda: desk.runner.running)
    desk.runner.stop()
    assert desk.runner.join(2)
    assert desk.runs.asked[0].stop.is_set()
    assert not desk.runner.scheduler_alive


def test_a_stop_before_the_start_ends_it_too(desk: Desk) -> None:
    desk.runner.stop()
    assert desk.runner.join(1)
    assert desk.runs.asked == []


@pytest.mark.parametrize(("failures", "pause"), [(0, 15), (1, 15), (2, 30), (3, 60), (9, 360)])
def test_a_source_that_fails_is_planned_for_later(desk: Desk, failures: int, pause: int) -> None:
    desk.went_well()
    quarters = desk.settings[0].model_copy(update={"schedule": {"timma": "*/15 * * * *", "thinkific": "0 3 1 1 *"}})
    desk.settings[0] = quarters
    with writing(desk.engine) as connection:
        for _ in range(failures):
            schedule.failed(connection, "timma", NOW)
    desk.runner.start()
    now = datetime.now(UTC)
    planned = desk.held("timma").next_run_at
    assert planned
    quarter = timedelta(minutes=15)
    assert (pause * timedelta(minutes=1)) - quarter - timedelta(minutes=1) <= planned - now
    assert planned - now <= pause * timedelta(minutes=1) + timedelta(minutes=1)


@pytest.fixture
def _looks_often() -> Iterator[None]:
    """Runners look twenty times a second how sources stand."""
    usual, module.LOOK_EVERY_S = module.LOOK_EVERY_S, 0.05
    yield
    module.LOOK_EVERY_S = usual


@pytest.mark.usefixtures("_looks_often")
def test_a_good_run_by_whoever_lifts_the_pause_of_a_source_that_failed(desk: Desk) -> None:
    desk.went_well()
    quarters = {"timma": "*/15 * * * *", "thinkific": "0 3 1 1 *"}
    desk.settings[0] = desk.settings[0].model_copy(update={"schedule": quarters})
    with writing(desk.engine) as connection:
        for _ in range(9):
            schedule.failed(connection, "timma", NOW)
    desk.runner.start()
    assert _planned_in(desk, "timma") > timedelta(hours=5)
    desk.runner.due("thinkific")  # what the runner does meanwhile changes nothing of that
    until(lambda: desk.runs.asked and not desk.runner.running)
    assert _planned_in(desk, "timma") > timedelta(hours=5)
    with writing(desk.engine) as connection:
        schedule.recovered(connection, "timma")
    until(lambda: _planned_in(desk, "timma") < timedelta(minutes=16), 10)
    assert _planned_in(desk, "thinkific") > timedelta(hours=1)
    assert desk.runs.sources == [("thinkific",)]


def _planned_in(desk: Desk, source: str) -> timedelta:
    planned = desk.held(source).next_run_at
    assert planned
    return planned - datetime.now(UTC)


def test_new_settings_keep_what_is_due_and_forget_what_is_not_configured(desk: Desk) -> None:
    desk.went_well()
    going, go_on = threading.Event(), threading.Event()
    desk.runs.deeds.append(lambda _: _meet(going, go_on))
    desk.runner.start()
    desk.runner.due("timma")
    assert going.wait(60)
    desk.runner.due("thinkific")
    desk.runner.due("timma")
    alone = desk.settings[0].timma.model_copy(update={"inbox": None})
    desk.settings[0] = desk.settings[0].model_copy(update={"timma": alone})
    desk.runner.reschedule()
    go_on.set()
    until(lambda: len(desk.runs.asked) == 2)
    assert desk.runs.sources == [("timma",), ("thinkific",)]
