"""From a configured source to its connector, by the convention that a platform is the package `connectors.NAME`.

What a platform sends by itself is optional: its package has the functions `receiver` and `registrar`, or it has not.
"""

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from config.settings import Source
from connectors.base import Connector

if TYPE_CHECKING:
    from connectors.hooks import Receiver, Registrar

# Sources are set up side by side, and two threads that import packages which need each other can fail half-way.
_one_at_a_time = threading.Lock()


def connect(source: Source, stop: threading.Event | None = None) -> Connector:
    """The connector of a source. Its module is imported here, so that a platform that is off costs nothing."""
    with _one_at_a_time:
        connector: Connector = import_module(f"connectors.{source.platform}").connect(source, stop)
    return connector


def receiver(source: Source) -> "Receiver | None":
    """What understands the deliveries of a source; `None` where its platform sends none."""
    made: Receiver | None = _offered(source, "receiver")
    return made


def registrar(source: Source, stop: threading.Event | None = None) -> "Registrar | None":
    """The list of where a source's platform sends deliveries; `None` where it has none."""
    made: Registrar | None = _offered(source, "registrar", stop)
    return made


def _offered(source: Source, name: str, *arguments: Any) -> Any:
    with _one_at_a_time:
        make = getattr(import_module(f"connectors.{source.platform}"), name, None)
        return make(source, *arguments) if make else None
