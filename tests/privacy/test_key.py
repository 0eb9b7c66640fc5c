"""Under another key erased people would come back unseen: so nothing goes on without the one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.keyfile import key_of
from privacy import key
from store import tombstones
from store.engine import writing
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def erased(registry: Registry, path: Path) -> str:
    with writing(registry.engine) as connection:
        pseudonyms = key.for_erasing(connection, path)
        tombstones.write(connection, "request", NOW, [("email", pseudonyms.email("a@example.com"))])
    return pseudonyms.fingerprint


def test_the_first_erasure_makes_the_key_and_all_others_take_it(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.key"
    with writing(registry.engine) as connection:
        assert key.for_landing(connection, path) is None
        assert not path.exists()
    first = erased(registry, path)
    kept = key_of(path)
    assert (erased(registry, path), key_of(path)) == (first, kept)
    with writing(registry.engine) as connection:
        assert getattr(key.for_landing(connection, path), "fingerprint", None) == first


@pytest.mark.parametrize("text", [None, "cd" * 32])
def test_without_the_one_key_nobody_is_erased_and_nothing_lands(
    light_registry: Registry, tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "rekisteri.key"
    erased(light_registry, path)
    path.unlink()
    if text:
        path.write_text(text)
    for ask in (key.for_erasing, key.for_landing):
        with (
            writing(light_registry.engine) as connection,
            pytest.raises(ConfigError, match=r"^privacy\.key_file: .* put (it|that one) back"),
        ):
            ask(connection, path)
    assert path.exists() == bool(text), "no other key is made"


def test_a_key_that_was_never_used_may_be_changed(light_registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.key"
    with writing(light_registry.engine) as connection:
        key.for_erasing(connection, path)
    path.write_text("cd" * 32)
    erased(light_registry, path)
    with writing(light_registry.engine) as connection:
        assert key.for_landing(connection, path)
