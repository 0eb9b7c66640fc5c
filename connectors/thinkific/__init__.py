"""Thinkific: students, their courses and purchases, over the Admin REST API v1."""

import threading
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.sections import ThinkificOptions
from connectors.base import Connector
from connectors.errors import HoldSource, StopRun

if TYPE_CHECKING:
    from config.settings import Source
    from connectors.thinkific.hooks_api import ThinkificRegistrar
    from connectors.thinkific.mapping import Mapper
    from connectors.thinkific.webhooks import ThinkificReceiver

HINT = (
    "thinkific.access_token, or thinkific.subdomain and thinkific.api_key, at thinkific.base_url, and at the site's "
    "plan: without API access (Grow, or Pro + Growth, or above) Thinkific refuses a right key in the same words"
)


def connect(source: "Source", stop: threading.Event | None = None) -> Connector:
    """A connector for a configured site. Raises `HoldSource` where credentials are missing. Makes no call yet."""
    from connectors.http import HttpClient
    from connectors.thinkific.connector import ThinkificConnector

    options = _options(source)
    fields = options.fields
    client = HttpClient(
        options.base_url,
        headers=credentials(options),
        requests_per_minute=options.requests_per_minute,
        settings_hint=HINT,
        secrets=_secrets(options),
        stop=stop,
    )
    consents = bool(fields.email_marketing or fields.sms_marketing)
    return ThinkificConnector(source.name, client, _mapper(options), consents=consents)


def receiver(source: "Source") -> "ThinkificReceiver":
    """What understands a site's deliveries. Each configured key may have signed them."""
    from connectors.thinkific.webhooks import ThinkificReceiver

    options = _options(source)
    return ThinkificReceiver(_mapper(options), _secrets(options, options.webhook_secret))


def registrar(source: "Source", stop: threading.Event | None = None) -> "ThinkificRegistrar":
    """The list of where a site sends deliveries. Raises `HoldSource` without credentials. Makes no call yet."""
    from connectors.http import HttpClient
    from connectors.thinkific.hooks_api import ThinkificRegistrar, address

    options = _options(source)
    token = options.access_token or options.api_key
    if token is None:
        raise HoldSource(f"credentials are missing; look at {HINT}")
    client = HttpClient(
        address(options.base_url),
        headers={"Authorization": f"Bearer {token.get_secret_value()}"},
        requests_per_minute=options.requests_per_minute,
        settings_hint=HINT,
        secrets=_secrets(options),
        stop=stop,
    )
    return ThinkificRegistrar(client)


def _options(source: "Source") -> ThinkificOptions:
    if not isinstance(source.options, ThinkificOptions):
        raise StopRun(f"source {source.name} has no [thinkific] section")
    return source.options


def _mapper(options: ThinkificOptions) -> "Mapper":
    from connectors.thinkific.mapping import Mapper, OwnFields

    fields = options.fields
    own = OwnFields(fields.phone, fields.address, fields.email_marketing, fields.sms_marketing)
    return Mapper(own, notes=options.notes)


def _secrets(options: ThinkificOptions, *more: SecretStr | None) -> list[str]:
    keys = (*more, options.access_token, options.api_key)
    return [key.get_secret_value() for key in keys if key is not None]


def credentials(options: ThinkificOptions) -> dict[str, str]:
    """The headers of a request. The access token goes first: Thinkific shows no API key on newer sites."""
    if options.access_token is not None:
        return {"Authorization": f"Bearer {options.access_token.get_secret_value()}"}
    if options.api_key is None or options.subdomain is None:
        raise HoldSource(f"credentials are missing; look at {HINT}")
    return {"X-Auth-API-Key": options.api_key.get_secret_value(), "X-Auth-Subdomain": options.subdomain}
