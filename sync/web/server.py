"""Serves the daemon's answers from a thread of its own.

uvicorn raises the signals that it caught once more when it ends, so it is given none to catch: the main thread owns
them, and asks for the end by `stop`.
"""

import asyncio
import logging
import socket
import threading
import time

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from config.errors import ConfigError
from sync.web.app import build
from sync.web.aside import Aside
from sync.web.host import Host
from sync.web.observer import Observer
from sync.web.patience import Patience

_USUAL = Patience()
STARTS_WITHIN_S = 10.0
MOST_AT_ONCE = 200


class Server:
    """HTTP on the configured address. `url` is where it listens, once started."""

    def __init__(self, host: Host, patience: Patience = _USUAL) -> None:
        self._host, self._patience = host, patience
        self._observer = Observer(host, patience.look)
        self._answering, self._taking = Aside("answers", 2), Aside("deliveries", 4)
        self.url = ""
        self._listener: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether it serves."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen, then serve. Raises `ConfigError` where the address cannot be had."""
        self._listener = self._listen()
        self._observer.start()
        app = build(self._host, self._observer, self._answering, self._taking, self._patience)
        config = uvicorn.Config(
            app, http=_impatient(self._patience.head), ws="none", loop="asyncio", lifespan="off", interface="asgi3",
            access_log=False, server_header=False, log_config=None, log_level=logging.CRITICAL, proxy_headers=False,
            timeout_graceful_shutdown=self._patience.farewell, limit_concurrency=MOST_AT_ONCE, timeout_keep_alive=5,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), name="http", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._server.started and self._thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)

    def stop(self) -> None:
        """Listen no more, answer what was asked already, and let go of everything."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(self._patience.farewell + 1)
        self._observer.stop()
        self._answering.stop()
        self._taking.stop()
        if self._listener is not None:
            self._listener.close()

    def _listen(self) -> socket.socket:
        options = self._host.settings.http
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        # With the protocol spelled out, as asyncio turns Nagle's delay (40 ms an answer) off for such sockets alone.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((options.host, options.port))
            listener.listen(128)
        except OSError as error:
            listener.close()
            raise ConfigError(
                f"cannot listen on {options.host}, port {options.port} ({error.strerror}); another program, perhaps "
                "another daemon, has it: choose another, or correct http.host",
                "http.port",
            ) from None
        host, port = listener.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if family == socket.AF_INET6 else f"http://{host}:{port}"
        return listener


def _impatient(head_s: float) -> type[H11Protocol]:
    return type("Impatient", (_Impatient,), {"head_s": head_s})


class _Impatient(H11Protocol):
    """Leaves whoever holds a connection for nothing, where uvicorn itself waits for ever: the head of a request does
    not come to its end, our answers are not read, or a body goes on of which nobody wants to know any more."""

    head_s: float
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.head_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._relax()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.head_s, self.transport.abort)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.head_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        self._read_on()
        super().connection_lost(exc)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
