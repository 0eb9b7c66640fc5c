"""The gate: whom the registry may be used for a purpose with, and why not the others.

Nothing about a person reaches a third party, and no list of people is made for a purpose, but through this gate; who
sends messages, discloses or makes segments asks `privacy.uses`, which asks here. Not gated are the controller's own
audited view (`rekisteri customers`) and the answer to the person's own request.

Each person who may not be used is counted once, under the first reason that holds:

1. `restricted`: a restriction in force; the data are stored and nothing else (GDPR Art. 18(2)).
2. `objected`: an objection in force whose scope covers the use (Art. 21(2) and (3)).
3. `relationship_ended`, for direct marketing: the end was recorded, and they are not in the direct-marketing register
   into which the notice lets the controller move them.
4. For a channel, `withdrawn`, `refused`, `unknown`: e-mail and text messages need consent beforehand (Act 917/2014
   § 200), and what is not known is no consent.
5. `contact_withdrawn_by_other`: all their contacts on the channel are also somebody else's who said no.
6. `no_contact`: none on the channel.

People who were erased will come before all of these. Pure: what is known comes in, who passed comes out.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

DIRECT_MARKETING = frozenset({"direct_advertising", "distance_selling", "other_direct_marketing"})
MARKET_RESEARCH = frozenset({"market_opinion_research"})
SCOPES = DIRECT_MARKETING | MARKET_RESEARCH | {"personal_directory", "genealogy"}
"""The six of the privacy notice of 22.3.2021, its last paragraph: «oikeus kieltää käsittelemästä häntä itseään koskevia
tietoja suoramainontaan, etämyyntiä ja muuta suoramarkkinointia, sekä markkina- ja mielipidetutkimusta samoin kuin
henkilömatrikkelia ja sukututkimusta varten»."""

GRANTED = "granted"
_NOTHING: frozenset[str] = frozenset()
STOPPED_BY: Mapping[str, frozenset[str]] = {
    # Art. 21(2): direct marketing, and the profiling that belongs to it.
    "dpv:DirectMarketing": DIRECT_MARKETING,
    "dpv:Marketing": DIRECT_MARKETING,
    # The notice follows usage «markkinointitarkoituksiin» too.
    "dpv:ServiceUsageAnalytics": DIRECT_MARKETING,
    "own:MarketResearch": MARKET_RESEARCH,
    "own:OpinionResearch": MARKET_RESEARCH,
    "own:PersonalDirectory": frozenset({"personal_directory"}),
    "own:Genealogy": frozenset({"genealogy"}),
    # What the customer ordered, or the controller must do: none of the six speaks of it.
    "dpv:ServiceProvision": _NOTHING,
    "dpv:ServiceMonitoring": _NOTHING,
    "dpv:ServicePersonalisation": _NOTHING,
    "dpv:CustomerCare": _NOTHING,
    "dpv:CustomerRelationshipManagement": _NOTHING,
    "dpv:CommunicationForCustomerCare": _NOTHING,
    "dpv:CustomerClaimsManagement": _NOTHING,
    "dpv:PaymentManagement": _NOTHING,
    "dpv:RecordManagement": _NOTHING,
    "dpv:RightsFulfilment": _NOTHING,
    "dpv:LegalCompliance": _NOTHING,
    "dpv:EnforceAccessControl": _NOTHING,
    "dpv:Analyse": _NOTHING,  # says what is done, not what for
}
"""Term of a purpose in the processing register → scopes of objection that stop it. A term that is not here is stopped
by every scope: nobody has looked at it."""


class Reason(StrEnum):
    """Why a person may not be used, in the order in which the first that holds counts."""

    RESTRICTED = "restricted"
    OBJECTED = "objected"
    RELATIONSHIP_ENDED = "relationship_ended"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CONTACT_WITHDRAWN_BY_OTHER = "contact_withdrawn_by_other"
    NO_CONTACT = "no_contact"


WORDS: Mapping[str, str] = {
    Reason.RESTRICTED: "the use of their data is restricted",
    Reason.OBJECTED: "they object to such use",
    Reason.RELATIONSHIP_ENDED: "their relationship has ended and they are not in the direct-marketing register",
    Reason.WITHDRAWN: "they withdrew their consent",
    Reason.REFUSED: "they refused their consent",
    Reason.UNKNOWN: "whether they consent is not known",
    Reason.CONTACT_WITHDRAWN_BY_OTHER: "it would reach somebody else who said no",
    Reason.NO_CONTACT: "they have no contact on this channel",
}
"""The reasons as people read them."""
OF_A_CHANNEL = (
    Reason.WITHDRAWN, Reason.REFUSED, Reason.UNKNOWN, Reason.CONTACT_WITHDRAWN_BY_OTHER, Reason.NO_CONTACT,
)  # fmt: skip
_STATES = {"withdrawn": Reason.WITHDRAWN, "refused": Reason.REFUSED}


@dataclass(frozen=True, slots=True)
class Use:
    """What people would be used for. `scopes`: objections that stop it. `channel`: of a marketing message, `email` or
    `sms`; `None` where nobody is written to. `brand`: for whose good; `None` for the controller as a whole."""

    purpose: str
    scopes: frozenset[str]
    channel: str | None = None
    brand: str | None = None

    @property
    def is_direct_marketing(self) -> bool:
        """Whether it is, or may be, direct marketing."""
        return bool(self.scopes & DIRECT_MARKETING)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Reasons for which somebody may be dropped from it."""
        wanted = [Reason.RESTRICTED, Reason.OBJECTED]
        wanted += [Reason.RELATIONSHIP_ENDED] if self.is_direct_marketing else []
        return (*wanted, *(OF_A_CHANNEL if self.channel else ()))


def scopes_of(terms: Iterable[str]) -> frozenset[str]:
    """Scopes of objection that stop a purpose with these terms."""
    return _NOTHING.union(*(STOPPED_BY.get(term, SCOPES) for term in terms))


class Contact(NamedTuple):
    """An e-mail address or phone as it is written, and whom it reaches: spellings of one mailbox have the same."""

    written: str
    reaches: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What bears on a use, of all customers, by their ids.

    `objections`: scopes in force. `ended`: whose relationship with the brand was recorded as ended; `moved`: who is in
    its direct-marketing register. `states`: published consent on the channel for the brand, absent for unknown.
    `refusing`: whom a refusal on the channel reaches that was declared, not read off a platform's flag. `forsaken`:
    what reaches (`Contact.reaches`) somebody who said no on it, though they have left the registry or their record has
    lost it. `contacts`: those on the channel.
    """

    customers: Collection[str]
    restricted: Collection[str] = ()
    objections: Mapping[str, Collection[str]]
    ended: Collection[str] = ()
    moved: Collection[str] = ()
    states: Mapping[str, str]
    refusing: Collection[str] = ()
    forsaken: Collection[str] = ()
    contacts: Mapping[str, Collection[Contact]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Who may be used, each with the contacts that may be written to, and the reason of each other."""

    passed: Mapping[str, tuple[Contact, ...]]
    dropped: Mapping[str, Reason]
    counts: Mapping[Reason, int]


def judge(use: Use, known: Known) -> Judged:
    """Judge every customer. Whoever is in `customers` is either passed or dropped.

    Of contacts only those are looked at that may be written to, or reach somebody who said no.
    """
    objecting = {one for one, scopes in known.objections.items() if hindrance(use, False, scopes)}
    over = set(known.ended).difference(known.moved) if use.is_direct_marketing else _NOTHING
    closed = _closed(known) if use.channel else _NOTHING
    passed: dict[str, tuple[Contact, ...]] = {}
    dropped: dict[str, Reason] = {}
    for customer in known.customers:
        if customer in known.restricted:
            dropped[customer] = Reason.RESTRICTED
        elif customer in objecting:
            dropped[customer] = Reason.OBJECTED
        elif customer in over:
            dropped[customer] = Reason.RELATIONSHIP_ENDED
        elif use.channel is None:
            passed[customer] = ()
        elif (state := known.states.get(customer, "")) != GRANTED:
            dropped[customer] = _STATES.get(state, Reason.UNKNOWN)
        elif not (contacts := known.contacts.get(customer, ())):
            dropped[customer] = Reason.NO_CONTACT
        elif open_ := tuple(contact for contact in contacts if contact.reaches not in closed):
            passed[customer] = open_
        else:
            dropped[customer] = Reason.CONTACT_WITHDRAWN_BY_OTHER
    return Judged(passed, dropped, {**dict.fromkeys(use.reasons, 0), **Counter(dropped.values())})


def hindrance(use: Use, restricted: bool, objections: Collection[str]) -> Reason | None:
    """What the person themself set against the use, whatever the channel."""
    if restricted:
        return Reason.RESTRICTED
    return Reason.OBJECTED if any(scope in use.scopes for scope in objections) else None


def _closed(known: Known) -> frozenset[str]:
    """Contacts by which a message would reach somebody who said no to it: who withdrew, who declared a refusal (a
    platform's flag that was never set says no to nobody else's messages), who objected to direct marketing, whose use
    is restricted; also where they are in the registry no more, or their record has lost the contact."""
    noes = {
        customer
        for customer, state in known.states.items()
        if state == "withdrawn" or (state == "refused" and customer in known.refusing)
    }
    noes.update(customer for customer, scopes in known.objections.items() if not DIRECT_MARKETING.isdisjoint(scopes))
    noes.update(known.restricted)
    reached = (contact.reaches for customer in noes for contact in known.contacts.get(customer, ()))
    return frozenset((*known.forsaken, *reached))
