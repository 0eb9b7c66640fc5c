"""Whether a read covered its whole stream, and what follows from what it did not see. Decides, does nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.base import Page

FEW = 5  # so many rows may always go at once: in a small stream a share says little


@dataclass(slots=True)
class Sweep:
    """What a read has seen so far. Complete: every page belonged to a sweep, the platform's total never moved, and as
    many different ids came as it states (rows that slip between pages while one reads break one of these)."""

    began_at: datetime
    ids: set[str] = field(default_factory=set)
    totals: set[int | None] = field(default_factory=set)
    whole: bool = True
    ended: bool = False

    def saw(self, page: Page) -> None:
        """Take a page into account."""
        self.whole &= page.sweep
        self.totals.add(page.total)
        self.ids.update(_ids(page))

    @property
    def claims_all(self) -> bool:
        """The read set out to cover the whole stream."""
        return self.ended and self.whole and bool(self.totals) and None not in self.totals

    @property
    def complete(self) -> bool:
        """Nothing can have been missed."""
        return self.claims_all and self.totals == {len(self.ids)}


def _ids(page: Page) -> Iterator[str]:
    for record in page.records:
        yield record.external_id
    yield from page.unchanged
    for number, rejected in enumerate(page.rejected):
        # A row without an id counts as one of its own, else a total could never be reached.
        yield rejected.external_id or f"\0{page.cursor}\0{number}"


class Judgement(StrEnum):
    """What is done about rows that a complete sweep did not see."""

    NOTHING = "nothing"
    VANISH = "vanish"
    HOLD = "hold"


def judge_absence(live: int, absent: int, *, max_share: float, accepted: bool) -> Judgement:
    """Few rows vanish at once; more than `max_share` of the live ones, and more than five, waits for a person."""
    if not absent:
        return Judgement.NOTHING
    if not accepted and absent > FEW and absent > max_share * live:
        return Judgement.HOLD
    return Judgement.VANISH
