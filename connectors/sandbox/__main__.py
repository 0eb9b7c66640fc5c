"""Serves one platform's sandbox until it is told to stop: `python -m connectors.sandbox --platform NAME`.

Prints one line of JSON when it listens: `url`, `platform`, `settings` (the configuration section that points at it),
`rows`, `pid`. Stops on SIGTERM, SIGINT or, with `--until-eof`, when its standard input ends, so that it cannot
outlive what started it. Steered over `/_sandbox/` (see `control.py`).
"""

import argparse
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import date

from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.people import Population
from connectors.sandbox.registered import platform, platforms
from connectors.sandbox.server import serve


def _plan(text: str) -> FaultPlan:
    """A fault plan; argparse shows the message of its own error class alone."""
    try:
        return FaultPlan.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("connectors.sandbox", description="Serve a platform's sandbox on loopback.")
    parser.add_argument("--platform", required=True, choices=sorted(platforms()))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--both", type=float, default=0.25, help="share of people known at both kinds of place")
    parser.add_argument("--school-only", type=float, default=0.375, help="share of people known at the school alone")
    parser.add_argument("--enrollments-per-user", type=float, default=2.0)
    parser.add_argument("--bookings-per-client", type=float, default=3.0)
    parser.add_argument("--order-share", type=float, default=0.3, help="share of enrollments that have an order")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 1))
    parser.add_argument("--step", type=int, default=0, help="how many days the population has moved on")
    parser.add_argument("--share", type=float, default=0.01, help="share of the rows that changes in a step")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate-limit", type=int, default=None, help="requests a minute; not limited by default")
    parser.add_argument("--faults", type=_plan, default="", help="fault plan, such as 500@3,reset@5 (see faults.py)")
    parser.add_argument("--warm", action="store_true", help="serialise every row before listening")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    return parser


def _sandbox(asked: argparse.Namespace) -> Sandbox:
    population = Population(
        asked.seed, asked.customers, both=asked.both, school_only=asked.school_only,
        enrollments_per_user=asked.enrollments_per_user, bookings_per_client=asked.bookings_per_client,
        order_share=asked.order_share, today=asked.today,
    ).change(asked.step, asked.share)  # fmt: skip
    sandbox = platform(asked.platform).build(population, rate_limit=asked.rate_limit, faults=asked.faults)
    if asked.warm:
        sandbox.warm()
    return sandbox


def _wait_for_the_end(until_eof: bool) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if until_eof:
        threading.Thread(target=_read_to_the_end, args=(stop,), daemon=True).start()
    stop.wait()


def _read_to_the_end(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    asked = _parser().parse_args(arguments)
    gc.disable()  # a population is hundreds of thousands of objects that live to the end: nothing to collect
    sandbox = _sandbox(asked)
    gc.freeze()
    gc.enable()
    with serve(sandbox, asked.port) as served:
        told = {
            "url": served.url,
            "platform": asked.platform,
            "settings": platform(asked.platform).settings(served.url),
            "rows": {name: len(rows) for name, rows in sandbox.streams().items()},
            "pid": os.getpid(),
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        _wait_for_the_end(asked.until_eof)
    return 0


if __name__ == "__main__":
    sys.exit(main())
