"""What Thinkific sends by itself: who signed it, what it is about, and what it says of a row. Pure.

Sources: Thinkific's description of the webhooks API v2, its sample bodies, and what clients recorded. An event's
payload is a snapshot of the row, worded a little unlike the REST list; it is turned into the list's own row, so that
one mapping serves both. What a body does not say stays as it is held, and it never takes a profile field away:
`user.updated` does not come for those, so that an empty list of them says nothing.
"""

import hashlib
import hmac
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.decode import decode
from connectors.errors import RejectRow
from connectors.hooks import Delivery, NotAnEventError, Observation
from connectors.records import Kind, SourceRecord
from connectors.thinkific.mapping import Doubts, Mapper, Row
from connectors.thinkific.values import UnreadableError, identifier, moment

SIGNATURE = "x-thinkific-hmac-sha256"

TOPICS: Mapping[str, str] = {
    "user.signup": "users",
    "user.signin": "users",
    "user.updated": "users",
    "user.deleted": "users",
    "enrollment.created": "enrollments",
    "enrollment.trial": "enrollments",
    "enrollment.progress": "enrollments",
    "enrollment.completed": "enrollments",
    "order.created": "orders",
}
"""Topics that are of use, and the stream whose row each is about."""

PERSON = "user"
"""Key of `Delivery.fields` under which the person stands whom an enrollment or an order names."""

_GONE = "user.deleted"
_DONE = "enrollment.completed"
_TEST = "[TEST]"
_WORD = re.compile(r"[a-z_]{1,50}")
_ID_LENGTH = 100
_PERSON_FIELDS = ("id", "email", "first_name", "last_name")
_SUBSCRIPTION = {"one-time": False, "free": False, "subscription": True}
"""`payment_type` of an order event → `subscription` of the list. A payment plan may be either, so it says nothing."""

_TOLD: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "users": {
        "name": ("first_name", "last_name"),
        "first_name": ("first_name",),
        "last_name": ("last_name",),
        "email": ("email",),
        "created_at": ("created_at",),
    },
    "enrollments": {
        "course_id": ("course_id",),
        "course": ("course_name",),
        "progress": ("percentage_completed",),
        "completed": ("completed",),
        "expired": ("expired",),
        "free_trial": ("is_free_trial",),
        "started_at": ("started_at",),
        "activated_at": ("activated_at",),
        "completed_at": ("completed_at",),
        "expires_at": ("expiry_date",),
        "created_at": ("created_at",),
        "updated_at": ("updated_at",),
    },
    "orders": {
        "product_id": ("product_id",),
        "product": ("product_name",),
        "amount_cents": ("amount_cents",),
        "subscription": ("subscription",),
        "status": ("status",),
        "created_at": ("created_at",),
    },
}
"""Payload field → the fields of the row that must all stand in an event for it to say something about it."""

_IF_FILLED: Mapping[str, tuple[str, ...]] = {
    "phone": ("phone",),
    "street": ("street", "postal_code", "city"),
    "email_marketing": ("email_marketing",),
    "sms_marketing": ("sms_marketing",),
}
"""From the site's own fields: payload field → what is spoken of where it is filled. An address is one thing."""


class ThinkificReceiver:
    """Understands one site's deliveries. `keys`: each that may have signed, since which one does is not documented."""

    streams: Mapping[str, Kind] = {"users": Kind.CUSTOMER, "enrollments": Kind.ENROLLMENT, "orders": Kind.ORDER}

    def __init__(self, mapper: Mapper, keys: Sequence[str]) -> None:
        self._mapper = mapper
        self._keys = tuple(key.encode() for key in keys)

    def is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the header holds the lower-case hex HMAC-SHA256 of the body under one of the keys."""
        told = headers.get(SIGNATURE, "")
        if not told.isascii():
            return False
        # Every key is tried, whichever fits: the time tells nothing.
        return sum(hmac.compare_digest(_signature(key, body), told) for key in self._keys) > 0

    def read(self, body: bytes) -> Delivery:
        """The delivery. Raises `NotAnEventError`, which quotes nothing."""
        try:
            return self._delivery(_envelope(decode(body)))
        except RecursionError:
            raise NotAnEventError("the body is nested too deeply") from None
        except ValueError:
            raise NotAnEventError("the body is no JSON") from None

    def observe(self, delivery: Delivery) -> Sequence[Observation]:
        """What it says of its row, then of the person whom it names besides, who is only added. Raises `RejectRow`."""
        if delivery.stream is None or delivery.deleted:
            return ()
        about = self._said(delivery.stream, delivery.fields)
        return (about, *self._person(delivery.fields.get(PERSON)))

    def _delivery(self, event: "_Event") -> Delivery:
        stream = TOPICS.get(event.topic)
        if stream is None or _is_test(event.payload):
            return Delivery(event_id=event.id, topic=event.topic, created_at=event.created_at)
        gone = event.topic == _GONE
        fields, masked = ({}, 0) if gone else self._fields(stream, event)
        return Delivery(
            event_id=event.id,
            topic=event.topic,
            created_at=event.created_at,
            stream=stream,
            external_id=_id(event.payload),
            fields=fields,
            masked=masked,
            deleted=gone,
        )

    def _fields(self, stream: str, event: "_Event") -> tuple[dict[str, Any], int]:
        fields, masked = self._mapper.keep(stream, _listed(stream, event))
        person = event.payload.get("user") if stream != "users" else None
        if isinstance(person, Mapping):
            named = {name: person[name] for name in _PERSON_FIELDS if name in person}
            fields[PERSON], found = self._mapper.keep("users", named)
            masked += found
        return _finite(fields), masked

    def _said(self, stream: str, row: Row) -> Observation:
        doubts = Doubts()
        record = self._mapper.map(stream, row, doubts)
        # What cannot be read says nothing.
        unread = {problem.column for problem in doubts.problems(stream)}
        spoken = {
            field
            for field, columns in _TOLD[stream].items()
            if unread.isdisjoint(columns) and all(column in row for column in columns)
        }
        if stream == "users":
            spoken |= _filled(record)
        elif stream == "orders":  # an event tells of a new one alone, and takes nothing away
            spoken = {field for field in spoken if getattr(record.payload, field) is not None}
        return Observation(stream=stream, record=_cut(record, spoken), speaks=frozenset(spoken))

    def _person(self, row: Any) -> Iterator[Observation]:
        try:
            yield self._said("users", row).model_copy(update={"only_new": True})
        except RejectRow:
            return  # nobody is named: the aside is lost, not the event


@dataclass(frozen=True, slots=True)
class _Event:
    """An envelope whose form is right."""

    id: str
    topic: str
    created_at: datetime
    payload: Row


def _signature(key: bytes, body: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _listed(stream: str, event: _Event) -> Row:
    """An event's payload as the REST list would show the row; what neither says nor implies is left out."""
    row = dict(event.payload)
    if stream == "users":
        return row
    user = _part(row, "user")
    row |= _where_missing(row, user_id=user.get("id"))
    if stream == "orders":
        row |= _where_missing(row, subscription=_SUBSCRIPTION.get(str(row.get("payment_type"))))
        return row
    course = _part(row, "course")
    trial = row.get("free_trial")
    row |= _where_missing(row, course_id=course.get("id"), course_name=course.get("name"), is_free_trial=trial)
    row |= _where_missing(row, completed=_completed(row, event.topic), expired=_expired(row, event.created_at))
    return row


def _completed(row: Row, topic: str) -> bool | None:
    """As the list says it: completed is what was completed at some time."""
    if topic == _DONE:
        return True
    try:
        return moment(row["completed_at"]) is not None
    except (KeyError, UnreadableError):
        return None


def _expired(row: Row, now: datetime) -> bool | None:
    """As the list says it: expired is what ended before the event."""
    try:
        ends = moment(row["expiry_date"])
    except (KeyError, UnreadableError):
        return None
    return ends is not None and ends < now


def _where_missing(row: Row, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and row.get(name) is None}


def _part(row: Row, name: str) -> Row:
    part = row.get(name)
    return part if isinstance(part, Mapping) else {}


def _is_test(payload: Row) -> bool:
    """Whether the test button of Thinkific's screen sent it: its people and courses do not exist, so that they must
    not come into the registry. Their address is `[TEST] ...`, which no address is."""
    addresses = (payload.get("email"), _part(payload, "user").get("email"))
    return any(isinstance(address, str) and address.lstrip().startswith(_TEST) for address in addresses)


def _filled(record: SourceRecord) -> set[str]:
    return {
        field
        for filled, spoken in _IF_FILLED.items()
        if getattr(record.payload, filled) is not None
        for field in spoken
    }


def _cut(record: SourceRecord, spoken: set[str]) -> SourceRecord:
    """The record with nothing in it that was not spoken of."""
    silent = dict.fromkeys(type(record.payload).model_fields.keys() - spoken)
    return record.model_copy(update={"payload": record.payload.model_copy(update=silent)})


def _finite(value: Any) -> Any:
    """Without infinities (`1e999`), which no JSON can carry on."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _envelope(value: Any) -> _Event:
    if not isinstance(value, Mapping):
        raise NotAnEventError("the body is no object")
    words = value.get("resource"), value.get("action")
    if not all(isinstance(word, str) and _WORD.fullmatch(word) for word in words):
        raise NotAnEventError("resource and action are no words")
    if not isinstance(value.get("payload"), Mapping):
        raise NotAnEventError("the payload is no object")
    return _Event(_event_id(value.get("id")), ".".join(map(str, words)), _happened(value), value["payload"])


def _event_id(value: Any) -> str:
    """An id is the key by which a repetition is known, so nothing but a plain one will do."""
    try:
        found = None if isinstance(value, float) else identifier(value)
    except ValueError:
        found = None
    if found is None or len(found) > _ID_LENGTH:
        raise NotAnEventError("the id is no id")
    return found


def _happened(value: Row) -> datetime:
    try:
        found = moment(value.get("created_at"))
    except UnreadableError:
        found = None
    if found is None:
        raise NotAnEventError("created_at is no time")
    return found


def _id(payload: Row) -> str | None:
    try:
        return identifier(payload.get("id"))
    except ValueError:
        return None
