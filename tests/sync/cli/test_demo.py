"""`demo` and `sandbox`, as far as they need no platform; the rest is in tests/scenarios."""

import socket
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.sandbox.made import Side
from connectors.sandbox.people import Population
from sync.cli import app
from sync.cli.demo import _tell_next
from sync.demo import changes
from sync.sandboxes import toml_of


def test_a_folder_that_holds_something_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    done = CliRunner().invoke(app, ["demo", "--dir", str(tmp_path)])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("rekisteri: --dir: ")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_ended_with_the_command_is_said_and_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"one": "over HTTP at http://127.0.0.1:1", "other": "export files a.csv in inbox/"}
    _tell_next(tmp_path, {"platforms": places})
    said = capsys.readouterr().out
    assert "The sandbox of one ended with this command" in said
    assert "`rekisteri sandbox > rekisteri.toml`" in said
    _tell_next(None, {"platforms": places})
    assert "sandbox" not in capsys.readouterr().out


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = CliRunner().invoke(app, ["sandbox", "--customers", "1", "--port", str(taken.getsockname()[1])])
    assert done.exit_code == 2
    assert done.stderr.startswith("rekisteri: --port: ")


def test_settings_become_toml() -> None:
    settings = {"a": {"text": 'ä "b"', "number": 3, "yes": True, "below": {"deep": {"x": 1.5}}}, "b": {}}
    assert tomllib.loads(toml_of(settings)) == settings


def test_changes_count_what_is_new_changed_and_gone() -> None:
    before = Population(1, 200)
    same = changes(before, before, Side.SALON)
    assert same == {name: {"new": 0, "changed": 0, "gone": 0} for name in ("clients", "bookings")}
    later = changes(before, before.change(1, 0.1), Side.SALON)
    assert all(later["clients"].values())
