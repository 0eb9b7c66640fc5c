"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable

LOOK_EVERY_S = 0.005


def until(happened: Callable[[], object], within_s: float = 90.0) -> None:
    """Wait until it happens. Fails where it does not; the bound is for machines that are busy with other things."""
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(LOOK_EVERY_S)
