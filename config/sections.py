"""The sections of the configuration file, one frozen model each. What a field means stands in docs/configuration.md."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from config.keys import Known
from config.values import (
    BaseUrl,
    DatabaseUrl,
    Day,
    Duration,
    FilePath,
    HeaderName,
    IdText,
    Recipient,
    Secret,
    Share,
    Text,
    UrlPath,
    Whole,
    Words,
)

CUSTOMER_FIELDS = (
    "source_id", "full_name", "first_name", "last_name", "phone", "email", "street", "postal_code", "city", "country",
    "notes", "email_marketing", "sms_marketing", "past_visits", "no_show_count", "regular_employee", "discounts",
    "requires_prepayment", "created_at", "last_visit_at",
)  # fmt: skip
"""Canonical fields of a customer list, whatever its headings say."""

BOOKING_FIELDS = (
    "booking_id", "client_id", "client_name", "client_phone", "client_email", "employee_id", "employee", "start", "end",
    "date", "time", "duration", "service_id", "service", "price", "paid", "note", "customer_message",
    "booked_at", "cancelled_at", "cancel_reason", "state",
)  # fmt: skip
"""Canonical fields of a booking list."""

ACTIVITIES: Mapping[str, str] = {"timma": "bookings", "thinkific": "online_courses", "files": "other_register"}
"""Package below `connectors/` → the activity in the processing register that its streams belong to."""

Columns = Annotated[Mapping[str, Text], Known(CUSTOMER_FIELDS + BOOKING_FIELDS)]
"""Canonical field → the heading that carries it in an export file."""

RequestsPerMinute = Annotated[Whole, Field(ge=1)]

NO_SHOW_WORDS = (
    "Asiakas ei ilmestynyt paikalle", "Ei ilmestynyt", "Ei saapunut", "Saapumatta",
    "Customer did not show up", "Didn't show up", "No-show",
)  # fmt: skip
"""Cancellation reasons and states that mean that the customer did not come, as Timma's screens word them."""


class Section(BaseModel):
    """Base of the sections: frozen, no unknown keys, defaults checked like given values."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


class DatabaseOptions(Section):
    """`[database]`. The URL is a secret, since PostgreSQL's holds a password."""

    url: DatabaseUrl = Field(default="sqlite:///rekisteri.db")  # type: ignore[assignment]


class ThinkificFields(Section):
    """`[thinkific.fields]`: ids of the site's own profile fields (`custom_profile_field_definition_id`)."""

    phone: IdText | None = None
    address: IdText | None = None
    email_marketing: IdText | None = None
    sms_marketing: IdText | None = None


class ThinkificOptions(Section):
    """`[thinkific]`. On with an access token, or with subdomain and API key; the token goes first where both stand."""

    subdomain: Text | None = None
    api_key: Secret | None = None
    access_token: Secret | None = None
    base_url: BaseUrl = "https://api.thinkific.com/api/public/v1"
    requests_per_minute: RequestsPerMinute = 120
    fields: ThinkificFields = Field(default_factory=ThinkificFields)
    webhook_secret: Secret | None = None
    brand: Text = "artsport"
    notes: bool = False
    consent_grantee: Text | None = None

    @field_validator("subdomain")
    @classmethod
    def _subdomain_alone(cls, text: str | None) -> str | None:
        name = (text or "").lower().removesuffix(".thinkific.com")
        if text is not None and not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name):
            raise ValueError("is no subdomain; write SCHOOL of https://SCHOOL.thinkific.com")
        return name or None


class TimmaApiOptions(Section):
    """`[timma.api]`. Timma publishes no API, so every assumed part of the wire stands here, not in code."""

    base_url: BaseUrl | None = None
    token: Secret | None = None
    token_header: HeaderName = "x-auth-token"  # noqa: S105 - a header's name, no secret
    bearer: bool = False
    email: Text | None = None
    email_header: HeaderName = "x-auth-email"
    clients_path: UrlPath = "/clients"
    bookings_path: UrlPath = "/bookings"
    users_path: UrlPath = "/users"
    services_path: UrlPath = "/services"
    first_page: Literal[0, 1] = 1
    limit: Whole = Field(default=100, ge=1, le=100)
    changed_since: Text | None = None
    history_from: Day = date(2015, 1, 1)
    requests_per_minute: RequestsPerMinute = 120

    @field_validator("first_page", mode="before")
    @classmethod
    def _page_number(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError("must be 0 or 1")  # noqa: TRY004 - pydantic takes ValueError alone
        return int(value) if isinstance(value, str) and value.strip() in ("0", "1") else value


class TimmaOptions(Section):
    """`[timma]`. On with an inbox for the salon's own exports, or with the API's address and token."""

    inbox: FilePath | None = None
    columns: Columns = Field(default_factory=dict)
    after_import: Literal["keep", "archive", "delete"] = "keep"
    no_show_words: Words = NO_SHOW_WORDS
    brand: Text = "hieromo"
    notes: bool = False
    consent_grantee: Text | None = None
    api: TimmaApiOptions = Field(default_factory=TimmaApiOptions)


class FilesOptions(Section):
    """`[files.NAME]`: a further register kept as files. `processor` is a party of the processing register."""

    inbox: FilePath | None = None
    processor: Text | None = None
    brand: Text | None = None
    columns: Columns = Field(default_factory=dict)
    notes: bool = False


class HttpOptions(Section):
    """`[http]`: the health endpoint and webhooks. Port 0 lets the system choose."""

    host: Text = "127.0.0.1"
    port: Whole = Field(default=8321, ge=0, le=65535)


class HealthOptions(Section):
    """`[health]`."""

    fail_after: Duration = timedelta(hours=24)


class LogOptions(Section):
    """`[log]`. Without a format: `console` on a terminal, else `json`."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] | None = None

    @field_validator("level", "format", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value


class PrivacyOptions(Section):
    """`[privacy]`."""

    key_file: FilePath = Path("rekisteri.key")


class BackupOptions(Section):
    """`[backup]`. With a recipient backups can be made; the identity reads them."""

    recipient: Recipient | None = None
    identity_file: FilePath | None = None
    interval: Duration = timedelta(hours=24)


class ProcessingOptions(Section):
    """`[processing]`. Without a path the shipped register counts. (`register` itself is a method of every class.)"""

    register_path: FilePath | None = Field(default=None, alias="register")


class MatchOptions(Section):
    """`[match]`. Without a path the shipped match model counts."""

    model: FilePath | None = None


class SafetyOptions(Section):
    """`[safety]`."""

    max_vanished: Share = 0.2
