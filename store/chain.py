"""The form of the audit chain: what an event and its payload are hashed over, without I/O (`store.audit` writes them,
`privacy.chain` judges them).

1. The payload, `[customer id, detail]` as JSON, stands apart with a salt of its own. Its digest is the SHA-256 of the
   salt and the payload, so that a digest whose payload was deleted cannot be guessed back.
2. An event's hash is the SHA-256 of `[id, at, actor, action, purpose, digest, hash of the event before]` as JSON;
   before the first event stand 64 zeros.
3. Ids count from 1 without a gap.
"""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import NamedTuple

ORIGIN = "0" * 64
"""The hash before the first event."""
EMPTIED = "audit.emptied"
"""The act that names events whose payloads were deleted; its own never is."""
ERASED, RETIRED = "tombstone", "retention_run"
"""Kinds of a `Cause`: the tables that prove it."""


class Cause(NamedTuple):
    """Because of what payloads were deleted: an erasure, by the id of its tombstone, or a run of retention, by that of
    its proof."""

    kind: str
    id: int


class Deed(NamedTuple):
    """A cause as the registry knows it. `at`: when it was, as an event is hashed. `events`: those that it may have
    emptied; `None` where it does not name them, which an erasure must not."""

    at: str
    events: frozenset[int] | None = None


class Payload(NamedTuple):
    """What an event says of a person, as it stands in the database."""

    salt: str
    customer_id: str | None
    detail: str

    @property
    def digest(self) -> str:
        """What the digest of its event must be."""
        return digest_of(*self)


class Link(NamedTuple):
    """An event as it stands in the database. `at`: as it is hashed. `payload`: `None` where there is none any more."""

    id: int
    at: str
    actor: str
    action: str
    purpose: str
    digest: str
    hash: str
    payload: Payload | None

    def hash_as(self, id_: int, before: str) -> str:
        """What its hash would be if it were event `id_`, after the one whose hash is `before`."""
        return _hash_of(id_, self.at, self.actor, self.action, self.purpose, self.digest, before)


def digest_of(salt: str, customer_id: str | None, detail: str) -> str:
    """The digest of a payload, 64 hex characters."""
    return sha256(f"{salt}[{_quoted(customer_id)},{_quoted(detail)}]".encode()).hexdigest()


def hash_of(id_: int, at: datetime, actor: str, action: str, purpose: str, digest: str, before: str, /) -> str:
    """The hash of an event after the one whose hash is `before`, 64 hex characters."""
    return _hash_of(id_, moment_of(at), actor, action, purpose, digest, before)


def moment_of(at: datetime) -> str:
    """A time as it is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _hash_of(id_: int, *texts: str) -> str:
    return sha256(f"[{id_},{','.join(map(_quoted, texts))}]".encode()).hexdigest()


def _quoted(text: str | None) -> str:
    """As JSON. An encoder for the whole list takes three times as long, and a chain has many."""
    return "null" if text is None else encode_basestring(text)


def spans(ids: Collection[int]) -> str:
    """Ids as a text, neighbours together: `3-5,9`."""
    found: list[list[int]] = []
    for id_ in sorted(ids):
        if found and found[-1][1] == id_ - 1:
            found[-1][1] = id_
        else:
            found.append([id_, id_])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def emptied_by(link: Link) -> Iterator[int]:
    """Ids of the events before it whose payloads an `EMPTIED` event says it deleted; none where it does not read so."""
    try:
        said = json.loads(link.payload.detail)["events"] if link.payload else ""
        for span in filter(None, said.split(",")):
            first, _, last = span.partition("-")
            yield from range(max(int(first), 1), min(int(last or first), link.id - 1) + 1)
    except (AttributeError, KeyError, TypeError, ValueError):
        return


def cause_of(link: Link) -> Cause | None:
    """Because of what an `EMPTIED` event says it deleted; `None` where it does not read so."""
    try:
        said = json.loads(link.payload.detail) if link.payload else {}
        (found,) = (Cause(kind, said[kind]) for kind in (ERASED, RETIRED) if kind in said)
    except (TypeError, ValueError):
        return None
    return found if type(found.id) is int else None
