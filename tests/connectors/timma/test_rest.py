"""Timma over REST: the contract of the seam against the sandbox, and what only a real connection shows."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from config.sections import TimmaOptions
from config.settings import Source
from connectors.base import Connector, Page, Position
from connectors.errors import HoldSource, RetryLater, StopRun
from connectors.files import FileConnector
from connectors.records import BookingState
from connectors.sandbox.people import Population
from connectors.sandbox.server import serve
from connectors.timma import connect
from connectors.timma.sandbox import TOKEN, TimmaSandbox, build, export_files, settings
from tests.connectors.contract import NOW, ConnectorContract, ids_of
from tests.connectors.files.conftest import stopped
from tests.connectors.timma.test_mapping import CODE


def source(**options: Any) -> Source:
    return Source(
        name="timma", platform="timma", party="timma", brand="hieromo", notes=bool(options.get("notes")),
        consent_grantee=None, schedule="*/15 * * * *", options=TimmaOptions(**options),
    )  # fmt: skip


def over_rest(url: str, **api: Any) -> Connector:
    return connect(source(api={**settings(url)["timma"]["api"], "history_from": "2024-06-01", **api}))


def appointments(sandbox: TimmaSandbox) -> set[str]:
    return {row.id for row in sandbox.population.bookings if row.service is not None}


def damaged_salon() -> TimmaSandbox:
    """A salon where one client and one booking have no id, but an identity code's shape in a text."""
    sandbox = build(Population(seed=6, customers=20))
    sandbox.clients.everything()[0].edits = {"id": None, "name": CODE}
    next(row for row in sandbox.bookings if row.record.service).edits = {"id": None, "clientName": CODE}
    return sandbox


class TestRest(ConnectorContract):
    secrets = (TOKEN, "wrong-token-of-nobody")

    @pytest.fixture
    def make(self, calm: tuple[TimmaSandbox, str]) -> Callable[[], Connector]:
        return lambda: over_rest(calm[1])

    @pytest.fixture
    def truth(self, calm: tuple[TimmaSandbox, str]) -> Mapping[str, set[str]]:
        return {"clients": {row.id for row in calm[0].population.clients}, "bookings": appointments(calm[0])}

    @pytest.fixture
    def damaged(self) -> Iterator[Connector]:
        with serve(damaged_salon()) as served:
            connector = over_rest(served.url)
            yield connector
            connector.close(frozenset())

    @pytest.fixture
    def refused(self, calm: tuple[TimmaSandbox, str]) -> Connector:
        return over_rest(calm[1], token="wrong-token-of-nobody")


def read(connector: Connector, stream: str, **position: Any) -> list[Page]:
    try:
        return list(connector.read(stream, Position(now=NOW, **position)))
    finally:
        connector.close(frozenset())


def payloads(connector: Connector, stream: str) -> dict[str, dict[str, Any]]:
    """Payloads of a stream's live rows by id."""
    records = (record for page in read(connector, stream) for record in page.records)
    return {record.external_id: record.payload.model_dump() for record in records if not record.deleted}


def test_calendar_blocks_are_skipped_and_counted(calm: tuple[TimmaSandbox, str]) -> None:
    pages = read(over_rest(calm[1]), "bookings")
    assert sum(page.skipped for page in pages) == len(calm[0].population.bookings) - len(appointments(calm[0])) > 0


def test_cancelled_and_missed_bookings_come_too(calm: tuple[TimmaSandbox, str]) -> None:
    pages = read(over_rest(calm[1]), "bookings")
    states = Counter(record.payload.model_dump()["state"] for page in pages for record in page.records)
    assert states[BookingState.CANCELLED] > 0
    assert states[BookingState.NO_SHOW] > 0
    assert states[BookingState.UNKNOWN] == 0


def test_a_removed_client_says_so(fragile: tuple[TimmaSandbox, str]) -> None:
    sandbox, url = fragile
    gone = sandbox.population.clients[0].id
    sandbox.delete(gone)
    records = {record.external_id: record for page in read(over_rest(url), "clients") for record in page.records}
    assert records[gone].deleted
    assert len(records) == len(sandbox.population.clients)


def test_later_reads_ask_for_recent_months_alone(calm: tuple[TimmaSandbox, str]) -> None:
    connector = over_rest(calm[1])
    pages = read(connector, "bookings", swept_at=NOW)
    assert connector.traffic.requests <= 20
    assert {page.sweep for page in pages} == {False}
    starts = [record.payload.model_dump()["starts_at"] for page in pages for record in page.records]
    assert min(starts).date().isoformat() >= "2026-09-01"
    assert 0 < len(starts) < len(appointments(calm[0]))


@pytest.mark.parametrize("fault", ["429@2", "500@2", "cut@2", "reset@2"])
def test_a_fault_midway_costs_a_retry_and_no_row(fragile: tuple[TimmaSandbox, str], fault: str) -> None:
    sandbox, url = fragile
    sandbox.faults = fault
    connector = over_rest(url)
    assert set(ids_of(read(connector, "clients"))) == {row.id for row in sandbox.population.clients}
    assert connector.traffic.retries >= 1


class Recorder:
    """A platform of a few rows that notes what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.answers = answers
        self.app = Starlette(routes=[Route("/{path:path}", self.answer)])

    async def answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        self.asked.append((path, dict(request.query_params), dict(request.headers)))
        answer = self.answers.get(path, [])
        if isinstance(answer, Response):
            return answer
        return JSONResponse(answer(int(request.query_params["page"])) if callable(answer) else answer)


def client_row(number: int) -> dict[str, Any]:
    return {"id": f"c{number}", "name": f"Testi {number}"}


def test_every_assumed_part_comes_from_configuration() -> None:
    recorder = Recorder()
    with serve(recorder.app) as served:
        connector = over_rest(
            served.url, token="token-of-nobody", token_header="X-Key", email="salon@example.com", email_header="X-Who",
            clients_path="/v3/people", bookings_path="/v3/slots", first_page=0, limit=20, history_from="2026-11-01",
        )  # fmt: skip
        read(connector, "clients")
        read(over_rest(served.url, bookings_path="/v3/slots", bearer=True, history_from="2026-11-01"), "bookings")
    path, query, headers = recorder.asked[0]
    assert path == "v3/people"
    assert query == {"page": "0", "limit": "20", "sort": "name", "direction": "asc"}
    assert (headers["x-key"], headers["x-who"]) == ("token-of-nobody", "salon@example.com")
    path, query, headers = recorder.asked[1]
    assert path == "v3/slots"
    assert query == {
        "start": "2026-11-01T00:00:00.000Z", "end": "2026-12-01T00:00:00.000Z", "includeCancelled": "true",
        "page": "1", "limit": "100",
    }  # fmt: skip
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert len(recorder.asked) == 1 + 13


def test_changes_alone_are_asked_for_where_the_platform_knows_how() -> None:
    recorder = Recorder()
    with serve(recorder.app) as served:
        connector = over_rest(served.url, changed_since="updatedSince")
        assert connector.capabilities.changed_since
        read(connector, "clients", swept_at=NOW)
        read(over_rest(served.url, changed_since="updatedSince"), "clients")
    assert recorder.asked[0][1]["updatedSince"] == "2026-11-22T12:00:00.000Z"
    assert "updatedSince" not in recorder.asked[1][1]


def test_a_bare_list_that_ignores_paging_is_read_once() -> None:
    recorder = Recorder(clients=[client_row(number) for number in range(130)])
    with serve(recorder.app) as served:
        pages = read(over_rest(served.url), "clients")
    assert len(ids_of(pages)) == 130
    assert len(recorder.asked) == 2


def test_a_platform_that_caps_its_pages_is_read_to_the_end() -> None:
    rows = [client_row(number) for number in range(60)]
    recorder = Recorder(clients=lambda page: {"results": rows[(page - 1) * 25 :][:25]})
    with serve(recorder.app) as served:
        connector = over_rest(served.url, limit=100)
        pages = read(connector, "clients")
    assert ids_of(pages) == [row["id"] for row in rows]
    assert len(recorder.asked) == 3


def test_only_the_first_short_list_asks_once_more() -> None:
    rows = [client_row(number) for number in range(7)]
    recorder = Recorder(clients=lambda page: rows if page == 1 else [])
    with serve(recorder.app) as served:
        connector = over_rest(served.url)
        list(connector.read("clients", Position(now=NOW)))
        first = len(recorder.asked)
        rows.pop()
        read(connector, "clients")
    assert (first, len(recorder.asked) - first) == (2, 1)


def test_a_platform_that_counts_pages_from_zero_loses_nothing() -> None:
    rows = [client_row(number) for number in range(150)]
    recorder = Recorder(clients=lambda page: {"results": rows[max(page, 0) * 100 :][:100]})
    with serve(recorder.app) as served:
        pages = read(over_rest(served.url, first_page=0), "clients")
    assert len(ids_of(pages)) == 150


@pytest.mark.parametrize("answer", [{"rows": []}, "text", {"results": None}, 7])
def test_an_answer_that_is_no_list_is_never_the_end(answer: Any) -> None:
    with serve(Recorder(clients=answer).app) as served, pytest.raises(RetryLater, match="no list"):
        read(over_rest(served.url), "clients")


def test_strange_rows_are_set_aside() -> None:
    recorder = Recorder(clients=[client_row(1), "text", {"name": "Ilman"}, None])
    with serve(recorder.app) as served:
        (page,) = read(over_rest(served.url), "clients")
    assert ids_of([page]) == ["c1"]
    assert [row.reason for row in page.rejected] == ["no id"] * 3
    assert page.rejected[1].fields == {"name": "Ilman"}


def test_odd_cells_are_told_once_a_page_with_their_count() -> None:
    recorder = Recorder(clients=[client_row(number) | {"phone": "12"} for number in range(5)])
    with serve(recorder.app) as served:
        (page,) = read(over_rest(served.url), "clients")
    assert [(p.column, p.reason) for p in page.problems] == [("clients.phone", "not a phone number (5 rows)")]


def test_names_are_asked_for_once_and_only_where_ids_come_alone() -> None:
    slot = {"id": "b1", "clientId": "c1", "userId": "u1", "status": "reserved", "reservation": {"serviceId": 7}}
    lists = {"users": [{"id": "u1", "name": "Testi Hieroja"}], "services": [{"id": 7, "name": "Hieronta"}]}
    recorder = Recorder(bookings=lambda page: [slot], **lists)
    with serve(recorder.app) as served:
        pages = read(over_rest(served.url, history_from="2026-11-01"), "bookings")
    found = pages[0].records[0].payload.model_dump()
    assert (found["employee"], found["service"]) == ("Testi Hieroja", "Hieronta")
    asked = Counter(path for path, _, _ in recorder.asked)
    assert (asked["users"], asked["services"]) == (1, 1)
    assert ("users", "true") in {(path, query.get("includeRemoved")) for path, query, _ in recorder.asked}


@pytest.mark.parametrize("status", [404, 410])
def test_bookings_that_the_platform_does_not_list_are_told_and_asked_for_once(status: int) -> None:
    recorder = Recorder(bookings=HTMLResponse("Cannot GET", status), clients=[client_row(1)])
    with serve(recorder.app) as served:
        connector = over_rest(served.url)
        (page,) = connector.read("bookings", Position(now=NOW))
        assert ids_of(read(connector, "clients")) == ["c1"]
    assert (page.records, page.sweep, page.cursor) == ((), False, None)
    assert [problem.reason.partition(",")[0] for problem in page.problems] == [f"GET /bookings: status {status}"]
    assert Counter(path for path, _, _ in recorder.asked)["bookings"] == 1


def test_a_platform_without_clients_is_no_platform() -> None:
    without = Recorder(clients=HTMLResponse("Cannot GET", 404))
    with serve(without.app) as served, pytest.raises(HoldSource, match="status 404"):
        read(over_rest(served.url), "clients")


def test_bookings_come_without_names_that_the_platform_does_not_list() -> None:
    slot = {"id": "b1", "clientId": "c1", "userId": "u1", "status": "reserved", "reservation": {"serviceId": 7}}
    missing = {"users": HTMLResponse("Cannot GET", 404), "services": HTMLResponse("", 410)}
    recorder = Recorder(bookings=lambda page: [slot], **missing)
    with serve(recorder.app) as served:
        pages = read(over_rest(served.url, history_from="2026-11-01"), "bookings")
    assert pages[0].records[0].payload.model_dump(exclude_none=True)["employee_id"] == "u1"
    told = [problem.reason.partition(",")[0] for page in pages for problem in page.problems]
    assert told == ["GET /users: status 404", "GET /services: status 410"]
    assert {page.sweep for page in pages} == {True}


def test_files_alone_need_no_address(tmp_path: Path) -> None:
    connector = connect(source(inbox=tmp_path))
    assert isinstance(connector, FileConnector)
    assert connector.check() == "0 files in the inbox"
    assert {stream.activity for stream in connector.streams} == {"bookings"}


def test_nothing_to_read_from_names_both_settings() -> None:
    with pytest.raises(HoldSource, match=r"timma\.inbox, or timma\.api\.token"):
        connect(source())


def test_another_platforms_section_is_refused(tmp_path: Path) -> None:
    from config.sections import FilesOptions

    wrong = source(inbox=tmp_path).model_copy(update={"options": FilesOptions()})
    with pytest.raises(StopRun, match=r"no \[timma\] section"):
        connect(wrong)


TOLD = {
    "clients": (
        "name", "phone", "email", "street", "postal_code", "city", "email_marketing", "sms_marketing", "past_visits",
    ),
    "bookings": ("starts_at", "ends_at", "service", "employee", "price_cents", "state"),
}  # fmt: skip


@pytest.mark.parametrize(
    "way",
    [{}, {"encoding": "cp1252", "delimiter": ","}, {"encoding": "utf-16", "delimiter": "\t"}, {"form": "xlsx"}],
    ids=str,
)
def test_the_salons_own_files_give_what_rest_gives(calm: tuple[TimmaSandbox, str], tmp_path: Path, way: Any) -> None:
    export_files(calm[0].population, tmp_path, **way)
    for stream, told in TOLD.items():
        by_rest = payloads(over_rest(calm[1]), stream)
        by_file = payloads(connect(source(inbox=tmp_path), stopped()), stream)
        assert len(by_file) > 200
        assert {key: [row[name] for name in told] for key, row in by_file.items()} == {
            key: [by_rest[key][name] for name in told] for key in by_file
        }
