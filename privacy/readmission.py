"""Whether rows come in that wait because they may be an erased person's. A person decides, and the decision is kept.

Admitted with the person: the tombstone is released, and whatever it kept out comes in with the next read. Admitted
alone: this row does, whatever else the tombstone names stays out; so somebody comes in who has an erased person's
number now. Refused: the row is dropped, now and each time that it is sent again.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from privacy.errors import NotPossibleError
from privacy.pseudonym import Pseudonyms
from privacy.requests import By
from store import returned, runs, tombstones
from store.returned import Returned

CUSTOMER = "customer"
ADMITTED = "admitted: lands when its source sends it again"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided about a row. `released`: the tombstone stops nobody any more."""

    row: Returned
    verdict: str
    released: bool


def admit(
    connection: Connection, id_: int, reason: str, pseudonyms: Pseudonyms, by: By, *, person: bool | None = None
) -> Outcome:
    """Let a row in, with its person or alone; by default a customer's row with the person, and any other alone.

    Call inside `store.engine.writing`. What was dropped before was never kept, so every stream is read anew.
    """
    row = _there(connection, id_)
    whole = row.kind == CUSTOMER if person is None else person
    _decide(connection, row, tombstones.ADMIT, reason, pseudonyms, by)
    mine = [other.id for other in returned.every(connection) if other.tombstone_id == row.tombstone_id]
    returned.admitted(connection, mine if whole else [row.id], ADMITTED)
    released = whole and tombstones.release(connection, row.tombstone_id, reason, by.actor, by.now)
    runs.ask_anew(connection)
    return Outcome(row, tombstones.ADMIT, released)


def refuse(connection: Connection, id_: int, reason: str, pseudonyms: Pseudonyms, by: By) -> Outcome:
    """Keep a row out for good. Call inside `store.engine.writing`."""
    row = _there(connection, id_)
    _decide(connection, row, tombstones.REFUSE, reason, pseudonyms, by)
    returned.let_go(connection, row.id)
    return Outcome(row, tombstones.REFUSE, released=False)


def _there(connection: Connection, id_: int) -> Returned:
    found = returned.get(connection, id_)
    if found is None:
        raise NotPossibleError(f"no row {id_} waits for a decision; see `rekisteri erased list`")
    return found


def _decide(connection: Connection, row: Returned, verdict: str, reason: str, pseudonyms: Pseudonyms, by: By) -> None:
    digest = pseudonyms.record(row.source, row.stream, row.external_id)
    tombstones.decide(connection, row.tombstone_id, digest, verdict, reason, by.actor, by.now)
