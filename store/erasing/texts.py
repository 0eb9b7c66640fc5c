"""What is told of a person elsewhere: rows that could not be read, what a platform sent, what people wrote.

What could not be read goes, what people wrote stays without what it says of the person (`store.erasing.scope`).

Call everything inside `store.engine.writing`.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, Table, and_, delete, or_, select, update

from config import UPKEEP
from store import audit, events
from store.among import among
from store.chain import ERASED as TOMBSTONE
from store.chain import Cause
from store.erasing.going import names_of
from store.erasing.known import compared
from store.erasing.scope import JSON, REQUESTS, WHOLE, WRITTEN
from store.erasing.traces import Traces, words_of
from store.erasing.whose import Whose
from store.tables import (
    AuditPayload,
    GoldenValue,
    PlatformEvent,
    Quarantine,
    RightsRequest,
    RunProblem,
    table,
)

ERASED = "[erased]"
_ACTOR = "rekisteri"

_quarantine = table(Quarantine)
_problem = table(RunProblem)
_event = table(PlatformEvent)
_request = table(RightsRequest)
_golden = table(GoldenValue)
_payload = table(AuditPayload)
_OF_REQUESTS = tuple(table(model) for model in REQUESTS)

Id = tuple[str, str, str]
"""Source, stream, external id."""


@dataclass(frozen=True, slots=True)
class Told:
    """By what the person is found. `sure`: what is nobody's who stays; `own`: all of theirs, for texts that are known
    to be about them; `shared`: contacts that others have too, which count with a first name alone; `beside`: what goes
    with the sure traces where a text of others has one, first names and addresses. `ids`: of the rows. `requests`:
    those of the person. `whole`: nothing of the person stays."""

    whole: bool
    sure: Traces
    own: Traces
    shared: Traces
    beside: Traces
    firsts: frozenset[str]
    ids: frozenset[Id]
    requests: frozenset[int]

    def tells(self, text: str | None) -> bool:
        """Whether a text speaks of the person, and not only of those around them."""
        if self.sure.holds(text):
            return True
        return bool(text) and self.shared.holds(text) and not self.firsts.isdisjoint(compared(text))

    def without(self, text: str) -> str:
        """A text that is known to be about the person, without them; nothing of it where they cannot be cut out."""
        left = self.own.without(text)
        return ERASED if self.own.mentions(left) else left

    def cut_from(self, text: str) -> str:
        """A text of somebody else that speaks of the person, without them: contacts, whole names and addresses, and the
        first name where it stands by itself; nothing of it where they cannot be cut out."""
        left = self.beside.without(self.sure.without(text), of_others=True)
        if self.tells(left):
            left = self.shared.without(left)
        return ERASED if self.tells(left) or not words_of(left) else left


def told_of(connection: Connection, found: Whose) -> Told:
    """By what these people are found. Ask before their rows go."""
    rows = (*found.people, *found.activities)
    ids = frozenset((row.source, row.stream, row.external_id) for row in rows)
    numbers = [row.external_id for row in rows]
    if not found.whole:
        nothing = Traces()
        return Told(False, nothing, Traces(numbers=numbers), nothing, nothing, frozenset(), ids, frozenset())
    payloads = [from_json(row.payload) for row in found.people]
    published = _published(connection, found)
    given = [payload["email"] for payload in payloads if payload.get("email")]
    given += [text for field, text in published if field == "emails"]
    free_emails, shared, office = _emails(found, given)
    phones = {value for kind, value in found.contacts if kind == "phone"}
    free = {value for value in phones if ("phone", value) not in found.holders}
    names = {*_names(payloads), *(text for field, text in published if field == "name")}
    parts = {payload.get(name) or "" for payload in payloads for name in ("name", "first_name", "last_name")}
    parts |= {text for field, text in published if field in ("name", "first_name", "last_name")}
    streets = {payload.get("street") or "" for payload in payloads}
    firsts = {payload.get("first_name") or "" for payload in payloads}
    firsts |= {text for field, text in published if field == "first_name"}
    return Told(
        True,
        Traces(free_emails, free, [name for name in names if _keys_of(name).isdisjoint(found.borne)]),
        Traces(free_emails | shared | office, phones, {*names, *streets}, parts, numbers),
        Traces(shared, phones - free),
        Traces(names=streets, words=firsts),
        found.firsts,
        ids,
        frozenset(_requests(connection, found)),
    )


def _emails(found: Whose, given: Iterable[str]) -> tuple[set[str], set[str], set[str]]:
    """Addresses as they were given and as they are folded: those that are nobody's who stays; the shared ones; and the
    others, which are no contact of a person, for they are an office's."""
    folded = {value for kind, value in found.contacts if kind == "email"}
    shared = {value for value in folded if ("email", value) in found.holders}
    free = folded - shared
    office: set[str] = set()
    for email in given:
        spelt = _spelt(email)
        (shared if spelt & shared else free if spelt & folded else office).add(email)
    return free, shared, office


def _spelt(email: str) -> set[str]:
    """What an address may be folded to (`store.tables.MatchKey`)."""
    local, _, domain = email.strip().casefold().rpartition("@")
    plain = local.partition("+")[0] or local
    dotless = {f"{plain.replace('.', '')}@gmail.com"} if domain in ("gmail.com", "googlemail.com") else set()
    return {f"{local}@{domain}", f"{plain}@{domain}"} | dotless


def _published(connection: Connection, found: Whose) -> list[tuple[str, str]]:
    """Published names and addresses, corrected ones too."""
    query = select(_golden.c.field, _golden.c.value).where(
        among(connection, _golden.c.customer_id, list(found.customers)),
        _golden.c.field.in_(("name", "first_name", "last_name", "emails")),
    )
    values = ((field, from_json(text)) for field, text in connection.execute(query).all())
    return [(field, value) for field, value in values if isinstance(value, str)]


def _names(payloads: Collection[Mapping[str, Any]]) -> Iterator[str]:
    for payload in payloads:
        yield payload.get("name") or ""
        yield " ".join(filter(None, (payload.get("first_name"), payload.get("last_name"))))


def _keys_of(name: str) -> set[str]:
    """The match keys of a whole name."""
    return {" ".join(sorted(words)) for words in (words_of(name), compared(name))}


def _requests(connection: Connection, found: Whose) -> Iterator[int]:
    anchor = _request.c.anchor_record_id
    named = and_(anchor.is_(None), among(connection, _request.c.customer_id, names_of(connection, found)))
    mine = or_(among(connection, anchor, found.person_ids), named)
    yield from connection.execute(select(_request.c.id).where(mine)).scalars()


def quarantined(connection: Connection, told: Told) -> dict[int, Id]:
    """Rows in quarantine that are the person's, by their id or by what they say: their own ids of each."""
    columns = [_quarantine.c[name] for name in ("id", "source", "stream", "key", "fields")]
    found: dict[int, Id] = {}
    for row in connection.execute(select(*columns)).all():
        id_ = (row.source, row.stream, row.key)
        if id_ in told.ids or told.tells(row.fields):
            found[row.id] = id_
    return found


def forget(
    connection: Connection,
    told: Told,
    quarantined: Collection[int],
    looks: Collection[int],
    now: datetime,
    *,
    tombstone: int,
) -> Counter[str]:
    """Take out of every table what is told of the person; the number of rows, by table. `looks`: audit events about
    them, of which the payload goes because of the tombstone, which came into force `now`."""
    gone: Counter[str] = Counter()
    _count(gone, _quarantine, connection.execute(delete(_quarantine).where(_quarantine.c.id.in_(quarantined))).rowcount)
    _count(gone, _problem, _drop_problems(connection, told))
    _count(gone, _event, _empty_events(connection, told))
    if told.whole:
        speaking, cause = {*looks, *_audited(connection, told)}, Cause(TOMBSTONE, tombstone)
        _count(gone, _payload, audit.empty(connection, speaking, now, _ACTOR, UPKEEP, cause=cause))
    for columns, cut in ((WRITTEN, True), (WHOLE, False)) if told.whole else ():
        for of, name in ((table(model), name) for model, names in columns.items() for name in names):
            if of in _OF_REQUESTS:
                _count(gone, of, _clear_own(connection, of, name, told))
            _count(gone, of, _clear(connection, of, name, told, cut=cut))
    return gone


def _count(gone: Counter[str], of: Table, number: int) -> None:
    if number:
        gone[of.name] += number


def _drop_problems(connection: Connection, told: Told) -> int:
    """Problems that name one of the person's rows, or the person. Many say the same, so each text is read once."""
    sources = {source for source, _, _ in told.ids}
    number = 0
    for source, reason in connection.execute(select(_problem.c.source, _problem.c.reason).distinct()).all():
        if (source in sources and told.own.numbers_in(reason)) or told.tells(reason):
            same = (_problem.c.source == source, _problem.c.reason == reason)
            number += connection.execute(delete(_problem).where(*same)).rowcount
    return number


def _empty_events(connection: Connection, told: Told) -> int:
    """What a platform sent of the person: the event is known still, unless its own id would tell, and holds nothing.
    One that waits is done with, since what it brings would be held back."""
    columns = [_event.c[name] for name in ("source", "stream", "event_id", "external_id", "fields", "state")]
    mine = among(connection, _event.c.external_id, {id_ for _, _, id_ in told.ids})
    number = 0
    for row in connection.execute(select(*columns).where(or_(mine, _event.c.fields.is_not(None)))).all():
        if (row.source, row.stream, row.external_id) not in told.ids and not told.tells(row.fields):
            continue
        this = (_event.c.source == row.source, _event.c.event_id == row.event_id)
        if told.own.mentions(row.event_id):
            number += connection.execute(delete(_event).where(*this)).rowcount
            continue
        state = events.DROPPED if row.state == events.WAITING else row.state
        emptied = {"external_id": None, "fields": None, "state": state}
        number += connection.execute(update(_event).where(*this).values(emptied)).rowcount
    return number


def looks(connection: Connection, found: Whose) -> list[int]:
    """Audit events about the person. Ask before the ids go that led to them."""
    mine = among(connection, _payload.c.customer_id, names_of(connection, found) if found.whole else [])
    return list(connection.execute(select(_payload.c.event_id).where(mine)).scalars())


def _audited(connection: Connection, told: Told) -> Iterator[int]:
    """Audit events of which the detail speaks of the person."""
    for text in connection.execute(_filled(_payload, "detail").distinct()).scalars().all():
        if told.tells(text):
            same = select(_payload.c.event_id).where(_payload.c.detail == text)
            yield from connection.execute(same).scalars()


def _clear(connection: Connection, of: Table, name: str, told: Told, *, cut: bool) -> int:
    """Texts of a column that speak of the person: they are cut out, or with them all that it says; how many. Many rows
    say the same, so each is read once."""
    number = 0
    for text in connection.execute(_filled(of, name).distinct()).scalars().all():
        if told.tells(text):
            left = (_cut_json(name, text, told) if name in JSON else told.cut_from(text)) if cut else ERASED
            number += connection.execute(update(of).where(of.c[name] == text).values({name: left})).rowcount
    return number


def _cut_json(name: str, text: str, told: Told) -> str:
    """What `cut_from` leaves of each text in a JSON text."""
    left = json.dumps(_each_text(from_json(text), told.cut_from), ensure_ascii=False, sort_keys=True)
    return _left(name) if told.tells(left) else left


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _each_text(one, change) for name, one in value.items()}
    return value


def _clear_own(connection: Connection, of: Table, name: str, told: Told) -> int:
    """As `_clear`, in rows of the person's own requests, where less is enough."""
    number = 0
    of_request = of.c.request_id if "request_id" in of.c else of.c.id
    mine = _filled(of, name).add_columns(of.c.id).where(of_request.in_(told.requests))
    for text, id_ in connection.execute(mine).all():
        if told.own.names_in(text) if name in JSON else told.own.mentions(text):
            number += connection.execute(update(of).where(of.c.id == id_).values({name: _left(name)})).rowcount
    return number


def _filled(of: Table, name: str) -> Select[Any]:
    """Texts of a column, without those that cannot speak of anybody."""
    text = of.c[name]
    query = select(text).where(text.is_not(None), text.not_in(("", "{}", ERASED)))
    return query.where(text.contains('"')) if name in JSON else query


def _left(name: str) -> str:
    return {"value": f'"{ERASED}"', "detail": f'{{"text": "{ERASED}"}}'}.get(name, ERASED)
