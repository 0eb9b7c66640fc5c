"""Thinkific's Admin REST API v1 behind the seam.

Users, orders, courses, products and definitions know no filter, so each read of them is a sweep; enrollments are read
by `query[updated_after]`, and swept once a week. Rate limit: 120 requests a minute for the whole site, shared.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from config.sections import ACTIVITIES
from connectors.base import Absence, Capabilities, Page, Position, Problem, Rejected, Stream, Traffic
from connectors.errors import RejectRow, RetryLater
from connectors.http import Answer, HttpClient
from connectors.patience import QUICK
from connectors.records import Kind, SourceRecord
from connectors.thinkific import paging
from connectors.thinkific.digests import Digests, others
from connectors.thinkific.mapping import Doubts, Mapper, id_or_none

ACTIVITY = ACTIVITIES["thinkific"]
FILTERED = "enrollments"
_FILTER_IGNORED = "the platform did not heed query[updated_after], so every enrollment is read"


def _stream(name: str, kind: Kind, absence: Absence = Absence.DELETED) -> Stream:
    return Stream(name=name, kind=kind, absence=absence, activity=ACTIVITY)


STREAMS: tuple[Stream, ...] = (
    _stream("users", Kind.CUSTOMER, Absence.CONFIRMED),
    _stream("enrollments", Kind.ENROLLMENT),
    _stream("orders", Kind.ORDER),
    _stream("courses", Kind.COURSE),
    _stream("products", Kind.PRODUCT),
    _stream("custom_profile_field_definitions", Kind.FIELD),
)
"""In reading order: people first, so that a stream that a site does not offer never stands before them."""

_NEEDED = "users"


class ThinkificConnector:
    """One Thinkific site. Owns its client and closes it."""

    streams: Sequence[Stream] = STREAMS

    def __init__(self, name: str, client: HttpClient, mapper: Mapper, *, consents: bool = False) -> None:
        self.name = name
        self.capabilities = Capabilities(
            stable_ids=True, consents=consents, bookings=False, changed_since=True, confirms_deletion=True
        )
        self._client = client
        self._mapper = mapper
        self._digests = Digests(mapper)

    @property
    def traffic(self) -> Traffic:
        """Requests so far."""
        return self._client.traffic

    def check(self) -> str:
        """Ask for one course, as Thinkific's own help recommends for a first try."""
        answer = self._client.get("/courses", {"limit": 1}, patience=QUICK, whole=paging.listing)
        total = paging.listing(answer.value).meta.total
        return "Thinkific answers" if total is None else f"Thinkific answers and lists {total} courses"

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """Pages of a stream in the platform's order, each asked for when the one before is done with."""
        plan = paging.plan(position, filtered=stream == FILTERED)
        pages = self._read(stream, plan, told_apart=position.told_apart)
        first = next(pages, None)
        if first is not None and first.problems and plan.since and _filter_ignored(first):
            # Not counted as a sweep as it stands: had the filter been heeded after all, what it left out would
            # seem gone. So it is read again, without the filter.
            yield from self._read(stream, paging.Plan(), (Problem(reason=_FILTER_IGNORED),))
            return
        if first is not None:
            yield first
        yield from pages

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Map quarantined fields again. Raises `RejectRow`."""
        return self._mapper.map(stream, fields, Doubts())

    def confirm_gone(self, stream: str, external_id: str) -> bool:
        """`GET /users/{id}` answers 404 or 410 in the platform's own words; a proxy's 404 page proves nothing."""
        return _is_missing(self._client.get(f"/{stream}/{quote(external_id, safe='')}", allow_missing=True))

    def close(self, imported: frozenset[str]) -> None:  # noqa: ARG002 (no files here)
        """Release the connection."""
        self._client.close()

    def _read(
        self, stream: str, plan: paging.Plan, problems: tuple[Problem, ...] = (), *, told_apart: bool = False
    ) -> Iterator[Page]:
        steps = paging.walk(plan.after)
        number = next(steps)
        while True:
            listing = self._ask(stream, plan, number)
            if isinstance(listing, Problem):
                yield Page(stream=stream, retrieved_from=f"GET /{stream}", problems=(listing,))
                return
            # A resume may ask for a page past the end: nothing to land. An empty stream still has its one page.
            if listing.rows or number == 1:
                page = self._page(stream, plan, listing.rows, told_apart=told_apart)
                yield page.model_copy(
                    update={
                        "problems": problems + page.problems,
                        "sweep": plan.sweep,
                        "total": listing.meta.total if plan.sweep else None,
                        "cursor": plan.cursor(number),
                    }
                )
                problems = ()
            try:
                number = steps.send(listing.meta)
            except StopIteration:
                return

    def _ask(self, stream: str, plan: paging.Plan, number: int) -> paging.Listing | Problem:
        """One page; a problem where the site does not offer the stream at all."""
        first = number == 1
        answer = self._client.get(
            f"/{stream}", plan.params(number), allow_missing=not first or stream != _NEEDED, whole=paging.listing
        )
        if first and answer.missing:
            return Problem(reason=_not_offered(answer))
        return paging.past_the_end(number) if _is_missing(answer) else paging.listing(answer.value)

    def _page(self, stream: str, plan: paging.Plan, rows: Sequence[Any], *, told_apart: bool) -> Page:
        """A page of these rows; those that have a digest are left for later where they may be `told_apart`."""
        digests = self._digests.of(stream, rows)
        if not (told_apart and digests):
            return self._mapped(stream, plan, rows, digests)
        page = self._mapped(stream, plan, others(rows, digests), {})
        later = [row for row in rows if id_or_none(row) in digests]

        def rest(same: Collection[str]) -> Page:
            return self._mapped(stream, plan, others(later, same), digests)

        return page.model_copy(update={"digests": digests, "rest": rest})

    def _mapped(self, stream: str, plan: paging.Plan, rows: Sequence[Any], digests: Mapping[str, str]) -> Page:
        records: list[SourceRecord] = []
        rejected: list[Rejected] = []
        masked = 0
        doubts = Doubts()
        for row in rows:
            try:
                records.append(self._mapper.map(stream, row, doubts))
            except RejectRow as error:
                refused, found = self._mapper.reject(stream, row, error)
                rejected.append(refused)
                masked += found
        ignored = any(plan.is_outside(record.updated_at) for record in records)
        # What could not be read is told with every run, so such a row is mapped with every run.
        known = digests.keys() & {record.external_id for record in records} - doubts.ids()
        return Page(
            stream=stream,
            retrieved_from=f"GET /{stream}",
            records=tuple(records),
            rejected=tuple(rejected),
            problems=(Problem(reason=_FILTER_IGNORED),) * ignored + doubts.problems(stream),
            masked=masked,
            digests={id_: digests[id_] for id_ in known},
        )


def _is_missing(answer: Answer) -> bool:
    """Whether the platform itself says that there is no such thing. Raises `RetryLater` where that is said by anything
    between us and it."""
    if answer.missing and not isinstance(answer.value, Mapping):
        raise RetryLater(f"{answer.retrieved_from}: a {answer.status} that is not the platform's own proves nothing")
    return answer.missing


def _not_offered(answer: Answer) -> str:
    return (
        f"{answer.retrieved_from}: status {answer.status}, this site does not offer it; "
        "nothing was read and nothing is taken to be deleted"
    )


def _filter_ignored(page: Page) -> bool:
    return any(problem.reason == _FILTER_IGNORED for problem in page.problems)
