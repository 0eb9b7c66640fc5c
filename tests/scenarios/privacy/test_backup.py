"""A registry that was lost comes back from an encrypted backup, without those who were erased since it was made, and
with what people forbade since."""

import pyrage
import pytest

from tests.privacy.searching import forms, in_files
from tests.scenarios.privacy.house import AINO, CHILD, EERO, House

HERS = forms("Aino", "Aino.Malli@example.com", "Mallikatu 1") - {"aino"}


@pytest.fixture
def keyed(house: House) -> House:
    """The house with somebody to whom its backups are encrypted."""
    identity = pyrage.x25519.Identity.generate()
    (house.folder / "identity.txt").write_text(str(identity))
    with (house.folder / "rekisteri.toml").open("a") as file:
        file.write(f'[backup]\nrecipient = "{identity.to_public()}"\nidentity_file = "identity.txt"\n')
    return house


def lose(house: House) -> None:
    """The database, its journal and its locks are gone."""
    for path in house.folder.glob("rekisteri.db*"):
        path.unlink()


def test_r50_a_backup_is_encrypted_and_who_was_erased_since_does_not_come_back_with_it(keyed: House) -> None:
    backup = keyed.folder / "registry.age"
    before = keyed.show("timma:2")
    assert keyed.json("backup", str(backup))["verified"] == "decrypted"
    keyed.json("request", "erase", keyed.ask("erasure", "timma:1"), "--yes")
    lose(keyed)
    assert keyed.json("restore", str(backup))["replayed"]["erasures"] == 1
    inboxes = ("salon", "school")
    assert in_files(keyed.folder, HERS, but=inboxes) == {}
    keyed.salon(("1", "Aino", "Uusi", "0400 000 501", "Aino.Malli@example.com", *("",) * 5), CHILD, EERO)
    keyed.sync()
    assert in_files(keyed.folder, HERS, but=inboxes) == {}
    keyed.run("customers", "show", "timma:1", status=1)
    after = keyed.show("timma:2")
    assert {name: after[name] for name in ("id", "name", "phones")} == {
        name: before[name] for name in ("id", "name", "phones")
    }


def test_r50_without_the_key_or_what_was_erased_nothing_comes_back(keyed: House) -> None:
    backup = keyed.folder / "registry.age"
    keyed.json("backup", str(backup))
    keyed.json("request", "erase", keyed.ask("erasure", "timma:1"), "--yes")
    lose(keyed)
    for name, status in (("rekisteri.key", 2), ("rekisteri.erasures", 1)):
        aside = (keyed.folder / name).rename(keyed.folder / "aside")
        assert name in keyed.run("restore", str(backup), status=status).stderr
        assert not (keyed.folder / "rekisteri.db").exists()
        aside.rename(keyed.folder / name)


def test_r50_a_registry_begun_anew_takes_nobody_in_who_was_erased(keyed: House) -> None:
    """Not from a backup: the database is gone, and the platforms still have everybody."""
    keyed.json("request", "erase", keyed.ask("erasure", "timma:1"), "--yes")
    lose(keyed)
    keyed.sync()
    assert in_files(keyed.folder, HERS, but=("salon", "school")) == {}
    assert keyed.show("timma:3")["name"] == "Eero Esimerkki"


def test_r50_what_people_forbade_since_the_backup_holds_in_what_is_restored(keyed: House) -> None:
    """Of Uuno, who came after it, from the moment on at which he comes again; what Eero allowed is to be recorded, and
    what he forbade and took back is nothing any more."""
    backup = keyed.folder / "registry.age"
    for who in ("timma:1", "timma:3"):
        keyed.grant(who, "email", "hieromo")
    keyed.json("backup", str(backup))
    uuno = ("4", "Uuno", "Uusi", "0400 000 504", "uuno@example.com", "", "", "", "", "")
    keyed.salon(AINO, CHILD, EERO, uuno)
    keyed.run("sync")
    keyed.grant("timma:4", "email", "hieromo")
    said = ("--state", "withdrawn", "--method", "phone")
    keyed.run("consent", "record", "timma:1", "--channel", "email", *said)
    keyed.run("request", "apply", keyed.ask("objection", "timma:4"), "--scope", "all")
    restricted = keyed.ask("restriction", "timma:3")
    keyed.run("request", "apply", restricted)
    keyed.run("request", "lift", restricted, "--reason", "settled")
    keyed.grant("timma:3", "sms", "hieromo")
    lose(keyed)
    done = keyed.run("restore", str(backup))
    assert "objections, withdrawals and restrictions since then, 1 done again" in done.stdout
    assert "6 concern records that came after the backup" in done.stdout
    text, dropped = keyed.listed("email", "hieromo")
    assert ("eero@example.com" in text, "aino.malli@example.com" in text.casefold()) == (True, False)
    assert dropped["withdrawn"] == 1
    keyed.sync()
    assert len(keyed.show("timma:4")["objections"]) == 6
    assert keyed.listed("email", "hieromo")[1]["objected"] == 1
    assert keyed.show("timma:3")["marketing"]["sms"] == "unknown"
