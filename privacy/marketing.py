"""Marketing: the list of whom a message may be sent to, and the direct-marketing register.

The list is the gate's first user. The register is for people whose relationship has ended: «Asiakassuhteen tai muun
asiallisen yhteyden päättymisen jälkeen rekisterinpitäjä voi siirtää henkilötietoja omiin
suoramarkkinointirekistereihinsä, ellei rekisteröity ole sitä kieltänyt» (privacy notice of 22.3.2021). To be in it
stands for no consent: e-mail and text messages need that as before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from config.place import written
from privacy.errors import NotPossibleError
from privacy.gate import WORDS, Contact, Use, hindrance
from privacy.naming import named
from privacy.uses import Mailbox, allowed, no_search_for_cycles
from store import decisions, direct_marketing, gate
from store.declarations import OBJECTION, RESTRICTION, of_customer
from store.direct_marketing import Entry, Move

PURPOSE = "communication_and_marketing"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A line of the list: one address, and whose it is."""

    name: str | None
    address: str
    brand: str | None
    customer_id: str
    consented_at: datetime | None
    consent_from: str | None


@dataclass(frozen=True, slots=True)
class MarketingList:
    """Whom a message may be sent to, each address once, in the order of the customers' ids.

    `listed`: customers who passed the gate; with those `dropped` they are all `customers`.
    """

    recipients: Sequence[Recipient]
    listed: int
    dropped: dict[str, int]
    customers: int


def marketing_list(connection: Connection, use: Use, mailbox: Mailbox) -> MarketingList:
    """The list for a use that has a channel. Call inside `store.engine.reading`."""
    if use.channel is None:
        raise ValueError("a marketing list is for a channel")
    with no_search_for_cycles():
        judged = allowed(connection, use, mailbox)
        listed = recipients(connection, use, judged.passed)
    counts = {reason.value: number for reason, number in judged.counts.items()}
    total = len(judged.passed) + len(judged.dropped)
    return MarketingList(listed, len(judged.passed), counts, total)


def recipients(connection: Connection, use: Use, passed: Mapping[str, Collection[Contact]]) -> list[Recipient]:
    """Lines for people who passed the gate for a use that has a channel, each address once."""
    names = gate.names(connection, passed)
    consents = gate.consents(connection, passed, use.channel or "", use.brand)
    found: dict[str, Recipient] = {}
    for customer, contacts in passed.items():
        since = consents.get(customer, (None, None))
        for contact in contacts:
            if contact.reaches not in found:
                found[contact.reaches] = Recipient(names.get(customer), contact.written, use.brand, customer, *since)
    return list(found.values())


def move(connection: Connection, reference: str, use: Use, how: Move) -> tuple[int, str]:
    """Move a customer whose relationship has ended into the direct-marketing register; the entry's id and the
    customer's. Call inside `store.engine.writing`. Raises `NotPossibleError` where they set something against it."""
    customer = named(connection, reference).customer_id
    said = [one.said for one in of_customer(connection, customer) if one.lifted_at is None]
    reason = hindrance(
        use,
        any(one.kind == RESTRICTION for one in said),
        [one.scope for one in said if one.kind == OBJECTION and one.scope],
    )
    if reason is not None:
        raise NotPossibleError(f"customer {customer} cannot be moved: {WORDS[reason]}")
    for entry in direct_marketing.of_customer(connection, customer):
        if entry.in_force and entry.covers(how.brand):
            raise NotPossibleError(f"customer {customer} is in the register already, since {written(entry.entered_at)}")
    return direct_marketing.enter(connection, decisions.records_of(connection, customer)[0], how), customer


def remove(
    connection: Connection, reference: str, reason: str, *, resumed_on: date | None, actor: str, now: datetime
) -> tuple[list[int], str]:
    """Take a customer out of the direct-marketing register; the ids of the entries and the customer's.

    With `resumed_on` they are a customer again, also one who left the register before. Call inside
    `store.engine.writing`. Raises `NotPossibleError` where there is nothing to take out.
    """
    customer = named(connection, reference).customer_id
    entries = direct_marketing.of_customer(connection, customer)
    ids = [entry.id for entry in entries if (entry.ended if resumed_on else entry.in_force)]
    if not ids:
        raise NotPossibleError(f"customer {customer} is not in the register")
    direct_marketing.leave(connection, ids, reason, actor, now)
    if resumed_on:
        direct_marketing.resume(connection, ids, resumed_on)
    return ids, customer


def register(connection: Connection, *, former: bool = False) -> list[tuple[Entry, str | None]]:
    """Who is in the direct-marketing register, with their name; with `former` who was, too."""
    found = [entry for entry in direct_marketing.entries(connection) if former or entry.in_force]
    names = gate.names(connection, {entry.customer_id for entry in found if entry.customer_id})
    return [(entry, names.get(entry.customer_id or "")) for entry in found]
