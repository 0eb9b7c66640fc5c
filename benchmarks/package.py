"""Measures an access package: how long the answer to a person with very many bookings takes.

One customer of the salon and the school with bookings, enrollments and orders, each with notes, among a family on the
same phone; a request with a checked identity; then `rekisteri request package` as a person starts it, and the same
without the start of the program.

    python -m benchmarks.package [--bookings 2000] [--repeat 5] [--postgres]
"""

import argparse
import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.first_load import database
from benchmarks.measuring import environment, machine, measure
from config.register import load_register
from connectors.base import Stream
from connectors.records import Booking, BookingState, Enrollment, Kind, Order, SourceRecord
from privacy.package.answering import answer, asker
from privacy.package.archive import archive
from privacy.requests import Asked, By, begin, identify
from store.engine import reading, writing
from sync.cli.exporting import harmless
from sync.cli.listing import mailboxes
from tests.sync.engine import START, Registry

PERSON = {"first_name": "Maija", "last_name": "Malli", "name": "Maija Malli", "phone": "+358400000101"}
FAMILY = 5
AT_ONCE = 500


def land(registry: Registry, source: str, kind: Kind, records: list[SourceRecord]) -> None:
    """Land activities a page at a time."""
    for start in range(0, len(records), AT_ONCE):
        registry._land(source, Stream(name=f"{kind}s", kind=kind, activity="x"), records[start : start + AT_ONCE])


def fill(registry: Registry, bookings: int) -> int:
    """The person, a family on the same phone, and what she booked, studied and bought; the number of her request."""
    family = {
        f"child{number}": PERSON | {"first_name": name, "name": f"{name} Malli"}
        for number, name in enumerate(("Veikko", "Aino", "Otso", "Ilona", "Eero")[:FAMILY])
    }
    registry.land("salon", {"maija": PERSON, **family})
    registry.land("school", {"maija": PERSON | {"email": "maija@example.com", "email_marketing": True}})

    def record(kind: Kind, number: int, payload: Any) -> SourceRecord:
        notes = f"A firm hand, as last time with Veikko, the {number}th time."
        return SourceRecord(external_id=f"{kind}{number}", kind=kind, payload=payload, owner_id="maija", notes=notes)

    def booking(number: int) -> Booking:
        at = datetime(2016, 1, 4, 8, tzinfo=UTC) + timedelta(hours=36 * number)
        return Booking(
            starts_at=at, ends_at=at + timedelta(hours=1), service="Hieronta 60 min", service_id="s60",
            employee="Malli Hieroja", employee_id="e1", price_cents=6500, paid_cents=6500, state=BookingState.COMPLETED,
            created_at=at - timedelta(days=9), client_name="Maija Malli", client_phone=PERSON["phone"],
        )  # fmt: skip

    land(registry, "salon", Kind.BOOKING, [record(Kind.BOOKING, n, booking(n)) for n in range(bookings)])
    study = Enrollment(course_id="501", course="Hyvän unen kurssi", progress=0.5, completed=False, updated_at=START)
    land(registry, "school", Kind.ENROLLMENT, [record(Kind.ENROLLMENT, n, study) for n in range(bookings // 20)])
    order = Order(product="Kurssipaketti", amount_cents=2000, status="complete", created_at=START)
    land(registry, "school", Kind.ORDER, [record(Kind.ORDER, n, order) for n in range(bookings // 20)])
    registry.reconcile()
    by = By("tester", START)
    with writing(registry.engine) as connection:
        id_ = begin(connection, Asked("access", "salon:maija", date(2026, 1, 1), "email"), by).id
        identify(connection, id_, "passport shown", by)
    return id_


def within(registry: Registry, request: int, repeat: int) -> tuple[tuple[float, float], int]:
    """Median seconds, and seconds of CPU, to make the package in a process that runs already, and its bytes."""
    taken, busy = [], []
    for _ in range(repeat):
        begun, worked = time.perf_counter(), time.process_time()
        with reading(registry.engine) as connection:
            asked, by = asker(connection, request), By("tester", START)
            document = answer(connection, asked, load_register(None), by, "fi", mailboxes())
        content = archive(document, harmless)
        taken.append(time.perf_counter() - begun)
        busy.append(time.process_time() - worked)
    return (median(taken), median(busy)), len(content)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--bookings", type=int, default=2_000)
    parser.add_argument("--repeat", type=int, default=5, help="repetitions, of which the median counts")
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database(stack, options.postgres)
        registry = Registry.open(url if options.postgres else f"sqlite:///{folder / 'rekisteri.db'}")
        stack.callback(registry.engine.dispose)
        request = fill(registry, options.bookings)
        alone, size = within(registry, request, options.repeat)
        configuration = folder / "rekisteri.toml"
        configuration.write_text(f'[database]\nurl = "{url}"\n')
        configuration.chmod(0o600)
        command = [sys.executable, "-c", "from sync.cli import main; main()", "--config", str(configuration)]
        command += ["request", "package", str(request), "--output", str(folder / "answer.zip")]
        root = environment(PYTHONPATH=str(Path(__file__).parent.parent))
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        runs = [measure(command, folder, root) for _ in range(options.repeat)]
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole, peak = median(run.seconds for run in runs), median(run.peak_mib for run in runs)
    busy = (ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime) / options.repeat
    kind = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{machine()}; {options.bookings:,} bookings in {kind}; {size / 1024:,.0f} KiB; median of {options.repeat}\n")
    print("| what | seconds | of CPU | peak MiB |\n| --- | ---: | ---: | ---: |")
    print(f"| the whole command | {whole:.2f} | {busy:.2f} | {peak:.0f} |")
    print(f"| without the start of the program | {alone[0]:.2f} | {alone[1]:.2f} | |")


if __name__ == "__main__":
    main()
