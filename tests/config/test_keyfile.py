"""The key of tombstones: made once, never written over, and missed in one line."""

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.keyfile import key_of, make_key


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.key"
    key = make_key(path)
    assert (len(key), path.stat().st_mode & 0o777) == (32, 0o600)
    assert path.read_text() == f"{key.hex()}\n"
    assert make_key(path) == key_of(path) == key, "one that is there stays"
    assert make_key(tmp_path / "another") != key


@pytest.mark.parametrize("text", ["", "no key", "ab" * 31, "ab" * 33, "\ud800".encode("utf-8", "surrogatepass")])
def test_what_holds_no_key_is_named_with_the_way_out(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "rekisteri.key"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for ask in (key_of, make_key):
        with pytest.raises(ConfigError, match=r"^privacy\.key_file: the file .* holds no key.* put the key back"):
            ask(path)
    assert path.read_bytes() == (text if isinstance(text, bytes) else text.encode())


def test_a_missing_key_is_not_made_by_asking_for_it(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.key"
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: .* is not there; put it back"):
        key_of(path)
    assert not path.exists()


def test_where_no_key_can_be_read_or_written_one_line_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: .* cannot be read \(Is a directory\)"):
        key_of(tmp_path)
    with pytest.raises(ConfigError, match=r"^privacy\.key_file: .* cannot be written \(No such file or directory\)"):
        make_key(tmp_path / "nowhere" / "rekisteri.key")
