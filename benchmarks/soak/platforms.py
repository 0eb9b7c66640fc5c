"""Both sandboxes in processes of their own, and what happens there; a mirror of the school writes the deliveries."""

import heapq
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.daemon import Daemon
from benchmarks.sandbox import started
from connectors.sandbox import words
from connectors.sandbox.made import Account, Client
from connectors.sandbox.people import Population
from connectors.thinkific.sandbox import API_KEY, ThinkificSandbox
from connectors.thinkific.sandbox_events import between, sign

NAMES = ("thinkific", "timma")
STEPS = 20
"""Days that pass in all, whatever the minutes: older bookings are read once a week alone, so few of them may change."""
_SHARE = 0.02
_open = build_opener(ProxyHandler({})).open

Due = tuple[float, int, bytes]
"""When to send it (monotonic seconds), a number, the body."""


@dataclass
class Platform:
    """A sandbox that listens at `url`."""

    url: str
    settings: dict[str, Any]

    def tell(self, deed: str, **what: Any) -> None:
        """One of its control paths."""
        asked = Request(f"{self.url}/_sandbox/{deed}", json.dumps(what).encode(), {"Content-Type": "application/json"})
        with _open(asked, timeout=30) as answer:
            answer.read()

    def stats(self) -> Any:
        """Its counters."""
        with _open(f"{self.url}/_sandbox/stats", timeout=30) as answer:
            return json.load(answer)


@contextmanager
def _served(name: str, seed: int, customers: int, today: date) -> Iterator[Platform]:
    people = ("--seed", str(seed), "--customers", str(customers), "--today", today.isoformat())
    with started(name, *people) as (url, settings):
        yield Platform(url, settings)


@dataclass
class World:
    """The platforms, their people, and the deliveries that are due. `sent`: deliveries by what became of them."""

    platforms: dict[str, Platform]
    people: Population
    seed: int
    sent: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    due: list[Due] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """The mirror knows what the school knows; what is sent is drawn from the seed."""
        self.mirror = ThinkificSandbox(self.people)
        self.rng = Random(self.seed)
        self._number = 0

    def faults(self, share: str | None) -> None:
        """One request in so many fails (`1/10`); `None`: no more faults."""
        for place, platform in enumerate(self.platforms.values()):
            platform.tell("faults", plan=f"random:{share}:seed={self.seed + place}" if share else "")

    def day(self) -> None:
        """A day passes everywhere; whatever was changed by hand is undone by it, of which no event tells."""
        before, self.people = self.people, self.people.change(self.people.step + 1, _SHARE)
        for platform in self.platforms.values():
            platform.tell("step", step=self.people.step, share=_SHARE)
        self.mirror.set_population(self.people)
        for topic, external_id in between(before, self.people):
            self._tell_of(topic, external_id)
        self.happened["days"] += 1

    def edit(self) -> None:
        """Somebody changes their name or number; at times somebody deletes their account, until the day passes."""
        account: Account = self.rng.choice(self.people.accounts)
        if self.mirror.users.get(str(account.id)) is None:
            return
        if self.rng.random() < 0.1:
            self.platforms["thinkific"].tell("delete", id=str(account.id), stream="users")
            self.mirror.delete(account.id)
            self._tell_of("user.deleted", str(account.id))
            self.happened["accounts deleted"] += 1
            return
        last = self.rng.choice(words.LAST)
        self.platforms["thinkific"].tell("edit", id=str(account.id), stream="users", fields={"last_name": last})
        self.mirror.edit(account.id, last_name=last)
        self._tell_of("user.updated", str(account.id))
        client: Client = self.rng.choice(self.people.clients)
        phone = words.phone_number(self.rng.randrange(500_000, 590_000))
        self.platforms["timma"].tell("edit", id=client.id, stream="clients", fields={"phone": phone})
        self.happened["edits by hand"] += 2

    def _tell_of(self, topic: str, external_id: str) -> None:
        """A delivery is on its way: soon, late, twice or never. Late ones overtake each other."""
        body = self.mirror.envelope(topic, external_id)
        self.happened["events"] += 1
        fate, now = self.rng.random(), time.monotonic()
        if fate < 0.1:
            self.sent["never"] += 1
            return
        late = self.rng.random() * (20 if fate < 0.3 else 1)
        self.put(now + late, body)
        if fate > 0.9:
            self.put(now + late + self.rng.random() * 10, body)
            self.sent["twice"] += 1

    def put(self, at: float, body: bytes) -> None:
        """Send it then."""
        with self.guard:
            self._number += 1
            heapq.heappush(self.due, (at, self._number, body))

    def next_due(self) -> bytes | None:
        """A delivery whose time has come."""
        with self.guard:
            return heapq.heappop(self.due)[2] if self.due and self.due[0][0] <= time.monotonic() else None

    def deliver(self, daemon: Daemon, body: bytes) -> float | None:
        """Send one; seconds until the answer. Where it is not taken it is sent again later, as the platform does."""
        path, signed = "/webhooks/thinkific", {"x-thinkific-hmac-sha256": sign(body, API_KEY)}
        try:
            seconds, status, _ = daemon.ask("POST", path, body, signed)
        except OSError:
            seconds, status = 0.0, 0
        self.sent[str(status)] += 1
        if status in (200, 202, 204):
            return seconds
        self.put(time.monotonic() + 2, body)
        return None


def first_day() -> date:
    """So long ago that nothing is dated in the future when all days have passed."""
    return (datetime.now(UTC) - timedelta(days=STEPS + 1)).date()


def world(stack: ExitStack, seed: int, customers: int) -> World:
    """Serve both for as long as the stack lasts."""
    today = first_day()
    served = {name: stack.enter_context(_served(name, seed, customers, today)) for name in NAMES}
    return World(served, Population(seed, customers, today=today), seed)
