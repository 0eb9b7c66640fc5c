"""Thinkific over a scripted server: credentials, sweeps and filters, and what absence means."""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from config.sections import ThinkificOptions
from config.settings import Source
from connectors.base import Absence, Page, Position
from connectors.errors import HoldSource, RetryLater, StopRun
from connectors.http import HttpClient
from connectors.records import Customer
from connectors.thinkific import HINT, connect
from connectors.thinkific.connector import ThinkificConnector
from connectors.thinkific.mapping import Mapper, OwnFields
from tests.connectors.clocks import FakeClock

BASE = "https://api.thinkific.com/api/public/v1"
KEY = "key-of-nobody-0001"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data"
ERRORS = json.loads((DATA / "errors.json").read_text())


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE) as router:
        yield router


@pytest.fixture
def connector() -> Iterator[ThinkificConnector]:
    client = HttpClient(BASE, headers={"X-Auth-API-Key": KEY}, settings_hint=HINT, secrets=(KEY,), clock=FakeClock())
    made = ThinkificConnector("thinkific", client, Mapper(OwnFields()))
    yield made
    made.close(frozenset())


def _source(**options: Any) -> Source:
    return Source(
        name="thinkific", platform="thinkific", party="thinkific", brand="artsport", notes=False, consent_grantee=None,
        schedule="*/15 * * * *", options=ThinkificOptions(**options),
    )  # fmt: skip


def _listing(rows: list[Any], page: int = 1, pages: int = 1, total: int | None = None) -> dict[str, Any]:
    pagination = {"current_page": page, "next_page": page + 1 if page < pages else None, "total_pages": pages}
    return {"items": rows, "meta": {"pagination": {**pagination, "total_items": len(rows) if total is None else total}}}


def _serve(rows: list[dict[str, Any]], size: int) -> Callable[[httpx.Request], httpx.Response]:
    """A list endpoint with pages of so many rows that ignores every filter."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        part = rows[(page - 1) * size : page * size]
        return httpx.Response(200, json=_listing(part, page, -(-len(rows) // size), len(rows)))

    return answer


def _ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def test_an_api_key_goes_with_its_subdomain(api: respx.MockRouter) -> None:
    route = api.get("/courses").respond(json=_listing([{"id": 501}], total=12))
    connector = connect(_source(subdomain="koulu", api_key=KEY))

    assert connector.check() == "Thinkific answers and lists 12 courses"
    connector.close(frozenset())

    sent = route.calls.last.request
    assert (sent.headers["x-auth-api-key"], sent.headers["x-auth-subdomain"]) == (KEY, "koulu")
    assert "authorization" not in sent.headers
    assert dict(sent.url.params) == {"limit": "1"}


def test_an_access_token_is_a_bearer_and_goes_first(api: respx.MockRouter) -> None:
    route = api.get("/courses").respond(json=_listing([]))
    connector = connect(_source(access_token="token-of-nobody", api_key=KEY, subdomain="koulu"))

    connector.check()
    connector.close(frozenset())

    sent = route.calls.last.request
    assert sent.headers["authorization"] == "Bearer token-of-nobody"
    assert "x-auth-api-key" not in sent.headers


def test_only_secrets_are_blanked_in_texts_and_no_subdomain(api: respx.MockRouter) -> None:
    api.get("/courses").respond(401, json=ERRORS["401"])
    connector = connect(_source(subdomain="courses", api_key=KEY))

    with pytest.raises(HoldSource, match="GET /courses: access refused"):
        connector.check()
    connector.close(frozenset())


@pytest.mark.parametrize("options", [{}, {"api_key": KEY}, {"subdomain": "koulu"}])
def test_missing_credentials_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(HoldSource, match=r"thinkific\.access_token, or thinkific\.subdomain") as raised:
        connect(_source(**options))

    assert KEY not in str(raised.value)


def test_another_platforms_section_is_an_error_of_the_program() -> None:
    from config.sections import TimmaOptions

    with pytest.raises(StopRun):
        connect(_source().model_copy(update={"options": TimmaOptions()}))


def test_own_fields_reach_the_mapping(api: respx.MockRouter) -> None:
    field = {"custom_profile_field_definition_id": 11, "value": "040 000 0001"}
    api.get("/users").respond(json=_listing([{"id": 1, "custom_profile_fields": [field]}]))
    connector = connect(_source(access_token="t", fields={"phone": "11"}))

    (page,) = connector.read("users", Position(now=NOW))
    connector.close(frozenset())

    assert isinstance(page.records[0].payload, Customer)
    assert page.records[0].payload.phone == "+358400000001"
    assert not connector.capabilities.consents


@pytest.mark.parametrize(("status", "error"), [(401, "401"), (403, "403_apps_not_on_plan"), (403, "403_oauth_scope")])
def test_a_refusal_names_key_and_plan_since_both_look_alike(
    connector: ThinkificConnector, api: respx.MockRouter, status: int, error: str
) -> None:
    route = api.get("/courses").respond(status, json=ERRORS[error])

    with pytest.raises(HoldSource) as raised:
        connector.check()

    said = str(raised.value)
    assert all(word in said for word in ("thinkific.api_key", "plan", str(status)))
    assert KEY not in said
    assert route.call_count == 1


def test_a_refusal_with_the_recorded_headers_waits_for_the_full_minute(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    recorded = dict(line.split(": ") for line in (DATA / "ratelimit-headers.txt").read_text().splitlines())
    refusal = httpx.Response(429, headers={**recorded, "ratelimit-remaining": "0"}, json=ERRORS["429_client_reported"])
    api.get("/courses").mock(side_effect=[refusal, httpx.Response(200, json=_listing([]))])

    list(connector.read("courses", Position(now=NOW)))

    # 41 s to the reset on the fake clock, and a second for rounding.
    assert connector.traffic.waited_s == pytest.approx(42)


def test_streams_say_what_absence_means(connector: ThinkificConnector) -> None:
    absences = {stream.name: stream.absence for stream in connector.streams}

    assert absences.pop("users") is Absence.CONFIRMED
    assert set(absences.values()) == {Absence.DELETED}
    assert next(iter(connector.streams)).name == "users"


def test_a_sweep_follows_the_meta_to_the_end(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    route = api.get("/users").mock(side_effect=_serve([{"id": number} for number in range(1, 8)], 3))

    pages = list(connector.read("users", Position(now=NOW)))

    assert _ids(pages) == ["1", "2", "3", "4", "5", "6", "7"]
    assert [(page.cursor, page.total, page.sweep) for page in pages] == [
        ("1", 7, True),
        ("2", 7, True),
        ("3", 7, True),
    ]
    assert {page.retrieved_from for page in pages} == {"GET /users"}
    assert dict(route.calls[0].request.url.params) == {"page": "1", "limit": "250"}


def test_a_page_is_asked_for_only_when_the_one_before_is_taken(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    route = api.get("/users").mock(side_effect=_serve([{"id": number} for number in range(1, 8)], 3))

    list(itertools.islice(connector.read("users", Position(now=NOW)), 2))

    assert route.call_count == 2


def test_an_empty_stream_is_a_complete_sweep_of_nothing(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    api.get("/orders").respond(json=_listing([]))

    (page,) = connector.read("orders", Position(now=NOW))

    assert (page.records, page.total, page.sweep) == ((), 0, True)


@pytest.mark.parametrize("end", [httpx.Response(200, json=_listing([], 4, 3)), httpx.Response(404, json=ERRORS["404"])])
def test_a_resume_past_the_end_wraps_round(
    connector: ThinkificConnector, api: respx.MockRouter, end: httpx.Response
) -> None:
    serve = _serve([{"id": number} for number in range(1, 8)], 3)
    api.get("/users", params={"page": 4}).mock(end)
    api.get("/users").mock(side_effect=serve)

    pages = list(connector.read("users", Position(now=NOW, cursor="3")))

    assert _ids(pages) == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_strangers_404_is_no_end(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    api.get("/users", params={"page": 2}).respond(404, html="<html>no such site</html>")
    api.get("/users").mock(side_effect=_serve([{"id": number} for number in range(1, 8)], 3))

    with pytest.raises(RetryLater, match="404"):
        list(connector.read("users", Position(now=NOW)))


def test_the_first_page_missing_is_no_empty_stream(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    api.get("/users").respond(404, json=ERRORS["404"])

    with pytest.raises(HoldSource, match="status 404"):
        list(connector.read("users", Position(now=NOW)))


def test_rows_that_cannot_be_mapped_are_rejected_and_the_page_goes_on(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    api.get("/users").respond(json=_listing([{"id": 1}, None, {"first_name": "310299-9990"}, {"id": 2}]))

    (page,) = connector.read("users", Position(now=NOW))

    assert _ids([page]) == ["1", "2"]
    assert [(row.reason, row.column) for row in page.rejected] == [
        ("the row is no object", None),
        ("the row has no id", "id"),
    ]
    assert page.masked == 1


def _enrollment(number: int, updated_at: datetime) -> dict[str, Any]:
    return {"id": number, "user_id": 1, "updated_at": updated_at.isoformat()}


def _lately() -> Position:
    return Position(now=NOW, newest=NOW - timedelta(hours=1), swept_at=NOW - timedelta(days=1))


def test_changed_enrollments_are_asked_for_and_are_no_sweep(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    route = api.get("/enrollments").respond(json=_listing([_enrollment(1, NOW - timedelta(days=1))]))

    (page,) = connector.read("enrollments", _lately())

    assert route.calls.last.request.url.params["query[updated_after]"] == "2026-11-22T11:00:00Z"
    assert (page.sweep, page.total, page.problems) == (False, None, ())
    assert page.cursor == "1@2026-11-22T11:00:00Z"


def test_a_filter_that_is_not_heeded_makes_the_read_a_sweep_and_a_problem(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    old = [_enrollment(number, NOW - timedelta(days=400 - number)) for number in range(1, 8)]
    route = api.get("/enrollments").mock(side_effect=_serve(old, 3))

    pages = list(connector.read("enrollments", _lately()))

    assert _ids(pages) == ["1", "2", "3", "4", "5", "6", "7"]
    assert {page.sweep for page in pages} == {True}
    assert [len(page.problems) for page in pages] == [1, 0, 0]
    assert "query[updated_after]" in pages[0].problems[0].reason
    assert "query[updated_after]" not in route.calls.last.request.url.params


def test_enrollments_that_all_state_no_change_are_swept_each_time(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    never = datetime(1, 1, 1, tzinfo=UTC)
    api.get("/enrollments").respond(json=_listing([_enrollment(1, never), _enrollment(2, never)]))

    pages = list(connector.read("enrollments", _lately().model_copy(update={"newest": never})))

    assert _ids(pages) == ["1", "2"]
    assert [(page.sweep, page.problems) for page in pages] == [(True, ())]


def test_an_old_row_on_a_later_page_is_landed_and_a_problem_but_no_sweep(
    connector: ThinkificConnector, api: respx.MockRouter
) -> None:
    rows = [_enrollment(1, NOW), _enrollment(2, NOW - timedelta(days=400))]
    api.get("/enrollments").mock(side_effect=_serve(rows, 1))

    pages = list(connector.read("enrollments", _lately()))

    assert _ids(pages) == ["1", "2"]
    assert [len(page.problems) for page in pages] == [0, 1]
    assert not any(page.sweep for page in pages)


def test_a_user_is_gone_only_on_the_platforms_own_word(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    api.get("/users/1").respond(json={"id": 1})
    api.get("/users/2").respond(404, json=ERRORS["404"])
    api.get("/users/3").respond(410, json=ERRORS["404"])

    assert connector.confirm_gone("users", "1") is False
    assert connector.confirm_gone("users", "2") is True
    assert connector.confirm_gone("users", "3") is True


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("body", [b"", b"<html>no such site</html>", b'"gone"'])
def test_a_strangers_word_on_a_user_proves_nothing(
    connector: ThinkificConnector, api: respx.MockRouter, status: int, body: bytes
) -> None:
    api.get("/users/3").respond(status, content=body)

    with pytest.raises(RetryLater, match=f"GET /users/3: a {status} that is not the platform's own"):
        connector.confirm_gone("users", "3")


def test_an_answer_without_meta_is_asked_for_again(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    damaged, sound = httpx.Response(200, json={"items": []}), httpx.Response(200, json=_listing([{"id": 1}]))
    api.get("/users").mock(side_effect=[damaged, sound])
    api.get("/courses").mock(damaged)

    assert _ids(list(connector.read("users", Position(now=NOW)))) == ["1"]
    for deed in (connector.check, lambda: list(connector.read("courses", Position(now=NOW)))):
        with pytest.raises(RetryLater, match=r"GET /courses: paging: the answer has no meta.*given up after"):
            deed()


def test_an_id_cannot_lead_elsewhere(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    route = api.get(url__startswith=f"{BASE}/users/").respond(404, json=ERRORS["404"])

    connector.confirm_gone("users", "../courses?x=1")

    assert route.calls.last.request.url.raw_path == b"/api/public/v1/users/..%2Fcourses%3Fx%3D1"


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("stream", ["orders", "custom_profile_field_definitions"])
def test_a_stream_that_the_site_does_not_offer_is_told_and_nothing_vanishes(
    connector: ThinkificConnector, api: respx.MockRouter, stream: str, status: int
) -> None:
    api.get(f"/{stream}").mock(return_value=httpx.Response(status, text="Not Found"))

    (page,) = connector.read(stream, Position(now=NOW))

    assert not page.records
    assert not page.sweep
    assert [f"GET /{stream}: status {status}" in problem.reason for problem in page.problems] == [True]


def test_a_site_without_users_is_no_site(connector: ThinkificConnector, api: respx.MockRouter) -> None:
    api.get("/users").mock(return_value=httpx.Response(404, json=ERRORS["404"]))

    with pytest.raises(HoldSource, match="thinkific"):
        list(connector.read("users", Position(now=NOW)))
