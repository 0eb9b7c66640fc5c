"""The wire rows of one stream, each serialised once and kept as bytes, so that serving a page is joining bytes."""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

R = TypeVar("R", bound=NamedTuple)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def iso(ms: int | None) -> str | None:
    """Epoch milliseconds as platforms write a time: `2024-02-22T20:32:52.726Z`."""
    if ms is None:
        return None
    return f"{datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:19]}.{ms % 1000:03d}Z"


def from_iso(text: str) -> int:
    """Epoch milliseconds of a date or a time as a client writes it; without a zone it is UTC. Raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def dumps(value: Any) -> bytes:
    """JSON as the platforms send it: UTF-8, no spaces."""
    return _encode(value).encode()


class Row(Generic[R]):
    """A record with its wire fields changed by hand (`edits`) and its cached JSON."""

    __slots__ = ("edits", "raw", "record")

    def __init__(self, record: R) -> None:
        self.record = record
        self.edits: dict[str, Any] | None = None
        self.raw: bytes | None = None


class Rows(Generic[R]):
    """The rows of one stream in the order in which the platform lists them.

    `wire` turns a record into the fields as they are sent. Rows are found by `record.id`. Views (a filter, another
    order) are remembered until a row changes.
    """

    def __init__(self, wire: Callable[[R], dict[str, Any]]) -> None:
        self._wire = wire
        self._rows: list[Row[R]] = []
        self._by_id: dict[str, Row[R]] = {}
        self._views: dict[Hashable, list[Row[R]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row[R]]:
        return iter(self._rows)

    def set(self, records: Iterable[R], stale: Callable[[R], bool] = lambda _: False) -> None:
        """Hold these records; a row whose record is the same object keeps its JSON, unless it is `stale`."""
        old = self._by_id
        self._rows = [self._kept(old.get(str(record.id)), record, stale) for record in records]  # type: ignore[attr-defined]
        self._by_id = {str(row.record.id): row for row in self._rows}  # type: ignore[attr-defined]
        self._views = {}

    def _kept(self, row: Row[R] | None, record: R, stale: Callable[[R], bool]) -> Row[R]:
        if row is None or row.record is not record or row.edits or stale(record):
            return Row(record)
        return row

    def get(self, external_id: str) -> Row[R] | None:
        """The row of this id."""
        return self._by_id.get(external_id)

    def bytes_of(self, row: Row[R]) -> bytes:
        """The row's JSON."""
        if row.raw is None:
            row.raw = dumps({**self._wire(row.record), **(row.edits or {})})
        return row.raw

    def joined(self, rows: Sequence[Row[R]]) -> bytes:
        """The rows as a JSON array."""
        return b"[" + b",".join([row.raw or self.bytes_of(row) for row in rows]) + b"]"

    def view(self, key: Hashable, make: Callable[[list[Row[R]]], list[Row[R]]]) -> list[Row[R]]:
        """The rows as `make` selects or orders them, remembered under `key`; the last few views are kept."""
        found = self._views.get(key)
        if found is None:
            while len(self._views) >= 8:
                self._views.pop(next(iter(self._views)))
            found = self._views[key] = make(self._rows)
        return found

    def everything(self) -> list[Row[R]]:
        """All rows in listing order; not to be altered."""
        return self._rows

    def edit(self, external_id: str, fields: dict[str, Any]) -> None:
        """Change fields of a row: those of the record by its own names, any other as the wire field. `KeyError`."""
        row = self._by_id[external_id]
        own = {name: value for name, value in fields.items() if name in row.record._fields}
        row.record = row.record._replace(**own)
        if len(own) < len(fields):
            row.edits = {**(row.edits or {}), **{name: value for name, value in fields.items() if name not in own}}
        row.raw = None
        self._views = {}

    def forget(self, stale: Callable[[R], bool]) -> None:
        """Serialise these rows anew when next asked for."""
        for row in self._rows:
            if stale(row.record):
                row.raw = None

    def keep(self, wanted: Callable[[R], bool]) -> None:
        """Drop the rows that are not wanted."""
        self._rows = [row for row in self._rows if wanted(row.record)]
        self._by_id = {str(row.record.id): row for row in self._rows}  # type: ignore[attr-defined]
        self._views = {}

    def add(self, record: R, at: int | None = None) -> None:
        """Put a new row at a place, by default the end."""
        row = Row(record)
        self._rows = [*self._rows, row] if at is None else [*self._rows[:at], row, *self._rows[at:]]
        self._by_id[str(record.id)] = row  # type: ignore[attr-defined]
        self._views = {}

    def move(self, start: int, end: int) -> None:
        """Move the row at one place to another, as happens while somebody is paging."""
        rows = list(self._rows)
        if rows:
            row = rows.pop(start)
            rows.insert(len(rows) if end == -1 else end, row)
        self._rows, self._views = rows, {}

    def warm(self) -> None:
        """Serialise every row now, so that no request pays for it."""
        for row in self._rows:
            self.bytes_of(row)
