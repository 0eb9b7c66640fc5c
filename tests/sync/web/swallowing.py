"""A way to a PostgreSQL server on which everything can get lost, as when a network is cut or a machine freezes."""

import socket
import threading
from contextlib import suppress
from pathlib import Path


class Way:
    """Listens on loopback and passes all on. What is connected while `swallow` holds is never heard of again."""

    def __init__(self, sockets: str) -> None:
        self._server = next(Path(sockets).glob(".s.PGSQL.*[0-9]"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._swallows = threading.Event()
        self._pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def swallow(self) -> None:
        """From now on nothing arrives, on old connections for ever."""
        self._swallows.set()

    def open(self) -> None:
        """New connections work again."""
        self._swallows = threading.Event()

    def cut(self) -> None:
        """Whoever came hears that it is over, the server hears nothing."""
        for client in self._pairs[::2]:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything."""
        for each in (self._listener, *self._pairs):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            swallows = self._swallows
            server = socket.socket(socket.AF_UNIX)
            self._pairs += [client, server]
            if not swallows.is_set():
                server.connect(str(self._server))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=_pass, args=(source, target, swallows), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket, swallows: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if not swallows.is_set():
                target.sendall(data)
        if not swallows.is_set():
            target.shutdown(socket.SHUT_WR)
