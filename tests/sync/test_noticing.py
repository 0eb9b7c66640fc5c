"""The notice is looked at once a day by runs, and the last look is what `/health` and `status` tell."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from config.register import SHIPPED, load_register
from config.settings import Settings, load
from store.engine import reading, writing
from store.findings import Look, last_look, note_look
from store.health import facts
from sync.health import of_registry
from sync.noticing import look, look_at_times
from tests.sync.engine import Registry

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
REGISTER = load_register(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "rekisteri.toml"
    file.touch()
    return load(file, env={})


def last(registry: Registry) -> Look:
    with reading(registry.engine) as connection:
        found = last_look(connection)
    assert found is not None
    return found


def test_a_run_looks_again_after_a_day_or_by_another_register(light_registry: Registry, settings: Settings) -> None:
    engine = light_registry.engine
    with time_machine.travel(NOW, tick=False) as clock:
        look_at_times(engine, settings, REGISTER)
        first = last(light_registry)
        assert (first.at, first.register) == (NOW, REGISTER.digest) and first.open > 20
        for ahead, again in (
            (timedelta(hours=23, minutes=59), False),
            (timedelta(days=1), True),
            (-timedelta(days=1), True),
        ):
            clock.move_to(NOW + ahead)
            with writing(engine) as connection:
                note_look(connection, first)
            look_at_times(engine, settings, REGISTER)
            assert (last(light_registry).at != NOW) is again, ahead
        clock.move_to(NOW)
        with writing(engine) as connection:
            note_look(connection, first)
        other = REGISTER.model_copy(update={"contact": "Testi Yhteyshenkilö", "digest": "other"})
        look_at_times(engine, settings, other)
        assert last(light_registry).open == first.open - 1


def test_what_was_found_is_a_warning_until_all_is_answered(light_registry: Registry, settings: Settings) -> None:
    engine = light_registry.engine

    def check() -> tuple[str, int | None] | None:
        with reading(engine) as connection:
            found = {one.name: one for one in of_registry(facts(connection), settings, NOW)}
        one = found.get("notice:findings")
        return None if one is None else (one.status, one.value)

    assert check() is None
    checked = look(engine, settings, REGISTER, NOW)
    assert check() == ("warn", checked.open)
    with writing(engine) as connection:
        note_look(connection, Look(NOW, 0, REGISTER.digest))
    assert check() == ("pass", 0)


def test_a_text_of_ones_own_is_looked_at_beside_the_register(light_registry: Registry, tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8").replace("notices/2021-03-22.fi.txt", "own.txt")
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    (tmp_path / "own.txt").write_text("Tietoja ei käytetä mihinkään.", "utf-8")
    file = tmp_path / "rekisteri.toml"
    file.write_text('[processing]\nregister = "mine.toml"\n', "utf-8")
    register = load_register(tmp_path / "mine.toml")
    found = look(light_registry.engine, load(file, env={}), register, NOW)
    codes = [one.finding.code for one in found.findings]
    assert "rights_omitted:access" in codes and "residue:theatre" not in codes
