"""What customers booked, studied and bought, as the surface shows it. What vanished at the platform is left out."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, select

from store.among import chunks
from store.tables import SourceRecord, table
from store.times import restamp

_record = table(SourceRecord)

LISTS = {"booking": "bookings", "enrollment": "enrollments", "order": "orders"}
"""Kind of an activity → its list in a customer."""

Catalogue = dict[tuple[str, str], str]
"""(source, external id) → name."""


def catalogue(connection: Connection, kind: str) -> Catalogue:
    """Names of courses (`course`) or products (`product`), where the source states them as rows of their own."""
    query = select(_record.c.source, _record.c.external_id, _record.c.payload).where(_record.c.kind == kind)
    found = {(source, id_): from_json(payload).get("name") for source, id_, payload in connection.execute(query)}
    return {key: name for key, name in found.items() if name}


class Activities:
    """Activities seen at one time. `now` tells which booked appointments are past; catalogues are read once."""

    def __init__(self, connection: Connection, now: datetime, *, notes: bool = False) -> None:
        self.connection, self.notes = connection, notes
        self._now = now

    @cached_property
    def courses(self) -> Catalogue:
        """Names of courses."""
        return catalogue(self.connection, "course")

    @cached_property
    def products(self) -> Catalogue:
        """Names of products."""
        return catalogue(self.connection, "product")

    def shown(self, row: Row[Any]) -> dict[str, Any]:
        """One activity."""
        payload = from_json(row.payload)
        match row.kind:
            case "booking":
                shown = self._booking(row, payload)
            case "enrollment":
                shown = self._enrollment(row, payload)
            case _:
                shown = self._order(row, payload)
        return shown | {"notes": row.notes} if self.notes else shown

    def _booking(self, row: Row[Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        starts_at, state = payload.get("starts_at"), payload.get("state", "unknown")
        if state == "booked" and starts_at and datetime.fromisoformat(starts_at) < self._now:
            state = "past_unconfirmed"
        return {
            "external_id": row.external_id,
            "starts_at": restamp(starts_at),
            "ends_at": restamp(payload.get("ends_at")),
            "service": payload.get("service"),
            "employee": payload.get("employee"),
            "state": state,
        }

    def _enrollment(self, row: Row[Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        course_id = payload.get("course_id")
        return {
            "external_id": row.external_id,
            "course_id": course_id,
            "course": payload.get("course") or self.courses.get((row.source, str(course_id))),
            "progress": payload.get("progress"),
            "completed": payload.get("completed"),
            "updated_at": restamp(payload.get("updated_at")),
        }

    def _order(self, row: Row[Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        product_id = payload.get("product_id")
        return {
            "external_id": row.external_id,
            "product": payload.get("product") or self.products.get((row.source, str(product_id))),
            "amount_cents": payload.get("amount_cents"),
            "status": payload.get("status"),
            "created_at": restamp(payload.get("created_at")),
        }


def read_activities(activities: Activities, owners: Mapping[int, str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By customer id: bookings by start, orders by time, enrollments by id. `owners`: record id → customer id."""
    columns = [_record.c.owner_record_id, _record.c.source, _record.c.kind, _record.c.external_id, _record.c.payload]
    if activities.notes:
        columns.append(_record.c.notes)
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {name: [] for name in LISTS.values()})
    for batch in chunks(owners):
        query = select(*columns).where(
            _record.c.owner_record_id.in_(batch), _record.c.kind.in_(LISTS), _record.c.vanished_at.is_(None)
        )
        for row in activities.connection.execute(query).all():
            found[owners[row.owner_record_id]][LISTS[row.kind]].append(activities.shown(row))
    for lists in found.values():
        lists["bookings"].sort(key=lambda row: (row["starts_at"] or "", row["external_id"]))
        lists["enrollments"].sort(key=lambda row: row["external_id"])
        lists["orders"].sort(key=lambda row: (row["created_at"] or "", row["external_id"]))
    return found
