"""Which file counts, and how file, environment and secret files stand to each other."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load
from tests.config.conftest import Load, Refusal

PORT = "[http]\nport = {}\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def port_of(path: Path | None = None, **env: str) -> int:
    return load(path, env).http.port


def test_no_file_at_all_means_defaults(tmp_path: Path) -> None:
    settings = load(env={"HOME": str(tmp_path / "home")})
    assert (settings.file, settings.base_dir, settings.http.port) == (None, tmp_path, 8321)


def test_each_place_gives_way_to_the_one_before_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write(home / ".config/rekisteri/rekisteri.toml", PORT.format(4))
    assert port_of(HOME=str(home)) == 4
    write(tmp_path / "rekisteri.toml", PORT.format(3))
    assert port_of(HOME=str(home)) == 3
    named = write(tmp_path / "named.toml", PORT.format(2))
    assert port_of(HOME=str(home), REKISTERI_CONFIG=str(named)) == 2
    given = write(tmp_path / "given.toml", PORT.format(1))
    assert port_of(given, HOME=str(home), REKISTERI_CONFIG=str(named)) == 1


def test_the_users_folder_follows_xdg(tmp_path: Path) -> None:
    write(tmp_path / "xdg/rekisteri/rekisteri.toml", PORT.format(5))
    assert port_of(XDG_CONFIG_HOME=str(tmp_path / "xdg")) == 5


def test_the_process_environment_counts_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REKISTERI_HTTP__PORT", "77")
    assert load().http.port == 77


@pytest.mark.parametrize("by", ["path", "variable"])
def test_a_named_file_must_be_there(tmp_path: Path, by: str) -> None:
    missing = tmp_path / "missing.toml"
    with pytest.raises(ConfigError, match=r"missing\.toml is not there"):
        load(missing, {}) if by == "path" else load(env={"REKISTERI_CONFIG": str(missing)})


def test_environment_wins_over_file_setting_by_setting(loaded: Load) -> None:
    settings = loaded('[http]\nport = 1\nhost = "127.0.0.2"\n', HTTP__PORT="2")
    assert (settings.http.port, settings.http.host) == (2, "127.0.0.2")


def test_an_empty_variable_counts_as_not_set(loaded: Load) -> None:
    assert loaded("[http]\nport = 1\n", HTTP__PORT="").http.port == 1


def test_registers_and_schedules_can_come_from_the_environment(loaded: Load) -> None:
    given = {"FILES__SHOP__INBOX": "in", "FILES__SHOP__PROCESSOR": "hieromo", "FILES__SHOP__BRAND": "artsport"}
    (source,) = loaded("", **given, SCHEDULE__SHOP="0 3 * * 1").sources()
    assert (source.name, source.party, source.schedule) == ("shop", "hieromo", "0 3 * * 1")


def test_invalid_toml_names_file_and_line(refused: Refusal) -> None:
    assert "line 2" in str(refused("[http]\nport = = 1\n"))


def test_a_file_in_another_encoding_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_bytes("# työ".encode("latin-1"))
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        load(file, {})


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_bytes(b"\xef\xbb\xbf[http]\nport = 9\n")
    assert port_of(file) == 9


SECRETS = [
    ("thinkific", "api_key", 'subdomain = "school"\n'),
    ("thinkific", "access_token", ""),
    ("thinkific", "webhook_secret", ""),
    ("timma.api", "token", 'base_url = "https://timma.example"\n'),
]


@pytest.mark.parametrize(("table", "name", "rest"), SECRETS)
def test_a_secret_can_stand_in_a_file_of_its_own(
    loaded: Load, tmp_path: Path, table: str, name: str, rest: str
) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    section = loaded(f'[{table}]\n{rest}{name}_file = "secret"\n')
    for part in (*table.split("."), name):
        section = getattr(section, part)
    assert section.get_secret_value() == "s3cret"  # type: ignore[attr-defined]


def test_the_database_url_can_stand_in_a_file_of_its_own(loaded: Load, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:p@db/registry\n")
    settings = loaded("", DATABASE__URL_FILE=str(tmp_path / "url"))
    assert settings.database.url.get_secret_value() == "postgresql+psycopg://u:p@db/registry"


def test_a_secret_and_its_file_cannot_both_be_given(refused: Refusal) -> None:
    error = refused('[thinkific]\nsubdomain = "school"\napi_key = "s3cret"\napi_key_file = "secret"\n')
    assert error.setting == "thinkific.api_key"
    assert "s3cret" not in str(error)


def test_a_secret_of_the_environment_wins_over_a_secret_file_of_the_file(loaded: Load) -> None:
    settings = loaded('[thinkific]\naccess_token_file = "missing"\n', THINKIFIC__ACCESS_TOKEN="env")
    assert settings.thinkific.access_token is not None
    assert settings.thinkific.access_token.get_secret_value() == "env"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe\xfa"])
def test_a_secret_file_that_gives_no_secret_is_refused(refused: Refusal, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    error = refused('[thinkific]\naccess_token_file = "secret"\n')
    assert error.setting == "thinkific.access_token_file"


def test_a_secret_written_where_its_file_belongs_is_not_quoted(refused: Refusal) -> None:
    assert "hunter2hunter2" not in str(refused('[thinkific]\naccess_token_file = "hunter2hunter2"\n'))


@pytest.mark.parametrize("value", ["3", '""'])
def test_a_secret_file_setting_needs_a_path(refused: Refusal, value: str) -> None:
    assert "path of a file" in str(refused(f"[thinkific]\naccess_token_file = {value}\n"))


def test_relative_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[timma]\ninbox = "in"\n[processing]\nregister = "mine.toml"\n[database]\nurl = "sqlite:///data/r.db"\n'
    file = write(tmp_path / "etc/rekisteri.toml", text)
    settings = load(file, {})
    assert settings.base_dir == tmp_path / "etc"
    assert settings.timma.inbox == tmp_path / "etc/in"
    assert settings.privacy.key_file == tmp_path / "etc/rekisteri.key"
    assert settings.processing.register_path == tmp_path / "etc/mine.toml"
    assert settings.database.url.get_secret_value() == f"sqlite:///{tmp_path}/etc/data/r.db"


def test_paths_of_the_environment_are_relative_to_the_file_too(tmp_path: Path) -> None:
    file = write(tmp_path / "etc/rekisteri.toml", "")
    assert load(file, {"REKISTERI_TIMMA__INBOX": "in"}).timma.inbox == tmp_path / "etc/in"


def test_a_path_may_begin_at_home(loaded: Load, tmp_path: Path) -> None:
    assert loaded('[timma]\ninbox = "~/in"\n').timma.inbox == tmp_path / "home/in"
