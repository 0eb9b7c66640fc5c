"""A database that answers neither yes nor no: every answer is given all the same, and all is well once it is back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import make_url

from config.settings import Settings
from store.engine import make_engine
from sync.web.patience import Patience
from sync.web.server import Server
from tests.sync.web.conftest import Process
from tests.sync.web.swallowing import Way
from tests.sync.web.test_answers import body, signed

SOON = Patience(look=0.5, answer=0.4, farewell=1)


@pytest.fixture
def way(postgresql_url: str) -> Iterator[Way]:
    found = Way(str(make_url(postgresql_url).query["host"]))
    yield found
    found.close()


@pytest.fixture
def process(postgresql_url: str, settings: Settings, way: Way) -> Iterator[Process]:
    """A server whose way to its database can be cut."""
    url = make_url(postgresql_url).set(host="127.0.0.1", port=way.port, query={})
    found = Process(make_engine(url.render_as_string(hide_password=False)), settings)
    server = Server(found, SOON)
    server.start()
    found.url = server.url
    yield found
    way.close()  # lets go of who still waits
    server.stop()
    found.engine.dispose()


def database_of(process: Process) -> str:
    return str(process.ask("/health").json["checks"]["database"][0]["status"])


def test_health_says_so_and_never_hangs_and_comes_back_by_itself(process: Process, way: Way) -> None:
    assert process.soon(lambda: database_of(process) == "pass")
    way.swallow()
    assert process.soon(lambda: database_of(process) == "fail")
    began = time.monotonic()
    answers = [process.ask(path) for path in ("/health", "/livez", "/readyz")]
    assert [answer.status for answer in answers] == [503, 200, 503]
    assert "has not answered for" in answers[0].json["checks"]["database"][0]["output"]
    assert time.monotonic() - began < 2
    way.open()
    assert process.soon(lambda: process.ask("/readyz").status == 200, 10)
    assert database_of(process) == "pass"


def test_metrics_and_the_page_go_without_it(process: Process, way: Way) -> None:
    way.swallow()
    text = process.ask("/metrics").text  # not known to hang yet: it is asked, and given up
    assert 'rekisteri_runs_total{outcome="ok",source="timma"} 0.0' in text
    assert "rekisteri_registry_customers" not in text
    assert process.soon(lambda: database_of(process) == "fail")
    answer = process.ask("/")
    assert answer.status == 200 and "does not answer" in answer.text


def test_deliveries_are_told_to_come_again_and_keep_nobody_from_an_answer(process: Process, way: Way) -> None:
    text = body()
    way.swallow()
    with ThreadPoolExecutor(30) as pool:
        deliveries = [pool.submit(process.ask, "/webhooks/thinkific", "POST", text, signed(text)) for _ in range(30)]
        began = time.monotonic()
        assert process.ask("/livez").status == 200
        process.ask("/health")
        assert time.monotonic() - began < 1
        answers = [delivery.result() for delivery in deliveries]
    assert {(answer.status, answer.headers["retry-after"]) for answer in answers} == {(503, "30")}
    assert process.totals.events["thinkific", "not_kept"] == 30


def test_the_server_stops_in_the_midst_of_it(process: Process, way: Way, settings: Settings) -> None:
    server = Server(process, SOON)
    server.start()
    way.swallow()
    began = time.monotonic()
    server.stop()
    assert not server.alive
    assert time.monotonic() - began < 6
