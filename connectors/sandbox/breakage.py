"""Breaks a connection for real, below HTTP: what a client sees on its socket is what a bad network does to it.

Needs the raw transport of the connection, which `server.serve` puts into the scope's state; elsewhere (an in-process
transport) there is no socket to break, which is an error of the test.
"""

import asyncio
import os
import socket
import struct

from starlette.types import ASGIApp, Message, Receive, Scope


def _transport(scope: Scope) -> asyncio.Transport:
    transport = scope.get("state", {}).get("transport")
    if not isinstance(transport, asyncio.Transport):
        raise TypeError("only a sandbox on a real socket can break a connection: use connectors.sandbox.server")
    return transport


async def _gone(receive: Receive) -> None:
    """Wait until the server has seen that the connection is closed; it would answer for us otherwise."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection (TCP RST) instead of answering: closing with a linger of zero drops it at once."""
    transport = _transport(scope)
    linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
    await _gone(receive)


async def cut(scope: Scope, receive: Receive, app: ASGIApp) -> None:
    """Send half of the answer's body under its whole content-length, then close."""
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    head = b"".join(b"%s: %s\r\n" % (name, value) for name, value in sent[0]["headers"])
    transport = _transport(scope)
    transport.write(b"HTTP/1.1 %d X\r\n%s\r\n%s" % (sent[0]["status"], head, body[: len(body) // 2]))
    transport.close()
    await _gone(receive)


async def pause(seconds: float, receive: Receive) -> bool:
    """Wait before answering; says whether the client is still there."""
    try:
        await asyncio.wait_for(_gone(receive), seconds)
    except TimeoutError:
        return True
    return False
