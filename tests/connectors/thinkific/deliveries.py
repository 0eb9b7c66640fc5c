"""Made-up bodies of deliveries, worded as Thinkific words them."""

import copy
import json
from typing import Any

from connectors.hooks import Delivery, Observation
from connectors.thinkific.mapping import Mapper, OwnFields
from connectors.thinkific.webhooks import ThinkificReceiver
from tests.connectors.thinkific.samples import OWN

PERSON = {"email": "matti.malli@example.com", "first_name": "Matti", "id": 2001, "last_name": "Malli"}

BODIES: dict[str, dict[str, Any]] = {
    "user.signin": {
        "administered_course_ids": None,
        "affiliate_code": "e7c7eb",
        "affiliate_commission": "15.00",
        "affiliate_commission_type": "%",
        "affiliate_payout_email": "payout@example.com",
        "avatar_url": "https://example.com/a.png",
        "bio": None,
        "company": "",
        "created_at": "2026-07-23T02:42:13.043Z",
        "custom_profile_fields": [],
        "email": "matti.malli@example.com",
        "external_source": None,
        "first_name": "Matti",
        "headline": "Ohjelmoija",
        "id": 2001,
        "last_name": "Malli",
        "roles": ["affiliate"],
    },
    "enrollment.progress": {
        "activated_at": "2026-01-26T22:16:52.255Z",
        "completed_at": None,
        "course": {"id": 501, "name": "Hyvän unen kurssi"},
        "course_id": 501,
        "created_at": "2026-01-26T22:16:52.285Z",
        "expiry_date": None,
        "free_trial": False,
        "id": 97472,
        "percentage_completed": "0.25",
        "started_at": "2026-01-26T22:17:01.891Z",
        "updated_at": "2026-11-20T10:17:01.924Z",
        "user": PERSON,
    },
    "order.created": {
        "affiliate_referral_code": None,
        "amount_cents": 5000,
        "amount_dollars": 50,
        "billing_name": "Matti Malli",
        "coupon": {"id": 12345678, "code": "alennus", "promotion_id": 1234567},
        "created_at": "2026-01-26T22:23:18.400Z",
        "id": 19796,
        "order_number": 1010,
        "payment_type": "one-time",
        "product_id": 901,
        "product_name": "Hyvän unen kurssi",
        "status": "Complete",
        "items": [
            {"product_id": 901, "product_name": "Hyvän unen kurssi", "amount_dollars": 50, "amount_cents": 5000}
        ],
        "user": PERSON,
    },
    "lesson.completed": {
        "chapter": {"id": 123, "name": "Luku 1"},
        "course": {"id": 501, "name": "Hyvän unen kurssi"},
        "enrollment": {"id": 1084282},
        "lesson": {"id": 24220, "name": "Alku", "position": 0, "type": "Video"},
        "user": PERSON,
    },
}  # fmt: skip
"""Payloads by topic."""

_LIKE = {"user": "user.signin", "enrollment": "enrollment.progress", "order": "order.created"}


def envelope(topic: str, without: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """An envelope; `changes` are made to its payload, keys in `without` taken out of it."""
    resource, _, action = topic.partition(".")
    payload = copy.deepcopy(BODIES.get(topic) or BODIES[_LIKE.get(resource, "lesson.completed")]) | changes
    return {
        "id": "20261120123417020665195",
        "resource": resource,
        "action": action,
        "tenant_id": "3",
        "created_at": "2026-11-20T10:17:02.924Z",
        "payload": {name: value for name, value in payload.items() if name not in without},
    }


def body(value: Any) -> bytes:
    """As sent."""
    return json.dumps(value, ensure_ascii=False).encode()


def receiver(own: OwnFields = OWN, keys: tuple[str, ...] = ("key-1",), *, notes: bool = False) -> ThinkificReceiver:
    """A receiver of a site with profile fields of its own."""
    return ThinkificReceiver(Mapper(own, notes=notes), keys)


def read(topic: str, without: tuple[str, ...] = (), **changes: Any) -> Delivery:
    """The delivery of a changed body."""
    return receiver().read(body(envelope(topic, without, **changes)))


def observed(topic: str, without: tuple[str, ...] = (), **changes: Any) -> list[Observation]:
    """What a changed body says."""
    return list(receiver().observe(read(topic, without, **changes)))


def said(observation: Observation) -> dict[str, Any]:
    """What is spoken of, with its values."""
    return {name: getattr(observation.record.payload, name) for name in observation.speaks}
