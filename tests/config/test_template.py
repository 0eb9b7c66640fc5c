"""The file that `rekisteri init` writes: complete, loadable, never overwriting."""

import re
import stat
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.keys import known_paths
from config.layers import SECRETS, Tree
from config.sections import BOOKING_FIELDS, CUSTOMER_FIELDS
from config.settings import Settings, load, settings_shape
from config.template import TEMPLATE, write_template

COLUMNS = {*CUSTOMER_FIELDS, *BOOKING_FIELDS}


def uncommented() -> str:
    return re.sub(r"^#(?=[a-z\[])", "", TEMPLATE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def paths_in(tree: Tree, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for key, value in tree.items():
        found |= paths_in(value, (*path, key)) if isinstance(value, dict) else {(*path, key)}
    return found


def test_the_file_as_written_changes_nothing(tmp_path: Path) -> None:
    written = load(write_template(tmp_path), env={})
    assert written.sources() == ()
    assert written.thinkific == Settings().thinkific


def test_the_uncommented_file_loads_with_every_source_on(tmp_path: Path) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_text(uncommented(), encoding="utf-8")
    assert [source.name for source in load(file, env={}).sources()] == ["timma", "thinkific", "reseller"]


def test_every_setting_stands_in_the_file() -> None:
    named = {
        tuple("*" if part == "reseller" else part for part in path) for path in paths_in(tomllib.loads(uncommented()))
    }
    secret_files = {tuple(f"{secret}_file".split(".")) for secret in SECRETS}
    wanted = {path for path in known_paths(settings_shape()) if path[-1] not in COLUMNS or "columns" not in path}
    assert wanted - secret_files - named == set()


def test_every_setting_in_the_file_has_a_sentence_before_it() -> None:
    lines = [line for line in TEMPLATE.read_text(encoding="utf-8").splitlines() if line]
    for before, line in pairwise(lines):
        if re.match(r"#[a-z_]+ = ", line) and not line.startswith(("#thinkific", "#reseller")):
            assert re.match(r"# \S.*[.;]$", before), line


def test_what_the_file_shows_as_default_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_text(uncommented(), encoding="utf-8")
    shown, default = load(file, env={}).model_dump(), load(write_template(tmp_path / "empty.toml"), env={}).model_dump()
    for path in known_paths(settings_shape()):
        if "*" in path or path[-1] in COLUMNS or path[-1].endswith("_file") or path == ("processing", "register"):
            continue
        here, there = shown, default
        for part in path:
            here, there = here[part], there[part]
        assert there in (None, here), path


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="never overwritten"):
        write_template(tmp_path)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_template(tmp_path / "nowhere" / "rekisteri.toml")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["nowhere", "nowhere/", "etc.d"])
def test_a_path_that_is_not_there_and_names_no_toml_file_was_meant_as_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"folder .* is not there; make it first, or name a file that ends in \.toml"):
        write_template(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_read_what_is_written(tmp_path: Path) -> None:
    assert stat.S_IMODE(write_template(tmp_path).stat().st_mode) == 0o600
