"""A backup holds a moment of the registry, and gives it back whole or not at all, on either database."""

import gzip
import json
import random
import stat
import threading
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import Engine, insert, inspect, select, text
from sqlmodel import SQLModel

from config.errors import ConfigError
from privacy.backup import back_up, restore
from store import tombstones
from store.backup import form, sealing, sidecar
from store.backup.errors import BackupError, SidecarError, UnreadableError
from store.engine import make_engine, open_database, reading, writing
from store.migrations import HEAD
from store.tables import BackupRun, Counter, Quarantine, RetentionRule, SourceRecord, table
from tests.privacy.erasing import DIGESTS, populate, speak_of
from tests.privacy.searching import everything
from tests.privacy.vault import KEY, Vault, opened
from tests.sync.engine import Registry


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry in which most tables have rows."""
    populate(registry)
    speak_of(registry)
    return registry


@pytest.fixture
def small(light_registry: Registry) -> Registry:
    """A few people, in SQLite."""
    populate(light_registry)
    return light_registry


def told(engine: Engine) -> dict[str, list[str]]:
    """Every row, but what notes that a backup was made of them, or brought back."""
    rows = everything(engine)
    rows["audit_event"] = [
        row for row in rows.get("audit_event", []) if not {"backup", "restore"} & set(row.split("\n"))
    ]
    rows["audit_payload"] = [row for row in rows.get("audit_payload", []) if '"rows": ' not in row]
    return {name: found for name, found in rows.items() if found and name != "backup_run"}


def empty(url: str) -> bool:
    """Whether a database holds no table, or an SQLite file is not even there."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return not list(Path(url.removeprefix("sqlite:///")).parent.glob("spare*"))
    engine = make_engine(url)
    try:
        return inspect(engine).get_table_names() == []
    finally:
        engine.dispose()


def test_a_restored_registry_is_the_one_that_was_backed_up(full: Registry, vault: Vault, target_url: str) -> None:
    written = vault.back_up(full)
    restored = vault.restore(target_url)
    before = told(full.engine)
    with opened(target_url) as engine:
        assert told(engine) == before
    assert written.rows == restored.rows
    assert {name: rows for name, rows in written.rows.items() if rows} == {n: len(rows) for n, rows in before.items()}


def test_a_restored_registry_goes_on(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    vault.restore(target_url)
    with opened(target_url) as engine:
        again = Registry(engine, origin=full.origin, clock=full.clock)
        for each in (full, again):
            each.reconcile()
        assert again.snapshot() == full.snapshot()
        again.rebuild()
        assert again.snapshot() == full.snapshot()
        again.land("salon", {"new": {"first_name": "Uusi", "last_name": "Ihminen", "phone": "+358405550099"}})
        again.reconcile()
        assert again.customer_of("salon:new") != again.customer_of("salon:other")


def test_new_rows_get_ids_after_the_restored_ones(full: Registry, vault: Vault, target_url: str) -> None:
    rule = table(RetentionRule)
    values = {"category": "orders", "trigger": "x", "basis": "y", "set_at": full.clock, "set_by": "tester"}
    with writing(full.engine) as connection:
        connection.execute(insert(rule).values(values))
    vault.back_up(full)
    vault.restore(target_url)
    with opened(target_url) as engine, writing(engine) as connection:
        newest = connection.execute(select(rule.c.id).order_by(rule.c.id.desc()).limit(1)).scalar_one()
        assert connection.execute(insert(rule).values(values).returning(rule.c.id)).scalar_one() == newest + 1


def test_every_index_and_reference_is_there_again(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    vault.restore(target_url)
    with opened(target_url) as engine:
        found, wanted = inspect(engine), SQLModel.metadata.sorted_tables
        for of in wanted:
            indexes = {index["name"] for index in found.get_indexes(of.name)}
            assert {index.name for index in of.indexes} <= indexes, of.name
            assert len(found.get_foreign_keys(of.name)) == len(of.foreign_keys), of.name


def test_a_backup_is_one_moment_while_a_run_writes(registry: Registry, vault: Vault, target_url: str) -> None:
    """Each page comes with a row of another table. At no moment is one there without the other."""
    stop, landed = threading.Event(), threading.Event()
    quarantine = table(Quarantine)
    waits = {
        "source": "salon", "stream": "people", "origin_id": registry.origin, "retrieved_from": "test",
        "retrieved_at": registry.clock, "first_seen_at": registry.clock, "run_id": "run", "reason": "x", "fields": "{}",
    }  # fmt: skip

    def write() -> None:
        number = 0
        while not stop.is_set():
            with writing(registry.engine) as connection:
                id_ = 1000 + number
                connection.execute(insert(table(SourceRecord)).values(
                    id=id_, source="salon", stream="people", kind="customer", external_id=str(id_), payload="{}",
                    payload_sha256="0", origin_id=registry.origin, retrieved_from="test", retrieved_at=registry.clock,
                    run_id="run", first_seen_at=registry.clock,
                ))  # fmt: skip
                connection.execute(insert(quarantine).values(**waits, key=str(id_)))
            number += 1
            landed.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert landed.wait(60)
        written = vault.back_up(registry)
    finally:
        stop.set()
        thread.join()
    vault.restore(target_url)
    assert written.rows["quarantine"] == written.rows["source_record"] > 0
    with opened(target_url) as engine, reading(engine) as connection:
        landed_ids = set(connection.execute(select(table(SourceRecord).c.external_id)).scalars())
        assert landed_ids == set(connection.execute(select(quarantine.c.key)).scalars())


def test_a_backup_is_noted_and_private_and_never_written_over(small: Registry, vault: Vault) -> None:
    written = vault.back_up(small)
    content = vault.file.read_bytes()
    assert stat.S_IMODE(vault.file.stat().st_mode) == 0o600
    with reading(small.engine) as connection:
        noted = connection.execute(select(table(BackupRun))).one()
    assert (noted.file, noted.sha256, noted.rows) == (str(vault.file), written.sha256, sum(written.rows.values()))
    with pytest.raises(BackupError, match="never overwritten"):
        vault.back_up(small)
    assert vault.file.read_bytes() == content
    assert sorted(path.name for path in vault.folder.iterdir()) == [
        "registry.age", "rekisteri.erasures", "rekisteri.key"
    ]  # fmt: skip


def test_a_backup_shows_nobody(small: Registry, vault: Vault) -> None:
    vault.back_up(small)
    content = vault.file.read_bytes()
    assert content.startswith(b"age-encryption.org/v1")
    assert b"salon" not in content
    assert vault.key_file.read_bytes() not in content


@pytest.mark.parametrize("decrypt", [True, False])
def test_what_the_disk_made_of_it_is_noticed(small: Registry, vault: Vault, decrypt: bool) -> None:
    assert vault.back_up(small, decrypt=decrypt).decrypted is decrypt


def test_a_backup_to_another_identity_than_the_configured_one_is_none(small: Registry, vault: Vault) -> None:
    stranger = pyrage.x25519.Identity.generate()
    vault.identity, own = stranger, vault.identity
    with pytest.raises(UnreadableError, match="somebody else"):
        _back_up_to(small, vault, own)
    assert not vault.file.exists()


def _back_up_to(registry: Registry, vault: Vault, other: Any) -> None:
    back_up(registry.engine, vault.file, other.to_public(), vault.identity, vault.key_file, "tester")


def test_a_cut_backup_is_refused_wherever_it_is_cut(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.back_up(small)
    whole = vault.file.read_bytes()
    for end in range(0, len(whole), 997):
        vault.file.write_bytes(whole[:end])
        with pytest.raises(UnreadableError, match=r"is cut or damaged|is no backup"):
            vault.restore(spare_url)
        assert empty(spare_url)
    vault.file.write_bytes(whole + b"x")
    with pytest.raises(UnreadableError):
        vault.restore(spare_url)
    assert empty(spare_url)


def test_a_backup_with_a_byte_changed_is_refused(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.back_up(small)
    whole = vault.file.read_bytes()
    draw = random.Random(1)
    for at in (0, 21, 30, len(whole) - 1, *(draw.randrange(len(whole)) for _ in range(25))):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << draw.randrange(8)
        vault.file.write_bytes(flipped)
        with pytest.raises(UnreadableError) as caught:
            vault.restore(spare_url)
        assert "\n" not in str(caught.value)
        assert empty(spare_url)


def test_nothing_stays_of_a_restore_that_fails_at_its_end(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)

    def fails(_connection: Any, _queued: Any) -> None:
        raise ZeroDivisionError

    vault.erase(full, "salon:kuutamo-17")
    with pytest.raises(ZeroDivisionError):
        restore(vault.file, target_url, vault.identity, vault.key_file, fails)
    assert empty(target_url)
    vault.restore(target_url)


def test_a_foreign_file_is_refused(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.back_up(small)
    for content in (b"hello", pyrage.encrypt(b"hello", [vault.identity.to_public()])):
        vault.file.write_bytes(content)
        with pytest.raises(UnreadableError, match="is no backup of rekisteri"):
            vault.restore(spare_url)
    vault.file.unlink()
    with pytest.raises(UnreadableError, match="cannot be read"):
        vault.restore(spare_url)
    assert empty(spare_url)


def test_a_backup_needs_its_identity(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.back_up(small)
    with pytest.raises(UnreadableError, match="somebody else"):
        vault.restore(spare_url, identity=pyrage.x25519.Identity.generate())
    assert empty(spare_url)


def test_a_restore_needs_the_key_of_the_backup(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.back_up(small)
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: "):
        vault.restore(spare_url, key_file=vault.folder / "gone.key")
    other = vault.folder / "other" / "rekisteri.key"
    other.parent.mkdir()
    other.write_text("ab" * 32)
    sidecar.start(sidecar.beside(other), bytes.fromhex("ab" * 32))
    with pytest.raises(UnreadableError, match=r"another key than privacy\.key_file"):
        vault.restore(spare_url, key_file=other)
    assert empty(spare_url)


def test_a_restore_needs_the_sidecar(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.back_up(small)
    vault.sidecar.unlink()
    with pytest.raises(SidecarError, match="nobody knows who was erased"):
        vault.restore(spare_url)
    assert empty(spare_url)


def test_a_sidecar_that_is_older_than_the_backup_is_refused(small: Registry, vault: Vault, spare_url: str) -> None:
    vault.tell(small)
    old = vault.sidecar.read_bytes()
    vault.erase(small, "salon:kuutamo-17")
    vault.back_up(small)
    vault.sidecar.write_bytes(old)
    with pytest.raises(SidecarError, match="older than the backup"):
        vault.restore(spare_url)
    assert empty(spare_url)


def test_a_restore_never_touches_a_database_with_rows(small: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(small)
    vault.restore(target_url)
    with opened(target_url) as engine:
        before = everything(engine)
    with pytest.raises(BackupError, match="is not empty"):
        vault.restore(target_url)
    with opened(target_url) as engine:
        assert everything(engine) == before


def test_a_restore_never_touches_what_another_program_keeps(small: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(small)
    engine = make_engine(target_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    engine.dispose()
    with pytest.raises(BackupError, match="is not empty"):
        vault.restore(target_url)


def test_a_restore_takes_a_database_with_empty_tables(small: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(small)
    open_database(target_url).dispose()
    vault.restore(target_url)
    with opened(target_url) as engine:
        assert told(engine) == told(small.engine)


def test_the_newest_erasure_is_told(small: Registry, vault: Vault) -> None:
    vault.erase(small, "salon:kuutamo-17")
    with reading(small.engine) as connection:
        assert vault.back_up(small).erasures == tombstones.newest(connection) > 0


def test_the_head_names_the_revision_of_the_tables(small: Registry, vault: Vault) -> None:
    vault.back_up(small)
    plain = gzip.decompress(pyrage.decrypt(vault.file.read_bytes(), [vault.identity]))
    assert json.loads(plain.partition(b"\n")[0])["schema"] == HEAD


def forge(vault: Vault, schema: str) -> None:
    """A backup of another version, with one row."""
    shelf = form.Shelf("counter", ("name", "value"), 1)
    head = form.Head(schema, "2026-01-01T09:00:00+00:00", DIGESTS.fingerprint, 0, (shelf,))
    vault.file.touch()
    sealing.seal(vault.file, form.written(head, KEY, lambda _: [[("mine", "7")]]), vault.identity.to_public())
    sidecar.start(vault.sidecar, KEY)


def test_a_backup_of_an_older_version_is_brought_up_to_date(vault: Vault, target_url: str) -> None:
    forge(vault, "0003")
    vault.restore(target_url)
    with opened(target_url) as engine, reading(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == HEAD
        assert connection.execute(select(table(Counter))).one() == ("mine", "7")
        assert connection.execute(select(table(BackupRun))).all() == []


def test_a_backup_of_a_newer_version_is_refused(vault: Vault, target_url: str) -> None:
    forge(vault, "9999")
    with pytest.raises(UnreadableError, match="newer version of rekisteri"):
        vault.restore(target_url)
    assert empty(target_url)


def test_empty_tables_of_another_version_are_left_alone(small: Registry, vault: Vault, target_url: str) -> None:
    forge(vault, "0003")
    open_database(target_url).dispose()
    with pytest.raises(BackupError, match="tables of another version"):
        vault.restore(target_url)
