"""A folder of its own for each test, so that no file of the machine's user is ever read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import Settings, load

Load = Callable[..., Settings]
Refusal = Callable[..., ConfigError]


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Load a configuration file of this text, with `REKISTERI_` variables given as keywords (`HTTP__PORT="1"`)."""

    def load_text(text: str = "", **env: str) -> Settings:
        file = tmp_path / "rekisteri.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, {f"REKISTERI_{name}": value for name, value in env.items()})

    return load_text


@pytest.fixture
def refused(loaded: Load) -> Refusal:
    """The error that loading such a file ends with."""

    def refuse_text(text: str = "", **env: str) -> ConfigError:
        with pytest.raises(ConfigError) as caught:
            loaded(text, **env)
        assert "\n" not in str(caught.value)
        return caught.value

    return refuse_text
