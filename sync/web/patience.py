"""How long the HTTP side waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds.

    `look`: without one the database counts as silent, and a look that hangs is cut. `answer`: for the database, before
    metrics and page go without it and a delivery is not kept; Prometheus gives up after ten. `head` and `body`: for
    what a stranger sends. `farewell`: for requests in flight when the server stops.
    """

    look: float = 5.0
    answer: float = 8.0
    head: float = 10.0
    body: float = 20.0
    farewell: int = 5
