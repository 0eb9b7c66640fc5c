"""Pull one source: its streams one after the other, page by page; the next page is fetched while one is landed.

For each stream:

1. Rows in quarantine that the mapping understands now are landed.
2. The pages are read and landed. A sweep that turns out incomplete is repeated once.
3. After a complete sweep, rows that it did not see are judged: few vanish (where the platform can confirm it, each is
   asked for), many are held for a person. None vanishes of which an event has spoken since the sweep began.

A stream that fails fails its source; what landed stays, the other streams are read, and the next run goes on.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pydantic_core import from_json
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.errors import ConfigError
from config.logging import describe, logger
from connectors.base import Absence, Connector, Page, Position, Problem, Stream
from connectors.errors import ConnectorError, HoldSource, RejectRow, RetryLater, StopRun
from connectors.records import Kind
from store import absence, events, runs
from store.batch import Batch, Landed, Recognise, Row
from store.engine import reading, writing
from store.faults import database_fault
from store.landing import held_as_they_came, land
from sync.ahead import ahead
from sync.attach import attach, find_owners
from sync.prepare import Landing, prepare, to_row
from sync.report import FAILED, OK, PARTIAL, SourceReport, StreamReport
from sync.sweep import Judgement, Sweep, judge_absence
from sync.wording import quantity

T = TypeVar("T")

LIKE = 20  # so many problems of one kind are told row by row


class Progress(Protocol):
    """Told after each landed page; `total` is the platform's, where it states one."""

    def __call__(self, source: str, stream: str, fetched: int, total: int | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Orders:
    """What a run asks of every source. `recognise`: knows erased people again; `actor`: who runs."""

    run_id: str
    started_at: datetime
    full: bool
    accept_vanished: bool
    max_vanished: float
    stop: threading.Event
    progress: Progress
    recognise: Recognise | None = None
    actor: str = "rekisteri"


@dataclass(slots=True)
class Pull:
    """One source being pulled. `origins`: origin id of each kind of its records."""

    engine: Engine
    name: str
    connector: Connector
    origins: Mapping[Kind, int]
    orders: Orders
    report: SourceReport = field(default_factory=SourceReport)
    noted: Counter[tuple[str | None, str | None, str]] = field(default_factory=Counter)
    unconfirmed: bool = False

    def run(self) -> SourceReport:
        """Pull everything. Raises `StopRun` alone, which ends the run."""
        try:
            self._streams()
        except StopRun:
            self.orders.stop.set()
            raise
        except HoldSource as error:
            self._fail(str(error))
            hold(self.engine, self.name, error)
        except ConnectorError as error:
            if self.orders.stop.is_set():
                self._stopped()
            else:
                self._fail(str(error))
        except ConfigError as error:
            self._fail(str(error))
        except SQLAlchemyError as error:
            self._fail(f"the database did not take it: {database_fault(error)}")
        except Exception as error:
            logger("sync").exception("a source failed in a way that nobody foresaw", source=self.name)
            self._fail(f"internal error: {describe(error)}")
        self._sum_up()
        self._count_traffic()
        return self.report

    def _fail(self, text: str) -> None:
        self.report.outcome = FAILED
        self.report.error = text

    def _stopped(self) -> None:
        self.report.outcome, self.report.error = PARTIAL, "stopped before the end; the next run goes on"

    def _count_traffic(self) -> None:
        traffic = self.connector.traffic
        self.report.requests, self.report.retries = traffic.requests, traffic.retries
        self.report.waited_s = traffic.waited_s
        self.report.statuses = traffic.statuses

    def _streams(self) -> None:
        """Read every stream. One that the platform does not answer for stops no other, but two in a row are enough to
        know that it does not answer at all."""
        errors: list[RetryLater] = []
        in_a_row = 0
        for stream in self.connector.streams:
            if self.orders.stop.is_set():
                break
            report = self.report.streams[stream.name] = StreamReport()
            try:
                self._stream(stream, report)
                in_a_row = 0
            except RetryLater as error:
                if self.orders.stop.is_set():
                    report.outcome = PARTIAL
                    break
                report.outcome = FAILED
                errors.append(error)
                in_a_row += 1
                if in_a_row == 2:
                    break
            except BaseException:
                report.outcome = FAILED
                raise
            if report.outcome != OK:
                self.report.outcome = PARTIAL
        if self.orders.stop.is_set():
            self._stopped()
        elif errors:
            raise errors[0]

    def _stream(self, stream: Stream, report: StreamReport) -> None:
        landing = self._landing(stream)
        self._retry_quarantine(stream, landing, report)
        sweep = self._read(stream, landing, report)
        if sweep.claims_all and not sweep.complete:
            logger("sync").info("sweep incomplete, reading once more", source=self.name, stream=stream.name)
            self._forget_cursor(stream)
            sweep = self._read(stream, landing, report)
        report.complete = sweep.complete
        if not sweep.ended:
            report.outcome = PARTIAL
            return
        if sweep.claims_all and not sweep.complete:
            self._problem(f"{stream.name}: rows moved while they were read, twice; nothing is taken to be deleted")
        if sweep.complete and stream.absence is not Absence.IGNORED:
            self._judge(stream, sweep, report)
        # Where absence is never judged, the platform may state no total; then to have read all to the end is enough.
        swept = sweep.complete or (stream.absence is Absence.IGNORED and sweep.whole)
        with writing(self.engine) as connection:
            if sweep.complete:
                runs.lift_unsent(connection, self.name, stream.name, self.orders.run_id, sweep.began_at, _now())
            runs.end_read(connection, self.name, stream.name, (sweep.began_at, _now()) if swept else None)

    def _landing(self, stream: Stream) -> Landing:
        owners = [other.name for other in self.connector.streams if other.kind is Kind.CUSTOMER]
        return Landing(
            source=self.name,
            stream=stream,
            run_id=self.orders.run_id,
            origin_id=self.origins[stream.kind],
            owner_stream=owners[0] if owners else None,
            names_help=self.connector.capabilities.bookings,
        )

    def _read(self, stream: Stream, landing: Landing, report: StreamReport) -> Sweep:
        sweep = Sweep(_now())
        pages = _timed(self.connector.read(stream.name, self._position(stream)))
        landed = False
        try:
            for asked_at, page in _until(self._ahead(pages), self.orders.stop):
                sweep.saw(self._land_page(page, asked_at, landing, report))
                landed = True
                self.orders.progress(self.name, stream.name, report.fetched, page.total)
        except RetryLater:
            if not landed and not self.orders.stop.is_set():
                self._forget_cursor(stream)
            raise
        sweep.ended = not self.orders.stop.is_set()
        return sweep

    def _ahead(self, items: Iterator[T]) -> Iterator[T]:
        return ahead(items, f"read-{self.name}", self.orders.stop.is_set)

    def _forget_cursor(self, stream: Stream) -> None:
        """The next read begins at the beginning: a page that never comes must not hide for ever what lies before it."""
        with writing(self.engine) as connection:
            runs.end_read(connection, self.name, stream.name)

    def _position(self, stream: Stream) -> Position:
        with reading(self.engine) as connection:
            standing = runs.standing(connection, self.name, stream.name)
            imported = runs.imported_files(connection, self.name, stream.name)
        return Position(
            now=self.orders.started_at,
            full=self.orders.full,
            cursor=standing.cursor,
            newest=standing.newest,
            swept_at=standing.swept_at,
            imported=imported,
            # On a first load nothing is held, so nothing can be as it is held.
            told_apart=standing.swept_at is not None and not self.orders.full,
        )

    def _land_page(self, page: Page, asked_at: datetime, landing: Landing, report: StreamReport) -> Page:
        """Land a page; the page with all mapped that is not held as it came. That is asked in the transaction in which
        it counts: an earlier page or an event may have changed a row since."""
        ready = prepare(page, landing, _now(), asked_at) if page.rest is None else None
        with writing(self.engine) as connection:
            if ready is None:
                page = page.without(held_as_they_came(connection, self.name, landing.stream.name, page.digests))
                ready = prepare(page, landing, _now(), asked_at)
            batch, masked = ready
            landed = land(connection, batch, self.orders.recognise)
            if landing.names_help:
                attach(connection, batch, landed)
        _count(report, landed, len(page.records) + len(page.rejected) + len(page.unchanged))
        report.skipped += page.skipped
        if page.broken:
            report.outcome = PARTIAL
        report.masked += masked
        for problem in page.problems:
            self._note(problem)
        for rejected in page.rejected:
            reason = f"{landing.stream.name}: quarantined, {rejected.reason}"
            self._note(Problem(file=rejected.file, row=rejected.row, column=rejected.column, reason=reason))
        return page

    def _retry_quarantine(self, stream: Stream, landing: Landing, report: StreamReport) -> None:
        """Land what the mapping understands now, with the origin and the time of its own retrieval. Such rows count as
        fetched, though nobody sent them again."""
        with reading(self.engine) as connection:
            waiting = runs.quarantined(connection, self.name, stream.name)
        mended: dict[runs.Retrieval, dict[str, Row]] = {}
        for row in waiting:
            try:
                record = self.connector.map_row(stream.name, from_json(row.fields))
            except RejectRow:
                continue
            mapped, masked = to_row(record, names_help=landing.names_help)
            mended.setdefault(row.retrieval, {})[row.key] = mapped
            report.masked += masked
        for retrieval, rows in mended.items():
            self._land_mended(retrieval, rows, landing, report)

    def _land_mended(
        self, retrieval: runs.Retrieval, rows: Mapping[str, Row], landing: Landing, report: StreamReport
    ) -> None:
        batch = Batch(
            source=self.name,
            stream=landing.stream.name,
            kind=landing.stream.kind.value,
            run_id=retrieval.run_id,
            now=retrieval.retrieved_at,
            origin_id=retrieval.origin_id,
            retrieved_from=retrieval.retrieved_from,
            rows=list(rows.values()),
            owner_stream=landing.owner_stream,
            checkpoint=False,
        )
        with writing(self.engine) as connection:
            runs.lift(connection, self.name, landing.stream.name, list(rows))  # before: it may have to wait once more
            landed = land(connection, batch, self.orders.recognise)
            if landing.names_help:
                attach(connection, batch, landed)
        _count(report, landed, len(rows))

    def _judge(self, stream: Stream, sweep: Sweep, report: StreamReport) -> None:
        with reading(self.engine) as connection:
            live, absent = absence.missing(connection, self.name, stream.name, sweep.ids, sweep.began_at, _now())
        judgement = judge_absence(
            live, len(absent), max_share=self.orders.max_vanished, accepted=self.orders.accept_vanished
        )
        if judgement is Judgement.HOLD:
            report.held, report.outcome = len(absent), PARTIAL
            self._problem(
                f"{stream.name}: {len(absent)} of {live} rows are gone at once and are held, nothing is removed; "
                "look at the platform, then run `rekisteri sync --accept-vanished`, or wait until they are back"
            )
        elif judgement is Judgement.VANISH:
            asked_at = _now()
            asked = ((row, self._is_gone(stream, row[1])) for row in absent)
            gone = [row for row, is_gone in self._ahead(asked) if is_gone]
            if self.orders.stop.is_set():
                report.outcome = PARTIAL
                return
            if len(gone) < len(absent):
                self._problem(
                    f"{stream.name}: not listed, yet still at the platform: {quantity(len(absent) - len(gone), 'row')}"
                )
            vanished = self._remove(stream, sweep, gone, asked_at)
            report.vanished += vanished
            if vanished and stream.kind is Kind.CUSTOMER:
                self._problem(
                    f"{stream.name}: deleted at the platform: {quantity(vanished, 'row')}; gone from the live registry"
                    " and kept in the store, since that is no erasure: decide whether to erase these people here too"
                )

    def _remove(self, stream: Stream, sweep: Sweep, gone: Sequence[tuple[int, str]], asked_at: datetime) -> int:
        """Take rows out that were gone when that was asked at `asked_at`; how many. What an event has said of a row
        since the sweep began is newer, or may be: then the next sweep judges it."""
        with writing(self.engine) as connection:
            names = [external_id for _, external_id in gone]
            kept = events.spoken_of(connection, self.name, stream.name, names, sweep.began_at, _now())
            leaving = [id_ for id_, external_id in gone if external_id not in kept]
            find_owners(connection, self.name, absence.vanish(connection, leaving, asked_at))
        return len(leaving)

    def _is_gone(self, stream: Stream, external_id: str) -> bool:
        if stream.absence is not Absence.CONFIRMED:
            return True
        if self.orders.stop.is_set() or self.unconfirmed:
            return False
        try:
            return self.connector.confirm_gone(stream.name, external_id)
        except RetryLater as error:
            self.unconfirmed = True  # nor would the platform confirm the next one
            self._problem(f"{stream.name}: the platform does not say whether missing rows are gone: {error}")
            return False

    def _problem(self, reason: str) -> None:
        self._note(Problem(reason=reason))

    def _note(self, problem: Problem) -> None:
        """Add a problem; of very many like it only the first ones, then their number (`_sum_up`)."""
        key = (problem.file, problem.column, problem.reason)
        self.noted[key] += 1
        if self.noted[key] <= LIKE:
            self.report.problems.append(problem)

    def _sum_up(self) -> None:
        for (file, column, reason), number in self.noted.items():
            if number > LIKE:
                text = f"{reason}: {quantity(number - LIKE, 'row')} more like this"
                self.report.problems.append(Problem(file=file, column=column, reason=text))


def hold(engine: Engine, source: str, error: HoldSource) -> None:
    """Write down that a source waits for a person, and why."""
    with writing(engine) as connection:
        runs.hold_source(connection, source, str(error), _now())


def _count(report: StreamReport, landed: Landed, came: int) -> None:
    """Add to the numbers of a stream; what was dropped of erased people is not among the fetched."""
    report.fetched += came - landed.erased
    report.erased += landed.erased
    report.new += landed.new
    report.changed += landed.changed
    report.unchanged += landed.unchanged
    report.quarantined += landed.quarantined
    report.vanished += landed.vanished


def _timed(pages: Iterator[Page]) -> Iterator[tuple[datetime, Page]]:
    """Each page with the time at which it was asked for."""
    while True:
        asked_at = _now()
        page = next(pages, None)
        if page is None:
            return
        yield asked_at, page


def _until(pages: Iterator[T], stop: threading.Event) -> Iterator[T]:
    """The pages, until somebody asks to stop; the page in hand is finished."""
    for page in pages:
        yield page
        if stop.is_set():
            return


def _now() -> datetime:
    return datetime.now(UTC)
