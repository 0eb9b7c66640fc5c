"""From a configured source to its connector, by the convention that a platform is the package `connectors.NAME`."""

import threading
from importlib import import_module
from typing import Any

from config.settings import Source
from connectors.base import Connector
from connectors.hooks import Receiver, Registrar

# Sources are set up side by side, and two threads that import packages which need each other can fail half-way.
_one_at_a_time = threading.Lock()


def connect(source: Source, stop: threading.Event | None = None) -> Connector:
    """The connector of a source. Its module is imported here, so that a platform that is off costs nothing."""
    connector: Connector = _made(source, "connect", stop)
    return connector


def receiver(source: Source) -> Receiver | None:
    """What understands the deliveries of a source; `None` where its platform sends none."""
    found: Receiver | None = _made(source, "receiver")
    return found


def registrar(source: Source, stop: threading.Event | None = None) -> Registrar | None:
    """The platform's list of deliveries; `None` where it sends none."""
    found: Registrar | None = _made(source, "registrar", stop)
    return found


def _made(source: Source, name: str, *arguments: object) -> Any:
    """What the platform's package makes under this name; `None` where it makes no such thing."""
    with _one_at_a_time:
        make = getattr(import_module(f"connectors.{source.platform}"), name, None)
        return make(source, *arguments) if make else None
