"""Whether a read covered its whole stream, and what follows from what it did not see (invariant 6)."""

from datetime import UTC, datetime

import pytest

from connectors.base import Page, Rejected
from connectors.records import Customer, Kind, SourceRecord
from sync.sweep import FEW, Judgement, Sweep, judge_absence


def page(*ids: str, total: int | None = None, sweep: bool = True, refused: tuple[str | None, ...] = ()) -> Page:
    return Page(
        stream="people",
        retrieved_from="a page",
        records=tuple(SourceRecord(external_id=id_, kind=Kind.CUSTOMER, payload=Customer()) for id_ in ids),
        rejected=tuple(Rejected(external_id=id_, fields={}, reason="no name") for id_ in refused),
        sweep=sweep,
        total=total,
        cursor="".join(ids),
    )


def read(*pages: Page, ended: bool = True) -> Sweep:
    sweep = Sweep(datetime(2026, 11, 24, tzinfo=UTC))
    for each in pages:
        sweep.saw(each)
    sweep.ended = ended
    return sweep


@pytest.mark.parametrize(
    ("sweep", "claims_all", "complete"),
    [
        (read(page("1", "2", total=3), page("3", total=3)), True, True),
        (read(page("1", "2", total=2), page("2", total=2)), True, True),
        (read(page(total=0)), True, True),
        (read(page("1", total=3, refused=("2", None))), True, True),
        (read(page("1", total=4, refused=(None,)), page("2", total=4, refused=(None,))), True, True),
        (read(page("1", total=2, refused=("1",))), True, False),
        (read(page("1", "2", total=3), page("2", total=3)), True, False),
        (read(page("1", "2", total=3), page("3", "4", total=3)), True, False),
        (read(page("1", "2", total=3), page("3", total=4)), True, False),
        (read(page("1", "2", total=2), ended=False), False, False),
        (read(page("1", total=2), page("2", total=2, sweep=False)), False, False),
        (read(page("1"), page("2")), False, False),
        (read(page("1", total=2), page("2")), False, False),
        (read(), False, False),
    ],
    ids=(
        "whole", "one row twice", "empty", "refused rows count", "rows without an id count each", "refused twice",
        "a row slipped away", "a row too many", "the total moved", "cut", "a part", "no total", "a total at times",
        "no page",
    ),
)  # fmt: skip
def test_a_sweep_is_complete_only_where_nothing_can_have_been_missed(
    sweep: Sweep, claims_all: bool, complete: bool
) -> None:
    assert (sweep.claims_all, sweep.complete) == (claims_all, complete)


@pytest.mark.parametrize(
    ("live", "absent", "accepted", "judgement"),
    [
        (100, 0, False, Judgement.NOTHING),
        (0, 0, True, Judgement.NOTHING),
        (100, 1, False, Judgement.VANISH),
        (100, 20, False, Judgement.VANISH),
        (100, 21, False, Judgement.HOLD),
        (100, 21, True, Judgement.VANISH),
        (100, 100, False, Judgement.HOLD),
        (5, 5, False, Judgement.VANISH),
        (6, 6, False, Judgement.HOLD),
        (29, 6, False, Judgement.HOLD),
        (30, 6, False, Judgement.VANISH),
    ],
)
def test_few_vanish_and_many_wait_for_a_person(live: int, absent: int, accepted: bool, judgement: Judgement) -> None:
    assert FEW == 5
    assert judge_absence(live, absent, max_share=0.2, accepted=accepted) is judgement


def test_a_share_of_nought_holds_all_but_a_few_and_of_one_none() -> None:
    assert judge_absence(10_000, 6, max_share=0.0, accepted=False) is Judgement.HOLD
    assert judge_absence(10, 10, max_share=1.0, accepted=False) is Judgement.VANISH
