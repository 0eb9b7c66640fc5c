"""What every sandbox does: count, fail by plan, limit the rate, and be steered; the platform itself is in a subclass.

A `Sandbox` is an ASGI application. A test in the same process holds it and calls its methods; another process uses
the control paths under `/_sandbox/`, which are neither counted nor limited and never fail.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Message, Receive, Scope, Send

from connectors.sandbox import breakage
from connectors.sandbox.control import Deed, Telling, Told, control_routes
from connectors.sandbox.faults import ANSWERS, ROWS, Asked, Fault, FaultPlan
from connectors.sandbox.made import Side
from connectors.sandbox.people import Population
from connectors.sandbox.rows import Rows, dumps

UNLIMITED = 1_000_000
"""What the rate headers say while the limit is off: so much that no client slows down for it."""


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer; bytes are sent as they are."""
    content = body if isinstance(body, bytes) else dumps(body)
    return Response(content, status, headers, media_type="application/json")


@dataclass
class RateLimit:
    """A fixed window: `limit` requests in each whole `window_s` seconds of the clock; `None` is off."""

    limit: int | None = None
    window_s: float = 60.0
    _window: int = 0
    _taken: int = 0

    def take(self, now: float) -> "Allowance":
        """Count a request at this time (seconds)."""
        window = int(now / self.window_s)
        if window != self._window:
            self._window, self._taken = window, 0
        self._taken += 1
        return self.allowance()

    def allowance(self, reset_s: float | None = None) -> "Allowance":
        """What is left of the present window."""
        limit = UNLIMITED if self.limit is None else self.limit
        reset = (self._window + 1) * self.window_s if reset_s is None else reset_s
        return Allowance(limit, max(limit - self._taken, 0), int(reset * 1000), self._taken > limit)


@dataclass(frozen=True)
class Allowance:
    """What a rate limit says of one request; `reset_ms` is the epoch at which the window ends."""

    limit: int
    remaining: int
    reset_ms: int
    exceeded: bool


class Sandbox:
    """A platform on loopback.

    `requests` counts by path (all tries, the failed ones too), `statuses` by status sent (0: cut or reset), `faulted`
    by kind of fault; `most_at_once` is the greatest number of requests that were in progress together.
    """

    side: ClassVar[Side]
    main_stream: ClassVar[str]

    def __init__(
        self, population: Population, rate_limit: int | None = None, faults: FaultPlan | str | None = None
    ) -> None:
        self.population = population
        self.rate = RateLimit(rate_limit)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.faulted: Counter[str] = Counter()
        self.most_at_once = 0
        self._at_once = self._new = 0
        self._plan = FaultPlan()
        self._router = Router(routes=self.routes(), redirect_slashes=False, default=self._nowhere)
        self._control = Router(routes=control_routes(self._deeds(), self._tellings()))
        self.faults = faults or FaultPlan()
        self.set_population(population)

    # What the platform says.

    def routes(self) -> Sequence[BaseRoute]:
        """The platform's paths."""
        raise NotImplementedError

    def streams(self) -> dict[str, Rows[Any]]:
        """The rows by stream; a stream is named as the last part of the path that lists it."""
        raise NotImplementedError

    def load(self, population: Population) -> None:
        """Take over the rows of a population."""
        raise NotImplementedError

    def fresh(self, stream: str, number: int) -> Any:
        """A new record for the `insert` fault, made from the stream's first row."""
        raise NotImplementedError

    def refused(self, request: Request) -> Response | None:
        """The answer to a request with wrong credentials, else `None`."""
        raise NotImplementedError

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Headers that every answer to an authenticated request carries."""
        raise NotImplementedError

    def not_found(self) -> Response:
        """The platform's 404."""
        raise NotImplementedError

    def removed(self, stream: str, external_id: str) -> None:
        """Remove a row as the platform does when somebody deletes it there. Raises `KeyError`."""
        raise NotImplementedError

    # What a test does.

    @property
    def faults(self) -> FaultPlan:
        """What goes wrong; may be set as text too. Setting it starts the counting of requests anew for the plan."""
        return self._plan

    @faults.setter
    def faults(self, plan: FaultPlan | str) -> None:
        self._plan = FaultPlan.parse(plan) if isinstance(plan, str) else plan
        self._number = 0
        self._of_path: Counter[str] = Counter()

    def set_population(self, population: Population) -> None:
        """Serve this population from now on; edits and deletions by hand are undone by it."""
        self.load(population)
        self.population = population

    def advance(self, step: int, share: float = 0.01) -> None:
        """Serve the population as it is at a later step."""
        self.set_population(self.population.change(step, share))

    def edit(self, external_id: str | int, stream: str | None = None, **fields: Any) -> None:
        """Change a row: fields of its record (`made.py`) by name, others as fields on the wire. Raises `KeyError`."""
        self.streams()[stream or self.main_stream].edit(str(external_id), fields)

    def delete(self, external_id: str | int, stream: str | None = None) -> None:
        """Remove a row as the platform does. Raises `KeyError`."""
        self.removed(stream or self.main_stream, str(external_id))

    def warm(self) -> None:
        """Serialise every row now, so that what is measured is not the sandbox."""
        for rows in self.streams().values():
            rows.warm()

    def forget_requests(self) -> None:
        """Set all counters to zero."""
        self.requests.clear()
        self.statuses.clear()
        self.faulted.clear()
        self.most_at_once = 0

    # The same for another process (`control.py`).

    def _deeds(self) -> dict[str, Deed]:
        return {
            "step": self._step,
            "faults": lambda told: setattr(self, "faults", told["plan"]),
            "rate": self._limit,
            "edit": lambda told: self.edit(told["id"], told.get("stream"), **told["fields"]),
            "delete": lambda told: self.delete(told["id"], told.get("stream")),
            "reset": lambda _: self.forget_requests(),
        }

    def _tellings(self) -> dict[str, Telling]:
        return {"stats": self._stats, "truth": self._truth}

    def _step(self, told: Told) -> None:
        self.advance(int(told["step"]), float(told.get("share", 0.01)))
        if told.get("warm"):
            self.warm()

    def _limit(self, told: Told) -> None:
        self.rate.limit = told["limit"]
        self.rate.window_s = float(told.get("window_s", self.rate.window_s))

    def _stats(self) -> Told:
        return {
            "requests": dict(self.requests),
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "faulted": dict(self.faulted),
            "most_at_once": self.most_at_once,
            "step": self.population.step,
            "rows": {name: len(rows) for name, rows in self.streams().items()},
        }

    def _truth(self) -> Told:
        return {external_id: person for external_id, person, _ in self.population.records(self.side)}

    # What happens to a request.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["path"].startswith("/_sandbox/"):
            await self._control(scope, receive, send)
            return
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self._answer(scope, receive, send)
        finally:
            self._at_once -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._counted(scope["path"])
        if fault:
            self.faulted[fault.kind] += 1
            if fault.kind in ROWS:
                scope["flaw"] = self._move_rows(fault, scope["path"])
        if fault and fault.kind == "reset":
            self.statuses[0] += 1
            return await breakage.reset(scope, receive)
        if fault and fault.kind == "slow" and not await breakage.pause(fault.amount, receive):
            return None
        response = self._failed(fault) if fault and fault.kind in ANSWERS else self._turned_away(scope, receive)
        if fault and fault.kind == "cut":
            self.statuses[0] += 1
            return await breakage.cut(scope, receive, response or self._router)
        await (response or self._router)(scope, receive, self._noting(scope, send))
        return None

    def _counted(self, path: str) -> Fault | None:
        self.requests[path] += 1
        self._number += 1
        self._of_path[path] += 1
        return self._plan.pick(Asked(self._number, path, self._of_path))

    def _turned_away(self, scope: Scope, receive: Receive) -> Response | None:
        """401 or 429, where it is due; else the headers to come are noted in the scope."""
        refusal = self.refused(Request(scope, receive))
        if refusal:
            return refusal
        allowance = self.rate.take(time.time())
        scope["rate"] = allowance
        return self.too_many(allowance) if allowance.exceeded else None

    def too_many(self, allowance: Allowance) -> Response:
        """The platform's 429; by default it says no more than its headers do."""
        return json_response({"error": "Retry later"}, 429, self.rate_headers(allowance))

    def _noting(self, scope: Scope, send: Send) -> Send:
        """`send` that adds the rate headers and counts the status."""

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
                if "rate" in scope and message["status"] != 429:
                    extra = self.rate_headers(scope["rate"]).items()
                    message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in extra)]
            await send(message)

        return noted

    def _failed(self, fault: Fault) -> Response:
        """The answer of a plan's fault."""
        if fault.kind == "429":
            return json_response({"error": "Retry later"}, 429, {"Retry-After": f"{fault.amount:g}"})
        if fault.kind == "429-reset":
            return self.too_many(self.rate.allowance(time.time() + fault.amount))
        if fault.kind == "522":
            return HTMLResponse("<!DOCTYPE html><html><title>522: Connection timed out</title></html>", 522)
        status = HTTPStatus(int(fault.kind))
        return HTMLResponse(f"<html><body><h1>{status.value} {status.phrase}</h1></body></html>", status.value)

    def _move_rows(self, fault: Fault, path: str) -> Fault | None:
        """Let rows move in the stream that this path lists; hands on the faults of the page itself."""
        stream = path.rsplit("/", 1)[-1]
        rows = self.streams().get(stream)
        if not rows:
            return None
        match fault.kind:
            case "shuffle":
                rows.move(0, -1)
            case "push":
                rows.move(-1, 0)
            case "vanish":
                self.removed(stream, str(rows.everything()[0].record.id))
            case "insert":
                rows.add(self.fresh(stream, self._next_new()), at=0)
            case _:
                return fault
        return None

    def _next_new(self) -> int:
        self._new += 1
        return self._new

    async def _nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.not_found()(scope, receive, send)


def listed(path: str, endpoint: Any) -> Route:
    """A path that answers GET."""
    return Route(path, endpoint, methods=["GET"])
