"""What lands: one page of one stream as plain values, and what became of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

Key = tuple[str, str]
"""Kind and folded value of a match key."""

CUSTOMER = "customer"
ACTIVITIES = ("booking", "enrollment", "order")


@dataclass(frozen=True, slots=True)
class Matching:
    """By what a record is found and compared. `keys`: match keys. `features`: of a customer, name line, address, e-mail
    and phone, folded (`store.tables.MatchFeature`)."""

    keys: tuple[Key, ...] = ()
    features: tuple[str, str | None, str | None, str | None] | None = None


@dataclass(slots=True)
class Row:
    """A mapped row, ready to land: `payload` is its minimised, masked JSON and `sha256` the hash over it and the notes.

    `matching` makes what the row is matched by, only where that is written, since most rows of a run are unchanged.
    `flags`: the platform's marketing flags by channel, `None` = says nothing. `digest`: `SourceRecord.row_digest`. Not
    frozen, for speed: each row of a run is made into one.
    """

    external_id: str
    payload: str
    sha256: str
    notes: str | None = None
    owner_id: str | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    state: str | None = None
    matching: Callable[[], Matching] = Matching
    flags: Mapping[str, bool | None] = field(default_factory=dict)
    digest: str | None = None
    _matched: Matching | None = None

    def matched(self) -> Matching:
        """By what the row is matched; made when it is asked for first."""
        if self._matched is None:
            self._matched = self.matching()
        return self._matched


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row for quarantine. `key`: external id, else a digest of the fields; `fields`: JSON. `tombstone_id`: of the
    erased person whose row it may be (`store.tables.Quarantine`)."""

    key: str
    fields: str
    reason: str
    column: str | None = None
    file: str | None = None
    row: int | None = None
    tombstone_id: int | None = None


@dataclass(frozen=True, slots=True)
class FileMark:
    """A file that is wholly in with this batch."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One page. `owner_stream`: the stream of the same source in which owners of activities are found.
    `checkpoint`: false for rows that come from quarantine or an event, and not from a read. `asked_at`: when the
    page was asked for, before which it knows everything and after which perhaps nothing. `now`: of rows that nobody
    asked for, when they came. `unchanged`: ids of rows of the page that are held as they came."""

    source: str
    stream: str
    kind: str
    run_id: str
    now: datetime
    origin_id: int
    retrieved_from: str
    rows: Sequence[Row]
    rejected: Sequence[RejectedRow] = ()
    owner_stream: str | None = None
    cursor: str | None = None
    file: FileMark | None = None
    checkpoint: bool = True
    asked_at: datetime | None = None
    unchanged: Sequence[str] = ()

    @property
    def known_at(self) -> datetime:
        """As of when its rows are known; not in times to come, though the clock was set back since it was asked for."""
        return min(self.asked_at or self.now, self.now)


@dataclass(slots=True)
class Landed:
    """What became of a batch. The record ids serve what follows in the same transaction; `orphans` are bookings that
    had been found by contact and whose owner the source has removed; `erased` counts rows of erased people, dropped."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    vanished: int = 0
    erased: int = 0
    new_ids: list[int] = field(default_factory=list)
    changed_ids: list[int] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What does not land, since it is or may be an erased person's. Of rows that were mapped: `dropped` by external id,
    and `waiting` for a person's decision, without what they hold. Of rows that were not: by key what is kept of each,
    `None` where it is dropped."""

    dropped: Collection[str] = ()
    waiting: Sequence[RejectedRow] = ()
    rejected: Mapping[str, RejectedRow | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of a page what is not held. `owners`: those ids of owners that the rows name of whom the record is held."""

    rows: Sequence[Row]
    rejected: Sequence[RejectedRow]
    owners: Collection[str]


class Recognise(Protocol):
    """Knows erased people again among what is not held, in the transaction in which it would land."""

    def __call__(self, connection: Connection, batch: Batch, arrivals: Arrivals, /) -> Stopped: ...
