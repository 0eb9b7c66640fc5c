"""Timma over REST behind the seam, only with Timma's agreement.

Timma publishes no API. Paths, headers, parameter names, the first page's number and the page size come from
`[timma.api]`. Lists have no total, so absence says nothing: only `deletedOn` removes a client.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from config.sections import ACTIVITIES
from connectors.base import Absence, Capabilities, Page, Position, Problem, Rejected, Stream, Traffic
from connectors.errors import RejectRow, RetryLater
from connectors.files.rows import Rules
from connectors.http import Answer, HttpClient
from connectors.patience import QUICK
from connectors.records import Kind, SourceRecord
from connectors.timma import mapping
from connectors.timma.windows import Paging, Plan, Step, Window, plan_bookings, plan_clients, rounds, wire_time

ACTIVITY = ACTIVITIES["timma"]
STREAMS: tuple[Stream, ...] = (
    Stream(name="clients", kind=Kind.CUSTOMER, absence=Absence.IGNORED, activity=ACTIVITY),
    Stream(name="bookings", kind=Kind.BOOKING, absence=Absence.IGNORED, activity=ACTIVITY),
)
_NEEDED = "clients"
PAGE_CEILING = 100_000


class _NotOfferedError(Exception):
    """The platform has no such list."""


class Wire(NamedTuple):
    """The assumed parts of the platform's interface; of its lists only that of clients is needed. `changed_since`: a
    parameter's name, `None` where unknown."""

    clients_path: str = "/clients"
    bookings_path: str = "/bookings"
    users_path: str = "/users"
    services_path: str = "/services"
    first_page: int = 1
    limit: int = 100
    changed_since: str | None = None
    history_from: date = date(2015, 1, 1)


class RestConnector:
    """One salon over REST. Owns its client and closes it."""

    streams: Sequence[Stream] = STREAMS

    def __init__(self, name: str, client: HttpClient, wire: Wire, rules: Rules) -> None:
        self.name = name
        self.capabilities = Capabilities(
            stable_ids=True,
            consents=True,
            bookings=True,
            changed_since=wire.changed_since is not None,
            confirms_deletion=False,
        )
        self._client = client
        self._wire = wire
        self._rules = rules
        self._names: mapping.Names | None = None
        self._longest: dict[str, int] = {}
        self._untold: list[Problem] = []

    @property
    def traffic(self) -> Traffic:
        """Requests so far."""
        return self._client.traffic

    def check(self) -> str:
        """Ask for one client."""
        params: dict[str, str | int] = {"page": self._wire.first_page, "limit": 1}
        answer = self._client.get(self._wire.clients_path, params, patience=QUICK)
        _rows_of(answer.value, self._wire.clients_path)
        return "Timma answers"

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """Pages of a stream; bookings by calendar month. No bookings at all, where the platform does not list them."""
        plan = self.plan(stream, position)
        try:
            for window, begin, end in rounds(plan):
                yield from self._window(stream, plan, window, begin, end)
        except _NotOfferedError as missing:
            yield Page(
                stream=stream, retrieved_from=f"GET {self._path(stream)}", problems=(Problem(reason=str(missing)),)
            )

    def plan(self, stream: str, position: Position) -> Plan:
        """What a read from this position covers."""
        if stream == "clients":
            return plan_clients(position, changed_since=self._wire.changed_since is not None)
        return plan_bookings(position, self._wire.history_from)

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Map quarantined fields again. Raises `RejectRow`."""
        try:
            return mapping.map_fields(stream, fields, self._rules).record
        except mapping.NotABooking:
            raise RejectRow("no booking, but a block of the calendar") from None

    def confirm_gone(self, stream: str, external_id: str) -> bool:  # noqa: ARG002 - the seam's signature
        """Never: the contract names no way to ask."""
        return False

    def close(self, imported: frozenset[str]) -> None:  # noqa: ARG002 - no files here
        """Release the connection."""
        self._client.close()

    def _window(self, stream: str, plan: Plan, window: Window | None, begin: int, end: int | None) -> Iterator[Page]:
        paging = Paging(self._wire.limit, self._longest.get(stream, 0))
        for number in range(begin, PAGE_CEILING if end is None else end):
            step = Step(window, number)
            rows = self._ask(stream, plan, step)
            goes_on = paging.goes_on([_id_of(row) for row in rows])
            self._longest[stream] = paging.longest
            if paging.fresh or number == 0:
                yield self._page(stream, plan, step, rows)
            if not goes_on:
                return
        if end is None:
            raise RetryLater(f"GET {self._path(stream)}: no end after page {PAGE_CEILING}")

    def _path(self, stream: str) -> str:
        return self._wire.clients_path if stream == "clients" else self._wire.bookings_path

    def _ask(self, stream: str, plan: Plan, step: Step) -> list[Any]:
        params: dict[str, str | int] = {"page": step.page + self._wire.first_page, "limit": self._wire.limit}
        if stream == "clients":
            params |= {"sort": "name", "direction": "asc"}
        if step.window:
            params |= {**step.window.params(), "includeCancelled": "true"}
        if plan.since and self._wire.changed_since:
            params[self._wire.changed_since] = wire_time(plan.since)
        path = self._path(stream)
        answer = self._client.get(path, params, allow_missing=step.page > 0 or stream != _NEEDED)
        if not answer.missing:
            return _rows_of(answer.value, path)
        if step.page > 0:
            return []  # some lists answer 404 behind their last page
        raise _NotOfferedError(_not_offered(answer))

    def _page(self, stream: str, plan: Plan, step: Step, rows: list[Any]) -> Page:
        page = _Collected(stream, self._rules)
        kept = [page.keep(row) for row in rows]
        names = self._names_for(kept) if stream == "bookings" else None
        for fields in kept:
            page.add(fields, names)
        untold, self._untold = tuple(self._untold), []
        return Page(
            stream=stream,
            retrieved_from=f"GET {self._path(stream)}",
            records=tuple(page.records),
            rejected=tuple(page.rejected),
            problems=untold + page.problems(),
            skipped=page.skipped,
            masked=page.masked,
            sweep=plan.sweep,
            cursor=plan.cursor(step),
        )

    def _names_for(self, rows: list[mapping.Fields]) -> mapping.Names:
        """Names of employees and services, asked for once, when a row first gives an id without its name."""
        nameless = any(
            ("userId" in row and "userName" not in row) or ("serviceId" in row and "serviceName" not in row)
            for row in rows
        )
        if self._names is None and nameless:
            users = self._listed(self._wire.users_path, {"includeRemoved": "true"})
            self._names = mapping.Names(users, self._listed(self._wire.services_path, {}))
        return self._names or mapping.Names()

    def _listed(self, path: str, params: Mapping[str, str | int]) -> dict[str, str]:
        answer = self._client.get(path, params, allow_missing=True)
        if answer.missing:
            self._untold.append(Problem(reason=_not_offered(answer)))
            return {}
        rows = _rows_of(answer.value, path)
        named = (row for row in rows if isinstance(row, Mapping) and isinstance(row.get("name"), str))
        return {_id_of(row): row["name"] for row in named}


class _Collected:
    """What becomes of a page's rows."""

    def __init__(self, stream: str, rules: Rules) -> None:
        self._stream = stream
        self._rules = rules
        self._odd: Counter[tuple[str, str]] = Counter()
        self.records: list[SourceRecord] = []
        self.rejected: list[Rejected] = []
        self.skipped = self.masked = 0

    def keep(self, row: Any) -> mapping.Fields:
        """The allow-listed fields; none of what is no object."""
        if not isinstance(row, Mapping):
            return {}
        fields, masked = mapping.keep(self._stream, row, notes=self._rules.notes)
        self.masked += masked
        return fields

    def add(self, fields: mapping.Fields, names: mapping.Names | None) -> None:
        """Map a row."""
        try:
            mapped = mapping.map_fields(self._stream, fields, self._rules, names)
        except mapping.NotABooking:
            self.skipped += 1
        except RejectRow as error:
            self.rejected.append(Rejected(external_id=None, fields=fields, reason=error.reason, column=error.column))
        else:
            self.records.append(mapped.record)
            self._odd.update(mapped.odd)

    def problems(self) -> tuple[Problem, ...]:
        """One for each field and reason, with its count: rows of a list have no line to point at."""
        return tuple(
            Problem(column=f"{self._stream}.{name}", reason=reason if count == 1 else f"{reason} ({count} rows)")
            for (name, reason), count in self._odd.items()
        )


def _rows_of(value: Any, path: str) -> list[Any]:
    """The rows of a list, bare or as `{"results": [...]}`. A hole is never read as the end."""
    rows = value.get("results") if isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        raise RetryLater(f"GET {path}: the answer is no list")
    return rows


def _not_offered(answer: Answer) -> str:
    return (
        f"{answer.retrieved_from}: status {answer.status}, the platform does not offer it; nothing was read there and "
        "nothing is taken to be deleted"
    )


def _id_of(row: Any) -> str:
    return str(row.get("id")) if isinstance(row, Mapping) else repr(type(row))
