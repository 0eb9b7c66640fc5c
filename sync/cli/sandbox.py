"""`rekisteri sandbox`: the sandbox platforms alone, for trying a configuration."""

import threading
from contextlib import ExitStack
from typing import Annotated

import typer

from sync.cli.running import stopping
from sync.cli.showing import write

Customers = Annotated[int, typer.Option(min=1, max=1_000_000, help="How many made-up people there are.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same people.")]
Port = Annotated[
    int, typer.Option(min=0, max=65_000, help="Port of the first platform, the next one's follows; 0 is any free one.")
]


def sandbox(customers: Customers = 300, seed: Seed = 1, port: Port = 0) -> None:
    """Serve the sandbox platforms until Ctrl-C.

    Prints the configuration that points at them, a whole rekisteri.toml for an empty folder.

    \b
    Example:
      rekisteri sandbox > rekisteri.toml
      rekisteri sandbox --customers 5000 --port 8400
    """
    from connectors.sandbox.people import Population
    from sync.sandboxes import serve_all, toml_of

    stop = threading.Event()
    with ExitStack() as stack, stopping(stop):
        served = serve_all(stack, Population(seed, customers), port)
        write("# A whole rekisteri.toml, for an empty folder. Then run `rekisteri check` and `rekisteri sync`.\n")
        write("\n".join(toml_of(one.settings) for one in served.values()))
        write("# Serving until Ctrl-C.\n")
        typer.echo("", nl=False)
        stop.wait()
