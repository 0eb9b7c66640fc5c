"""A bound on one answer as a whole, head and body.

A time-out of the HTTP library bounds one read of the socket. A server that sends a byte a second keeps within each of
them, for hours; and no code of ours runs before the head of the answer is whole.
"""

import math
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

_OPENED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Deadline:
    """Ends the connection of one client on which an answer takes too long. `missed`: the last answer did.

    One thread watches over all answers of a client: to start one for each would wait for the interpreter each time,
    while another thread maps and lands. It wakes when the earliest time that it was told of is up, looks whether an
    answer that began later is due, and otherwise sleeps on.
    """

    def __init__(self) -> None:
        self.missed = False
        self._socket: socket.socket | None = None
        self._due: float | None = None
        self._watcher: threading.Thread | None = None
        self._wakes_at = math.inf
        self._closed = False
        self._guard = threading.Condition()

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
        with self._guard:
            self.missed = False
            self._due = time.monotonic() + seconds
            self._watch(self._due)
        try:
            yield
        finally:
            with self._guard:
                self._due = None

    def close(self) -> None:
        """Let the watcher go."""
        with self._guard:
            self._closed = True
            self._guard.notify()

    def _watch(self, due: float) -> None:
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._keep_watch, name="deadline", daemon=True)
            self._watcher.start()
        elif due < self._wakes_at:
            self._guard.notify()

    def _keep_watch(self) -> None:
        with self._guard:
            while not self._closed:
                self._wakes_at = math.inf if self._due is None else self._due
                self._guard.wait(None if self._due is None else max(0.0, self._due - time.monotonic()))
                if self._due is not None and time.monotonic() >= self._due:
                    self._due = None
                    self.missed = True
                    self._shut()

    def _shut(self) -> None:
        """Whoever reads sees an end at once. Of the plain socket: below TLS, which is used by another thread now."""
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
