"""When the time of a source has come, it is read: one thread runs whatever is due, several sources in one run.

The scheduler only says that a source is due. Said twice while it waits, it is read once; said while it is read, it is
read again afterwards.
"""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigError
from config.logging import describe, logger
from config.place import HELSINKI
from config.settings import Settings, Source
from store import schedule, status
from store.engine import reading, writing
from store.faults import database_fault
from store.health import pending
from store.locks import LockedError
from store.times import AT_THIS_MOMENT
from sync.crontab import Crontab, Jitter, interval_of, is_late, not_before
from sync.report import RunReport
from sync.run import Wish, run
from sync.web.host import Totals

ACTOR = "rekisteri (schedule)"
"""Who wants these runs, for the audit chain."""
TOGETHER_S = 0.5
"""For so long others may become due too, to be read in the same run."""
AGAIN_S = 5.0
"""Pause before another try where somebody else's run is in progress, or the database does not answer."""
LOOK_EVERY_S = 5.0


class Runner:
    """Schedules and reads the sources of the settings, until it is stopped. `go` is what one run is."""

    def __init__(
        self,
        engine: Engine,
        settings: Callable[[], Settings],
        totals: Totals,
        go: Callable[[Engine, Settings, Wish], RunReport] = run,
    ) -> None:
        self._engine, self._settings, self._totals, self._go = engine, settings, totals, go
        self._scheduler = BackgroundScheduler(timezone=HELSINKI)
        self._jitter = Jitter(random.random(), datetime.now(UTC))  # noqa: S311 - no secret
        self._due: set[str] = set()
        self._changed = threading.Condition()
        self._running: tuple[str, ...] = ()
        self._began: dict[str, datetime] = {}
        self._paused: set[str] = set()
        self._clock = _ahead_s()
        self._stop, self._stop_run = threading.Event(), threading.Event()
        self._told: str | None = None
        self._thread = threading.Thread(target=self._work, name="runner", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it reads what is due."""
        return self._thread.is_alive()

    @property
    def scheduler_alive(self) -> bool:
        """Whether somebody says what is due."""
        thread = getattr(self._scheduler, "_thread", None)
        return bool(self._scheduler.running and thread is not None and thread.is_alive())

    @property
    def running(self) -> tuple[str, ...]:
        """The sources that are being read."""
        return self._running

    def start(self) -> None:
        """Begin; a source whose last good run is longer ago than its runs are apart is due at once, and all are where a
        run was cut before it had taken in what had landed."""
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()
        self._thread.start()
        self.reschedule()
        with reading(self._engine) as connection:
            unfinished = pending(connection)
        for source in self._settings().sources() if unfinished else ():
            self.due(source.name)

    def stop(self) -> None:
        """Say no more that anything is due, and ask the run in progress to end after the page in hand."""
        self._stop.set()
        with self._changed:
            self._stop_run.set()
            self._changed.notify_all()
        with suppress(Exception):
            self._scheduler.shutdown(wait=False)

    def join(self, within_s: float) -> bool:
        """Wait for the run in progress; whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(within_s)
        return not self._thread.is_alive()

    def due(self, source: str) -> None:
        """The source's time has come."""
        with self._changed:
            self._due.add(source)
            self._changed.notify_all()

    def reschedule(self) -> None:
        """Take over the schedules of the settings. What is due already stays so, and what is late is due at once,
        however often it has failed: perhaps that is what was mended."""
        sources = {source.name: source for source in self._settings().sources()}
        for job in self._scheduler.get_jobs():
            if job.id not in sources:
                job.remove()
        for source in sources.values():
            self._plan(source)
            if self._is_late(source):
                self.due(source.name)

    def _is_late(self, source: Source) -> bool:
        now = datetime.now(UTC)
        try:
            with reading(self._engine) as connection:
                last = status.held(connection, source.name).last_ok_at
        except SQLAlchemyError:
            return True
        return is_late(last, interval_of(source.schedule, now), now)

    def _plan(self, source: Source) -> None:
        """When the source is read next: by its schedule, later after failures. Written down for who asks."""
        state = status.Held()
        with suppress(SQLAlchemyError), reading(self._engine) as connection:
            state = status.held(connection, source.name)
        now = datetime.now(UTC)
        began = min(self._began.get(source.name, now), now)
        pause = not_before(source.schedule, began, state.failures)
        self._paused = self._paused - {source.name} | ({source.name} if pause else set())
        trigger = Crontab(source.schedule, self._jitter.of(source.schedule), pause)
        job = self._scheduler.add_job(
            self.due,
            trigger,
            args=(source.name,),
            id=source.name,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        planned: datetime | None = getattr(job, "next_run_time", None)
        if planned is None:  # the scheduler was shut down a moment ago
            return
        with suppress(SQLAlchemyError), writing(self._engine) as connection:
            schedule.plan(connection, source.name, planned)

    def _work(self) -> None:
        while not self._stop.is_set():
            with self._changed:
                due = self._changed.wait_for(lambda: self._due or self._stop.is_set(), LOOK_EVERY_S)
            self._heed_the_clock()
            self._heed_others()
            if not due:
                continue
            self._stop.wait(TOGETHER_S)
            if self._stop.is_set():
                return
            with self._changed:
                configured = {source.name for source in self._settings().sources()}
                taken = tuple(sorted(self._due & configured))
                self._due.clear()
            if taken:
                self._read(taken)

    def _heed_the_clock(self) -> None:
        """The scheduler waits by a clock that nobody sets: a set one would find it hours too early or too late."""
        before, self._clock = self._clock, _ahead_s()
        if abs(self._clock - before) > AT_THIS_MOMENT.total_seconds() and not self._stop.is_set():
            logger("sync").warning("the clock was set; schedules are reckoned anew", by_s=round(self._clock - before))
            self.reschedule()

    def _heed_others(self) -> None:
        """A run by hand may have gone well: a source that failed is left alone no longer."""
        for source in self._settings().sources():
            if source.name not in self._paused or self._stop.is_set():
                continue
            with suppress(SQLAlchemyError):
                with reading(self._engine) as connection:
                    failures = status.held(connection, source.name).failures
                if not failures:
                    self._plan(source)

    def _read(self, sources: tuple[str, ...]) -> None:
        settings = self._settings()
        wish = Wish(sources, stop=self._new_stop(), trigger="schedule", actor=ACTOR, lock_wait_s=0)
        self._running = sources
        self._began |= dict.fromkeys(sources, datetime.now(UTC))
        try:
            report = self._go(self._engine, settings, wish)
        except LockedError:
            self._tell_why("another run is in progress")
            self._again(sources)
        except SQLAlchemyError as error:
            self._tell_why(f"the database did not take it: {database_fault(error)}")
            self._again(sources)
        except Exception as error:
            told = str(error) if isinstance(error, ConfigError) else describe(error)
            logger("sync").error("the run failed as a whole", sources=list(sources), error=told)
            self._count_failure(sources)
        else:
            self._told = None
            self._totals.add_run(report)
            _tell_run(report)
        finally:
            self._running = ()
        if not self._stop.is_set():
            for source in self._settings().sources():  # which may have been read again meanwhile
                if source.name in sources:
                    self._plan(source)

    def _new_stop(self) -> threading.Event:
        """A run may stop itself, as when its settings are wrong; that must not stop those after it."""
        with self._changed:
            self._stop_run = threading.Event()
            if self._stop.is_set():
                self._stop_run.set()
            return self._stop_run

    def _tell_why(self, why: str) -> None:
        """One line, however often it is tried again for the same reason."""
        if why != self._told:
            logger("sync").warning("what is due has to wait", error=why)
        self._told = why

    def _again(self, sources: tuple[str, ...]) -> None:
        self._stop.wait(AGAIN_S)
        for source in sources:
            self.due(source)

    def _count_failure(self, sources: tuple[str, ...]) -> None:
        """The run never came to the sources; so nobody else counts it."""
        with suppress(SQLAlchemyError), writing(self._engine) as connection:
            for source in sources:
                schedule.failed(connection, source, datetime.now(UTC))


def _tell_run(report: RunReport) -> None:
    took_s = round((report.finished_at - report.started_at).total_seconds(), 1) if report.finished_at else None
    outcomes = [f"{name} {source.outcome}" for name, source in report.sources.items()]
    logger("sync").info("a run has ended", run=report.run_id, outcome=report.outcome, sources=outcomes, took_s=took_s)


def _ahead_s() -> float:
    """How far the clock is ahead of one that nobody sets."""
    return time.time() - time.monotonic()


def _tell(event: JobEvent) -> None:
    logger("sync").warning("the scheduler could not say that a source is due", source=event.job_id, code=event.code)
