"""No export takes the place of a file that the registry lives by, whatever it is called there."""

import sqlite3
from pathlib import Path

import pytest

from tests.sync.cli.conftest import Desk

OWN = {
    "rekisteri.toml": '[thinkific]\nsubdomain = "x"\napi_key_file = "key.txt"\n[backup]\nidentity_file = "id.txt"\n',
    "rekisteri.key": "ab" * 32,
    "rekisteri.erasures": "{}\n",
    "key.txt": "secret",
    "id.txt": "identity",
}


@pytest.fixture
def own(people: Desk) -> Desk:
    """A registry with all the files that it can have."""
    for name, text in OWN.items():
        (people.folder / name).write_text(text)
        (people.folder / name).chmod(0o600)
    return people


@pytest.mark.parametrize("name", [*OWN, "rekisteri.db", "rekisteri.db-wal", "rekisteri.db-shm", "rekisteri.db-journal"])
def test_a_file_of_its_own_is_refused_in_one_line_and_stays(own: Desk, name: str) -> None:
    file = own.folder / name
    done = own.run("statistics", "--format", "csv", "--output", str(file))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "a file that the registry itself lives by; name another" in done.stderr
    assert name not in OWN or file.read_text() == OWN[name]
    assert own.json("customers", "list")["customers"]


@pytest.mark.parametrize(
    "words",
    [
        ("customers", "export"),
        ("consent", "export"),
        ("marketing-list", "--channel", "email", "--brand", "hieromo"),
        ("record-of-processing", "--format", "html"),
        ("notice", "draft"),
        ("statistics", "--format", "json"),
    ],
)
def test_by_no_command(own: Desk, words: tuple[str, ...]) -> None:
    done = own.run(*words, "--output", str(own.folder / "rekisteri.db"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert own.json("customers", "list")["customers"]


def test_under_another_name_too(own: Desk) -> None:
    (own.folder / "below").mkdir()
    (own.folder / "link.csv").symlink_to(own.folder / "rekisteri.db")
    (own.folder / "hard.csv").hardlink_to(own.folder / "rekisteri.key")
    for path in ("below/../rekisteri.db", "link.csv", "hard.csv"):
        done = own.run("customers", "export", "--output", str(own.folder / path))
        assert done.exit_code == 1
        assert "lives by" in done.stderr


def test_another_database_stays_and_any_other_file_is_replaced(own: Desk, tmp_path: Path) -> None:
    other = tmp_path / "copy.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE x (y)")
    connection.close()
    done = own.run("customers", "export", "--output", str(other))
    assert (done.exit_code, "is a database; name another file" in done.stderr) == (1, True)
    for name in ("rekisteri.db.jsonl", "key.txt.jsonl"):
        (own.folder / name).write_text("older")
        assert own.run("customers", "export", "--output", str(own.folder / name)).exit_code == 0


@pytest.mark.parametrize("name", ["inbox/customers.csv", "inbox/list.csv", "link/new.csv"])
def test_nothing_is_written_into_an_inbox_where_it_would_be_read(people: Desk, name: str) -> None:
    (people.folder / "inbox").mkdir()
    (people.folder / "link").symlink_to(people.folder / "inbox")
    (people.folder / "inbox/list.csv").write_text("Nimi;Puhelin\n")
    (people.folder / "rekisteri.toml").write_text('[timma]\ninbox = "inbox"\n')
    done = people.run("customers", "export", "--output", str(people.folder / name))
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "lies in an inbox" in done.stderr
    assert [(file.name, file.read_text()) for file in (people.folder / "inbox").iterdir()] == [
        ("list.csv", "Nimi;Puhelin\n")
    ]
