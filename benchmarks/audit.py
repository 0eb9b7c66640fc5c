"""Measures the audit chain: how long it takes to walk all of it, and to note one look at its end.

The chain is inserted as the program would have written it: looks at 5,000 people by four users; what one event in ten
said was deleted since, by an erasure a hundred events.

    python -m benchmarks.audit [--events 200000] [--repeat 3] [--postgres]
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Connection, Engine
from sqlmodel import SQLModel

from benchmarks.first_load import database
from benchmarks.measuring import machine
from privacy.trail import head_of, verify
from store import audit
from store.among import chunks
from store.bulk import insert_rows, moment
from store.chain import EMPTIED, ORIGIN, digest_of, hash_of, spans
from store.engine import open_database, reading, writing
from store.tables import AuditEvent, AuditPayload, Tombstone, table

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
PEOPLE, USERS, AT_ONCE, LOOKS = 5_000, ("maija", "pekka", "aino", "rekisteri"), 5_000, 300
EMPTIED_EVERY, EMPTIED_AT_ONCE = 10, 100
LOOKED: dict[str, Any] = {"customers": 1, "with_notes": 0}
EVENT = ("id", "at", "actor", "action", "purpose", "digest", "hash")
STONE = ("id", "basis", "effective_at", "hits")
PAYLOAD = ("event_id", "salt", "customer_id", "detail")


def fill(connection: Connection, number: int) -> None:
    """Make the chain."""
    before, events = ORIGIN, []
    waiting: list[int] = []
    payloads: dict[int, tuple[Any, ...]] = {}
    stones: list[tuple[Any, ...]] = []
    for id_ in range(1, number + 1):
        at, actor, salt = START + timedelta(seconds=id_), USERS[id_ % len(USERS)], f"{id_:032x}"
        action, detail = "customers.show", LOOKED
        person: str | None = f"{id_ % PEOPLE:08x}-0000-7000-8000-000000000000"
        if len(waiting) == EMPTIED_AT_ONCE:
            stones.append((len(stones) + 1, "request", moment(connection, at), 0))
            action, person = EMPTIED, None
            detail = {"events": spans(waiting), "number": len(waiting), "tombstone": len(stones)}
            for emptied in waiting:
                del payloads[emptied]
            waiting.clear()
        elif id_ % EMPTIED_EVERY == 0:
            waiting.append(id_)
        payloads[id_] = (id_, salt, person, text := json.dumps(detail, sort_keys=True))
        digest = digest_of(salt, person, text)
        before = hash_of(id_, at, actor, action, "service", digest, before)
        events.append((id_, moment(connection, at), actor, action, "service", digest, before))
    _insert(connection, AuditEvent, EVENT, events)
    _insert(connection, AuditPayload, PAYLOAD, [*payloads.values()])
    _insert(connection, Tombstone, STONE, stones)


def _insert(connection: Connection, of: type[SQLModel], columns: Sequence[str], rows: Sequence[Any]) -> None:
    for block in chunks(rows, AT_ONCE):
        insert_rows(connection, table(of), columns, block)


def walked(engine: Engine) -> tuple[float, float]:
    """Seconds of one walk, and of them those of this process."""
    begun, used = time.perf_counter(), time.process_time()
    with reading(engine) as connection:
        found = verify(connection, head_of(connection))
    assert found.broken is None, found.broken
    return time.perf_counter() - begun, time.process_time() - used


def noted(engine: Engine, deed: Callable[[Connection], object]) -> tuple[list[float], float]:
    """Milliseconds of each of some transactions, from the lock to the commit; and of this process for each of them."""
    spent, used = [], time.process_time()
    for _ in range(LOOKS):
        begun = time.perf_counter()
        with writing(engine) as connection:
            deed(connection)
        spent.append(1000 * (time.perf_counter() - begun))
    return spent, 1000 * (time.process_time() - used) / LOOKS


def look(connection: Connection) -> None:
    """Note one look."""
    detail = {"customers": 1}
    now = datetime.now(UTC)
    audit.note(connection, now, "maija", "customers.show", "service", customer_id="c1", detail=detail)


def nothing(_connection: Connection) -> None:
    """What a transaction costs anyway."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database(stack, options.postgres)
        engine = open_database(url if options.postgres else f"sqlite:///{folder / 'rekisteri.db'}")
        stack.callback(engine.dispose)
        with writing(engine) as connection:
            fill(connection, options.events)
        walks = [walked(engine) for _ in range(options.repeat)]
        looks = [noted(engine, look) for _ in range(options.repeat)]
        empty = [noted(engine, nothing) for _ in range(options.repeat)]
    kind = "PostgreSQL" if options.postgres else "SQLite"
    load = os.getloadavg()[0]
    print(f"{machine()}; {options.events:,} events in {kind}; medians of {options.repeat}; load {load:.1f}\n")
    print("| what | median | of the processor | 99th percentile |\n| --- | ---: | ---: | ---: |")
    seconds, own = (median(figures) for figures in zip(*walks, strict=True))
    print(f"| walk the chain, s | {seconds:.2f} | {own:.2f} | |")
    for what, found in {"note a look, ms": looks, "an empty transaction, ms": empty}.items():
        half, own = (median(figures) for figures in zip(*((median(each), used) for each, used in found), strict=True))
        most = median(quantiles(each, n=100)[-1] for each, _ in found)
        print(f"| {what} | {half:.2f} | {own:.2f} | {most:.2f} |")


if __name__ == "__main__":
    main()
