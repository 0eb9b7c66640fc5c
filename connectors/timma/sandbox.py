"""A sandbox that speaks the booking platform's REST contract as this project pins it.

Timma publishes no open API: names and shapes follow public client code where there is any (soft deletion by
`deletedOn`, 24-hex ids, cancelled bookings only on request, one joined `name`), and are assumed elsewhere. There is
no total: a reader pages until a short page. Lists come as `{"results": [...]}`, users and services as bare arrays.
`export_files` writes what the salon itself would download instead.
"""

import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from connectors.sandbox.app import Allowance, Sandbox, json_response, listed
from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.made import Booking, Client, Side
from connectors.sandbox.people import Population
from connectors.sandbox.rows import Row, Rows, from_iso
from connectors.timma import sandbox_wire as wire
from connectors.timma.sandbox_files import export_files

__all__ = ["SIDE", "TimmaSandbox", "build", "export_files", "settings"]

SIDE = Side.SALON
TOKEN = "sandbox-token"  # noqa: S105 (opens nothing but the sandbox)
MOST_LIMIT = 100


def build(
    population: Population, *, rate_limit: int | None = None, faults: FaultPlan | str | None = None
) -> "TimmaSandbox":
    """A sandbox of this population's salon."""
    return TimmaSandbox(population, rate_limit, faults)


def settings(url: str) -> dict[str, Any]:
    """The configuration section that points the program at a sandbox served at this address, without pacing."""
    return {
        "timma": {
            "api": {"base_url": url, "token": TOKEN, "history_from": "2023-01-01", "requests_per_minute": 60_000},
        }
    }


class TimmaSandbox(Sandbox):
    """Timma on loopback. `edit` and `delete` mean clients unless told another stream."""

    side = SIDE
    main_stream = "clients"

    def __init__(
        self, population: Population, rate_limit: int | None = None, faults: FaultPlan | str | None = None
    ) -> None:
        self.clients: Rows[Client] = Rows(wire.client)
        self.bookings: Rows[Booking] = Rows(wire.booking)
        self.users: Rows[wire.StaffRow] = Rows(lambda row: row.fields)
        self.services: Rows[wire.StaffRow] = Rows(lambda row: row.fields)
        super().__init__(population, rate_limit, faults)

    def streams(self) -> dict[str, Rows[Any]]:
        """The rows by the last part of the path that lists them."""
        return {"clients": self.clients, "bookings": self.bookings, "users": self.users, "services": self.services}

    def load(self, population: Population) -> None:
        """Take over the population's clients, in order of their names, and bookings, in order of their start."""
        self.clients.set(sorted(population.clients, key=lambda row: (row.name.casefold(), row.id)))
        self.bookings.set(sorted(population.bookings, key=lambda row: (row.starts_at, row.id)))
        self.users.set(wire.users())
        self.services.set(wire.services())

    def removed(self, stream: str, external_id: str) -> None:
        """Mark as removed: clients and bookings stay with `deletedOn`; other rows go."""
        rows = self.streams()[stream]
        if rows.get(external_id) is None:
            raise KeyError(external_id)
        if stream in {"clients", "bookings"}:
            rows.edit(external_id, {"deleted_on": self.population.now, "updated_at": self.population.now})
        else:
            rows.keep(lambda row: str(row.id) != external_id)

    def fresh(self, stream: str, number: int) -> Any:
        """A copy of the stream's first row under a new id."""
        return self.streams()[stream].everything()[0].record._replace(id=f"{number:024x}")

    # Answers.

    def routes(self) -> list[BaseRoute]:
        """The paths that a pull reads."""
        return [
            listed("/clients", self._clients),
            listed("/clients/{id}/bookings", self._of_client),
            listed("/bookings", self._bookings),
            listed("/users", self._users),
            listed("/services", self._services),
        ]

    async def _clients(self, request: Request) -> Response:
        """All clients, removed ones too; `sort` knows the name alone, `updatedSince` is honoured."""
        since = request.query_params.get("updatedSince")
        backwards = request.query_params.get("direction") == "desc"
        rows = self.clients.everything()
        if since is not None or backwards:
            after = _time(since) if since else 0
            if after is None:
                return PlainTextResponse("updatedSince is not a date", 400)
            rows = self.clients.view((since, backwards), _changed_since(after, backwards))
        return self._page(request, self.clients, rows)

    async def _bookings(self, request: Request) -> Response:
        """Bookings that start in the window `[start, end)`; cancelled ones where they are asked for."""
        asked = request.query_params
        start, end = _time(asked.get("start")), _time(asked.get("end"))
        since = _time(asked.get("updatedSince", "1970-01-01"))
        if start is None or end is None or since is None:
            return PlainTextResponse("start and end must be dates", 400)
        whole = asked.get("includeCancelled") == "true"
        rows = self.bookings.view(("window", start, end, since, whole), _in_window(start, end, since, whole))
        return self._page(request, self.bookings, rows)

    async def _of_client(self, request: Request) -> Response:
        client = request.path_params["id"]
        if self.clients.get(client) is None:
            return self.not_found()
        whole = request.query_params.get("includeCancelled") == "true"
        rows = [
            row for row in self.bookings if row.record.client_id == client and (whole or row.record.deleted_on is None)
        ]
        return json_response(self.bookings.joined(rows))

    async def _users(self, request: Request) -> Response:
        whole = request.query_params.get("includeRemoved") == "true"
        rows = [row for row in self.users if whole or row.record.fields["deletedOn"] is None]
        return json_response(self.users.joined(rows))

    async def _services(self, _: Request) -> Response:
        return json_response(self.services.joined(self.services.everything()))

    def _page(self, request: Request, rows: Rows[Any], chosen: list[Row[Any]]) -> Response:
        """A page, first page 1; more than 100 rows are not given, whatever is asked for."""
        try:
            page = max(int(request.query_params.get("page", 1)), 1)
            limit = min(max(int(request.query_params.get("limit", MOST_LIMIT)), 1), MOST_LIMIT)
        except ValueError:
            return PlainTextResponse("page and limit must be numbers", 400)
        part = chosen[(page - 1) * limit : page * limit]
        flaw = request.scope.get("flaw")
        if flaw and flaw.kind == "duplicate":
            part = [*part, *part[:1]]
        return json_response(b'{"results":' + rows.joined(part) + b"}")

    # Manners.

    def refused(self, request: Request) -> Response | None:
        """A wrong or expired token."""
        known = (
            request.headers.get("x-auth-token") == TOKEN or request.headers.get("authorization") == f"Bearer {TOKEN}"
        )
        return None if known else json_response({"error": "Unauthorized"}, 401)

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """None are known but `Retry-After` on a 429."""
        wait = -(-allowance.reset_ms // 1000) - int(time.time())
        return {"Retry-After": str(max(wait, 0))} if allowance.exceeded else {}

    def not_found(self) -> Response:
        """HTML, as public client code reports."""
        return HTMLResponse("<!DOCTYPE html><html><body>Cannot GET</body></html>", 404)


def _time(text: str | None) -> int | None:
    """Epoch milliseconds of a parameter, `None` where it is missing or unreadable."""
    try:
        return from_iso(text) if text else None
    except ValueError:
        return None


def _changed_since(after: int, backwards: bool) -> Callable[[list[Row[Client]]], list[Row[Client]]]:
    return lambda rows: [row for row in rows[:: -1 if backwards else 1] if row.record.updated_at >= after]


def _in_window(start: int, end: int, since: int, whole: bool) -> Callable[[list[Row[Booking]]], list[Row[Booking]]]:
    def chosen(rows: list[Row[Booking]]) -> list[Row[Booking]]:
        inside = (row for row in rows if start <= row.record.starts_at < end and row.record.updated_at >= since)
        return [row for row in inside if whole or row.record.deleted_on is None]

    return chosen
