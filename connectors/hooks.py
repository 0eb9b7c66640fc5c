"""The seam for what a platform sends by itself: deliveries of events, and the list of where it sends them.

A delivery hastens what the next sweep would bring, and replaces no sweep: it may come late, twice, out of order or
never. A platform's package offers `receiver(source)` and `registrar(source, stop)` where it knows such things.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from connectors.records import Frozen, Kind, SourceRecord


class NotAnEventError(Exception):
    """The body is not the platform's envelope. The text quotes nothing of it."""


class Delivery(Frozen):
    """One event as it is kept until it is processed.

    `event_id`: the platform's own, the same for every repetition. `created_at`: when the platform says it happened,
    UTC. `stream` and `external_id`: the row that it speaks of; `None` where the topic is of no use to the registry.
    `fields`: of that row's payload the allow-listed fields, identity codes masked (`masked` of them), else empty.
    `deleted`: it says that the row is gone, which the platform is asked to confirm.
    """

    event_id: str
    topic: str
    created_at: datetime
    stream: str | None = None
    external_id: str | None = None
    fields: Mapping[str, Any] = {}
    masked: int = 0
    deleted: bool = False


class Observation(Frozen):
    """What a delivery says of one row.

    `speaks`: the payload fields that it says something about; the others stay as they are held. `only_new`: it may add
    the row and never change it, since it is an aside of an event about something else.
    """

    stream: str
    record: SourceRecord
    speaks: frozenset[str]
    only_new: bool = False


class Receiver(Protocol):
    """Understands one source's deliveries. No I/O."""

    streams: Mapping[str, Kind]
    """The streams that its deliveries speak of, and of which kind their rows are."""

    def is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the platform signed this very body. `headers` by lower-case name. In constant time."""
        ...

    def read(self, body: bytes) -> Delivery:
        """The delivery. Raises `NotAnEventError`."""
        ...

    def observe(self, delivery: Delivery) -> Sequence[Observation]:
        """What it says, the row that it is about first. Raises `RejectRow` where that row cannot be mapped."""
        ...


class Hook(Frozen):
    """One registered delivery: the platform sends events of `topic` to `target_url`."""

    id: str
    topic: str
    target_url: str
    status: str | None = None


class Registrar(Protocol):
    """The platform's list of deliveries. All may raise `ConnectorError`s."""

    topics: Sequence[str]
    """Topics that are of use."""

    def list(self) -> Sequence[Hook]:
        """Every registered delivery, whoever registered it."""
        ...

    def register(self, topic: str, target_url: str) -> Hook | None:
        """Register one; `None` where the platform does not know the topic. Raises `HoldSource` for a bad URL."""
        ...

    def remove(self, hook_id: str) -> bool:
        """Remove one; whether it was there."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...
