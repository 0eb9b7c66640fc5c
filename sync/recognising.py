"""Erased people known again among the rows that are about to land, whichever way they came (`sync.reentry` decides).

Only keyed digests are compared, and only those of rows that are not held: a page without any asks nothing but whether
anybody was ever erased.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection

from connectors.contacts import to_e164
from privacy import key
from privacy.pseudonym import Pseudonyms
from store import tombstones
from store.batch import ACTIVITIES, CUSTOMER, Batch, RejectedRow, Row, Stopped
from store.declarations import first_names
from store.times import stamp
from store.tombstones import Decided, Hit
from sync.reconcile.keys import EMAIL, PHONE, mailbox
from sync.reconcile.names import joined_name, tokens
from sync.reentry import (
    Contact,
    Fate,
    Newcomer,
    Verdict,
    at_the_latest,
    judge_activity,
    judge_customer,
    stated,
)

REASON = "may be a person who was erased: decide with `rekisteri erased list`"

Folded = tuple[str, str]
"""Kind (email, phone) and folded value."""


class Recognition:
    """Recognises under one key file, for as long as a run lasts (`store.batch.Recognise`)."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._pseudonyms: Pseudonyms | None = None

    def ready(self, connection: Connection) -> bool:
        """Whether there is anybody to be known again. Raises `ConfigError` where the key to it is not there."""
        if self._pseudonyms is None:
            self._pseudonyms = key.for_landing(connection, self._key_file)
        return self._pseudonyms is not None

    def __call__(
        self, connection: Connection, batch: Batch, rows: Sequence[Row], rejected: Sequence[RejectedRow]
    ) -> Stopped:
        """See `store.batch.Recognise`. Raises `ConfigError`."""
        if batch.kind != CUSTOMER and batch.kind not in ACTIVITIES:
            return Stopped()
        if not self.ready(connection) or self._pseudonyms is None:
            return Stopped()
        return _Page(connection, batch, self._pseudonyms).stopped(rows, rejected)


@dataclass(slots=True)
class _Page:
    """The new rows of one page. `hits` and `decided`: by digest, of all that was asked for so far."""

    connection: Connection
    batch: Batch
    digests: Pseudonyms
    hits: Mapping[str, Sequence[Hit]] = field(default_factory=dict)
    decided: Mapping[str, Decided] = field(default_factory=dict)
    struck: Counter[int] = field(default_factory=Counter)

    def stopped(self, rows: Sequence[Row], rejected: Sequence[RejectedRow]) -> Stopped:
        judged = self._customers(rows) if self.batch.kind == CUSTOMER else self._activities(rows)
        dropped, waiting = [], []
        for row, verdict, newcomer in judged:
            if verdict.fate is Fate.DROP:
                dropped.append(row.external_id)
                self._drop(row.external_id, verdict)
            elif verdict.fate is Fate.WAIT:
                made = stamp(newcomer.created_at)
                waiting.append(self._waits(row.external_id, verdict.tombstone_id, {"created_at": made} if made else {}))
        kept = self._rejected(rejected)
        tombstones.struck(self.connection, self.struck, self.batch.now)
        return Stopped(frozenset(dropped), waiting, kept)

    def _drop(self, external_id: str, verdict: Verdict) -> None:
        self.struck[verdict.tombstone_id] += 1
        if verdict.learn:
            tombstones.add_keys(self.connection, verdict.tombstone_id, [(tombstones.RECORD, self._own(external_id))])

    def _waits(self, id_: str, tombstone_id: int, further: Mapping[str, str]) -> RejectedRow:
        return RejectedRow(id_, json.dumps({"id": id_, **further}), REASON, tombstone_id=tombstone_id)

    def _own(self, external_id: str) -> str:
        return self.digests.record(self.batch.source, self.batch.stream, external_id)

    def _ask(self, digests: Collection[str], rows: Collection[str]) -> bool:
        """Look these up, of which a person may have decided about `rows`; whether any is known."""
        self.hits = tombstones.hits(self.connection, digests)
        self.decided = tombstones.decided(self.connection, rows)
        return bool(self.hits or self.decided)

    def _customers(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Verdict, Newcomer]]:
        own = {row.external_id: self._own(row.external_id) for row in rows}
        borne = {row.external_id: self._borne(row) for row in rows}
        asked = [digest for bears in borne.values() for bare, firsts in bears for digest in (bare, *firsts)]
        if not self._ask([*own.values(), *asked], own.values()):
            return
        for row in rows:
            digest = own[row.external_id]
            newcomer = Newcomer(
                created_at=stated(from_json(row.payload)),
                decided=self.decided.get(digest),
                own=self.hits.get(digest, ()),
                contacts=[self._contact(bare, firsts) for bare, firsts in borne[row.external_id]],
            )
            yield row, judge_customer(newcomer), newcomer

    def _borne(self, row: Row) -> list[tuple[str, list[str]]]:
        """Of each contact that a customer row bears its digest, and those of it with each first name."""
        features = row.matched().features
        if features is None:
            return []
        line, _, email, phone = features
        held = ((EMAIL, email), (PHONE, phone))
        return self._digested([(kind, value) for kind, value in held if value], first_names(line))

    def _digested(self, contacts: Iterable[Folded], firsts: Collection[str]) -> list[tuple[str, list[str]]]:
        found = []
        for kind, value in contacts:
            if kind == EMAIL:
                bare, of = self.digests.email(value), self.digests.email_of
            else:
                bare, of = self.digests.phone(value), self.digests.phone_of
            found.append((bare, [of(value, first) for first in firsts]))
        return found

    def _contact(self, bare: str, firsts: Sequence[str]) -> Contact:
        if hits := self.hits.get(bare):
            return Contact(hits)
        named = [self.hits.get(digest, ()) for digest in firsts]
        return Contact([hit for hits in named for hit in hits], whole=all(named))

    def _activities(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Verdict, Newcomer]]:
        own = {row.external_id: self._own(row.external_id) for row in rows}
        owners = self._owners(rows)
        strangers = self._without_owner(rows, owners)
        borne = {id_: self._stated(row) for id_, row in strangers.items()}
        asked = [digest for bears in borne.values() for bare, firsts in bears for digest in (bare, *firsts)]
        ids = [*own.values(), *owners.values()]
        known = self._ask([*ids, *asked], ids)
        waiting = tombstones.waiting_among(
            self.connection, self.batch.source, self.batch.owner_stream or "", list(owners)
        )
        if not known and not waiting:
            return
        for row in rows:
            digest, owner = own[row.external_id], owners.get(row.owner_id or "", "")
            newcomer = Newcomer(
                created_at=at_the_latest(from_json(row.payload), row.updated_at),
                decided=self.decided.get(digest),
                own=self.hits.get(digest, ()),
                contacts=[self._contact(bare, firsts) for bare, firsts in borne.get(row.external_id, ())],
                owner=self.hits.get(owner, ()),
                owner_decided=self.decided.get(owner),
                owner_waits=waiting.get(row.owner_id or ""),
            )
            yield row, judge_activity(newcomer), newcomer

    def _owners(self, rows: Sequence[Row]) -> dict[str, str]:
        """Of each owner that is named by id, the digest."""
        stream = self.batch.owner_stream
        if not stream:
            return {}
        named = {row.owner_id for row in rows if row.owner_id}
        return {id_: self.digests.record(self.batch.source, stream, id_) for id_ in named}

    def _without_owner(self, rows: Sequence[Row], owners: Collection[str]) -> dict[str, Row]:
        """The bookings whose owner is not held; what else people do states no contact."""
        if self.batch.kind != "booking":
            return {}
        held = tombstones.held_among(self.connection, self.batch.source, self.batch.owner_stream or "", list(owners))
        return {row.external_id: row for row in rows if row.owner_id not in held}

    def _stated(self, row: Row) -> list[tuple[str, list[str]]]:
        """As `_borne`, of what a booking states of its customer: of its name, each word may be the first name."""
        payload = from_json(row.payload)
        held = ((EMAIL, mailbox(payload.get("client_email"))), (PHONE, payload.get("client_phone")))
        contacts = [(kind, value) for kind, value in held if value]
        return self._digested(contacts, joined_name(payload.get("client_name")).words or ("",)) if contacts else []

    def _rejected(self, rejected: Sequence[RejectedRow]) -> dict[str, RejectedRow | None]:
        """What is kept of rows that could not be mapped, by key: of an erased person's nothing; where what stands in it
        leads to one, no more than that it came."""
        own = {one.key: self._own(one.key) for one in rejected}
        told = {one.key: set(self._leads(one)) for one in rejected}
        if not self._ask([*own.values(), *(digest for found in told.values() for digest in found)], own.values()):
            return {}
        kept: dict[str, RejectedRow | None] = {}
        for one in rejected:
            fate = judge_activity(Newcomer(decided=self.decided.get(own[one.key]), own=self.hits.get(own[one.key], ())))
            led = [hit for digest in told[one.key] for hit in self.hits.get(digest, ())]
            if fate.fate is Fate.DROP:
                kept[one.key] = None
                self._drop(one.key, fate)
            elif led and own[one.key] not in self.decided:
                kept[one.key] = self._waits(one.key, led[0].tombstone_id, {})
        return kept

    def _leads(self, rejected: RejectedRow) -> Iterator[str]:
        """Digests of all that may be a contact, or an owner's id, among the fields of a row that nobody could read."""
        texts = list(_texts(from_json(rejected.fields)))
        words = {word for text in texts for word in tokens(text)}
        stream = self.batch.owner_stream
        for text in texts:
            if stream and self.batch.kind != CUSTOMER:
                yield self.digests.record(self.batch.source, stream, text)
            for bare, firsts in self._digested(_contacts_in(text), words):
                yield from (bare, *firsts)


def _texts(value: Any) -> Iterator[str]:
    """The texts and numbers in a JSON value, as texts."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)


def _contacts_in(text: str) -> Iterator[Folded]:
    if "@" in text and (folded := mailbox(text)):
        yield EMAIL, folded
    elif phone := to_e164(text):
        yield PHONE, phone
