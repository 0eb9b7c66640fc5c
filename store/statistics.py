"""What statistics are counted from: each booking, enrollment, order and new customer as a few words, nobody by name.

Call it inside `store.engine.reading`. Whom a row belongs to goes along, so that a group of few people can be held back;
it leaves `privacy.statistics` in no form.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Connection, select

from store.activities import LISTS, Activities, Catalogue
from store.tables import Link, MasterCustomer, Origin, SourceRecord, table

_record = table(SourceRecord)
_link = table(Link)
_origin = table(Origin)
_customer = table(MasterCustomer)

_AT_ONCE = 2000
_TIMES: Mapping[str, tuple[str, ...]] = {
    "booking": ("starts_at",),
    "enrollment": ("activated_at", "started_at", "created_at"),
    "order": ("created_at",),
    "customer": ("created_at",),
}
"""Members of a payload that state when it was, the first that is there."""


class Happened(NamedTuple):
    """One thing that is counted. `kind`: of the record; `state`: of a booking. `at`: `None` where no time is stated.
    `person`: the customer, `None` where nobody in the registry is known to be it."""

    kind: str
    at: datetime | None
    brand: str
    source: str
    service: str | None
    course: str | None
    state: str | None
    person: str | None


def happened(connection: Connection, now: datetime) -> Iterator[Happened]:
    """Everything that is counted, in no order; what vanished at its platform is left out. A customer counts once, with
    their earliest record: when it was made, as far as the platform states that, else when it came in here."""
    courses = Activities(connection, now).courses
    columns = (_record.c.kind, _record.c.source, _record.c.payload, _record.c.first_seen_at, _origin.c.brand)
    activities = (
        select(*columns, _link.c.customer_id)
        .join(_origin, _origin.c.id == _record.c.origin_id)
        .outerjoin(_link, _link.c.record_id == _record.c.owner_record_id)
        .where(_record.c.kind.in_(LISTS), _record.c.vanished_at.is_(None))
    )
    customers = (
        select(*columns, _customer.c.id.label("customer_id"))
        .join(_origin, _origin.c.id == _record.c.origin_id)
        .join(_customer, _customer.c.id == _record.c.birth_id)
    )
    for query in (activities, customers):
        for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
            yield _told(row, courses)


def _told(row: Any, courses: Catalogue) -> Happened:
    payload = from_json(row.payload)
    stated = next((payload[name] for name in _TIMES[row.kind] if payload.get(name)), None)
    at = datetime.fromisoformat(stated) if stated else row.first_seen_at if row.kind == "customer" else None
    course = payload.get("course") or courses.get((row.source, str(payload.get("course_id"))))
    return Happened(
        row.kind, at, row.brand, row.source, payload.get("service"), course, payload.get("state"), row.customer_id
    )
