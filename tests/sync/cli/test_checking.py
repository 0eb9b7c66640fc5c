"""`init` and `check`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.sandbox.people import Population
from connectors.sandbox.registered import platform, platforms
from connectors.sandbox.server import serve
from connectors.thinkific.sandbox import build, settings
from connectors.timma.sandbox import export_files
from privacy.key import for_erasing
from store import tombstones
from store.engine import writing
from sync.cli import app
from sync.sandboxes import toml_of
from tests.sync.cli.conftest import NOW, Desk


def outcomes(desk: Desk) -> dict[str, str]:
    document = json.loads(desk.run("check", "--json").stdout)
    return {finding["what"]: finding["outcome"] for finding in document["findings"]}


def test_init_writes_a_private_file_once(tmp_path: Path) -> None:
    first = CliRunner().invoke(app, ["init", str(tmp_path)])
    written = tmp_path / "rekisteri.toml"
    assert (first.exit_code, written.stat().st_mode & 0o777) == (0, 0o600)
    written.write_text("# mine")
    again = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert (again.exit_code, written.read_text()) == (2, "# mine")
    assert again.stderr.count("\n") == 1


def test_init_makes_no_folder_and_no_file_in_its_place(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["init", f"{tmp_path}/nowhere/"])
    assert (done.exit_code, done.stderr.count("\n"), list(tmp_path.iterdir())) == (2, 1, [])


def test_what_init_wrote_is_a_configuration_without_a_source(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["init", str(tmp_path)])
    done = CliRunner().invoke(app, ["--config", str(tmp_path / "rekisteri.toml"), "check"])
    assert done.exit_code == 2
    assert "no source is configured" in done.stdout


def inbox(desk: Desk, **more: str) -> Path:
    folder = desk.folder / "inbox"
    folder.mkdir()
    lines = "".join(f"{name} = {value}\n" for name, value in more.items())
    (desk.folder / "rekisteri.toml").write_text(f'[timma]\ninbox = "inbox"\n{lines}')
    return folder


def test_all_is_well(desk: Desk) -> None:
    inbox(desk)
    done = desk.run("check")
    assert (done.exit_code, done.stderr) == (0, "")
    assert set(outcomes(desk).values()) == {"ok"}


def test_a_missing_folder_is_a_wrong_configuration(desk: Desk) -> None:
    inbox(desk).rmdir()
    done = desk.run("check")
    assert done.exit_code == 2
    assert "timma.inbox" in done.stdout


def test_each_missing_folder_is_one_finding_and_what_needs_it_is_not_tried(desk: Desk) -> None:
    inbox(desk).rmdir()
    with (desk.folder / "rekisteri.toml").open("a") as file:
        file.write('[files.other]\ninbox = "other"\nprocessor = "course_reseller"\nbrand = "artsport"\n')
        file.write('[database]\nurl = "sqlite:///nowhere/rekisteri.db"\n')
    found = json.loads(desk.run("check", "--json").stdout)["findings"]
    wrong = [finding for finding in found if finding["outcome"] != "ok"]
    assert [finding["text"].partition(":")[0] for finding in wrong] == [
        "database.url", "timma.inbox", "files.other.inbox",
    ]  # fmt: skip
    assert {finding["what"] for finding in wrong} == {"folders"}


def test_a_brand_that_the_register_does_not_have_is_a_wrong_configuration(desk: Desk) -> None:
    inbox(desk, brand='"nobodys"')
    assert desk.run("check").exit_code == 2
    assert outcomes(desk)["processing register"] == "wrong"


def test_a_platform_that_refuses_us_is_status_1_with_the_settings_to_look_at(desk: Desk) -> None:
    with serve(build(Population(3, 5))) as served:
        section = settings(served.url)["thinkific"] | {"api_key": "wrong"}
        (desk.folder / "rekisteri.toml").write_text(toml_of({"thinkific": section}))
        done = desk.run("check")
    assert done.exit_code == 1
    assert "thinkific.api_key" in done.stdout


@pytest.mark.parametrize("name", sorted(platforms()))
def test_a_platform_that_does_not_answer_is_told_after_one_more_try(desk: Desk, name: str) -> None:
    sandbox = platform(name).build(Population(3, 5), faults="500@*")
    with serve(sandbox) as served:
        (desk.folder / "rekisteri.toml").write_text(toml_of(platform(name).settings(served.url)))
        done = desk.run("check")
    assert done.exit_code == 1
    assert "given up after 2 tries" in " ".join(done.stdout.split())
    assert sandbox.requests.total() == 2


def test_secrets_that_others_may_read_are_warned_of(desk: Desk) -> None:
    inbox(desk)
    (desk.folder / "rekisteri.key").write_text("key")
    (desk.folder / "rekisteri.key").chmod(0o644)
    assert outcomes(desk)["privacy.key_file"] == "warning"
    done = desk.run("check")
    assert done.exit_code == 0
    assert "chmod 600" in done.stdout


def test_a_configuration_with_a_secret_that_others_may_read_is_warned_of(desk: Desk) -> None:
    (desk.folder / "rekisteri.toml").write_text('[database]\nurl = "sqlite:///rekisteri.db"\n')
    (desk.folder / "rekisteri.toml").chmod(0o640)
    assert outcomes(desk)["database.url"] == "warning"


def test_a_file_shows_how_its_columns_would_be_read_and_no_cell(desk: Desk) -> None:
    folder = inbox(desk)
    (file, _) = export_files(Population(3, 20), folder)
    shown = desk.json("check", str(file))
    assert (shown["source"], shown["kind"], shown["would_be_read"]) == ("timma", "customer", True)
    fields = {column["heading"]: column["field"] for column in shown["columns"]}
    assert (fields["Puhelinnumero"], fields["Nimi"]) == ("phone", "full_name")
    text = desk.run("check", str(file)).stdout
    assert "Puhelinnumero" in text
    for person in Population(3, 20).people:
        assert person.last_name not in text


def test_a_file_says_what_would_be_refused_by_row(desk: Desk) -> None:
    file = inbox(desk) / "asiakkaat.csv"
    file.write_text("Nimi;Puhelinnumero;Kengännumero\nMaija Testaaja;3,58E+11;39\n;;\n", "utf-8")
    shown = desk.json("check", str(file))
    columns = {column["heading"]: column for column in shown["columns"]}
    assert columns["Puhelinnumero"]["refusals"] == {"damaged by a spreadsheet": [2]}
    assert columns["Kengännumero"]["field"] is None
    text = desk.run("check", str(file)).stdout
    assert "damaged by a spreadsheet (row 2)" in text
    assert "Maija" not in text


def test_a_file_says_which_setting_would_keep_its_notes(desk: Desk) -> None:
    file = inbox(desk) / "asiakkaat.csv"
    file.write_text("Nimi;Puhelinnumero;Lisätiedot\nMaija Testaaja;0400000001;toivoo iltaa\n", "utf-8")
    assert "timma.notes = true" in desk.run("check", str(file)).stdout


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_cannot_be_read_is_status_1(desk: Desk, there: bool) -> None:
    inbox(desk)
    file = desk.folder / "picture.png"
    if there:
        file.write_bytes(b"\x89PNG")
    done = desk.run("check", str(file))
    assert done.exit_code == 1
    assert "picture.png" in done.stdout + done.stderr


@pytest.mark.parametrize(("text", "outcome"), [("kept", "ok"), (None, "wrong"), ("cd" * 32, "wrong")])
def test_whether_erased_people_can_be_known_again_is_told(desk: Desk, text: str | None, outcome: str) -> None:
    inbox(desk)
    path = desk.folder / "rekisteri.key"
    assert "privacy.key_file" not in outcomes(desk), "nobody was erased"
    with writing(desk.registry.engine) as connection:
        pseudonyms = for_erasing(connection, path)
        tombstones.write(connection, "request", NOW, [("record", pseudonyms.record("a", "b", "c"))])
    if text != "kept":
        path.unlink()
    if text not in (None, "kept"):
        path.write_text(str(text))
        path.chmod(0o600)
    assert outcomes(desk)["privacy.key_file"] == outcome
