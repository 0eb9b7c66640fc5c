"""What a person means who names a customer, a record or the number of an entry; one refusal of each where that leads
nowhere."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from privacy.errors import NotPossibleError
from store.decisions import Named, record_named


def named(connection: Connection, reference: str, where: str | None = None) -> Named:
    """The live record and its customer that a reference names, as `store.decisions.record_named` reads it. `where` says
    of several references which one. Raises `NotPossibleError`."""
    found = record_named(connection, reference)
    if found is None:
        raise nobody(where)
    return found


def nobody(where: str | None = None) -> NotPossibleError:
    """The refusal. It does not repeat what was typed, which may be somebody's name."""
    place = f" ({where})" if where else ""
    return NotPossibleError(f"no customer or record with this id{place}; search with `rekisteri customers find`")


def numbered(entries: Iterable[Row[Any]], number: int, noun: str) -> Row[Any]:
    """The entry of this number in a list that `rekisteri NOUN list` shows. Raises `NotPossibleError`."""
    found = next((one for one in entries if one.id == number), None)
    if found is None:
        raise NotPossibleError(f"there is no {noun} {number}; see `rekisteri {noun} list`")
    return found
