"""What the client makes of an answer, and what it says and keeps silent about."""

import logging
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from connectors.errors import HoldSource, RetryLater
from connectors.http import BODY_BYTES, HttpClient, fault
from tests.connectors.clocks import FakeClock
from tests.connectors.web import BASE, HINT, OK, SECRET


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


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_missing_is_an_answer_where_it_is_expected(
    client: HttpClient, api: respx.MockRouter, status: int
) -> None:
    api.get("/users/7").mock(httpx.Response(status, json={"error": "Record not found."}))
    api.get("/users/8").mock(httpx.Response(status, html="<html>no such page</html>"))
    api.get("/users/9").mock(httpx.Response(status))

    own, page, empty = (client.get(f"/users/{number}", allow_missing=True) for number in (7, 8, 9))

    assert (own.status, own.value) == (status, {"error": "Record not found."})
    assert (page.status, page.value, empty.value) == (status, None, None)
    assert own.missing
    assert client.traffic.retries == 0


def test_json_that_is_not_what_was_asked_for_is_asked_for_again(client: HttpClient, api: respx.MockRouter) -> None:
    def whole(value: Any) -> None:
        if "items" not in value:
            raise RetryLater("no items")

    damaged = httpx.Response(200, json={"detail": "warming up"})
    api.get("/users").mock(side_effect=[damaged, OK])
    api.get("/orders").mock(damaged)

    assert client.get("/users", whole=whole).value == {"items": []}
    assert client.traffic.retries == 1
    with pytest.raises(RetryLater, match=r"^GET /orders: no items; given up after 5 tries in \d+ s$"):
        client.get("/orders", whole=whole)


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


def test_a_number_that_no_program_can_hold_does_not_block_its_page(client: HttpClient, api: respx.MockRouter) -> None:
    body = b'{"items": [{"id": 1, "likes": ' + b"9" * 5000 + b', "of": 7, "name": "n\\u0000ul"}]}'
    api.get("/users").mock(httpx.Response(200, content=body))

    assert client.get("/users").value == {"items": [{"id": 1, "likes": None, "of": 7, "name": "nul"}]}


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
