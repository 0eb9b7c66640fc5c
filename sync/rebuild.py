"""A full rebuild: every record's keys are made anew and every record is queued, as if the registry had none.

It happens when asked for, and by itself when keys or survivorship are made by other rules than those under which the
registry was published. Before the first publishing everything is queued anyway.
"""

from pydantic_core import from_json
from sqlalchemy import Connection, Engine

from store import rebuilding, runs, status
from store.batch import Matching
from store.engine import reading, writing
from sync.prepare import customer_matching
from sync.reconciling import Rules

KEYS_VERSION = "3"  # raise when `sync.reconcile` folds keys or caps verdicts differently
RULES = "rules"
_PART = 5_000


def rebuild(engine: Engine, rules: Rules, *, forced: bool) -> bool:
    """Queue everything where it is due; whether it was."""
    wanted = _stamp(rules)
    with reading(engine) as connection:
        held = runs.stamp(connection, RULES)
        nothing_yet = held is None and not status.registry_size(connection).records
    if nothing_yet:
        with writing(engine) as connection:
            runs.set_stamp(connection, RULES, wanted)
    if nothing_yet or (held == wanted and not forced):
        return False
    after = 0
    while True:
        with writing(engine) as connection:
            rows = rebuilding.customers_after(connection, after, _PART)
            if not rows:
                runs.set_stamp(connection, RULES, wanted)
                return True
            named = rebuilding.sources_with_names(connection)
            found: dict[str, list[tuple[int, Matching]]] = {}
            for row in rows:
                made = customer_matching(from_json(row.payload), with_name=row.source in named)
                found.setdefault(row.source, []).append((row.id, made))
            rebuilding.replace_matching(connection, found)
            after = rows[-1].id


def is_due(connection: Connection, rules: Rules) -> bool:
    """Whether the registry was published under other rules, so that the next run rebuilds it."""
    return runs.stamp(connection, RULES) not in (None, _stamp(rules))


def _stamp(rules: Rules) -> str:
    return f"{KEYS_VERSION}:{rules.fingerprint}"
