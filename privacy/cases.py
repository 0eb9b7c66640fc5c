"""Feedback and claims, from the day on which they came to their end (R-16, R-17).

1. A case is open, then answered, then closed; one that needs no answer is closed at once, a claim only with an outcome.
2. What is closed may be reopened, with a reason. It says still when and how it was closed before; a further answer,
   outcome or reason stands on a line of its own.
3. With `hold` it holds back an erasure until it is closed: data may be kept that legal claims need (GDPR Art.
   17(3)(e)). A claim does so unless somebody says otherwise.

Call what changes something inside `store.engine.writing`. Raises `NotPossibleError` with the way out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from config.place import written
from privacy.errors import NotPossibleError
from privacy.requests import By
from store import cases
from store.cases import ANSWERED, CLOSED, OPEN
from store.hanging import customers_of

FEEDBACK, CLAIM = "feedback", "claim"
CHANNELS = ("email", "phone", "letter", "in_person", "web")
PURPOSES: Mapping[str, str] = {FEEDBACK: "feedback", CLAIM: "refunds_and_claims"}
"""Type of a case → the purpose of the register for which it is handled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A case as it came; fields as in `store.tables.CaseFile`."""

    type: str
    record_id: int | None
    customer_id: str | None
    brand: str | None
    channel: str
    received_on: date
    subject: str
    hold: bool


def begin(connection: Connection, came: Came, by: By) -> Row[Any]:
    """Open a case."""
    if came.received_on > by.today:
        raise NotPossibleError(f"a case cannot have come on {written(came.received_on)}, which is still to come")
    values = asdict(came) | {"state": OPEN, "opened_at": by.now, "opened_by": by.actor}
    return there(connection, cases.add(connection, values))


def there(connection: Connection, case_id: int) -> Row[Any]:
    """A case, open or closed."""
    found = cases.get(connection, case_id)
    if found is None:
        raise NotPossibleError(f"no case {case_id}; see `rekisteri case list --all`")
    return found


def customer_of(connection: Connection, case: Row[Any]) -> str | None:
    """The customer who the person is now; `None` where it is nobody's or they are gone."""
    return customers_of(connection, [case]).get(case.id)


def answer(connection: Connection, case_id: int, text: str, by: By) -> Row[Any]:
    """Note what was answered."""
    found = _still_open(connection, case_id)
    if found.state == ANSWERED:
        raise NotPossibleError(
            f"case {case_id} is answered already; if more came of it, `rekisteri case reopen {case_id} --reason TEXT`"
        )
    changed = {"answered_at": by.now, "answered_by": by.actor, "answer": _further(found.answer, text)}
    return _change(connection, case_id, ANSWERED, changed)


def close(connection: Connection, case_id: int, outcome: str | None, by: By) -> Row[Any]:
    """Close a case; from then on it holds nothing back."""
    found = _still_open(connection, case_id)
    if found.type == CLAIM and found.state != ANSWERED and outcome is None:
        raise NotPossibleError(f"claim {case_id} is not answered; say with --outcome what came of it")
    changed = {"closed_at": by.now, "closed_by": by.actor, "outcome": _further(found.outcome, outcome)}
    return _change(connection, case_id, CLOSED, changed)


def reopen(connection: Connection, case_id: int, reason: str, by: By) -> Row[Any]:
    """Open a case again that was answered or closed; one with `hold` holds back again."""
    found = there(connection, case_id)
    if found.state == OPEN:
        raise NotPossibleError(f"case {case_id} is open already")
    changed = {"reopened_at": by.now, "reopened_by": by.actor, "reopen_reason": _further(found.reopen_reason, reason)}
    return _change(connection, case_id, OPEN, changed)


def _still_open(connection: Connection, case_id: int) -> Row[Any]:
    found = there(connection, case_id)
    if found.state == CLOSED:
        raise NotPossibleError(f"case {case_id} is closed; first `rekisteri case reopen {case_id} --reason TEXT`")
    return found


def _further(before: str | None, text: str | None) -> str | None:
    return "\n".join(filter(None, (before, text))) or None


def _change(connection: Connection, case_id: int, state: str, changed: Mapping[str, Any]) -> Row[Any]:
    cases.change(connection, case_id, {"state": state, **changed})
    return there(connection, case_id)
