"""When the next request may go out, and how long a refused one has to wait. Pure: the caller tells the time.

Two bounds hold at once. *Our own*: so many requests in any 60 seconds. *The platform's*: what its answers say is left
of the present window, which other programs of the same site use up too.
"""

from collections import deque
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

WINDOW_S = 60.0
# A reset in whole seconds may be rounded down, and two clocks differ by a little.
MARGIN_S = 1.0
# The last requests of a window are left to others, who do not wait for us; a tenth of the window, at most ten.
RESERVE_SHARE = 0.1
RESERVE_MOST = 10.0
_EPOCH_SECONDS = 10**8
_EPOCH_MILLISECONDS = 10**10
_SKEW_S = 2.0


class Pace:
    """The pace of one client. Times are seconds of any steady clock, the same one for all calls.

    A request counts from its *answer* on, when the platform has certainly counted it; so no minute of the platform's,
    wherever it begins, ever holds more than `per_minute` of ours. Spacing requests evenly was rejected: it keeps the
    same bound, but makes a short sync of fourteen requests last seven seconds.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = max(1, per_minute)
        self._answered: deque[float] = deque()
        self._remaining: float | None = None
        self._limit = float(self.per_minute)
        self._resets_at = 0.0

    def delay(self, now: float) -> float:
        """Seconds to wait before the next request."""
        return max(0.0, self._own_delay(now), self._platform_delay(now))

    def answered(self, now: float, headers: Mapping[str, str], epoch: float) -> None:
        """Note that a request was answered (or failed) at `now`. `epoch`: our wall clock, for absolute resets."""
        self._answered.append(now)
        remaining = _number(headers.get("ratelimit-remaining") or headers.get("x-ratelimit-remaining"))
        reset = reset_in(headers, epoch)
        if remaining is None or reset is None:
            return
        limit = _number(headers.get("ratelimit-limit") or headers.get("x-ratelimit-limit")) or float(self.per_minute)
        self._remaining, self._limit = remaining, max(limit, 1.0)
        self._resets_at = now + reset

    def _own_delay(self, now: float) -> float:
        while self._answered and self._answered[0] + WINDOW_S <= now:
            self._answered.popleft()
        if len(self._answered) < self.per_minute:
            return 0.0
        return self._answered[len(self._answered) - self.per_minute] + WINDOW_S - now

    def _platform_delay(self, now: float) -> float:
        """Nothing while more than half of the window is left, then even steps, then a rest until the reset."""
        left = self._resets_at - now
        if self._remaining is None or left <= 0:
            return 0.0
        if self._remaining > self._limit / 2:
            return 0.0
        usable = self._remaining - min(RESERVE_MOST, self._limit * RESERVE_SHARE)
        if usable < 1:
            return left
        return max(0.0, min(left, left / usable - (now - self._answered[-1] if self._answered else 0.0)))


def told_to_wait(headers: Mapping[str, str], epoch: float) -> float | None:
    """Seconds that the platform asks for: `Retry-After` (RFC 9110, 10.2.3), else `RateLimit-Reset`, else `None`."""
    asked = retry_after(headers, epoch)
    return reset_in(headers, epoch) if asked is None else asked


def retry_after(headers: Mapping[str, str], epoch: float) -> float | None:
    """Seconds from a `Retry-After` of either form; `None` for a missing or unreadable one."""
    value = headers.get("retry-after")
    if (seconds := _number(value)) is not None:
        return max(0.0, seconds)
    when = _http_date(value)
    return None if when is None else max(0.0, when - _their_clock(headers, epoch))


def reset_in(headers: Mapping[str, str], epoch: float) -> float | None:
    """Seconds until the window ends, a margin included. The header may hold seconds, epoch seconds or milliseconds."""
    value = _number(headers.get("ratelimit-reset") or headers.get("x-ratelimit-reset"))
    if value is None or value < 0:
        return None
    if value < _EPOCH_SECONDS:
        return value + MARGIN_S
    at = value / 1000 if value > _EPOCH_MILLISECONDS else value
    return max(0.0, at - _their_clock(headers, epoch)) + MARGIN_S


def _their_clock(headers: Mapping[str, str], epoch: float) -> float:
    """Their epoch: ours, unless the answer's `Date` differs by more than its own coarseness; they wrote both times."""
    theirs = _http_date(headers.get("date"))
    return theirs if theirs is not None and abs(theirs - epoch) > _SKEW_S else epoch


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 10**15 else None


def _http_date(value: str | None) -> float | None:
    if not value:
        return None
    try:
        when = parsedate_to_datetime(value)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
