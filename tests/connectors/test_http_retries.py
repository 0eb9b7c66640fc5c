"""What is tried again, how long the client waits, and when it gives up, on a fake clock."""

import threading
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
import respx

from connectors.clock import SystemClock
from connectors.errors import RetryLater
from connectors.http import HttpClient
from connectors.patience import QUICK
from tests.connectors.clocks import EPOCH, FakeClock
from tests.connectors.web import OK, SECRET, open_client

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


def test_a_used_up_window_is_waited_out_but_never_for_an_hour(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    def used_up(reset: int) -> httpx.Response:
        return httpx.Response(200, json={}, headers={"ratelimit-remaining": "0", "ratelimit-reset": str(reset)})

    route = api.get("/users").mock(side_effect=[used_up(80), used_up(3600), OK])

    client.get("/users")
    client.get("/users")
    with pytest.raises(RetryLater, match="GET /users: the platform asks to wait 3601 s"):
        client.get("/users")

    assert clock.waits == [81]
    assert route.call_count == 2


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


def test_who_is_in_a_hurry_gets_one_retry(client: HttpClient, api: respx.MockRouter, clock: FakeClock) -> None:
    route = api.get("/users").mock(httpx.Response(500))

    with pytest.raises(RetryLater, match=r"GET /users: status 500; given up after 2 tries in \d s"):
        client.get("/users", patience=QUICK)

    assert (route.call_count, sum(clock.waits) <= 0.5) == (2, True)


def test_who_is_in_a_hurry_waits_for_no_slow_platform_twice(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        clock.now += 10
        raise httpx.ConnectTimeout("slow", request=request)

    api.get("/users").mock(side_effect=hang)
    with pytest.raises(RetryLater, match="no connection within 10 s; given up after 1 try in 10 s"):
        client.get("/users", patience=QUICK)


def test_who_is_in_a_hurry_is_told_at_once_of_a_longer_wait(
    client: HttpClient, api: respx.MockRouter, clock: FakeClock
) -> None:
    api.get("/users").mock(httpx.Response(429, headers={"retry-after": "20"}))
    with pytest.raises(RetryLater, match="the platform asks to wait 20 s, a request may take 5 s in all"):
        client.get("/users", patience=QUICK)
    assert clock.waits == []


def test_a_wait_ends_when_the_run_is_told_to_stop(api: respx.MockRouter) -> None:
    route = api.get("/users").mock(httpx.Response(500))

    with open_client(FakeClock(stopped=True)) as client, pytest.raises(RetryLater, match="stopped"):
        client.get("/users")

    assert route.call_count == 1


def test_the_real_clock_ends_a_wait_on_the_event() -> None:
    stop = threading.Event()
    stop.set()

    assert SystemClock(stop).wait(30) is True
    assert SystemClock().wait(0.001) is False
