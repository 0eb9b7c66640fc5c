"""The parts of an answer about how records are joined and people grouped (GDPR Art. 15(1)(h)). Pure."""

from collections.abc import Iterable, Mapping

from privacy.gate import Reason
from privacy.package.held import Part
from privacy.package.words import Words
from privacy.segment_words import in_words
from privacy.segments import Standing
from store.times import stamp

MATCHING: Part = {
    "compares": ["name", "email", "phone", "address"],
    "joined_by": "rule",
    "in_doubt": "person",
    "legal_effect": "none",
    "profiling": "none",
}
"""What the joining of records is made of, and what follows from it. Why each record was joined stands with it."""


def segments(standings: Iterable[Standing], words: Words, brands: Mapping[str, str]) -> list[Part]:
    """The segments whose rule the person fits, each with the rule in words, and why they are left out where they are.
    `brands`: by id, their names. Who wrote a rule is not said, nor what others said who share a contact."""
    return [
        {
            "segment": one.segment.name,
            "rule_in_words": in_words(one.segment.rule, words, brands) if one.segment.rule else "",
            "written": one.segment.text,
            "purpose": one.segment.use.purpose,
            "brand": one.segment.use.brand,
            "channel": one.segment.use.channel,
            "defined_at": stamp(one.segment.created_at),
            "included": one.reason is None,
            "left_out": _told(one.reason),
        }
        for one in standings
    ]


def _told(reason: Reason | None) -> str | None:
    if reason is Reason.CONTACT_WITHDRAWN_BY_OTHER:
        return Reason.NO_CONTACT.value
    return reason.value if reason else None
