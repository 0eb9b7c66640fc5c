"""From a configured source to its connector, by the convention that a platform is the package `connectors.NAME`."""

import threading
from importlib import import_module

from config.settings import Source
from connectors.base import Connector

# Sources are set up side by side, and two threads that import packages which need each other can fail half-way.
_one_at_a_time = threading.Lock()


def connect(source: Source, stop: threading.Event | None = None) -> Connector:
    """The connector of a source. Its module is imported here, so that a platform that is off costs nothing."""
    with _one_at_a_time:
        connector: Connector = import_module(f"connectors.{source.platform}").connect(source, stop)
    return connector
