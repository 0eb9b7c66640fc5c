"""Nothing of a person and no secret gets out of the database, on good days and bad ones, at log level debug."""

import csv
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.app import Sandbox
from connectors.thinkific.sandbox import API_KEY
from connectors.timma.sandbox import TOKEN
from store.engine import reading
from sync.standing import standing
from tests.scenarios.conftest import environment
from tests.scenarios.world import NOW, World, streams

FIRST, LAST, NOTE = "Zyqvarina", "Xölkonduori", "kipupisteqwx"
"""Syllables that occur nowhere else. Nobody is called so, and nobody has noted that."""
EMAIL, PHONE, STREET = "zyqvarina@example.org", "+358400001987", "Qwxmallikuja 7"
PLANTED = (FIRST, LAST, NOTE, EMAIL, PHONE, "0400001987", "400 001 987", STREET, API_KEY, TOKEN, "wrong-zecret")
PROGRAM = (sys.executable, "-c", "from sync.cli import main; main()")


def spoil(sandbox: Sandbox, stream: str, at: int, **wire: Any) -> str:
    """Change fields of a row as they are sent; gives the row's id."""
    rows = sandbox.streams()[stream]
    row = rows.everything()[at]
    row.edits = {**(row.edits or {}), **wire}
    rows.forget(lambda _: True)
    return str(row.record.id)


@pytest.fixture
def planted(world: World) -> World:
    """Somebody who would be recognised stands in the lists of both platforms, in good rows and in bad ones."""
    person = {"first_name": FIRST, "last_name": LAST, "email": EMAIL}
    client = {"name": f"{FIRST} {LAST}", "phone": PHONE, "email": EMAIL, "info": NOTE, "address": STREET}
    world.thinkific.edit(world.thinkific.population.accounts[0].id, **person)
    spoil(world.thinkific, "users", 1, id=None, **person)
    spoil(world.thinkific, "users", 2, created_at=NOTE, **person | {"email": f"{EMAIL}x"})
    spoil(world.thinkific, "enrollments", 0, percentage_completed=NOTE, user_name=LAST, user_email=EMAIL)
    spoil(world.thinkific, "enrollments", 1, id={LAST: EMAIL})
    spoil(world.timma, "clients", 0, **client)
    spoil(world.timma, "clients", 1, id=None, **client)
    spoil(world.timma, "clients", 2, acceptEmailMarketing=NOTE, email=f"{LAST} {EMAIL}", phone=f"{PHONE} {LAST}")
    spoil(world.timma, "bookings", 0, clientMessage=NOTE, start=LAST, clientName=LAST)
    spoil(world.timma, "bookings", 1, clientMessage=NOTE, id=None)
    world.configure("log", level="debug")
    world.configure("thinkific", requests_per_minute=60_000)
    return world


def said_by(world: World, *words: str, **env: str) -> str:
    """Everything that the program says, and everything that it leaves beside its database."""
    done = subprocess.run(
        (*PROGRAM, *words),
        cwd=world.folder,
        env=environment() | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr + "".join(_left_behind(world.folder))


def _left_behind(folder: Path) -> Iterable[str]:
    """Names of all files, and the texts of those that are neither database, configuration nor the salon's own."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder))
        if path.is_file() and not path.name.startswith("rekisteri.") and "inbox" not in path.parts:
            yield path.read_bytes().decode("latin-1")


def leaked(text: str) -> list[str]:
    return [word for word in PLANTED if word.casefold() in text.casefold()]


def bad_answers(world: World) -> dict[str, str]:
    for sandbox in (world.thinkific, world.timma):
        sandbox.faults = "500@2,cut@4,reset@6,429@8"
    return {}


def refused_key(world: World) -> dict[str, str]:
    return {"REKISTERI_THINKIFIC__API_KEY": "wrong-zecret", "REKISTERI_TIMMA__API__TOKEN": "wrong-zecret"}


def full_database(world: World) -> dict[str, str]:
    """The database refuses every row; its own errors quote the whole statement."""
    world.tell(
        "CREATE TRIGGER refuse BEFORE INSERT ON source_record WHEN NEW.kind = 'customer' "
        "BEGIN SELECT RAISE(ABORT, 'no room for Xölkonduori'); END"
    )
    return {}


def unheard_of(world: World) -> dict[str, str]:
    """A list where an object should be, in a row that names a person."""
    spoil(world.thinkific, "users", 3, custom_profile_fields={LAST: EMAIL}, roles=LAST, first_name=[FIRST])
    spoil(world.timma, "clients", 3, name=[FIRST, {LAST: EMAIL}], deletedOn={LAST: 1})
    return {}


@pytest.mark.parametrize("trouble", [None, bad_answers, refused_key, full_database, unheard_of])
def test_nothing_of_a_person_and_no_secret_is_said_or_left_behind(
    planted: World, trouble: Callable[[World], dict[str, str]] | None
) -> None:
    env = trouble(planted) if trouble else {}
    said = said_by(planted, "sync", **env)
    assert "quarantined" in said or trouble in (refused_key, full_database)
    with reading(planted.engine) as connection:
        said += str(standing(connection, planted.settings, NOW, running=False))
    assert leaked(said) == []
    assert "nobody foresaw" not in said


def test_what_was_planted_is_in_the_database_so_that_the_above_means_something(planted: World) -> None:
    report = planted.run()
    assert sum(stream["quarantined"] for stream in streams(report).values()) >= 3
    assert {FIRST, EMAIL} <= set(leaked(str(planted.customers())))
    assert leaked(str(report)) == []
    assert LAST in str(planted.ask("SELECT fields FROM quarantine"))


def test_free_text_is_in_no_byte_of_the_database_unless_it_is_asked_for(planted: World) -> None:
    """The notes of rows that were refused are no exception."""
    planted.run()
    assert NOTE not in _bytes_of(planted)
    planted.configure("timma", notes=True)
    planted.run(full=True)
    assert NOTE in _bytes_of(planted)


def test_notes_of_a_file_are_in_no_byte_either(planted: World) -> None:
    inbox = planted.by_files()
    with (inbox / "asiakkaat.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [
                ["Asiakasnumero", "Nimi", "Puhelinnumero", "Lisätiedot", "Huomiot"],
                ["1", f"{FIRST} {LAST}", PHONE, NOTE, NOTE],
                ["1", f"{FIRST} Toinen", PHONE, NOTE, NOTE],
                ["", "", "", NOTE, NOTE],
            ]
        )
    said = said_by(planted, "sync", "--json")
    assert leaked(said) == []
    assert "quarantined" in said
    assert FIRST in _bytes_of(planted)
    assert NOTE not in _bytes_of(planted)


def _bytes_of(world: World) -> str:
    """The database and its journal, as they stand on disk."""
    world.close()
    return "".join(path.read_bytes().decode("utf-8", "ignore") for path in sorted(world.folder.glob("rekisteri.db*")))
