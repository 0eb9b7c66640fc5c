"""What is told of a person elsewhere: rows that could not be read, what a platform sent, what people wrote.

What could not be read goes, what people wrote stays without the text (`store.erasing.scope`).

Call everything inside `store.engine.writing`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Table, delete, literal, or_, select, update

from store import events
from store.among import among
from store.erasing.going import names_of
from store.erasing.scope import JSON, REQUESTS, WRITTEN
from store.erasing.traces import Traces, words_of
from store.erasing.whose import Whose, compared
from store.tables import (
    GoldenValue,
    MatchKey,
    PlatformEvent,
    Quarantine,
    RightsRequest,
    RunProblem,
    table,
)

ERASED = "[erased]"

_quarantine = table(Quarantine)
_problem = table(RunProblem)
_event = table(PlatformEvent)
_request = table(RightsRequest)
_golden = table(GoldenValue)
_key = table(MatchKey)

Id = tuple[str, str, str]
"""Source, stream, external id."""


@dataclass(frozen=True, slots=True)
class Told:
    """By what the person is found. `sure`: what is nobody's who stays; `own`: all of theirs, for texts that are known
    to be about them; `shared`: contacts that others have too, which count with a first name alone. `ids`: of the rows.
    `requests`: those of the person. `whole`: nothing of the person stays."""

    whole: bool
    sure: Traces
    own: Traces
    shared: Traces
    firsts: frozenset[str]
    ids: frozenset[Id]
    requests: frozenset[int]

    def tells(self, text: str | None) -> bool:
        """Whether a text speaks of the person, and not only of those around them."""
        if self.sure.holds(text):
            return True
        return bool(text) and self.shared.holds(text) and not self.firsts.isdisjoint(compared(text))


def told_of(connection: Connection, found: Whose) -> Told:
    """By what these people are found. Ask before their rows go."""
    rows = (*found.people, *found.activities)
    ids = frozenset((row.source, row.stream, row.external_id) for row in rows)
    numbers = [row.external_id for row in rows]
    if not found.whole:
        return Told(False, Traces(), Traces(numbers=numbers), Traces(), frozenset(), ids, frozenset())
    payloads = [from_json(row.payload) for row in found.people]
    emails, shared = _emails(connection, found, payloads)
    phones = {value for kind, value in found.contacts if kind == "phone"}
    free = {value for value in phones if ("phone", value) not in found.holders}
    published = _published(connection, found)
    names = {*_names(payloads), *(text for field, text in published if field == "name")}
    emails |= {text for field, text in published if field == "emails" and text not in shared}
    parts = {payload.get(name) or "" for payload in payloads for name in ("name", "first_name", "last_name")}
    parts |= {text for field, text in published if field in ("name", "first_name", "last_name")}
    streets = {payload.get("street") or "" for payload in payloads}
    return Told(
        True,
        Traces(emails, free, [name for name in names if _keys_of(name).isdisjoint(found.borne)]),
        Traces({*emails, *shared}, phones, {*names, *streets}, parts, numbers),
        Traces(shared, phones - free),
        found.firsts,
        ids,
        frozenset(_requests(connection, found)),
    )


def _emails(connection: Connection, found: Whose, payloads: Collection[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """Addresses as they were given and as they are folded: those that are nobody's who stays, and the shared ones."""
    folded = {value for kind, value in found.contacts if kind == "email"}
    shared = {value for value in folded if ("email", value) in found.holders}
    query = select(_key.c.record_id, _key.c.kind, _key.c.value)
    rows = connection.execute(query.where(among(connection, _key.c.record_id, found.person_ids))).all()
    with_shared = {record for record, kind, value in rows if kind == "email" and value in shared}
    given = {
        (payload["email"], row.id in with_shared)
        for row, payload in zip(found.people, payloads, strict=True)
        if payload.get("email")
    }
    shared |= {email for email, too in given if too}
    return folded - shared | {email for email, too in given if not too}, shared


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
    mine = or_(
        among(connection, _request.c.anchor_record_id, found.person_ids),
        among(connection, _request.c.customer_id, names_of(connection, found)),
    )
    yield from connection.execute(select(_request.c.id).where(mine)).scalars()


def quarantined(connection: Connection, told: Told) -> dict[int, Id]:
    """Rows in quarantine that are the person's, by their id or by what they say: their own ids of each."""
    columns = [_quarantine.c[name] for name in ("id", "source", "stream", "key", "fields", "file", "reason")]
    found: dict[int, Id] = {}
    for row in connection.execute(select(*columns)).all():
        id_ = (row.source, row.stream, row.key)
        if id_ in told.ids or told.tells(row.fields) or told.tells(row.file):
            found[row.id] = id_
    return found


def forget(connection: Connection, told: Told, quarantined: Collection[int]) -> Counter[str]:
    """Take out of every table what is told of the person; the number of rows, by table."""
    gone: Counter[str] = Counter()
    _count(gone, _quarantine, connection.execute(delete(_quarantine).where(_quarantine.c.id.in_(quarantined))).rowcount)
    _count(gone, _problem, _drop_problems(connection, told))
    _count(gone, _event, _empty_events(connection, told))
    for model, columns in WRITTEN.items() if told.whole else ():
        _count(gone, table(model), _clear(connection, table(model), columns, told, own=model in REQUESTS))
    return gone


def _count(gone: Counter[str], of: Table, number: int) -> None:
    if number:
        gone[of.name] += number


def _drop_problems(connection: Connection, told: Told) -> int:
    """Problems that name one of the person's rows, or the person. Many say the same, so each text is read once."""
    sources = {source for source, _, _ in told.ids}
    texts = [_problem.c[name] for name in ("source", "reason", "file", "column")]
    number = 0
    for row in connection.execute(select(*texts).distinct()).all():
        named = row.source in sources and told.own.numbers_in(row.reason)
        if named or any(told.tells(text) for text in row[1:]):
            same = [of.is_not_distinct_from(value) for of, value in zip(texts, row, strict=True)]
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
        state = events.STALE if row.state == events.WAITING else row.state
        emptied = {"external_id": None, "fields": None, "state": state}
        number += connection.execute(update(_event).where(*this).values(emptied)).rowcount
    return number


def _clear(connection: Connection, of: Table, columns: tuple[str, ...], told: Told, *, own: bool) -> int:
    """Texts that speak of the person, taken out; how many."""
    keys = list(of.primary_key.columns)
    request = (of.c.request_id if "request_id" in of.c else of.c.id) if own else literal(0)
    number = 0
    for name in columns:
        text = of.c[name]
        query = select(*keys, request.label("of"), text.label("text")).where(text.is_not(None), text != "")
        if name in JSON:
            query = query.where(text.contains('"'), text != "{}")
        for row in connection.execute(query).all():
            if _speaks(row.text, told, own=row.of in told.requests, json=name in JSON):
                this = [key == row._mapping[key.name] for key in keys]
                number += connection.execute(update(of).where(*this).values({name: _left(name)})).rowcount
    return number


def _speaks(text: str, told: Told, *, own: bool, json: bool) -> bool:
    if own:
        return told.own.names_in(text) if json else told.own.mentions(text)
    return told.tells(text)


def _left(name: str) -> str:
    return {"value": f'"{ERASED}"', "detail": f'{{"text": "{ERASED}"}}'}.get(name, ERASED)
