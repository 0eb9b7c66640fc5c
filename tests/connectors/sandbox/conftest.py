"""Sandboxes on real sockets, and clients that know their credentials."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from connectors.sandbox.app import RateLimit, Sandbox
from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.people import Population
from connectors.sandbox.registered import platform, platforms
from connectors.sandbox.server import serve

PEOPLE = Population(5, 400)


def client_of(name: str, url: str) -> httpx.Client:
    """A client of a served sandbox, with the address and credentials that its settings name."""
    section: dict[str, Any] = platform(name).settings(url)[name]
    if name == "thinkific":
        headers = {"X-Auth-API-Key": section["api_key"], "X-Auth-Subdomain": section["subdomain"]}
        return httpx.Client(base_url=section["base_url"], headers=headers, timeout=5)
    return httpx.Client(
        base_url=section["api"]["base_url"], headers={"x-auth-token": section["api"]["token"]}, timeout=5
    )


class Served:
    """A sandbox that is being served, and a client of it."""

    def __init__(self, name: str, sandbox: Sandbox, url: str, client: httpx.Client) -> None:
        self.name, self.sandbox, self.url, self.client = name, sandbox, url, client

    @property
    def main(self) -> str:
        """Path of the customers' list."""
        return f"/{self.sandbox.main_stream}"

    def rows(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """The rows of a list's answer."""
        body = answer.json()
        return list(body if isinstance(body, list) else body.get("items", body.get("results")))

    def ids(self, path: str, **parameters: Any) -> list[str]:
        """The ids on one page of a list."""
        return [str(row["id"]) for row in self.rows(self.client.get(path, params=parameters).raise_for_status())]

    def control(self, deed: str, **told: Any) -> httpx.Response:
        """Steer the sandbox as another process would."""
        return httpx.post(f"{self.url}/_sandbox/{deed}", json=told)


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, Served]]:
    """Both platforms, served once: stopping a server takes a fifth of a second."""
    with ExitStack() as stack:
        found = {}
        for name, module in platforms().items():
            sandbox = module.build(PEOPLE)
            url = stack.enter_context(serve(sandbox)).url
            found[name] = Served(name, sandbox, url, stack.enter_context(client_of(name, url)))
        yield found


def calm(served: Served) -> Served:
    """The platform as if nobody had used it."""
    served.sandbox.set_population(PEOPLE)
    served.sandbox.rate = RateLimit()
    served.sandbox.faults = FaultPlan()
    served.sandbox.forget_requests()
    return served


@pytest.fixture(params=sorted(platforms()))
def any_platform(request: pytest.FixtureRequest, servers: dict[str, Served]) -> Served:
    """Each platform in turn."""
    return calm(servers[request.param])


@pytest.fixture
def thinkific(servers: dict[str, Served]) -> Served:
    """The school's platform."""
    return calm(servers["thinkific"])


@pytest.fixture
def timma(servers: dict[str, Served]) -> Served:
    """The salon's platform."""
    return calm(servers["timma"])
