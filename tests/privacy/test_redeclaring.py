"""What people forbade after a backup is in force in what is restored, and nothing that they allowed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from privacy.redeclaring import AWAITED, are_awaited, redeclare, redeclare_awaited
from privacy.replay import knows_all
from store import declarations, retention, runs
from store.backup import sidecar
from store.backup.entries import Declared, Lifted
from store.backup.keeping import entries_of
from store.engine import reading, writing
from store.tables import Declaration, DeclarationContact, DeclarationRecord, table
from tests.privacy.erasing import DIGESTS, EMAIL, SHARED, populate
from tests.privacy.searching import forms, in_files
from tests.privacy.vault import KEY, Vault, opened
from tests.sync.declaring import consent, declare, lift, shown, state
from tests.sync.engine import Registry

HER = "salon:kuutamo-17"


@pytest.fixture
def full(registry: Registry) -> Registry:
    """Päivikki at two sources, a mother and a child on one phone, somebody else."""
    populate(registry)
    return registry


def said(registry: Registry) -> list[tuple[str | None, ...]]:
    """Every declaration: kind, state, scope, channel, brand."""
    of = table(Declaration)
    with reading(registry.engine) as connection:
        columns = (of.c.kind, of.c.state, of.c.scope, of.c.channel, of.c.brand)
        return [tuple(row) for row in connection.execute(select(*columns).order_by(of.c.id))]


def forbid(registry: Registry) -> None:
    """Something of each kind."""
    declare(registry, HER, "objection", scope="direct_advertising", reason=f"wrote from {EMAIL}", days_ago=1)
    declare(registry, "salon:child", "restriction", reason="asked on the phone")
    consent(registry, "salon:mother", "withdrawn", brand="artsport")
    consent(registry, "salon:other", "refused", channel="sms")


def test_what_was_forbidden_since_the_backup_is_in_force_before_anybody_reads(
    full: Registry, vault: Vault, target_url: str
) -> None:
    consent(full, "salon:mother", "granted")
    vault.back_up(full)
    forbid(full)
    vault.tell(full)
    done = vault.restore(target_url, full)
    assert (done.replayed.declarations, done.replayed.awaited, done.replayed.erasures) == (4, 0, 0)
    with opened(target_url) as engine:
        again = Registry(engine, origin=full.origin, clock=full.clock)
        assert said(again) == said(full)
        assert again.snapshot() == full.snapshot()
        for record in (HER, "salon:child", "salon:mother"):
            mine, theirs = shown(again, record), shown(full, record)
            assert (mine["objections"], mine["restricted"]) == (theirs["objections"], theirs["restricted"])
        assert state(again, "salon:mother", brand="artsport") == "withdrawn"
        assert state(again, "salon:mother", brand="hieromo") == "granted"


def test_contacts_are_found_too_so_that_a_new_id_is_reached(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    declare(full, "salon:child", "restriction")
    vault.tell(full)
    vault.restore(target_url, full)
    of = table(DeclarationContact)
    with opened(target_url) as engine, reading(engine) as connection:
        hung = [tuple(row)[1:] for row in connection.execute(select(of))]
    assert hung == [("phone", SHARED, "veikko")], "of the family on the phone the child alone"


def test_the_file_names_nobody_and_holds_no_text(full: Registry, vault: Vault) -> None:
    vault.back_up(full)
    forbid(full)
    declare(full, HER, "correction", field="emails", value=f'["{EMAIL}"]')
    vault.tell(full)
    assert in_files(vault.folder, forms(EMAIL, SHARED, "kuutamo-17", "asked on the phone", "Päivikki", "tester")) == {}
    told = sidecar.read(vault.sidecar, KEY)
    assert {entry.which.kind for entry in told if isinstance(entry, Declared)} == {
        "objection",
        "restriction",
        "consent",
    }


def test_what_loosens_or_corrects_is_not_done_again(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    consent(full, HER, "granted")
    declare(full, HER, "correction", field="last_name", value='"Uusi"')
    vault.tell(full)
    assert vault.restore(target_url, full).replayed.declarations == 0
    with opened(target_url) as engine:
        assert said(Registry(engine, origin=full.origin)) == []


def test_what_was_lifted_again_is_lifted(full: Registry, vault: Vault, target_url: str) -> None:
    before = declare(full, "salon:mother", "restriction")
    vault.back_up(full)
    since = declare(full, HER, "objection", scope="genealogy")
    for one in (before, since):
        lift(full, one)
    vault.tell(full)
    assert vault.restore(target_url, full).replayed.declarations == 1
    with opened(target_url) as engine, reading(engine) as connection:
        (found,) = declarations.all_of(connection, "restriction", in_force=False)
        assert found.lifted_at is not None
        assert declarations.all_of(connection, "objection", in_force=False) == [], "nothing of it is in force"


def test_what_was_lifted_and_went_by_its_age_does_not_come_back(full: Registry, vault: Vault) -> None:
    gone = consent(full, HER, "withdrawn")
    stays = consent(full, HER, "refused", channel="sms")
    lift(full, gone)
    vault.tell(full)
    with writing(full.engine) as connection:
        retention.drop_consents(connection, [gone])
    with writing(full.engine) as connection:
        entries = sidecar.read(vault.sidecar, KEY)
        assert knows_all(connection, entries, DIGESTS)
        assert redeclare(connection, entries, DIGESTS).number == 0
        assert [one.id for one in declarations.all_of(connection, "consent", in_force=False)] == [stays]


def test_a_withdrawal_holds_although_a_grant_came_after_it(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    consent(full, HER, "withdrawn")
    consent(full, HER, "granted")
    vault.tell(full)
    vault.restore(target_url, full)
    with opened(target_url) as engine:
        assert state(Registry(engine, origin=full.origin), HER) == "withdrawn"


def test_who_came_after_the_backup_is_waited_for(full: Registry, vault: Vault, target_url: str) -> None:
    vault.back_up(full)
    late = {"first_name": "Myöhäinen", "last_name": "Malli", "phone": "+358405550077", "email_marketing": True}
    full.land("salon", {"late": late})
    full.reconcile()
    declare(full, "salon:late", "objection", scope="direct_advertising")
    vault.tell(full)
    done = vault.restore(target_url, full)
    assert (done.replayed.declarations, done.replayed.awaited) == (0, 1)
    with opened(target_url) as engine:
        again = Registry(engine, origin=full.origin, clock=full.clock)
        again.land("salon", {"somebody": {"first_name": "Joku", "phone": "+358405550078"}})
        assert heeded(again, vault) == 0
        again.land("salon", {"late": late})
        assert heeded(again, vault) == 1
        again.reconcile()
        assert shown(again, "salon:late")["objections"] == shown(full, "salon:late")["objections"]
        with reading(engine) as connection:
            assert runs.stamp(connection, AWAITED) is None


def heeded(registry: Registry, vault: Vault) -> int:
    with writing(registry.engine) as connection:
        assert are_awaited(connection)
        done = redeclare_awaited(connection, vault.key_file).number
        assert not are_awaited(connection)
        return done


def test_a_record_that_came_after_the_backup_is_hung_on_once_it_is_here(
    full: Registry, vault: Vault, target_url: str
) -> None:
    """That the two are one was decided by a person, which is lost."""
    vault.back_up(full)
    full.land("school", {"alias": {"name": "Ilona Toinen", "email": "ilona@example.com"}})
    full.reconcile()
    full.decide("same", HER, "school:alias")
    declare(full, HER, "restriction")
    vault.tell(full)
    done = vault.restore(target_url, full)
    assert (done.replayed.declarations, done.replayed.awaited) == (1, 1)
    with opened(target_url) as engine:
        again = Registry(engine, origin=full.origin, clock=full.clock)
        again.land("school", {"alias": {"name": "Ilona Toinen", "email": "ilona@example.com"}})
        heeded(again, vault)
        again.reconcile()
        assert again.customer_of("school:alias") != again.customer_of(HER)
        assert shown(again, "school:alias")["restricted"]


def test_of_somebody_who_was_erased_after_it_nothing_comes_back(full: Registry, vault: Vault, target_url: str) -> None:
    declare(full, HER, "objection", scope="genealogy")
    vault.back_up(full)
    declare(full, HER, "restriction")
    vault.tell(full)
    vault.erase(full, HER)
    done = vault.restore(target_url, full)
    assert (done.replayed.erasures, done.replayed.declarations, done.replayed.awaited) == (1, 0, 0)
    with opened(target_url) as engine:
        assert said(Registry(engine, origin=full.origin)) == []


def test_whoever_came_back_after_an_erasure_and_objects_is_heeded(full: Registry, vault: Vault) -> None:
    vault.erase(full, HER)
    full.land("salon", {"kuutamo-17": {"first_name": "Päivikki", "phone": "+358401987654"}})
    full.reconcile()
    declare(full, HER, "objection", scope="genealogy")
    vault.tell(full)
    entries = sidecar.read(vault.sidecar, KEY)
    with writing(full.engine) as connection:
        for model in (DeclarationContact, DeclarationRecord, Declaration):
            connection.execute(table(model).delete())
        assert redeclare(connection, entries, DIGESTS).number == 1


def test_to_replay_twice_changes_nothing_and_what_is_told_is_what_stands(full: Registry, vault: Vault) -> None:
    vault.back_up(full)
    forbid(full)
    vault.tell(full)
    entries = sidecar.read(vault.sidecar, KEY)
    with writing(full.engine) as connection:
        assert entries == entries_of(connection, DIGESTS)
        assert knows_all(connection, entries, DIGESTS)
        assert redeclare(connection, entries, DIGESTS).number == 0
    vault.tell(full)
    assert sidecar.read(vault.sidecar, KEY) == entries


def test_an_id_that_another_declaration_has_now_stands_in_no_ones_way(full: Registry, vault: Vault) -> None:
    vault.back_up(full)
    declare(full, "salon:other", "restriction")
    first = next(entry for entry in _told(full) if isinstance(entry, Declared))
    late = first.which._replace(kind="objection", scope="genealogy", at=first.which.at - timedelta(days=1))
    entries = [Declared(late, "hieromo", "hieromo", "2021-03-22", first.records, ())]
    with writing(full.engine) as connection:
        assert redeclare(connection, entries, DIGESTS).number == 1
        assert redeclare(connection, [*entries, Lifted(late, full.clock, full.clock)], DIGESTS).number == 1
    assert [one[0] for one in said(full)] == ["restriction", "objection", "lift"]


def _told(registry: Registry) -> list[object]:
    with reading(registry.engine) as connection:
        return list(entries_of(connection, DIGESTS))
