"""One run: pull → land → reconcile → publish → report. Sources side by side in threads, under the run lock."""

import gc
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import UPKEEP
from config.agreement import require_agreement
from config.errors import ConfigError
from config.logging import bound, describe, logger
from config.register import ProcessingRegister, load_register
from config.settings import Settings, Source, missing_folder, setting_of
from connectors.base import Connector
from connectors.errors import HoldSource
from connectors.records import Kind
from store import audit, locks, runs, schedule, status
from store.engine import reading, writing
from store.faults import database_fault
from store.ids import new_id
from sync.models import configured, of_run
from sync.noticing import look_at_times
from sync.obeying import heed, obey
from sync.origins import origin_id
from sync.pull import Orders, Progress, Pull, hold
from sync.rebuild import rebuild
from sync.recognising import Recognition
from sync.reconcile.model import Model
from sync.reconciling import Act, Rules, Tally, reconcile
from sync.report import FAILED, OK, PARTIAL, RunReport, SourceReport, worst
from sync.sources import connect

LOCK_WAIT_S = 60.0
LOCK_LOST = "the run lock was lost, as when PostgreSQL is restarted; what landed stays, the next run goes on"


def no_progress(source: str, stream: str, fetched: int, total: int | None) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants of a run. `trigger`: `command` or `schedule`; `actor`: who wants it, for the audit chain.
    `lock_wait_s`: patience with another run."""

    sources: Sequence[str] = ()
    full: bool = False
    accept_vanished: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress = no_progress
    trigger: str = "command"
    actor: str = "rekisteri"
    lock_wait_s: float = LOCK_WAIT_S


def rules_of(settings: Settings, model: Model | None = None) -> Rules:
    """Survivorship as configured, and the match model, else the configured one."""
    sources = settings.sources()
    return Rules(
        {source.name: place for place, source in enumerate(sources)},
        {source.name: source.consent_grantee for source in sources},
        model or configured(settings),
        brands=tuple(load_register(settings.processing.register_path).brands),
    )


def chosen(settings: Settings, names: Sequence[str]) -> tuple[Source, ...]:
    """The sources of these names, all for none. Raises `ConfigError` for one that is not configured."""
    known = {source.name: source for source in settings.sources()}
    if not known:
        raise ConfigError("no source is configured; set one, see docs/configuration.md")
    for name in names:
        if name not in known:
            raise ConfigError(f"no source named {name} is configured; there is {', '.join(known)}")
    return tuple(known[name] for name in known if not names or name in names)


def run(engine: Engine, settings: Settings, wish: Wish) -> RunReport:
    """Run once.

    Raises `LockedError` when another run outlasts the wait, `ConfigError` where the settings and the register do not
    fit or the key is missing by which erased people are known again, `SidecarError` where a registry that knows of no
    erasure has a sidecar that cannot be read, `StopRun` where a connector cannot be made of its
    settings. A source that has to be held stops no other.
    """
    sources = chosen(settings, wish.sources)
    register = load_register(settings.processing.register_path)
    require_agreement(settings, register)
    told = partial(_tell_waiting, wish.lock_wait_s)
    lock = locks.holding(engine, "run", wait_s=wish.lock_wait_s, stopped=wish.stop.is_set, waiting=told)
    with lock as held, _few_cycles():
        now = datetime.now(UTC)
        obey(engine, settings, partial(rules_of, settings))
        recognise = Recognition(settings.privacy.key_file)
        with reading(engine) as connection:
            recognise.ready(connection)
            report = RunReport(new_id(now, after=runs.newest(connection)), now)
        with bound(run=report.run_id), _while_held(held, wish) as still:
            return _locked_run(engine, settings, register, sources, wish, report, still, recognise)


@contextmanager
def _while_held(lock: locks.Lock, wish: Wish) -> Iterator[Callable[[], bool]]:
    """Stop the run where its lock is lost: another one may have begun. Gives a look whether it is held."""

    def lost() -> None:
        logger("sync").error("the run lock was lost; the run stops")
        wish.stop.set()

    with locks.watched(lock, lost) as still:
        yield still


@contextmanager
def _few_cycles() -> Iterator[None]:
    """A run makes many values that live long, and no cycles: looking for cycles at the usual rate takes a fifth of it.
    Afterwards the process is as it was, since a daemon lives on."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _tell_waiting(wait_s: float) -> None:
    logger("sync").info("another run is in progress; waiting for its end", at_most_s=wait_s)


def _locked_run(
    engine: Engine,
    settings: Settings,
    register: ProcessingRegister,
    sources: Sequence[Source],
    wish: Wish,
    report: RunReport,
    still: Callable[[], bool],
    recognise: Recognition,
) -> RunReport:
    now = report.started_at
    with writing(engine) as connection:
        runs.begin(connection, report.run_id, now, full=wish.full, trigger=wish.trigger)
        if wish.accept_vanished:
            detail = {"run": report.run_id}
            audit.note(connection, now, wish.actor, "sync.accept_vanished", UPKEEP, detail=detail)
    orders = Orders(
        run_id=report.run_id,
        started_at=now,
        full=wish.full,
        accept_vanished=wish.accept_vanished,
        max_vanished=settings.safety.max_vanished,
        stop=wish.stop,
        progress=wish.progress,
        recognise=recognise,
        actor=wish.actor,
    )
    try:
        report.sources = _pull_all(engine, register, sources, orders, still)
        if still():
            heed(engine, settings)
            tally = _reconcile(engine, rules_of(settings, of_run(engine, settings)), report.run_id, wish)
            report.registry = _registry_counts(engine, tally)
            look_at_times(engine, settings, register)
        outcomes = [source.outcome for source in report.sources.values()]
        report.outcome = worst(outcomes) if still() else FAILED
    except SQLAlchemyError as error:
        report.outcome = FAILED
        logger("sync").error("the database did not take it; what landed stays", error=database_fault(error))
    except BaseException:
        report.outcome = FAILED
        raise
    finally:
        report.finished_at = datetime.now(UTC)
        _close_run(engine, report)
    return report


def _close_run(engine: Engine, report: RunReport) -> None:
    """Write down how the run ended. Where that cannot be written, the next run closes it as failed."""
    try:
        with writing(engine) as connection:
            runs.finish(connection, report.run_id, datetime.now(UTC), report.outcome, json.dumps(report.registry))
    except SQLAlchemyError as error:
        report.outcome = FAILED
        logger("sync").error("the end of the run could not be written down", error=database_fault(error))


def _pull_all(
    engine: Engine,
    register: ProcessingRegister,
    sources: Sequence[Source],
    orders: Orders,
    still: Callable[[], bool],
) -> dict[str, SourceReport]:
    with ThreadPoolExecutor(max_workers=len(sources), thread_name_prefix="source") as pool:
        jobs = {
            source.name: pool.submit(copy_context().run, _pull_source, engine, register, source, orders, still)
            for source in sources
        }
    return {name: job.result() for name, job in jobs.items()}


def _pull_source(
    engine: Engine, register: ProcessingRegister, source: Source, orders: Orders, still: Callable[[], bool]
) -> SourceReport:
    """Pull one source and write down how it went. What the database does not take fails this source alone."""
    report = SourceReport()
    try:
        report = _pull(engine, register, source, orders)
        if report.outcome == PARTIAL and orders.stop.is_set() and not still():
            report.outcome, report.error = FAILED, LOCK_LOST
        _note(engine, source, report, orders)
    except SQLAlchemyError as error:
        report.outcome = FAILED
        report.error = report.error or f"the database did not take it: {database_fault(error)}"
    return report


def _pull(engine: Engine, register: ProcessingRegister, source: Source, orders: Orders) -> SourceReport:
    try:
        _require_inbox(source)
        connector = connect(source, orders.stop)
    except HoldSource as error:  # what one source lacks (a key, a usable address) is no reason to stop the others
        hold(engine, source.name, error)
        return SourceReport(outcome=FAILED, error=str(error))
    try:
        return Pull(engine, source.name, connector, _origins(engine, register, source, connector, orders), orders).run()
    finally:
        _close(engine, source, connector)


def _require_inbox(source: Source) -> None:
    """A folder that is gone holds its source, and no other."""
    if source.inbox is not None and not source.inbox.is_dir():
        raise HoldSource(str(missing_folder(setting_of(source, "inbox"), source.inbox)))


def _close(engine: Engine, source: Source, connector: Connector) -> None:
    """Let the connector tidy its files. That it cannot is told, and changes nothing about what is in."""
    try:
        with reading(engine) as connection:
            imported = runs.imported_files(connection, source.name)
    except SQLAlchemyError:  # nothing is known to be in, so nothing is put away; sockets are let go of all the same
        imported = frozenset()
    try:
        connector.close(imported)
    except OSError as error:
        logger("sync").warning("could not put files away", source=source.name, error=describe(error))


def _origins(
    engine: Engine, register: ProcessingRegister, source: Source, connector: Connector, orders: Orders
) -> dict[Kind, int]:
    """Origin ids for every kind of record of a source, under the register as it is now."""
    wanted = {stream.kind: stream.activity for stream in connector.streams}
    with writing(engine) as connection:
        return {
            kind: origin_id(connection, register, source, activity, kind.value, orders.started_at, orders.actor)
            for kind, activity in wanted.items()
        }


def _note(engine: Engine, source: Source, report: SourceReport, orders: Orders) -> None:
    """Keep the numbers of one source, and let go of a hold where the platform answered."""
    key = {"run_id": orders.run_id, "source": source.name}
    with writing(engine) as connection:
        runs.note_source(
            connection,
            key
            | {
                "outcome": report.outcome,
                "error": report.error,
                "requests": report.requests,
                "retries": report.retries,
                "waited_s": report.waited_s,
            },
            [key | {"stream": name} | stream.as_dict() for name, stream in report.streams.items()],
        )
        runs.note_problems(
            connection,
            [key | problem.model_dump() for problem in report.problems],
        )
        now = datetime.now(UTC)
        if report.outcome == FAILED:
            failures, lost_since = schedule.failed(connection, source.name, now), None
        else:
            runs.release_source(connection, source.name, now if report.outcome == OK else None)
            failures, lost_since = 0, schedule.recovered(connection, source.name)
    if failures == 1:
        logger("sync").warning("a source is lost", source=source.name, error=report.error)
    elif failures:
        logger("sync").debug("a source is still lost", source=source.name, error=report.error)
    elif lost_since:
        lost_s = round((now - lost_since).total_seconds())
        logger("sync").info("a source is back", source=source.name, lost_s=lost_s)


def _reconcile(engine: Engine, rules: Rules, run_id: str, wish: Wish) -> Tally:
    now = datetime.now(UTC)
    rebuild(engine, rules, forced=wish.full)
    return reconcile(engine, rules, Act("sync", now, run_id), stopped=wish.stop.is_set)


def _registry_counts(engine: Engine, tally: Tally) -> dict[str, int]:
    with reading(engine) as connection:
        size = status.registry_size(connection)
    counts = {
        "records": size.records,
        "customers": size.customers,
        "created": tally.created,
        "merged": tally.merged,
        "split": tally.split,
        "review": size.review,
    }
    return counts | {"common_contacts": len(tally.common)} if tally.common else counts
