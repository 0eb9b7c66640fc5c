"""What the world outside does to a run: no name is known, an answer comes byte by byte, the clock is set back."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from config.settings import Source
from connectors.sandbox.people import Population
from connectors.thinkific.sandbox import ThinkificSandbox
from store.engine import reading
from sync.events import accept, work_off
from sync.sources import receiver
from sync.standing import standing
from tests.scenarios.troubles import at_page
from tests.scenarios.world import World, people, streams

HOURS = timedelta(hours=7)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two tries, and half a second for an answer."""
    monkeypatch.setattr("connectors.patience._backoff", lambda *_: 0.0)
    monkeypatch.setattr("connectors.http.WHOLE_ANSWER_S", 0.5)


@pytest.fixture
def byte_by_byte() -> Iterator[str]:
    """A server that begins an answer and sends a byte now and then; its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[")
                while True:
                    connection.sendall(b" ")
                    time.sleep(0.05)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _is_lost_and_comes_back(world: World, calm: World, url: str, words: str) -> None:
    """One platform is where nobody answers; the other one is read all the same."""
    calm.run()
    world.platforms.calm(people())
    here = world.tree["thinkific"]["base_url"]
    world.configure("thinkific", base_url=url)
    report = world.run()
    assert {name: source["outcome"] for name, source in report["sources"].items()} == {
        "thinkific": "failed",
        "timma": "ok",
    }
    assert words in report["sources"]["thinkific"]["error"]
    assert world.ask("SELECT failures FROM source_state WHERE source = 'thinkific'") == [(1,)]
    assert world.held("thinkific") is None
    world.configure("thinkific", base_url=here)
    assert world.run()["outcome"] == "ok"
    assert world.portrait() == calm.portrait()
    assert world.ask("SELECT failures, lost_since FROM source_state WHERE source = 'thinkific'") == [(0, None)]


@pytest.mark.usefixtures("impatient")
def test_a_name_that_no_name_server_knows(world: World, calm_world: World) -> None:
    _is_lost_and_comes_back(world, calm_world, "https://school.rekisteri.invalid", "the server's name is not known")


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_comes_byte_by_byte(world: World, calm_world: World, byte_by_byte: str) -> None:
    _is_lost_and_comes_back(world, calm_world, byte_by_byte, "the answer was not whole after")


def _status(world: World) -> Any:
    with reading(world.engine) as connection:
        return standing(connection, world.settings, datetime.now(UTC), running=False)


def test_a_clock_that_is_set_back_between_two_runs(any_world: World, calm_world: World) -> None:
    """It went ahead, and is set right; and then it is set back by hours and stays there."""
    crowd = people(5)
    with time_machine.travel(datetime.now(UTC) + HOURS, tick=True) as clock:
        for day in range(3):
            if day:
                clock.shift(-HOURS)
            report = _day(any_world, calm_world, crowd.change(day, 0.05))
            found = _status(any_world)
            assert found["last_run"]["run_id"] == report["run_id"]
            assert found["last_run"]["started_at"] == report["started_at"]
            for source in found["sources"].values():
                assert source["last_run"]["run_id"] == report["run_id"]
                assert 0 <= source["age_s"] < HOURS.total_seconds() / 2


def test_a_clock_that_is_set_back_within_a_run(any_world: World, calm_world: World) -> None:
    crowd = people(5)
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        for day in range(2):
            _day(any_world, calm_world, crowd.change(day, 0.05), progress=at_page(3, lambda: clock.shift(-HOURS)))
    assert any_world.ask("SELECT outcome FROM run") == [("ok",)] * 2


def _day(world: World, calm: World, crowd: Population, **wish: Any) -> Any:
    """A run of each world over this population; both know the same afterwards. Gives the first one's report."""
    world.platforms.calm(crowd)
    report = world.run(**wish)
    world.platforms.calm(crowd)
    assert report["outcome"] == calm.run()["outcome"] == "ok"
    assert sum(stream["new"] for stream in streams(report).values()) > 0
    assert world.portrait() == calm.portrait()
    assert world.live("users") == {str(account.id) for account in crowd.accounts}
    assert world.live("clients") == {str(client.id) for client in crowd.clients if client.deleted_on is None}
    return report


def test_what_came_before_the_clock_was_set_back_does_not_wait_for_the_same_hour(world: World) -> None:
    world.run()
    school = world.thinkific
    assert isinstance(school, ThinkificSandbox)
    account = school.population.accounts[0]
    school.edit(account.id, first_name="Toinen")
    source = _school(world)
    understood = receiver(source)
    assert understood is not None
    with time_machine.travel(datetime.now(UTC) + HOURS, tick=True):
        accept(world.engine, source.name, understood, school.envelope("user.updated", account.id))
    work_off(world.engine, world.settings, threading.Event())
    assert world.ask("SELECT state FROM platform_event") == [("landed",)]


def _school(world: World) -> Source:
    return next(source for source in world.settings.sources() if source.name == "thinkific")
