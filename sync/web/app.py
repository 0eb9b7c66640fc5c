"""What the daemon answers, path by path (docs/contract.md)."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from store.times import stamp
from sync.health import FAIL, Check, worst
from sync.web.aside import Aside
from sync.web.deliveries import Deliveries
from sync.web.host import Host
from sync.web.metrics import CONTENT_TYPE, exposition
from sync.web.observer import Observer
from sync.web.page import page
from sync.web.patience import Patience
from sync.web.words import language_of

T = TypeVar("T")

HEALTH = "application/health+json"
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_PAGE_HEADERS = {
    **_HEADERS,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "vary": "accept-language",
}


def build(host: Host, observer: Observer, answering: Aside, taking: Aside, patience: Patience) -> Starlette:
    """The application. What asks the database runs in `answering`, deliveries in `taking`."""
    answers = _Answers(host, observer, answering, patience.answer)
    deliveries = Deliveries(host, taking, patience)
    app = Starlette(
        routes=[
            Route("/livez", answers.live),
            Route("/readyz", answers.ready),
            Route("/health", answers.health),
            Route("/metrics", answers.metrics),
            Route("/", answers.page),
            Route("/webhooks/{source}", deliveries.take, methods=["POST"]),
        ]
    )
    app.router.redirect_slashes = False  # a redirect would repeat the host that a stranger named
    return app


class _Answers:
    def __init__(self, host: Host, observer: Observer, aside: Aside, patience_s: float) -> None:
        self._host, self._observer, self._aside, self._patience_s = host, observer, aside, patience_s

    async def live(self, _: Request) -> Response:
        """The process can serve: it does."""
        return Response("alive\n", headers=_HEADERS, media_type="text/plain")

    async def ready(self, _: Request) -> Response:
        """The database answers and takes what is written, and every part of the process lives."""
        await self._observer.freshen()
        ready = self._observer.takes and all(self._host.parts.values())
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response("ready\n" if ready else "not ready\n", status, _HEADERS, "text/plain")

    async def health(self, _: Request) -> Response:
        """After draft-inadarei-api-health-check-06."""
        await self._observer.freshen()
        checks = self._observer.checks()
        status = worst(checks)
        at = self._observer.looked_at
        body = {"status": status, "checks": {check.name: [_told(check, at)] for check in checks}}
        code = HTTPStatus.SERVICE_UNAVAILABLE if status == FAIL else HTTPStatus.OK
        return Response(json.dumps(body), code, _HEADERS, HEALTH)

    async def metrics(self, _: Request) -> Response:
        """OpenMetrics."""
        text = await self._asked(partial(exposition, self._host, self._observer))
        return Response(text, headers={**_HEADERS, "content-type": CONTENT_TYPE})

    async def page(self, request: Request) -> Response:
        """For people."""
        language = language_of(request.headers.get("accept-language", ""))
        await self._observer.freshen()
        text = await self._asked(partial(page, self._host, self._observer, language))
        return Response(text, headers={**_PAGE_HEADERS, "content-language": language}, media_type="text/html")

    async def _asked(self, answer: Callable[[bool], T]) -> T:
        """What is answered with the database asked, or without, where that lasts too long."""
        try:
            return await self._aside.run(partial(answer, True), self._patience_s)
        except TimeoutError:
            return answer(False)


def _told(check: Check, at: datetime) -> dict[str, Any]:
    found = {
        "status": check.status,
        "observedValue": check.value,
        "observedUnit": check.unit if check.value is not None else None,
        "time": stamp(at),
        "output": check.output,
    }
    return {name: value for name, value in found.items() if value is not None}
