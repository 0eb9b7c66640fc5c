"""The sandbox platforms as sources: served on loopback or written as export files, with the settings that read them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

from config.errors import ConfigError
from connectors.sandbox.app import Sandbox
from connectors.sandbox.people import Population
from connectors.sandbox.registered import Platform, platforms
from connectors.sandbox.server import serve

Settings = dict[str, Any]


class Served(NamedTuple):
    """A sandbox that listens at `url`, and the settings that point the program at it."""

    sandbox: Sandbox
    url: str
    settings: Settings


def serve_all(stack: ExitStack, population: Population, port: int = 0) -> dict[str, Served]:
    """Serve every platform for as long as the stack lasts, on `port` and the ones after it; 0 is any free port."""
    return {
        name: serve_one(stack, platform, population, port + place if port else 0)
        for place, (name, platform) in enumerate(platforms().items())
    }


def serve_one(stack: ExitStack, platform: Platform, population: Population, port: int = 0) -> Served:
    """Serve one platform for as long as the stack lasts. Raises `ConfigError` where the port is taken."""
    sandbox = platform.build(population)
    try:
        served = stack.enter_context(serve(sandbox, port))
    except OSError as error:
        raise ConfigError(f"port {port} cannot be used ({error.strerror}); choose another", "--port") from None
    return Served(sandbox, served.url, platform.settings(served.url))


def toml_of(settings: Mapping[str, Any]) -> str:
    """Settings as TOML text."""
    return "\n".join(line for name, table in settings.items() for line in _table(name, table)) + "\n"


def _table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """A table, its values before its tables. JSON's texts, numbers and booleans are TOML's too."""
    below = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    values = {key: value for key, value in table.items() if key not in below}
    if values or not below:
        yield f"[{name}]"
    for key, value in values.items():
        yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in below.items():
        yield from _table(f"{name}.{key}", value)
