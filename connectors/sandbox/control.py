"""The control paths of a sandbox, for a test or benchmark in another process. JSON in, JSON out.

- `GET /_sandbox/stats`: counters, step, rows by stream; `GET /_sandbox/truth`: external id → person id
- `POST /_sandbox/step` `{"step": 2, "share": 0.01, "warm": true}`: the population at a later step
- `POST /_sandbox/faults` `{"plan": "500@3"}`; `POST /_sandbox/rate` `{"limit": 120, "window_s": 60}`
- `POST /_sandbox/edit` `{"id": …, "stream": …, "fields": {…}}`; `POST /_sandbox/delete` `{"id": …, "stream": …}`
- `POST /_sandbox/reset`: counters to zero
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from connectors.sandbox.app import Sandbox

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(sandbox: "Sandbox") -> list[Route]:
    """The control paths that steer this sandbox."""
    deeds: dict[str, Callable[[dict[str, Any]], None]] = {
        "step": lambda told: _step(sandbox, told),
        "faults": lambda told: setattr(sandbox, "faults", told["plan"]),
        "rate": lambda told: _rate(sandbox, told),
        "edit": lambda told: sandbox.edit(told["id"], told.get("stream"), **told["fields"]),
        "delete": lambda told: sandbox.delete(told["id"], told.get("stream")),
        "reset": lambda _: sandbox.forget_requests(),
    }
    asked: dict[str, Callable[[], dict[str, Any]]] = {"stats": lambda: stats(sandbox), "truth": lambda: _truth(sandbox)}
    return [
        *(Route(f"/_sandbox/{name}", _doing(sandbox, deed), methods=["POST"]) for name, deed in deeds.items()),
        *(Route(f"/_sandbox/{name}", _telling(tell), methods=["GET"]) for name, tell in asked.items()),
    ]


def stats(sandbox: "Sandbox") -> dict[str, Any]:
    """Counters of a sandbox, as JSON knows them."""
    return {
        "requests": dict(sandbox.requests),
        "statuses": {str(status): count for status, count in sandbox.statuses.items()},
        "faulted": dict(sandbox.faulted),
        "most_at_once": sandbox.most_at_once,
        "step": sandbox.population.step,
        "rows": {name: len(rows) for name, rows in sandbox.streams().items()},
    }


def _truth(sandbox: "Sandbox") -> dict[str, Any]:
    return {external_id: person for external_id, person, _ in sandbox.population.records(sandbox.side)}


def _step(sandbox: "Sandbox", told: dict[str, Any]) -> None:
    sandbox.advance(int(told["step"]), float(told.get("share", 0.01)))
    if told.get("warm"):
        sandbox.warm()


def _rate(sandbox: "Sandbox", told: dict[str, Any]) -> None:
    sandbox.rate.limit = told["limit"]
    sandbox.rate.window_s = float(told.get("window_s", sandbox.rate.window_s))


def _doing(sandbox: "Sandbox", deed: Callable[[dict[str, Any]], None]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            deed(await request.json() if await request.body() else {})
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        return JSONResponse(stats(sandbox))

    return endpoint


def _telling(tell: Callable[[], dict[str, Any]]) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return JSONResponse(tell())

    return endpoint
