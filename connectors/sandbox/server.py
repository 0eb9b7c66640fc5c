"""Serves a sandbox on loopback from a thread of this process, over a real socket."""

import asyncio
import logging
import socket
import threading
import time
from typing import Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

READY_WITHIN_S = 10.0


class _Protocol(H11Protocol):
    """Puts the raw transport into the scope's state, so that a fault can break the connection itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class serve:  # noqa: N801 (used as a verb: `with serve(sandbox) as served:`)
    """A running server of one application: a context manager, or `start()` and `stop()` by hand.

    It listens from `start` on, so the first request never comes too early. Port 0 is any free port; `url` is the
    address without a path. No signal handlers, no log lines.
    """

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._app, self._port = app, port
        self.url = ""

    def start(self) -> Self:
        """Listen and serve. Raises `OSError` when the port is taken."""
        # With the protocol spelled out, as asyncio turns Nagle's delay (40 ms an answer) off for such sockets alone.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
            listener.listen(128)
        except OSError:
            listener.close()
            raise
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self._app, http=_Protocol, ws="none", loop="asyncio", lifespan="off", interface="asgi3", access_log=False,
            server_header=False, log_config=None, log_level=logging.CRITICAL, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="sandbox", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.002)
        return self

    def stop(self) -> None:
        """Stop listening, close every connection, and wait until the thread has ended."""
        self._server.should_exit = True
        self._thread.join(READY_WITHIN_S)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop, whatever happened."""
        self.stop()
