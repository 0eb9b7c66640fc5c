"""Thinkific: students, their courses and purchases, over the Admin REST API v1."""

import threading
from typing import TYPE_CHECKING

from config.sections import ThinkificOptions
from connectors.base import Connector
from connectors.errors import HoldSource, StopRun

if TYPE_CHECKING:
    from config.settings import Source

HINT = (
    "thinkific.access_token, or thinkific.subdomain and thinkific.api_key, at thinkific.base_url, and at the site's "
    "plan: without API access (Grow, or Pro + Growth, or above) Thinkific refuses a right key in the same words"
)


def connect(source: "Source", stop: threading.Event | None = None) -> Connector:
    """A connector for a configured site. Raises `HoldSource` where credentials are missing. Makes no call yet."""
    from connectors.http import HttpClient
    from connectors.thinkific.connector import ThinkificConnector
    from connectors.thinkific.mapping import Mapper, OwnFields

    options = source.options
    if not isinstance(options, ThinkificOptions):
        raise StopRun(f"source {source.name} has no [thinkific] section")
    headers = credentials(options)
    fields = options.fields
    client = HttpClient(
        options.base_url,
        headers=headers,
        requests_per_minute=options.requests_per_minute,
        settings_hint=HINT,
        secrets=[key.get_secret_value() for key in (options.access_token, options.api_key) if key is not None],
        stop=stop,
    )
    own = OwnFields(fields.phone, fields.address, fields.email_marketing, fields.sms_marketing)
    consents = bool(fields.email_marketing or fields.sms_marketing)
    return ThinkificConnector(source.name, client, Mapper(own, notes=options.notes), consents=consents)


def credentials(options: ThinkificOptions) -> dict[str, str]:
    """The headers of a request. The access token goes first: Thinkific shows no API key on newer sites."""
    if options.access_token is not None:
        return {"Authorization": f"Bearer {options.access_token.get_secret_value()}"}
    if options.api_key is None or options.subdomain is None:
        raise HoldSource(f"credentials are missing; look at {HINT}")
    return {"X-Auth-API-Key": options.api_key.get_secret_value(), "X-Auth-Subdomain": options.subdomain}
