"""Which findings are open, by what the owner answered to them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from privacy.notice.findings import Finding

OPEN, ACCEPTED, RESOLVED, REOPENED = "open", "accepted", "resolved", "reopened"
"""The last three are what the owner may answer. Accepted: it may stay as it is. Resolved: it was mended, though the
check may see it still. Reopened: neither."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer to a finding; fields as in `store.tables.FindingAnswer`."""

    finding: str
    verdict: str
    reason: str
    answered_at: datetime
    answered_by: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with its `state`: `open`, `accepted` or `resolved` (and still seen)."""

    finding: Finding
    state: str
    answer: Answer | None


def judged(found: Iterable[Finding], answers: Mapping[str, Answer]) -> list[Judged]:
    """Each finding with where it stands, those that are open first."""
    every = [Judged(one, _state(answers.get(one.code)), answers.get(one.code)) for one in found]
    return sorted(every, key=lambda one: one.state != OPEN)


def number_open(every: Sequence[Judged]) -> int:
    """How many wait for the owner."""
    return sum(one.state == OPEN for one in every)


def _state(answer: Answer | None) -> str:
    return OPEN if answer is None or answer.verdict == REOPENED else answer.verdict
