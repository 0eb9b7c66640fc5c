"""A made-up platform's address and a client of it on a fake clock."""

import httpx

from connectors.http import HttpClient
from tests.connectors.clocks import FakeClock

BASE = "https://api.example.com/v1"
SECRET = "key-of-nobody-0001"
HINT = "school.api_key and the plan"
OK = httpx.Response(200, json={"items": []})


def open_client(clock: FakeClock, per_minute: int = 10_000) -> HttpClient:
    """A client whose pace never waits, unless told."""
    return HttpClient(
        BASE,
        headers={"x-key": SECRET},
        requests_per_minute=per_minute,
        settings_hint=HINT,
        secrets=(SECRET,),
        clock=clock,
    )
