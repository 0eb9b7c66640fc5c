"""The sidecar gives back what was added to it, and notices whatever else was done to it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from store.backup import sidecar
from store.backup.errors import SidecarError
from store.backup.sidecar import Decided, Entry, Erased, Released, Tombstoned

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2026, 1, 1, 9, 0, 0, 123, tzinfo=UTC)
FIRST, SECOND = Tombstoned(1, NOW), Tombstoned(2, NOW)
ENTRIES: list[Entry] = [
    Erased(FIRST, "request", (("email", "ab"), ("record", "cd")), 7, date(2032, 1, 1)),
    Erased(SECOND, "retention", ()),
    Released(FIRST, NOW),
    Decided(SECOND, "ef", "admit", NOW),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sidecar with entries, added in two goes."""
    path = tmp_path / "rekisteri.erasures"
    sidecar.start(path, KEY)
    sidecar.append(path, KEY, ENTRIES[:1])
    sidecar.append(path, KEY, ENTRIES[1:])
    return path


def test_it_stands_beside_the_key() -> None:
    assert sidecar.beside(Path("etc/rekisteri.key")) == Path("etc/rekisteri.erasures")


def test_entries_come_back_in_their_order(path: Path) -> None:
    assert sidecar.read(path, KEY) == ENTRIES
    assert path.stat().st_mode & 0o777 == 0o600


def test_to_begin_one_that_is_there_changes_nothing(path: Path) -> None:
    sidecar.start(path, KEY)
    assert sidecar.read(path, KEY) == ENTRIES


def test_one_that_a_crash_left_empty_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.erasures"
    path.touch()
    sidecar.start(path, KEY)
    assert sidecar.read(path, KEY) == []


def test_wherever_it_is_cut_that_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(SidecarError):
            sidecar.read(path, KEY)


def test_whatever_byte_is_changed_that_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(SidecarError):
            sidecar.read(path, KEY)


@pytest.mark.parametrize("order", [(0, 2, 1, 3, 4), (0, 2, 3, 4), (0, 1, 1, 2, 3, 4), (0, 1, 2, 3)])
def test_moved_missing_and_repeated_lines_are_noticed(path: Path, order: tuple[int, ...]) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[place] for place in order))
    with pytest.raises(SidecarError):
        sidecar.read(path, KEY)


def test_another_key_is_no_key_of_it(path: Path) -> None:
    for use in (lambda: sidecar.read(path, OTHER), lambda: sidecar.append(path, OTHER, [])):
        with pytest.raises(SidecarError, match=r"another key than privacy\.key_file"):
            use()


def test_one_that_is_missing_is_not_begun_by_the_way(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.erasures"
    for use in (lambda: sidecar.read(path, KEY), lambda: sidecar.append(path, KEY, ENTRIES)):
        with pytest.raises(SidecarError, match="is not there"):
            use()
    assert not path.exists()


@pytest.mark.parametrize("rest", [b'{"mac":"aa', b"{}", b'{"mac'])
def test_half_a_line_that_a_crash_left_goes_with_the_next_addition(path: Path, rest: bytes) -> None:
    path.write_bytes(path.read_bytes() + rest)
    with pytest.raises(SidecarError):
        sidecar.read(path, KEY)
    sidecar.append(path, KEY, [Released(SECOND, NOW)])
    assert sidecar.read(path, KEY) == [*ENTRIES, Released(SECOND, NOW)]


def test_a_whole_line_that_the_head_does_not_know_yet_counts(path: Path) -> None:
    """A crash between the line and the head."""
    head = path.read_bytes().splitlines(keepends=True)[0]
    sidecar.append(path, KEY, [Released(SECOND, NOW)])
    path.write_bytes(head + b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert sidecar.read(path, KEY) == [*ENTRIES, Released(SECOND, NOW)]
    sidecar.append(path, KEY, [Released(FIRST, NOW)])
    assert sidecar.read(path, KEY) == [*ENTRIES, Released(SECOND, NOW), Released(FIRST, NOW)]


def test_a_newer_form_is_not_guessed_at(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"form":1', b'"form":2'))
    with pytest.raises(SidecarError, match="newer version"):
        sidecar.read(path, KEY)
