"""Erasure (GDPR Art. 17): a person, or rows of one, go from every table, and what is left names nobody.

1. Collect what is theirs (`store.erasing.whose`), and by what texts tell of them (`store.erasing.texts`).
2. Keep what a duty or an open claim keeps, narrowed (`privacy.holding`).
3. Write the tombstone, so that nobody comes back with the next sync: keyed digests of their contacts and of the ids
   that sources gave. A contact that somebody has who stays counts only together with the first name, or with what
   may be said in its place.
4. Delete. Who stays and was near to them is queued for reconciling.

All of it is one transaction. What the database file still holds of it afterwards, `store.erasing.space` takes away.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row

from config.place import HELSINKI
from privacy import holding
from privacy.holding import Activity, Duty, Held
from privacy.pseudonym import (
    BEGINNING,
    EMAIL,
    EMAIL_OF,
    LAST,
    PHONE_OF,
    RECORD,
    SHARED,
    Pseudonyms,
    beginnings,
)
from store import cases, disclosures, tombstones
from store.erasing import cases as left_cases
from store.erasing import going, names, space, texts
from store.erasing import holding as held_rows
from store.erasing.whose import Whose, whose
from store.tombstones import Key

REQUEST, RETENTION, VANISHED = "request", "retention", "vanished"
"""Why somebody was erased: bases of `store.tables.Tombstone`."""
_REGISTER = "register"
"""Source of what is held and came from no platform."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went. `counts`: rows by table; `customers`: ids that ended; `records`: of source records that went; `held`:
    what a duty keeps; `queued`: records that stay and must be reconciled again; `parties`: names of those who handled
    the records for the controller, and have them still; `recipients`: of third parties to whom data of the person were
    disclosed, and who have to be told (Art. 19)."""

    tombstone: int
    counts: dict[str, int]
    customers: tuple[str, ...]
    records: tuple[int, ...]
    held: tuple[Held, ...]
    queued: tuple[int, ...]
    parties: tuple[str, ...]
    recipients: tuple[str, ...]


def erase(
    connection: Connection,
    record_ids: Iterable[int],
    *,
    basis: str,
    now: datetime,
    pseudonyms: Pseudonyms,
    request_id: int | None = None,
    stone: int | None = None,
) -> Erased:
    """Erase the people whose customer records these are, with all that they did; activities among them go by
    themselves. A customer of whom records stay loses these alone. `stone`: the id that the tombstone had elsewhere,
    which it gets where that is free.

    Call inside `store.engine.writing`; afterwards reconcile `queued`, in the same transaction or with the next run,
    and call `store.erasing.space.clean`.
    """
    going.secure(connection)
    found = whose(connection, record_ids)
    told = texts.told_of(connection, found)
    waiting = texts.quarantined(connection, told)
    claims = _claims(connection, found)
    held = tuple(_held(connection, found, claims, now))
    keys = [*_contacts(found, pseudonyms), *_ids({*told.ids, *waiting.values()}, pseudonyms)]
    tombstone = tombstones.write(connection, basis, now, keys, request_id=request_id, stone=stone)
    held_rows.keep(connection, tombstone, (_kept(one) for one in held), now)
    looks = texts.looks(connection, found)
    queued, parties = going.neighbours(connection, found), going.handlers(connection, found)
    had = disclosures.of_records(connection, found.person_ids)
    recipients = {row.recipient for row in had if not names.is_theirs(told, row.recipient, row.kind)}
    counts = left_cases.leave(connection, found, told, claims)
    counts += texts.forget(connection, told, waiting, looks, now, tombstone=tombstone)
    counts += names.forget(connection, told) + going.remove(connection, found, queued)
    space.leave_to_clean(connection, now)
    return Erased(
        tombstone,
        dict(sorted(counts.items())),
        tuple(sorted(id_ for id_, ends in found.customers.items() if ends)),
        tuple(sorted(found.ids)),
        held,
        tuple(sorted(queued)),
        tuple(parties),
        tuple(sorted(recipients)),
    )


def _contacts(found: Whose, pseudonyms: Pseudonyms) -> Iterator[Key]:
    """Where records of the person stay, contacts are no key: they would keep the person out who is here."""
    for kind, value in found.contacts if found.whole else ():
        bare, of = (pseudonyms.email, pseudonyms.email_of) if kind == EMAIL else (pseudonyms.phone, pseudonyms.phone_of)
        others = found.holders.get((kind, value))
        if others is None:
            yield kind, bare(value)
        else:
            named = EMAIL_OF if kind == EMAIL else PHONE_OF
            yield SHARED, bare(value)
            yield from ((named, of(value, said)) for said in _said_with(found, others))


def _said_with(found: Whose, others: Collection[str]) -> Iterator[str]:
    """What stands with a contact that others have too: first names, and what a row with less than one may say."""
    for first in found.firsts.difference(others):
        yield first
        yield from (f"{BEGINNING}{beginning}" for beginning in beginnings(first))
    words = {word for name in found.names for word in name.split()}
    yield from (f"{LAST}{word}" for word in words - found.firsts)


def _ids(ids: Collection[tuple[str, str, str]], pseudonyms: Pseudonyms) -> Iterator[Key]:
    return ((RECORD, pseudonyms.record(*id_)) for id_ in ids)


def _claims(connection: Connection, found: Whose) -> list[int]:
    """The person's cases that hold back an erasure. Of somebody who stays nothing has to be held."""
    open_ = {row.id for row in cases.holding(connection)} if found.whole else set()
    return [row.id for row in left_cases.of_person(connection, found) if row.id in open_] if open_ else []


def _held(connection: Connection, found: Whose, claims: Sequence[int], now: datetime) -> Iterator[Held]:
    rules = held_rows.rules_in_force(connection)
    duties = [Duty(*rule) for rule in rules if rule.basis.casefold().startswith(holding.DUTIES)]
    if duties or claims:
        activities = list(_activities(connection, found.activities))
        yield from holding.held(activities, duties, now.astimezone(HELSINKI).date())
        yield from holding.held_by_claims(activities, claims, _REGISTER)


def _activities(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Activity]:
    """Rows that would go; an order with its product's name and currency, which a catalogue knows."""
    payloads = [from_json(row.payload) for row in rows]
    sold = {
        (row.source, payload["product_id"])
        for row, payload in zip(rows, payloads, strict=True)
        if payload.get("product_id")
    }
    products = held_rows.products(connection, sold) if sold else {}
    for row, payload in zip(rows, payloads, strict=True):
        known = products.get((row.source, payload.get("product_id", "")), {})
        yield Activity(row.kind, row.source, {**known, **payload}, row.first_seen_at)


def _kept(one: Held) -> held_rows.Kept:
    return held_rows.Kept(one.category, one.basis, one.until, one.kind, one.source, one.payload)
