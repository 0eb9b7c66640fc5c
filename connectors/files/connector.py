"""Export files in a folder as a source behind the seam: streams `clients` and `bookings`, absence never judged."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.base import Absence, Capabilities, ImportedFile, Page, Position, Problem, Rejected, Stream, Traffic
from connectors.errors import HoldSource, RejectRow
from connectors.files.inbox import AfterImport, Arrival, Look, arrivals, candidates, look_at, put_away
from connectors.files.reading import REFUSED, FileReading, Plan, Step, plan_file, unopened
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

    The newest comes first, and what an older file says of an id that a newer one holds is skipped: read oldest first,
    the old row would land before the new one and the registry would tell of changes that nobody made. So a new file
    that is older than one in already is held against that one's ids.

    A cursor is `SHA-256:row` of the last landed row. Files do not change, so a read of one file that was cut goes on
    behind that row and needs no wrap; where the file is gone, or several are to be read, it begins again.
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
        if kind is Kind.CUSTOMER:
            yield from self._strangers(stream, position)
        order = self._order(kind, position)
        landing = [arrival for arrival in order if self._is_new(arrival, position, kind)]
        newer: set[int] = set()
        for arrival in order:
            reading = FileReading(self._plan(arrival), self._options.rules, newer)
            if arrival in landing:
                yield from self._pages(stream, arrival, reading, _resumed(position, landing))
            else:
                deque(reading.steps(), maxlen=0)
            newer |= reading.ids

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
        if self._options.after_import != "keep":
            waiting: set[Kind | None] = set()
            for arrival in self._arrivals or ():
                kind = self._plan(arrival).kind
                if arrival.sha256 not in imported:
                    waiting.add(kind)
                # An older file that is still to be read must be held against this one then.
                elif kind not in waiting:
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

    def _files(self, position: Position) -> list[Arrival]:
        """The inbox's files, oldest first, each content once: a copy made later is no newer."""
        first: dict[str, Arrival] = {}
        for arrival in self._survey(position):
            first.setdefault(arrival.sha256 or str(arrival.look.path), arrival)
        return list(first.values())

    def _order(self, kind: Kind, position: Position) -> list[Arrival]:
        """Files of a kind to look into, newest first: down to the oldest that is new, those in already included."""
        files = self._files(position)
        new = (n for n, arrival in enumerate(files) if self._is_new(arrival, position, kind))
        return [arrival for arrival in reversed(files[next(new, len(files)) :]) if self._plan(arrival).kind is kind]

    def _is_new(self, arrival: Arrival, position: Position, kind: Kind | None) -> bool:
        known = not position.full and arrival.sha256 in position.imported
        return not known and self._plan(arrival).kind is kind

    def _strangers(self, stream: str, position: Position) -> Iterator[Page]:
        """Files that are no table of ours, or cannot be read at all: problems without rows."""
        for arrival in self._files(position):
            if self._is_new(arrival, position, None):
                plan = self._plan(arrival)
                problems = plan.layout.problems
                yield Page(stream=stream, retrieved_from=plan.name, problems=problems, broken=plan.broken)

    def _plan(self, arrival: Arrival) -> Plan:
        if not arrival.sha256:
            return unopened(arrival.look.path)
        if arrival.sha256 not in self._plans:
            self._plans[arrival.sha256] = plan_file(arrival.look.path, self._options.columns)
        return self._plans[arrival.sha256]

    def _pages(self, stream: str, arrival: Arrival, reading: FileReading, after: int) -> Iterator[Page]:
        """A file's pages. Rows up to `after` are landed already: they are read for doubles, not handed out."""
        plan = reading.plan
        batch = _Batch(stream, plan.name, arrival.sha256, list(plan.layout.problems) if not after else [])
        for step in reading.steps():
            if step.row <= after:
                continue
            batch.add(step)
            if batch.size >= PAGE_ROWS:
                yield batch.page()
                batch = _Batch(stream, plan.name, arrival.sha256)
        if not reading.broken and look_at(arrival.look.path) != arrival.look:
            batch.problems.append(Problem(file=plan.name, reason=CHANGED))
            reading.broken = True
        whole = None if reading.broken else ImportedFile(name=plan.name, sha256=arrival.sha256, rows=reading.rows)
        yield batch.page(whole, broken=reading.broken)


def _resumed(position: Position, landing: Sequence[Arrival]) -> int:
    """The row behind which a cut read goes on; 0 unless it is the only file to be read."""
    sha256, _, row = (position.cursor or "").partition(":")
    return int(row) if [arrival.sha256 for arrival in landing] == [sha256] and row.isdecimal() else 0


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

    def page(self, file: ImportedFile | None = None, *, broken: bool = False) -> Page:
        """The page; with `file` it is the file's last."""
        return Page(
            stream=self._stream,
            retrieved_from=self._name,
            records=tuple(self._records),
            rejected=tuple(self._rejected),
            problems=tuple(self.problems),
            skipped=self._skipped,
            masked=self._masked,
            broken=broken,
            cursor=f"{self._sha256}:{self._row}" if self._row else None,
            file=file,
        )
