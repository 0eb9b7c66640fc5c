"""A sandbox that speaks Thinkific's Admin REST API v1 as the wire really does, traps included.

Sources: Thinkific's OpenAPI description and recorded answers; where both are silent, the least surprising reading is
marked below as assumed. Numbers that arrive as text (`percentage_completed`, `amount_dollars`, `price`), the
`created_at` of enrollments that no description mentions, nulls, milliseconds, `limit` capped at 250 without a word,
and parameters that are ignored unless they are known and bracketed: all that is so here too.

It sends events too (`sandbox_hooks`). For another process: `POST /_sandbox/deliver` `{"topic": …, "id": …, "url": …,
"event_id": …, "created_at": …, "fields": {…}}`, all but the first two optional; `POST /_sandbox/hook` `{"topic": …,
"url": …}` registers without looking at the address; a `step` with `"deliver": true` sends what happened in it.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from connectors.sandbox.app import Allowance, Sandbox, json_response, listed
from connectors.sandbox.control import Deed, Told
from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.made import Account, Enrollment, Order, Side
from connectors.sandbox.people import Population
from connectors.sandbox.rows import Row, Rows, dumps
from connectors.thinkific import sandbox_events as events
from connectors.thinkific import sandbox_hooks as hooks
from connectors.thinkific import sandbox_wire as wire
from connectors.thinkific.sandbox_filters import UnreadableError, enrollment_filter, user_filter

SIDE = Side.SCHOOL
ROOT = "/api/public/v1"
SUBDOMAIN = "hiekkalaatikko"
API_KEY = "sandbox-api-key"
ACCESS_TOKEN = "sandbox-access-token"  # noqa: S105 (opens nothing but the sandbox)
DEFAULT_LIMIT, MOST_LIMIT = 25, 250


def build(
    population: Population, *, rate_limit: int | None = None, faults: FaultPlan | str | None = None
) -> "ThinkificSandbox":
    """A sandbox of this population's school."""
    return ThinkificSandbox(population, rate_limit, faults)


def settings(url: str) -> dict[str, Any]:
    """The configuration section that points the program at a sandbox served at this address, without pacing."""
    return {
        "thinkific": {
            "base_url": url + ROOT,
            "subdomain": SUBDOMAIN,
            "api_key": API_KEY,
            "requests_per_minute": 60_000,
            "fields": {"phone": wire.PHONE, "address": wire.ADDRESS, "email_marketing": wire.EMAIL_MARKETING},
        }
    }


class ThinkificSandbox(Sandbox):
    """Thinkific on loopback. `edit` and `delete` mean users unless told another stream."""

    side = SIDE
    main_stream = "users"

    def __init__(
        self, population: Population, rate_limit: int | None = None, faults: FaultPlan | str | None = None
    ) -> None:
        self.users: Rows[Account] = Rows(wire.user)
        self.enrollments: Rows[Enrollment] = Rows(
            lambda row: wire.enrollment(row, self._account(row.user_id), self.population.now)
        )
        self.orders: Rows[Order] = Rows(lambda row: wire.order(row, self._account(row.user_id)))
        self.courses: Rows[wire.CatalogueRow] = Rows(lambda row: row.fields)
        self.products: Rows[wire.CatalogueRow] = Rows(lambda row: row.fields)
        self.definitions: Rows[wire.CatalogueRow] = Rows(lambda row: row.fields)
        self.hooks = hooks.Hooks(API_KEY, SUBDOMAIN)
        self._sent = 0
        super().__init__(population, rate_limit, faults)

    def streams(self) -> dict[str, Rows[Any]]:
        """The rows by the last part of the path that lists them."""
        return {
            "users": self.users,
            "enrollments": self.enrollments,
            "orders": self.orders,
            "courses": self.courses,
            "products": self.products,
            "custom_profile_field_definitions": self.definitions,
        }

    def load(self, population: Population) -> None:
        """Take over the population's accounts, and what they studied and bought."""
        changed = self._changed_accounts(population.accounts)
        before, now = self.population.now, population.now
        self.users.set(population.accounts)
        self.enrollments.set(
            population.enrollments,
            lambda row: row.user_id in changed or (row.expiry_date is not None and before <= row.expiry_date < now),
        )
        self.orders.set(population.orders, lambda row: row.user_id in changed)
        if not len(self.courses):
            self.courses.set(wire.courses())
            self.products.set(wire.products())
            self.definitions.set(wire.definitions())

    def _changed_accounts(self, accounts: list[Account]) -> set[int]:
        """Accounts whose name or e-mail, which stand in other rows too, may differ from what is served now."""
        return {
            account.id
            for account in accounts
            if (row := self.users.get(str(account.id))) is not None and row.record is not account
        }

    def _account(self, number: int | None) -> Account | None:
        row = self.users.get(str(number))
        return row.record if row else None

    def edit(self, external_id: str | int, stream: str | None = None, **fields: Any) -> None:
        """Change a row; a user's new name or e-mail shows in their enrollments and orders too."""
        super().edit(external_id, stream, **fields)
        if (stream or self.main_stream) == "users":
            self.enrollments.forget(lambda row: row.user_id == int(external_id))
            self.orders.forget(lambda row: row.user_id == int(external_id))

    def removed(self, stream: str, external_id: str) -> None:
        """Delete for good; with a user go their enrollments, while their orders stay without them."""
        rows = self.streams()[stream]
        if rows.get(external_id) is None:
            raise KeyError(external_id)
        rows.keep(lambda row: str(row.id) != external_id)
        if stream == "users":
            number = int(external_id)
            self.enrollments.keep(lambda row: row.user_id != number)
            for row in self.orders.everything():
                if row.record.user_id == number:
                    self.orders.edit(str(row.record.id), {"user_id": None})

    def fresh(self, stream: str, number: int) -> Any:
        """A copy of the stream's first row under a new id (and e-mail, which is unique)."""
        record = self.streams()[stream].everything()[0].record
        new = {"id": 900_000_000 + number}
        return (
            record._replace(**new, email=f"uusi{number}@example.com") if stream == "users" else record._replace(**new)
        )

    # Events.

    def envelope(
        self,
        topic: str,
        external_id: str | int,
        *,
        event_id: str | None = None,
        created_at: str | None = None,
        fields: dict[str, Any] | None = None,
    ) -> bytes:
        """The body of an event about a row as it is now. Raises `KeyError`.

        By default it happens now, under an id of its own. `fields` change the payload, or are all of it beside the id
        where the topic is about no row of ours.
        """
        now = datetime.now(UTC)
        self._sent += 1
        return events.envelope(
            topic,
            {**self._payload(topic, str(external_id)), **(fields or {})},
            event_id or f"{now:%Y%m%d%H%M%S}{self._sent:09d}",
            created_at or f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        )

    def deliver(self, topic: str, external_id: str | int, *, url: str | None = None, **told: Any) -> list[int]:
        """Send an event (`envelope`) to whoever registered for its topic, or to `url`; the statuses that came back."""
        return self.hooks.send(self._due(topic, external_id, url, **told))

    def forget_requests(self) -> None:
        """Set all counters to zero, that of the deliveries too."""
        super().forget_requests()
        self.hooks.delivered.clear()

    def _due(self, topic: str, external_id: str | int, url: str | None = None, **told: Any) -> list[hooks.Delivery]:
        targets = [url] if url else self.hooks.targets(topic)
        body = self.envelope(topic, external_id, **told)
        return [(topic, target, body) for target in targets]

    def _changes(self, before: Population) -> list[hooks.Delivery]:
        happened = events.between(before, self.population)
        return [delivery for topic, external_id in happened for delivery in self._due(topic, external_id)]

    def _payload(self, topic: str, external_id: str) -> dict[str, Any]:
        stream = events.STREAMS.get(topic.partition(".")[0])
        row = self._row(stream, external_id) if stream else None
        if row is None:
            if stream and topic != "user.deleted":
                raise KeyError(external_id)
            return {"id": int(external_id) if external_id.isdecimal() else external_id}
        if stream == "users":
            return events.user(row)
        account = self._row("users", str(row["user_id"]))
        if stream == "enrollments":
            return events.enrollment(row, account, done=topic == "enrollment.completed")
        return events.order(row, account)

    def _row(self, stream: str, external_id: str) -> dict[str, Any] | None:
        """A row as it is listed."""
        rows = self.streams()[stream]
        row = rows.get(external_id)
        found: dict[str, Any] | None = json.loads(rows.bytes_of(row)) if row else None
        return found

    def _deeds(self) -> dict[str, Deed]:
        return {**super()._deeds(), "deliver": self._deliver, "hook": self._hook, "step": self._step_and_tell}

    async def _deliver(self, told: Told) -> None:
        known = {name: told[name] for name in ("event_id", "created_at", "fields") if told.get(name) is not None}
        due = self._due(told["topic"], told["id"], told.get("url"), **known)
        await asyncio.to_thread(self.hooks.send, due)  # the receiver may ask this very sandbox something

    def _hook(self, told: Told) -> None:
        self.hooks.add(told["topic"], told["url"])

    async def _step_and_tell(self, told: Told) -> None:
        before = self.population
        self._step(told)
        if told.get("deliver"):
            await asyncio.to_thread(self.hooks.send, self._changes(before))

    def _stats(self) -> Told:
        return {**super()._stats(), "delivered": {str(status): n for status, n in self.hooks.delivered.items()}}

    # Answers.

    def routes(self) -> list[BaseRoute]:
        """The paths that a pull reads."""
        plain = ("orders", "courses", "products", "custom_profile_field_definitions")
        return [
            listed(f"{ROOT}/users", self._users),
            listed(f"{ROOT}/enrollments", self._enrollments),
            *(listed(f"{ROOT}/{stream}", self._plain(stream)) for stream in plain),
            *(listed(f"{ROOT}/{stream}/{{id}}", self._one(stream)) for stream in ("users", "enrollments", *plain)),
            *self.hooks.routes(),
        ]

    async def _users(self, request: Request) -> Response:
        return self._listing(request, self.users, user_filter)

    async def _enrollments(self, request: Request) -> Response:
        return self._listing(request, self.enrollments, self._of_email)

    def _of_email(self, query: dict[str, str]) -> Callable[[Enrollment], bool] | None:
        """The enrollments' filter, `query[email]` turned into the user's id (0, nobody's, where there is none)."""
        if "email" not in query:
            return enrollment_filter(query, self.population.now)
        email = query["email"].casefold()
        owners = [row.record.id for row in self.users if row.record.email.casefold() == email]
        return enrollment_filter({**query, "user_id": str(owners[0] if owners else 0)}, self.population.now)

    def _plain(self, stream: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return self._page(request, self.streams()[stream], self.streams()[stream].everything())

        return endpoint

    def _one(self, stream: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            rows = self.streams()[stream]
            row = rows.get(request.path_params["id"])
            return json_response(rows.bytes_of(row)) if row else self.not_found()

        return endpoint

    def _listing(self, request: Request, rows: Rows[Any], choose: Callable[[dict[str, str]], Any]) -> Response:
        """A page of the rows that fit the known, bracketed parameters; anything else in the query is ignored."""
        query = {
            key[6:-1]: value for key, value in request.query_params.items() if key[:6] == "query[" and key[-1] == "]"
        }
        try:
            wanted = choose(query)
        except UnreadableError as error:
            return json_response({"errors": {error.parameter: ["is invalid"]}}, 422)
        if wanted is None:
            return self._page(request, rows, rows.everything())
        key = tuple(sorted(query.items()))
        return self._page(
            request, rows, rows.view(key, lambda all_rows: [row for row in all_rows if wanted(row.record)])
        )

    def _page(self, request: Request, rows: Rows[Any], chosen: list[Row[Any]]) -> Response:
        page = max(_number(request, "page", 1), 1)
        limit = min(max(_number(request, "limit", DEFAULT_LIMIT), 1), MOST_LIMIT)
        part = chosen[(page - 1) * limit : page * limit]
        total, flaw = len(chosen), request.scope.get("flaw")
        if flaw and flaw.kind == "duplicate":
            part = [*part, *part[:1]]
        if flaw and flaw.kind == "lie":
            total += int(flaw.amount)
        meta = dumps({"pagination": _pagination(page, limit, total)})
        return json_response(b'{"items":' + rows.joined(part) + b',"meta":' + meta + b"}")

    # Manners.

    def refused(self, request: Request) -> Response | None:
        """Wrong key, subdomain or token, and a plan without the API, all look like this."""
        headers = request.headers
        admin = request.url.path.startswith(ROOT)
        by_key = admin and headers.get("x-auth-api-key") == API_KEY and headers.get("x-auth-subdomain") == SUBDOMAIN
        by_token = headers.get("authorization") in {f"Bearer {ACCESS_TOKEN}", f"Bearer {API_KEY}"}
        return None if by_key or by_token else json_response({"error": "Authentication Error"}, 401)

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """As recorded on a live site: the reset is in epoch milliseconds."""
        limit, remaining = str(allowance.limit), str(allowance.remaining)
        return {
            "ratelimit-limit": limit,
            "ratelimit-remaining": remaining,
            "ratelimit-reset": str(allowance.reset_ms),
            "x-ratelimit-limit-minute": limit,
            "x-ratelimit-remaining-minute": remaining,
        }

    def not_found(self) -> Response:
        """For a row and for a path alike."""
        return json_response({"error": "Record not found."}, 404)


def _number(request: Request, name: str, default: int) -> int:
    """A paging parameter; what is no number counts as not given (assumed)."""
    try:
        return int(request.query_params.get(name, default))
    except ValueError:
        return default


def _pagination(page: int, limit: int, total: int) -> dict[str, Any]:
    """`meta.pagination`; past the end there is no next page (assumed)."""
    pages = max(-(-total // limit), 1)
    first, last = min((page - 1) * limit + 1, total), min(page * limit, total)
    return {
        "current_page": page,
        "next_page": page + 1 if page < pages else None,
        "prev_page": page - 1 if page > 1 else None,
        "total_pages": pages,
        "total_items": total,
        "entries_info": f"{first}-{last} of {total}",
    }
