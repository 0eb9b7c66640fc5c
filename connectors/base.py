"""The seam between a platform and the program.

A connector knows one platform's paging, pace and quirks and yields `Page`s of mapped records; it knows nothing of the
database. Everything that crosses is a frozen value. Words as in `docs/design.md`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from connectors.records import Frozen, Kind, SourceRecord


class Absence(StrEnum):
    """What it means when a row that we hold is missing from a complete sweep of its stream.

    `IGNORED`: nothing (the source has no total, or is a file). `DELETED`: the row is gone.
    `CONFIRMED`: ask the platform about each missing id (`Connector.confirm_gone`) before believing it.
    """

    IGNORED = "ignored"
    DELETED = "deleted"
    CONFIRMED = "confirmed"


class Stream(Frozen):
    """One kind of row of a source.

    `activity` names the processing activity in the processing register whose metadata the stream's records carry.
    """

    name: str
    kind: Kind
    absence: Absence = Absence.IGNORED
    activity: str


class Capabilities(Frozen):
    """What a source can tell, so that a lack is known and never read as a "no"."""

    stable_ids: bool
    consents: bool
    bookings: bool
    changed_since: bool
    confirms_deletion: bool


class Position(Frozen):
    """Where the last reads of a stream ended, from the store.

    `cursor`: cursor of the last landed page of a read that did not finish; `None` after a finished read.
    `newest`: greatest `SourceRecord.updated_at` landed so far.
    `swept_at`: when the last complete sweep of the whole stream ended.
    `imported`: SHA-256 (hex) of files that are in already.
    `full`: read everything, whatever the above say.
    `now`: the run's start, UTC.
    `told_apart`: rows that have a digest may be left unmapped (`Page.rest`), for most are held as they came. It may be
    left alone.
    """

    now: datetime
    full: bool = False
    cursor: str | None = None
    newest: datetime | None = None
    swept_at: datetime | None = None
    imported: frozenset[str] = frozenset()
    told_apart: bool = False


class Rejected(Frozen):
    """A row that could not be mapped, for quarantine.

    `external_id` is `None` where the row has none. `fields` holds the allow-listed fields of the row as they came,
    identity codes masked, so that a later mapping can try again.
    """

    external_id: str | None
    fields: Mapping[str, Any]
    reason: str
    column: str | None = None
    file: str | None = None
    row: int | None = None


class Problem(Frozen):
    """Something a person should look at; the row itself went on, or was never a row. Never quotes a value."""

    file: str | None = None
    row: int | None = None
    column: str | None = None
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Its part of a JSON document, without what is not known."""
        return self.model_dump(exclude_none=True)


class ImportedFile(Frozen):
    """A file that is wholly read with this page. Known by its content; the name is for people."""

    name: str
    sha256: str
    rows: int


class Page(Frozen):
    """What came with one answer of a platform, or one piece of a file; it lands whole or not at all.

    `sweep`: this read covers the whole stream, so that absence can be judged. `total`: rows in the stream as the
    platform states it on this page. `cursor`: handed back in `Position.cursor` when the read is cut after this page.
    `retrieved_from`: for people, e.g. `GET /users` or `asiakkaat.csv`. `skipped`: rows that are no record of this
    stream by rule (a calendar block among bookings). `masked`: identity codes masked or dropped. `broken`: something of
    this stream could not be read, as a problem tells; the stream is partial. `digests`: of records by id, and of
    rows in `rest`. A digest covers all that the mapping rests on, its version and settings too, and nothing that is not
    kept. A row that is doubtful, or shares its id with another on the page, has none. `rest`: a page of those rows of
    this one that are not mapped yet, without those of these ids. `unchanged`: ids of rows that are held as they came.
    """

    stream: str
    retrieved_from: str
    records: tuple[SourceRecord, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: int = 0
    masked: int = 0
    broken: bool = False
    sweep: bool = False
    total: int | None = None
    cursor: str | None = None
    file: ImportedFile | None = None
    digests: Mapping[str, str] = {}
    unchanged: tuple[str, ...] = ()
    rest: Callable[[Collection[str]], "Page"] | None = None

    def without(self, same: Collection[str]) -> "Page":
        """This page with all its rows mapped but those of these ids, which are held as they came."""
        if self.rest is None:
            return self
        rest = self.rest(same)
        return self.model_copy(
            update={
                "records": self.records + rest.records,
                "rejected": self.rejected + rest.rejected,
                "problems": self.problems + rest.problems,
                "masked": self.masked + rest.masked,
                "digests": rest.digests,
                "unchanged": tuple(same),
                "rest": None,
            }
        )


class Traffic(Frozen):
    """Requests made, of them repeated, and seconds waited for pace or retries, since the connector was made.

    `statuses`: answers by class, `2xx` to `5xx`, and `none` where no answer came.
    """

    requests: int = 0
    retries: int = 0
    waited_s: float = 0.0
    statuses: Mapping[str, int] = {}


class Connector(Protocol):
    """A platform. Not thread-safe: one run uses one connector in one thread.

    Five methods. All may raise `ConnectorError`s; nothing else crosses the seam but bugs.
    """

    name: str
    capabilities: Capabilities
    streams: Sequence[Stream]

    @property
    def traffic(self) -> Traffic:
        """What was asked and waited so far."""
        ...

    def check(self) -> str:
        """Make one cheap call and say in a sentence what works. Raises `HoldSource`, `RetryLater` where it does not."""
        ...

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """Yield the pages of a stream. With a cursor, begin after it, wrap round, and read what came before it too."""
        ...

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Map allow-listed fields again (`Rejected.fields`). Raises `RejectRow`. Pure."""
        ...

    def confirm_gone(self, stream: str, external_id: str) -> bool:
        """Whether the platform itself says that this row does not exist. Only for `Absence.CONFIRMED` streams."""
        ...

    def close(self, imported: frozenset[str]) -> None:
        """End the run: `imported` are SHA-256s of files now in the registry, which may be archived. Release sockets."""
        ...
