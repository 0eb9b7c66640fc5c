"""The desk on both databases, and on SQLite alone for what does not touch the store."""

import pytest

from tests.privacy.package.desk import Desk
from tests.sync.engine import Registry


@pytest.fixture
def desk(registry: Registry) -> Desk:
    """Nobody is there yet."""
    return Desk(registry)


@pytest.fixture
def light_desk(light_registry: Registry) -> Desk:
    """The same on SQLite alone."""
    return Desk(light_registry)
