"""A full rebuild: every record's keys are made anew and every record is queued, as if the registry had none.

It happens when asked for, and by itself when keys or survivorship are made by other rules than those under which the
registry was published. Before the first publishing everything is queued anyway.
"""

from pydantic_core import from_json
from sqlalchemy import Engine

from store import rebuilding, runs, status
from store.engine import reading, writing
from sync.reconcile.keys import customer_keys
from sync.reconciling import Rules

KEYS_VERSION = "1"  # raise when `sync.reconcile.keys` folds differently
RULES = "rules"
_PART = 5_000


def rebuild(engine: Engine, rules: Rules, *, forced: bool) -> bool:
    """Queue everything where it is due; whether it was."""
    wanted = f"{KEYS_VERSION}:{rules.fingerprint}"
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
            rebuilding.replace_keys(
                connection,
                {row.id: customer_keys(from_json(row.payload), with_name=row.source in named) for row in rows},
            )
            after = rows[-1].id
