"""The one place that speaks HTTP: tries, waits, pace, bounds, and the translation of httpx's exceptions.

A request first waits for its turn (`connectors.pace`), 90 s at most. It is tried 5 times or for 60 s, whichever ends
first; then `RetryLater`. What the platform refuses for good is `HoldSource`. Texts hold the method, the path and the
status: no query, no header, no body.
"""

import logging
import random
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from connectors.base import Traffic
from connectors.clock import Clock, SystemClock
from connectors.decode import decode
from connectors.errors import HoldSource, RetryLater
from connectors.pace import Pace, retry_after, told_to_wait

# A fixed one-minute window may be told of as 60 s, plus rounding, plus what the refused try itself took.
EDGE_S = 2.0
# Our own pace never asks for more than a minute; a platform that asks for longer is not waited for at all.
PACE_S = 90.0
CONNECT_S = 10.0
READ_S = 30.0
WHOLE_ANSWER_S = 60.0
BODY_BYTES = 64 * 1024 * 1024
_HOPS = 3
# httpx wraps httpcore wraps ssl; a chain of causes may also be a ring.
_CAUSES = 6
_TRANSIENT = frozenset({408, 425, 429})
MISSING = frozenset({404, 410})
"""What says that there is no such thing (RFC 9110, 15.5.5 and 15.5.11)."""
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
    """A usable answer. `value`: decoded JSON (`None` where something is missing and the body is none).
    `retrieved_from`: `GET /users`."""

    status: int
    value: Any
    headers: Mapping[str, str]
    retrieved_from: str

    @property
    def missing(self) -> bool:
        """Whether it says that there is no such thing."""
        return self.status in MISSING


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is tried, and for how many seconds; one try that is slow to answer may outlast them."""

    tries: int = 5
    budget_s: float = 60.0


PATIENT = Patience()
QUICK = Patience(tries=2, budget_s=5.0)
"""For a person who waits for the answer: a hiccup is forgiven, an outage is told."""


class _FailedTryError(Exception):
    """One try failed in a way that another try may mend. `told`: seconds that the platform asks to wait."""

    def __init__(self, reason: str, told: float | None = None, limited: bool = False) -> None:
        super().__init__(reason)
        self.told = told
        self.limited = limited


class HttpClient:
    """A paced, patient client of one platform, for one thread. One connection, kept alive.

    `headers` may hold secrets; `secrets` are blanked in every text should one ever get there. `settings_hint` ends the
    sentence "look at ..." of a refusal. `base_url` without a trailing slash or with one.
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
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._hint = settings_hint
        self._secrets = tuple(filter(None, secrets))
        self._clock = clock or SystemClock(stop)
        self._pace = Pace(requests_per_minute)
        self._requests = self._retries = 0
        self._waited_s = 0.0
        self._client = self._open(headers or {})

    @property
    def traffic(self) -> Traffic:
        """What was asked and waited since the client was made."""
        return Traffic(requests=self._requests, retries=self._retries, waited_s=round(self._waited_s, 3))

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
        self._keep_pace(path)
        budget = _Budget(self._clock, self._pace, patience)
        retrying = Retrying(
            retry=retry_if_exception_type(_FailedTryError),
            wait=budget.wait,
            stop=budget.is_spent,
            sleep=self._rest,
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            return retrying(self._try_whole, path, params, allow_missing, whole)
        except _FailedTryError as last:
            raise RetryLater(self._text(f"GET {path}: {last}; {budget.ending}")) from None

    def close(self) -> None:
        """Release the connection. May be called twice."""
        self._client.close()

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

    def _keep_pace(self, path: str) -> None:
        """Wait before the first try. Raises `RetryLater` where the last answer's headers ask for too long a wait."""
        seconds = self._pace.delay(self._clock.monotonic())
        if seconds > PACE_S:
            raise RetryLater(self._text(f"GET {path}: the platform asks to wait {seconds:.0f} s before this request"))
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

    def _try_whole(
        self,
        path: str,
        params: Mapping[str, str | int] | None,
        allow_missing: bool,
        whole: Callable[[Any], object] | None,
    ) -> Answer:
        answer = self._try(path, params, allow_missing)
        if whole is not None and not answer.missing:
            try:
                whole(answer.value)
            except RetryLater as damage:
                raise _FailedTryError(str(damage)) from None
        return answer

    def _try(self, path: str, params: Mapping[str, str | int] | None, allow_missing: bool) -> Answer:
        url = httpx.URL(f"{self._base_url}{path}", params=params)
        for _ in range(_HOPS):
            response, body = self._exchange(url)
            if not response.has_redirect_location:
                return self._judge(path, response, body, allow_missing)
            url = self._next_hop(path, response)
        raise HoldSource(f"GET {path}: the server redirects in a circle; look at {self._hint}")

    def _next_hop(self, path: str, response: httpx.Response) -> httpx.URL:
        """Where a redirect leads. Off the host it is not followed: the key would go to whoever stands there."""
        here = response.url
        try:
            there = here.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            there = httpx.URL("")
        if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
            status = response.status_code
            raise HoldSource(
                self._text(f"GET {path}: redirected to another address (status {status}); look at {self._hint}")
            )
        return there

    def _exchange(self, url: httpx.URL) -> tuple[httpx.Response, bytes]:
        self._requests += 1
        began = self._clock.monotonic()
        headers: Mapping[str, str] = {}
        try:
            response = self._client.send(self._client.build_request("GET", url), stream=True)
            headers = response.headers
            try:
                return response, self._body(response, began)
            finally:
                response.close()
        except httpx.HTTPError as error:
            # Without its cause: httpx's own texts and tracebacks hold the URL's query.
            raise _FailedTryError(fault(error)) from None
        finally:
            self._pace.answered(self._clock.monotonic(), headers, self._clock.epoch())

    def _body(self, response: httpx.Response, began: float) -> bytes:
        """The body, bounded in size (decompressed) and in time as a whole; httpx bounds each single read only."""
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > BODY_BYTES:
                raise _FailedTryError(f"the answer is larger than {BODY_BYTES // 2**20} MiB")
            if self._clock.monotonic() - began > WHOLE_ANSWER_S:
                raise _FailedTryError(f"the answer was not whole after {WHOLE_ANSWER_S:.0f} s")
        return b"".join(chunks)

    def _judge(self, path: str, response: httpx.Response, body: bytes, allow_missing: bool) -> Answer:
        status = response.status_code
        if status >= 500 or status in _TRANSIENT:
            limited = status == 429
            # Ordinary answers carry a reset too: only after a 429 does it say anything.
            told = (told_to_wait if limited else retry_after)(response.headers, self._clock.epoch())
            raise _FailedTryError(f"status {status}", told, limited)
        if status in (401, 403):
            raise HoldSource(self._text(f"GET {path}: access refused (status {status}); look at {self._hint}"))
        if not (response.is_success or (status in MISSING and allow_missing)):
            # A person must act (wrong address, or the platform changed), but other sources can still be right: so
            # neither StopRun nor a retry at every run that cannot succeed.
            raise HoldSource(
                self._text(
                    f"GET {path}: the platform does not know this request (status {status}); look at {self._hint}"
                )
            )
        return Answer(status, _decoded(body, status), response.headers, f"GET {path}")

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text


class _Budget:
    """The tries and seconds of one request: decides the wait after a failed try, and when to give up.

    The seconds begin with the first try; but where that was answered with 429, with the answer, so that the end of a
    one-minute window is always within reach. Only a wait that the platform asks for can be too long; our own are
    cut to what is left.
    """

    def __init__(self, clock: Clock, pace: Pace, patience: Patience) -> None:
        self._clock = clock
        self._pace = pace
        self._patience = patience
        self._began = clock.monotonic()
        self.ending = ""

    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next try."""
        now = self._clock.monotonic()
        failed = _failure(state)
        if failed.limited and state.attempt_number == 1:
            self._began = now
        seconds = _backoff(state.attempt_number, failed.limited)
        if failed.told is None:
            seconds = min(seconds, max(0.0, self._patience.budget_s - (now - self._began)))
        else:
            seconds = max(failed.told, min(seconds, 1.0))
        return max(seconds, self._pace.delay(now))

    def is_spent(self, state: RetryCallState) -> bool:
        """Whether to give up instead of waiting; `ending` then says why."""
        gone, tries, most = self._clock.monotonic() - self._began, state.attempt_number, self._patience.budget_s
        if tries >= self._patience.tries or gone >= most:
            self.ending = f"given up after {tries} {'try' if tries == 1 else 'tries'} in {gone:.0f} s"
        elif gone + state.upcoming_sleep > most + EDGE_S:
            self.ending = (
                f"the platform asks to wait {state.upcoming_sleep:.0f} s, a request may take {most:.0f} s in all"
            )
        return bool(self.ending)


def _failure(state: RetryCallState) -> _FailedTryError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, _FailedTryError) else _FailedTryError("unknown")


def _backoff(tries: int, limited: bool) -> float:
    """0.5, 1.5, 4.5, 13.5 s: a hiccup costs little, an outage of 20 s is outlasted. A rate limit without any stated
    end gets 4, 8, 16, 32 s, which spans a one-minute window. Each shortened by up to a quarter, against lockstep."""
    seconds: float = 4.0 * 2 ** (tries - 1) if limited else 0.5 * 3 ** (tries - 1)
    jitter: float = random.uniform(0.75, 1.0)  # noqa: S311 (no secret depends on it)
    return min(seconds, 32.0) * jitter


def fault(error: httpx.HTTPError) -> str:
    """An exception of httpx in words of ours; its own may hold the whole URL."""
    cause: BaseException | None = error
    for _ in range(_CAUSES):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "the server's certificate is not trusted"
        cause = cause.__cause__ if cause else None
    return next((text for kind, text in _FAULTS if isinstance(error, kind)), "the connection broke")


def _decoded(body: bytes, status: int) -> Any:
    """The JSON value. What is none is a fault on the way (a proxy's page, a cut body) and worth another try; but a
    page that says that something is missing may be anybody's, and is `None` here."""
    try:
        return decode(body)
    except ValueError:
        if status in MISSING:
            return None
        raise _FailedTryError(f"status {status}, but the body is cut or no JSON") from None
