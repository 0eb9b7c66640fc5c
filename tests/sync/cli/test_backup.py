"""`rekisteri backup` and `restore`: what they say, and how they end."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import select

from store.engine import open_database, reading
from store.tables import BackupRun, MasterCustomer, table
from tests.sync.cli.conftest import Desk
from tests.waiting import until


@pytest.fixture
def keyed(people: Desk) -> Desk:
    """A registry whose backups are encrypted to somebody, whose identity lies beside."""
    identity = pyrage.x25519.Identity.generate()
    key = people.folder / "identity.txt"
    key.write_text(f"# created: 2026-11-24\n# public key: {identity.to_public()}\n{identity}\n")
    configure(people, f'[backup]\nrecipient = "{identity.to_public()}"\nidentity_file = "identity.txt"\n')
    return people


def configure(desk: Desk, text: str) -> None:
    (desk.folder / "rekisteri.toml").write_text(text)


def customers(url: str) -> set[str]:
    engine = open_database(url)
    with reading(engine) as connection:
        found = set(connection.execute(select(table(MasterCustomer).c.id)).scalars())
    engine.dispose()
    return found


def refused(desk: Desk, status: int, *words: str) -> str:
    """The one line of a command that ends so."""
    done = desk.run(*words)
    assert (done.exit_code, done.stdout) == (status, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_registry_goes_out_and_comes_back(keyed: Desk) -> None:
    file, url = keyed.folder / "registry.age", f"sqlite:///{keyed.folder / 'other.db'}"
    written = keyed.json("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (written["file"], written["verified"], written["erasures"]) == (str(file), "decrypted", 0)
    assert written["bytes"] == file.stat().st_size
    assert written["rows"] == sum(written["tables"].values()) > 50
    restored = keyed.json("restore", str(file), "--into", url)
    assert {name: restored[name] for name in ("into", "clean", "replayed")} == {
        "into": url, "clean": True,
        "replayed": {"erasures": 0, "rows": 0, "declarations": 0, "awaited": 0},
    }  # fmt: skip
    assert (restored["tables"], restored["written_at"]) == (written["tables"], written["written_at"])
    assert customers(url) == customers(keyed.registry.engine.url.render_as_string(hide_password=False))


def test_people_are_told_what_was_done_and_what_else_to_keep(keyed: Desk) -> None:
    file = keyed.folder / "registry.age"
    done = keyed.run("backup", str(file))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "It was read back and decrypted, every row of it." in done.stdout
    assert str(keyed.folder / "rekisteri.key") in done.stdout
    assert str(keyed.folder / "rekisteri.erasures") in done.stdout
    done = keyed.run("restore", str(file), "--into", f"sqlite:///{keyed.folder / 'other.db'}")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "`rekisteri sync`" in done.stdout


def test_a_backup_is_written_down(keyed: Desk) -> None:
    written = keyed.json("backup", str(keyed.folder / "registry.age"))
    with reading(keyed.registry.engine) as connection:
        noted = connection.execute(select(table(BackupRun))).one()
    assert (noted.sha256, noted.rows) == (written["sha256"], written["rows"])
    action, purpose, customer, detail = keyed.audit()[-1]
    assert (action, purpose, customer, detail) == ("backup", "register_upkeep", None, {"rows": written["rows"]})


def test_without_the_identity_here_it_is_read_back_by_its_digest(keyed: Desk) -> None:
    text = (keyed.folder / "rekisteri.toml").read_text()
    configure(keyed, text.replace("identity_file", "#identity_file"))
    file, url = keyed.folder / "registry.age", f"sqlite:///{keyed.folder / 'other.db'}"
    assert keyed.json("backup", str(file))["verified"] == "digest"
    assert refused(keyed, 2, "restore", str(file), "--into", url).startswith("rekisteri: --identity: is missing")
    assert keyed.json("restore", str(file), "--into", url, "--identity", str(keyed.folder / "identity.txt"))["clean"]


def test_health_asks_for_a_backup_until_there_is_one(keyed: Desk) -> None:
    assert keyed.json("status")["health"]["checks"]["backup:age"]["status"] == "warn"
    keyed.json("backup", str(keyed.folder / "registry.age"))
    assert keyed.json("status")["health"]["checks"]["backup:age"]["status"] == "pass"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "backup.recipient: is missing; make a pair of keys"),
        (f'[backup]\nrecipient = "age1{"q" * 58}"', "backup.recipient: is no age recipient; write the public key"),
        ("{}\nidentity_file = 'gone.txt'", "backup.identity_file: "),
        ("{}\nidentity_file = 'rekisteri.toml'", "backup.identity_file: "),
    ],
)
def test_a_backup_says_which_setting_is_wrong(keyed: Desk, text: str, said: str) -> None:
    head = "\n".join((keyed.folder / "rekisteri.toml").read_text().splitlines()[:2])
    configure(keyed, text.format(head))
    line = refused(keyed, 2, "backup", str(keyed.folder / "registry.age"))
    assert line.startswith(f"rekisteri: {said}")
    assert not (keyed.folder / "registry.age").exists()


def test_a_file_that_is_there_is_never_overwritten(keyed: Desk) -> None:
    file = keyed.folder / "registry.age"
    file.write_text("mine")
    assert "never overwritten; name another file" in refused(keyed, 1, "backup", str(file))
    assert file.read_text() == "mine"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:/x", "x"])
def test_a_url_that_is_none_is_a_usage_error(keyed: Desk, url: str) -> None:
    assert refused(keyed, 2, "restore", "x.age", "--into", url).startswith(
        "rekisteri: --into: must begin with sqlite:///"
    )


def test_a_target_that_cannot_be_opened_is_named(keyed: Desk) -> None:
    keyed.json("backup", str(keyed.folder / "registry.age"))
    url = f"sqlite:///{keyed.folder / 'nowhere' / 'x.db'}"
    line = refused(keyed, 2, "restore", str(keyed.folder / "registry.age"), "--into", url)
    assert line.startswith("rekisteri: --into: cannot open x.db")


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [
        ("cut", 1, "is cut or damaged; take another backup"),
        ("foreign", 1, "is no backup of rekisteri"),
        ("gone", 1, "cannot be read"),
        ("full", 1, "the database is not empty"),
        ("no key", 2, "privacy.key_file: "),
        ("no sidecar", 1, "is not there, so nobody knows who was erased"),
        ("cut sidecar", 1, "was cut"),
        ("stranger", 1, "is encrypted to somebody else"),
    ],
)
def test_what_cannot_be_restored_is_refused_in_one_line(keyed: Desk, trouble: str, status: int, said: str) -> None:
    file, target = keyed.folder / "registry.age", keyed.folder / "other.db"
    keyed.json("backup", str(file))
    words = ["restore", str(file), "--into", f"sqlite:///{target}"]
    match trouble:
        case "cut":
            file.write_bytes(file.read_bytes()[:-100])
        case "foreign":
            file.write_text("hello")
        case "gone":
            file.unlink()
        case "full":
            words[3] = f"sqlite:///{keyed.registry.engine.url.database}"
        case "no key":
            (keyed.folder / "rekisteri.key").unlink()
        case "no sidecar":
            (keyed.folder / "rekisteri.erasures").unlink()
        case "cut sidecar":
            os.truncate(keyed.folder / "rekisteri.erasures", 100)
        case "stranger":
            other = keyed.folder / "stranger.txt"
            other.write_text(str(pyrage.x25519.Identity.generate()))
            words += ["--identity", str(other)]
    assert said in refused(keyed, status, *words)
    assert list(keyed.folder.glob("other*")) == []


def test_who_was_erased_since_is_erased_in_what_comes_back(keyed: Desk) -> None:
    file, url = keyed.folder / "registry.age", f"sqlite:///{keyed.folder / 'other.db'}"
    keyed.json("backup", str(file))
    request = keyed.json("request", "open", "--type", "erasure", "--customer", "salon:both")["id"]
    keyed.json("request", "erase", str(request), "--yes")
    replayed = keyed.json("restore", str(file), "--into", url)["replayed"]
    assert (replayed["erasures"], replayed["rows"] > 5) == (1, True)
    assert customers(url) == customers(keyed.registry.engine.url.render_as_string(hide_password=False))
    done = keyed.run("restore", str(file), "--into", url.replace("other", "third"))
    assert "1 erasure since then done again" in done.stdout
    assert "taken out of the direct-marketing register since is in it again" in done.stdout


def test_a_password_is_shown_nowhere(keyed: Desk) -> None:
    keyed.json("backup", str(keyed.folder / "registry.age"))
    url = "postgresql+psycopg://someone:opensesame@127.0.0.1:1/x"
    assert "opensesame" not in refused(keyed, 1, "restore", str(keyed.folder / "registry.age"), "--into", url)


def test_nothing_stays_of_a_backup_that_is_stopped(keyed: Desk, tmp_path: Path) -> None:
    """Stopped while it waits for a writer, with its file begun."""
    from store.engine import writing

    file = keyed.folder / "registry.age"
    start = "from sync.cli import main; main()"
    words = [sys.executable, "-c", start, "--config", str(keyed.folder / "rekisteri.toml"), "backup", str(file)]
    with writing(keyed.registry.engine):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until((keyed.folder / ".registry.age.part").exists)
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert [path.name for path in keyed.folder.iterdir() if "registry.age" in path.name] == []


def test_the_documents_are_the_whole_output(keyed: Desk) -> None:
    done: Any = keyed.run("backup", str(keyed.folder / "registry.age"), "--json")
    assert json.loads(done.stdout)["tables"]["backup_run"] == 0
