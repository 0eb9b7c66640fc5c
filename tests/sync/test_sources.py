"""Sources side by side in one run: what one of them lacks is told, and stops no other."""

import gc
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.settings import Settings, load
from store import status
from store.engine import open_database, reading
from sync.run import Wish, run

CONFIG = """
[timma]
inbox = "inbox"

[thinkific]
subdomain = "school"
api_key = "key"
"""


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    """A salon with an empty inbox, and a school that is never asked here."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "rekisteri.toml").write_text(CONFIG)
    return load(tmp_path / "rekisteri.toml", env={})


@pytest.fixture
def engine(configured: Settings) -> Engine:
    return open_database(configured.database.url.get_secret_value())


def test_a_source_that_cannot_be_set_up_is_held_and_stops_no_other(
    configured: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy")
    report = run(engine, configured, Wish())
    assert {name: source.outcome for name, source in report.sources.items()} == {"timma": "ok", "thinkific": "failed"}
    assert (report.outcome, report.registry["customers"]) == ("partial", 0)
    with reading(engine) as connection:
        held, ran = status.held(connection, "thinkific"), status.last_source_run(connection, "thinkific")
    assert held.held_reason == report.sources["thinkific"].error
    assert "proxy is unusable" in str(held.held_reason)
    assert ran is not None
    assert ran["outcome"] == "failed"
    engine.dispose()


def test_a_run_leaves_the_process_as_it_was(configured: Settings, engine: Engine) -> None:
    before = gc.get_threshold()
    run(engine, configured, Wish(sources=("timma",)))
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    engine.dispose()
