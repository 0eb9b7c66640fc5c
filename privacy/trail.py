"""The audit chain of a registry: its head, and whether it is whole (`privacy.chain` judges)."""

import re
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection

from config.errors import ConfigError
from privacy.chain import Broken, Head, judge
from store import audit
from store.chain import ORIGIN

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found: how many events it has, its head, and the first broken link, if any."""

    events: int
    head: Head
    broken: Broken | None


def head_named(text: str, option: str) -> Head:
    """A head as it was printed once. Raises `ConfigError`, naming the option."""
    found = _HEAD.fullmatch(text.strip().lower())
    if found is None or (found[1] == "0") is not (found[2] == ORIGIN):
        raise ConfigError("is no head; give it whole, as `rekisteri audit head` printed it: ID:HASH", option)
    return Head(int(found[1]), found[2])


def head_of(connection: Connection) -> Head:
    """The head of the chain as it is now."""
    last = audit.last(connection)
    return Head(last.id, last.hash) if last else Head(0, ORIGIN)


def verify(connection: Connection, kept: Head | None = None) -> Verdict:
    """Walk the whole chain, held against a head that was kept elsewhere. Call inside `store.engine.reading`."""
    with closing(audit.links(connection)) as links:
        broken = judge(links, audit.stray(connection), kept)
    return Verdict(audit.count(connection), head_of(connection), broken)
