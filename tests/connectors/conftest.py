"""What tests of clients share, and makes the asserts of the shared contract tell what they compared."""

from collections.abc import Iterator

import pytest
import respx

from connectors.http import HttpClient
from tests.connectors.clocks import FakeClock
from tests.connectors.web import BASE, open_client

pytest.register_assert_rewrite("tests.connectors.contract")


@pytest.fixture
def clock() -> FakeClock:
    """Stands still until somebody waits."""
    return FakeClock()


@pytest.fixture
def client(clock: FakeClock) -> Iterator[HttpClient]:
    """A client of the made-up platform."""
    with open_client(clock) as made:
        yield made


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """What the made-up platform answers."""
    with respx.mock(base_url=BASE) as router:
        yield router
