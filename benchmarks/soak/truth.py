"""What must hold when all is over: the registry is what one rebuild gives, and holds what the platforms hold."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Engine, select, text

from benchmarks.soak.platforms import World
from benchmarks.soak.program import Installation
from store.engine import reading
from store.tables import SourceRecord, table

CLOCKS = frozenset({"retrieved_at", "first_seen_at", "run_id", "decided_at", "observed_at", "created_at", "updated_at"})
"""When a value was made, not what it says."""

RARE = ("enrollments", "bookings")
"""What is read in part between two weekly sweeps: rows that are gone, or are back, are seen by the sweep."""

PUBLISHED = ("name", "first_name", "last_name", "emails", "phones", "address", "no_show_count")

Customer = dict[str, Any]


def timeless(value: Any) -> Any:
    """An exported value without the times of our own runs, at any depth."""
    if isinstance(value, Mapping):
        return {name: timeless(part) for name, part in value.items() if name not in CLOCKS}
    return [timeless(part) for part in value] if isinstance(value, list) else value


def exported(installation: Installation, name: str) -> list[Customer]:
    """The registry as `rekisteri customers export` writes it."""
    installation.command("customers", "export", "--output", name)
    path = installation.folder / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def who_is_who(customers: list[Customer]) -> dict[frozenset[tuple[str, str]], tuple[Any, ...]]:
    """The records of each customer, and what is published of them; not consent, which has a history."""
    return {
        frozenset((record["source"], record["external_id"]) for record in one["records"]): tuple(
            sorted(one[name]) if isinstance(one[name], list) else one[name] for name in PUBLISHED
        )
        for one in customers
    }


def breaches(world: World, installation: Installation, fresh: Installation, engine: Engine) -> Iterator[str]:
    """What does not hold. Faults are off and the last day has passed; nobody else runs."""
    calm = installation.command("sync", "--json") or {}
    if calm.get("outcome") != "ok":
        yield f"the calm sync ended {calm.get('outcome')}"
    first = timeless(exported(installation, "calm.jsonl"))
    dry = installation.command("rematch", "--dry-run", "--json") or {}
    if dry.get("records") != 0:
        yield f"a rematch would change {dry.get('records')} records"
    # What the platforms tell of in whole sweeps alone, once a week, this one sees.
    told = installation.command("sync", "--full", "--json") or {}
    if more := {stream: counts for stream, counts in brought(told).items() if stream.split()[1] not in RARE}:
        yield f"a full sync brought (new, changed, vanished) {more}"
    before = timeless(exported(installation, "before.jsonl"))
    if _people(first) != _people(before):
        yield f"a full rebuild changes people: {_first_difference(_people(first), _people(before))}"
    full = installation.command("sync", "--full", "--json") or {}
    if full.get("outcome") != "ok" or brought(full):
        yield f"a second full sync ended {full.get('outcome')} and brought (new, changed, vanished) {brought(full)}"
    after = exported(installation, "after.jsonl")
    if before != timeless(after):
        yield f"a second full rebuild changes the registry: {_first_difference(before, timeless(after))}"
    yield from _held(world, engine)
    yield from _like_a_fresh_one(installation, fresh, after)


def brought(report: Mapping[str, Any]) -> dict[str, tuple[int, int, int]]:
    """What a run brought, by source and stream."""
    counts = {
        f"{source} {stream}": (told["new"], told["changed"], told["vanished"])
        for source, part in report.get("sources", {}).items()
        for stream, told in part["streams"].items()
    }
    return {stream: told for stream, told in counts.items() if any(told)}


def _people(customers: list[Customer]) -> list[Customer]:
    """Customers without what is told in whole sweeps alone."""
    return [{name: value for name, value in one.items() if name not in RARE} for one in customers]


def _first_difference(before: list[Any], after: list[Any]) -> str:
    """Where two exports part, by id and field alone."""
    if len(before) != len(after):
        return f"{len(before)} and {len(after)} customers"
    old, new = next((old, new) for old, new in zip(before, after, strict=True) if old != new)
    return f"{old['id']}: {sorted(name for name in old if old[name] != new.get(name))}"


def _held(world: World, engine: Engine) -> Iterator[str]:
    """The live rows of each stream are the platform's; nothing waits, nothing was given up."""
    record = table(SourceRecord)
    people = world.people
    truth = {
        "users": {str(row.id) for row in people.accounts},
        "enrollments": {str(row.id) for row in people.enrollments},
        "orders": {str(row.id) for row in people.orders},
        "clients": {str(row.id) for row in people.clients if row.deleted_on is None},
    }
    with reading(engine) as connection:
        for stream, ids in truth.items():
            query = select(record.c.external_id).where(record.c.stream == stream, record.c.vanished_at.is_(None))
            live = set(connection.execute(query).scalars())
            if live != ids:
                yield f"{stream}: {len(ids - live)} rows of the platform are not live, {len(live - ids)} are gone there"
        for what, query_text in (
            ("runs that never ended", "SELECT count(*) FROM run WHERE outcome = 'running'"),
            ("records that wait to be reconciled", "SELECT count(*) FROM reconcile_queue"),
            ("rows in quarantine", "SELECT count(*) FROM quarantine"),
            ("deliveries that wait", "SELECT count(*) FROM platform_event WHERE state = 'waiting'"),
            (
                "deliveries that were given up",
                "SELECT count(*) FROM platform_event WHERE state IN ('failed', 'refused')",
            ),
        ):
            if number := connection.execute(text(query_text)).scalar():
                yield f"{what}: {number}"


def _like_a_fresh_one(installation: Installation, fresh: Installation, customers: list[Customer]) -> Iterator[str]:
    """An empty registry that reads both platforms once knows the same people, save those near whom a person decided."""
    decided = (installation.command("review", "list", "--json") or {"decisions": []})["decisions"]
    if (fresh.command("sync", "--json") or {}).get("outcome") != "ok":
        yield "a fresh registry could not be made"
    touched = {tuple(end.split(":", 1)) for one in decided for pair in one["records"] for end in pair}
    mine, theirs = who_is_who(customers), who_is_who(exported(fresh, "fresh.jsonl"))
    while near := {record for one in (*mine, *theirs) if not touched.isdisjoint(one) for record in one - touched}:
        touched |= near
    both = [
        {records: told for records, told in found.items() if touched.isdisjoint(records)} for found in (mine, theirs)
    ]
    if both[0] != both[1]:
        only = [sum(records not in other for records in one) for one, other in (both, both[::-1])]
        fields = {
            field
            for records in both[0].keys() & both[1].keys()
            for field, old, new in zip(PUBLISHED, both[0][records], both[1][records], strict=True)
            if old != new
        }
        yield f"a fresh registry knows others: {only[0]} customers here alone, {only[1]} there; {sorted(fields)} differ"
