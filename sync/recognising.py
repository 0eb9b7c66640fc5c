"""Erased people known again among the rows that are about to land, whichever way they came (`sync.reentry` decides).

Only keyed digests are compared, and only of rows that are not held; mostly nobody is known, so that is found out first.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pydantic_core import from_json
from sqlalchemy import Connection

from privacy import key
from privacy.pseudonym import Pseudonyms, shortened
from store import heads, tombstones
from store.batch import ACTIVITIES, CUSTOMER, Arrivals, Batch, RejectedRow, Row, Stopped
from store.erasing.known import holders_of
from store.heads import Heads
from store.times import stamp
from store.tombstones import Decided, Hit, Hits, Standing
from sync.digesting import Borne, Digesting
from sync.reentry import Contact, Fate, Newcomer, Verdict, at_the_latest, judge_activity, judge_customer, stated

REASON = "may be a person who was erased: decide with `rekisteri erased list`"

_KEYS = 3
"""So many keys a tombstone has, about."""
_DEARER = 27
"""To look up so many digests in the database as there are keys, divided by this, costs a third of reading them all."""

Judged = Iterator[tuple[Row, Verdict, Newcomer]]


class Recognition:
    """Recognises under one key file, for as long as a run lasts (`store.batch.Recognise`)."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._pseudonyms: Pseudonyms | None = None
        self._standing = Standing()
        self._asked = 0
        self._heads: Heads | None = None

    def ready(self, connection: Connection) -> Pseudonyms | None:
        """`None` where there is nobody to be known again. Raises `ConfigError` where the key to them is not there."""
        if self._pseudonyms is None:
            self._pseudonyms = key.for_landing(connection, self._key_file)
        return self._pseudonyms

    def __call__(self, connection: Connection, batch: Batch, arrivals: Arrivals, /) -> Stopped:
        """See `store.batch.Recognise`. Raises `ConfigError`."""
        if batch.kind != CUSTOMER and batch.kind not in ACTIVITIES:
            return Stopped()
        pseudonyms = self.ready(connection)
        if pseudonyms is None:
            return Stopped()
        self._heed(tombstones.standing(connection))
        return _Page(connection, batch, Digesting(pseudonyms, batch), self, self._standing.decided).stopped(arrivals)

    def _heed(self, standing: Standing) -> None:
        """Somebody else was erased, or known again by another program: what was read is not all any more."""
        if standing.keys != self._standing.keys:
            self._asked, self._heads = 0, None
        self._standing = standing

    def knows_any(self, connection: Connection, digests: Sequence[bytes]) -> bool:
        """Whether any of these whole digests is a key, perhaps of a released tombstone. Few are looked up one by one;
        once it shows that there are many, all keys that there are get read, and the rest of the run asks no more."""
        if self._heads is None:
            self._asked += len(digests)
            if self._asked * _DEARER < self._standing.newest * _KEYS:
                return tombstones.any_among(connection, shortened(digests))
            self._heads = heads.read(connection)
        return self._heads.know_any(digests)

    def learn(self, connection: Connection, tombstone_id: int, digest: str) -> None:
        """The row of this id is an erased person's."""
        tombstones.add_keys(connection, tombstone_id, [(tombstones.RECORD, digest)])
        if self._heads is not None:
            self._heads.add(bytes.fromhex(digest))
            self._standing = tombstones.standing(connection)


@dataclass(slots=True)
class _Page:
    """What arrives with one batch. `were_decided`: whether a person ever decided about a row. The rest is what was
    found of the digests that were asked about last; `named`: of contacts with first names."""

    connection: Connection
    batch: Batch
    digests: Digesting
    recognition: Recognition
    were_decided: bool
    hits: Hits = field(default_factory=Hits)
    named: Hits = field(default_factory=Hits)
    decided: Mapping[str, Decided] = field(default_factory=dict)
    struck: Counter[int] = field(default_factory=Counter)

    def stopped(self, arrivals: Arrivals) -> Stopped:
        """What of it does not land."""
        customers = self.batch.kind == CUSTOMER
        judged = self._customers(arrivals.rows) if customers else self._activities(arrivals.rows, arrivals.owners)
        dropped, waiting = [], []
        for row, verdict, newcomer in judged:
            if verdict.fate is Fate.DROP:
                dropped.append(row.external_id)
                self._drop(row.external_id, verdict)
            elif verdict.fate is Fate.WAIT:
                waiting.append(_waits(row.external_id, verdict.tombstone_id, stamp(newcomer.created_at)))
        rejected = self._rejected(arrivals.rejected) if arrivals.rejected else {}
        tombstones.struck(self.connection, self.struck, self.batch.now)
        return Stopped(dropped, waiting, rejected)

    def _drop(self, external_id: str, verdict: Verdict) -> None:
        self.struck[verdict.tombstone_id] += 1
        if verdict.learn:
            self.recognition.learn(self.connection, verdict.tombstone_id, self.digests.own(external_id))

    def _ask(self, ids: Collection[str], contacts: Iterable[Sequence[Borne]]) -> bool:
        """Look up digests, those of ids of rows among what people decided too; whether any is known."""
        self.hits = tombstones.hits(self.connection, [*ids, *(one.digest for bears in contacts for one in bears)])
        self.decided = tombstones.decided(self.connection, ids) if self.were_decided else {}
        return bool(self.hits.keys or self.hits.shared or self.decided)

    def _ask_names(self, rows: Iterable[tuple[Sequence[Borne], Callable[[], Sequence[str]]]]) -> None:
        """Of contacts that a family shares, look up what they are together with first names."""
        shared = [(one, names()) for bears, names in rows for one in bears if one.digest in self.hits.shared]
        asked = {digest for one, firsts in shared for first in firsts for digest in self._said(one, first)}
        self.named = tombstones.hits(self.connection, asked) if asked else Hits()

    def _said(self, one: Borne, first: str) -> Iterator[str]:
        yield from (self.digests.named(one, first), self.digests.as_last(one, first))
        yield from self.digests.like(one, first)

    def _contacts(self, bears: Sequence[Borne], names: Callable[[], Sequence[str]]) -> list[Contact]:
        return [self._contact(one, names) for one in bears]

    def _contact(self, one: Borne, names: Callable[[], Sequence[str]]) -> Contact:
        if hits := self.hits.keys.get(one.digest):
            return Contact(hits)
        shared, firsts = self.hits.shared.get(one.digest), names()
        if not shared:
            return Contact()
        named = [self._named(self.digests.named(one, first)) for first in firsts]
        if any(named):
            return Contact([hit for hits in named for hit in hits], whole=all(named))
        return Contact(self._perhaps(one, firsts, shared), whole=False)

    def _named(self, digest: str) -> Sequence[Hit]:
        return self.named.keys.get(digest, ())

    def _perhaps(self, one: Borne, firsts: Sequence[str], shared: Sequence[Hit]) -> Sequence[Hit]:
        """Hits of a contact that others have too, of a row whose first name is no erased person's as it stands."""
        if not any(firsts) or all(self._named(self.digests.as_last(one, first)) for first in firsts):
            return shared
        like = [hit for first in firsts for digest in self.digests.like(one, first) for hit in self._named(digest)]
        if not like:
            return ()
        contact = (one.kind, one.value)
        here = holders_of(self.connection, [contact], ())
        return () if here.get(contact, frozenset()).intersection(firsts) else like

    def _are_all_new(self, rows: Sequence[Row], strangers: Sequence[Row]) -> bool:
        """Mostly nobody is known, and then it does not matter whose each digest is: to find that out takes less."""
        if self.were_decided:
            return False
        return not rows or not self.recognition.knows_any(self.connection, self.digests.all_of(rows, strangers))

    def _customers(self, rows: Sequence[Row]) -> Judged:
        if self._are_all_new(rows, rows):
            return
        own = [self.digests.own(row.external_id) for row in rows]
        borne = [self.digests.borne(row) for row in rows]
        if not self._ask(own, borne):
            return
        names = [partial(self.digests.first_names, row) for row in rows]
        self._ask_names(zip(borne, names, strict=True))
        for row, digest, bears, firsts in zip(rows, own, borne, names, strict=True):
            newcomer = Newcomer(
                created_at=stated(from_json(row.payload)),
                decided=self.decided.get(digest),
                own=self.hits.keys.get(digest, ()),
                contacts=self._contacts(bears, firsts),
            )
            yield row, judge_customer(newcomer), newcomer

    def _activities(self, rows: Sequence[Row], held: Collection[str]) -> Judged:
        strangers = [row for row in rows if row.owner_id not in held]
        waiting = self._waiting({row.owner_id for row in strangers if row.owner_id})
        if not waiting and self._are_all_new(rows, strangers):
            return
        own = [self.digests.own(row.external_id) for row in rows]
        # Of an owner who is held it is asked too, for a person may have let that one in alone.
        owners = {id_: self.digests.owner(id_) for id_ in {row.owner_id for row in rows} if id_}
        borne = {row.external_id: self.digests.borne(row) for row in strangers}
        if not self._ask([*own, *owners.values()], borne.values()) and not waiting:
            return
        self._ask_names((borne[row.external_id], partial(self.digests.first_names, row)) for row in strangers)
        for row, digest in zip(rows, own, strict=True):
            owner = owners.get(row.owner_id or "", "")
            bears = borne.get(row.external_id, ())
            newcomer = Newcomer(
                created_at=at_the_latest(from_json(row.payload), row.updated_at),
                decided=self.decided.get(digest),
                own=self.hits.keys.get(digest, ()),
                contacts=self._contacts(bears, partial(self.digests.first_names, row)),
                owner=self.hits.keys.get(owner, ()),
                owner_held=row.owner_id in held,
                owner_decided=self.decided.get(owner),
                owner_waits=waiting.get(row.owner_id or ""),
            )
            yield row, judge_activity(newcomer), newcomer

    def _waiting(self, owners: Collection[str]) -> dict[str, int]:
        """The owners that wait in quarantine, and because of whom."""
        stream = self.batch.owner_stream
        return tombstones.waiting_among(self.connection, self.batch.source, stream, owners) if stream else {}

    def _rejected(self, rejected: Sequence[RejectedRow]) -> dict[str, RejectedRow | None]:
        """What is kept of rows that could not be mapped, by key: of an erased person's nothing; where what stands in it
        leads to one, no more than that it came."""
        own = [self.digests.own(one.key) for one in rejected]
        leads = [self.digests.lead(one) for one in rejected]
        owners = [digest for lead in leads for digest in lead.owners]
        if not self._ask([*own, *owners], [lead.contacts for lead in leads]):
            return {}
        self._ask_names((lead.contacts, lead.names) for lead in leads)
        kept: dict[str, RejectedRow | None] = {}
        for one, digest, lead in zip(rejected, own, leads, strict=True):
            verdict = judge_activity(Newcomer(decided=self.decided.get(digest), own=self.hits.keys.get(digest, ())))
            known = [hit for id_ in lead.owners for hit in self.hits.keys.get(id_, ())]
            hits = [*known, *(hit for contact in self._contacts(lead.contacts, lead.names) for hit in contact.hits)]
            if verdict.fate is Fate.DROP:
                kept[one.key] = None
                self._drop(one.key, verdict)
            elif hits and digest not in self.decided:
                kept[one.key] = _waits(one.key, max(hits)[0], None)
        return kept


def _waits(id_: str, tombstone_id: int, created_at: str | None) -> RejectedRow:
    fields = {"id": id_} | ({"created_at": created_at} if created_at else {})
    return RejectedRow(id_, json.dumps(fields), REASON, tombstone_id=tombstone_id)
