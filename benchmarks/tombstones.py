"""Measures what landing costs with 50,000 erased people to know again, next to with none.

Databases of their own, in one process, take every page in turn, the order turned with each page: one where nobody
looks for erased people, one where somebody does and nobody was erased, and one with the tombstones. A page is prepared,
landed and attached as a run does it, each in a transaction of its own. None of the people that land was ever erased.

With `--runs N` whole first loads are run instead, N with tombstones and N without in turn, as `first_load` does it.

    python -m benchmarks.tombstones [--records 40000] [--tombstones 50000] [--seed 1] [--runs N] [--postgres | --cpu]
"""

import argparse
import gc
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import sandbox
from benchmarks.first_load import database, sync
from benchmarks.match_store import payload
from benchmarks.measuring import machine
from benchmarks.population import population
from config.settings import load
from connectors.base import Page, Stream
from connectors.records import Booking, Customer, Enrollment, Kind, SourceRecord
from privacy import key
from store import tombstones
from store.batch import Recognise
from store.engine import open_database, writing
from store.landing import land
from sync.attach import attach
from sync.obeying import obey
from sync.prepare import Landing, prepare
from sync.recognising import Recognition
from sync.reconciling import Rules
from tests.sync.engine import Registry

PAGE = 250
ERASED_AT = datetime(2026, 1, 1, tzinfo=UTC)
STREAMS = {
    "people": Stream(name="people", kind=Kind.CUSTOMER, activity="x"),
    "enrollments": Stream(name="enrollments", kind=Kind.ENROLLMENT, activity="x"),
    "bookings": Stream(name="bookings", kind=Kind.BOOKING, activity="x"),
}


@dataclass
class Arm:
    """One database, and how long it took for each part."""

    name: str
    registry: Registry
    recognise: Recognise | None
    clock: Callable[[], float]
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def take(self, part: str, page: Page) -> None:
        """Land a page, on the clock."""
        begun = self.clock()
        landing = Landing("school", STREAMS[page.stream], "run", self.registry.origin, "people", names_help=True)
        batch, _ = prepare(page, landing, datetime.now(UTC))
        with writing(self.registry.engine) as connection:
            landed = land(connection, batch, self.recognise)
            attach(connection, batch, landed)
        self.seconds[part] += self.clock() - begun
        assert not landed.erased + landed.quarantined, "somebody was never erased"


def people(number: int, seed: int) -> Iterator[SourceRecord]:
    """Customers of the population."""
    for at, record in enumerate(population(number, seed)):
        yield SourceRecord(external_id=f"p{at}", kind=Kind.CUSTOMER, payload=Customer(**payload(record)))


def enrollments(number: int) -> Iterator[SourceRecord]:
    """Two for each customer."""
    for at in range(2 * number):
        made = Enrollment(course_id=str(at % 40), progress=at % 10 / 10, created_at=ERASED_AT)
        yield SourceRecord(external_id=f"e{at}", kind=Kind.ENROLLMENT, payload=made, owner_id=f"p{at // 2}")


def bookings(records: Sequence[SourceRecord]) -> Iterator[SourceRecord]:
    """One for each customer, every other of which names its customer by contact and not by id."""
    for at, record in enumerate(records):
        who: Any = record.payload
        said = {"client_name": who.name, "client_email": who.email, "client_phone": who.phone}
        named = {"owner_id": record.external_id} if at % 2 else {}
        made = Booking(starts_at=ERASED_AT, service="Hieronta", **said)
        yield SourceRecord(external_id=f"b{at}", kind=Kind.BOOKING, payload=made, **named)


def pages(stream: str, records: Sequence[SourceRecord]) -> Iterator[Page]:
    """Pages as a connector yields them."""
    for start in range(0, len(records), PAGE):
        yield Page(stream=stream, retrieved_from="test", records=tuple(records[start : start + PAGE]))


def erase(registry: Registry, key_file: Path, number: int) -> None:
    """So many people were erased, each known by an address, a number and an id; every tenth shared both contacts."""
    with writing(registry.engine) as connection:
        digests = key.for_erasing(connection, key_file)
        for at in range(number):
            email, phone = f"nobody{at}@erased.example", f"+000{at}"
            shared = at % 10 == 0
            keys = [
                ("email+first", digests.email_of(email, "aino")) if shared else ("email", digests.email(email)),
                ("phone+first", digests.phone_of(phone, "aino")) if shared else ("phone", digests.phone(phone)),
                *([("shared", digests.email(email)), ("shared", digests.phone(phone))] if shared else []),
                ("record", digests.record("school", "people", f"erased {at}")),
            ]
            tombstones.write(connection, "request", ERASED_AT, keys)


def arms(stack: ExitStack, number: int, postgres: bool, clock: Callable[[], float]) -> list[Arm]:
    """The three databases."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    found = []
    for name in ("nobody looks", "none erased", f"{number:,} erased"):
        url = database(stack, postgres)
        registry = Registry.open(url if postgres else f"sqlite:///{folder / name.replace(' ', '-')}.db")
        stack.callback(registry.engine.dispose)
        key_file = folder / f"{name}.key"
        if name.endswith(" erased") and not name.startswith("none"):
            erase(registry, key_file, number)
        found.append(Arm(name, registry, None if name == "nobody looks" else Recognition(key_file), clock))
    return found


def rules(registry: Registry) -> Rules:
    """Under which nobody is reconciled here."""
    return registry.rules


def whole(options: argparse.Namespace) -> Iterator[tuple[int, float, float]]:
    """First loads in turn: how many were erased before, and how long it took, on the wall and in the program itself."""
    with sandbox.served(options.records, options.seed) as platform:
        for turn in range(2 * options.runs):
            number = options.tombstones if turn % 2 else 0
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                url = database(stack, options.postgres)
                registry = Registry(open_database(url if options.postgres else f"sqlite:///{folder}/rekisteri.db"))
                configuration = sandbox.configure(folder, platform, url)
                erase(registry, folder / "rekisteri.key", number)
                obey(registry.engine, load(configuration, env={}), partial(rules, registry))  # the sidecar knows too
                registry.engine.dispose()
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                done = sync("rekisteri", "first load", configuration)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
            own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            yield number, done.seconds, own


def tell_whole(options: argparse.Namespace) -> None:
    """Measure whole runs and print."""
    found = list(whole(options))
    print(f"{machine()}; first load of {options.records:,} people, median of {options.runs}\n")
    print("| erased before | seconds | of the program itself |\n| ---: | ---: | ---: |")
    for number in (0, options.tombstones):
        mine = [took for erased, *took in found if erased == number]
        print(f"| {number:,} | {median(one[0] for one in mine):.2f} | {median(one[1] for one in mine):.2f} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=40_000)
    parser.add_argument("--tombstones", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=0, help="whole first loads of each kind, instead of pages")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--postgres", action="store_true", help="in PostgreSQL started for this, not SQLite")
    where.add_argument("--cpu", action="store_true", help="count this process's own time, on a machine that is busy")
    options = parser.parse_args()
    if options.runs:
        tell_whole(options)
        return
    customers = list(people(options.records, options.seed))
    parts = {
        "new customers": list(pages("people", customers)),
        "new enrollments": list(pages("enrollments", list(enrollments(len(customers))))),
        "new bookings": list(pages("bookings", list(bookings(customers)))),
        "all unchanged": list(pages("people", customers)),
    }
    with ExitStack() as stack:
        gc.freeze()  # as a run does it (`sync.run`)
        gc.set_threshold(50_000, 20, 50)
        found = arms(
            stack, options.tombstones, options.postgres, time.process_time if options.cpu else time.perf_counter
        )
        for part, given in parts.items():
            for at, page in enumerate(given):
                for turn in range(len(found)):
                    found[(at + turn) % len(found)].take(part, page)
    kind = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{machine()}; {kind}, pages of {PAGE} rows\n")
    print(table(parts, found))


def table(parts: dict[str, list[Page]], found: Sequence[Arm]) -> str:
    """Microseconds a row of each part, and by how much more than where nobody looks."""
    head = "| µs a row | " + " | ".join(arm.name for arm in found) + " |\n| --- |" + " ---: |" * len(found) + "\n"
    for part in [*parts, "together"]:
        given = [part] if part in parts else list(parts)
        rows = sum(len(page.records) for name in given for page in parts[name])
        took = [sum(arm.seconds[name] for name in given) for arm in found]
        cells = [f"{took[0] / rows * 1e6:.1f}"]
        cells += [f"{seconds / rows * 1e6:.1f} ({seconds / took[0] - 1:+.1%})" for seconds in took[1:]]
        head += f"| {part} | {' | '.join(cells)} |\n"
    return head


if __name__ == "__main__":
    main()
