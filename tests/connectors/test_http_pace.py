"""Pace: never more than allowed in any minute, nothing wasted, room left for the site's other programs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.pace import Pace, told_to_wait

EPOCH = 1_785_947_640.0


class Site:
    """A platform with a fixed one-minute window, shared with others; says what is left in its headers."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.refused = 0
        self._window = -1
        self._used = 0

    def take(self, epoch: float, *, ours: bool = True) -> dict[str, str]:
        if (window := int(epoch // 60)) != self._window:
            self._window, self._used = window, 0
        self._used += 1
        self.refused += ours and self._used > self.limit
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(max(0, self.limit - self._used)),
            "ratelimit-reset": str((window + 1) * 60_000),
        }


def _run(pace: Pace, site: Site, requests: int, others_every: float = 0.0, headers: bool = True) -> float:
    """Send so many requests of 50 ms each; others send one each `others_every` seconds. Returns the seconds it took."""
    now, others = 0.0, 0.0
    for _ in range(requests):
        now += pace.delay(now)
        while others_every and others <= now:
            site.take(EPOCH + others, ours=False)
            others += others_every
        told = site.take(EPOCH + now)
        now += 0.05
        pace.answered(now, told if headers else {}, EPOCH + now)
    return now


@given(st.integers(1, 30), st.lists(st.tuples(st.floats(0, 70), st.floats(0, 40)), max_size=120))
def test_no_minute_holds_more_than_our_bound(per_minute: int, steps: list[tuple[float, float]]) -> None:
    pace = Pace(per_minute)
    now = 0.0
    sent: list[float] = []
    for idle, lasts in steps:
        now += idle
        now += pace.delay(now)
        sent.append(now + lasts)  # as late as the platform can count it
        now += lasts
        pace.answered(now, {}, EPOCH)

    for first, later in zip(sent, sent[per_minute:], strict=False):
        assert later - first >= 60 - 1e-6


def test_a_request_counts_for_a_whole_minute_after_its_answer() -> None:
    pace = Pace(2)
    for answered in (3.0, 10.0):
        pace.answered(answered, {}, EPOCH)

    assert [pace.delay(now) for now in (10.0, 62.0, 63.0)] == [53.0, 1.0, 0.0]


def test_a_short_run_never_waits() -> None:
    assert _run(Pace(120), Site(120), 50) == pytest.approx(50 * 0.05)


def test_a_long_run_alone_keeps_within_the_window_and_uses_most_of_it() -> None:
    site = Site(120)

    seconds = _run(Pace(120), site, 1000)

    assert site.refused == 0
    assert 500 <= seconds < 1.2 * 500


def test_a_long_run_beside_others_is_never_refused() -> None:
    site = Site(120)

    _run(Pace(120), site, 600, others_every=1.0)

    assert site.refused == 0


def test_our_own_bound_may_be_far_above_the_sites() -> None:
    site = Site(120)

    _run(Pace(1_000_000), site, 400)

    assert site.refused == 0


def test_without_headers_our_own_bound_alone_keeps_within_the_window() -> None:
    site = Site(120)

    _run(Pace(120), site, 500, headers=False)

    assert site.refused == 0


def test_an_exhausted_window_is_waited_out() -> None:
    pace = Pace(1000)
    pace.answered(10.0, {"ratelimit-remaining": "0", "ratelimit-reset": "20"}, EPOCH)

    assert pace.delay(10.0) == 21.0
    assert pace.delay(31.5) == 0.0


def test_half_a_window_is_spread() -> None:
    pace = Pace(1000)
    pace.answered(0.0, {"ratelimit-remaining": "60", "ratelimit-limit": "120", "ratelimit-reset": "49"}, EPOCH)

    assert pace.delay(0.0) == 1.0  # 50 s over 50 requests, ten left to others


def test_unreadable_headers_are_no_bound() -> None:
    pace = Pace(1000)
    for headers in ({"ratelimit-remaining": "few"}, {"ratelimit-remaining": "0", "ratelimit-reset": "nan"}):
        pace.answered(0.0, headers, EPOCH)

    assert pace.delay(0.0) == 0.0


@pytest.mark.parametrize("when", ["1 Jan 9999999999999999 00:00:00 GMT", "32 Jan 2026 00:00:00 GMT", "soon"])
def test_a_date_that_is_none_says_nothing(when: str) -> None:
    assert told_to_wait({"retry-after": when, "ratelimit-reset": "30"}, EPOCH) == 31.0
    assert told_to_wait({"date": when, "ratelimit-reset": str(int(EPOCH) + 20)}, EPOCH) == 21.0


@given(st.text(max_size=40), st.text("0123456789 :JanGMTMon,+-", max_size=40))
def test_no_date_makes_the_wait_stumble(retry_after: str, date: str) -> None:
    seconds = told_to_wait({"retry-after": retry_after, "date": date, "ratelimit-reset": str(int(EPOCH))}, EPOCH)

    assert seconds is not None
    assert seconds >= 0
