"""The control paths of a sandbox, for a test or benchmark in another process. JSON in, JSON out.

- `GET /_sandbox/stats`: counters, step, rows by stream; `GET /_sandbox/truth`: external id → person id
- `POST /_sandbox/step` `{"step": 2, "share": 0.01, "warm": true}`: the population at a later step
- `POST /_sandbox/faults` `{"plan": "500@3"}`; `POST /_sandbox/rate` `{"limit": 120, "window_s": 60}`
- `POST /_sandbox/edit` `{"id": …, "stream": …, "fields": {…}}`; `POST /_sandbox/delete` `{"id": …, "stream": …}`
- `POST /_sandbox/reset`: counters to zero

A platform that sends events by itself has more deeds; its own module tells which.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Endpoint = Callable[[Request], Awaitable[Response]]
Told = dict[str, Any]
Deed = Callable[[Told], Awaitable[None] | None]
Telling = Callable[[], Told]


def control_routes(deeds: Mapping[str, Deed], tellings: Mapping[str, Telling]) -> list[Route]:
    """A path to POST to for each deed, which answers with `stats`, and one to GET for each telling.

    A deed raises `KeyError` or `ValueError` for what it cannot do: 400.
    """
    stats = tellings["stats"]
    return [
        *(Route(f"/_sandbox/{name}", _doing(deed, stats), methods=["POST"]) for name, deed in deeds.items()),
        *(Route(f"/_sandbox/{name}", _telling(tell), methods=["GET"]) for name, tell in tellings.items()),
    ]


def _doing(deed: Deed, stats: Telling) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            done = deed(await request.json() if await request.body() else {})
            if inspect.isawaitable(done):
                await done
        except (KeyError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        return JSONResponse(stats())

    return endpoint


def _telling(tell: Telling) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return JSONResponse(tell())

    return endpoint
