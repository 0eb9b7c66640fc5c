"""What must be true of a registry after anything at all (docs/design.md, Invariants), asked of its tables alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, select

from config.settings import Settings
from connectors.records import Kind
from store.decisions import record_named
from store.engine import make_engine
from store.events import LANDED, STALE, UNCHANGED
from store.tables import (
    CustomerAlias,
    Decision,
    DecisionPair,
    FlagObservation,
    GoldenValue,
    Link,
    MasterCustomer,
    Origin,
    PlatformEvent,
    Quarantine,
    ReconcileQueue,
    Run,
    SourceRecord,
    StreamRun,
    table,
)
from sync.rebuild import rebuild
from sync.reconcile.consent import STRICTEST_FIRST, flag_said
from sync.reconciling import Act, Rules, reconcile
from sync.rematch import preview
from tests.sync.engine import Registry
from tests.sync.machine import BEGINNING, OWNERS, STREAMS, Life
from tests.sync.machine_platforms import Made

Found = list[Row[Any]]


@dataclass
class Seen:
    """What was seen of the registry so far, of that which must never change."""

    births: dict[int, str] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    flags: dict[tuple[int, str], list[bool | None]] = field(default_factory=dict)
    vanished: set[int] = field(default_factory=set)


@dataclass
class View:
    """The registry's tables at one moment, read once."""

    connection: Connection
    records: Found = field(default_factory=list)
    links: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.records = self.all(SourceRecord)
        self.links = {link.record_id: link.customer_id for link in self.all(Link)}

    def all(self, model: Any) -> Found:
        """All rows of a table."""
        return list(self.connection.execute(select(table(model))).all())

    @property
    def people(self) -> Found:
        """Live customer records."""
        return [row for row in self.records if row.kind == Kind.CUSTOMER and row.vanished_at is None]

    @property
    def settled(self) -> bool:
        """Nothing waits for reconciling."""
        return not self.all(ReconcileQueue)


def nothing_is_lost(view: View) -> None:
    """1: the numbers of every stream of every run add up."""
    for row in view.all(StreamRun):
        assert row.fetched == row.new + row.changed + row.unchanged + row.quarantined, row
    assert all(run.outcome in ("ok", "partial", "failed", "running") for run in view.all(Run))


def everybody_is_one_customer(view: View) -> None:
    """1, 2: each live customer record has one link, and nothing else has any."""
    assert view.links.keys() == {row.id for row in view.people}
    customers = {row.id for row in view.all(MasterCustomer)}
    assert set(view.links.values()) == customers


def ids_are_stable(view: View, seen: Seen) -> None:
    """3: birth ids are for ever, a customer bears the one of its earliest record, a retired id leads on."""
    births = {row.id: row.birth_id for row in view.records if row.birth_id is not None}
    assert seen.births.items() <= births.items()
    seen.births = births
    if not view.settled:
        return
    earliest: dict[str, int] = {}
    for record, customer in sorted(view.links.items()):
        earliest.setdefault(customer, record)
    assert all(births[record] == customer for customer, record in earliest.items())
    seen.published |= set(earliest)
    born = {birth: record for record, birth in births.items()}
    for id_ in seen.published:
        leads_to = record_named(view.connection, id_)
        if born[id_] in view.links:
            assert leads_to and leads_to.customer_id == view.links[born[id_]], "it leads to whoever has its record"
        elif leads_to is None:
            assert _last(view, id_) not in earliest, "it leads to somebody who is gone, and nowhere else"


def _last(view: View, id_: str) -> str:
    following = {row.old_id: row.new_id for row in view.all(CustomerAlias)}
    seen = set()
    while id_ in following:
        assert id_ not in seen, "retired ids lead in a circle"
        seen.add(id_)
        id_ = following[id_]
    return id_


def origins_are_known(view: View) -> None:
    """4: every record, and every row in quarantine, knows where it came from."""
    origins = {row.id: row for row in view.all(Origin)}
    runs = {row.id for row in view.all(Run)}
    for row in [*view.records, *view.all(Quarantine)]:
        assert (origins[row.origin_id].source, row.run_id in runs) == (row.source, True)
        assert row.retrieved_from
    assert all(origins[row.origin_id].kind == row.kind for row in view.records)


def golden_values_know_their_record(view: View) -> None:
    """5: each is of a live record of that very customer."""
    for value in view.all(GoldenValue):
        assert view.links.get(value.record_id) == value.customer_id
        assert value.rule


def what_is_gone_stays_gone(view: View, seen: Seen, life: Life) -> None:
    """10: nothing comes back that its platform did not have at any moment of this step. A clock of ours that was behind
    may take an old event for a new one; the next sweep knows better."""
    if not life.was_behind:
        for row in view.records:
            if row.id in seen.vanished and (row.stream, row.external_id) not in life.ever_there:
                assert row.vanished_at is not None, f"{row.stream} {row.external_id} came back by itself"


def absence_is_no_deletion(view: View, seen: Seen, life: Life) -> None:
    """6: whatever left the live view was gone from its platform at some moment of this step."""
    gone = {row.id: (row.stream, row.external_id) for row in view.records if row.vanished_at is not None}
    for record in gone.keys() - seen.vanished:
        stream, id_ = gone[record]
        there = id_ in life.platform(stream).rows[stream]
        assert not there or (stream, id_) in life.ever_gone, f"{stream} {id_} was there all the time"
    seen.vanished = set(gone)


def what_was_told_stands(view: View, life: Life) -> None:
    """Of whatever an event told last, and was taken, the registry knows no older state, whatever was read meanwhile. A
    clock of ours that was wrong may take one for older than what was read; the next sweep knows better."""
    if life.was_wrong:
        return
    records = {(row.stream, row.external_id): row for row in view.records}
    states = {row.event_id: row.state for row in view.all(PlatformEvent)}
    for (stream, id_), event_id in life.told.items():
        made, row = life.platform(stream), records.get((stream, id_))
        fact = made.rows[stream].get(id_)
        if states.get(event_id) not in (LANDED, UNCHANGED, STALE) or (fact and fact.bad):
            continue
        gone = row is None or row.vanished_at is not None
        assert gone == (fact is None), f"{stream} {id_} is {'not ' * gone}there"
        if row is not None and fact is not None:
            told = from_json(made.record(stream, id_, fact).payload.model_dump_json(exclude_none=True))
            held = from_json(row.payload)
            unspoken = {"phone": held.get("phone")}  # of which events say nothing
            assert {**told, **unspoken} == {**held, **unspoken}, f"{stream} {id_}"


def no_withdrawal_is_weakened(view: View, seen: Seen, settings: Settings) -> None:
    """7: what was observed stays observed, and of a customer's records the strictest state stands."""
    flags: dict[tuple[int, str], list[bool | None]] = defaultdict(list)
    for row in sorted(view.all(FlagObservation), key=lambda row: row.id):
        flags[row.record_id, row.channel].append(row.value)
    for key, before in seen.flags.items():
        assert flags[key][: len(before)] == before
    seen.flags = dict(flags)
    if not view.settled:
        return
    grantees = {source.name: source.consent_grantee for source in settings.sources()}
    sources = {row.id: row.source for row in view.people}
    states: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (record, channel), values in flags.items():
        if record in view.links:
            said, _ = flag_said([(value, datetime.min) for value in values], grantees[sources[record]])
            states[view.links[record], channel].append(said)
    golden = {(row.customer_id, row.field): from_json(row.value) for row in view.all(GoldenValue)}
    for (customer, channel), found in states.items():
        strictest = min(found, key=STRICTEST_FIRST.index)
        assert golden.get((customer, f"marketing.{channel}"), "unknown") == strictest


def people_decide(view: View) -> None:
    """9: what a person said stands, unless a later person said otherwise."""
    inside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in view.all(DecisionPair):
        inside[pair.decision_id].append((pair.a_record_id, pair.b_record_id))
    standing = sorted((row.id, row.verdict) for row in view.all(Decision) if row.undone_at is None)
    for place, (id_, verdict) in enumerate(standing):
        if any(other != verdict for _, other in standing[place + 1 :]):
            continue
        for a, b in inside[id_]:
            if a in view.links and b in view.links:
                assert (view.links[a] == view.links[b]) == (verdict == "same"), f"decision {id_}"


def it_is_a_function(life: Life, rules: Rules) -> None:
    """2: decided over all of it at once it is the same."""
    assert preview(life.engine, rules).records == []


def a_rebuild_changes_nothing(life: Life, rules: Rules) -> None:
    """2, 3: a full rebuild of a copy publishes the same, ids included."""
    engine = make_engine(f"sqlite:///{life.copy()}")
    before = Registry(engine).snapshot()
    rebuild(engine, rules, forced=True)
    tally = reconcile(engine, rules, Act("tester", BEGINNING))
    assert Registry(engine).snapshot() == before
    assert (tally.created, tally.merged, tally.split) == (0, 0, 0)
    engine.dispose()


def it_is_the_truth(view: View, life: Life) -> None:
    """1, 6, 10, 11: after a calm run every row that a platform has is there as it is, or waits in quarantine."""
    live = {(row.stream, row.external_id): row for row in view.records if row.vanished_at is None}
    waiting = {(row.stream, row.key) for row in view.all(Quarantine)}
    bad = set()
    for stream in STREAMS:
        made = life.platform(stream)
        for id_, fact in made.rows[stream].items():
            if fact.bad and not made.learnt:
                bad.add((stream, id_))
                continue
            row, record = live[stream, id_], made.record(stream, id_, fact)
            assert from_json(row.payload) == from_json(record.payload.model_dump_json(exclude_none=True)), row
            assert (row.owner_id, row.source) == (record.owner_id, made.name)
            _owned(row, live, made, stream)
    assert waiting == bad
    there = {(stream, id_) for stream in STREAMS for id_ in life.platform(stream).rows[stream]}
    assert live.keys() <= there


def _owned(row: Any, live: Mapping[tuple[str, str], Any], made: Made, stream: str) -> None:
    owner = live.get((OWNERS.get(stream, ""), row.owner_id or ""))
    if owner is not None:
        assert row.owner_record_id == owner.id, "what somebody did is theirs"
