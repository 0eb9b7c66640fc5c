"""The one place that speaks HTTP: tries, waits, pace, bounds, and the translation of httpx's exceptions.

A request first waits for its turn (`connectors.pace`), 90 s at most. It is tried for as long as `connectors.patience`
says; then `RetryLater`. What the platform refuses for good is `HoldSource`. Texts hold the method, the path and the
status: no query, no header, no body.
"""

import logging
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from connectors.base import Traffic
from connectors.clock import Clock, SystemClock
from connectors.deadline import Deadline
from connectors.decode import decode
from connectors.errors import HoldSource, RetryLater
from connectors.pace import Pace, retry_after, told_to_wait
from connectors.patience import PATIENT, Budget, FailedTryError, Patience

# Our own pace never asks for more than a minute; a platform that asks for longer is not waited for at all.
PACE_S = 90.0
CONNECT_S = 10.0
READ_S = 30.0
WHOLE_ANSWER_S = 60.0
_NOT_WHOLE = f"the answer was not whole after {WHOLE_ANSWER_S:.0f} s"
BODY_BYTES = 64 * 1024 * 1024
_HOPS = 3
# httpx wraps httpcore wraps ssl; a chain of causes may also be a ring.
_CAUSES = 6
_TRANSIENT = frozenset({408, 425, 429})
_SAME_METHOD = frozenset({307, 308})
MISSING = frozenset({404, 410})
"""What says that there is no such thing (RFC 9110, 15.5.5 and 15.5.11)."""
INVALID = 422
"""What says that the request is understood, but a value in it is not taken (RFC 9110, 15.5.21)."""
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, f"no connection within {CONNECT_S:.0f} s"),
    (httpx.ReadTimeout, f"no answer within {READ_S:.0f} s"),
    (httpx.TimeoutException, "timed out"),
    (httpx.ProxyError, "the proxy refused"),
    (httpx.ConnectError, "no connection"),
    (httpx.RemoteProtocolError, "the answer was cut off or no HTTP"),
    (httpx.DecodingError, "the answer's compression is broken"),
)

# httpx logs every URL with its query at INFO, httpcore headers at DEBUG; neither may reach a log of ours.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@cache
def _trusted() -> ssl.SSLContext:
    """The trusted certificates, read once: reading them takes longer than most requests."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer. `value`: decoded JSON; `None` for an error's body that is none, and for no body where that is
    right. `retrieved_from`: `GET /users`."""

    status: int
    value: Any
    headers: Mapping[str, str]
    retrieved_from: str

    @property
    def missing(self) -> bool:
        """Whether it says that there is no such thing."""
        return self.status in MISSING

    @property
    def invalid(self) -> bool:
        """Whether it says that a value of the request is not taken."""
        return self.status == INVALID


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked. `usable`: statuses beside 2xx that the caller wants to see. `empty`: the body may be missing."""

    method: str
    path: str
    params: Mapping[str, str | int] | None = None
    body: Any = None
    usable: frozenset[int] = frozenset()
    empty: bool = False
    whole: Callable[[Any], object] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class HttpClient:
    """A paced, patient client of one platform, for one thread. One connection, kept alive.

    `headers` may hold secrets; `secrets` are blanked in every text should one ever get there. `settings_hint` ends the
    sentence "look at ..." of a refusal. `base_url` without a trailing slash or with one. `whole_answer_s`: seconds that
    one answer may take as a whole.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        requests_per_minute: int = 120,
        settings_hint: str = "the source's settings",
        secrets: Sequence[str] = (),
        clock: Clock | None = None,
        stop: threading.Event | None = None,
        whole_answer_s: float | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._hint = settings_hint
        self._secrets = tuple(filter(None, secrets))
        self._clock = clock or SystemClock(stop)
        self._pace = Pace(requests_per_minute)
        self._statuses: Counter[str] = Counter()
        self._retries = 0
        self._waited_s = 0.0
        self._deadline = Deadline()
        self._whole_answer_s = WHOLE_ANSWER_S if whole_answer_s is None else whole_answer_s
        self._client = self._open(headers or {})

    @property
    def traffic(self) -> Traffic:
        """What was asked and waited since the client was made."""
        return Traffic(
            requests=self._statuses.total(),
            retries=self._retries,
            waited_s=round(self._waited_s, 3),
            statuses=dict(self._statuses),
        )

    def get(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        allow_missing: bool = False,
        patience: Patience = PATIENT,
        whole: Callable[[Any], object] | None = None,
    ) -> Answer:
        """Ask until there is a usable answer. Raises `RetryLater`, `HoldSource`.

        A 404 or 410 is an answer where `allow_missing`. `whole` raises `RetryLater` for JSON that is not what was asked
        for; such an answer is damaged, and asked for again.
        """
        usable = MISSING if allow_missing else frozenset()
        return self._ask(_Request("GET", path, params, usable=usable, whole=whole), patience)

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        patience: Patience = PATIENT,
        whole: Callable[[Any], object] | None = None,
    ) -> Answer:
        """Send JSON until there is a usable answer; a 422 is one. Raises `RetryLater`, `HoldSource`.

        Tried again like a `GET`, also where the connection broke while the answer was awaited: the platform may have
        done it already. So it is for what does no harm when done twice, or for callers that look first.
        """
        return self._ask(_Request("POST", path, body=body, usable=frozenset({INVALID}), whole=whole), patience)

    def delete(self, path: str, *, patience: Patience = PATIENT) -> Answer:
        """Delete until there is a usable answer; a 404 or 410 is one. Raises `RetryLater`, `HoldSource`."""
        return self._ask(_Request("DELETE", path, usable=MISSING, empty=True), patience)

    def close(self) -> None:
        """Release the connection. May be called twice."""
        self._client.close()
        self._deadline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, headers: Mapping[str, str]) -> httpx.Client:
        # httpx would quote an unsendable header's value in its exception.
        if any(not value.isascii() or not value.isprintable() for value in headers.values()):
            raise HoldSource(f"the credentials hold characters that no key has; look at {self._hint}")
        try:
            url = httpx.URL(self._base_url)
            return httpx.Client(
                headers={"user-agent": "rekisteri", "accept": "application/json", **headers},
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
                limits=httpx.Limits(max_connections=2, keepalive_expiry=30),
                follow_redirects=False,
                verify=_trusted(),
                # A proxy of the environment is for the world outside, never for a sandbox on this machine.
                trust_env=url.host not in ("localhost", "127.0.0.1", "::1"),
            )
        except (httpx.InvalidURL, ValueError, ImportError, OSError):
            raise HoldSource(f"the address or the environment's proxy is unusable; look at {self._hint}") from None

    def _ask(self, request: _Request, patience: Patience) -> Answer:
        self._keep_pace(request)
        budget = Budget(self._clock, self._pace, patience)
        retrying = Retrying(
            retry=retry_if_exception_type(FailedTryError),
            wait=budget.wait,
            stop=budget.is_spent,
            sleep=self._rest,
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            return retrying(self._try_whole, request)
        except FailedTryError as last:
            raise RetryLater(self._text(f"{request}: {last}; {budget.ending}")) from None

    def _keep_pace(self, request: _Request) -> None:
        """Wait before the first try. Raises `RetryLater` where the last answer's headers ask for too long a wait."""
        seconds = self._pace.delay(self._clock.monotonic())
        if seconds > PACE_S:
            raise RetryLater(self._text(f"{request}: the platform asks to wait {seconds:.0f} s before this request"))
        self._rest(seconds)

    def _count_retry(self, _: RetryCallState) -> None:
        self._retries += 1

    def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            return
        before = self._clock.monotonic()
        stopped = self._clock.wait(seconds)
        self._waited_s += self._clock.monotonic() - before
        if stopped:
            raise RetryLater("stopped while waiting for the platform")

    def _try_whole(self, request: _Request) -> Answer:
        answer = self._try(request)
        if request.whole is not None and answer.status not in request.usable:
            try:
                request.whole(answer.value)
            except RetryLater as damage:
                raise FailedTryError(str(damage)) from None
        return answer

    def _try(self, request: _Request) -> Answer:
        url = httpx.URL(f"{self._base_url}{request.path}", params=request.params)
        for _ in range(_HOPS):
            response, body = self._exchange(request, url)
            if not response.has_redirect_location:
                return self._judge(request, response, body)
            url = self._next_hop(request, response)
        raise HoldSource(f"{request}: the server redirects in a circle; look at {self._hint}")

    def _next_hop(self, request: _Request, response: httpx.Response) -> httpx.URL:
        """Where a redirect leads. Off the host it is not followed: the key would go to whoever stands there. Nor is
        one that makes a `GET` of anything else (RFC 9110, 15.4): what was to be done would be lost unseen."""
        here, status = response.url, response.status_code
        try:
            there = here.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            there = httpx.URL("")
        elsewhere = (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port)
        if elsewhere or (request.method != "GET" and status not in _SAME_METHOD):
            text = f"{request}: redirected to another address (status {status}); look at {self._hint}"
            raise HoldSource(self._text(text))
        return there

    def _exchange(self, request: _Request, url: httpx.URL) -> tuple[httpx.Response, bytes]:
        began = self._clock.monotonic()
        headers: Mapping[str, str] = {}
        status = "none"
        traced = {"trace": self._deadline.trace}
        try:
            built = self._client.build_request(request.method, url, json=request.body, extensions=traced)
            with self._deadline.within(self._whole_answer_s):
                response = self._client.send(built, stream=True)
                headers, status = response.headers, f"{response.status_code // 100}xx"
                try:
                    return response, self._body(response, began)
                finally:
                    response.close()
        except httpx.HTTPError as error:
            # Without its cause: httpx's own texts and tracebacks hold the URL's query.
            raise FailedTryError(_NOT_WHOLE if self._deadline.missed else fault(error)) from None
        finally:
            self._statuses[status] += 1
            self._pace.answered(self._clock.monotonic(), headers, self._clock.epoch())

    def _body(self, response: httpx.Response, began: float) -> bytes:
        """The body, bounded in size (decompressed) and in time as a whole; httpx bounds each single read only."""
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > BODY_BYTES:
                raise FailedTryError(f"the answer is larger than {BODY_BYTES // 2**20} MiB")
            if self._clock.monotonic() - began > self._whole_answer_s:
                raise FailedTryError(_NOT_WHOLE)
        if self._deadline.missed:  # the end of a body without a stated length looks like any other end
            raise FailedTryError(_NOT_WHOLE)
        return b"".join(chunks)

    def _judge(self, request: _Request, response: httpx.Response, body: bytes) -> Answer:
        status = response.status_code
        if status >= 500 or status in _TRANSIENT:
            limited = status == 429
            # Ordinary answers carry a reset too: only after a 429 does it say anything.
            told = (told_to_wait if limited else retry_after)(response.headers, self._clock.epoch())
            raise FailedTryError(f"status {status}", told, limited)
        if status in (401, 403):
            raise HoldSource(self._text(f"{request}: access refused (status {status}); look at {self._hint}"))
        if not (response.is_success or status in request.usable):
            # A person must act (wrong address, or the platform changed), but other sources can still be right: so
            # neither StopRun nor a retry at every run that cannot succeed.
            raise HoldSource(
                self._text(
                    f"{request}: the platform does not know this request (status {status}); look at {self._hint}"
                )
            )
        value = None if request.empty and not body else _decoded(body, status, request.usable)
        return Answer(status, value, response.headers, str(request))

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text


def fault(error: httpx.HTTPError) -> str:
    """An exception of httpx in words of ours; its own may hold the whole URL."""
    cause: BaseException | None = error
    for _ in range(_CAUSES):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "the server's certificate is not trusted"
        if isinstance(cause, socket.gaierror):
            return "the server's name is not known, or no name server answers"
        cause = cause and (cause.__cause__ or cause.__context__)  # httpcore raises some `from None`
    return next((text for kind, text in _FAULTS if isinstance(error, kind)), "the connection broke")


def _decoded(body: bytes, status: int, usable: frozenset[int]) -> Any:
    """The JSON value. What is none is a fault on the way (a proxy's page, a cut body) and worth another try; but a
    page that says no may be anybody's, and is `None` here."""
    try:
        return decode(body)
    except ValueError:
        if status in usable:
            return None
        raise FailedTryError(f"status {status}, but the body is cut or no JSON") from None
