"""A clock that only moves when somebody waits."""

EPOCH = 1_785_947_659.0
"""41 s before a full minute, as in the recorded rate limit headers."""


class FakeClock:
    """Implements `connectors.clock.Clock`; `waits` holds what was waited for. `stopped`: the run is told to stop."""

    def __init__(self, *, stopped: bool = False) -> None:
        self.now = 1000.0
        self.waits: list[float] = []
        self.stopped = stopped

    def monotonic(self) -> float:
        return self.now

    def epoch(self) -> float:
        return EPOCH + self.now - 1000.0

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return self.stopped
