"""The HTTP client's edges, on a fake clock: what is tried again, how long it waits, when it gives up, what it says."""

import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
import respx

from connectors.errors import HoldSource, RetryLater
from connectors.http import BODY_BYTES, Answer, HttpClient, SystemClock, fault
from tests.connectors.clocks import EPOCH, FakeClock

BASE = "https://api.example.com/v1"
SECRET = "key-of-nobody-0001"
HINT = "school.api_key and the plan"
OK = httpx.Response(200, json={"items": []})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(clock: FakeClock) -> Iterator[HttpClient]:
    with _client(clock) as made:
        yield made


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE) as router:
        yield router


def _client(clock: FakeClock, per_minute: int = 10_000) -> HttpClient:
    return HttpClient(
        BASE,
        headers={"x-key": SECRET},
        requests_per_minute=per_minute,
        settings_hint=HINT,
        secrets=(SECRET,),
        clock=clock,
    )


def test_an_answer_carries_value_status_and_where_it_came_from(client: HttpClient, api: respx.MockRouter) -> None:
    route = api.get("/users").mock(httpx.Response(200, json={"a": [1, "ä"]}, headers={"X-Page": "3"}))

    answer = client.get("/users", {"page": 1, "query[updated_after]": "2026-01-01T00:00:00Z"})

    assert (answer.status, answer.value, answer.retrieved_from) == (200, {"a": [1, "ä"]}, "GET /users")
    assert answer.headers["x-page"] == "3"
    sent = route.calls.last.request
    assert sent.headers["x-key"] == SECRET
    assert dict(sent.url.params) == {"page": "1", "query[updated_after]": "2026-01-01T00:00:00Z"}
    assert client.traffic.requests == 1
    assert client.traffic.retries == 0


TRANSIENT = {
    "connection refused": httpx.ConnectError("https://api.example.com/v1/users?email=someone"),
    "connect timeout": httpx.ConnectTimeout("slow"),
    "read timeout": httpx.ReadTimeout("slow"),
    "reset": httpx.ReadError("reset"),
    "cut off": httpx.RemoteProtocolError("peer closed"),
    "500": httpx.Response(500),
    "503": httpx.Response(503),
    "Cloudflare 522": httpx.Response(522, html="<html>timed out</html>"),
    "Cloudflare 530": httpx.Response(530, html="<html>1016</html>"),
    "429": httpx.Response(429, text="Retry later"),
    "408": httpx.Response(408),
    "HTML as 200": httpx.Response(200, html="<html>maintenance</html>"),
    "cut JSON": httpx.Response(200, content=b'{"items": [{"id": 1}, {"i'),
    "empty body": httpx.Response(200),
}


@pytest.mark.parametrize("failure", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_a_passing_fault_is_tried_again(
    client: HttpClient, api: respx.MockRouter, failure: httpx.Response | Exception
) -> None:
    api.get("/users").mock(side_effect=[failure, failure, OK])

    assert client.get("/users").value == {"items": []}
    assert (client.traffic.requests, client.traffic.retries) == (3, 2)
    assert client.traffic.waited_s > 0


@pytest.mark.parametrize("failure", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_five_tries_are_the_end_and_the_text_says_path_and_fault_alone(
    client: HttpClient, api: respx.MockRouter, failure: httpx.Response | Exception
) -> None:
    route = api.get("/users").mock(side_effect=[failure] * 9)

    with pytest.raises(RetryLater) as raised:
        client.get("/users", {"query[email]": "someone@example.com"})

    assert route.call_count == 5
    text = str(raised.value)
    assert text.startswith("GET /users: ")
    assert "given up after 5 tries" in text
    assert _everything_told(raised.value).isdisjoint({"someone", SECRET, "maintenance", "Retry later", "?"})


def _everything_told(error: BaseException) -> set[str]:
    """Which of the private words occur in the error's text or in what a log would print of its chain."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    joined = " ".join(texts)
    return {word for word in ("someone", SECRET, "maintenance", "Retry later", "?") if word in joined}


def test_backoff_grows_and_has_a_ceiling(client: HttpClient, api: respx.MockRouter, clock: FakeClock) -> None:
    api.get("/users").mock(httpx.Response(500))

    with pytest.raises(RetryLater):
        client.get("/users")

    assert len(clock.waits) == 4
    for wait, most in zip(clock.waits, (0.5, 1.5, 4.5, 13.5), strict=True):
        assert 0.75 * most <= wait <= most


def test_a_429_that_names_no_time_is_given_most_of_a_minute(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    api.get("/users").mock(httpx.Response(429))

    with pytest.raises(RetryLater):
        client.get("/users")

    assert 45 <= sum(clock.waits) <= 60


def _http_date(seconds_ahead: float) -> str:
    return format_datetime(datetime.fromtimestamp(EPOCH + seconds_ahead, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "60"}, 60),
        ({"retry-after": _http_date(20)}, 20),
        ({"retry-after": "7", "ratelimit-reset": "30"}, 7),
        ({"retry-after": "soon", "ratelimit-reset": "30"}, 31),
        ({"ratelimit-reset": "30"}, 31),
        ({"ratelimit-reset": str(int(EPOCH) + 41)}, 42),
        ({"ratelimit-reset": str((int(EPOCH) + 41) * 1000)}, 42),
        ({"ratelimit-reset": str((int(EPOCH) + 60) * 1000)}, 61),
        ({"ratelimit-reset": str((int(EPOCH) + 341) * 1000), "date": _http_date(300)}, 42),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else str(value),
)
def test_a_429_waits_as_long_as_the_platform_says(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock, headers: dict[str, str], seconds: float
) -> None:
    api.get("/users").mock(side_effect=[httpx.Response(429, headers=headers), OK])

    assert client.get("/users").status == 200
    assert clock.waits == [pytest.approx(seconds)]
    assert client.traffic.waited_s == pytest.approx(seconds)


def test_a_reset_in_the_past_still_leaves_a_pause(client: HttpClient, api: respx.MockRouter, clock: FakeClock) -> None:
    headers = {"retry-after": "0"}
    api.get("/users").mock(side_effect=[httpx.Response(429, headers=headers), OK])

    client.get("/users")

    assert clock.waits[0] >= 0.3


@pytest.mark.parametrize("status", [500, 503, 522])
def test_a_server_error_heeds_retry_after_but_not_the_reset_that_every_answer_carries(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock, status: int
) -> None:
    told = httpx.Response(status, headers={"retry-after": "9"})
    usual = httpx.Response(status, headers={"ratelimit-reset": "50"})
    api.get("/users").mock(side_effect=[told, usual, OK])

    client.get("/users")

    assert clock.waits[0] == 9
    assert clock.waits[1] < 2


def test_a_whole_window_is_survived_however_slow_the_refusal_came(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    def refuse_once(request: httpx.Request) -> httpx.Response:
        if clock.waits:
            return OK
        clock.now += 25
        return httpx.Response(429, headers={"retry-after": "60"})

    api.get("/users").mock(side_effect=refuse_once)

    assert client.get("/users").status == 200


def test_a_longer_wait_fails_at_once_and_says_so(client: HttpClient, api: respx.MockRouter, clock: FakeClock) -> None:
    route = api.get("/users").mock(httpx.Response(429, headers={"retry-after": "3600"}))

    with pytest.raises(RetryLater, match=r"status 429; the platform asks to wait 3600 s"):
        client.get("/users")

    assert route.call_count == 1
    assert clock.waits == []


def test_sixty_seconds_are_the_end_before_five_tries(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        clock.now += 30
        raise httpx.ReadTimeout("hung", request=request)

    route = api.get("/users").mock(side_effect=hang)

    with pytest.raises(RetryLater, match="no answer within 30 s; given up after 2 tries in 60 s"):
        client.get("/users")

    assert route.call_count == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_holds_the_source_at_once_naming_settings_and_plan(
    client: HttpClient, api: respx.MockRouter, status: int
) -> None:
    route = api.get("/courses").mock(httpx.Response(status, json={"error": "Authentication Error"}))

    with pytest.raises(HoldSource, match=rf"GET /courses: access refused \(status {status}\); look at {HINT}"):
        client.get("/courses")

    assert route.call_count == 1


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_request_the_platform_does_not_know_holds_the_source(
    client: HttpClient, api: respx.MockRouter, status: int
) -> None:
    route = api.get("/users").mock(httpx.Response(status, json={"errors": ["someone@example.com"]}))

    with pytest.raises(HoldSource, match=f"status {status}") as raised:
        client.get("/users")

    assert route.call_count == 1
    assert "someone" not in str(raised.value)


def test_a_404_is_an_answer_where_it_is_expected(client: HttpClient, api: respx.MockRouter) -> None:
    api.get("/users/7").mock(httpx.Response(404, json={"error": "Record not found."}))
    api.get("/users/8").mock(httpx.Response(404, html="<html>no such page</html>"))

    own, foreign = client.get("/users/7", allow_404=True), client.get("/users/8", allow_404=True)

    assert (own.status, own.value) == (404, {"error": "Record not found."})
    assert (foreign.status, foreign.value) == (404, None)


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example.com/v1/users", "http://api.example.com/v1/users", "//evil.example.com/x"]
)
def test_a_redirect_off_the_address_is_not_followed(client: HttpClient, api: respx.MockRouter, location: str) -> None:
    route = api.get("/users").mock(httpx.Response(302, headers={"location": location}))

    with pytest.raises(HoldSource, match="redirected to another address"):
        client.get("/users")

    assert route.call_count == 1


def test_a_redirect_on_the_same_host_is_followed(client: HttpClient, api: respx.MockRouter) -> None:
    api.get("/users").mock(httpx.Response(308, headers={"location": "/v1/people?page=1"}))
    api.get("/people", params={"page": 1}).mock(OK)

    assert client.get("/users").status == 200


def test_a_circle_of_redirects_ends(client: HttpClient, api: respx.MockRouter) -> None:
    api.get("/users").mock(httpx.Response(302, headers={"location": "/v1/users"}))

    with pytest.raises(HoldSource, match="circle"):
        client.get("/users")


def test_a_damaged_text_does_not_block_its_page(client: HttpClient, api: respx.MockRouter) -> None:
    body = b'{"a": "half \\ud83d", "b": "stray \xe4", "c": NaN, "d": "n\\u0000ul"}'
    api.get("/users").mock(httpx.Response(200, content=body))

    assert client.get("/users").value == {"a": "half \ufffd", "b": "stray \ufffd", "c": None, "d": "nul"}


def test_nuls_in_sound_json_are_dropped(client: HttpClient, api: respx.MockRouter) -> None:
    api.get("/users").mock(httpx.Response(200, content=b'{"items": [{"n\\u0000ame": "\\u0000x"}]}'))

    assert client.get("/users").value == {"items": [{"name": "x"}]}


def test_a_huge_body_is_cut(client: HttpClient, api: respx.MockRouter) -> None:
    class Huge(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(BODY_BYTES // 2**20 + 2):
                yield b" " * 2**20

    api.get("/users").mock(side_effect=lambda _: httpx.Response(200, stream=Huge()))

    with pytest.raises(RetryLater, match="larger than 64 MiB"):
        client.get("/users")


def test_an_answer_that_trickles_is_bounded_as_a_whole(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    class Trickle(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.now += 20
                yield b" "

    route = api.get("/users").mock(side_effect=lambda _: httpx.Response(200, stream=Trickle()))

    with pytest.raises(RetryLater, match="not whole after 60 s"):
        client.get("/users")

    assert route.call_count == 1


def test_a_wait_ends_when_the_run_is_told_to_stop(api: respx.MockRouter) -> None:
    route = api.get("/users").mock(httpx.Response(500))

    with _client(FakeClock(stopped=True)) as client, pytest.raises(RetryLater, match="stopped"):
        client.get("/users")

    assert route.call_count == 1


def test_the_real_clock_ends_a_wait_on_the_event() -> None:
    stop = threading.Event()
    stop.set()

    assert SystemClock(stop).wait(30) is True
    assert SystemClock().wait(0.001) is False


def test_an_untrusted_certificate_is_called_by_name() -> None:
    error = httpx.ConnectError("tls")
    error.__cause__ = OSError("wrapped once more")
    error.__cause__.__cause__ = ssl.SSLCertVerificationError("self-signed")

    assert fault(error) == "the server's certificate is not trusted"
    assert fault(httpx.ConnectError("tls")) == "no connection"


@pytest.mark.parametrize("secret", ["ключ-of-nobody", "key\nof-nobody", "key\x7fof-nobody"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_quoted(secret: str) -> None:
    with pytest.raises(HoldSource) as raised:
        HttpClient(BASE, headers={"x-key": secret}, settings_hint=HINT)

    assert HINT in str(raised.value)
    assert "of-nobody" not in str(raised.value)


def test_a_secret_in_a_path_is_blanked(client: HttpClient, api: respx.MockRouter) -> None:
    api.get(f"/{SECRET}").mock(httpx.Response(403))

    with pytest.raises(HoldSource, match=r"GET /\[secret\]"):
        client.get(f"/{SECRET}")


def test_nothing_of_a_request_is_logged(
    client: HttpClient, api: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    api.get("/users").mock(OK)
    with caplog.at_level(logging.DEBUG):
        client.get("/users", {"query[email]": "someone@example.com"})

    assert "someone" not in caplog.text
    assert SECRET not in caplog.text


def test_close_may_be_called_twice(client: HttpClient) -> None:
    client.close()
    client.close()


# Over a real socket: what only a real connection can show.


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
