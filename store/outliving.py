"""What people forbade outlives the record and the contact on which they said it.

A declaration that tightens (an objection, a restriction, a refusal or a withdrawal, in force) would be lost where the
record goes on which it hangs, or the contact by which it reaches one. So, before that happens:

1. Of a record that is to go, a marketing flag that went from yes to no: it becomes a withdrawal that is declared, for
   the flag goes with the record, and another platform's yes would stand.
2. Of the records that are to change or to go, those that a declaration reaches by a contact alone: it hangs on them.
3. The contacts that these records have now: it hangs on those too, and finds the person under another id.
4. Where they go: it hangs on the other records of the customer, with their contacts, since the customer stays who said
   it. Whom a person takes apart from the customer later, keeps it; they cannot know who of the two it was.

Call everything inside `store.engine.writing`. Each answers the records that are reached now and were not before: what
is published of their customers may not be true any more, so queue them.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby, pairwise
from operator import attrgetter

from sqlalchemy import Connection, select

from store import declarations
from store.among import among, chunks
from store.declarations import CONSENT, WITHDRAWN, Declared, Said
from store.tables import Declaration, DeclarationRecord, FlagObservation, Link, Origin, SourceRecord, table

_link = table(Link)
_flag = table(FlagObservation)
_record = table(SourceRecord)
_origin = table(Origin)
_declaration = table(Declaration)
_on_record = table(DeclarationRecord)

BY_FLAG = "platform flag"
"""How a withdrawal was declared that a platform's flag showed."""
_WHO = "rekisteri"


def before_change(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Call before these records get other contacts."""
    found = _forbidding(connection, record_ids)
    for one in found:
        _hang(connection, one, one.reached.intersection(record_ids))
    return _newly_reached(connection, found, record_ids)


def before_leaving(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Call before these records leave the live view, while their links and contacts stand."""
    _declare_flags(connection, record_ids)
    found = _forbidding(connection, record_ids)
    reached = {record for one in found for record in one.reached.intersection(record_ids)}
    owners = _owners(connection, _link.c.record_id, reached)
    staying: dict[str, set[int]] = {}
    for record, customer in _owners(connection, _link.c.customer_id, set(owners.values())).items():
        if record not in record_ids:
            staying.setdefault(customer, set()).add(record)
    for one in found:
        mine = one.reached.intersection(record_ids)
        others = {record for each in mine if each in owners for record in staying.get(owners[each], ())}
        _hang(connection, one, mine | others)
    return _newly_reached(connection, found, record_ids)


def _declare_flags(connection: Connection, record_ids: Collection[int]) -> None:
    """Write down the withdrawals that flags of these records showed, each once: a record may come back and go again.
    They hang on the record alone, as yet."""
    for record, channel, at in _withdrawn(connection, record_ids):
        known = select(_declaration.c.id).join(_on_record, _on_record.c.declaration_id == _declaration.c.id)
        same = (_declaration.c.kind == CONSENT, _declaration.c.channel == channel, _declaration.c.at == at)
        if connection.execute(known.where(_on_record.c.record_id == record, *same)).first() is None:
            of = select(_origin.c.controller_id, _origin.c.notice_version).join(
                _record, _record.c.origin_id == _origin.c.id
            )
            controller, notice = connection.execute(of.where(_record.c.id == record)).one()
            said = Said(
                kind=CONSENT,
                channel=channel,
                state=WITHDRAWN,
                method=BY_FLAG,
                controller=controller,
                grantee=controller,
                notice_version=notice,
                at=at,
                recorded_at=at,
                recorded_by=_WHO,
            )
            declarations.write(connection, said, [record], (), record)


def _withdrawn(connection: Connection, record_ids: Collection[int]) -> Iterator[tuple[int, str, datetime]]:
    """Record, channel and time of the last yes that became a no, of those of these that have one."""
    columns = (_flag.c.record_id, _flag.c.channel, _flag.c.value, _flag.c.observed_at)
    for batch in chunks(record_ids):
        said = (among(connection, _flag.c.record_id, batch), _flag.c.value.is_not(None))
        query = select(*columns).where(*said).order_by(_flag.c.record_id, _flag.c.channel, _flag.c.id)
        for (record, channel), seen in groupby(connection.execute(query).all(), attrgetter("record_id", "channel")):
            noes = [later.observed_at for earlier, later in pairwise(seen) if earlier.value and not later.value]
            if noes:
                yield record, channel, noes[-1]


def _forbidding(connection: Connection, record_ids: Collection[int]) -> list[Declared]:
    return [one for one in declarations.reaching(connection, record_ids) if one.lifted_at is None and one.said.tightens]


def _hang(connection: Connection, one: Declared, records: Iterable[int]) -> None:
    records = set(records)
    declarations.hang(connection, one.id, records, declarations.contacts_of(connection, records))


def _newly_reached(connection: Connection, found: Iterable[Declared], record_ids: Collection[int]) -> set[int]:
    """Whom these declarations, which reached some of the records already, reach besides now that they hang."""
    before = {one.id: one.reached for one in found}
    if not before:
        return set()
    return {
        record
        for one in _forbidding(connection, record_ids)
        for record in one.reached - before.get(one.id, frozenset())
    }


def _owners(connection: Connection, column: object, values: Collection[int] | Collection[str]) -> dict[int, str]:
    query = select(_link.c.record_id, _link.c.customer_id)
    return {
        record: customer
        for batch in chunks(values)
        for record, customer in connection.execute(query.where(among(connection, column, batch))).all()  # type: ignore[arg-type]
    }
