"""The contract of the seam, and what only a real connection shows: Thinkific against its sandbox."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from config.sections import ThinkificOptions
from config.settings import Source
from connectors.base import Connector, Page, Position
from connectors.errors import RetryLater
from connectors.records import SourceRecord
from connectors.sandbox.people import Population
from connectors.sandbox.server import serve
from connectors.thinkific import connect
from connectors.thinkific.sandbox import API_KEY, ThinkificSandbox, build, settings
from tests.connectors.contract import NOW, ConnectorContract, ids_of
from tests.connectors.thinkific.samples import CODE_SHAPED


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[ThinkificSandbox, str]]:
    """A school of some hundred people, so that users and enrollments fill several pages."""
    sandbox = build(Population(seed=4, customers=700))
    with serve(sandbox) as served:
        yield sandbox, served.url


@pytest.fixture
def sandbox() -> Iterator[tuple[ThinkificSandbox, str]]:
    """One that a test may break."""
    made = build(Population(seed=5, customers=900))
    with serve(made) as served:
        yield made, served.url


def _connect(url: str, **options: Any) -> Connector:
    section = {**settings(url)["thinkific"], **options}
    section["fields"] = {name: str(number) for name, number in section["fields"].items()}
    source = Source(
        name="thinkific",
        platform="thinkific",
        party="thinkific",
        brand="artsport",
        notes=False,
        consent_grantee=None,
        schedule="*/15 * * * *",
        options=ThinkificOptions(**section),
    )
    return connect(source)


def _truth(sandbox: ThinkificSandbox) -> dict[str, set[str]]:
    return {name: {str(row.record.id) for row in rows.everything()} for name, rows in sandbox.streams().items()}


class TestThinkific(ConnectorContract):
    secrets = (API_KEY, "wrong-key-of-nobody")

    @pytest.fixture
    def make(self, calm: tuple[ThinkificSandbox, str]) -> Callable[[], Connector]:
        return lambda: _connect(calm[1])

    @pytest.fixture
    def truth(self, calm: tuple[ThinkificSandbox, str]) -> Mapping[str, set[str]]:
        return _truth(calm[0])

    @pytest.fixture
    def damaged(self) -> Iterator[Connector]:
        made = build(Population(seed=6, customers=20))
        for stream in ("users", "enrollments", "orders"):
            row = made.streams()[stream].everything()[0]
            row.edits = {"id": None, "first_name": CODE_SHAPED, "course_name": CODE_SHAPED, "product_name": CODE_SHAPED}
        with serve(made) as served:
            connector = _connect(served.url)
            yield connector
            connector.close(frozenset())

    @pytest.fixture
    def refused(self, calm: tuple[ThinkificSandbox, str]) -> Connector:
        return _connect(calm[1], api_key="wrong-key-of-nobody")


def test_people_arrive_with_phone_address_and_permission(calm: tuple[ThinkificSandbox, str]) -> None:
    connector = _connect(calm[1])
    pages = list(connector.read("users", Position(now=NOW)))
    connector.close(frozenset())

    accounts = {str(account.id): account for account in calm[0].population.accounts}
    for record in (record for page in pages for record in page.records):
        account, seen = accounts[record.external_id], record.payload.model_dump()
        assert (seen["first_name"], seen["last_name"]) == (account.first_name, account.last_name)
        assert (seen["email"], seen["phone"]) == (account.email, account.phone)
        place = (account.street, account.postal_code, account.city) if account.street else (None, None, None)
        assert (seen["street"], seen["postal_code"], seen["city"]) == place
        assert seen["email_marketing"] is account.email_marketing
    assert not any(page.problems for page in pages)


@pytest.mark.parametrize("fault", ["429@2", "429-reset:0@2", "500@2", "522@2", "cut@2", "reset@2"])
def test_a_fault_midway_costs_a_retry_and_no_row(sandbox: tuple[ThinkificSandbox, str], fault: str) -> None:
    made, url = sandbox
    made.faults = fault
    connector = _connect(url)

    ids = ids_of(list(connector.read("users", Position(now=NOW))))
    connector.close(frozenset())

    assert set(ids) == _truth(made)["users"]
    assert connector.traffic.retries == 1


def test_a_platform_that_stays_down_ends_the_read_but_not_what_came_before(
    sandbox: tuple[ThinkificSandbox, str],
) -> None:
    made, url = sandbox
    made.faults = "429:3600@3-99"
    connector = _connect(url)
    pages = connector.read("users", Position(now=NOW))

    first = [next(pages), next(pages)]
    with pytest.raises(RetryLater, match="status 429"):
        next(pages)
    made.faults = ""
    rest = list(connector.read("users", Position(now=NOW, cursor=first[-1].cursor)))
    connector.close(frozenset())

    assert set(ids_of(rest)) == _truth(made)["users"]
    assert first[-1].cursor == "2"


def test_only_changes_are_read_the_second_time(sandbox: tuple[ThinkificSandbox, str]) -> None:
    made, url = sandbox
    connector = _connect(url)
    once = list(connector.read("enrollments", Position(now=NOW)))
    newest = max(record.updated_at for page in once for record in page.records if record.updated_at)
    made.advance(step=1)

    again = list(connector.read("enrollments", Position(now=NOW, newest=newest, swept_at=NOW)))
    connector.close(frozenset())

    assert {page.sweep for page in again} == {False}
    before, after = (_by_id(pages) for pages in (once, _all_enrollments(url)))
    # Only what the platform itself says has changed: its clock is all that a filter can go by.
    changed = {number for number, record in after.items() if record.updated_at and record.updated_at > newest}
    assert changed
    assert changed <= set(ids_of(again))
    assert all(_by_id(again)[number] == after[number] for number in changed)
    assert len(ids_of(again)) < len(before) / 2


def _by_id(pages: list[Page]) -> dict[str, SourceRecord]:
    return {record.external_id: record for page in pages for record in page.records}


def _all_enrollments(url: str) -> list[Page]:
    """All enrollments as they stand now."""
    connector = _connect(url)
    pages = list(connector.read("enrollments", Position(now=NOW, full=True)))
    connector.close(frozenset())
    return pages


def test_a_shared_limit_is_kept_without_one_refusal(sandbox: tuple[ThinkificSandbox, str]) -> None:
    made, url = sandbox
    made.rate.limit, made.rate.window_s = 6, 1.0
    connector = _connect(url)

    for _ in range(3):
        list(connector.read("users", Position(now=NOW)))
    connector.close(frozenset())

    assert connector.traffic.requests > 6
    assert made.statuses[429] == 0
    assert connector.traffic.waited_s > 0


def test_a_request_costs_little_of_our_own(calm: tuple[ThinkificSandbox, str]) -> None:
    connector = _connect(calm[1])
    connector.check()
    began = time.perf_counter()
    for _ in range(50):
        connector.check()
    spent = time.perf_counter() - began
    connector.close(frozenset())

    # A loose bound against a forgotten wait or a connection made anew; the benchmarks measure.
    assert spent / 50 < 0.02
    assert connector.traffic.waited_s == 0
