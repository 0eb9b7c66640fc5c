"""`rekisteri sandbox`: the sandbox platforms alone, for trying a configuration."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.running import stopping
from sync.cli.showing import write

if TYPE_CHECKING:
    from connectors.sandbox.app import Sandbox
    from connectors.sandbox.people import Population

Customers = Annotated[int, typer.Option(min=1, max=1_000_000, help="How many made-up people there are.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same people.")]


def sandbox(
    customers: Customers = 300,
    seed: Seed = 1,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65000, help="The first platform's port, the next one's follows; 0 lets the system choose."
        ),
    ] = 0,
) -> None:
    """Serve the sandbox platforms until Ctrl-C. Prints the configuration that points at them.

    \b
    Example:
      rekisteri sandbox
      rekisteri sandbox --customers 5000 --port 8400
    """
    from connectors.sandbox.people import Population

    stop = threading.Event()
    with ExitStack() as stack, stopping(stop):
        served = serve_all(stack, Population(seed, customers), port)
        sections = [toml_of(settings) for _, settings in served.values()]
        write("# Paste this into rekisteri.toml, then `rekisteri check` and `rekisteri sync`.\n" + "\n".join(sections))
        write("# Serving until Ctrl-C.\n")
        stop.wait()


def serve_all(stack: ExitStack, population: "Population", port: int = 0) -> dict[str, tuple["Sandbox", dict[str, Any]]]:
    """Serve every sandbox platform for as long as the stack lasts: its sandbox and settings by the platform's name."""
    from config.errors import ConfigError
    from connectors.sandbox.registered import platforms
    from connectors.sandbox.server import serve

    found = {}
    for place, (name, platform) in enumerate(platforms().items()):
        sandbox = platform.build(population)
        try:
            served = stack.enter_context(serve(sandbox, port + place if port else 0))
        except OSError as error:
            raise ConfigError(
                f"port {port + place} cannot be used ({error.strerror}); choose another", "--port"
            ) from None
        found[name] = (sandbox, platform.settings(served.url))
    return found


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
