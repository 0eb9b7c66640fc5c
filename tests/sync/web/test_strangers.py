"""What somebody who is no platform and no monitor might send, and starts and stops of the server."""

import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from config.settings import Settings
from store.engine import open_database
from sync.web.patience import Patience
from sync.web.server import Server
from tests.sync.web.conftest import Process

GET = b"GET /livez HTTP/1.1\r\nhost: x\r\n"
UNFINISHED = (GET + b"content-length: 100\r\n\r\nx", GET + b"transfer-encoding: chunked\r\n\r\n5\r\nab")
POST = b"POST /webhooks/thinkific HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n"


@pytest.fixture
def process(sqlite_url: str, settings: Settings) -> Iterator[Process]:
    """A server that soon loses its patience."""
    found = Process(open_database(sqlite_url), settings)
    server = Server(found, Patience(head=0.3, body=0.3))
    server.start()
    found.url = server.url
    yield found
    server.stop()
    found.engine.dispose()


def said(process: Process, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """All that comes back, to the end of the connection."""
    where = urlsplit(process.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
        except ConnectionResetError:
            pass
        return answer


@pytest.mark.parametrize(
    "parts",
    [(), (b"GET /livez HT",), (b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /livez HT")],
    ids=["nothing", "half a line", "half a line after a whole request"],
)
def test_a_head_that_never_ends_is_waited_for_a_while_only(process: Process, parts: tuple[bytes, ...]) -> None:
    began = time.monotonic()
    answer = said(process, *parts, pause_s=0.1)
    assert answer.count(b"HTTP/1.1 200") == len(parts) // 2
    assert 0.2 < time.monotonic() - began < 4


def test_a_body_that_never_ends_is_waited_for_a_while_only(process: Process) -> None:
    answer = said(process, POST, b"{")
    assert answer.startswith(b"HTTP/1.1 408") and b"connection: close" in answer.lower()
    assert process.totals.events["thinkific", "slow"] == 1


def test_many_who_dawdle_keep_nobody_from_an_answer(process: Process) -> None:
    where = urlsplit(process.url)
    dawdlers = [socket.create_connection((where.hostname, where.port)) for _ in range(100)]
    try:
        for each in dawdlers:
            each.sendall(POST)
        assert process.ask("/livez").status == 200
    finally:
        for each in dawdlers:
            each.close()
    assert process.soon(lambda: process.ask("/livez").status == 200)


@pytest.mark.parametrize("text", UNFINISHED, ids=["told", "chunked"])
def test_many_whose_body_never_ends_are_answered_and_keep_nobody_from_an_answer(process: Process, text: bytes) -> None:
    where = urlsplit(process.url)
    many = [socket.create_connection((where.hostname, where.port), timeout=10) for _ in range(250)]
    try:
        for each in many:
            each.sendall(text)
        assert process.soon(lambda: process.ask("/livez").status == 200, 2)
        assert all(each.recv(100).startswith(b"HTTP/1.1 ") for each in many)
    finally:
        for each in many:
            each.close()


def test_who_goes_on_with_a_body_that_nobody_reads_is_left(process: Process) -> None:
    where = urlsplit(process.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(UNFINISHED[0])
        assert connection.recv(100).startswith(b"HTTP/1.1 200")

        def is_left() -> bool:
            try:
                connection.sendall(b"x")
            except OSError:
                return True
            return False

        assert process.soon(is_left, 2)


def test_who_asks_much_and_reads_nothing_is_left(process: Process) -> None:
    where = urlsplit(process.url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(1)
        connection.connect((where.hostname, where.port))

        def is_left() -> bool:
            try:
                connection.sendall((GET.replace(b"/livez", b"/") + b"\r\n") * 100)
            except TimeoutError:
                return False
            except OSError:
                return True
            return False

        assert process.soon(is_left, 20)


def test_what_a_whole_request_came_with_is_read_and_the_connection_stays(process: Process) -> None:
    answer = said(process, GET + b"content-length: 1\r\n\r\nx", GET + b"connection: close\r\n\r\n", pause_s=0.1)
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/health", 405),
        ("DELETE", "/", 405),
        ("PUT", "/webhooks/thinkific", 405),
        ("HEAD", "/health", 200),
        ("GET", "/health/", 404),
        ("POST", "/webhooks/", 404),
        ("POST", "/webhooks/a/b", 404),
        ("POST", "/webhooks/%2e%2e%2fthinkific", 404),
        ("GET", "/docs", 404),
        ("GET", "/.env", 404),
    ],
)
def test_what_is_not_there_is_not_there(process: Process, method: str, path: str, status: int) -> None:
    answer = process.ask(path, method, headers={"host": "evil.example"})
    assert answer.status == status
    assert "evil" not in answer.text + str(answer.headers)
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /livez\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 300_000,
        b"POST /webhooks/thinkific HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /webhooks/thinkific HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    ],
    ids=["TLS", "no version", "no host", "a long head", "a length below nothing", "two lengths"],
)
def test_what_is_no_request_is_refused(process: Process, text: bytes) -> None:
    answer = said(process, text)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"y" * 100 not in answer
    assert process.ask("/livez").status == 200


def test_a_sender_who_leaves_in_mid_body_is_counted(process: Process) -> None:
    where = urlsplit(process.url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(POST + b"{")
    assert process.soon(lambda: process.totals.events["thinkific", "cut"] == 1)


def test_a_server_may_be_stopped_before_it_began_and_twice_and_leaves_no_thread(
    sqlite_url: str, settings: Settings
) -> None:
    process = Process(open_database(sqlite_url), settings)
    Server(process).stop()
    before = set(threading.enumerate())
    server = Server(process)
    server.start()
    process.url = server.url
    assert server.alive and process.ask("/").status == process.ask("/metrics").status == 200
    server.stop()
    server.stop()
    assert not server.alive
    assert process.soon(lambda: set(threading.enumerate()) <= before)
    with pytest.raises(OSError):
        process.ask("/livez")
    process.engine.dispose()
