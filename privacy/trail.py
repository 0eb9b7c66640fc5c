"""The audit chain of a registry: its head, and whether it is whole (`privacy.chain` judges)."""

import re
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection

from config.errors import ConfigError
from privacy.chain import Broken, Emptied, Head, judge
from privacy.retention import AUDIT
from store import audit, retention, tombstones
from store.chain import ERASED, ORIGIN, RETIRED, Cause, Deed, moment_of

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found: how many events it has, its head, and the first broken link, if any; how
    many events were emptied and by what (`privacy.chain.Judgement`)."""

    events: int
    head: Head
    broken: Broken | None
    emptied: Emptied
    since_head: Emptied | None


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
    deeds = _deeds(connection)
    with closing(audit.links(connection)) as links:
        found = judge(links, deeds, audit.stray(connection), kept)
    return Verdict(audit.count(connection), head_of(connection), *found)


def _deeds(connection: Connection) -> dict[Cause, Deed]:
    """What may have emptied events."""
    deeds = {Cause(ERASED, stone.id): Deed(moment_of(stone.effective_at)) for stone in tombstones.every(connection)}
    for proof in retention.proofs(connection):
        deeds[Cause(RETIRED, proof.id)] = Deed(moment_of(proof.at), frozenset(proof.ids.get(AUDIT, ())))
    return deeds
