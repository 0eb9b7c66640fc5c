"""The client over a real socket: what only a real connection can show."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.errors import RetryLater
from connectors.http import Answer, HttpClient
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
