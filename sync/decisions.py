"""Decisions of people, applied to the registry at once. They win over every rule, for every later run (invariant 9).

Call everything here inside `store.engine.writing`. Ids are those of `store.decisions.record_named`.
"""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from store import decisions
from store.decisions import Named, Pair
from sync.reconcile.cluster import DIFFERENT, SAME
from sync.reconciling import Act, Rules, Tally, reconcile_records

_ID = re.compile(r"[^\s@:]+:[^\s@]+|[0-9a-f-]{36}|[0-9]{1,6}")
"""`SOURCE:EXTERNAL_ID`, a customer's id, a record's."""


class UnknownError(Exception):
    """What was named is not there, or the decision makes no sense. The text quotes ids only."""


def same(connection: Connection, a: str, b: str, *, rules: Rules, act: Act) -> int:
    """A person says that two are one. Answers the decision's id."""
    return _decide(connection, SAME, _between(connection, *_two(connection, a, b)), rules, act)


def different(connection: Connection, a: str, b: str, *, rules: Rules, act: Act) -> int:
    """A person says that two are not one. Two records of one customer come apart; of two customers, none ever meet."""
    return _decide(connection, DIFFERENT, _between(connection, *_two(connection, a, b)), rules, act)


def split(connection: Connection, customer: str, record: str, *, rules: Rules, act: Act) -> int:
    """A person takes a record out of a customer: it is different from every record that stays."""
    named = decisions.record_named(connection, customer)
    whole = named.customer_id if named else None
    leaving = decisions.record_named(connection, record)
    if whole is None:
        raise UnknownError(f"no customer {_said(customer)}")
    if leaving is None or leaving.customer_id != whole:
        raise UnknownError(f"customer {customer} has no record {_said(record)}")
    staying = [other for other in decisions.records_of(connection, whole) if other != leaving.record_id]
    if not staying:
        raise UnknownError(f"customer {customer} has one record only, there is nothing to split")
    return _decide(connection, DIFFERENT, [(leaving.record_id, other) for other in staying], rules, act)


def undo(connection: Connection, decision_id: int, *, rules: Rules, act: Act) -> None:
    """Take a decision back: the rules judge again, with the decisions that remain."""
    pairs = decisions.take_back(connection, decision_id, act.actor, act.now)
    if pairs is None:
        raise UnknownError(f"no decision {decision_id} is in force")
    _apply(connection, pairs, rules, act)


def _said(reference: str) -> str:
    """What was named, where it reads as an id: else it may be somebody's name."""
    return reference if _ID.fullmatch(reference) else "of this id; search with `rekisteri customers find`"


def _between(connection: Connection, first: Named, second: Named) -> list[Pair]:
    """What the decision is about. Of two customers it is about all their records, so that it outlives any one of them;
    within a customer it is about the two records named."""
    if first.customer_id == second.customer_id:
        return [(first.record_id, second.record_id)]
    theirs = decisions.records_of(connection, second.customer_id)
    return [(a, b) for a in decisions.records_of(connection, first.customer_id) for b in theirs]


def _two(connection: Connection, a: str, b: str) -> tuple[Named, Named]:
    found = []
    for reference in (a, b):
        named = decisions.record_named(connection, reference)
        if named is None:
            raise UnknownError(f"no live record or customer {_said(reference)}")
        found.append(named)
    if found[0].record_id == found[1].record_id:
        raise UnknownError(f"{a} and {b} name the same record")
    return found[0], found[1]


def _decide(connection: Connection, verdict: str, pairs: Sequence[Pair], rules: Rules, act: Act) -> int:
    id_ = decisions.write(connection, verdict, pairs, act.actor, act.now)
    _apply(connection, pairs, rules, act)
    return id_


def _apply(connection: Connection, pairs: Iterable[Pair], rules: Rules, act: Act) -> None:
    reconcile_records(connection, {record for pair in pairs for record in pair}, rules, act, Tally())
