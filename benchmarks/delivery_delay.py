"""Measures a delivery: until it is answered, and until its customer is in the master registry.

One after the other they are sent to a daemon whose registry is loaded; half of them tell of a student who is a customer
already, under the same e-mail address, and must be joined.

    python -m benchmarks.delivery_delay [--customers 160000] [--seed 1] [--number 200] [--postgres]
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from benchmarks import sandbox
from benchmarks.daemon import HEAD, Daemon, line, running
from benchmarks.first_load import CUSTOMERS, database, sync
from benchmarks.measuring import machine
from connectors.thinkific.sandbox import API_KEY
from connectors.thinkific.sandbox_events import envelope, sign
from store.engine import make_engine, reading
from store.status import registry_size
from store.tables import Link, MatchKey, SourceRecord, table

GIVEN_UP_S = 30.0


def addresses(engine: Engine, number: int) -> list[str]:
    """E-mail addresses of some customers."""
    key = table(MatchKey)
    with reading(engine) as connection:
        return list(connection.execute(select(key.c.value).where(key.c.kind == "email").limit(number)).scalars())


def is_customer(engine: Engine, external_id: str) -> bool:
    """Whether the record is linked to a master customer."""
    record, link = table(SourceRecord), table(Link)
    query = select(link.c.customer_id).join(record, record.c.id == link.c.record_id)
    mine = (record.c.source == sandbox.PLATFORM, record.c.stream == "users", record.c.external_id == external_id)
    with reading(engine) as connection:
        return connection.execute(query.where(*mine)).scalar() is not None


def deliver(daemon: Daemon, engine: Engine, number: int, email: str) -> tuple[float, float]:
    """Seconds until the answer, and until the customer is there."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    user = {"id": 900_000_000 + number, "first_name": "Testi", "last_name": f"Testinen-{number}", "email": email}
    body = envelope("user.signup", user | {"created_at": now, "custom_profile_fields": []}, f"2026{number:019}", now)
    begun = time.perf_counter()
    path = f"/webhooks/{sandbox.PLATFORM}"
    answered, status, _ = daemon.ask("POST", path, body, {"x-thinkific-hmac-sha256": sign(body, API_KEY)})
    assert status == 204, status
    while not is_customer(engine, str(user["id"])):
        if time.perf_counter() - begun > GIVEN_UP_S:
            raise RuntimeError("the customer does not come")
        time.sleep(0.002)
    return answered, time.perf_counter() - begun


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="people at the sandbox platform")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
    parser.add_argument("--number", type=int, default=200, help="deliveries")
    parser.add_argument("--postgres", action="store_true", help="in a PostgreSQL started for this, not SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        platform = stack.enter_context(sandbox.served(options.customers, options.seed))
        url = database(stack, options.postgres)
        configuration = sandbox.configure(folder, platform, url)
        sync("rekisteri", "first load", configuration)
        daemon = stack.enter_context(running(configuration))
        engine = make_engine(url.replace("sqlite:///", f"sqlite:///{folder}/"))
        stack.callback(engine.dispose)
        known = addresses(engine, options.number)
        with reading(engine) as connection:
            size = registry_size(connection).records
        measured = [
            deliver(daemon, engine, number, known[number] if number % 2 else f"testi{number}@example.com")
            for number in range(options.number)
        ]
    print(f"{machine()}; a registry of {size:,} customer records\n")
    print(HEAD)
    print(line("answered", [answered for answered, _ in measured]))
    print(line("in the master registry", [seconds for _, seconds in measured]))


if __name__ == "__main__":
    main()
