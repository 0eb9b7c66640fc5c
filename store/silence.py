"""A connection to PostgreSQL that does not wait for ever for a server that says nothing.

A server that is frozen, or something on the way that takes packets and passes none on, keeps a connection up: the
system sees each packet acknowledged, and libpq knows no bound for an answer. While a statement is at work, nothing
comes either, so the patience is longer than any wait for a lock (`store.engine`), after which the server itself speaks.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import Ready

T = TypeVar("T")

PATIENCE_S = 90.0


class Impatient(psycopg.Connection[Any]):
    """Breaks where not a byte went either way for `PATIENCE_S`: whoever waits gets an `OperationalError`."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        """Do what the generator says. The driver calls this for everything, and tells the generator ten times a second
        that nothing has come."""
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, gen: PQGen[T]) -> Generator[Any, Any, T]:
        heard = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready != Ready.NONE:
                    heard = time.monotonic()
                elif time.monotonic() - heard > PATIENCE_S:
                    self.close()
                    raise psycopg.OperationalError(f"the server has said nothing for {PATIENCE_S:.0f} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result
