"""What a platform's marketing flag says: unknown is no consent (invariant 7)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.consent import flag_said

START = datetime(2026, 1, 1, tzinfo=UTC)


def flag_state(values: Sequence[bool | None], grantee: str | None) -> str:
    """The state alone, of values seen a day after another."""
    return flag_said([(value, START + timedelta(days=day)) for day, value in enumerate(values)], grantee)[0]


seen = st.lists(st.sampled_from((True, False, None)), max_size=6)


@pytest.mark.parametrize(
    ("values", "to_controller", "to_nobody_known"),
    [
        ([], "unknown", "unknown"),
        ([None], "unknown", "unknown"),
        ([True], "granted", "unknown"),
        ([False], "refused", "unknown"),
        ([False, True], "granted", "unknown"),
        ([True, None], "unknown", "unknown"),
        ([False, None], "refused", "unknown"),
        ([False, None, True], "granted", "unknown"),
        ([True, False], "withdrawn", "withdrawn"),
        ([True, None, False], "withdrawn", "withdrawn"),
        ([True, False, True], "withdrawn", "withdrawn"),
        ([True, False, None], "withdrawn", "withdrawn"),
        ([False, True, False], "withdrawn", "withdrawn"),
    ],
)
def test_a_flag_says(values: Sequence[bool | None], to_controller: str, to_nobody_known: str) -> None:
    assert flag_state(values, "controller") == to_controller
    assert flag_state(values, None) == flag_state(values, "platform") == to_nobody_known


@given(seen, seen)
def test_a_withdrawal_stands_whatever_is_seen_later(before: list[bool | None], after: list[bool | None]) -> None:
    assert flag_state([*before, True, False, *after], "controller") == "withdrawn"


@given(seen)
def test_only_a_present_yes_to_the_controller_grants(values: list[bool | None]) -> None:
    granted = flag_state(values, "controller") == "granted"
    assert not granted or values[-1] is True
    assert flag_state(values, None) in ("unknown", "withdrawn")


@pytest.mark.parametrize(
    ("values", "day"),
    [([True], 0), ([False, False, True], 2), ([True, False, None], 1), ([True, False, True, False], 3)],
)
def test_a_flag_says_since_when(values: Sequence[bool | None], day: int) -> None:
    seen = [(value, START + timedelta(days=number)) for number, value in enumerate(values)]
    assert flag_said(seen, "controller")[1] == START + timedelta(days=day)
