"""The list of deliveries: read over real sockets from the sandbox, and at its edges from made-up answers."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from config.sections import ThinkificOptions
from config.settings import Source
from connectors import thinkific
from connectors.errors import HoldSource, RetryLater, StopRun
from connectors.http import HttpClient
from connectors.sandbox.people import Population
from connectors.sandbox.server import serve
from connectors.thinkific import sandbox as module
from connectors.thinkific.hooks_api import ThinkificRegistrar, address
from connectors.thinkific.sandbox import ThinkificSandbox
from connectors.thinkific.sandbox_events import sign
from connectors.thinkific.webhooks import SIGNATURE, TOPICS
from sync.sources import receiver, registrar
from tests.connectors.clocks import FakeClock
from tests.connectors.web import BASE, HINT

TARGET = "https://registry.example.com/webhooks/thinkific"
HOOK = {"id": "20190807141006320656581", "status": "active", "topic": "user.signup", "target_url": TARGET}
LAST = {"has_next": False, "next_page": "", "page_items": 1, "total_items": 1}


def source(**options: Any) -> Source:
    made = ThinkificOptions.model_validate(options)
    return Source(
        name="thinkific", platform="thinkific", party="thinkific", brand="x", notes=False, consent_grantee=None,
        schedule="* * * * *", options=made,
    )  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[ThinkificSandbox, str]]:
    sandbox = module.build(Population(1, 5))
    with serve(sandbox) as server:
        yield sandbox, server.url


@pytest.fixture
def school(served: tuple[ThinkificSandbox, str]) -> ThinkificSandbox:
    served[0].hooks.clear()
    served[0].forget_requests()
    served[0].faults = ""
    return served[0]


@pytest.fixture(params=["api key", "access token"])
def hooks(
    request: pytest.FixtureRequest, school: ThinkificSandbox, served: tuple[ThinkificSandbox, str]
) -> Iterator[ThinkificRegistrar]:
    """A registrar as the configuration makes it, by either credential."""
    section = module.settings(served[1])["thinkific"]
    if request.param == "access token":
        section["access_token"] = module.ACCESS_TOKEN
        section["api_key"] = "wrong"
    made = registrar(source(**section))
    assert isinstance(made, ThinkificRegistrar)
    yield made
    made.close()


def test_what_is_registered_is_listed_and_removed(hooks: ThinkificRegistrar, school: ThinkificSandbox) -> None:
    made = [hooks.register(topic, TARGET) for topic in hooks.topics]

    assert list(hooks.list()) == made
    assert [(one.topic, one.target_url, one.status) for one in made if one] == [
        (topic, TARGET, "active") for topic in TOPICS
    ]
    assert [hooks.remove(one.id) for one in made if one] == [True] * len(TOPICS)
    assert list(hooks.list()) == []
    assert hooks.remove("20190807141006320656581") is False
    assert school.requests.total() == 2 * len(TOPICS) + 3


def test_every_page_of_the_list_is_read(hooks: ThinkificRegistrar, school: ThinkificSandbox) -> None:
    for number in range(230):
        school.hooks.add("user.signup", f"{TARGET}/{number}")

    assert [hook.target_url for hook in hooks.list()] == [f"{TARGET}/{number}" for number in range(230)]
    assert school.requests.total() == 3


def test_a_topic_that_the_site_does_not_know_is_none(hooks: ThinkificRegistrar, school: ThinkificSandbox) -> None:
    school.hooks.topics.discard("user.deleted")
    found = hooks.register("user.deleted", TARGET)
    school.hooks.topics.add("user.deleted")

    assert found is None


@pytest.mark.parametrize("url", ["https://localhost/x", "http://example.com/x", "https://school.thinkific.com/x"])
def test_an_address_that_is_not_taken_holds_and_says_which_are(hooks: ThinkificRegistrar, url: str) -> None:
    with pytest.raises(HoldSource) as raised:
        hooks.register("user.signup", url)

    for word in ("https", "localhost", "thinkific.com"):
        assert word in str(raised.value)
    assert list(hooks.list()) == []


def test_a_wrong_key_names_the_settings(served: tuple[ThinkificSandbox, str]) -> None:
    section = {**module.settings(served[1])["thinkific"], "api_key": "wrong"}
    made = registrar(source(**section))
    assert made is not None
    with pytest.raises(HoldSource, match=r"GET /webhooks: access refused .*thinkific\.access_token"):
        made.list()
    made.close()


@pytest.fixture
def edge() -> Iterator[ThinkificRegistrar]:
    """A registrar of a platform that answers as a test says."""
    with HttpClient(BASE, clock=FakeClock(), settings_hint=HINT, requests_per_minute=10_000) as client:
        yield ThinkificRegistrar(client)


@pytest.mark.parametrize(
    "answer",
    [
        [], {"items": {}}, {"items": []}, {"items": [], "meta": {"page": {}}},
        {"items": [], "meta": {"page": {"has_next": True, "next_page": ""}}},
        {"items": [{"id": "1"}], "meta": {"page": LAST}}, {"items": [7], "meta": {"page": LAST}},
        {"items": [{**HOOK, "topic": []}], "meta": {"page": LAST}},
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_asked_for_again(edge: ThinkificRegistrar, api: respx.MockRouter, answer: Any) -> None:
    whole = httpx.Response(200, json={"items": [HOOK], "meta": {"page": LAST}})
    api.get("/webhooks").mock(side_effect=[httpx.Response(200, json=answer), whole])

    assert [hook.id for hook in edge.list()] == [HOOK["id"]]


def test_a_list_that_never_ends_is_given_up(edge: ThinkificRegistrar, api: respx.MockRouter) -> None:
    page = {"has_next": True, "next_page": "1", "page_items": 1, "total_items": 1}
    api.get("/webhooks").mock(httpx.Response(200, json={"items": [HOOK], "meta": {"page": page}}))

    with pytest.raises(RetryLater, match="GET /webhooks: the pages do not end"):
        edge.list()


@pytest.mark.parametrize(
    ("errors", "outcome"),
    [
        ({"errors": {"topic": ["invalid format"]}}, None),
        ({"errors": [{"topic": "invalid format"}]}, None),
        ({"errors": {"url": "is not valid"}}, "neither to localhost"),
        ({"errors": [{"target_url": "is not valid"}]}, "neither to localhost"),
        ({"errors": ["someone@example.com"]}, "not said why"),
        ([], "not said why"),
        ("", "not said why"),
    ],
)
def test_a_refusal_is_understood_in_every_shape_and_never_quoted(
    edge: ThinkificRegistrar, api: respx.MockRouter, errors: Any, outcome: str | None
) -> None:
    api.post("/webhooks").mock(httpx.Response(422, json=errors))

    if outcome is None:
        assert edge.register("user.deleted", TARGET) is None
    else:
        with pytest.raises(HoldSource, match=outcome) as raised:
            edge.register("user.deleted", TARGET)
        assert not any(word in str(raised.value) for word in ("someone", "registry.example.com", "is not valid"))


def test_an_answer_that_got_lost_does_not_stop_registering(edge: ThinkificRegistrar, api: respx.MockRouter) -> None:
    api.post("/webhooks").mock(side_effect=[httpx.ReadError("reset"), httpx.Response(201, json=HOOK)])

    made = edge.register("user.signup", TARGET)

    assert made is not None
    assert made.id == HOOK["id"]


def test_a_page_that_is_not_the_platforms_does_not_say_that_it_is_gone(
    edge: ThinkificRegistrar, api: respx.MockRouter
) -> None:
    api.delete("/webhooks/a%2Fb").mock(httpx.Response(404, html="<html>no such page</html>"))

    with pytest.raises(RetryLater, match="proves nothing"):
        edge.remove("a/b")


@pytest.mark.parametrize(
    ("base", "hooks"),
    [
        ("https://api.thinkific.com/api/public/v1", "https://api.thinkific.com/api/v2"),
        ("http://127.0.0.1:8000/api/public/v1", "http://127.0.0.1:8000/api/v2"),
    ],
)
def test_the_webhooks_api_stands_beside_the_other(base: str, hooks: str) -> None:
    assert address(base) == hooks


def test_credentials_must_be_there_and_of_this_platform() -> None:
    with pytest.raises(HoldSource, match="credentials are missing"):
        thinkific.registrar(source())
    other = source().model_copy(update={"options": None})
    for make in (thinkific.registrar, thinkific.receiver):
        with pytest.raises(StopRun):
            make(other)


def test_each_configured_key_may_have_signed() -> None:
    keys = {"webhook_secret": "secret-1", "access_token": "token-1", "api_key": "key-1"}
    made = receiver(source(subdomain="school", **{name: SecretStr(key) for name, key in keys.items()}))
    assert made is not None
    signed = {key: made.is_genuine(b"{}", {SIGNATURE: sign(b"{}", key)}) for key in (*keys.values(), "other")}

    assert signed == {"secret-1": True, "token-1": True, "key-1": True, "other": False}
