"""A row of fields to a record of the registry. Pure: what is read, refused and derived, and nothing about files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from config.place import HELSINKI
from config.sections import NO_SHOW_WORDS
from connectors.errors import RejectRow
from connectors.files import states, values
from connectors.files.cells import Cells
from connectors.files.names import derived_key, person_key, read_name
from connectors.records import Booking, BookingState, Customer, Kind, SourceRecord

NOTE_HINT = "the note sounds like a no-show; the state was left as it is"
FULL_DAY = "no clock time"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner set about reading rows. `units`: units of the columns, by field."""

    notes: bool = False
    no_show_words: tuple[str, ...] = NO_SHOW_WORDS
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapped row, what was odd in it as (field, reason), and how many identity codes were masked."""

    record: SourceRecord
    odd: tuple[tuple[str, str], ...] = ()
    masked: int = 0


def map_fields(kind: Kind, fields: Mapping[str, str], rules: Rules, row: int | None = None) -> Mapped:
    """Map one row; `row` is its line in the file. Raises `RejectRow` for a row that holds nothing to know it by."""
    cells = Cells(fields, rules.units)
    record = _customer(cells, rules, row) if kind is Kind.CUSTOMER else _booking(cells, rules, row)
    return Mapped(record, tuple(cells.odd), cells.masked)


def _customer(cells: Cells, rules: Rules, row: int | None) -> SourceRecord:
    name = read_name(cells.text("full_name"), cells.text("first_name"), cells.text("last_name"))
    phone, email = cells.phone("phone"), cells.email("email")
    external_id = cells.identifier("source_id") or person_key(phone, email, name)
    if external_id is None:
        raise RejectRow("neither id, phone, e-mail nor name")
    payload = Customer(
        name=name.full,
        first_name=name.first,
        last_name=name.last,
        name_guessed=name.guessed,
        email=email,
        phone=phone,
        street=cells.text("street"),
        postal_code=_postal_code(cells),
        city=cells.text("city"),
        country=cells.text("country"),
        email_marketing=cells.flag("email_marketing"),
        sms_marketing=cells.flag("sms_marketing"),
        past_visits=cells.count("past_visits"),
        no_show_count=cells.count("no_show_count"),
        regular_employee=cells.text("regular_employee"),
        discounts=_discounts(cells),
        requires_prepayment=cells.flag("requires_prepayment"),
        last_visit_on=cells.day("last_visit_at"),
        created_at=cells.moment("created_at"),
    )
    notes = cells.prose("notes") if rules.notes else None
    return SourceRecord(external_id=external_id, kind=Kind.CUSTOMER, payload=payload, notes=notes, row=row)


def _postal_code(cells: Cells) -> str | None:
    """A Finnish postal code has five digits; a spreadsheet drops the zeros before it (00100 → 100)."""
    text = cells.text("postal_code")
    return text.zfill(5) if text and text.isascii() and text.isdigit() and 3 <= len(text) < 5 else text


def _discounts(cells: Cells) -> tuple[str, ...] | None:
    text = cells.prose("discounts")
    if text is None:
        return None
    parts = (part.strip() for part in text.replace(";", "\n").splitlines())
    return tuple(values.read_discount(part, cells.unit("discounts")) for part in parts if part) or None


def _booking(cells: Cells, rules: Rules, row: int | None) -> SourceRecord:
    starts_at, ends_at = _span(cells)
    client = read_name(cells.text("client_name"), None, None).full
    phone, email, client_id = cells.phone("client_phone"), cells.email("client_email"), cells.identifier("client_id")
    service = cells.text("service")
    external_id = cells.identifier("booking_id") or _booking_key(
        client_id or phone or email or client, starts_at, service
    )
    if external_id is None:
        raise RejectRow("no booking id, and no start with a customer or service", "start")
    note, message = (cells.prose(name) if rules.notes else None for name in ("note", "customer_message"))
    cancelled_at, cancelled = _cancellation(cells)
    state, word = _state(cells, cancelled, rules)
    if state is not BookingState.NO_SHOW and states.hints_at_no_show(note):
        cells.odd.append(("note", NOTE_HINT))
    payload = Booking(
        starts_at=starts_at,
        ends_at=ends_at,
        service=service,
        service_id=cells.text("service_id"),
        employee=cells.text("employee"),
        employee_id=cells.identifier("employee_id"),
        price_cents=cells.cents("price"),
        paid_cents=cells.cents("paid"),
        state=state,
        state_raw=word if state is BookingState.UNKNOWN else None,
        created_at=cells.moment("booked_at"),
        cancelled_at=cancelled_at,
        client_name=client,
        client_email=email,
        client_phone=phone,
    )
    notes = "\n".join(filter(None, (note, message))) or None
    return SourceRecord(
        external_id=external_id, kind=Kind.BOOKING, payload=payload, owner_id=client_id, notes=notes, row=row
    )


def _booking_key(client: str | None, starts_at: datetime | None, service: str | None) -> str | None:
    if starts_at is None or not (client or service):
        return None
    return derived_key("booking", (client or "").casefold(), starts_at.isoformat(), (service or "").casefold())


def _state(cells: Cells, cancelled: bool, rules: Rules) -> tuple[BookingState, str | None]:
    word, reason = cells.text("state"), cells.text("cancel_reason")
    return states.of_row(word, reason, cancelled=cancelled, no_show_words=rules.no_show_words), word


def _cancellation(cells: Cells) -> tuple[datetime | None, bool]:
    """When a booking was cancelled and whether it was; some programs write a yes instead of a time."""
    text = cells.raw("cancelled_at")
    if not text:
        return None, False
    try:
        return None, values.read_flag(text)
    except values.Refused:
        at = cells.moment("cancelled_at")
        return at, at is not None


def _span(cells: Cells) -> tuple[datetime | None, datetime | None]:
    """Start and end: a date-time each, or a date with clock times, or a start with a duration."""
    starts_at, until = _start(cells)
    if (end := cells.raw("end")) and not values.has_day(end):
        until = cells.value("end", values.read_clock) or until
        end = ""
    ends_at = cells.moment("end") if end else None
    if starts_at is None:
        return None, ends_at
    if ends_at is None and until:
        day = starts_at.astimezone(HELSINKI).date()
        ends_at = cells.flagged("end", values.in_helsinki(day, until))
    unit = cells.unit("duration") or "min"
    if ends_at is None and (length := cells.value("duration", lambda text: values.read_duration(text, unit))):
        ends_at = starts_at + length
    if ends_at is not None and ends_at <= starts_at:
        # Equal too where the clocks go forward: a start within the hour that is not there is an hour later.
        cells.odd.append(("end", "ends before it starts" if ends_at < starts_at else "ends when it starts"))
        ends_at = None
    return starts_at, ends_at


def _start(cells: Cells) -> tuple[datetime | None, time | None]:
    """The start, and the end's clock time where one cell holds a span of two."""
    whole = "start" if cells.raw("start") else "date"
    # A start that shows no day is a clock time where a date stands beside it; else it is told as no date.
    clock = "start" if whole == "start" and cells.raw("date") and not values.has_day(cells.raw("start")) else "time"
    if clock == "start" or not cells.raw(whole):
        whole = "date"
    if not cells.raw(whole) and values.has_day(cells.raw("time")):
        return cells.moment("time"), None
    if whole == "start" or not cells.raw(clock):
        return _whole_moment(cells, whole), None
    return _dated(cells, whole, clock)


def _whole_moment(cells: Cells, field: str) -> datetime | None:
    at = cells.moment(field)
    if at and len(cells.raw(field)) <= len("24.11.2026"):
        cells.odd.append((field, FULL_DAY))
    return at


def _dated(cells: Cells, day_field: str, clock_field: str) -> tuple[datetime | None, time | None]:
    day = cells.day(day_field)
    clocks = cells.value(clock_field, values.read_clocks)
    if day is None or clocks is None:
        return None, None
    return cells.flagged(clock_field, values.in_helsinki(day, clocks[0])), clocks[1]
