"""Disclosure: the one way by which data of customers leave for a third party (R-36 to R-38).

1. The recipient is approved, by name, for this purpose (`privacy.recipients`); the basis is one of the register's.
2. Only fields of a closed list leave. Free text is none of them (R-20).
3. The gate judges everybody, or those who are named (`privacy.uses`). For marketing it asks for consent on a channel,
   and of contacts those alone leave that reach nobody who said no.
4. An authority gets what a statute demands, of people who are named, on paper that is named (GDPR Art. 6(1)(c)). What
   people set against other uses does not stop that; a restriction is told, and takes a reason (Art. 18(2)).
5. What left is written down in the transaction that judged it, on the records of each person.

Call what has a connection inside one `store.engine.writing`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection, Row

from config.entries import LegalBasis
from config.errors import ConfigError
from config.keys import meant
from config.register import ProcessingRegister
from privacy.errors import NotPossibleError
from privacy.gate import WORDS, Contact, Reason, Use
from privacy.naming import named
from privacy.recipients import AUTHORITY, PERSON, purposes_of
from privacy.requests import By
from privacy.uses import Mailbox, allowed, use_for
from store import decisions, disclosures, gate
from store.activities import LISTS

COUNTED = {name: kind for kind, name in LISTS.items()}
"""Fields that say how many there are."""
PUBLISHED = ("name", "first_name", "last_name", "emails", "phones", "address", "brands")
FIELDS = ("id", *PUBLISHED, *COUNTED)
"""What may leave. Never free text, nor what is said of a person (no-shows, discounts, whose customer they are)."""
SEVERAL = ("emails", "phones", "brands")
BASES = tuple(basis for basis in get_args(LegalBasis) if basis != "unknown")
CONSENT, LAW = "eu-gdpr:A6-1-a", "eu-gdpr:A6-1-c"
_CONSENTS = (CONSENT, "eu-gdpr:A9-2-a")
OTHER_BRAND = "other_brand"
"""Why somebody is left out beside the gate's reasons: they are no customer of the brand for which it is."""
LEFT_OUT: Mapping[str, str] = {**WORDS, OTHER_BRAND: "they are no customers of this brand"}
"""All these reasons as people read them."""

Line = dict[str, Any]
"""What leaves of a person, by field: a text or `None`, a list, a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to leave. `customers`: what names records or customers; none is everybody. `statute`, `document`: of an
    authority's demand. `despite`: why it must be although somebody's data are restricted."""

    purpose: str
    basis: str
    fields: Sequence[str]
    brand: str | None = None
    channel: str | None = None
    customers: Sequence[str] = ()
    statute: str | None = None
    document: str | None = None
    despite: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose data leave, each with the contacts on the channel that may; how many of the `customers` in question were
    `dropped`, by reason; and of how many data leave `despite` what they set against it."""

    passed: Mapping[str, tuple[Contact, ...]]
    dropped: dict[str, int]
    despite: dict[str, int]

    @property
    def customers(self) -> int:
        """How many were in question."""
        return len(self.passed) + sum(self.dropped.values())


def use_of(register: ProcessingRegister, recipient: Row[Any], wanted: Wanted) -> Use:
    """The use for which the gate is asked. Raises `ConfigError` where what is wanted is no lawful whole, and
    `NotPossibleError` where the recipient is not approved for it."""
    for field in wanted.fields:
        _require_field(field)
    if wanted.basis not in BASES:
        raise ConfigError(f"no such legal basis; {meant(wanted.basis, BASES)}", "--basis")
    use = use_for(register, wanted.purpose, brand=wanted.brand)
    if wanted.purpose not in purposes_of(recipient):
        raise NotPossibleError(
            f"the recipient is approved for {', '.join(purposes_of(recipient))}, not for {wanted.purpose}; to allow "
            "it, revoke the approval and approve the recipient anew"
        )
    if recipient.kind == AUTHORITY:
        _require_demand(use, wanted)
        return use
    for option, value in (
        ("--statute", wanted.statute),
        ("--document", wanted.document),
        ("--despite-restriction", wanted.despite),
    ):
        if value is not None:
            raise ConfigError(f"is for an authority; this recipient is a {recipient.kind}", option)
    if recipient.kind == PERSON and not wanted.customers:
        raise ConfigError("name whose data go to a person whom customers chose themselves", "--customer")
    if not use.is_direct_marketing:
        _require_no_channel(use, wanted)
        return use
    _require_consent(wanted)
    return use_for(register, wanted.purpose, channel=wanted.channel, brand=wanted.brand)


def _require_field(field: str) -> None:
    if field in ("notes", "note"):
        raise ConfigError("notes are free text, which is never disclosed", "--fields")
    if field not in FIELDS:
        raise ConfigError(f"no such field; {meant(field, FIELDS)}", "--fields")


def _require_demand(use: Use, wanted: Wanted) -> None:
    """What an authority gets rests on a statute and a document, and on nothing else."""
    if use.is_direct_marketing:
        raise ConfigError(f"no authority gets data for {use.purpose}, which is marketing", "--purpose")
    if wanted.basis != LAW:
        raise ConfigError(f"an authority gets what the law demands: {LAW}", "--basis")
    if wanted.channel is not None:
        raise ConfigError("is for marketing; leave it out", "--channel")
    if wanted.statute is None:
        raise ConfigError("say which statute obliges you, such as a section of an act", "--statute")
    if wanted.document is None:
        raise ConfigError("say which document the authority asked with, and where it is kept", "--document")
    if not wanted.customers:
        raise ConfigError("name whose data the authority asks for; nobody else's leave", "--customer")


def _require_no_channel(use: Use, wanted: Wanted) -> None:
    if wanted.channel is not None:
        raise ConfigError(f"is for marketing, which {use.purpose} is not; leave it out", "--channel")
    if wanted.basis in _CONSENTS and not wanted.customers:
        raise ConfigError("the registry knows of no such consent; name those who gave it", "--customer")


def _require_consent(wanted: Wanted) -> None:
    """For marketing, consent on the channel on which people would be reached (Act 917/2014 § 200)."""
    if wanted.channel is None:
        raise ConfigError(f"{wanted.purpose} is marketing: say on which channel people consent to it", "--channel")
    for channel, field in gate.CONTACTS.items():
        if field in wanted.fields and channel != wanted.channel:
            raise ConfigError(f"consent on {wanted.channel} lets no {field} leave; leave them out", "--fields")
    own = gate.CONTACTS[wanted.channel]
    if own in wanted.fields and wanted.basis != CONSENT:
        raise ConfigError(f"{own} leave for marketing on consent alone: {CONSENT}", "--basis")


def chosen(connection: Connection, use: Use, recipient: Row[Any], wanted: Wanted, mailbox: Mailbox) -> Chosen:
    """Whose data leave. Raises `NotPossibleError` where a name leads nowhere, or a restriction is in the way of an
    authority's demand and no reason is given."""
    judged = allowed(connection, use, mailbox)
    named = _named(connection, wanted.customers)
    passed = {one: contacts for one, contacts in judged.passed.items() if named is None or one in named}
    stopped = {one: reason for one, reason in judged.dropped.items() if named is None or one in named}
    despite: Counter[str] = Counter()
    if recipient.kind == AUTHORITY:
        _require_reason(stopped, wanted)
        despite.update(reason.value for reason in stopped.values())
        passed |= dict.fromkeys(stopped, ())
        stopped = {}
    dropped = {reason.value: 0 for reason in use.reasons} if recipient.kind != AUTHORITY else {}
    dropped |= Counter(reason.value for reason in stopped.values())
    if use.brand is not None:
        brands = gate.values(connection, passed, ("brands",))
        other = {one for one in passed if use.brand not in brands.get(one, {}).get("brands", ())}
        passed = {one: contacts for one, contacts in passed.items() if one not in other}
        dropped[OTHER_BRAND] = len(other)
    return Chosen(passed, dropped, dict(sorted(despite.items())))


def _named(connection: Connection, references: Sequence[str]) -> set[str] | None:
    """The customers who are named, `None` for everybody."""
    found = {
        named(connection, reference, f"--customer, number {number}").customer_id
        for number, reference in enumerate(references, 1)
    }
    return found or None


def _require_reason(stopped: Mapping[str, Reason], wanted: Wanted) -> None:
    restricted = sorted(one for one, reason in stopped.items() if reason is Reason.RESTRICTED)
    if restricted and wanted.despite is None:
        raise NotPossibleError(
            f"the use of the data of {', '.join(restricted)} is restricted (GDPR Art. 18(2)); where the law demands "
            "them all the same, say why: --despite-restriction TEXT"
        )


def lines(connection: Connection, use: Use, found: Chosen, fields: Sequence[str]) -> Iterator[Line]:
    """What leaves, a line a person, by customer id. Of contacts on the channel those alone that may."""
    published = gate.values(connection, found.passed, fields)
    counts = gate.activities(connection, found.passed) if any(field in COUNTED for field in fields) else {}
    own = gate.CONTACTS.get(use.channel or "")
    for customer, contacts in sorted(found.passed.items()):
        line: Line = {}
        for field in fields:
            if field == "id":
                line[field] = customer
            elif field in COUNTED:
                line[field] = counts.get(customer, Counter())[COUNTED[field]]
            elif field == own:
                line[field] = [contact.written for contact in contacts]
            else:
                values = published.get(customer, {}).get(field, [])
                line[field] = values if field in SEVERAL else next(iter(values), None)
        yield line


@dataclass(frozen=True, slots=True)
class File:
    """The file that leaves: its form, and the SHA-256 of its bytes."""

    form: str
    sha256: str


def record(connection: Connection, recipient: Row[Any], wanted: Wanted, found: Chosen, file: File, by: By) -> int:
    """Write down what left, about whom, to whom, why and by whom; its id."""
    restricted = Reason.RESTRICTED.value in found.despite
    values = {
        "at": by.now,
        "actor": by.actor,
        "recipient_id": recipient.id,
        "recipient": recipient.name,
        "kind": recipient.kind,
        "country": recipient.country,
        "purpose": wanted.purpose,
        "basis": wanted.basis,
        "brand": wanted.brand,
        "channel": wanted.channel,
        "fields": json.dumps(list(wanted.fields)),
        "format": file.form,
        "file_sha256": file.sha256,
        "people": len(found.passed),
        "dropped": json.dumps(found.dropped),
        "statute": wanted.statute,
        "document": wanted.document,
        "reason": wanted.despite if restricted else None,
    }
    records = decisions.records_by_customer(connection, found.passed)
    return disclosures.write(connection, values, sorted(record for mine in records.values() for record in mine))
