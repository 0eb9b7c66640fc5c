"""Who was erased after a backup is erased in what is restored, and nobody else is."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from privacy.erasure import erase as erase_rows
from privacy.replay import replay
from store import tombstones
from store.backup import sidecar
from store.backup.entries import Erased, Tombstoned
from store.backup.keeping import entries_of
from store.engine import reading, writing
from store.tables import HeldRecord, ReentryDecision, SourceRecord, Tombstone, TombstoneKey, table
from tests.privacy.erasing import DIGESTS, SHARED, VALUES, erase, populate, speak_of
from tests.privacy.searching import forms, in_files, in_tables
from tests.privacy.vault import KEY, Vault, opened
from tests.sync.engine import Registry


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry in which every table tells something of a person."""
    populate(registry)
    speak_of(registry)
    return registry


def rows(engine: Any, model: Any) -> list[Any]:
    with reading(engine) as connection:
        of = table(model)
        return [tuple(row) for row in connection.execute(select(of).order_by(*of.primary_key.columns)).all()]


def keys(engine: Any, kind: str) -> set[tuple[Any, ...]]:
    return {row for row in rows(engine, TombstoneKey) if row[1].startswith(kind)}


def stones(engine: Any) -> list[tuple[Any, ...]]:
    """Without the counts of what was dropped since."""
    of = table(Tombstone)
    with reading(engine) as connection:
        query = select(of.c.id, of.c.basis, of.c.effective_at, of.c.released_at).order_by(of.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_who_was_erased_since_the_backup_is_in_no_table_and_no_byte(
    full: Registry, vault: Vault, target_url: str
) -> None:
    vault.back_up(full)
    vault.erase(full, "salon:kuutamo-17")
    done = vault.restore(target_url, full)
    assert (done.replayed.erasures, done.clean) == (1, True)
    assert done.replayed.rows > 5
    wanted = forms(*VALUES)
    with opened(target_url) as engine:
        assert in_tables(engine, wanted) == {}
        assert stones(engine) == stones(full.engine)
        assert keys(engine, "") == keys(full.engine, "")
    if target_url.startswith("sqlite"):
        mine = {name: found for name, found in in_files(vault.folder.parent, wanted).items() if "spare" in name}
        assert mine == {}


def test_everybody_else_is_as_after_the_erasure_itself(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    vault.erase(full, "salon:kuutamo-17")
    vault.restore(target_url, full)
    with opened(target_url) as engine:
        again = Registry(engine, origin=full.origin, clock=full.clock)
        assert again.snapshot() == full.snapshot()
        assert in_tables(engine, forms(SHARED)) != {}


def test_a_family_stays_whole_where_the_mother_came_after_the_backup(
    registry: Registry, vault: Vault, target_url: str
) -> None:
    """In what is restored nobody else has the phone, but when the child was erased the mother had it."""
    registry.land("salon", {"child": {"first_name": "Veikko", "last_name": "Perhe", "phone": SHARED}})
    registry.reconcile()
    vault.back_up(registry)
    registry.land("salon", {"mother": {"first_name": "Aino", "last_name": "Perhe", "phone": SHARED}})
    registry.reconcile()
    vault.erase(registry, "salon:child")
    vault.restore(target_url)
    with opened(target_url) as engine:
        assert keys(engine, "phone") == keys(registry.engine, "phone")
        assert {kind for _, kind, _ in keys(engine, "phone")} == {"phone+first"}


def test_an_erasure_that_the_backup_knows_is_not_done_again(full: Registry, vault: Vault, target_url: str) -> None:
    """Who came back by choice is in the backup, and stays."""
    vault.erase(full, "salon:kuutamo-17")
    full.land("salon", {"kuutamo-17": {"first_name": "Päivikki", "phone": "+358401987654"}})
    full.reconcile()
    vault.back_up(full)
    assert vault.restore(target_url).replayed.erasures == 0
    with opened(target_url) as engine:
        assert Registry(engine, origin=full.origin).snapshot() == full.snapshot()


def test_several_erasures_keep_their_ids_and_their_order(full: Registry, vault: Vault, target_url: str) -> None:
    vault.erase(full, "salon:child")
    vault.back_up(full)
    for record in ("salon:kuutamo-17", "salon:mother"):
        vault.erase(full, record)
    assert vault.restore(target_url).replayed.erasures == 2
    with opened(target_url) as engine:
        assert stones(engine) == stones(full.engine)
        again = Registry(engine, origin=full.origin, clock=full.clock)
        erase(again, "salon:other")
        assert [stone[0] for stone in stones(engine)] == [1, 2, 3, 4]


def test_single_rows_that_went_go_again_and_their_owner_stays(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    with writing(full.engine) as connection:
        booking = full.id_of(connection, "salon", "varaus-kuutamo")
        erase_rows(connection, [booking], basis="retention", now=full.act().now, pseudonyms=DIGESTS)
    vault.tell(full)
    vault.restore(target_url, full)
    record = table(SourceRecord)
    with opened(target_url) as engine, reading(engine) as connection:
        left = set(connection.execute(select(record.c.external_id)).scalars())
    assert "varaus-kuutamo" not in left
    assert "kuutamo-17" in left


def test_what_had_not_landed_at_the_backup_goes_from_quarantine(
    registry: Registry, vault: Vault, target_url: str
) -> None:
    """The row waits in the backup; it landed later, and was erased then."""
    populate(registry)
    speak_of(registry)
    vault.back_up(registry)
    registry.land("salon", {"row-1": {"first_name": "Päivikki", "last_name": "Kuutamoääri", "phone": "+358401987654"}})
    registry.reconcile()
    vault.erase(registry, "salon:row-1")
    vault.restore(target_url)
    with opened(target_url) as engine:
        assert in_tables(engine, forms(*VALUES)) == {}


def test_what_people_decided_since_counts_again(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    vault.erase(full, "salon:kuutamo-17")
    vault.erase(full, "salon:child")
    now = full.act().now
    with writing(full.engine) as connection:
        tombstones.release(connection, 1, "called on the phone", "tester", now)
        tombstones.decide(connection, 2, "ab" * 16, "refuse", "no", "tester", now)
    vault.tell(full)
    vault.restore(target_url)
    with opened(target_url) as engine:
        assert stones(engine) == stones(full.engine)
        (decision,) = rows(engine, ReentryDecision)
        assert decision[1:4] == (2, "ab" * 16, "refuse")
    assert b"called on the phone" not in vault.sidecar.read_bytes()


def test_to_replay_twice_changes_nothing(full: Registry, vault: Vault) -> None:
    vault.erase(full, "salon:kuutamo-17")
    entries = sidecar.read(vault.sidecar, KEY)
    before = stones(full.engine)
    with writing(full.engine) as connection:
        assert replay(connection, entries, DIGESTS).erasures == 0
    assert stones(full.engine) == before


def test_a_copy_put_back_by_other_means_is_made_to_obey_too(full: Registry, vault: Vault) -> None:
    """The sidecar knows an erasure under an id that this database gave to another one."""
    vault.erase(full, "salon:child")
    which = Tombstoned(1, full.clock + timedelta(days=1))
    digest = DIGESTS.record("salon", "people", "kuutamo-17")
    with writing(full.engine) as connection:
        replay(connection, [Erased(which, "request", (("record", digest),))], DIGESTS)
    assert [(stone[0], stone[2]) for stone in stones(full.engine)][1] == (2, which.effective_at)
    with reading(full.engine) as connection:
        of = table(SourceRecord)
        left = connection.execute(select(of.c.external_id).where(of.c.source == "salon", of.c.kind == "customer"))
        assert set(left.scalars()) == {"mother", "other"}


def test_what_a_duty_keeps_hangs_on_the_tombstone_that_stands(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    vault.erase(full, "salon:kuutamo-17")
    vault.restore(target_url)
    with opened(target_url) as engine:
        assert {row[1] for row in rows(engine, HeldRecord)} <= {stone[0] for stone in stones(engine)}


def test_the_sidecar_tells_what_the_tables_hold(full: Registry, vault: Vault) -> None:
    for record in ("salon:kuutamo-17", "salon:child"):
        vault.erase(full, record)
    with reading(full.engine) as connection:
        assert sidecar.read(vault.sidecar, KEY) == entries_of(connection, DIGESTS)
