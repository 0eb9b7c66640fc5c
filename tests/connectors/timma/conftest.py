"""Salons to read from."""

from collections.abc import Iterator

import pytest

from connectors.sandbox.people import Population
from connectors.sandbox.server import serve
from connectors.timma.sandbox import TimmaSandbox, build


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[TimmaSandbox, str]]:
    sandbox = build(Population(seed=4, customers=420))
    with serve(sandbox) as served:
        yield sandbox, served.url


@pytest.fixture
def fragile() -> Iterator[tuple[TimmaSandbox, str]]:
    """One that a test may break."""
    sandbox = build(Population(seed=5, customers=420))
    with serve(sandbox) as served:
        yield sandbox, served.url
