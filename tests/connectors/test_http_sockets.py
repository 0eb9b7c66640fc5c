"""The client over a real socket: what only a real connection can show."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from connectors.errors import RetryLater
from connectors.http import Answer, HttpClient
from connectors.patience import Patience
from tests.connectors.clocks import FakeClock


@contextmanager
def _raw_server(*scripts: bytes) -> Iterator[tuple[str, list[int]]]:
    """Serve each connection one script of raw bytes, then close it. Yields base URL and a list, one a connection."""
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for script in scripts:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    seen.append(len(script))
                    connection.sendall(script)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", seen
        thread.join(5)


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"items":',
        b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ite',
        b'HTTP/1.1 200 OK\r\n\r\n{"items": [',
        b"",
        b"SMTP ready\r\n",
    ],
    ids=["broken gzip", "cut body", "cut chunk", "cut without length", "closed at once", "no HTTP"],
)
def test_a_connection_cut_midway_is_tried_again(broken: bytes) -> None:
    with _raw_server(broken, WHOLE) as (url, seen), HttpClient(url, clock=FakeClock()) as client:
        assert client.get("/users").value == {}

    assert len(seen) == 2


def test_loopback_is_reached_past_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with _raw_server(WHOLE) as (url, _), HttpClient(url, clock=FakeClock()) as client:
        answer: Answer = client.get("/users")

    assert answer.value == {}


def test_nobody_listening_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with (
        HttpClient(f"http://127.0.0.1:{port}", clock=FakeClock()) as client,
        pytest.raises(RetryLater, match="no connection"),
    ):
        client.get("/users")


@contextmanager
def _trickle(script: bytes, every_s: float = 0.01) -> Iterator[str]:
    """Serve every connection this script, a byte at a time and never to its end. Yields the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:

        def drip(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                for number in range(1000):
                    connection.sendall(script[number : number + 1] or b" ")
                    time.sleep(every_s)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    pool.submit(drip, server.accept()[0])

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "script",
    [
        b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 1000,
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\x08" + bytes(6) + b"name" * 1000,
        b"HTTP/1.1 200 OK\r\n\r\n{}" + b" " * 1000,
    ],
    ids=["head", "compressed body", "body without a length"],
)
def test_an_answer_that_comes_byte_by_byte_is_bounded_as_a_whole(script: bytes) -> None:
    """Also where nothing of it can be used yet: the head is not whole, or nothing of the body can be decompressed."""
    began = time.monotonic()
    with (
        _trickle(script) as url,
        HttpClient(url, clock=FakeClock(), whole_answer_s=1.0) as client,
        pytest.raises(RetryLater, match="not whole after"),
    ):
        client.get("/users", patience=Patience(tries=1))
    assert time.monotonic() - began < 10


def test_a_name_that_nobody_knows_is_told_so() -> None:
    with (
        HttpClient("https://school.rekisteri.invalid", clock=FakeClock()) as client,
        pytest.raises(RetryLater, match="the server's name is not known"),
    ):
        client.get("/users")
