"""What a population is made of: people, and their rows at a school (courses) and at a salon (bookings).

Times are epoch milliseconds UTC, money is integer cents. Immutable, so that a later state of a population shares
every row that did not change, and a sandbox sees by identity what did.
"""

from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """The two kinds of place that a person can be known at. Which platform is which side, the platform says."""

    SCHOOL = "school"
    SALON = "salon"


class Noise(StrEnum):
    """How a row differs from what is true of its person; the kind stands on the row that differs."""

    NONE = "none"
    FOLDED = "folded"  # ä and ö dropped
    UPPER = "upper"  # the name in capitals
    OTHER_EMAIL = "other_email"  # a second address, the phone is the same
    NO_PHONE = "no_phone"
    NO_EMAIL = "no_email"
    NICKNAME = "nickname"  # Kaisa for Kaisa-Liisa
    TYPO = "typo"  # a slip in the first name
    SWAPPED = "swapped"  # first and last name in each other's place
    PLUS_TAG = "plus_tag"  # the same mailbox with +tag
    DOTS = "dots"  # a further dot in the local part
    MOVED = "moved"  # other e-mail and other phone: only the name is the same
    FAMILY_PHONE = "family_phone"  # another person's phone, same last name, different first name
    FAMILY_EMAIL = "family_email"  # another person's e-mail
    DUPLICATE = "duplicate"  # a second row of a person at the same place


class Person(NamedTuple):
    """Somebody made up. `birth_name` is the family name at birth; `family` the id of the parent, 0 for none."""

    id: int
    first_name: str
    last_name: str
    birth_name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    street: str
    postal_code: str
    city: str
    family: int


class Account(NamedTuple):
    """A person at the school. `email` is unique there. `email_marketing` is `None` where the field was left empty."""

    id: int
    person: int
    first_name: str
    last_name: str
    email: str
    phone: str | None
    street: str | None
    postal_code: str
    city: str
    email_marketing: bool | None
    created_at: int
    noise: Noise


class Client(NamedTuple):
    """A person at the salon, who keeps one joined `name`. `visits` counts bookings that took place."""

    id: str
    person: int
    first_name: str
    last_name: str
    name: str
    email: str | None
    phone: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    notes: str | None
    email_marketing: bool | None
    sms_marketing: bool | None
    visits: int
    no_shows: int
    employee: int | None
    discount: int
    updated_at: int
    deleted_on: int | None
    noise: Noise


class Enrollment(NamedTuple):
    """An account on a course (index into the catalogue). `percent` is 0 to 100."""

    id: int
    user_id: int
    course: int
    percent: int
    is_free_trial: bool
    created_at: int
    updated_at: int
    started_at: int | None
    completed_at: int | None
    expiry_date: int | None


class Order(NamedTuple):
    """A purchase of a course. `user_id` is `None` once the account is deleted: orders stay."""

    id: int
    user_id: int | None
    course: int
    amount_cents: int
    created_at: int


class Booking(NamedTuple):
    """A slot of the salon's calendar. Without `client_id` it is no appointment (`status` `notForSale`)."""

    id: str
    client_id: str | None
    employee: int
    service: int | None
    starts_at: int
    ends_at: int
    status: str
    created_at: int
    deleted_on: int | None
    reason: str | None
    paid_cents: int
    updated_at: int
