"""Tells the service manager how it goes: one datagram to `$NOTIFY_SOCKET` (sd_notify(3)). Without one, nothing."""

import os
import socket
from contextlib import suppress


def notify(*words: str) -> None:
    """Send words such as `READY=1`. Never raises: nobody may be listening."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A leading @ stands for a name in the abstract namespace (unix(7)).
    target = "\0" + address[1:] if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        line.sendto("\n".join(words).encode(), target)


def watchdog_s() -> float | None:
    """How often the service manager wants to hear `WATCHDOG=1`, in seconds; `None` where it does not."""
    try:
        microseconds = int(os.environ["WATCHDOG_USEC"])
        mine = int(os.environ.get("WATCHDOG_PID", os.getpid())) == os.getpid()
    except (KeyError, ValueError):
        return None
    return microseconds / 1_000_000 if mine and microseconds > 0 else None
