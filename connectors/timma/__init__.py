"""Timma: the salon's bookings and customers, from its own export files and, with Timma's agreement, over REST."""

import threading
from typing import TYPE_CHECKING

from config.sections import TimmaApiOptions, TimmaOptions
from connectors.base import Connector
from connectors.errors import HoldSource, StopRun

if TYPE_CHECKING:
    from config.settings import Source
    from connectors.timma.rest import RestConnector

HINT = "timma.api.token and timma.api.base_url"


def connect(source: "Source", stop: threading.Event | None = None) -> Connector:
    """The connector of the salon, by files, REST, or both. Makes no call yet."""
    from connectors.timma.both import BothWays

    options = source.options
    if not isinstance(options, TimmaOptions):
        raise StopRun(f"source {source.name} has no [timma] section")
    files = _files(source.name, options, stop) if options.inbox is not None else None
    has_api = options.api.base_url is not None and options.api.token is not None
    rest = _rest(source.name, options, stop) if has_api else None
    if files and rest:
        return BothWays(source.name, files, rest)
    only = files or rest
    if only is None:
        raise HoldSource(f"nothing to read from; set {source.name}.inbox, or {HINT}")
    return only


def _files(name: str, options: TimmaOptions, stop: threading.Event | None) -> Connector:
    from connectors.files.connector import FileConnector, FileOptions
    from connectors.files.rows import Rules
    from connectors.timma.rest import ACTIVITY

    if options.inbox is None:
        raise StopRun(f"{name}.inbox is missing")
    rules = Rules(notes=options.notes, no_show_words=options.no_show_words)
    return FileConnector(
        FileOptions(
            name=name,
            setting=name,
            inbox=options.inbox,
            activity=ACTIVITY,
            columns=options.columns,
            rules=rules,
            after_import=options.after_import,
        ),
        stop,
    )


def _rest(name: str, options: TimmaOptions, stop: threading.Event | None) -> "RestConnector":
    from connectors.files.rows import Rules
    from connectors.http import HttpClient
    from connectors.timma.rest import RestConnector, Wire

    api = options.api
    headers = credentials(api)
    client = HttpClient(
        str(api.base_url),
        headers=headers,
        requests_per_minute=api.requests_per_minute,
        settings_hint=HINT,
        secrets=tuple(headers.values()),
        stop=stop,
    )
    wire = Wire(
        clients_path=api.clients_path,
        bookings_path=api.bookings_path,
        users_path=api.users_path,
        services_path=api.services_path,
        first_page=api.first_page,
        limit=api.limit,
        changed_since=api.changed_since,
        history_from=api.history_from,
    )
    return RestConnector(name, client, wire, Rules(notes=options.notes, no_show_words=options.no_show_words))


def credentials(api: TimmaApiOptions) -> dict[str, str]:
    """The headers of a request, under the names that are configured."""
    if api.token is None:
        raise HoldSource(f"the token is missing; look at {HINT}")
    token = api.token.get_secret_value()
    headers = {"authorization": f"Bearer {token}"} if api.bearer else {api.token_header: token}
    return headers | ({api.email_header: api.email} if api.email else {})
