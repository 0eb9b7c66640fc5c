"""Time as a client sees it: it tells the hour, and waits until told to stop."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests need none."""

    def monotonic(self) -> float:
        """Seconds of a steady clock."""
        ...

    def epoch(self) -> float:
        """Seconds since 1970, for absolute times of a platform."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait; at once `True` when the run is told to stop."""
        ...


class SystemClock:
    """The real clock, whose waits end when `stop` is set."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()

    def monotonic(self) -> float:
        """Seconds of a steady clock."""
        return time.monotonic()

    def epoch(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def wait(self, seconds: float) -> bool:
        """Wait; at once `True` when the run is told to stop."""
        return self._stop.wait(seconds)
