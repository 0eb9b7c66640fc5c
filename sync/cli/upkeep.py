"""What commands begin with that write down what the controller keeps beside the data."""

from collections.abc import Callable, Mapping
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

MOST = 2**31 - 1
"""Of the integers that are numbers of rows."""


def act(
    ctx: typer.Context, action: str, deed: Deed[T], noted: Callable[[T], Mapping[str, str | int]], *, whom: bool = False
) -> T:
    """Do something and audit it in one transaction; what came of it. `noted`: ids and counts for the audit trail; with
    `whom` its `customer` is the customer whom it is about."""
    from datetime import UTC, datetime

    from privacy.requests import By
    from store import audit
    from store.engine import writing

    with opened(ctx) as desk, writing(desk.engine) as connection:
        by = By(actor(), datetime.now(UTC))
        done = deed(desk, connection, by)
        detail = dict(noted(done))
        customer = str(detail.pop("customer")) if whom else None
        audit.note(connection, by.now, by.actor, action, UPKEEP, customer_id=customer, detail=detail)
    return done


def tell(done: Mapping[str, object], *said: str, as_json: bool) -> None:
    """What came of it."""
    if as_json:
        document(done)
    else:
        lines(*said)
