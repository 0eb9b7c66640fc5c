"""What bears on the use of people, read for the whole registry at once: a query each, none by person.

Call everything here inside `store.engine.reading`, so that it is one view of the registry. `privacy.uses` brings it
together; `store.declarations.reserved` has the objections and restrictions.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, and_, or_, select

from store.among import among, chunks
from store.bulk import rows_among, run_plain
from store.declarations import CONSENT, first_names
from store.tables import (
    Declaration,
    DeclarationContact,
    DeclarationRecord,
    GoldenValue,
    Link,
    MasterCustomer,
    MatchFeature,
    MatchKey,
    table,
)

_customer = table(MasterCustomer)
_golden = table(GoldenValue)
_link = table(Link)
_key = table(MatchKey)
_feature = table(MatchFeature)
_declaration = table(Declaration)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)

CONTACTS = {"email": "emails", "sms": "phones"}
"""Channel → the published field with its contacts."""
_AT_ONCE = 2_000  # rows; to hold all of them keeps the search for cycles busy
DECLARED = "declared"
"""The rule of a published consent that somebody declared; any other is due to a platform's flag."""


def customers(connection: Connection) -> list[str]:
    """The ids of all customers, in their order."""
    return list(connection.execute(select(_customer.c.id).order_by(_customer.c.id)).scalars())


def consent_field(channel: str, brand: str | None) -> str:
    """The published field with the consent on a channel: for a brand, else the strictest over all."""
    return f"marketing.{channel}.{brand}" if brand else f"marketing.{channel}"


@dataclass(frozen=True, slots=True)
class Published:
    """Consent on a channel by customer, where it is known, and contacts on it by customer."""

    states: Mapping[str, str]
    contacts: Mapping[str, Sequence[str]]


def published(connection: Connection, channel: str, brand: str | None) -> Published:
    """What is published about a channel, of every customer."""
    consent, where = consent_field(channel, brand), CONTACTS[channel]
    query = "SELECT customer_id, field, ordinal, value FROM golden_value WHERE field IN (?, ?)"
    states: dict[str, str] = {}
    contacts: dict[str, tuple[str, ...]] = {}
    further: list[tuple[str, int, str]] = []
    for rows in run_plain(connection, query, consent, where).partitions(_AT_ONCE):
        for customer, field, ordinal, value in rows:
            if field == consent:
                states[customer] = from_json(value)
            elif ordinal == 0:
                contacts[customer] = (from_json(value),)
            else:
                further.append((customer, ordinal, from_json(value)))
    for customer, _, value in sorted(further):
        contacts[customer] = (*contacts.get(customer, ()), value)
    return Published(states, contacts)


def refusing(connection: Connection, channel: str, brand: str | None) -> set[str]:
    """Customers whom a declared refusal or withdrawal on a channel reaches that is in force, whatever came after it.

    It reaches whom `store.declarations` says that a declaration reaches.
    """
    lifted = select(_declaration.c.lifts).where(_declaration.c.lifts.is_not(None))
    said = select(_declaration.c.id).where(
        _declaration.c.kind == CONSENT,
        _declaration.c.channel == channel,
        _declaration.c.state.in_(("refused", "withdrawn")),
        _declaration.c.id.not_in(lifted),
    )
    if brand is not None:
        said = said.where(or_(_declaration.c.brand.is_(None), _declaration.c.brand == brand))
    direct = (
        select(_link.c.customer_id)
        .join(_on_record, _on_record.c.record_id == _link.c.record_id)
        .where(_on_record.c.declaration_id.in_(said))
        .distinct()
    )
    reached = set(connection.execute(direct).scalars())
    for customer, first, line in connection.execute(_by_contact(said)).all():
        if first in first_names(line):
            reached.add(customer)
    return reached


def _by_contact(said: Select[tuple[int]]) -> Select[Any]:
    same = and_(_key.c.kind == _on_contact.c.kind, _key.c.value == _on_contact.c.value, _key.c.current)
    return (
        select(_link.c.customer_id, _on_contact.c.first_name, _feature.c.name)
        .select_from(_on_contact)
        .join(_key, same)
        .join(_feature, _feature.c.record_id == _key.c.record_id)
        .join(_link, _link.c.record_id == _key.c.record_id)
        .where(_on_contact.c.declaration_id.in_(said))
        .distinct()
    )


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
