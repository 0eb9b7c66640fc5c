"""What each setting accepts and refuses, and which sources are on."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.errors import ConfigError
from config.settings import load, require_folders
from tests.config.conftest import Load, Refusal

SECRET = "hunter2hunter2"

NEAREST = [
    ("[thinkific]\napikey = 'x'", "thinkific.apikey", "thinkific.api_key"),
    ("[thinkfic]\napi_key = 'x'", "thinkfic.api_key", "thinkific.api_key"),
    ("[timma]\nbase_url = 'x'", "timma.base_url", "timma.api.base_url"),
    ("[timma.columns]\nphnoe = 'x'", "timma.columns.phnoe", "timma.columns.phone"),
    ("[files.shop]\nprocesor = 'x'", "files.shop.procesor", "files.shop.processor"),
    ("[files.shop.columns]\nstrat = 'x'", "files.shop.columns.strat", "files.shop.columns.start"),
    ("[safety]\nmax_vanish = 1", "safety.max_vanish", "safety.max_vanished"),
    ("[thinkific]\napi_key_fiel = 'x'", "thinkific.api_key_fiel", "thinkific.api_key_file"),
]


@pytest.mark.parametrize(("text", "setting", "known"), NEAREST)
def test_an_unknown_key_names_the_nearest_known_one(refused: Refusal, text: str, setting: str, known: str) -> None:
    error = refused(text)
    assert error.setting == setting
    assert f"did you mean {known}?" in str(error)


@pytest.mark.parametrize("text", ["foo = 1", "[foo]\nbar = 1", "[timma]\nfoo = 1", "[files.shop]\nxyz = 1"])
def test_an_unknown_key_that_is_like_none_names_the_page_with_all(refused: Refusal, text: str) -> None:
    assert str(refused(text)).endswith("; docs/configuration.md lists all settings")


def test_an_unknown_variable_that_is_like_none_names_the_page_with_all(refused: Refusal) -> None:
    assert str(refused("", FOO=SECRET)) == (
        "foo: no such setting (environment variable REKISTERI_FOO); docs/configuration.md lists all settings"
    )


@pytest.mark.parametrize("key", ["base_dir", "file"])
def test_what_is_worked_out_while_loading_is_no_setting(refused: Refusal, key: str) -> None:
    assert refused(f"{key} = '/'").setting == key


def test_an_unknown_variable_names_the_nearest_known_one(refused: Refusal) -> None:
    error = refused("", THINKIFIC__APIKEY=SECRET)
    assert "did you mean REKISTERI_THINKIFIC__API_KEY?" in str(error)
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    "name", ["THINKIFIC", "HTTP__PORT__X", "HTTP____PORT", "X", "CONFIG__X", "FILES", "FILES__SHOP"]
)
def test_a_variable_must_lead_to_one_value(refused: Refusal, name: str) -> None:
    assert f"REKISTERI_{name})" in str(refused("", **{name: "{}"}))


def test_other_programs_variables_do_not_matter(tmp_path: Path) -> None:
    assert load(env={"PATH": "/bin", "HOME": str(tmp_path), "XREKISTERI_Y": "1"}).http.port == 8321


REFUSED = [
    ('[http]\nport = "many"', "http.port"),
    ("[http]\nport = 65536", "http.port"),
    ("[http]\nport = -1", "http.port"),
    ("[thinkific]\nrequests_per_minute = 0", "thinkific.requests_per_minute"),
    ("[timma.api]\nrequests_per_minute = 0", "timma.api.requests_per_minute"),
    ("[timma.api]\nlimit = 101", "timma.api.limit"),
    ("[timma.api]\nfirst_page = 2", "timma.api.first_page"),
    ("[timma.api]\nhistory_from = 2015", "timma.api.history_from"),
    ("[timma.api]\nhistory_from = '1.1.2015'", "timma.api.history_from"),
    ("[timma.api]\nhistory_from = '2015-02-30'", "timma.api.history_from"),
    ("[timma.api]\ntoken_header = 'x: y'", "timma.api.token_header"),
    ("[timma.api]\nclients_path = 'clients?x=1'", "timma.api.clients_path"),
    ("[timma]\nafter_import = 'burn'", "timma.after_import"),
    ("[timma]\ninbox = ''", "timma.inbox"),
    ("[timma]\ninbox = 3", "timma.inbox"),
    ("[timma]\ncolumns = 'x'", "timma.columns"),
    ("[timma.columns]\nphone = ''", "timma.columns.phone"),
    ("timma = 1", "timma"),
    ("[timma]\nnotes = 'perhaps'", "timma.notes"),
    ("[thinkific]\nsubdomain = 'my school'", "thinkific.subdomain"),
    ("[thinkific]\nbrand = ''", "thinkific.brand"),
    ("[safety]\nmax_vanished = 1.01", "safety.max_vanished"),
    ("[safety]\nmax_vanished = -0.1", "safety.max_vanished"),
    ("[safety]\nmax_vanished = nan", "safety.max_vanished"),
    ("[safety]\nmax_vanished = true", "safety.max_vanished"),
    ("[http]\nport = true", "http.port"),
    ("[thinkific]\nrequests_per_minute = true", "thinkific.requests_per_minute"),
    ("[timma.api]\nrequests_per_minute = true", "timma.api.requests_per_minute"),
    ("[timma.api]\nlimit = true", "timma.api.limit"),
    ("[timma.api]\nfirst_page = true", "timma.api.first_page"),
    ("[timma.api]\nfirst_page = false", "timma.api.first_page"),
    ("[database]\nurl = 'postgresql://u@h:x/d'", "database.url"),
    ("[database]\nurl = 'postgresql://u@h:/d'", "database.url"),
    ("[database]\nurl = 'postgresql://u@[::1/d'", "database.url"),
    ("[log]\nlevel = 'loud'", "log.level"),
    ("[log]\nformat = 'xml'", "log.format"),
    ("[health]\nfail_after = '24'", "health.fail_after"),
    ("[backup]\nrecipient = 'me'", "backup.recipient"),
    ("[backup]\nrecipient = 'AGE-SECRET-KEY-1'", "backup.recipient"),
    ("[backup]\ninterval = '24'", "backup.interval"),
    ("[health]\nfail_after = '0h'", "health.fail_after"),
    ("[health]\nfail_after = 24", "health.fail_after"),
    ("[schedule]\ntimma = 'hourly'", "schedule.timma"),
    ("[schedule]\ntimma = '0 0 31 2 *'", "schedule.timma"),
    ("[schedule]\ntima = '0 3 * * *'", "schedule.tima"),
    ("[files.timma]\ninbox = 'x'", "files.timma"),
    ("[files.thinkific]\ninbox = 'x'", "files.thinkific"),
    ("[files.'Other One']\ninbox = 'x'", "files.Other One"),
]


@pytest.mark.parametrize(("text", "setting"), REFUSED)
def test_a_value_that_cannot_be_is_refused_by_its_setting(refused: Refusal, text: str, setting: str) -> None:
    error = refused(text)
    assert error.setting == setting
    assert str(error).startswith(f"{setting}: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[http]\nport = "many"', "http.port: must be a whole number"),
        ("[safety]\nmax_vanished = 'half'", "safety.max_vanished: must be a number"),
        ("[timma]\nnotes = 'perhaps'", "timma.notes: must be true or false"),
    ],
)
def test_what_a_value_must_be_is_said_in_plain_words(refused: Refusal, text: str, said: str) -> None:
    assert str(refused(text)) == said


SECRETS = [
    f"[database]\nurl = 'mysql://root:{SECRET}@db/x'",
    f"[database]\nurl = 'postgresql://u:{SECRET}@{SECRET}@127.0.0.1:x/d'",
    f"[database]\nurl = 'postgresql://u:p@{SECRET}@127.0.0.1:5432/d'",
    f"[thinkific]\naccess_token = '{SECRET} {SECRET}'",
    f"[thinkific]\naccess_token = ['{SECRET}']",
    f"[timma.api]\nbase_url = 'https://salon:{SECRET}@timma.example'\ntoken = 'x'",
    f"[thinkific]\napi_key = '{SECRET}'",
    f"[timma.api]\ntoken = '{SECRET}'",
    f"[thinkific]\naccess_token = '{SECRET}'\n[http]\nport = 'x'",
]


@pytest.mark.parametrize("text", SECRETS)
def test_no_error_quotes_a_secret(refused: Refusal, text: str) -> None:
    error = refused(text)
    assert SECRET not in f"{error!r} {error.__cause__!r}"
    assert error.__suppress_context__ or error.__context__ is None


def test_settings_do_not_show_secrets(loaded: Load) -> None:
    settings = loaded(f"[thinkific]\naccess_token = '{SECRET}'\n[database]\nurl = 'postgresql://u:{SECRET}@db/x'")
    assert SECRET not in f"{settings!r} {settings} {settings.sources()!r} {settings.model_dump_json()}"


def test_a_pasted_secret_is_trimmed(loaded: Load) -> None:
    token = loaded(f"[thinkific]\naccess_token = ' {SECRET}\t '").thinkific.access_token
    assert token is not None
    assert token.get_secret_value() == SECRET


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80", "http://127.9.9.9", "http://[::1]:8000/api", "http://localhost"]
)
def test_plain_http_is_accepted_on_loopback(loaded: Load, url: str) -> None:
    assert loaded(f"[thinkific]\nbase_url = '{url}/'").thinkific.base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.thinkific.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://[::2]",
        "http://0.0.0.0",
        "ftp://127.0.0.1",
        "https://",
        "https://host:port",
        "https://host?key=1",
        "https://[::1",
        "host",
    ],
)
def test_any_other_address_needs_https(refused: Refusal, url: str) -> None:
    assert refused(f"[thinkific]\nbase_url = '{url}'").setting == "thinkific.base_url"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u@db/x", "postgresql+psycopg://u@db/x"),
        ("postgres://u@db/x", "postgresql+psycopg://u@db/x"),
        ("postgresql+psycopg://u@db/x", "postgresql+psycopg://u@db/x"),
        ("sqlite:////var/r.db", "sqlite:////var/r.db"),
        ("sqlite:///r.db?timeout=5", "sqlite:///{here}/r.db?timeout=5"),
    ],
)
def test_database_addresses(loaded: Load, tmp_path: Path, given: str, used: str) -> None:
    assert loaded(f"[database]\nurl = '{given}'").database.url.get_secret_value() == used.format(here=tmp_path)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true", "postgresql+asyncpg://x/y", "r.db"]
)
def test_a_database_that_cannot_keep_a_registry_is_refused(refused: Refusal, url: str) -> None:
    assert refused(f"[database]\nurl = '{url}'").setting == "database.url"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("7 d", timedelta(days=7)),
    ],
)
def test_durations_are_a_number_and_a_unit(loaded: Load, text: str, span: timedelta) -> None:
    assert loaded(f"[health]\nfail_after = '{text}'").health.fail_after == span


def test_values_as_people_write_them(loaded: Load) -> None:
    settings = loaded(
        "[thinkific]\nsubdomain = 'School.thinkific.com'\napi_key = 'k'\nfields.phone = 42\n"
        "[log]\nlevel = 'INFO'\n[http]\nport = 0\n",
        TIMMA__NO_SHOW_WORDS="Ei tullut, Poissa",
        TIMMA__API__FIRST_PAGE="0",
        TIMMA__API__HISTORY_FROM="2020-01-31",
        TIMMA__NOTES="true",
    )
    assert (settings.thinkific.subdomain, settings.thinkific.fields.phone) == ("school", "42")
    assert (settings.log.level, settings.http.port, settings.timma.notes) == ("info", 0, True)
    assert settings.timma.no_show_words == ("Ei tullut", "Poissa")
    assert (settings.timma.api.first_page, settings.timma.api.history_from.isoformat()) == (0, "2020-01-31")


def test_settings_cannot_be_changed(loaded: Load) -> None:
    with pytest.raises(ValidationError):
        loaded().http.port = 1  # type: ignore[misc]


TIMMA = "[timma]\ninbox = 'in'\n"
THINKIFIC = "[thinkific]\nsubdomain = 'school'\napi_key = 'k'\n"
SHOP = "[files.{}]\ninbox = '{}-in'\nprocessor = 'hieromo'\nbrand = 'artsport'\n"


def names(settings_text: str, loaded: Load) -> list[str]:
    return [source.name for source in loaded(settings_text).sources()]


def test_sources_stand_in_order_of_precedence(loaded: Load) -> None:
    text = SHOP.format("b", "b") + SHOP.format("a", "a") + THINKIFIC + TIMMA
    assert names(text, loaded) == ["timma", "thinkific", "a", "b"]


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("", []),
        (TIMMA, ["timma"]),
        ("[timma.api]\nbase_url = 'https://timma.example'\ntoken = 't'\n", ["timma"]),
        (THINKIFIC, ["thinkific"]),
        ("[thinkific]\naccess_token = 't'\n", ["thinkific"]),
        ("[thinkific]\naccess_token = 't'\nsubdomain = 'school'\n", ["thinkific"]),
        ("[thinkific]\naccess_token = 't'\napi_key = 'k'\n", ["thinkific"]),
        ("[thinkific]\nwebhook_secret = 't'\n", []),
    ],
)
def test_a_source_is_on_when_what_it_needs_is_given(loaded: Load, text: str, on: list[str]) -> None:
    assert names(text, loaded) == on


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("[thinkific]\nsubdomain = 'school'", "thinkific.api_key"),
        ("[thinkific]\napi_key = 'k'", "thinkific.subdomain"),
        ("[timma.api]\nbase_url = 'https://timma.example'", "timma.api.token"),
        ("[timma.api]\ntoken = 't'", "timma.api.base_url"),
        ("[files.shop]\nprocessor = 'p'\nbrand = 'b'", "files.shop.inbox"),
        ("[files.shop]\ninbox = 'in'\nbrand = 'b'", "files.shop.processor"),
        ("[files.shop]\ninbox = 'in'\nprocessor = 'p'", "files.shop.brand"),
    ],
)
def test_one_half_of_a_source_says_which_half_is_missing(refused: Refusal, text: str, missing: str) -> None:
    error = refused(text)
    assert error.setting == missing
    assert "is missing" in str(error)


def test_a_source_carries_what_its_connector_needs(loaded: Load, tmp_path: Path) -> None:
    timma, shop = loaded(TIMMA + "consent_grantee = 'controller'\n" + SHOP.format("shop", "shop")).sources()
    assert (timma.platform, timma.party, timma.brand, timma.notes) == ("timma", "timma", "hieromo", False)
    assert (timma.consent_grantee, timma.schedule) == ("controller", "*/15 * * * *")
    assert (shop.platform, shop.party, shop.brand, shop.consent_grantee) == ("files", "hieromo", "artsport", None)
    assert shop.inbox == tmp_path / "shop-in"


def test_two_sources_cannot_share_an_inbox(refused: Refusal) -> None:
    error = refused(TIMMA + SHOP.format("shop", "x").replace("x-in", "./in"))
    assert error.setting == "files.shop.inbox"


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        (TIMMA, "timma.inbox"),
        (SHOP.format("shop", "shop"), "files.shop.inbox"),
        ("[database]\nurl = 'sqlite:///data/r.db'", "database.url"),
        ("[privacy]\nkey_file = 'keys/k'", "privacy.key_file"),
    ],
)
def test_a_missing_folder_is_an_error_and_is_not_made(loaded: Load, tmp_path: Path, text: str, setting: str) -> None:
    before = {path.name for path in tmp_path.iterdir()} | {"rekisteri.toml"}
    with pytest.raises(ConfigError) as caught:
        require_folders(loaded(text))
    assert caught.value.setting == setting
    assert {path.name for path in tmp_path.iterdir()} == before


def test_folders_that_are_there_satisfy(loaded: Load, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    require_folders(loaded(TIMMA))
    require_folders(loaded("[database]\nurl = 'postgresql://u@db/x'"))


def test_reading_settings_pulls_in_neither_logging_nor_schedules() -> None:
    code = "import sys, config.settings; print({'structlog', 'cronsim', 'sqlalchemy', 'httpx'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "set()"
