"""What is sent: POST and DELETE, by the same manners as GET; and how answers are counted."""

import json

import httpx
import pytest
import respx

from connectors.errors import HoldSource, RetryLater
from connectors.http import HttpClient
from tests.connectors.web import HINT, SECRET

MADE = httpx.Response(201, json={"id": "7"})


def test_what_is_posted_is_json_and_the_answer_says_where_it_is_from(client: HttpClient, api: respx.MockRouter) -> None:
    route = api.post("/hooks").mock(MADE)

    answer = client.post("/hooks", {"topic": "ääni"})

    assert (answer.status, answer.value, answer.retrieved_from) == (201, {"id": "7"}, "POST /hooks")
    sent = route.calls.last.request
    assert json.loads(sent.content) == {"topic": "ääni"}
    assert (sent.headers["content-type"], sent.headers["x-key"]) == ("application/json", SECRET)


@pytest.mark.parametrize("fault", [httpx.ReadError("reset"), httpx.Response(502), httpx.Response(201, text="{cut")])
def test_a_post_is_tried_again_with_the_same_body(
    client: HttpClient, api: respx.MockRouter, fault: httpx.Response | Exception
) -> None:
    route = api.post("/hooks").mock(side_effect=[fault, MADE])

    assert client.post("/hooks", {"a": 1}).value == {"id": "7"}

    assert [json.loads(call.request.content) for call in route.calls] == [{"a": 1}, {"a": 1}]
    assert client.traffic.retries == 1


def test_a_value_that_is_not_taken_is_an_answer(client: HttpClient, api: respx.MockRouter) -> None:
    def never(value: object) -> None:
        raise RetryLater("an error is not looked at")

    api.post("/hooks").mock(httpx.Response(422, json={"errors": {"url": "is not valid"}}))
    api.post("/page").mock(httpx.Response(422, html="<html>no</html>"))

    answer, page = client.post("/hooks", {}, whole=never), client.post("/page", {})

    assert (answer.invalid, answer.value) == (True, {"errors": {"url": "is not valid"}})
    assert (page.invalid, page.value) == (True, None)


def test_only_a_post_takes_an_invalid_value_for_an_answer(client: HttpClient, api: respx.MockRouter) -> None:
    api.delete("/hooks/7").mock(httpx.Response(422, json={"errors": ["someone@example.com"]}))

    with pytest.raises(HoldSource, match=r"^DELETE /hooks/7: the platform does not know this request \(status 422\)"):
        client.delete("/hooks/7")


def test_deleting_needs_no_body_and_what_is_missing_is_an_answer(client: HttpClient, api: respx.MockRouter) -> None:
    api.delete("/hooks/7").mock(httpx.Response(204))
    api.delete("/hooks/8").mock(httpx.Response(404, json={"error": "Record not found."}))
    api.delete("/hooks/9").mock(httpx.Response(404, html="<html>no such page</html>"))

    there, gone, page = (client.delete(f"/hooks/{number}") for number in (7, 8, 9))

    assert (there.status, there.value, there.missing) == (204, None, False)
    assert (gone.missing, gone.value) == (True, {"error": "Record not found."})
    assert (page.missing, page.value) == (True, None)


def test_texts_name_the_method(client: HttpClient, api: respx.MockRouter) -> None:
    api.post("/hooks").mock(httpx.Response(401))
    api.delete("/hooks/7").mock(httpx.Response(500))

    with pytest.raises(HoldSource, match=rf"^POST /hooks: access refused \(status 401\); look at {HINT}$"):
        client.post("/hooks", {})
    with pytest.raises(RetryLater, match=r"^DELETE /hooks/7: status 500; given up after 5 tries"):
        client.delete("/hooks/7")


@pytest.mark.parametrize(("status", "followed"), [(307, True), (308, True), (301, False), (302, False), (303, False)])
def test_a_redirect_that_would_ask_instead_of_doing_is_not_followed(
    client: HttpClient, api: respx.MockRouter, status: int, followed: bool
) -> None:
    api.post("/hooks").mock(httpx.Response(status, headers={"location": "/v1/there"}))

    if followed:
        moved = api.post("/there").mock(MADE)
        assert client.post("/hooks", {"a": 1}).status == 201
        assert json.loads(moved.calls.last.request.content) == {"a": 1}
    else:
        with pytest.raises(HoldSource, match=rf"^POST /hooks: redirected to another address \(status {status}\)"):
            client.post("/hooks", {"a": 1})


def test_every_request_is_counted_by_the_class_of_its_answer(client: HttpClient, api: respx.MockRouter) -> None:
    api.get("/users").mock(
        side_effect=[httpx.ConnectError("no"), httpx.Response(503), httpx.Response(429), httpx.Response(200, json={})]
    )
    api.delete("/hooks/7").mock(httpx.Response(404))

    client.get("/users")
    client.delete("/hooks/7")

    assert client.traffic.statuses == {"none": 1, "5xx": 1, "4xx": 2, "2xx": 1}
    assert client.traffic.requests == 5
