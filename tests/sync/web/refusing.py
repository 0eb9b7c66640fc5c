"""A database that answers every question and takes nothing, as on a full disk or a server turned read-only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_BAD = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}
_GOOD = {"sqlite": "PRAGMA query_only = OFF", "postgresql": "SET default_transaction_read_only = off"}
WORDS = {"sqlite": "it may not be written", "postgresql": "PostgreSQL takes no changes"}


@contextmanager
def refusing(engine: Engine) -> Iterator[str]:
    """While it lasts. Gives how the complaint begins."""
    told = [_BAD]

    @event.listens_for(engine, "checkout")
    def tell(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(told[-1][engine.dialect.name])
        connection.commit()

    yield WORDS[engine.dialect.name]
    told.append(_GOOD)
