"""Exit statuses, one-line errors, and a quick start."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from config.errors import ConfigError
from connectors.errors import HoldSource
from store.engine import AwayError, DatabaseError
from store.locks import LockedError
from sync.cli import app
from sync.cli.program import NotThereError, verdict, without_people
from sync.decisions import UnknownError
from tests.command_line import rekisteri
from tests.sync.cli.conftest import Desk
from tests.tree import ROOT

HEAVY = ("sqlalchemy", "sqlmodel", "httpx", "pydantic", "structlog", "rich", "starlette", "apscheduler", "phonenumbers")


def test_nothing_heavy_is_imported_before_a_command_runs() -> None:
    look = f"import sys, sync.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert done.stdout.strip() == "[]"


def test_without_a_command_the_help_is_shown() -> None:
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 2
    assert "Commands:" in done.stderr


def test_what_each_command_does_is_said_in_one_line_that_is_whole() -> None:
    said = CliRunner().invoke(app, ["--help"], terminal_width=80).stdout.partition("Commands:\n")[2]
    assert len(said.splitlines()) == len(app.registered_commands) + len(app.registered_groups)
    assert [line for line in said.splitlines() if not line.endswith(".") or line.endswith(("...", "(Art."))] == []


def test_the_version_is_said() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.stdout[:9]) == (0, "rekisteri")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["review", "list"], ["review", "list", "--json"]], ids=" ".join)
def test_what_standard_output_does_not_take_is_one_line_and_status_1(desk: Desk, words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _process(desk, words, full)
    assert (done.returncode, done.stderr) == (1, "rekisteri: No space left on device\n")


@pytest.mark.parametrize("words", [["--help"], ["review", "list", "--json"]], ids=" ".join)
def test_whoever_stops_reading_is_told_nothing(desk: Desk, words: list[str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        done = _process(desk, words, closed)
    assert (done.returncode, done.stderr) == (1, "")


def _process(desk: Desk, words: list[str], stdout: IO[bytes]) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-c", "from sync.cli import main; main()", "--config", str(desk.folder / "rekisteri.toml")]
    return subprocess.run(
        [*start, *words], cwd=ROOT, check=False, text=True, stdout=stdout, stderr=subprocess.PIPE, timeout=60
    )


@pytest.mark.parametrize(
    "words",
    [
        ["snyc"],
        ["sync", "--ful"],
        ["customers", "show"],
        ["review", "undo", "x"],
        ["review", "undo", "9" * 20],
        ["customers", "lst"],
    ],
)
def test_a_usage_error_is_one_line_with_the_way_to_the_help(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.fullmatch(r"rekisteri: .+; see `rekisteri.* --help`\n", done.stderr)


MISTYPED = """
{}
customers {}
customers show Maija {}
customers show x --purpose {}
customers list --{}
customers list --purpose={}
sync {}
review same {} salon:both
review same salon:both {}
review same a b {}
review split salon:both {}
marketing-list --output - --channel {}
marketing-list --output - --channel={}
notice show {}
retention set {} --after 1y --from closed --basis x
segment define x --purpose analysis --rule {}
segment define x --rule x --purpose {}
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("request open --type fax --customer x", "--type: 'fax' is not one of 'access', "),
        ("request show abc", "ID: must be a whole number; see `rekisteri request show --help`"),
        ("request show 0", "ID: must be at least 1; see"),
        ("demo --customers 9999999", "--customers: must be at most 1000000; see"),
    ],
)
def test_what_the_parser_refuses_is_said_in_plain_words(line: str, said: str) -> None:
    done = rekisteri(line.split())
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"rekisteri: {said}")


@pytest.mark.parametrize("line", MISTYPED.strip().splitlines())
def test_an_error_quotes_nothing_that_looks_like_a_person(people: Desk, line: str) -> None:
    for who in ("Maija.M@example.com", "+358 40 555 0001", "0405550001", "Maija Malli"):
        done = people.run(*(word.format(who) for word in line.split()))
        assert done.exit_code in (1, 2)
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)
        assert who.casefold() not in done.stderr.casefold()
        assert not {"Maija", "Malli", "555"} & set(re.findall(r"\w+", done.stderr))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("2026-11-24", True), ("0199a3b2-7c1d-7000-8000-000012345678", True), ("salon:1", True), ("salon", True),
     ("exports/my list.csv", True), ("12345", True),
     ("my list.csv", False), ("--x=a b", False), ("040-555 0001", False)],
)  # fmt: skip
def test_ids_days_and_paths_are_quoted(typed: str, kept: bool) -> None:
    said = typed.removeprefix("--x=")
    assert (without_people(f"no {said} there", [typed]) == f"no {said} there") is kept


def test_a_named_configuration_file_must_be_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--config", str(tmp_path / "none.toml"), "status"])
    assert done.exit_code == 2
    assert re.fullmatch(r"rekisteri: the configuration file .*none\.toml is not there; .+\n", done.stderr)


@pytest.mark.parametrize("command", ["status", "sync", "check", "customers list", "review list"])
def test_an_unknown_setting_is_named_with_the_nearest_known_one(desk: Desk, command: str) -> None:
    (desk.folder / "rekisteri.toml").write_text("[safety]\nmax_vanishd = 0.1\n")
    done = desk.run(*command.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.fullmatch(r"rekisteri: safety\.max_vanishd: .+ safety\.max_vanished\?\n", done.stderr)


def test_the_environment_wins_over_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REKISTERI_DATABASE__URL", "sqlite:///other.db")
    assert desk.run("status").exit_code == 0
    assert (desk.folder / "other.db").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_database_is_a_configuration_error(desk: Desk) -> None:
    (desk.folder / "rekisteri.toml").write_text('database.url = "sqlite:///rekisteri.toml"\n')
    done = desk.run("customers", "list")
    assert done.exit_code == 2
    assert done.stderr.startswith("rekisteri: database.url: ")


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:parr0t@par0t@127.0.0.1:x/d", "postgresql://u:parr0t@h:/d", "sqlite:///r.db?timeout=parr0t"],
)
def test_a_url_that_cannot_be_parsed_is_a_configuration_error_and_not_quoted(desk: Desk, url: str) -> None:
    (desk.folder / "rekisteri.toml").write_text(f'database.url = "{url}"\n')
    for command in ("status", "sync", "check"):
        done = desk.run(command)
        assert (done.exit_code, "parr0t" in done.output, "par0t" in done.output) == (2, False, False)
        assert "database.url: " in done.output


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigError("is wrong", "log.level"), 2), (DatabaseError("newer"), 2), (LockedError("held"), 3),
        (NotThereError("x"), 1), (UnknownError("x"), 1), (HoldSource("x"), 1), (OSError(28, "No space left"), 1),
    ],
)  # fmt: skip
def test_errors_that_are_foreseen_have_their_status_and_words(error: Exception, status: int) -> None:
    found, text = verdict(error)
    assert found == status
    assert (str(error) if not isinstance(error, OSError) else "No space left") in text


def test_what_may_pass_by_itself_is_no_error_of_the_configuration() -> None:
    """A service manager tries again after 1 and not after 2."""
    assert verdict(AwayError("PostgreSQL is being restarted", "database.url"))[0] == 1
    status, text = verdict(
        OperationalError("INSERT Maija", {"name": "Maija"}, sqlite3.OperationalError("no such table: x"))
    )
    assert (status, text) == (1, "the database did not take it: no such table: x")


def test_the_text_of_an_error_that_nobody_foresaw_is_withheld() -> None:
    status, text = verdict(ValueError("Maija Meikäläinen"))
    assert status == 1
    assert "ValueError" in text
    assert "Maija" not in text
