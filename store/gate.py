"""What bears on the use of people, read for the whole registry at once: a query each, none by person.

Call everything here inside `store.engine.reading`, so that it is one view of the registry. `privacy.uses` brings it
together. Whom a declaration reaches is as `store.declarations` has it; a test holds the two together.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import from_json
from sqlalchemy import Connection, Select, and_, func, or_, select

from store.among import among, chunks
from store.bulk import joined, rows_among
from store.declarations import CONSENT, NOES, OBJECTION, RESTRICTION, Reserved, may_bear
from store.tables import (
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    GoldenValue,
    Link,
    MasterCustomer,
    MatchFeature,
    MatchKey,
    SourceRecord,
    table,
)

_customer = table(MasterCustomer)
_golden = table(GoldenValue)
_record = table(SourceRecord)
_link = table(Link)
_key = table(MatchKey)
_feature = table(MatchFeature)
_declaration = table(Declaration)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)

CONTACTS = {"email": "emails", "sms": "phones"}
"""Channel → the published field with its contacts."""
KINDS = {"email": "email", "sms": "phone"}
"""Channel → the kind of match key with them."""
DECLARED = "declared"
"""The rule of a published consent that somebody declared; any other is due to a platform's flag."""


def customers(connection: Connection) -> list[str]:
    """The ids of all customers, in their order."""
    return sorted(connection.execute(select(_customer.c.id)).scalars().all())


def consent_field(channel: str, brand: str | None) -> str:
    """The published field with the consent on a channel: for a brand, else the strictest over all."""
    return f"marketing.{channel}.{brand}" if brand else f"marketing.{channel}"


@dataclass(frozen=True, slots=True)
class Published:
    """Consent on a channel by customer, where it is known, and contacts on it by customer: `first` and, of those who
    have more, `further`. Contacts are JSON, since most are never looked at."""

    states: Mapping[str, str]
    first: Mapping[str, str]
    further: Mapping[str, Sequence[str]]


def published(connection: Connection, channel: str, brand: str | None) -> Published:
    """What is published about a channel, of every customer."""
    wanted = {
        consent_field(channel, brand): "customer_id || ' ' || value",
        CONTACTS[channel]: "customer_id || ' ' || ordinal || ' ' || value",
    }
    states, contacts = joined(connection, "golden_value", "field", wanted)
    told = [line.split(" ", 1) for line in states]
    words = {value: from_json(value) for value in {value for _, value in told}}
    first: dict[str, str] = {}
    more: list[tuple[str, int, str]] = []
    for line in contacts:
        customer, ordinal, value = line.split(" ", 2)
        if ordinal == "0":
            first[customer] = value
        else:
            more.append((customer, int(ordinal), value))
    further: dict[str, list[str]] = defaultdict(list)
    for customer, _, value in sorted(more):
        further[customer].append(value)
    return Published({customer: words[value] for customer, value in told}, first, further)


def reserved(connection: Connection) -> Reserved:
    """What `store.declarations.reserved` answers, for so many declarations that each cannot be looked at by itself."""
    said = {
        id_: scope or ""
        for id_, scope in connection.execute(_in_force(OBJECTION).add_columns(_declaration.c.scope)).all()
    }
    objections: dict[str, set[str]] = defaultdict(set)
    for id_, customer in _reached(connection, _in_force(OBJECTION)):
        objections[customer].add(said[id_])
    return Reserved(objections, {customer for _, customer in _reached(connection, _in_force(RESTRICTION))})


def refusing(connection: Connection, channel: str, brand: str | None) -> set[str]:
    """Customers whom a declared refusal or withdrawal on a channel reaches that is in force, whatever came after it."""
    return {customer for _, customer in _reached(connection, _noes(channel, brand))}


def forsaken(
    connection: Connection, channel: str, brand: str | None, scopes: Collection[str], granting: Collection[str]
) -> set[str]:
    """Folded contacts on which somebody forbade a message: an objection of one of these scopes, a restriction, a
    refusal or a withdrawal on the channel. Whoever has the contact now, it may reach them, whether they are in the
    registry no more or their record has lost it. A refusal or withdrawal counts no more where it reaches somebody, and
    nobody but customers who have consented since (`granting`)."""
    reached: dict[int, set[str]] = defaultdict(set)
    for id_, customer in _reached(connection, _noes(channel, brand)):
        reached[id_].add(customer)
    overtaken = {id_ for id_, theirs in reached.items() if theirs.issubset(granting)}
    objected = _in_force(OBJECTION).where(_declaration.c.scope.in_(scopes))
    found: set[str] = set()
    for said in (objected, _in_force(RESTRICTION), _noes(channel, brand)):
        query = select(_on_contact.c.declaration_id, _on_contact.c.value).where(
            _on_contact.c.kind == KINDS[channel], _on_contact.c.declaration_id.in_(said)
        )
        found.update(value for id_, value in connection.execute(query).all() if id_ not in overtaken)
    return found


def _noes(channel: str, brand: str | None) -> Select[tuple[int]]:
    said = _in_force(CONSENT).where(_declaration.c.channel == channel, _declaration.c.state.in_(NOES))
    if brand is not None:
        said = said.where(or_(_declaration.c.brand.is_(None), _declaration.c.brand == brand))
    return said


def _in_force(kind: str) -> Select[tuple[int]]:
    lifted = select(_declaration.c.lifts).where(_declaration.c.lifts.is_not(None))
    return select(_declaration.c.id).where(_declaration.c.kind == kind, _declaration.c.id.not_in(lifted))


def _reached(connection: Connection, said: Select[tuple[int]]) -> Iterator[tuple[int, str]]:
    """Each of these declarations with each customer whom it reaches, perhaps several times: by a record on which it
    hangs, or by a contact and a first name."""
    direct = (
        select(_on_record.c.declaration_id, _link.c.customer_id)
        .join(_link, _link.c.record_id == _on_record.c.record_id)
        .where(_on_record.c.declaration_id.in_(said))
    )
    for id_, customer in connection.execute(direct).all():
        yield id_, customer
    same = and_(_key.c.kind == _on_contact.c.kind, _key.c.value == _on_contact.c.value, _key.c.current)
    by_contact = (
        select(_on_contact.c.declaration_id, _link.c.customer_id, _on_contact.c.first_name, _feature.c.name)
        .join(_key, same)
        .join(_feature, _feature.c.record_id == _key.c.record_id)
        .join(_link, _link.c.record_id == _key.c.record_id)
        .where(_on_contact.c.declaration_id.in_(said))
    )
    for id_, customer, first, line in connection.execute(by_contact).all():
        if may_bear(first, line):
            yield id_, customer


def names(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The names of those of these customers who have one."""
    query = "SELECT customer_id, value FROM golden_value WHERE field = ? AND customer_id {among}"
    found: dict[str, str] = {}
    for batch in chunks(ids):
        found.update((customer, from_json(value)) for customer, value in rows_among(connection, query, batch, "name"))
    return found


def consents(
    connection: Connection, ids: Collection[str], channel: str, brand: str | None
) -> dict[str, tuple[datetime, str]]:
    """Of these customers since when their consent on a channel stands, and where it comes from: the source whose flag
    says it, or `declared`."""
    query = (
        select(_golden.c.customer_id, _golden.c.observed_at, _golden.c.rule, _feature.c.source)
        .join(_feature, _feature.c.record_id == _golden.c.record_id)
        .where(_golden.c.field == consent_field(channel, brand))
    )
    found: dict[str, tuple[datetime, str]] = {}
    for batch in chunks(ids):
        rows = connection.execute(query.where(among(connection, _golden.c.customer_id, batch)))
        for customer, at, rule, source in rows.all():
            found[customer] = (at, DECLARED if rule == DECLARED else source)
    return found


def values(
    connection: Connection, ids: Collection[str], fields: Collection[str]
) -> dict[str, dict[str, list[str | int]]]:
    """Published values of these fields, of these customers, in the order of the surface."""
    query = (
        select(_golden.c.customer_id, _golden.c.field, _golden.c.value)
        .where(_golden.c.field.in_(fields))
        .order_by(_golden.c.customer_id, _golden.c.field, _golden.c.ordinal)
    )
    found: dict[str, dict[str, list[str | int]]] = defaultdict(lambda: defaultdict(list))
    for batch in chunks(ids):
        rows = connection.execute(query.where(among(connection, _golden.c.customer_id, batch))).all()
        for customer, field, value in rows:
            found[customer][field].append(from_json(value))
    return found


def activities(connection: Connection, ids: Collection[str]) -> dict[str, Counter[str]]:
    """How many activities of each kind these customers have, without those that vanished at the platform."""
    query = (
        select(_link.c.customer_id, _record.c.kind, func.count())
        .join(_link, _link.c.record_id == _record.c.owner_record_id)
        .where(_record.c.vanished_at.is_(None))
        .group_by(_link.c.customer_id, _record.c.kind)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for batch in chunks(ids):
        for customer, kind, number in connection.execute(query.where(among(connection, _link.c.customer_id, batch))):
            found[customer][kind] = number
    return found
