"""The rights of the people in the registry, each as the commands carry it out."""

from pathlib import Path

import pytest

from config.register import SHIPPED
from tests.scenarios.privacy.house import CONTACT, House, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The registry after its first run, with a contact person in its register."""
    register = SHIPPED.read_text("utf-8").replace('contact = ""', f'contact = "{CONTACT}"')
    assert CONTACT in register
    return build(tmp_path_factory.mktemp("house"), register)


@pytest.fixture
def house(built: House, tmp_path: Path) -> House:
    """A copy of it for one test."""
    return built.copy(tmp_path)
