"""`POST /webhooks/SOURCE`: what a platform sends by itself is on disk before it is answered.

Nothing of a body is logged or sent back, and who cannot sign learns nothing but that.
"""

from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from config.logging import logger
from connectors.hooks import NotAnEventError, Receiver
from store.faults import database_fault
from sync.events import accept
from sync.sources import receiver
from sync.web.host import Host

MOST_BYTES = 1024 * 1024

STATUSES: Mapping[str, HTTPStatus] = {
    "taken": HTTPStatus.NO_CONTENT,
    "seen": HTTPStatus.NO_CONTENT,
    "bad_signature": HTTPStatus.UNAUTHORIZED,
    "not_an_event": HTTPStatus.BAD_REQUEST,
    "cut": HTTPStatus.BAD_REQUEST,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "not_kept": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What became of a delivery, and how it is answered."""

# What is not read of a body stands in the way of the connection's next request.
_HEADERS: Mapping[str, Mapping[str, str]] = {"too_large": {"connection": "close"}, "not_kept": {"retry-after": "30"}}


class _TooLargeError(Exception):
    """More came than is read."""


class Deliveries:
    """Takes deliveries for one process."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def take(self, request: Request) -> Response:
        """204 taken or seen before, 400 no event, 401 not signed, 404 no such source, 413 too large, 503 not now."""
        source = request.path_params["source"]
        understood = self._receiver(source)
        if understood is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        outcome = await self._outcome(source, understood, request)
        self._host.totals.add_event(source, outcome)
        return Response(status_code=STATUSES[outcome], headers=_HEADERS.get(outcome))

    async def _outcome(self, source: str, understood: Receiver, request: Request) -> str:
        try:
            body = await _body(request)
        except _TooLargeError:
            return "too_large"
        except ClientDisconnect:
            return "cut"
        if not understood.is_genuine(body, request.headers):
            return "bad_signature"
        try:
            outcome = await run_in_threadpool(accept, self._host.engine, source, understood, body)
        except NotAnEventError:
            return "not_an_event"
        except SQLAlchemyError as error:
            logger("sync").error("a delivery could not be kept", source=source, error=database_fault(error))
            return "not_kept"
        self._host.event_arrived()
        return outcome

    def _receiver(self, name: str) -> Receiver | None:
        found = [source for source in self._host.settings.sources() if source.name == name]
        return receiver(found[0]) if found else None


async def _body(request: Request) -> bytes:
    """The body, unless it is too large; then no more of it is read."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > MOST_BYTES:
        raise _TooLargeError
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise _TooLargeError
        chunks.append(chunk)
    return b"".join(chunks)
