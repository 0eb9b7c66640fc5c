"""The school's sandbox as a sender: its webhooks API against what is known of the wire, and what it sends."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.rows import from_iso
from connectors.sandbox.server import serve
from connectors.thinkific import sandbox_events as events
from connectors.thinkific.sandbox import ACCESS_TOKEN, API_KEY, SUBDOMAIN, ThinkificSandbox
from tests.connectors.sandbox.conftest import PEOPLE, Served

TARGET = "https://registry.example.com/webhooks/thinkific"


class Inbox:
    """Takes deliveries; answers with `status`."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.came: list[tuple[str, dict[str, str], bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.came.append((request.method, dict(request.headers), await request.body()))
        await Response(status_code=self.status)(scope, receive, send)

    def events(self) -> list[dict[str, Any]]:
        """The envelopes that came, and the counting starts anew."""
        found = [json.loads(body) for _, _, body in self.came]
        self.came.clear()
        return found


@pytest.fixture(scope="module")
def listening() -> Iterator[Inbox]:
    inbox = Inbox()
    with serve(inbox) as served:
        inbox.url = served.url + "/webhooks/thinkific"
        yield inbox


@pytest.fixture
def inbox(listening: Inbox) -> Inbox:
    listening.came.clear()
    listening.status = 200
    return listening


@pytest.fixture
def school(thinkific: Served) -> ThinkificSandbox:
    assert isinstance(thinkific.sandbox, ThinkificSandbox)
    thinkific.sandbox.hooks.clear()
    return thinkific.sandbox


@pytest.fixture
def api(school: ThinkificSandbox, thinkific: Served) -> Iterator[httpx.Client]:
    """A client of the webhooks API, with the API key as its token."""
    headers = {"Authorization": f"Bearer {API_KEY}"}
    with httpx.Client(base_url=f"{thinkific.url}/api/v2", headers=headers, timeout=5) as client:
        yield client


def create(api: httpx.Client, topic: str, url: str = TARGET) -> httpx.Response:
    return api.post("/webhooks", json={"topic": topic, "target_url": url})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {ACCESS_TOKEN}"}, 200),
        ({"Authorization": "Bearer other"}, 401),
        ({"Authorization": "", "X-Auth-API-Key": API_KEY, "X-Auth-Subdomain": SUBDOMAIN}, 401),
    ],
)
def test_a_bearer_token_alone_opens_it(api: httpx.Client, headers: dict[str, str], status: int) -> None:
    assert api.get("/webhooks", headers=headers).status_code == status


def test_what_is_made_is_listed_and_told_and_deleted_once(api: httpx.Client) -> None:
    made = create(api, "order.created")
    id_ = made.json()["id"]

    assert made.status_code == 201
    assert (len(id_), id_.isdecimal()) == (23, True)
    assert (made.json()["topic"], made.json()["target_url"], made.json()["status"]) == (
        "order.created", TARGET, "active",
    )  # fmt: skip
    assert api.get("/webhooks").json() == {
        "items": [made.json()],
        "meta": {"page": {"has_next": False, "next_page": "", "page_items": 1, "total_items": 1}},
    }
    assert api.get(f"/webhooks/{id_}").json() == made.json()
    assert [api.delete(f"/webhooks/{id_}").status_code for _ in range(2)] == [204, 404]
    assert api.get(f"/webhooks/{id_}").json() == {"error": "Record not found."}


def test_the_list_is_paged_by_cursor(api: httpx.Client, school: ThinkificSandbox) -> None:
    for number in range(30):
        school.hooks.add("user.signup", f"{TARGET}/{number}")

    first = api.get("/webhooks").json()
    second = api.get("/webhooks", params={"next": first["meta"]["page"]["next_page"]}).json()

    assert (len(first["items"]), len(second["items"])) == (25, 5)
    assert (first["meta"]["page"]["has_next"], second["meta"]["page"]["has_next"]) == (True, False)
    assert len({row["target_url"] for row in first["items"] + second["items"]}) == 30


def test_an_unknown_topic_is_refused_by_name(api: httpx.Client, school: ThinkificSandbox) -> None:
    school.hooks.topics.discard("user.deleted")
    refused = [create(api, topic) for topic in ("user.deleted", "enrollment.updated", "")]
    school.hooks.topics.add("user.deleted")

    assert {(answer.status_code, answer.text) for answer in refused} == {(422, '{"errors":{"topic":"invalid format"}}')}
    assert create(api, "user.deleted").status_code == 201
    assert api.post("/webhooks", content=b"{").status_code == 422


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "https://localhost/x", "https://127.0.0.1/x", "https://school.thinkific.com/x", "x", ""],
)
def test_an_address_that_is_not_sent_to_is_refused(api: httpx.Client, url: str) -> None:
    answer = create(api, "user.signup", url)

    assert (answer.status_code, answer.json()) == (422, {"errors": {"url": "is not valid"}})


def test_an_event_goes_signed_to_who_registered_for_it(school: ThinkificSandbox, inbox: Inbox) -> None:
    school.hooks.add("user.updated", inbox.url)
    user = PEOPLE.accounts[0]

    assert school.deliver("user.signin", user.id) == []
    assert school.deliver("user.updated", user.id, event_id="7", fields={"email": "new@example.com"}) == [200]

    ((method, headers, body),) = inbox.came
    assert (method, headers["content-type"]) == ("POST", "application/json")
    assert headers["x-thinkific-hmac-sha256"] == events.sign(body, API_KEY)
    assert headers["x-thinkific-topic"] == "user.updated"
    told = json.loads(body)
    assert (told["id"], told["resource"], told["action"]) == ("7", "user", "updated")
    assert (told["payload"]["id"], told["payload"]["email"]) == (user.id, "new@example.com")
    assert "full_name" not in told["payload"]


def test_every_event_has_an_id_of_its_own(school: ThinkificSandbox) -> None:
    number = PEOPLE.accounts[0].id
    told = [json.loads(school.envelope("user.signin", number)) for _ in range(3)]

    assert len({one["id"] for one in told}) == 3
    assert all(len(one["id"]) == 23 for one in told)


def test_an_enrollment_and_an_order_nest_and_word_as_recorded(school: ThinkificSandbox) -> None:
    enrollment, order = PEOPLE.enrollments[0], PEOPLE.orders[0]

    studied = json.loads(school.envelope("enrollment.progress", enrollment.id))["payload"]
    bought = json.loads(school.envelope("order.created", order.id))["payload"]

    assert isinstance(studied["percentage_completed"], str)
    assert studied["course"] == {"id": studied["course_id"], "name": studied["course"]["name"]}
    assert {"user_id", "is_free_trial", "completed", "expired", "course_name"}.isdisjoint(studied)
    assert {*studied["user"]} == {*bought["user"]} == {"email", "first_name", "id", "last_name"}
    assert isinstance(bought["amount_dollars"], float)
    assert {"user_id", "subscription"}.isdisjoint(bought)


def test_what_nobody_answers_is_counted_as_0(school: ThinkificSandbox, inbox: Inbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    inbox.status = 503
    number = PEOPLE.accounts[0].id

    assert school.deliver("user.signin", number, url=f"http://127.0.0.1:{port}/") == [0]
    assert school.deliver("user.signin", number, url=inbox.url) == [503]
    assert school.hooks.delivered == {0: 1, 503: 1}


def test_another_process_can_have_events_sent(school: ThinkificSandbox, thinkific: Served, inbox: Inbox) -> None:
    number = PEOPLE.accounts[0].id
    told = {"event_id": "9", "created_at": "2026-11-20T10:00:00.000Z", "fields": {"last_name": "Uusi"}}

    assert thinkific.control("deliver", topic="lesson.completed", id=1, url=inbox.url).status_code == 200
    assert thinkific.control("deliver", topic="user.deleted", id=123, url=inbox.url).status_code == 200
    thinkific.control("hook", topic="user.signin", url=inbox.url)
    stats = thinkific.control("deliver", topic="user.signin", id=number, **told).json()

    assert stats["delivered"] == {"200": 3}
    lesson, gone, user = inbox.events()
    assert (lesson["payload"], gone["payload"]) == ({"id": 1}, {"id": 123})
    assert (user["id"], user["created_at"], user["payload"]["last_name"]) == ("9", told["created_at"], "Uusi")
    assert thinkific.control("deliver", topic="user.signin", id=1, url=inbox.url).status_code == 400
    assert thinkific.control("deliver", topic="user.signin").status_code == 400
    thinkific.control("reset")
    assert school.hooks.delivered == {}


def test_a_step_can_tell_what_happened_in_it(school: ThinkificSandbox, thinkific: Served, inbox: Inbox) -> None:
    for topic in sorted(school.hooks.topics):
        school.hooks.add(topic, inbox.url)

    thinkific.control("step", step=1, share=0.1)
    assert inbox.came == []
    thinkific.control("step", step=2, share=0.1, deliver=True)

    told = inbox.events()
    before = PEOPLE.change(1, 0.1)
    after = before.change(2, 0.1)
    topics = [f"{one['resource']}.{one['action']}" for one in told]
    assert [(topic, str(one["payload"]["id"])) for topic, one in zip(topics, told, strict=True)] == list(
        events.between(before, after)
    )
    wanted = {"user.signup", "user.updated", "user.deleted", "enrollment.created", "enrollment.progress",
              "enrollment.completed", "order.created"}  # fmt: skip
    assert wanted <= set(topics)
    assert set(school.hooks.delivered) == {200}


def test_an_event_tells_of_names_and_addresses_that_changed_but_of_no_profile_field() -> None:
    before = PEOPLE
    after = before.change(1, 0.1)
    old = {row.id: row for row in before.accounts}
    changed = [(old[row.id], row) for row in after.accounts if row.id in old and old[row.id] is not row]
    told = {external_id for topic, external_id in events.between(before, after) if topic == "user.updated"}

    silent = [now for was, now in changed if str(now.id) not in told]
    assert len(told) + len(silent) == len(changed)
    assert all((old[row.id].email, old[row.id].last_name) == (row.email, row.last_name) for row in silent)
    assert silent
    assert told


def test_by_default_an_event_happens_now(school: ThinkificSandbox) -> None:
    told = json.loads(school.envelope("user.signin", PEOPLE.accounts[0].id))

    assert abs(from_iso(told["created_at"]) / 1000 - time.time()) < 60
    assert told["created_at"].endswith("Z")
