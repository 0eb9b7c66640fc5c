"""From a configured source to its connector, by the convention that a platform is the package `connectors.NAME`."""

import threading
from importlib import import_module

from config.settings import Source
from connectors.base import Connector


def connect(source: Source, stop: threading.Event | None = None) -> Connector:
    """The connector of a source. Its module is imported here, so that a platform that is off costs nothing."""
    connector: Connector = import_module(f"connectors.{source.platform}").connect(source, stop)
    return connector
