"""Reconcile and publish: the queue is worked off in parts, each one transaction.

A part is a number of queued records with everything that their change reaches (`sync.scope`). What is decided is
compared with what is held, and only differences are written, so that nothing changes where nothing new is known.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import Connection, Engine

from store import declarations, matching, publishing
from store.batch import Key
from store.engine import writing
from store.matching import CONTACT_KINDS, LinkRow, PairRow
from store.publishing import CustomerRow, GoldenRow
from sync.moves import Moves, led, trace, why_merged, why_split
from sync.reconcile.candidates import LIMITS, Limits
from sync.reconcile.cluster import DIFFERENT
from sync.reconcile.consent import CHANNELS, Seen, Statement, flag_said
from sync.reconcile.corrections import Correction
from sync.reconcile.model import Model, shipped
from sync.reconcile.resolve import Resolved, Tie, resolve
from sync.reconcile.survivorship import Declarations, Golden, Member, golden_values
from sync.scope import Scope, gather

_encode = json.JSONEncoder(ensure_ascii=False).encode
PART = 2_000  # queued records in one transaction at most
_AT_FIRST = 500  # until it is known how far such records reach
_REACH = 16_000
"""So many records one transaction decides about, roughly: more take memory, and time in which other writers wait."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner configured about survivorship: source precedence (0 first), and to whom each source's marketing
    permission was given; what decides who is who: the match model, and from how many records on a contact or a name
    says nothing; and the controller's brands."""

    precedence: Mapping[str, int]
    grantees: Mapping[str, str | None]
    model: Model = field(default_factory=shipped)
    limits: Limits = field(default_factory=lambda: LIMITS)
    brands: Sequence[str] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when a full rebuild would publish something else from the same records. The model is no part of it: a
        change of model is an act of its own (`sync.rematch`)."""
        return hashlib.sha256(
            json.dumps(
                [2, dict(self.precedence), dict(self.grantees), dict(self.limits), sorted(self.brands)], sort_keys=True
            ).encode()
        ).hexdigest()


@dataclass(slots=True)
class Tally:
    """What reconciling did to the registry. `common`: contacts that were met and say nothing, since too many have
    them."""

    created: int = 0
    merged: int = 0
    split: int = 0
    common: set[Key] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Act:
    """On whose behalf, in which run, and when."""

    actor: str
    now: datetime
    run_id: str | None = None


def reconcile(
    engine: Engine, rules: Rules, act: Act, *, stopped: Callable[[], bool] = lambda: False, part: int = PART
) -> Tally:
    """Work off the queue. How many records are taken at a time goes by how far the last ones reached. What is left when
    `stopped` says so is done by the next run."""
    tally = Tally()
    size = min(part, _AT_FIRST)
    while not stopped():
        with writing(engine) as connection:
            seeds = matching.queued(connection, size)
            if not seeds:
                break
            reached = reconcile_records(connection, seeds, rules, act, tally)
        size = max(1, min(part, size * _REACH // reached))
    return tally


def reconcile_records(connection: Connection, seeds: Iterable[int], rules: Rules, act: Act, tally: Tally) -> int:
    """Decide and publish everything that these records reach; how many records that are. Call inside
    `store.engine.writing`."""
    seeds = set(seeds)
    scope = gather(connection, seeds | declarations.entangled(connection, seeds), rules.model, rules.limits)
    tally.common |= {key for key in scope.common if key[0] in CONTACT_KINDS}
    live = scope.live
    outside = matching.links(connection, _outside(scope, live))
    # Any number tells customers apart; below zero, so that none is taken for a live record's cluster.
    customers: dict[str, int] = {}
    elsewhere = {record: -1 - customers.setdefault(link.customer_id, record) for record, link in outside.items()}
    rulings = list(scope.rulings.values())
    verdicts = {(a, b): verdict for (a, b), verdict in scope.verdicts.items() if a in live or b in live}
    faces = {record: scope.features[record][1:] for record in live}
    resolved = resolve(live, verdicts, rulings, elsewhere, faces)
    names = {record: scope.people[root].row.birth_id for record, root in resolved.clusters.items()}
    newborn = _publish(connection, scope, names, rules, act)
    _write_links(connection, scope, names, resolved.ties, act)
    moves = trace(scope.links, names, newborn)
    merged = why_merged(moves, scope.links, names, scope.verdicts, rulings)
    split = why_split(moves, names, resolved.pairs, rulings)
    births = {record: person.row.birth_id for record, person in scope.people.items()}
    births |= matching.births(connection, scope.links.keys() - births.keys())
    leading = led(scope.links, names, births, moves.successors)
    _retire(connection, moves, leading, {**merged, **split}, set(names.values()), act)
    tally.created += len(moves.created)
    tally.merged += len(moves.merged)
    tally.split += len(moves.split)
    _write_pairs(connection, scope, resolved, act)
    publishing.dequeue(connection, scope.settled)
    return len(scope.evaluated)


def _outside(scope: Scope, live: set[int]) -> set[int]:
    mentioned = {record for pair in scope.verdicts for record in pair}
    mentioned |= {record for ruling in scope.rulings.values() for pair in ruling.pairs for record in pair}
    return mentioned - live


def _publish(connection: Connection, scope: Scope, names: Mapping[int, str], rules: Rules, act: Act) -> set[str]:
    """Compute every customer in scope and write those whose content differs from what is held; the ids that are new."""
    members = _members(connection, scope, names, rules)
    held = publishing.customers_held(connection, members)
    customers: list[CustomerRow] = []
    golden: list[GoldenRow] = []
    declared = _declared(connection, scope, rules)
    for id_, group in members.items():
        values = golden_values(group, declared)
        created = min(scope.people[member.record_id].row.first_seen_at for member in group)
        digest = _digest(group, values, created)
        if id_ in held and held[id_][0] == digest:
            continue
        customers.append(CustomerRow(id_, digest, created, act.now))
        golden += [(id_, *value) for value in values]
    publishing.write_customers(connection, customers, held)
    publishing.write_golden(connection, [row.id for row in customers if row.id in held], golden)
    return members.keys() - held.keys()


def _members(connection: Connection, scope: Scope, names: Mapping[int, str], rules: Rules) -> dict[str, list[Member]]:
    ids = sorted(names)  # the digest of a customer must not depend on the order in which records were met
    flags = matching.flags_seen(connection, ids)
    missed = matching.no_shows(connection, ids)
    groups: dict[str, list[Member]] = {}
    for record in ids:
        person = scope.people[record]
        row = person.row
        grantee = rules.grantees.get(row.source)
        member = Member(
            record_id=record,
            external_id=row.external_id,
            precedence=rules.precedence.get(row.source, len(rules.precedence)),
            payload=person.payload,
            brand=row.brand,
            observed_at=row.retrieved_at,
            stated_at=row.source_updated_at,
            flags=_flags_of(record, flags, grantee),
            no_shows=missed.get(record),
        )
        groups.setdefault(names[record], []).append(member)
    return groups


def _flags_of(
    record: int, flags: Mapping[tuple[int, str], Sequence[Seen]], grantee: str | None
) -> dict[str, tuple[str, datetime]]:
    found = {}
    for channel in CHANNELS:
        if (record, channel) in flags:
            state, since = flag_said(flags[record, channel], grantee)
            if since is not None:
                found[channel] = (state, since)
    return found


def _declared(connection: Connection, scope: Scope, rules: Rules) -> Declarations:
    """What was declared about anybody in scope, and is in force."""
    statements, corrections = [], []
    for one in declarations.reaching(connection, scope.live):
        said = one.said
        if one.lifted_at is not None:
            continue
        if said.kind == declarations.CONSENT and said.channel and said.state:
            evidenced = bool(said.evidence)
            statements.append(
                Statement(one.id, said.channel, said.state, said.brand, said.at, evidenced, one.anchor, one.reached)
            )
        elif said.kind == declarations.CORRECTION and said.field and said.value:
            corrections.append(
                Correction(one.id, said.field, said.value, said.at, one.anchor, one.records, one.reached)
            )
    apart = {pair for ruling in scope.rulings.values() if ruling.verdict == DIFFERENT for pair in ruling.pairs}
    return Declarations(statements, corrections, apart, rules.brands)


@lru_cache(maxsize=4096)
def _said(time: datetime) -> str:
    """A page of records shares one time, and to put it into words takes longer than all else in a digest."""
    return str(time.astimezone(UTC))


def _digest(members: Sequence[Member], values: Sequence[Golden], created: datetime) -> str:
    parts = [_said(created), *(f"{member.record_id} {_said(member.observed_at)}" for member in members)]
    parts += [
        f"{name}\x1f{place}\x1f{value}\x1f{record}\x1f{rule}\x1f{_said(at)}"
        for name, place, value, record, rule, at in values
    ]
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


def _write_links(
    connection: Connection, scope: Scope, names: Mapping[int, str], ties: Mapping[int, Tie], act: Act
) -> None:
    changed = []
    for record, customer_id in names.items():
        tie, held = ties[record], scope.links.get(record)
        reasons = _encode(tie.reasons)
        row = LinkRow(record, customer_id, tie.method, tie.score, reasons, tie.decided_by, act.now)
        if held is None or _differs(held, row):
            changed.append(row)
    publishing.write_links(connection, changed, scope.links)
    publishing.drop_links(connection, scope.links.keys() - names.keys())


def _differs(held: LinkRow, row: LinkRow) -> bool:
    return (held.customer_id, held.method, held.score, held.reasons, held.decided_by) != (
        row.customer_id,
        row.method,
        row.score,
        row.reasons,
        row.decided_by,
    )


def _retire(
    connection: Connection,
    moves: Moves,
    leading: Mapping[str, str],
    why: Mapping[str, Sequence[str]],
    borne: set[str],
    act: Act,
) -> None:
    """Remove customers whose id nobody bears any more, let the id lead on for ever, and note what happened and why.
    `leading`: where the own ids of records lead (`sync.moves.led`)."""
    publishing.drop_customers(connection, moves.retired)
    publishing.write_aliases(connection, {**leading, **moves.successors}, borne)
    publishing.write_events(
        connection,
        [_event("merged", new, old, why.get(old, ()), act) for old, new in moves.merged.items()]
        + [_event("split", new, old, why[new], act) for new, old in moves.split.items()],
    )


def _event(event: str, customer_id: str, other_id: str, why: Sequence[str], act: Act) -> dict[str, object]:
    return {
        "at": act.now,
        "run_id": act.run_id,
        "event": event,
        "customer_id": customer_id,
        "other_id": other_id,
        "actor": act.actor,
        "reasons": _encode(why),
    }


def _write_pairs(connection: Connection, scope: Scope, resolved: Resolved, act: Act) -> None:
    held = matching.match_pairs(connection, scope.evaluated)
    rows = {}
    for (a, b), verdict in resolved.pairs.items():
        known = held.get((a, b))
        reasons = _encode(verdict.reasons)
        same = known is not None and (known.verdict, known.reasons) == (verdict.outcome.value, reasons)
        found_at = known.found_at if known is not None and same else act.now
        rows[a, b] = PairRow(a, b, verdict.outcome.value, verdict.score, reasons, found_at)
    if rows != held:
        publishing.replace_pairs(connection, sorted(scope.evaluated), list(rows.values()))
