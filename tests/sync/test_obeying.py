"""The registry and the sidecar of its key know the same erasures when a run begins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import Settings, load
from store import audit
from store.backup import sidecar
from store.backup.entries import Declared
from store.backup.errors import SidecarError
from store.backup.keeping import entries_of
from store.engine import reading
from sync.obeying import heed, obey, tell_declared
from tests.privacy.erasing import DIGESTS, VALUES, erase, populate
from tests.privacy.searching import forms, in_files, in_tables
from tests.privacy.vault import KEY, Vault
from tests.sync.declaring import consent, declare, shown, state
from tests.sync.engine import Registry


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A key, and nothing else."""
    folder = tmp_path / "vault"
    folder.mkdir()
    return Vault(folder)


@pytest.fixture
def settings(vault: Vault) -> Settings:
    file = vault.folder / "rekisteri.toml"
    file.write_text("")
    return load(file, env={})


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Registry]:
    """A registry with the same people: an old copy put back, or one begun anew."""
    folder = tmp_path / "other"
    folder.mkdir()
    registry = Registry.open(f"sqlite:///{folder / 'rekisteri.db'}")
    populate(registry)
    yield registry
    registry.engine.dispose()


def begin(registry: Registry, settings: Settings) -> None:
    obey(registry.engine, settings, lambda: registry.rules)


def test_where_nobody_was_erased_nothing_is_begun(light_registry: Registry, vault: Vault, settings: Settings) -> None:
    vault.key_file.unlink()
    begin(light_registry, settings)
    assert [path.name for path in vault.folder.iterdir()] == ["rekisteri.toml"]


def test_what_a_crash_kept_from_the_sidecar_is_brought(registry: Registry, vault: Vault, settings: Settings) -> None:
    populate(registry)
    vault.erase(registry, "salon:child")
    erase(registry, "salon:kuutamo-17")
    begin(registry, settings)
    with reading(registry.engine) as connection:
        assert sidecar.read(vault.sidecar, KEY) == entries_of(connection, DIGESTS)


def test_a_sidecar_that_is_gone_is_written_anew(light_registry: Registry, vault: Vault, settings: Settings) -> None:
    populate(light_registry)
    vault.erase(light_registry, "salon:child")
    begin(light_registry, settings)
    vault.sidecar.unlink()
    begin(light_registry, settings)
    with reading(light_registry.engine) as connection:
        assert sidecar.read(vault.sidecar, KEY) == entries_of(connection, DIGESTS)


def test_a_registry_that_knows_less_than_the_sidecar_learns_it(
    registry: Registry, vault: Vault, settings: Settings, other: Registry
) -> None:
    populate(registry)
    vault.erase(registry, "salon:kuutamo-17")
    begin(other, settings)
    wanted = forms(*VALUES)
    assert in_tables(other.engine, wanted) == {}
    assert in_files(Path(str(other.engine.url.database)).parent, wanted) == {}
    assert other.people() == registry.people()
    with reading(other.engine) as connection:
        assert [row.action for row in audit.trail(connection)][-1] == "erasures.replayed"
    begin(other, settings)
    with reading(other.engine) as connection:
        assert sidecar.read(vault.sidecar, KEY) == entries_of(connection, DIGESTS)


def test_where_nobody_can_tell_who_was_erased_no_run_goes_on(
    light_registry: Registry, vault: Vault, settings: Settings, other: Registry
) -> None:
    populate(light_registry)
    vault.erase(light_registry, "salon:child")
    whole = vault.sidecar.read_bytes()
    vault.sidecar.write_bytes(whole[:-2])
    with pytest.raises(SidecarError, match="was cut"):
        begin(other, settings)
    vault.sidecar.write_bytes(whole)
    vault.key_file.unlink()
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: "):
        begin(other, settings)


def test_a_registry_that_knows_its_erasures_runs_on_without_a_whole_sidecar(
    light_registry: Registry, vault: Vault, settings: Settings
) -> None:
    populate(light_registry)
    vault.erase(light_registry, "salon:child")
    vault.sidecar.write_bytes(vault.sidecar.read_bytes()[:-2])
    begin(light_registry, settings)
    with pytest.raises(SidecarError):
        sidecar.read(vault.sidecar, KEY)


def test_what_people_forbade_is_learnt_too(
    registry: Registry, vault: Vault, settings: Settings, other: Registry
) -> None:
    """By a registry in which nobody was erased; of whom it does not have once they land."""
    populate(registry)
    sidecar.start(vault.sidecar, KEY)
    late = {"late": {"first_name": "Myöhäinen", "phone": "+358405550077"}}
    registry.land("salon", late)
    registry.reconcile()
    consent(registry, "salon:mother", "withdrawn")
    declare(registry, "salon:late", "restriction")
    assert tell_declared(registry.engine, settings) is None
    begin(other, settings)
    assert state(other, "salon:mother") == "withdrawn"
    other.land("salon", late)
    heed(other.engine, settings)
    other.reconcile()
    assert shown(other, "salon:late")["restricted"]
    begin(other, settings)
    with reading(other.engine) as connection:
        told = [entry for entry in sidecar.read(vault.sidecar, KEY) if isinstance(entry, Declared)]
        assert sorted(told, key=repr) == sorted(entries_of(connection, DIGESTS), key=repr), "nothing is told twice"


def test_a_declaration_is_told_at_once_where_there_is_a_sidecar_and_else_with_the_first_backup(
    light_registry: Registry, vault: Vault, settings: Settings
) -> None:
    populate(light_registry)
    declare(light_registry, "salon:child", "restriction")
    assert tell_declared(light_registry.engine, settings) is None
    assert not vault.sidecar.exists()
    vault.back_up(light_registry)
    assert len(sidecar.read(vault.sidecar, KEY)) == 1
    vault.sidecar.write_bytes(vault.sidecar.read_bytes()[:-2])
    assert "was cut" in str(tell_declared(light_registry.engine, settings))
