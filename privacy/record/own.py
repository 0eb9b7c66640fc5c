"""What the controller does with the registry beside taking records in: activities that no party has. Pure.

For whom, with which data and for how long follows from what the program does. The legal basis is the program's own
reading, until the register states one for an activity of this name (`[activities.NAME]`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from config import UPKEEP
from privacy import terms
from privacy.retention import AUDIT, CONSENTS, CUSTOMERS, REQUESTS
from store.processed import Processed

Counts = Mapping[str, int]

_CONTACTS = ("pd:Name", "pd:TelephoneNumber", "pd:EmailAddress")
_USED = ("pd:ServiceConsumptionBehaviour", "pd:EducationTraining", "pd:Transactional")
_STATES = ("granted", "refused", "withdrawn", "unknown")


@dataclass(frozen=True, slots=True)
class Own:
    """An activity of the controller's own.

    `purposes`: of the register, as far as it has them; `retention`: categories of retention, of which those that no
    rule can be set for are undefined; `counts`: what there is of it; it is in use where any of `lives_by` is not zero.
    """

    id: str
    purposes: Sequence[str]
    legal_basis: Sequence[str]
    data_subjects: Sequence[str]
    data_categories: Sequence[str]
    collected_from: Sequence[str]
    retention: Sequence[str]
    counts: Counts
    lives_by: Sequence[str]

    @property
    def in_use(self) -> bool:
        """Whether there is any of it."""
        return any(self.counts[name] for name in self.lives_by)


def own_activities(found: Processed) -> tuple[Own, ...]:
    """All of them, used or not, in a fixed order."""
    return (
        _marketing(found, "email"),
        _marketing(found, "sms"),
        _cases(found),
        _statistics(found),
        _disclosures(found),
        _logs(found),
        _requests(found),
    )


def _marketing(found: Processed, channel: str) -> Own:
    """Electronic direct marketing, which needs consent (Act 917/2014, section 200)."""
    counts = {
        **{state: found.marketing.get((channel, state), 0) for state in _STATES},
        "consents": found.consents.get(channel, 0),
        "lists": found.lists.get(channel, 0),
        "registered": found.registered,
    }
    return Own(
        id=f"{channel}_marketing",
        purposes=("communication_and_marketing",),
        legal_basis=(terms.CONSENT_BASIS,),
        data_subjects=("customers",),
        data_categories=("pd:Name", terms.CHANNEL_DATA[channel]),
        collected_from=("person",),
        retention=(CUSTOMERS, CONSENTS),
        counts=counts,
        lives_by=("granted", "consents", "lists"),
    )


def _cases(found: Processed) -> Own:
    by_type = [case.type for case in found.cases]
    counts = {
        "feedback": by_type.count("feedback"),
        "claims": by_type.count("claim"),
        "open_cases": sum(case.closed_at is None for case in found.cases),
        "contacts": found.contacts,
    }
    return Own(
        id="feedback_and_claims",
        purposes=("feedback", "refunds_and_claims"),
        legal_basis=("eu-gdpr:A6-1-f",),
        data_subjects=("customers",),
        data_categories=(*_CONTACTS, "pd:Communication"),
        collected_from=("person",),
        retention=("cases",),
        counts=counts,
        lives_by=("feedback", "claims", "contacts"),
    )


def _statistics(found: Processed) -> Own:
    return Own(
        id="statistics",
        purposes=("analysis", "channel_statistics"),
        legal_basis=("eu-gdpr:A6-1-f",),
        data_subjects=("customers",),
        data_categories=_USED,
        collected_from=("person",),
        retention=(CUSTOMERS,),
        counts={"segments": len(found.segments), "statistics": found.statistics},
        lives_by=("segments", "statistics"),
    )


def _disclosures(found: Processed) -> Own:
    """What is given to third parties: purposes and bases of those approved, and of what left."""
    approved = [purpose for one in found.recipients for purpose in from_json(one.purposes)]
    fields = [field for one in found.disclosures for field in from_json(one.fields)]
    return Own(
        id="disclosures",
        purposes=_each([*approved, *(one.purpose for one in found.disclosures)]),
        legal_basis=_each(one.basis for one in found.disclosures),
        data_subjects=("customers",),
        data_categories=_each(terms.FIELD_DATA.get(field, "pd:ServiceConsumptionBehaviour") for field in fields),
        collected_from=("person",),
        retention=("disclosures",),
        counts={
            "recipients": len(found.recipients),
            "disclosures": len(found.disclosures),
            "disclosed_people": sum(one.people for one in found.disclosures),
        },
        lives_by=("recipients", "disclosures"),
    )


def _logs(found: Processed) -> Own:
    """Who looked at whom: the duty to show it (Art. 5(2), 32)."""
    return Own(
        id="accounts_and_logs",
        purposes=(UPKEEP,),
        legal_basis=("eu-gdpr:A6-1-c",),
        data_subjects=("staff", "customers"),
        data_categories=("pd:Identifier",),
        collected_from=("staff",),
        retention=(AUDIT,),
        counts={"looks": found.looks, "users": found.users},
        lives_by=("looks",),
    )


def _requests(found: Processed) -> Own:
    """What people ask for, which the law wants answered (Art. 12 to 22), and who must not come back."""
    return Own(
        id="rights_requests",
        purposes=(UPKEEP,),
        legal_basis=("eu-gdpr:A6-1-c",),
        data_subjects=("customers",),
        data_categories=(*_CONTACTS, "pd:Identifier", "pd:Communication"),
        collected_from=("person",),
        retention=(REQUESTS,),
        counts={"requests": found.requests, "open_requests": found.open_requests, "tombstones": found.tombstones},
        lives_by=("requests", "tombstones"),
    )


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
