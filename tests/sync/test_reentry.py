"""Whether a row is an erased person's: the whole table of verdicts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.reentry import Contact, Fate, Newcomer, Verdict, at_the_latest, judge_activity, judge_customer, stated

ERASED = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE, AFTER = ERASED - timedelta(days=1), ERASED + timedelta(days=1)
HIT = [(1, ERASED)]
LATER = [(2, AFTER)]
GONE, FREE, PART = Contact(HIT), Contact(), Contact(HIT, whole=False)
LAND, DROP, WAIT = Fate.LAND, Fate.DROP, Fate.WAIT


@pytest.mark.parametrize(
    ("row", "fate"),
    [
        ({}, LAND),
        ({"contacts": [FREE, FREE]}, LAND),
        ({"contacts": [FREE], "created_at": AFTER}, LAND),
        ({"own": HIT}, DROP),
        ({"own": HIT, "contacts": [GONE, GONE]}, DROP),
        ({"own": HIT, "contacts": [GONE], "created_at": BEFORE}, DROP),
        ({"contacts": [GONE]}, DROP),
        ({"contacts": [GONE], "created_at": ERASED}, DROP),
        ({"contacts": [GONE], "created_at": AFTER}, WAIT),
        ({"own": HIT, "created_at": AFTER}, WAIT),
        ({"contacts": [GONE, FREE]}, WAIT),
        ({"own": HIT, "contacts": [FREE]}, WAIT),
        ({"own": HIT, "contacts": [GONE, FREE], "created_at": BEFORE}, WAIT),
        ({"contacts": [PART]}, WAIT),
        ({"own": HIT, "contacts": [GONE, PART]}, WAIT),
        ({"contacts": [GONE, Contact(LATER)], "created_at": ERASED + timedelta(hours=1)}, DROP),
    ],
)
def test_a_customer_row(row: dict[str, Any], fate: Fate) -> None:
    assert judge_customer(Newcomer(**row)).fate is fate


@pytest.mark.parametrize(
    ("row", "fate"),
    [
        ({}, LAND),
        ({"owner_held": True}, LAND),
        ({"owner_held": True, "contacts": [GONE]}, LAND),
        ({"own": HIT}, DROP),
        ({"own": HIT, "owner_held": True}, DROP),
        ({"own": HIT, "created_at": AFTER}, DROP),
        ({"owner": HIT, "created_at": BEFORE}, DROP),
        ({"owner": HIT, "created_at": AFTER}, WAIT),
        ({"owner": HIT}, WAIT),
        ({"owner_waits": 1, "created_at": BEFORE}, WAIT),
        ({"owner": HIT, "owner_decided": ("admit", 1, AFTER), "owner_held": True}, LAND),
        ({"owner": HIT, "owner_decided": ("refuse", 1, AFTER), "created_at": AFTER}, DROP),
        ({"owner_decided": ("refuse", 1, AFTER)}, DROP),
        ({"own": HIT, "owner": HIT, "owner_decided": ("admit", 1, AFTER), "owner_held": True}, DROP),
        ({"contacts": [FREE]}, LAND),
        ({"contacts": [GONE, GONE], "created_at": BEFORE}, DROP),
        ({"contacts": [GONE], "created_at": AFTER}, WAIT),
        ({"contacts": [GONE]}, WAIT),
        ({"contacts": [GONE, FREE], "created_at": BEFORE}, WAIT),
        ({"contacts": [PART], "created_at": BEFORE}, WAIT),
    ],
)
def test_what_somebody_did(row: dict[str, Any], fate: Fate) -> None:
    assert judge_activity(Newcomer(**row)).fate is fate


@pytest.mark.parametrize("judge", [judge_customer, judge_activity])
@pytest.mark.parametrize(
    ("decided", "fate"),
    [
        (("admit", 7, AFTER), LAND),
        (("refuse", 7, AFTER), DROP),
        (("admit", 7, BEFORE), DROP),  # erased once more since
        (("admit", 7, ERASED), DROP),
        (("refuse", 7, BEFORE), DROP),
    ],
)
def test_a_decision_stands_until_the_row_is_erased_again(judge: Any, decided: Any, fate: Fate) -> None:
    assert judge(Newcomer(decided=decided, own=HIT)).fate is fate


def test_a_verdict_names_the_latest_erasure_and_learns_an_id_that_is_new() -> None:
    assert judge_customer(Newcomer(contacts=[GONE, Contact(LATER)])) == Verdict(DROP, 2, learn=True)
    assert judge_customer(Newcomer(own=HIT, contacts=[Contact(LATER)])) == Verdict(DROP, 2)
    assert judge_customer(Newcomer(contacts=[GONE, FREE])) == Verdict(WAIT, 1)
    assert judge_activity(Newcomer(own=[*HIT, *LATER])) == Verdict(DROP, 2)
    assert judge_activity(Newcomer(decided=("refuse", 7, AFTER))) == Verdict(DROP, 7)
    assert judge_activity(Newcomer(owner_waits=3)) == Verdict(WAIT, 3)


@pytest.mark.parametrize(
    ("payload", "updated_at", "found"),
    [
        ({}, None, None),
        ({"created_at": "2026-11-02T00:00:00Z", "starts_at": "2026-10-31T00:00:00Z"}, BEFORE, AFTER),
        ({"starts_at": "2026-10-31T00:00:00Z"}, AFTER, BEFORE),
        ({"starts_at": "2026-11-02T00:00:00Z"}, BEFORE, BEFORE),
        ({"starts_at": "2026-11-02T00:00:00Z"}, None, AFTER),
        ({}, AFTER, AFTER),
        (
            {"started_at": None, "updated_at": "2026-11-02T00:00:00Z", "activated_at": "2026-10-31T00:00:00Z"},
            None,
            BEFORE,
        ),
    ],
)
def test_when_something_was_made_at_the_latest(payload: dict[str, Any], updated_at: Any, found: Any) -> None:
    assert at_the_latest(payload, updated_at) == found


def test_of_a_customer_only_what_is_stated_counts() -> None:
    assert stated({"created_at": "2026-11-02T00:00:00Z"}) == AFTER
    assert stated({"last_visit_on": "2026-11-02"}) is None
