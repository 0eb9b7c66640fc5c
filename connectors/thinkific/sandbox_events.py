"""What the sandbox sends: payloads and envelopes field for field as recorded, and the signature. No state.

Sources: Thinkific's sample bodies. A user comes without `full_name`; an enrollment and an order nest the user, the
enrollment its course too; `free_trial` is the list's `is_free_trial`; an order's dollars are a number. What
`user.deleted` holds is not documented: here it is the user as they were, or the id alone (assumed).
"""

import hashlib
import hmac
import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.crowd import Crowd
from connectors.sandbox.made import Account, Enrollment
from connectors.sandbox.rows import dumps

STREAMS = {"user": "users", "enrollment": "enrollments", "order": "orders"}
"""Resource of a topic → the stream of its row; any other has a payload of the id alone."""

TIMEOUT_S = 10.0

Fields = dict[str, Any]


def sign(body: bytes, key: str) -> str:
    """`X-Thinkific-Hmac-Sha256` of a raw body: lower-case hex."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def envelope(topic: str, payload: Fields, event_id: str, created_at: str) -> bytes:
    """The body of a delivery. `created_at` is ISO 8601."""
    resource, _, action = topic.partition(".")
    told = {"id": event_id, "resource": resource, "action": action, "tenant_id": "59", "created_at": created_at}
    return dumps({**told, "payload": payload})


def user(row: Fields) -> Fields:
    """A user's payload, from the row as listed."""
    return {name: value for name, value in row.items() if name != "full_name"}


def enrollment(row: Fields, account: Fields | None, *, done: bool = False) -> Fields:
    """An enrollment's payload; what was just completed (`done`) names its certificate too."""
    payload = {
        "activated_at": row["activated_at"],
        "completed_at": row["completed_at"],
        "course": {"id": row["course_id"], "name": row["course_name"]},
        "course_id": row["course_id"],
        "created_at": row["created_at"],
        "expiry_date": row["expiry_date"],
        "free_trial": row["is_free_trial"],
        "id": row["id"],
        "percentage_completed": row["percentage_completed"],
        "started_at": row["started_at"],
        "updated_at": row["updated_at"],
        "user": _person(account),
    }
    certificate = {"credential_id": None, "certificate_url": None, "certificate_expiry_date": None}
    return payload | certificate if done else payload


def order(row: Fields, account: Fields | None) -> Fields:
    """An order's payload."""
    person = _person(account)
    return {
        "affiliate_referral_code": None,
        "amount_cents": row["amount_cents"],
        "amount_dollars": row["amount_cents"] / 100,
        "billing_name": f"{person['first_name']} {person['last_name']}" if person else None,
        "coupon": None,
        "created_at": row["created_at"],
        "id": row["id"],
        "order_number": row["id"] % 10_000,
        "payment_type": "subscription" if row["subscription"] else "one-time",
        "product_id": row["product_id"],
        "product_name": row["product_name"],
        "status": str(row["status"]).capitalize(),
        "items": row["items"],
        "user": person,
    }


def _person(account: Fields | None) -> Fields | None:
    return account and {name: account[name] for name in ("email", "first_name", "id", "last_name")}


def between(before: Crowd, after: Crowd) -> Iterator[tuple[str, str]]:
    """(topic, external id) of each event that a site would have sent between two states of a population.

    As on the platform, nothing tells of a profile field that changed, nor of an enrollment that ended.
    """
    accounts = {row.id: row for row in before.accounts}
    for account in after.accounts:
        topic = _of_user(accounts.pop(account.id, None), account)
        if topic:
            yield topic, str(account.id)
    yield from (("user.deleted", str(gone)) for gone in accounts)
    studied = {row.id: row for row in before.enrollments}
    for row in after.enrollments:
        yield from ((topic, str(row.id)) for topic in _of_enrollment(studied.get(row.id), row))
    bought = {row.id for row in before.orders}
    yield from (("order.created", str(bill.id)) for bill in after.orders if bill.id not in bought)


def _of_user(before: Account | None, now: Account) -> str | None:
    if before is None:
        return "user.signup"
    told = (before.email, before.first_name, before.last_name) != (now.email, now.first_name, now.last_name)
    return "user.updated" if told else None


def _of_enrollment(before: Enrollment | None, now: Enrollment) -> Iterator[str]:
    if before is None:
        yield "enrollment.trial" if now.is_free_trial else "enrollment.created"
    elif before is not now:
        if now.percent != before.percent:
            yield "enrollment.progress"
        if now.completed_at and not before.completed_at:
            yield "enrollment.completed"


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a delivery; the answer's status, or 0 where there was none."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
    return answer.status
