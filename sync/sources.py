"""From a configured source to its connector, by the convention that a platform is the package `connectors.NAME`."""

import threading
from importlib import import_module
from types import ModuleType

from config.settings import Source
from connectors.base import Connector
from connectors.hooks import Receiver, Registrar

# Sources are set up side by side, and two threads that import packages which need each other can fail half-way.
_one_at_a_time = threading.Lock()


def connect(source: Source, stop: threading.Event | None = None) -> Connector:
    """The connector of a source. Its module is imported here, so that a platform that is off costs nothing."""
    connector: Connector = _package(source).connect(source, stop)
    return connector


def receiver(source: Source) -> Receiver | None:
    """What understands the deliveries of a source; `None` where its platform sends none."""
    make = getattr(_package(source), "receiver", None)
    return make(source) if make else None


def registrar(source: Source, stop: threading.Event | None = None) -> Registrar | None:
    """The platform's list of deliveries; `None` where it sends none."""
    make = getattr(_package(source), "registrar", None)
    return make(source, stop) if make else None


def _package(source: Source) -> ModuleType:
    with _one_at_a_time:
        return import_module(f"connectors.{source.platform}")
