"""`POST /webhooks/SOURCE`: what a platform sends by itself is on disk before it is answered.

Nothing of a body is logged or sent back, and who cannot sign learns nothing but that.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from config.logging import describe, logger
from config.settings import Settings
from connectors.hooks import NotAnEventError, Receiver
from store.faults import database_fault
from sync.events import accept
from sync.sources import receiver
from sync.web.aside import Aside
from sync.web.host import Host
from sync.web.patience import Patience

MOST_BYTES = 1024 * 1024
_NEVER_READ_BYTES = 16 * MOST_BYTES

STATUSES: Mapping[str, HTTPStatus] = {
    "taken": HTTPStatus.NO_CONTENT,
    "seen": HTTPStatus.NO_CONTENT,
    "bad_signature": HTTPStatus.UNAUTHORIZED,
    "not_an_event": HTTPStatus.BAD_REQUEST,
    "cut": HTTPStatus.BAD_REQUEST,
    "slow": HTTPStatus.REQUEST_TIMEOUT,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_kept": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What became of a delivery, and how it is answered."""

# What is not read of a body stands in the way of the connection's next request.
_CLOSE = {"connection": "close"}
_HEADERS: Mapping[str, Mapping[str, str]] = {"too_large": _CLOSE, "slow": _CLOSE, "not_kept": {"retry-after": "30"}}


class _TooLargeError(Exception):
    """More came than is read."""


class Deliveries:
    """Takes deliveries for one process."""

    def __init__(self, host: Host, aside: Aside, patience: Patience) -> None:
        self._host, self._aside, self._patience = host, aside, patience
        self._settings: Settings | None = None
        self._receivers: dict[str, Receiver | None] = {}

    async def take(self, request: Request) -> Response:
        """204 taken or seen before, 400 no event, 401 not signed, 404 no such source, 408 too slow, 413 too large,
        503 not kept now.

        What was not kept in time may still be kept a moment later: repeated, it is then seen before.
        """
        source = request.path_params["source"]
        understood = self.receivers().get(source)
        if understood is None:
            return Response(status_code=HTTPStatus.NOT_FOUND, headers=_CLOSE)
        outcome = await self._outcome(source, understood, request)
        self._host.totals.add_event(source, outcome)
        return Response(status_code=STATUSES[outcome], headers=_HEADERS.get(outcome))

    async def _outcome(self, source: str, understood: Receiver, request: Request) -> str:
        try:
            async with asyncio.timeout(self._patience.body):
                body = await _body(request)
        except _TooLargeError:
            return "too_large"
        except TimeoutError:
            return "slow"
        except ClientDisconnect:
            return "cut"
        if not understood.is_genuine(body, request.headers):
            return "bad_signature"
        return await self._kept(source, understood, body)

    async def _kept(self, source: str, understood: Receiver, body: bytes) -> str:
        try:
            keep = partial(accept, self._host.engine, source, understood, body)
            outcome = await self._aside.run(keep, self._patience.answer)
        except NotAnEventError:
            return "not_an_event"
        except SQLAlchemyError as error:
            fault = database_fault(error)
        except TimeoutError:
            fault = f"it did not take it within {self._patience.answer:.0f} s"
        except Exception as error:
            fault = describe(error)
        else:
            self._host.event_arrived()
            return outcome
        logger("sync").error("a delivery could not be kept", source=source, error=fault)
        return "not_kept"

    def receivers(self) -> Mapping[str, Receiver | None]:
        """What understands the deliveries of each source. Made anew when the settings are."""
        settings = self._host.settings
        if settings is not self._settings:
            self._receivers = {source.name: receiver(source) for source in settings.sources()}
            self._settings = settings
        return self._receivers


async def _body(request: Request) -> bytes:
    """The body. What is a little too large is read to its end and thrown away, since a sender who is interrupted while
    it sends may never see the answer."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > _NEVER_READ_BYTES:
        raise _TooLargeError
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _NEVER_READ_BYTES:
            raise _TooLargeError
        if size <= MOST_BYTES:
            chunks.append(chunk)
    if size > MOST_BYTES:
        raise _TooLargeError
    return b"".join(chunks)
