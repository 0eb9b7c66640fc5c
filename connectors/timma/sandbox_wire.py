"""Rows of a made-up salon as the pinned REST contract has them."""

from typing import Any, NamedTuple

from connectors.sandbox import words
from connectors.sandbox.made import Booking, Client
from connectors.sandbox.rows import iso

SERVICE_ID = 2001
"""Id of the first service: small integers, unlike all others."""


class StaffRow(NamedTuple):
    """A row that belongs to no client: an employee or a service."""

    id: str
    fields: dict[str, Any]


def employee_id(at: int) -> str:
    """24-hex id of an employee, by index."""
    return f"{0xA0 + at:024x}"


def client(row: Client) -> dict[str, Any]:
    """A client; the identity code field is there and always empty."""
    return {
        "id": row.id,
        "name": row.name,
        "phone": words.national(row.phone, int(row.id[-2:], 16)) if row.phone else None,
        "email": row.email,
        "info": row.notes,
        "address": row.street,
        "postalCode": row.postal_code,
        "city": row.city,
        "numberOfPastVisits": row.visits,
        "acceptEmailMarketing": row.email_marketing,
        "acceptSmsMarketing": row.sms_marketing,
        "socialSecurityNumber": None,
        "deletedOn": iso(row.deleted_on),
    }


def booking(row: Booking) -> dict[str, Any]:
    """A calendar slot; an appointment has a `reservation`."""
    return {
        "id": row.id,
        "clientId": row.client_id,
        "userId": employee_id(row.employee),
        "userName": words.EMPLOYEES[row.employee],
        "start": iso(row.starts_at),
        "end": iso(row.ends_at),
        "status": row.status,
        "createdAt": iso(row.created_at),
        "deletedOn": iso(row.deleted_on),
        "cancellationReason": row.reason,
        "clientMessage": "",
        "reservation": _reservation(row),
        "revenues": [{"sum": row.paid_cents}] if row.paid_cents else [],
    }


def _reservation(row: Booking) -> dict[str, Any] | None:
    if row.service is None:
        return None
    name, _, price = words.SERVICES[row.service]
    return {"serviceId": SERVICE_ID + row.service, "serviceName": name, "servicePrice": price, "bookingNote": ""}


def users() -> list[StaffRow]:
    """The employees; the last has left."""
    left = len(words.EMPLOYEES) - 1
    return [
        StaffRow(
            employee_id(at),
            {"id": employee_id(at), "name": name, "deletedOn": "2026-06-30T12:00:00.000Z" if at == left else None},
        )
        for at, name in enumerate(words.EMPLOYEES)
    ]


def services() -> list[StaffRow]:
    """What can be booked."""
    return [
        StaffRow(
            str(SERVICE_ID + at),
            {"id": SERVICE_ID + at, "name": name, "price": price, "duration": minutes},
        )
        for at, (name, minutes, price) in enumerate(words.SERVICES)
    ]
