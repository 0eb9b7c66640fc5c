"""What a platform's row becomes: one frozen payload model a kind, with the fields that the registry keeps and no other.

A field that is not listed here is dropped before anything is stored or hashed (GDPR Art. 5(1)(c), data minimisation).
Free text never stands in a payload: it travels in `SourceRecord.notes` and only where the owner switched it on.
"""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What a record is about."""

    CUSTOMER = "customer"
    BOOKING = "booking"
    ENROLLMENT = "enrollment"
    ORDER = "order"
    COURSE = "course"
    PRODUCT = "product"
    FIELD = "field"


class BookingState(StrEnum):
    """State as the source gives it. `past_unconfirmed` is no member: it moves with the clock, so it is derived."""

    BOOKED = "booked"
    PENDING_PAYMENT = "pending_payment"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"


class Frozen(BaseModel):
    """Base of all values that cross the seam."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Payload(Frozen):
    """Base of the payload models. Its JSON without nulls, in field order, is what is stored and hashed."""


class Customer(Payload):
    """A person as one source knows them. `phone` is E.164; `email` as given, trimmed.

    `name_guessed` says that first and last name were cut from one joined string (Timma stores one name).
    The two marketing flags are the platform's: `None` means that it says nothing, which is not a no.
    """

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name_guessed: bool | None = None
    email: str | None = None
    phone: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    email_marketing: bool | None = None
    sms_marketing: bool | None = None
    past_visits: int | None = None
    no_show_count: int | None = None
    regular_employee: str | None = None
    discounts: tuple[str, ...] | None = None
    requires_prepayment: bool | None = None
    last_visit_on: date | None = None
    created_at: datetime | None = None


class Booking(Payload):
    """One appointment. Times are UTC, money integer cents. `state_raw` keeps a word that no state table knows."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    service: str | None = None
    service_id: str | None = None
    employee: str | None = None
    employee_id: str | None = None
    price_cents: int | None = None
    paid_cents: int | None = None
    state: BookingState = BookingState.UNKNOWN
    state_raw: str | None = None
    created_at: datetime | None = None
    cancelled_at: datetime | None = None
    client_name: str | None = None
    client_email: str | None = None
    client_phone: str | None = None


class Enrollment(Payload):
    """One person on one course. `progress` is 0.0 to 1.0."""

    course_id: str | None = None
    course: str | None = None
    progress: float | None = None
    completed: bool | None = None
    expired: bool | None = None
    free_trial: bool | None = None
    started_at: datetime | None = None
    activated_at: datetime | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Order(Payload):
    """One purchase. Money in integer cents; `status` lower case."""

    product_id: str | None = None
    product: str | None = None
    amount_cents: int | None = None
    subscription: bool | None = None
    status: str | None = None
    created_at: datetime | None = None


class Course(Payload):
    """A course of the catalogue. No personal data."""

    name: str | None = None
    product_id: str | None = None


class Product(Payload):
    """What is sold. `course_id` is set where the product is a course. No personal data."""

    name: str | None = None
    kind: str | None = None
    course_id: str | None = None
    status: str | None = None
    price_cents: int | None = None
    currency: str | None = None
    created_at: datetime | None = None


class FieldDefinition(Payload):
    """A site's own profile field: which id carries which label. No personal data."""

    label: str | None = None
    field_type: str | None = None
    required: bool | None = None


class SourceRecord(Frozen):
    """One mapped row.

    `external_id`: the source's own id, else a key derived from the row, stable over runs.
    `owner_id`: external id of the customer record of the same source that an activity belongs to, where the row names
    one; else the store looks the owner up by the payload's client phone, e-mail or name.
    `updated_at`: when the source says that the row last changed; never the time of retrieval.
    `deleted`: the source itself marks the row as removed (Timma's `deletedOn` on a client).
    `row`: line of a file, 1 = the first line of the file.
    """

    external_id: str
    kind: Kind
    payload: Payload
    owner_id: str | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    notes: str | None = None
    row: int | None = None
