"""Export files in a folder as a source behind the seam: streams `clients` and `bookings`, absence never judged."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.base import Absence, Capabilities, ImportedFile, Page, Position, Problem, Rejected, Stream, Traffic
from connectors.errors import HoldSource, RejectRow
from connectors.files.inbox import AfterImport, Arrival, Look, arrivals, candidates, look_at, put_away
from connectors.files.reading import REFUSED, FileReading, Plan, Step, plan_file
from connectors.files.rows import Rules, map_fields
from connectors.records import Kind, SourceRecord

PAGE_ROWS = 500
KINDS: Mapping[str, Kind] = {"clients": Kind.CUSTOMER, "bookings": Kind.BOOKING}
CHANGED = "the file changed while it was read; it is read again at the next run"


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the owner set. `setting`: the section's name for messages, e.g. `files.reseller`."""

    name: str
    setting: str
    inbox: Path
    activity: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    after_import: AfterImport = "keep"


class FileConnector:
    """Reads the inbox's files. Each is looked at once a run; files of known content are passed over.

    A cursor is `SHA-256:row` of the last landed row. Files do not change, so a read that was cut goes on behind that
    row and needs no wrap; where the file is gone, it begins again.
    """

    def __init__(self, options: FileOptions, stop: threading.Event | None = None) -> None:
        self.name = options.name
        self.capabilities = Capabilities(
            stable_ids=False, consents=True, bookings=True, changed_since=False, confirms_deletion=False
        )
        self.streams: Sequence[Stream] = tuple(
            Stream(name=name, kind=kind, absence=Absence.IGNORED, activity=options.activity)
            for name, kind in KINDS.items()
        )
        self.traffic = Traffic()
        self._options = options
        self._stop = stop or threading.Event()
        self._arrivals: list[Arrival] | None = None
        self._plans: dict[str, Plan] = {}

    def check(self) -> str:
        """Look into the folder."""
        count = len(self._candidates())
        return f"{count} {'file' if count == 1 else 'files'} in the inbox"

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """The rows of the files of the stream's kind, 500 a page; a file's last page names it as imported."""
        kind = KINDS[stream]
        begin, row = self._resume(position)
        for arrival in self._new_files(position, begin):
            plan = self._plan(arrival)
            if plan.kind is kind:
                after = row if arrival.sha256 == begin else 0
                yield from self._pages(stream, arrival, plan, after)
            elif plan.kind is None and kind is Kind.CUSTOMER:
                yield Page(stream=stream, retrieved_from=plan.name, problems=plan.layout.problems)

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Map the fields of a rejected row again. Raises `RejectRow`."""
        if refused := fields.get(REFUSED):
            raise RejectRow(str(refused))
        texts = {name: str(value) for name, value in fields.items() if value is not None}
        return map_fields(KINDS[stream], texts, self._options.rules).record

    def confirm_gone(self, stream: str, external_id: str) -> bool:  # noqa: ARG002 - the seam's signature
        """Files say nothing of what is gone."""
        return False

    def close(self, imported: frozenset[str]) -> None:
        """Put away the files that are in the registry, as the owner chose."""
        for arrival in self._arrivals or ():
            if arrival.sha256 in imported:
                put_away(arrival, self._options.after_import)
        self._arrivals = None
        self._plans.clear()

    def _candidates(self) -> list[Look]:
        try:
            return candidates(self._options.inbox)
        except OSError:
            raise HoldSource(f"the inbox cannot be read; look at {self._options.setting}.inbox") from None

    def _survey(self, position: Position) -> list[Arrival]:
        if self._arrivals is None:
            known = frozenset() if position.full else position.imported
            self._arrivals = arrivals(self._candidates(), known, self._stop)
        return self._arrivals

    def _resume(self, position: Position) -> tuple[str | None, int]:
        """Digest and row behind which a cut read goes on; nothing where the file is not there any more."""
        sha256, _, row = (position.cursor or "").partition(":")
        there = any(arrival.sha256 == sha256 for arrival in self._survey(position))
        return (sha256, int(row)) if there and row.isdigit() else (None, 0)

    def _new_files(self, position: Position, begin: str | None) -> Iterator[Arrival]:
        """Files to read, each content once. A full read takes all; one that was cut leaves out those before the cut."""
        passed = set() if position.full else set(position.imported)
        waiting = position.full and begin is not None
        for arrival in self._survey(position):
            waiting = waiting and arrival.sha256 != begin
            if not waiting and arrival.sha256 not in passed:
                passed.add(arrival.sha256)
                yield arrival

    def _plan(self, arrival: Arrival) -> Plan:
        if arrival.sha256 not in self._plans:
            self._plans[arrival.sha256] = plan_file(arrival.look.path, self._options.columns)
        return self._plans[arrival.sha256]

    def _pages(self, stream: str, arrival: Arrival, plan: Plan, after: int) -> Iterator[Page]:
        """A file's pages. Rows up to `after` are landed already: they are read for doubles, not handed out."""
        reading = FileReading(plan, self._options.rules)
        batch = _Batch(stream, plan.name, arrival.sha256, list(plan.layout.problems) if not after else [])
        for step in reading.steps():
            if step.row <= after:
                continue
            batch.add(step)
            if batch.size >= PAGE_ROWS:
                yield batch.page()
                batch = _Batch(stream, plan.name, arrival.sha256)
        if look_at(arrival.look.path) != arrival.look:
            batch.problems.append(Problem(file=plan.name, reason=CHANGED))
            reading.broken = True
        whole = None if reading.broken else ImportedFile(name=plan.name, sha256=arrival.sha256, rows=reading.rows)
        yield batch.page(whole)


class _Batch:
    """Steps that will be a page."""

    def __init__(self, stream: str, name: str, sha256: str, problems: list[Problem] | None = None) -> None:
        self._stream, self._name, self._sha256 = stream, name, sha256
        self._records: list[SourceRecord] = []
        self._rejected: list[Rejected] = []
        self.problems: list[Problem] = problems or []
        self._masked = self._row = self._skipped = 0

    @property
    def size(self) -> int:
        """Rows so far."""
        return len(self._records) + len(self._rejected) + self._skipped

    def add(self, step: Step) -> None:
        """Take in what a row gave."""
        self._row = step.row
        self._masked += step.masked
        self.problems += step.problems
        if step.record:
            self._records.append(step.record)
        elif step.rejected:
            self._rejected.append(step.rejected)
        else:
            self._skipped += step.skipped

    def page(self, file: ImportedFile | None = None) -> Page:
        """The page; with `file` it is the file's last."""
        return Page(
            stream=self._stream,
            retrieved_from=self._name,
            records=tuple(self._records),
            rejected=tuple(self._rejected),
            problems=tuple(self.problems),
            skipped=self._skipped,
            masked=self._masked,
            cursor=f"{self._sha256}:{self._row}" if self._row else None,
            file=file,
        )
