"""A change of match model as an act of its own: look at what it would do, then do it, or leave it.

It decides over the whole registry at once (`sync.whole`), queues the records for which that says something else, and
works them off as a run does; what is right already is not touched. Events and people's decisions wait for no lock of a
run, and what they reach is reconciled at once, by the former model: so the look that counts is taken in the transaction
that takes the new one.
"""

from collections.abc import Callable

from sqlalchemy import Engine

from config import UPKEEP
from store import audit
from store.engine import reading, writing
from store.landing import enqueue
from sync.models import adopt
from sync.reconciling import Act, Rules, Tally, reconcile
from sync.whole import Difference, difference


def preview(engine: Engine, rules: Rules) -> Difference:
    """What deciding by these rules would change. Writes nothing, and never waits for a writer."""
    with reading(engine) as connection:
        return difference(connection, rules.model, rules.limits)


def rematch(engine: Engine, rules: Rules, act: Act, *, stopped: Callable[[], bool] = lambda: False) -> Tally:
    """Take the model of these rules and do what a preview would find now, and audit it. Cut at any moment, the next run
    goes on with the queue."""
    with writing(engine) as connection:
        found = difference(connection, rules.model, rules.limits)
        adopt(connection, rules.model)
        enqueue(connection, found.records)
        detail: dict[str, str | int] = {
            "model": rules.model.fingerprint,
            "joins": len(found.joins),
            "splits": len(found.splits),
        }
        audit.note(connection, act.now, act.actor, "rematch", UPKEEP, detail=detail)
    return reconcile(engine, rules, act, stopped=stopped)
