"""A wire row to a record of the registry. Pure.

Only the fields that are named here are ever looked at: identity codes (`socialSecurityNumber`) and whatever else a
row holds are gone before anything is stored or hashed. Money is integer hundredths, times are UTC ISO 8601.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contacts import to_e164
from connectors.errors import RejectRow
from connectors.files.cells import Cells
from connectors.files.names import read_name
from connectors.files.rows import NOTE_HINT, Mapped, Rules
from connectors.files.states import hints_at_no_show
from connectors.minimise import is_identity_key, mask_fields
from connectors.records import Booking, BookingState, Customer, Kind, SourceRecord
from connectors.timma.states import is_booking, state_of

CLIENT_FIELDS = (
    "id", "name", "phone", "email", "address", "postalCode", "city", "numberOfPastVisits", "acceptEmailMarketing",
    "acceptSmsMarketing", "createdAt", "updatedAt", "deletedOn",
)  # fmt: skip
BOOKING_FIELDS = (
    "id", "clientId", "clientName", "clientPhone", "clientEmail", "userId", "userName", "start", "end", "status",
    "createdAt", "updatedAt", "deletedOn", "cancellationReason",
)  # fmt: skip
RESERVATION_FIELDS = ("serviceId", "serviceName", "servicePrice")
NOTES = {"clients": ("info",), "bookings": ("bookingNote", "clientMessage")}
_PHONES = ("phone", "clientPhone")

Fields = dict[str, Any]


class NotABooking(Exception):
    """A slot of the calendar that is nobody's appointment; skipped and counted."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id, for rows that give ids alone."""

    users: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)


def keep(stream: str, row: Mapping[str, Any], *, notes: bool) -> tuple[Fields, int]:
    """The allow-listed fields of a wire row, flat, identity codes masked, and how many of those there were."""
    kept = _clients_fields(row) if stream == "clients" else _bookings_fields(row)
    if notes:
        kept |= _picked(row, NOTES[stream])
        kept |= _picked(_part(row, "reservation"), NOTES[stream])
    phones = [name for name in _PHONES if isinstance(kept.get(name), str) and to_e164(kept[name])]
    masked_fields, masked = mask_fields(kept, keep=phones)
    dropped = sum(
        is_identity_key(key) and value not in (None, "") for part in _parts(row) for key, value in part.items()
    )
    return masked_fields, masked + dropped


def _clients_fields(row: Mapping[str, Any]) -> Fields:
    return _picked(row, CLIENT_FIELDS)


def _bookings_fields(row: Mapping[str, Any]) -> Fields:
    kept: Fields = {}
    for part in reversed(_parts(row)):
        kept |= _picked(part, BOOKING_FIELDS if part is row else (*RESERVATION_FIELDS, *BOOKING_FIELDS[1:5]))
    revenues = row.get("revenues")
    if isinstance(revenues, list) and revenues:
        kept["paid"] = [item.get("sum") for item in revenues if isinstance(item, Mapping)]
    return kept


def _parts(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The row, and the objects inside it that carry fields of a booking."""
    return [row, *(part for name in ("reservation", "form") if (part := _part(row, name)))]


def _part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = row.get(name)
    return part if isinstance(part, Mapping) else {}


def _picked(row: Mapping[str, Any], names: tuple[str, ...]) -> Fields:
    return {name: row[name] for name in names if row.get(name) is not None}


def map_fields(stream: str, fields: Mapping[str, Any], rules: Rules, names: Names | None = None) -> Mapped:
    """Map kept fields. Raises `RejectRow`, and `NotABooking` for calendar blocks."""
    cells = Cells({name: _text(value) for name, value in fields.items() if not isinstance(value, list | dict)})
    external_id = cells.identifier("id")
    if external_id is None:
        raise RejectRow("no id", "id")
    if stream == "clients":
        record = _client(external_id, cells, fields, rules)
    else:
        record = _booking(external_id, cells, fields, rules, names or Names())
    return Mapped(record, tuple(cells.odd), cells.masked)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _is_removed(fields: Mapping[str, Any]) -> bool:
    """Whether `deletedOn` says anything; `false` and a blank do not."""
    told = fields.get("deletedOn")
    return bool(told.strip() if isinstance(told, str) else told)


def _client(external_id: str, cells: Cells, fields: Mapping[str, Any], rules: Rules) -> SourceRecord:
    name = read_name(cells.text("name"), None, None)
    removed = _is_removed(fields)
    removed_at = cells.moment("deletedOn") if removed else None
    payload = Customer(
        name=name.full,
        first_name=name.first,
        last_name=name.last,
        name_guessed=name.guessed,
        email=cells.email("email"),
        phone=cells.phone("phone"),
        street=cells.text("address"),
        postal_code=cells.text("postalCode"),
        city=cells.text("city"),
        email_marketing=cells.flag("acceptEmailMarketing"),
        sms_marketing=cells.flag("acceptSmsMarketing"),
        past_visits=cells.count("numberOfPastVisits"),
        created_at=cells.moment("createdAt"),
    )
    return SourceRecord(
        external_id=external_id,
        kind=Kind.CUSTOMER,
        payload=payload,
        updated_at=_latest(cells.moment("updatedAt"), removed_at),
        deleted=removed,
        notes=cells.prose("info") if rules.notes else None,
    )


def _booking(external_id: str, cells: Cells, fields: Mapping[str, Any], rules: Rules, names: Names) -> SourceRecord:
    service_id, service, status = cells.text("serviceId"), cells.text("serviceName"), cells.text("status")
    if not is_booking(status, service_id, service):
        raise NotABooking
    employee_id, owner_id, reason = (
        cells.identifier("userId"),
        cells.identifier("clientId"),
        cells.text("cancellationReason"),
    )
    deleted = _is_removed(fields)
    state = state_of(status, reason, deleted=deleted, no_show_words=rules.no_show_words)
    cancelled_at = cells.moment("deletedOn") if deleted else None
    payload = Booking(
        starts_at=cells.moment("start"),
        ends_at=cells.moment("end"),
        service=service or names.services.get(service_id or ""),
        service_id=service_id,
        employee=cells.text("userName") or names.users.get(employee_id or ""),
        employee_id=employee_id,
        price_cents=_cents(cells, "servicePrice", fields.get("servicePrice")),
        paid_cents=_paid(cells, fields.get("paid")),
        state=state,
        state_raw=status if state is BookingState.UNKNOWN else None,
        created_at=cells.moment("createdAt"),
        cancelled_at=cancelled_at,
        client_name=cells.text("clientName"),
        client_email=cells.email("clientEmail"),
        client_phone=cells.phone("clientPhone"),
    )
    return SourceRecord(
        external_id=external_id,
        kind=Kind.BOOKING,
        payload=payload,
        owner_id=owner_id,
        updated_at=_latest(cells.moment("updatedAt"), cancelled_at),
        notes=_notes(cells, state) if rules.notes else None,
    )


def _notes(cells: Cells, state: BookingState) -> str | None:
    texts = [text for name in NOTES["bookings"] if (text := cells.prose(name))]
    if state is not BookingState.NO_SHOW and any(hints_at_no_show(text) for text in texts):
        cells.odd.append(("bookingNote", NOTE_HINT))
    return "\n".join(texts) or None


def _cents(cells: Cells, name: str, value: Any) -> int | None:
    """Integer hundredths; anything else is refused, never rounded."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    cells.odd.append((name, "not an amount in hundredths"))
    return None


def _paid(cells: Cells, sums: Any) -> int | None:
    if not isinstance(sums, list):
        return None
    cents = [_cents(cells, "revenues", value) for value in sums]
    return None if None in cents else sum(value for value in cents if value is not None)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)
