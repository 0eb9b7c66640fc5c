"""Measures the gate over a whole registry: what bears on a use is read, everybody is judged, and the list is made.

The registry is inserted as reconciling leaves it, for only reading is measured. Each customer has a record, a name, an
e-mail address and a phone; one in twenty has those of the customer before, as a family does. Four in five have a
published consent on both channels for both brands, three in five of these a yes. One in ten declared a refusal or a
withdrawal, one in twenty objects, one in a hundred is restricted, one in fifty was moved into the direct-marketing
register, and half of these have left it.

    python -m benchmarks.gate [--customers 100000] [--seed 1] [--postgres]
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection

from benchmarks.first_load import database
from benchmarks.measuring import machine
from config.register import load_register
from privacy.gate import SCOPES
from privacy.marketing import PURPOSE, marketing_list
from privacy.uses import allowed, use_for
from store import tables
from store.bulk import insert_rows, moment
from store.engine import reading, writing
from sync.cli.listing import mailboxes
from tests.store.shelf import Shelf

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
TIMES = 5
AT_ONCE = 5_000
BRANDS, CHANNELS = ("artsport", "hieromo"), ("email", "sms")
STATES = ("granted", "granted", "granted", "refused", "withdrawn")


class Making:
    """Rows of every table, gathered and then inserted at once."""

    def __init__(self, connection: Connection, origin: int) -> None:
        self._connection, self._origin = connection, origin
        self._now = moment(connection, NOW)
        self._rows: dict[type[Any], tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {}

    def add(self, model: type[Any], **values: Any) -> None:
        """Another row; every row of a table has the same columns."""
        self._rows.setdefault(model, (tuple(values), []))[1].append(tuple(values.values()))

    def write(self) -> None:
        """Insert what was gathered, in the order in which the tables were met."""
        for model, (columns, rows) in self._rows.items():
            insert_rows(self._connection, tables.table(model), columns, rows)
            rows.clear()

    def person(self, id_: int, email: str, phone: str, states: dict[str, str]) -> None:
        """A customer with one record, as it is published."""
        customer, first = f"{id_:08x}-0000-7000-8000-000000000000", f"testi{id_ % 997}"
        name, now = f"{first.title()} Testaaja", self._now
        self.add(
            tables.SourceRecord, id=id_, birth_id=customer, source="salon", stream="people", kind="customer",
            external_id=str(id_), payload="{}", payload_sha256="0", origin_id=self._origin, retrieved_from="a page",
            retrieved_at=now, run_id="run", first_seen_at=now,
        )  # fmt: skip
        self.add(tables.MasterCustomer, id=customer, content_sha256="0", created_at=now, updated_at=now)
        self.add(
            tables.Link, record_id=id_, customer_id=customer, method="alone", score=0.0, reasons="[]",
            decided_by="rule", decided_at=now,
        )  # fmt: skip
        self.add(tables.MatchFeature, record_id=id_, source="salon", name=f"{first}|testaaja", email=email, phone=phone)
        for kind, value in (("email", email), ("phone", phone)):
            self.add(tables.MatchKey, kind=kind, value=value, record_id=id_, current=True)
        golden = {"name": name, "first_name": first.title(), "last_name": "Testaaja", "emails": email, "phones": phone}
        for field, value in {**golden, "brands": "artsport", "no_show_count": "0", **states}.items():
            self.add(
                tables.GoldenValue, customer_id=customer, field=field, ordinal=0, value=json.dumps(value),
                record_id=id_, rule="only_value", observed_at=now,
            )  # fmt: skip

    def declaration(self, id_: int, record: int, email: str, phone: str, **said: str | None) -> None:
        """What the person with this record said, hung on record and contacts."""
        fields = dict.fromkeys(("channel", "state", "scope")) | said
        self.add(
            tables.Declaration, id=id_, **fields, controller="hieromo", grantee="hieromo", notice_version="2021-03-22",
            at=self._now, recorded_at=self._now, recorded_by="tester", anchor_record_id=record,
        )  # fmt: skip
        self.add(tables.DeclarationRecord, declaration_id=id_, record_id=record)
        for kind, value in (("email", email), ("phone", phone)):
            first = f"testi{record % 997}"
            self.add(tables.DeclarationContact, declaration_id=id_, kind=kind, value=value, first_name=first)

    def entry(self, record: int, left: bool) -> None:
        """In the direct-marketing register, or was."""
        self.add(
            tables.DirectMarketingEntry, record_id=record, relationship_ended_on=date(2025, 12, 31), reason="away",
            entered_at=self._now, entered_by="tester", left_at=self._now if left else None,
        )  # fmt: skip


def consents(draw: random.Random) -> dict[str, str]:
    """Published consents, by field."""
    if draw.random() > 0.8:
        return {}
    found = {f"marketing.{channel}.{brand}": draw.choice(STATES) for channel in CHANNELS for brand in BRANDS}
    return found | {f"marketing.{channel}": found[f"marketing.{channel}.artsport"] for channel in CHANNELS}


def said(draw: random.Random) -> Iterator[dict[str, str]]:
    """What somebody declares."""
    if draw.random() < 0.1:
        yield {"kind": "consent", "channel": draw.choice(CHANNELS), "state": draw.choice(("refused", "withdrawn"))}
    if draw.random() < 0.05:
        yield {"kind": "objection", "scope": draw.choice(sorted(SCOPES))}
    if draw.random() < 0.01:
        yield {"kind": "restriction"}


def fill(connection: Connection, origin: int, customers: int, draw: random.Random) -> None:
    """Make the registry."""
    making, declared, contacts = Making(connection, origin), 0, ("", "")
    for id_ in range(1, customers + 1):
        if id_ == 1 or draw.random() > 0.05:
            contacts = (f"testi{id_}@example.com", f"+35840{id_:07}")
        making.person(id_, *contacts, consents(draw))
        for one in said(draw):
            declared += 1
            making.declaration(declared, id_, *contacts, **one)
        if draw.random() < 0.02:
            making.entry(id_, draw.random() < 0.5)
        if id_ % AT_ONCE == 0:
            making.write()
    making.write()


def timed(deed: Callable[[], object]) -> tuple[float, float]:
    """Seconds that it took, and of them those of this process: without the server, and without other programs that had
    the processor. Medians of some times."""
    spent, own = [], []
    for _ in range(TIMES):
        begun, used = time.perf_counter(), time.process_time()
        deed()
        spent.append(time.perf_counter() - begun)
        own.append(time.process_time() - used)
    return median(spent), median(own)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    use = use_for(load_register(None), PURPOSE, channel="email", brand="artsport")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database(stack, options.postgres)
        shelf = Shelf.open(url if options.postgres else f"sqlite:///{folder / 'rekisteri.db'}")
        stack.callback(shelf.engine.dispose)
        with writing(shelf.engine) as connection:
            fill(connection, shelf.origin, options.customers, random.Random(options.seed))
        with reading(shelf.engine) as connection:
            judged = allowed(connection, use, mailboxes())
            gate = timed(lambda: allowed(connection, use, mailboxes()))
            whole = timed(lambda: marketing_list(connection, use, mailboxes()))
    kind = "PostgreSQL" if options.postgres else "SQLite"
    dropped = ", ".join(f"{number:,} {reason}" for reason, number in judged.counts.items())
    print(f"{machine()}; {options.customers:,} customers in {kind}; {len(judged.passed):,} pass, {dropped}\n")
    print(f"| what, median of {TIMES} | seconds | of the processor |\n| --- | ---: | ---: |")
    for what, (seconds, own) in {"the gate": gate, "the gate and the marketing list": whole}.items():
        print(f"| {what} | {seconds:.3f} | {own:.3f} |")


if __name__ == "__main__":
    main()
