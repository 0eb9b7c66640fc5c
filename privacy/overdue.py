"""What is over its time in the registry as it stands: the review list before anything goes, and the look again in the
transaction in which something does.

1. Who is held back: people with an open request, a restriction, a claim that is still open; of whole people also those
   in the direct-marketing register, who were moved there for a reason of its own.
2. One pass over the records gives each person's last activity, and whatever row is over by its own rule.
3. What stands beside the registry (consents, requests, looks, quarantine, events) is asked for by its time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row

from config.place import HELSINKI
from privacy.holding import CASE, CLAIMS
from privacy.holding import CATEGORIES as HOLDABLE
from privacy.retention import (
    ACTIVITIES,
    AUDIT,
    CASES,
    CONSENTS,
    CONTACTS,
    CUSTOMERS,
    EVENTS,
    HELD,
    NOTES,
    QUARANTINE,
    REQUESTS,
    VANISHED,
    Holds,
    Item,
    Judged,
    Rule,
    acted,
    began,
    day_of,
    horizon,
    is_over,
    judge,
    limit,
)
from store import cases, contacts, declarations, direct_marketing, requests, retention
from store.hanging import customers_of, whose

REQUEST, RESTRICTION, CLAIM, REGISTER = "open request", "restriction", "open claim", "direct-marketing register"
_CLAIM = "claim:"
_GRANTED = "granted"
_RECORDS = (CUSTOMERS, *ACTIVITIES.values(), NOTES, VANISHED)

Rules = Mapping[str, Rule]
Review = dict[str, Judged]
"""What is over, by category, in the order in which it goes."""


def rules_in_force(connection: Connection) -> dict[str, Rule]:
    """The rule of each category that has one, `undefined` ones among them."""
    return {name: Rule(*ruling[:4]) for name, ruling in retention.rulings(connection).items()}


@dataclass(slots=True)
class _Scan:
    """One pass over records. `latest`: of each customer the last day on which anything happened by what is stated, and
    `since`, on which anything came in; `claimed`: whose rows a claim needs; `items`: what is over; `limits`: of each
    category the last day that is (`privacy.retention.limit`)."""

    rules: Rules
    limits: Mapping[str, date | None]
    latest: dict[str, date] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    items: dict[str, list[Item]] = field(default_factory=dict)

    def take(self, row: Row[Any]) -> None:
        payload = from_json(row.payload)
        marks = frozenset({row.id, row.owner_record_id, row.birth_id} - {None})
        day = self._activity(row, payload, marks) if row.kind in ACTIVITIES else None
        if row.customer is not None:
            self._person(row, acted(row.kind, payload, row.source_updated_at))
        if row.vanished_at is not None:
            self._note(VANISHED, Item(row.id, day_of(row.vanished_at), row.customer or row.birth_id, marks))
        if row.noted:
            self._note(
                NOTES, Item(row.id, day or day_of(row.source_updated_at or row.retrieved_at), row.customer, marks)
            )

    def _activity(self, row: Row[Any], payload: Mapping[str, Any], marks: frozenset[Any]) -> date:
        category = ACTIVITIES[row.kind]
        day = began(row.kind, payload, row.first_seen_at)
        self._note(category, Item(row.id, day, row.customer, marks))
        rule = self.rules.get(category)
        if row.customer is not None and rule is not None and rule.basis.casefold().startswith(_CLAIM):
            last = self.limits[category]
            if last is None or day > last:
                self.claimed.add(row.customer)
        return day

    def _person(self, row: Row[Any], day: date | None) -> None:
        seen = day_of(row.first_seen_at)
        self.since[row.customer] = max(seen, self.since.get(row.customer, seen))
        if day is not None:
            self.latest[row.customer] = max(day, self.latest.get(row.customer, day))

    def _note(self, category: str, item: Item) -> None:
        last = self.limits.get(category)
        if last is not None and item.began <= last:  # the others need not be remembered
            self.items.setdefault(category, []).append(item)

    def people(self) -> Iterator[Item]:
        """Customers by the day of their last activity; where nothing states any, by when they came in."""
        for customer, seen in self.since.items():
            yield Item(customer, self.latest.get(customer, seen), customer)


def review(connection: Connection, today: date, records: Collection[int] | None = None) -> Review:
    """What is over, and who is held back; with `records` only of these and what they own. Call inside a transaction."""
    rules = rules_in_force(connection)
    scan = _Scan(rules, {name: limit(rule, today) for name, rule in rules.items()})
    if any(_counts(rules, name) for name in _RECORDS):
        for row in retention.records(connection, records):
            scan.take(row)
    holds = holds_of(connection, scan.claimed)
    whole = Holds({**_registered(connection), **holds.people}, holds.marks)
    found: dict[str, Iterable[Item]] = {CUSTOMERS: scan.people()}
    found |= {name: scan.items.get(name, ()) for name in (VANISHED, *ACTIVITIES.values(), NOTES)}
    judged = {
        name: judge(name, rules.get(name), items, whole if name == CUSTOMERS else holds, today)
        for name, items in found.items()
    }
    return judged if records is not None else judged | _beside(connection, rules, holds, today)


def _counts(rules: Rules, category: str) -> bool:
    return category in rules and rules[category].period is not None


def holds_of(connection: Connection, claimed: Iterable[str] = ()) -> Holds:
    """Who stays as they are. A record that no customer has any more is known by its own number or birth id."""
    people = dict.fromkeys(claimed, CLAIM)
    marks: dict[Any, str] = {}
    for one in declarations.all_of(connection, declarations.RESTRICTION):
        marks.update(dict.fromkeys(one.records | one.reached | {one.anchor}, RESTRICTION))
    people.update(dict.fromkeys(declarations.reserved(connection).restricted, RESTRICTION))
    marks |= _claimed(connection, people)
    for request in requests.every(connection):
        people[requests.known_as(connection, request)] = REQUEST
        marks.update(dict.fromkeys(requests.records_of(connection, request), REQUEST))
    return Holds(people, marks)


def _claimed(connection: Connection, people: dict[str, str]) -> dict[Any, str]:
    """Marks of what an open claim holds back; its person is added to `people`."""
    open_ = cases.holding(connection)
    anchors = {row.record_id for row in open_ if row.record_id is not None}
    people.update(dict.fromkeys(customers_of(connection, open_).values(), CLAIM))
    return dict.fromkeys((*anchors, *((CASE, row.id) for row in open_)), CLAIM)


def _registered(connection: Connection) -> dict[str, str]:
    entries = direct_marketing.entries(connection)
    return {one.customer_id: REGISTER for one in entries if one.in_force and one.customer_id is not None}


def _beside(connection: Connection, rules: Rules, holds: Holds, today: date) -> Review:
    """What is over outside of the registry's records."""
    askers = {
        CONSENTS: _ended,
        REQUESTS: _closed,
        CASES: _dealt_with,
        CONTACTS: _contacted,
        AUDIT: _looks,
        QUARANTINE: _unread,
        EVENTS: _sent,
    }
    if _counts(rules, QUARANTINE) or _counts(rules, EVENTS):
        holds = Holds(holds.people, {**holds.marks, **_own_ids(connection, holds)})
    judged: Review = {}
    for name, ask in askers.items():
        rule = rules.get(name)
        items: Iterable[Item] = ()
        if rule is not None and rule.period is not None:
            items = ask(connection, datetime.combine(horizon(rule, today), time(), HELSINKI))
        judged[name] = judge(name, rule, items, holds, today)
    return judged | {HELD: _no_longer_held(connection, rules, holds, today)}


def _closed(connection: Connection, _before: datetime) -> Iterator[Item]:
    rows = retention.closed_requests(connection)
    customers = whose(connection, {row.anchor_record_id for row in rows} - {None})
    for row in rows:
        person = customers.get(row.anchor_record_id)
        yield Item(row.id, day_of(row.closed_at), person, frozenset({row.anchor_record_id}))


def _dealt_with(connection: Connection, before: datetime) -> Iterator[Item]:
    rows = [row for row in cases.cases(connection) if row.state == cases.CLOSED and row.closed_at < before]
    owners = customers_of(connection, rows)
    for row in rows:
        yield Item(row.id, day_of(row.closed_at), owners.get(row.id), frozenset({row.record_id, (CASE, row.id)}))


def _contacted(connection: Connection, before: datetime) -> Iterator[Item]:
    rows = contacts.before(connection, before)
    owners = customers_of(connection, rows)
    for row in rows:
        marks = frozenset({row.record_id, (CASE, row.case_id)})
        yield Item(row.id, day_of(row.at), owners.get(row.id), marks)


def _looks(connection: Connection, before: datetime) -> Iterator[Item]:
    for row in retention.audited(connection, before):
        yield Item(row.id, day_of(row.at), row.customer_id)


def _unread(connection: Connection, before: datetime) -> Iterator[Item]:
    for row in retention.quarantined(connection, before):
        yield Item(row.id, day_of(row.first_seen_at), None, frozenset({(row.source, row.stream, row.key)}))


def _sent(connection: Connection, before: datetime) -> Iterator[Item]:
    for row in retention.dealt_with(connection, before):
        marks = frozenset({(row.source, row.stream, row.external_id)})
        yield Item((row.source, row.event_id), day_of(row.received_at), None, marks)


def _ended(connection: Connection, _before: datetime) -> Iterator[Item]:
    """Consents that bear nothing any more: lifted ones, and grants that a later no overrides on all their records, for
    the same channel and at least the same brand. To lose one loosens nothing."""
    rows = retention.consents(connection)
    hangs = retention.hanging(connection, [row.id for row in rows])
    owners = retention.customers_of(connection, {record for records in hangs.values() for record in records})
    noes = [row for row in rows if row.state != _GRANTED and row.lifted_at is None]
    for row in rows:
        records = hangs.get(row.id, set())
        marks = frozenset({*records, *(owners[record] for record in records if record in owners)})
        if row.lifted_at is not None:
            yield Item(row.id, day_of(row.lifted_at), None, marks)
            continue
        later = [no.at for no in noes if _overrides(no, row) and records <= hangs.get(no.id, set())]
        if row.state == _GRANTED and later:
            yield Item(row.id, day_of(min(later)), None, marks)


def _overrides(no: Row[Any], grant: Row[Any]) -> bool:
    return bool(no.at > grant.at and no.channel == grant.channel and no.brand in (None, grant.brand))


def _own_ids(connection: Connection, holds: Holds) -> dict[tuple[str, str, str], str]:
    """By which ids of their sources rows of people are known who are held back."""
    if not holds.people and not holds.marks:
        return {}
    found = {}
    for row in retention.records(connection):
        why = holds.why(Item(row.id, date.min, row.customer, frozenset({row.id, row.owner_record_id, row.birth_id})))
        if why is not None:
            found[row.source, row.stream, row.external_id] = why
    return found


def _no_longer_held(connection: Connection, rules: Rules, holds: Holds, today: date) -> Judged:
    """Rows that a duty kept of erased people: until their last day, or by the rule of today where they have none; what
    a claim kept, until it is closed."""
    over = []
    for row in retention.held_back(connection):
        if row.category == CLAIMS:
            marks = frozenset((CASE, id_) for id_ in from_json(row.payload)["cases"])
            item = Item(row.id, day_of(row.held_at), None, marks)
            over += [item] if holds.why(item) is None else []
            continue
        rule = rules.get(row.category)
        day = began(row.kind, from_json(row.payload), row.held_at) if row.category in HOLDABLE else day_of(row.held_at)
        ended = row.hold_until < today if row.hold_until else is_over(rule, day, today)
        if ended:
            over.append(Item(row.id, day))
    return Judged(HELD, tuple(sorted(over, key=lambda item: (item.began, item.id))))
