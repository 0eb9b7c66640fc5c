"""Measures a run of a segment over a whole registry: what its rule names is read of everybody, and the gate judges all.

The registry is that of `gate.py`, in which each customer has three activities besides, by chance: seven in ten are
bookings of one of three services over six years, the others enrollments on one of two courses.

    python -m benchmarks.segments [--customers 100000] [--seed 1] [--postgres]
"""

import argparse
import json
import random
import tempfile
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.first_load import database
from benchmarks.gate import AT_ONCE, NOW, TIMES, Making, fill, timed
from benchmarks.measuring import machine
from config.register import load_register
from privacy.segment_rule import parsed
from privacy.segments import Segment, group, members
from privacy.uses import use_for
from store import tables
from store.bulk import moment
from store.engine import reading, writing
from sync.cli.listing import mailboxes
from tests.store.shelf import Shelf

TODAY = date(2026, 1, 1)
BEGUN = datetime(2020, 1, 1, 8, tzinfo=UTC)
RULES = (
    ("bookings >= 3 and last_booking before 90 days ago and brand is artsport", None),
    ('service is "Hieronta 60 min" and not course is "Hyvän unen kurssi"', None),
    ('bookings >= 2 and first_booking before 2024-01-01 and service is "Hieronta 60 min"', "email"),
)
"""Rules, and the channel of each."""
NAMES = {
    "booking": ("service", ("Hieronta 60 min", "Hieronta 90 min", "Jalkahoito")),
    "enrollment": ("course", ("Hyvän unen kurssi", "Niska kuntoon")),
}


def busy(connection: Connection, origin: int, customers: int, draw: random.Random) -> None:
    """Three activities for each customer, by chance."""
    making, now = Making(connection, origin), moment(connection, NOW)
    for id_ in range(customers + 1, 4 * customers + 1):
        kind = "booking" if draw.random() < 0.7 else "enrollment"
        named, names = NAMES[kind]
        at = (BEGUN + timedelta(minutes=draw.randrange(6 * 525_600))).isoformat().replace("+00:00", "Z")
        payload = {"starts_at": at, named: draw.choice(names), "employee": "Testi Hieroja", "price_cents": 6500}
        making.add(
            tables.SourceRecord, id=id_, source="salon", stream=f"{kind}s", kind=kind, external_id=str(id_),
            payload=json.dumps(payload | {"created_at": at}), payload_sha256="0", state="completed",
            owner_record_id=draw.randrange(customers) + 1, origin_id=origin, retrieved_from="a page", retrieved_at=now,
            run_id="run", first_seen_at=now,
        )  # fmt: skip
        if id_ % AT_ONCE == 0:
            making.write()
    making.write()


def run(connection: Connection, segment: Segment) -> None:
    """Everything but the writing of the file."""
    members(connection, segment, group(connection, segment, mailboxes(), TODAY))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    register, draw, rows = load_register(None), random.Random(options.seed), []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database(stack, options.postgres)
        shelf = Shelf.open(url if options.postgres else f"sqlite:///{folder / 'rekisteri.db'}")
        stack.callback(shelf.engine.dispose)
        with writing(shelf.engine) as connection:
            fill(connection, shelf.origin, options.customers, draw)
            busy(connection, shelf.origin, options.customers, draw)
        with reading(shelf.engine) as connection:
            for text, channel in RULES:
                use = use_for(register, "analysis", channel=channel, brand="artsport" if channel else None)
                segment = Segment(1, "koe", text, parsed(text), use, "tester", NOW, None, None)
                found = group(connection, segment, mailboxes(), TODAY)
                rows.append((text, channel, found.fits, len(found.passed), *timed(partial(run, connection, segment))))
    print(f"{machine()}; {options.customers:,} customers in {'PostgreSQL' if options.postgres else 'SQLite'}\n")
    print(f"| rule | channel | fit | in it | seconds, median of {TIMES} | of the processor |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for text, channel, fits, listed, seconds, own in rows:
        print(f"| `{text}` | {channel or 'none'} | {fits:,} | {listed:,} | {seconds:.3f} | {own:.3f} |")


if __name__ == "__main__":
    main()
