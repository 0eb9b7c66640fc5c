"""The sandbox's webhooks API v2: registrations, and the sending of events to them.

Source: Thinkific's OpenAPI description. Which topics a site knows differs (`Hooks.topics`); what the two refusals
look like is recorded, how long a page may be is not (assumed).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from config.values import is_loopback
from connectors.sandbox.app import json_response, listed
from connectors.thinkific.sandbox_events import post, sign

ROOT = "/api/v2"
DEFAULT_LIMIT, MOST_LIMIT = 25, 250

TOPICS = (
    "lead.created", "order.created", "order_transaction.succeeded", "order_transaction.failed",
    "order_transaction.refunded", "subscription.cancelled", "subscription.past_due", "subscription.unpaid",
    "user.signup", "user.signin", "user.updated", "user.deleted", "enrollment.trial", "enrollment.created",
    "enrollment.completed", "enrollment.progress", "course.created", "course.updated", "course.deleted",
    "lesson.completed", "quiz.attempted", "product.created", "product.updated", "product.deleted", "app.uninstalled",
    "plan.updated",
)  # fmt: skip
"""Of the official list. `user.deleted` is not in all of its copies."""

Delivery = tuple[str, str, bytes]
"""Topic, target, body."""


class Hooks:
    """A site's registrations. `topics` may be changed; `delivered` counts by the status that came back (0: none)."""

    def __init__(self, key: str, subdomain: str) -> None:
        self.topics = set(TOPICS)
        self.delivered: Counter[int] = Counter()
        self._rows: dict[str, dict[str, Any]] = {}
        self._key, self._subdomain = key, subdomain
        self._made = 0

    def routes(self) -> list[BaseRoute]:
        """The paths of the API."""
        path = f"{ROOT}/webhooks"
        return [
            listed(path, self._list),
            Route(path, self._create, methods=["POST"]),
            listed(f"{path}/{{id}}", self._one),
            Route(f"{path}/{{id}}", self._delete, methods=["DELETE"]),
        ]

    def add(self, topic: str, target_url: str) -> dict[str, Any]:
        """Register without looking at the address, so that a target on loopback can have events."""
        self._made += 1
        now = datetime.now(UTC)
        moment = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06d}581+00:00"  # nanoseconds, as there
        row = {
            "id": f"{now:%Y%m%d%H%M%S}{self._made:09d}",
            "status": "active",
            "topic": topic,
            "created_at": moment,
            "created_by": "156118",
            "updated_at": moment,
            "updated_by": "156118",
            "target_url": target_url,
        }
        self._rows[row["id"]] = row
        return row

    def clear(self) -> None:
        """Forget every registration, and what was delivered."""
        self._rows.clear()
        self.delivered.clear()

    def targets(self, topic: str) -> list[str]:
        """Where events of a topic go."""
        return [row["target_url"] for row in self._rows.values() if row["topic"] == topic]

    def send(self, deliveries: Iterable[Delivery]) -> list[int]:
        """Send one after the other, signed with the API key; the statuses that came back. Once: nothing is repeated."""
        statuses = []
        for topic, url, body in deliveries:
            headers = {
                "X-Thinkific-Hmac-Sha256": sign(body, self._key),
                "X-Thinkific-Topic": topic,
                "X-Thinkific-Subdomain": self._subdomain,
            }
            statuses.append(post(url, body, headers))
        self.delivered.update(statuses)
        return statuses

    async def _list(self, request: Request) -> Response:
        """A page by cursor: `next` is the last id of the page before."""
        ids = list(self._rows)
        after = request.query_params.get("next") or None
        if after is not None and after not in self._rows:
            return _not_found()
        start = ids.index(after) + 1 if after else 0
        limit = min(max(_number(request.query_params.get("limit")), 1), MOST_LIMIT)
        part = ids[start : start + limit]
        more = start + limit < len(ids)
        page = {
            "has_next": more,
            "next_page": part[-1] if more else "",
            "page_items": len(part),
            "total_items": len(ids),
        }
        return json_response({"items": [self._rows[id_] for id_ in part], "meta": {"page": page}})

    async def _create(self, request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
        except ValueError:
            asked = None
        told: Mapping[str, Any] = asked if isinstance(asked, dict) else {}
        topic, url = told.get("topic"), told.get("target_url")
        if topic not in self.topics:
            return json_response({"errors": {"topic": "invalid format"}}, 422)
        if not isinstance(url, str) or not _is_public(url):
            return json_response({"errors": {"url": "is not valid"}}, 422)
        return json_response(self.add(str(topic), url), 201)

    async def _one(self, request: Request) -> Response:
        row = self._rows.get(request.path_params["id"])
        return json_response(row) if row else _not_found()

    async def _delete(self, request: Request) -> Response:
        return Response(status_code=204) if self._rows.pop(request.path_params["id"], None) else _not_found()


def _not_found() -> Response:
    return json_response({"error": "Record not found."}, 404)


def _is_public(url: str) -> bool:
    """What the platform sends to: https, not this machine, not a domain of its own."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    own = host == "thinkific.com" or host.endswith(".thinkific.com")
    return parts.scheme == "https" and bool(host) and not is_loopback(host) and not own


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() else DEFAULT_LIMIT
