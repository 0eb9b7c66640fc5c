"""Whom the controller must tell that it has their data from others, and by when (GDPR Art. 14).

1. Within a reasonable time after the data came, and at the latest within a month (Art. 14(3)(a)), which ends as that of
   a request does (`privacy.duedate`).
2. Where the person is written to before, with that first message (14(3)(b)); where the data are disclosed before, with
   that first disclosure (14(3)(c)). Until the end of that day it may be written down.
3. Not where a letter of Art. 14(5) exempts: a, they know already; b, impossible or disproportionate; c, the law lays
   the obtaining down; d, professional secrecy.

Where a record came from stands in its origin. `third_party` starts the clock; of `unknown` the controller has to find
it out first. Call what reads inside `store.engine.reading`, what writes inside `store.engine.writing`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from config.place import HELSINKI, written
from privacy import duedate
from privacy.errors import NotPossibleError
from privacy.naming import named
from privacy.requests import By
from store import indirect
from store.indirect import THIRD_PARTY, Told, Untold

TO_TELL, TOLD, EXEMPT, UNKNOWN = "to_tell", "told", "exempt", "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with data from others. `records`: those that brought them, `SOURCE:EXTERNAL_ID`; `parties`: who handed
    them on. `due_on`: of whom is to be told. `used_on`: when they were written to, or disclosed, before."""

    customer_id: str
    state: str
    records: tuple[str, ...]
    parties: tuple[str, ...]
    since: date
    due_on: date | None
    used_on: date | None
    told: Told | None


def due_on(since: datetime, *uses: datetime | None) -> date:
    """The last day on which somebody whose data came at this time is told in time."""
    return min([duedate.due(_day(since)), *(_day(use) for use in uses if use is not None)])


def overdue(untold: Iterable[Untold], today: date) -> int:
    """How many people should have been told by now."""
    return sum(one.people for one in untold if due_on(one.since, one.written_at, one.disclosed_at) < today)


def people(connection: Connection) -> list[Person]:
    """Everybody with data from others, who is to be told first, and of these whoever is due first."""
    told = indirect.notices(connection)
    mine: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in indirect.records(connection):
        mine[row.customer_id].append(row)
    found = [_person(customer, rows, told) for customer, rows in mine.items()]
    order = (TO_TELL, TOLD, EXEMPT, UNKNOWN)
    return sorted(found, key=lambda one: (order.index(one.state), one.due_on or one.since, one.customer_id))


def _person(customer_id: str, rows: Sequence[Row[Any]], told: Mapping[int, Told]) -> Person:
    """Of somebody with several records those count that are to be told of, else those that were, else the unknown."""
    waiting = [row for row in rows if row.id not in told]
    due = [row for row in waiting if row.collected_from == THIRD_PARTY]
    settled = [row for row in rows if row.id in told]
    counting = due or settled or waiting
    last = told[settled[-1].id] if settled and not due else None
    uses = [use for row in due for use in (row.written_at, row.disclosed_at) if use is not None]
    state = TO_TELL if due else UNKNOWN if last is None else EXEMPT if last.exemption else TOLD
    return Person(
        customer_id,
        state,
        tuple(f"{row.source}:{row.external_id}" for row in counting),
        tuple(dict.fromkeys(row.processor for row in counting)),
        min(_day(row.first_seen_at) for row in counting),
        min((due_on(row.first_seen_at, row.written_at, row.disclosed_at) for row in due), default=None),
        _day(min(uses)) if uses else None,
        last,
    )


def tell(connection: Connection, reference: str, on: date, method: str, by: By) -> tuple[str, int]:
    """Write down that a customer was told of all that came from others; their id and the number of records."""
    return _settle(connection, reference, Told(on, method, None, by.now, by.actor))


def exempt(connection: Connection, reference: str, letter: str, reason: str, by: By) -> tuple[str, int]:
    """Write down why a customer need not be told, by a letter of Art. 14(5); their id and the number of records."""
    return _settle(connection, reference, Told(by.today, reason, letter, by.now, by.actor))


def _settle(connection: Connection, reference: str, told: Told) -> tuple[str, int]:
    customer = named(connection, reference).customer_id
    mine = [row.id for row in indirect.records(connection, customer)]
    if not mine:
        raise NotPossibleError(f"nothing of customer {customer} came from others, as far as the register says")
    before = indirect.notices(connection, mine)
    waiting = [record for record in mine if record not in before]
    if not waiting:
        since = max(_day(one.recorded_at) for one in before.values())
        raise NotPossibleError(f"of customer {customer} this is written down already, since {written(since)}")
    indirect.write(connection, waiting, told)
    return customer, len(waiting)


def _day(moment: datetime) -> date:
    return moment.astimezone(HELSINKI).date()
