"""A bound on one answer as a whole, head and body.

A time-out of the HTTP library bounds one read of the socket. A server that sends a byte a second keeps within each of
them, for hours; and no code of ours runs before the head of the answer is whole.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Deadline:
    """Ends the connection of one client on which an answer takes too long. `missed`: the last answer did."""

    def __init__(self) -> None:
        self.missed = False
        self._socket: socket.socket | None = None
        self._guard = threading.Lock()

    def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """The `trace` extension of a request (httpcore's documentation, "Extensions"): shows each new connection."""
        if name in _OPENED:
            with self._guard:
                self._socket = info["return_value"].get_extra_info("socket")
                if self.missed:
                    self._shut()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """So much time has whatever is done inside."""
        self.missed = False
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        with self._guard:
            self.missed = True
            self._shut()

    def _shut(self) -> None:
        """Whoever reads sees an end at once. Of the plain socket: below TLS, which is used by another thread now."""
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
