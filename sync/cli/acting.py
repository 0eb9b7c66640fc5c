"""What commands begin with that do something: the database opened, and one transaction that ends with its note in the
audit trail; and what they say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import typer

from config import UPKEEP
from sync.cli.opening import Desk, actor, opened
from sync.cli.showing import document, lines

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from privacy.requests import By

T = TypeVar("T")
Deed = Callable[[Desk, "Connection", "By"], T]


@dataclass(frozen=True, slots=True)
class Noted:
    """What the audit trail says of an act: ids and counts, about whom, and for which purpose."""

    detail: Mapping[str, str | int]
    customer_id: str | None = None
    purpose: str = UPKEEP


def act(
    ctx: typer.Context,
    action: str,
    deed: Deed[T],
    noted: Callable[[T], Noted],
    *,
    then: Callable[[Desk], None] | None = None,
) -> T:
    """Do something and audit it in one transaction; what came of it. `then` is done once that is committed."""
    from datetime import UTC, datetime

    from privacy.requests import By
    from store import audit
    from store.engine import writing

    with opened(ctx) as desk:
        with writing(desk.engine) as connection:
            by = By(actor(), datetime.now(UTC))
            done = deed(desk, connection, by)
            note = noted(done)
            audit.note(
                connection, by.now, by.actor, action, note.purpose, customer_id=note.customer_id, detail=note.detail
            )
        if then is not None:
            then(desk)
    return done


def tell(done: Mapping[str, object], *said: str, as_json: bool) -> None:
    """What came of it."""
    if as_json:
        document(done)
    else:
        lines(*said)
