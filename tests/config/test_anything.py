"""Whatever a person writes: settings and registers are read, or refused in one line, and never end in anything else."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigError
from config.keys import known_paths
from config.register import SHIPPED, load_register
from config.settings import load, settings_shape

PATHS = [tuple("shop" if part == "*" else part for part in path) for path in known_paths(settings_shape())]
VALUES = st.sampled_from([
    "1", "-1", "''", "'x'", "true", "[]", "['a']", "{}", "{a = 1}", "2020-01-01", "10:00:00", "1.5", "nan", "inf",
    "99999999999999999999", r'"\u0000"', r'"\n"', "'~nobody-here/x'", "'http://['", r'"sqlite:///\u0000"', "[[1]]",
    "'* * * * * *'", "'0 0 29 2 1'", "= 1", "'",
])  # fmt: skip
REGISTER = SHIPPED.read_text(encoding="utf-8").splitlines()


def read(text: str, as_register: bool = False, env: dict[str, str] | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.toml"
        file.write_text(text, encoding="utf-8")
        try:
            load_register(file) if as_register else load(file, env or {}).sources()
        except ConfigError as error:
            assert "\n" not in str(error)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PATHS), VALUES), max_size=3), st.sampled_from(PATHS), st.text(max_size=20))
def test_settings_are_read_or_refused_in_one_line(
    given_lines: list[tuple[tuple[str, ...], str]], variable: tuple[str, ...], value: str
) -> None:
    text = "\n".join(f"{'.'.join(path)} = {written}" for path, written in given_lines)
    read(text, env={f"REKISTERI_{'__'.join(variable)}".upper(): value})


@settings(max_examples=150)
@given(st.integers(0, len(REGISTER) - 1), VALUES)
def test_a_register_with_one_line_changed_is_read_or_refused_in_one_line(number: int, value: str) -> None:
    key = REGISTER[number].partition("=")[0]
    lines = [*REGISTER[:number], f"{key}= {value}", *REGISTER[number + 1 :]]
    read("\n".join(lines), as_register=True)
