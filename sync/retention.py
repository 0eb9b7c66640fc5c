"""What is over its time goes (`privacy.overdue` finds it), and a proof of it is written in the same transactions.

1. Whole people first, then rows that vanished, then single categories. Each person is a transaction: a crash leaves
   everybody whole or gone, and the next run goes on from there.
2. In that transaction it is looked again whether it is over still: somebody may have booked or asked meanwhile.
3. People and rows of theirs go as in any erasure, so that the next sync brings nothing back; free text and what stands
   beside the registry is deleted.
4. A run's proof is one row or several, each over no more than a hundred transactions.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine

from config import UPKEEP
from config.settings import Settings
from privacy import key
from privacy.erasure import RETENTION
from privacy.erasure import VANISHED as GONE
from privacy.overdue import Review, holds_of, review
from privacy.retention import (
    ACTIVITIES,
    AUDIT,
    CASES,
    CONSENTS,
    CONTACTS,
    CUSTOMERS,
    EVENTS,
    HELD,
    NOTES,
    QUARANTINE,
    REQUESTS,
    VANISHED,
    Item,
    day_of,
)
from store import audit, retention, tombstones
from store.among import chunks
from store.chain import RETIRED, Cause
from store.decisions import records_of
from store.engine import reading, writing
from store.erasing import going, space
from sync.erasing import erase_and_reconcile, follow_up
from sync.models import active
from sync.reconciling import Act, Rules, Tally, reconcile_records
from sync.run import rules_of

_AT_ONCE = 500
_A_PROOF = 100
_UNNAMED = frozenset({EVENTS})
"""Of these the proof holds no ids: a platform's own id of an event may tell of whom it was."""
_DROPS: Mapping[str, Callable[[Connection, Collection[Any]], int]] = {
    NOTES: retention.drop_notes,
    REQUESTS: retention.drop_requests,
    CASES: retention.drop_cases,
    CONTACTS: retention.drop_contacts,
    QUARANTINE: retention.drop_quarantined,
    EVENTS: retention.drop_events,
    HELD: retention.drop_held,
}

Went = Sequence[Any]
"""Ids of what went, as the proof names them."""


@dataclass(slots=True)
class Done:
    """What went: how many by category. `passed`: what the review had and was over no more, or gone already. `parties`:
    names of those who handle the data of the people who went, and have it still."""

    counts: Counter[str] = field(default_factory=Counter)
    passed: int = 0
    parties: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Retiring:
    """One run. `act`: who does it, and when."""

    engine: Engine
    settings: Settings
    act: Act
    done: Done = field(default_factory=Done)
    _known: Rules | None = None
    _proof: int | None = None
    _units: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _ids: dict[str, list[Any]] = field(default_factory=dict)

    def carry_out(self, found: Review) -> Done:
        """Let go what is over of a review. Raises `ConfigError` where the key to tombstones is not there."""
        for category, judged in found.items():
            for items, deed in self._deeds(category, judged.over):
                self._one(category, items, deed)
        return self.done

    def _deeds(self, category: str, over: Sequence[Item]) -> Iterator[tuple[Sequence[Item], Callable[..., Went]]]:
        if category == CUSTOMERS:
            yield from (([item], self._customer) for item in over)
        elif category == VANISHED or category in ACTIVITIES.values():
            yield from ((items, partial(self._rows, category)) for items in _by_person(over))
        elif category == CONSENTS:
            yield from ((items, self._consents) for items in chunks(over, _AT_ONCE))
        else:
            yield from ((items, partial(self._plain, category)) for items in chunks(over, _AT_ONCE))

    def _one(self, category: str, items: Sequence[Item], deed: Callable[..., Went]) -> None:
        """One transaction, with its part of the proof, and audited."""
        with writing(self.engine) as connection:
            went = deed(connection, items)
            if went:
                self._prove(connection, category, went)
                detail = {category: len(went)}
                audit.note(connection, self.act.now, self.act.actor, "retention.erase", UPKEEP, detail=detail)
        self.done.counts[category] += len(went)
        self.done.passed += len(items) - len(went)

    def _prove(self, connection: Connection, category: str, went: Went) -> None:
        proof = self._its_proof(connection)
        self._units += 1
        self._counts[category] += len(went)
        if category not in _UNNAMED:
            self._ids.setdefault(category, []).extend(went)
        retention.tell_proof(connection, proof, self._counts, self._ids)

    def _its_proof(self, connection: Connection) -> int:
        """The proof in which this transaction is told."""
        if self._proof is None or self._units == _A_PROOF:
            self._proof = retention.begin_proof(connection, self.act.now, self.act.actor)
            self._units, self._counts, self._ids = 0, Counter(), {}
        return self._proof

    def _customer(self, connection: Connection, items: Sequence[Item]) -> Went:
        (item,) = items
        records = records_of(connection, item.id)
        if not self._still(connection, CUSTOMERS, records, {item.id}):
            return ()
        self._erase(connection, records, RETENTION)
        return (item.id,)

    def _rows(self, category: str, connection: Connection, items: Sequence[Item]) -> Went:
        wanted = retention.present(connection, [item.id for item in items])
        ids = self._still(connection, category, wanted, wanted)
        if ids:
            self._erase(connection, ids, GONE if category == VANISHED else RETENTION)
        return ids

    def _still(self, connection: Connection, category: str, records: Collection[int], ids: Collection[Any]) -> Went:
        """Of these the ones that are over still, looked at by their records."""
        if not records:
            return ()
        found = review(connection, day_of(self.act.now), records)[category].only(ids)
        return [item.id for item in found.over]

    def _erase(self, connection: Connection, records: Iterable[int], basis: str) -> None:
        done = erase_and_reconcile(
            connection,
            records,
            basis=basis,
            pseudonyms=key.for_erasing(connection, self.settings.privacy.key_file),
            rules=self._rules(connection),
            act=self.act,
        )
        if done.customers:
            self.done.parties.update(done.parties, done.recipients)

    def _plain(self, category: str, connection: Connection, items: Sequence[Item]) -> Went:
        ids: Went
        if category == NOTES:
            wanted = [item.id for item in items]
            ids = self._still(connection, NOTES, wanted, set(wanted))
        else:
            ids = _free(connection, items)
        if ids:
            self._sweep(connection)
            if category == AUDIT:
                cause = Cause(RETIRED, self._its_proof(connection))
                audit.empty(connection, ids, self.act.now, self.act.actor, UPKEEP, cause=cause)
            else:
                _DROPS[category](connection, ids)
        return ids

    def _consents(self, connection: Connection, items: Sequence[Item]) -> Went:
        """Whoever they hung on is published anew, for a value may name what it is due to."""
        ids = _free(connection, items)
        if ids:
            self._sweep(connection)
            hung = {record for records in retention.hanging(connection, ids).values() for record in records}
            retention.drop_consents(connection, ids)
            seeds = sorted(retention.customers_of(connection, hung))
            reconcile_records(connection, seeds, self._rules(connection), self.act, Tally())
        return ids

    def _rules(self, connection: Connection) -> Rules:
        """Read once a model: a run is many transactions, and a settings file does not change within it."""
        model = active(connection, self.settings)
        if self._known is None or self._known.model.fingerprint != model.fingerprint:
            self._known = rules_of(self.settings, model)
        return self._known

    def _sweep(self, connection: Connection) -> None:
        going.secure(connection)
        space.leave_to_clean(connection, self.act.now)


def _free(connection: Connection, items: Sequence[Item]) -> Went:
    holds = holds_of(connection)
    return [item.id for item in items if holds.why(item) is None]


def _by_person(over: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """What is one person's together; what is nobody's in parts."""
    people: dict[str, list[Item]] = {}
    nobodys = []
    for item in over:
        if item.person is None:
            nobodys.append(item)
        else:
            people.setdefault(item.person, []).append(item)
    yield from people.values()
    yield from chunks(nobodys, _AT_ONCE)


def found_now(engine: Engine, now: datetime) -> Review:
    """What is over at this time."""
    with reading(engine) as connection:
        return review(connection, day_of(now))


def clean_up(engine: Engine, settings: Settings) -> bool:
    """What follows: the sidecar of the key learns who went, and the database's files hold nothing of it; whether that
    could be done. Raises `SidecarError`, `SQLAlchemyError`."""
    with reading(engine) as connection:
        anybody = tombstones.there_are_any(connection)
    return follow_up(engine, settings.privacy.key_file) if anybody else space.clean(engine)
