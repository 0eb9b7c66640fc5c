"""How long a client keeps trying one request: decides the waits and the end. Knows no HTTP.

A request first waits for its turn (`connectors.pace`). It is tried 5 times or for 60 s, whichever ends first.
"""

import random
from dataclasses import dataclass

from tenacity import RetryCallState

from connectors.clock import Clock
from connectors.pace import Pace

# A fixed one-minute window may be told of as 60 s, plus rounding, plus what the refused try itself took.
EDGE_S = 2.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and for how many seconds; one try that is slow to answer may outlast them."""

    tries: int = 5
    budget_s: float = 60.0


PATIENT = Patience()
QUICK = Patience(tries=2, budget_s=5.0)
"""For a person who waits for the answer: a hiccup is forgiven, an outage is told."""


class FailedTryError(Exception):
    """One try failed in a way that another try may mend. `told`: seconds that the platform asks to wait."""

    def __init__(self, reason: str, told: float | None = None, limited: bool = False) -> None:
        super().__init__(reason)
        self.told = told
        self.limited = limited


class Budget:
    """The tries and seconds of one request: decides the wait after a failed try, and when to give up.

    The seconds begin with the first try; but where that was answered with 429, with the answer, so that the end of a
    one-minute window is always within reach. Only a wait that the platform asks for can be too long; our own are
    cut to what is left.
    """

    def __init__(self, clock: Clock, pace: Pace, patience: Patience) -> None:
        self._clock = clock
        self._pace = pace
        self._patience = patience
        self._began = clock.monotonic()
        self.ending = ""

    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next try."""
        now = self._clock.monotonic()
        failed = _failure(state)
        if failed.limited and state.attempt_number == 1:
            self._began = now
        seconds = _backoff(state.attempt_number, failed.limited)
        if failed.told is None:
            seconds = min(seconds, max(0.0, self._patience.budget_s - (now - self._began)))
        else:
            seconds = max(failed.told, min(seconds, 1.0))
        return max(seconds, self._pace.delay(now))

    def is_spent(self, state: RetryCallState) -> bool:
        """Whether to give up instead of waiting; `ending` then says why."""
        gone, tries, most = self._clock.monotonic() - self._began, state.attempt_number, self._patience.budget_s
        if tries >= self._patience.tries or gone >= most:
            self.ending = f"given up after {tries} {'try' if tries == 1 else 'tries'} in {gone:.0f} s"
        elif gone + state.upcoming_sleep > most + EDGE_S:
            self.ending = (
                f"the platform asks to wait {state.upcoming_sleep:.0f} s, a request may take {most:.0f} s in all"
            )
        return bool(self.ending)


def _failure(state: RetryCallState) -> FailedTryError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, FailedTryError) else FailedTryError("unknown")


def _backoff(tries: int, limited: bool) -> float:
    """0.5, 1.5, 4.5, 13.5 s: a hiccup costs little, an outage of 20 s is outlasted. A rate limit without any stated
    end gets 4, 8, 16, 32 s, which spans a one-minute window. Each shortened by up to a quarter, against lockstep."""
    seconds: float = 4.0 * 2 ** (tries - 1) if limited else 0.5 * 3 ** (tries - 1)
    jitter: float = random.uniform(0.75, 1.0)  # noqa: S311 (no secret depends on it)
    return min(seconds, 32.0) * jitter
